"""Which learning rates memorize as much as the best one does.

Multiple comparisons with the best (Hsu, Multiple Comparisons, 1996, chapter 4), for a table of learning rates by seeds.
All rates meet the same data and initial weights under one seed, so the seeds are blocks, and what is left of the
scatter once the means of rates and of seeds are taken out, s^2 with (R - 1)(S - 1) degrees of freedom, is that of a
comparison. A rate is behind the best where its mean is by more than d s sqrt(2 / S), with d from Student's t at
1 - 0.05 / (R - 1): by Bonferroni's bound, a rate that is as good as any is called behind with a chance of at most 5 %,
although the best was picked on the same seeds.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.intervals import Interval, t_quantile

SMALLEST_DIFFERENCE = 1.0  # samples: less matters to nobody
SMALLEST_VARIANCE = 1 / 12  # of a whole number, such as C: seeds that agree exactly do not prove more

Word = Literal["too small", "fine", "unstable"]


class Verdict(NamedTuple):
    """What is to be said of some learning rates, for one task.

    Attributes:
        rates: (R,) ascending.
        best: the place of the one that memorizes most, on average over seeds; of several, the middle one.
        lowest, highest: the places between which, in one piece around `best`, no rate can be told from it.
        behind: (R,) how many samples fewer than the best each memorizes, with an interval that allows for the best
            having been picked among all rates.
    """

    rates: tuple[float, ...]
    best: int
    lowest: int
    highest: int
    behind: tuple[Interval, ...]

    def word(self, place: int) -> Word:
        """What is to be said of the rate at `place`: "fine" where it cannot be told from the best.

        A larger one that is behind is called unstable: given the same steps it went further, and lost samples by it.
        """
        if not _is_behind(self.behind[place]):
            return "fine"
        return "too small" if place < self.best else "unstable"


def judge(rates: Sequence[float], num_memorized: ArrayLike) -> Verdict:
    """Compare learning rates by what they memorize of the same data from the same initial weights.

    A rate is told from the best where it is a sample or more behind, and that is no accident (see above). With one seed
    nothing can be told apart.

    Args:
        rates: (R,) learning rates, in any order.
        num_memorized: (R, S) C of each, one column a seed.

    Raises:
        ValueError: there is no rate or no seed, the lengths differ, or a number is missing.
    """
    memorized = np.asarray(num_memorized, float)
    if memorized.ndim != 2 or memorized.shape[0] != len(rates) or memorized.size == 0:
        raise ValueError(f"expected C of shape ({len(rates)}, seeds), one row a rate, but came {memorized.shape}")
    if not np.isfinite(memorized).all():
        raise ValueError("expected the number of memorized samples of every rate and seed, but some are not finite")
    order = np.argsort(rates)
    memorized = memorized[order]
    means = memorized.mean(axis=1)
    largest = np.flatnonzero(means == means.max())
    best = int(largest[len(largest) // 2])
    half = _half_width(memorized)
    behind = tuple(Interval(gap, gap - half, gap + half, memorized.shape[1]) for gap in (means[best] - means).tolist())
    lowest = highest = best
    while lowest > 0 and not _is_behind(behind[lowest - 1]):
        lowest -= 1
    while highest < len(order) - 1 and not _is_behind(behind[highest + 1]):
        highest += 1
    return Verdict(tuple(float(rates[place]) for place in order), best, lowest, highest, behind)


def _half_width(memorized: np.ndarray) -> float:
    """By how much the difference of two rates' means (of (R, S)) may be an accident."""
    num_rates, num_seeds = memorized.shape
    if num_rates == 1:
        return 0.0
    if num_seeds == 1:
        return math.inf
    left = memorized - memorized.mean(1, keepdims=True) - memorized.mean(0, keepdims=True) + memorized.mean()
    degrees = (num_rates - 1) * (num_seeds - 1)
    variance = max(float((left**2).sum()) / degrees, SMALLEST_VARIANCE)
    return t_quantile(1 - 0.05 / (num_rates - 1), degrees) * math.sqrt(2 * variance / num_seeds)


def _is_behind(difference: Interval) -> bool:
    return difference.low > 0 and difference.mean >= SMALLEST_DIFFERENCE
