"""What can be said of labelled samples: where the minimum of their cross-entropy is, and whether they can be separated.

`core.optimum` finds it.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Verdict = Literal["separable", "not separable", "undecided"]
VERDICTS: dict[bool | None, Verdict] = {True: "separable", False: "not separable", None: "undecided"}
Kind = Literal["finite", "split", "separable", "undecided"]
EXISTS: dict[Kind, bool | None] = {"finite": True, "split": False, "separable": False, "undecided": None}


class Optimum(NamedTuple):
    """The minimum of the mean cross-entropy.

    Attributes:
        weights: (V, n + bias). Where no finite weights reach the infimum, some that come within rounding of it: the
            rounding of float64, which is coarse where classes split off one after the other.
        loss: its infimum [nats]; 0 where the data are separable.
        num_memorized: C there: samples whose label has the largest logit.
        gradient_norm: of the mean cross-entropy; where classes split, within the groups.
        exists: whether finite weights reach the infimum; None where neither was proved.
        kind: which of the three cases, "finite", "split" or "separable", or "undecided".
        verdict: on separability; see `Separability`.
        reason: why, in a sentence.
        sample_loss: (N,) of each sample [nats].
        memorized: (N,) bool; where its label is tied with another class, a sample is not.
    """

    weights: Floats
    loss: float
    num_memorized: int
    gradient_norm: float
    exists: bool | None
    kind: Kind
    verdict: Verdict
    reason: str
    sample_loss: Floats
    memorized: NDArray[np.bool_]


class Separability(NamedTuple):
    """Whether some weights give each sample's label the largest logit.

    Attributes:
        verdict: "separable", "not separable" or "undecided"; the first two are proved.
        certificate: (V, n + bias) weights that anybody can check. Where separable: they classify all samples right.
            Where not: those of `optimum`; see `margin`.
        margin: where separable, the smallest margin (logit of the label minus the largest other) of the certificate
            scaled to norm 1: above 0. Where not, and where undecided, a bound from above on the largest smallest margin
            that any weights of norm 1 have, |G| / mean_i(1 - p_{i, y_i}): Farkas' lemma at a point with gradient G.
            That it is small proves nothing; that no margin is above 0, the proof in `optimum` tells.
        reason: in a sentence.
    """

    verdict: Verdict
    certificate: Floats
    margin: float
    reason: str
