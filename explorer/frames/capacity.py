"""How much is memorized: one row a point of a curve, one row a curve, and the published curves beside them."""

import numpy as np
import pandas as pd

from core.memorization import Capacity, capacity
from explorer.frames.runs import band_frame


def curve_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a point (input_dim, num_samples) of the runs that did not diverge.

    Columns: those of `band_frame` for C, within 0 and N; fraction (mean / N), loss (its mean).
    """
    by = ["input_dim", "num_samples"]
    points = band_frame(runs, by, "num_memorized")
    return points.assign(
        high=np.minimum(points["high"], points["num_samples"]),
        fraction=points["mean"] / points["num_samples"],
        loss=band_frame(runs, by, "mean_loss")["mean"],  # of the same points, for both are known of every run
    )


def capacity_frame(points: pd.DataFrame, runs: pd.DataFrame, num_points: int) -> pd.DataFrame:
    """One row a curve that has all its `num_points` values of N: where it leaves the line C = N.

    Args:
        points: `curve_frame` of the runs.
        runs: `runs_frame`.
        num_points: of a whole curve.

    Columns: input_dim, num_seeds, capacity (of the mean over seeds), sd (of the seeds' own capacities, or NaN),
    per_dim (capacity / n), gap (between the two N around it), is_lower_bound, last_num_samples, last_mean (C there).
    """
    rows = []
    for input_dim, curve in points.groupby("input_dim"):
        if len(curve) < num_points:
            continue
        found = capacity(curve["num_samples"].to_list(), curve["mean"].to_list())
        grid = np.sort(curve["num_samples"].to_numpy())
        after = int(np.clip(np.searchsorted(grid, found.num_samples), 1, max(1, len(grid) - 1)))
        last = curve.iloc[int(curve["num_samples"].argmax())]
        own_runs = runs[(runs["input_dim"] == input_dim) & ~runs["diverged"].astype(bool)]
        of_seeds = [
            capacity(own["num_samples"].to_list(), own["num_memorized"].to_list())
            for _, own in own_runs.groupby("seed")
            if len(own) == num_points
        ]
        rows.append(
            {
                "input_dim": input_dim,
                "num_seeds": len(of_seeds),
                "capacity": found.num_samples,
                "sd": _spread(of_seeds),
                "per_dim": found.num_samples / int(curve["input_dim"].iloc[0]),
                "gap": float(grid[after] - grid[after - 1]) if len(grid) > 1 else 0.0,
                "is_lower_bound": found.is_lower_bound,
                "last_num_samples": int(last["num_samples"]),
                "last_mean": float(last["mean"]),
            }
        )
    return pd.DataFrame(rows)


def _spread(capacities: list[Capacity]) -> float:
    """Standard deviation; unknown for one, or where a curve ends before its capacity: that would look too certain."""
    if len(capacities) < 2 or any(found.is_lower_bound for found in capacities):
        return float("nan")
    return float(np.std([found.num_samples for found in capacities], ddof=1))
