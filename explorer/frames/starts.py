"""Whether it matters where training starts: what several initial weights memorize of the same data."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.consensus import chance_jaccard, pairwise_jaccard
from core.result import RunResult


def overlap_frame(results: Sequence[RunResult]) -> pd.DataFrame:
    """One row for each N of which at least two initial weights were trained, without runs that diverged.

    Columns: num_samples, mean (Jaccard overlap of all pairs of memorized sets), low, high (smallest and largest pair),
    chance (the mean overlap of random sets of these sizes), num_memorized (mean), num_starts.
    """
    rows = []
    for num_samples, memorized in sorted(_by_num_samples(results).items()):
        if len(memorized) < 2:
            continue
        pairs = pairwise_jaccard(memorized)
        rows.append(
            {
                "num_samples": num_samples,
                "mean": float(pairs.mean()),
                "low": float(pairs.min()),
                "high": float(pairs.max()),
                "chance": chance_jaccard(memorized),
                "num_memorized": float(memorized.sum(1).mean()),
                "num_starts": len(memorized),
            }
        )
    columns = ["num_samples", "mean", "low", "high", "chance", "num_memorized", "num_starts"]
    return pd.DataFrame(rows, columns=columns)


def consensus_frame(results: Sequence[RunResult], num_samples: int) -> pd.DataFrame:
    """How many samples of one N are memorized from how many of K initial weights: one row for each number from 0 to K.

    Columns: times, count, chance: the mean count if each start had drawn its set at random (a Poisson binomial).
    """
    memorized = _by_num_samples(results).get(num_samples)
    if memorized is None:
        return pd.DataFrame(columns=["times", "count", "chance"])
    share = memorized.mean(1)
    chance = np.ones(1)
    for p in share:
        chance = np.convolve(chance, [1 - p, p])
    count = np.bincount(memorized.sum(0), minlength=len(memorized) + 1)
    return pd.DataFrame({"times": np.arange(len(count)), "count": count, "chance": chance * num_samples})


def _by_num_samples(results: Sequence[RunResult]) -> dict[int, np.ndarray]:
    """N -> (K, N) bool: a row for each initial weights."""
    sets = defaultdict(list)
    for result in sorted(results, key=lambda result: result.config.init_seed):
        if not result.diverged:
            sets[result.config.num_samples].append(result.memorized)
    return {num_samples: np.stack(rows) for num_samples, rows in sets.items()}
