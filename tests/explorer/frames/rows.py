"""Rows as `explorer.frames.summarize` makes them, of runs that nobody trained."""

from typing import Any

import pandas as pd

from explorer import frames
from explorer.jobs import Row


def row(n: int, num_samples: int, seed: int, num_memorized: int, **others: Any) -> Row:
    return {
        "input_dim": n,
        "num_samples": num_samples,
        "learning_rate": 0.01,
        "schedule": "constant",
        "num_steps": 100,
        "seed": seed,
        "init_seed": seed,
        "num_memorized": num_memorized,
        "mean_loss": 0.5 + seed,
        "diverged": False,
        "sharpness": 0.25,
        "stability": 10.0,
        "edge": 38.0,
        "is_exact": True,
        "training": None,
        "rankings": None,
        **others,
    }


def table(rows: list[Row]) -> pd.DataFrame:
    return frames.runs_frame(rows)
