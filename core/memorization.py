"""How much is memorized: samples and bits, and what their curves over N say of a layer's capacity.

Bits are of the labels alone: the inputs are given, and without a layer each label is one of V that are equally likely.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.intervals import jackknife_interval

FULLY = 0.95
BITS = ("liu", "morris", "fano")


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


class _Classes(Protocol):
    @property
    def num_classes(self) -> int: ...


class Memory(Protocol):
    """What `memorized_bits` needs of a result, such as `core.result.RunResult`."""

    @property
    def config(self) -> _Classes: ...
    @property
    def final_loss(self) -> NDArray[np.floating]: ...
    @property
    def num_memorized(self) -> int: ...


def memorized_bits(result: Memory, definition: str = "liu") -> float:
    """How many of the N log2 V bits of the labels a layer has memorized, by one of three definitions.

    liu: N (ln V - L) / ln 2, where L is the mean loss [nats]: how much shorter a code of the labels gets with the
        layer's probabilities. Negative where these are worse than a guess.
    morris: sum_i max(0, log2 V + log2 p_i), where p_i is the probability of sample i's label: the same where a sample
        may choose the shorter code, so never less than liu. After Morris et al., arXiv:2505.24832, who define it for
        language models; to apply it to each sample is ours.
    fano: N [log2 V - h2(e) - e log2(V - 1)], where e = 1 - C / N and h2 is the entropy of a coin: the least that must
        be known of N labels, on average, to get all but a share e of them right (Fano's inequality). It counts who is
        memorized, not how surely; 0 where no more are memorized than by a guess, C / N <= 1 / V.

    Neither fano nor morris is always the larger. Where a run diverged, liu and morris are what arithmetic makes of its
    losses: NaN of a NaN; of an infinite loss liu is -inf, and morris counts 0 for that sample.

    Args:
        result: of a run, or anything with its `config.num_classes`, `final_loss` (N,) [nats] and `num_memorized`.
        definition: one of `BITS`.

    Raises:
        ValueError: there is no such definition.
    """
    num_classes = result.config.num_classes
    gain = (math.log(num_classes) - np.asarray(result.final_loss, np.float64)) / math.log(2)  # (N,) [bits]
    match definition:
        case "liu":
            return float(gain.sum())
        case "morris":
            return float(np.maximum(gain, 0).sum())
        case "fano":
            return _fano_bits(result.num_memorized, gain.size, num_classes)
    raise ValueError(f"definition must be one of {', '.join(map(repr, BITS))}, but it is {definition!r}")


def _fano_bits(num_memorized: int, num_samples: int, num_classes: int) -> float:
    if num_memorized * num_classes <= num_samples:
        return 0.0
    e = 1 - num_memorized / num_samples
    h2 = -sum(p * math.log2(p) for p in (e, 1 - e) if p > 0)
    return num_samples * (math.log2(num_classes) - h2 - e * math.log2(num_classes - 1))


def far_tail_bits_per_weight(num_classes: int) -> float:
    """Liu's bits for each weight at the cross-entropy optimum, for N far beyond capacity: (V - 1) / (2 V ln 2).

    That the labels do not depend on the inputs is then a true hypothesis, nested in the layer: all weights 0, each
    label of loss ln V. By Wilks' theorem twice the gain in log-likelihood, 2 N (ln V - L), tends in law to chi-squared.
    Its degrees of freedom are the free weights, (V - 1) d with d = n + bias, as a vector added to the weights of all
    classes changes nothing. They are its mean, so that the bits have mean (V - 1) d / (2 ln 2), over V d weights.

        >>> round(far_tail_bits_per_weight(10), 3)
        0.649
    """
    return (num_classes - 1) / (2 * num_classes * math.log(2))


class BitCapacity(NamedTuple):
    """The most bits that a layer memorizes of any number of samples: where the mean over seeds is largest.

    Attributes:
        num_samples: N where the mean over seeds is largest.
        mean: over seeds, of the bits at that N.
        low, high: its 95 % interval, which allows for the choice of N; NaN for one seed.
        is_lower_bound: whether `num_samples` is the largest N, so that a longer curve could have more.
    """

    num_samples: int
    mean: float
    low: float
    high: float
    is_lower_bound: bool


def bit_capacity(num_samples: Sequence[int], bits: ArrayLike) -> BitCapacity:
    """The largest of the mean curve of bits over N.

    The mean of the seeds' own maxima would be no number of the curve: it may exceed all bits of the labels at the N of
    any of them. The largest of several noisy means is biased upwards too, as some N are lucky, but the less the more
    seeds there are.

    Args:
        num_samples: (K,) values of N, in any order.
        bits: (S, K) of each seed at each N, as `memorized_bits` tells them. A NaN makes mean and interval NaN.

    Raises:
        ValueError: there is no seed or no N, or the shapes do not fit.
    """
    n, curves = np.asarray(num_samples), np.asarray(bits, np.float64)
    if n.ndim != 1 or curves.ndim != 2 or curves.shape[1] != n.size or curves.size == 0:
        raise ValueError(f"expected (K,) N and (S, K) bits, at least one, but came shapes {n.shape} and {curves.shape}")
    order = np.argsort(n)
    n, curves = n[order], curves[:, order]
    at = int(curves.mean(0).argmax())
    mean, low, high, num_seeds = jackknife_interval(lambda seeds: seeds.mean(0).max(), curves)
    if num_seeds == 1:
        low = high = math.nan
    return BitCapacity(int(n[at]), mean, low, high, is_lower_bound=at == n.size - 1)
