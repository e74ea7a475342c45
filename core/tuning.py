"""Which learning rates memorize as much as the best one does."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.intervals import Interval, mean_interval

SMALLEST_DIFFERENCE = 1.0  # samples

Word = Literal["too small", "fine", "unstable"]


class Verdict(NamedTuple):
    """What is to be said of some learning rates, for one task.

    Attributes:
        rates: (R,) ascending.
        best: the place of the one that memorizes most, on average over seeds; of several, the middle one.
        lowest, highest: the places between which, in one piece around `best`, no rate can be told from it.
        behind: (R,) how many samples fewer than the best each memorizes, with its interval over seeds.
    """

    rates: tuple[float, ...]
    best: int
    lowest: int
    highest: int
    behind: tuple[Interval, ...]

    def word(self, place: int) -> Word:
        """What is to be said of the rate at `place`: "fine" where it cannot be told from the best."""
        if not _is_behind(self.behind[place]):
            return "fine"
        return "too small" if place < self.best else "unstable"


def judge(rates: Sequence[float], num_memorized: ArrayLike) -> Verdict:
    """Compare learning rates by what they memorize of the same data from the same initial weights.

    A rate is told from the best where the 95 % interval of the difference, paired by seed, lies above zero, and the
    difference is a sample or more on average: less matters to nobody. With one seed nothing can be told apart.

    Args:
        rates: (R,) learning rates, in any order.
        num_memorized: (R, S) C of each, one column a seed.

    Raises:
        ValueError: there is no rate or no seed, or the lengths differ.
    """
    memorized = np.asarray(num_memorized, float)
    if memorized.ndim != 2 or memorized.shape[0] != len(rates) or memorized.size == 0:
        raise ValueError(f"expected C of shape ({len(rates)}, seeds), one row a rate, but came {memorized.shape}")
    order = np.argsort(rates)
    memorized = memorized[order]
    means = memorized.mean(axis=1)
    largest = np.flatnonzero(means == means.max())
    best = int(largest[len(largest) // 2])
    behind = tuple(mean_interval(memorized[best] - row) for row in memorized)
    lowest = highest = best
    while lowest > 0 and not _is_behind(behind[lowest - 1]):
        lowest -= 1
    while highest < len(order) - 1 and not _is_behind(behind[highest + 1]):
        highest += 1
    return Verdict(tuple(float(rates[place]) for place in order), best, lowest, highest, behind)


def _is_behind(difference: Interval) -> bool:
    return difference.low > 0 and difference.mean >= SMALLEST_DIFFERENCE
