"""Whether it matters where training starts: what several initial weights memorize of the same data."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray


def jaccard(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """How much two sets of samples overlap: those in both over those in either (Jaccard 1901); 1 for two empty sets.

    >>> jaccard(np.array([True, True, False]), np.array([True, False, True]))  # 1 of 3
    0.3333333333333333
    """
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 1.0


def pairwise_jaccard(memorized: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(K (K - 1) / 2,): the overlap of each pair of K sets.

    Args:
        memorized: (K, N) one set a row.

    Raises:
        ValueError: there are fewer than two.
    """
    if memorized.ndim != 2 or len(memorized) < 2:
        raise ValueError(f"expected at least two sets of samples, (K, N), but came shape {memorized.shape}")
    return np.array([jaccard(a, b) for a, b in combinations(memorized, 2)])


def chance_jaccard(memorized: NDArray[np.bool_]) -> float:
    """About what the mean of `pairwise_jaccard` would be if sets of these sizes were drawn at random.

    Of each pair E|both| / E|either|.

    Args:
        memorized: (K, N) one set a row.
    """
    num_samples = memorized.shape[1]
    sizes = memorized.sum(1).tolist()
    pairs = [(a * b / num_samples, a + b) for a, b in combinations(sizes, 2)]
    return float(np.mean([both / (total - both) if total else 1.0 for both, total in pairs]))
