"""How much is memorized: what a curve C(N) says of a layer's capacity."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FULLY = 0.95


class Capacity(NamedTuple):
    """Where a curve C(N) leaves the line C = N.

    Attributes:
        num_samples: the largest N of which at least 95 % are memorized, interpolated between the N that were measured.
        is_lower_bound: whether the curve ends before it leaves the line, so that the capacity is larger.
    """

    num_samples: float
    is_lower_bound: bool


def capacity(num_samples: Sequence[int], num_memorized: Sequence[float], fully: float = FULLY) -> Capacity:
    """The number of samples up to which a layer memorizes (nearly) all of them.

    This is the knee of the curve. Its maximum is no measure of capacity: far past the knee a layer still gets right
    what a guess gets right, so that C grows with N without end.

    Args:
        num_samples: (K,) values of N, in any order.
        num_memorized: (K,) C at each, of one run or a mean.
        fully: the memorized fraction C / N from which a data set counts as memorized.

    Raises:
        ValueError: there is no point, or the lengths differ.
    """
    n, c = np.asarray(num_samples, float), np.asarray(num_memorized, float)
    if n.ndim != 1 or n.shape != c.shape or n.size == 0:
        raise ValueError(f"expected as many C as N, and at least one, but came shapes {n.shape} and {c.shape}")
    order = np.argsort(n)
    n, fraction = n[order], (c / n)[order]
    passing = np.flatnonzero(fraction >= fully)
    if passing.size == 0:
        return Capacity(float(fraction[0] * n[0]), is_lower_bound=False)
    last = passing[-1]
    if last == n.size - 1:
        return Capacity(float(n[last]), is_lower_bound=True)
    share = (fraction[last] - fully) / (fraction[last] - fraction[last + 1])
    return Capacity(float(n[last] + share * (n[last + 1] - n[last])), is_lower_bound=False)
