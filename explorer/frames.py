"""Results as tidy tables: one row a run, one row a point of a curve, one row a curve."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.config import SweepConfig
from core.memorization import Capacity, capacity
from core.result import RunResult
from explorer.jobs import Row

PUBLISHED = Path(__file__).parent / "published"
RUN_COLUMNS = ["input_dim", "num_samples", "seed", "num_memorized", "mean_loss", "diverged"]


def summarize(result: RunResult) -> Row:
    """What the charts need of a run."""
    run = result.config
    return {
        "input_dim": run.input_dim,
        "num_samples": run.num_samples,
        "seed": run.data_seed,
        "num_memorized": result.num_memorized,
        "mean_loss": result.mean_loss,
        "diverged": result.diverged,
    }


def runs_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a run, columns `RUN_COLUMNS`."""
    return pd.DataFrame(rows, columns=RUN_COLUMNS)


def curve_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a point (input_dim, num_samples) of the runs that did not diverge.

    Columns: mean, sd (over seeds; 0 for one), low and high (mean -+ sd), num_seeds, fraction (mean / N).
    """
    points = (
        runs[~runs["diverged"].astype(bool)]
        .groupby(["input_dim", "num_samples"], as_index=False)
        .agg(
            mean=("num_memorized", "mean"),
            sd=("num_memorized", "std"),
            num_seeds=("num_memorized", "size"),
            loss=("mean_loss", "mean"),
        )
    )
    points["sd"] = points["sd"].fillna(0.0)
    points["low"] = (points["mean"] - points["sd"]).clip(lower=0)
    points["high"] = np.minimum(points["mean"] + points["sd"], points["num_samples"])
    points["fraction"] = points["mean"] / points["num_samples"]
    return points


def capacity_frame(runs: pd.DataFrame, num_points: int) -> pd.DataFrame:
    """One row a curve that has all its `num_points` values of N: where it leaves the line C = N.

    Columns: input_dim, num_seeds, capacity (of the mean over seeds), sd (of the seeds' own capacities, or NaN),
    per_dim (capacity / n), gap (between the two N around it), is_lower_bound, last_num_samples, last_mean (C there).
    """
    points = curve_frame(runs)
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


@cache
def published_figure_1() -> pd.DataFrame:
    """Figure 1 of Liu (2026), read off marker by marker: input_dim, num_samples, memorized, how."""
    return pd.read_csv(PUBLISHED / "liu2026_memory1_fig1.csv")


def published_curves(config: SweepConfig) -> pd.DataFrame:
    """The part of Figure 1 that has a place beside a sweep: its dimensions, up to its largest N."""
    figure = published_figure_1()
    return figure[figure["input_dim"].isin(config.input_dims) & (figure["num_samples"] <= config.num_samples[-1])]


def published_difference(points: pd.DataFrame, published: pd.DataFrame, from_num_samples: int = 200) -> pd.DataFrame:
    """One row a dimension: the mean of (ours - published) C over the N >= `from_num_samples` that both have.

    Columns: input_dim, difference, num_points.
    """
    both = points.merge(published, on=["input_dim", "num_samples"])
    both = both[both["num_samples"] >= from_num_samples]
    both["difference"] = both["mean"] - both["memorized"]
    return both.groupby("input_dim", as_index=False).agg(
        difference=("difference", "mean"), num_points=("difference", "size")
    )
