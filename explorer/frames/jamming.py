"""Where the sharpness jumps, and whether training is at the edge of stability."""

import numpy as np
import pandas as pd

from core.intervals import Interval
from core.jamming import transition
from core.memorization import capacity
from explorer.frames.capacity import curve_frame

NEAR_THE_EDGE = 0.9  # of the edge of stability: from here on a run counts as being there


def jump(runs: pd.DataFrame) -> Interval | None:
    """Where the sharpness of the complete seeds jumps; None while there is none, or where no jump is in sight.

    A curve that memorizes everything has no jump: what is the largest of it is only its end.
    """
    points = curve_frame(runs)
    if points.empty or capacity(points["num_samples"].to_list(), points["mean"].to_list()).is_lower_bound:
        return None
    table = runs.pivot_table(index="seed", columns="num_samples", values="sharpness", aggfunc="first").dropna()
    return transition(table.columns.to_numpy(float), table.to_numpy()) if len(table) else None


def at_the_edge_from(stability: pd.DataFrame, edge: float, along: str = "num_samples") -> float:
    """The smallest value of the column `along` from which on the mean `stability` is mostly near the edge; NaN if none.

    Mostly: at 9 of 10 of the points from there on, because single ones scatter.

    Args:
        stability: columns `along` and mean, such as a `band_frame`.
        edge: where the edge of stability lies.
        along: the column.
    """
    ordered = stability.sort_values(along)
    near = (ordered["mean"] >= NEAR_THE_EDGE * edge).to_numpy()
    share = np.cumsum(near[::-1])[::-1] / np.arange(len(near), 0, -1)  # of the points from here on
    first = np.flatnonzero(near & (share >= 0.9))
    return float(ordered[along].iloc[first[0]]) if len(first) else float("nan")
