"""Rows as `explorer.frames.summarize` makes them, of runs that nobody trained."""

from typing import Any

import pandas as pd
from scipy.stats import ttest_1samp

from explorer import frames
from explorer.jobs import Row


def row(n: int, num_samples: int, seed: int, num_memorized: int, **others: Any) -> Row:
    return {
        "input_dim": n,
        "num_classes": 10,
        "num_samples": num_samples,
        "learning_rate": 0.01,
        "schedule": "constant",
        "num_steps": 100,
        "bias": True,
        "seed": seed,
        "init_seed": seed,
        "num_memorized": num_memorized,
        "mean_loss": 0.5 + seed,
        "bits": {"liu": 100.0, "morris": 120.0, "fano": 80.0},
        "diverged": False,
        "sharpness": 0.25,
        "stability": 10.0,
        "edge": 38.0,
        "is_exact": True,
        "training": None,
        "rankings": None,
        **others,
    }


def limits_row(
    n: int, num_samples: int, seed: int, num_memorized: int, verdict: str = "not separable", **others: Any
) -> Row:
    """Of a data set whose limits nobody solved."""
    is_all = verdict == "separable"
    return {
        "input_dim": n,
        "num_classes": 10,
        "num_samples": num_samples,
        "seed": seed,
        "num_memorized": num_samples if is_all else num_memorized,
        "num_tied": 0,
        "mean_loss": 0.0 if is_all else 0.25 + seed,
        "bits": {"liu": 100.0, "morris": 120.0, "fano": 80.0},
        "num_most": num_samples if is_all else num_memorized + 10,
        "verdict": verdict,
        "exists": not is_all,
        **others,
    }


def table(rows: list[Row]) -> pd.DataFrame:
    return frames.runs_frame(rows)


def interval_around(value: float, own: list[float]) -> tuple[float, float]:
    """Around a value, as wide as scipy's of the mean of others."""
    found = ttest_1samp(own, 0).confidence_interval(0.95)
    half = (found.high - found.low) / 2
    return value - half, value + half
