"""Capacity against the size of a layer: one row a layer."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.config import SweepConfig
from core.intervals import Interval, mean_interval
from core.memorization import capacity
from explorer.frames.limits import empirical_threshold, limits_frame
from explorer.frames.runs import runs_frame
from explorer.frames.theory import threshold
from explorer.jobs import Row

CapacityKind = Literal["trained", "separable"]
Bound = Literal["", "at least", "at most"]
SCALING_COLUMNS = [
    "num_classes",
    "input_dim",
    "num_seeds",
    "capacity",
    "low",
    "high",
    "bound",
    "per_dim",
    "theory",
    "residual",
    "residual_low",
    "residual_high",
    "last_all",
    "first_none",
    "num_undecided",
    "own",
]
VALUE_OF = {"separable": 1.0, "not separable": 0.0, "undecided": np.nan}


class Found(NamedTuple):
    """A capacity, or a bound on it: where the values of N begin or end too soon, or some verdicts are missing."""

    num_samples: float
    bound: Bound


def trained_capacity(num_samples: Sequence[int], num_memorized: NDArray[np.float64]) -> Found:
    """The N up to which 95 % are memorized, `core.memorization.capacity` of the mean of (seeds, K) values of C."""
    found = capacity(num_samples, num_memorized.mean(0).tolist())
    if found.is_lower_bound:
        return Found(found.num_samples, "at least")
    return Found(found.num_samples, "") if found.num_samples >= num_samples[0] else Found(num_samples[0], "at most")


def separable_capacity(num_samples: Sequence[int], can: NDArray[np.float64]) -> Found:
    """The N up to which a data set can be memorized completely, on average: about where half of them can.

    That mean is the sum over N = 1, 2, ... of the share of data sets that can, straight between the N that were looked
    at, all before the first and none beyond the last: the estimate of Spearman (1908) and Kärber (1931). Unlike the
    place where the share crosses a half, every data set counts in it, and it is the mean of the seeds' own. For V = 2
    it is 2 (n + bias) at any n, as by Cover (1965) a data set grows by so many samples before it fails.

    The share only falls: before the first N it is no smaller than there, and beyond the last no larger. So where it
    begins below 1, does not end at 0, or some data sets were not decided, the sum is between two bounds, of which the
    one above is infinite unless the share is known to end at 0.

    Args:
        num_samples: (K,) values of N, ascending.
        can: (seeds, K), 1 where a data set can, 0 where it cannot, NaN where that was not decided.
    """
    first, last = num_samples[0], num_samples[-1]
    least, most = (
        np.interp(np.arange(first, last + 1), num_samples, np.nan_to_num(can, nan=undecided).mean(0))
        for undecided in (0.0, 1.0)
    )
    low, high = (first - 1) * least[0] + least.sum(), first - 1 + most.sum()
    if most[-1] > 0:
        return Found(max(1.0, float(low)), "at least")  # a single sample always can
    return Found(float(high), "at most" if low < high else "")


def scaling_frame(rows: Sequence[Row], configs: Sequence[SweepConfig], by: CapacityKind) -> pd.DataFrame:
    """One row a layer that some seed has at every N, columns `SCALING_COLUMNS`; others are still to come.

    capacity is that of the mean over these seeds; low and high its 95 % interval, NaN while it has none; residual what
    capacity is more than theory, in per cent; last_all and first_none the empirical threshold of exact limits, else
    NaN; num_undecided how many of them have no verdict; own each seed's own capacity, seed -> N, empty if one is a
    bound.

    Args:
        rows: of runs, or of exact limits.
        configs: the sweeps, each of one n and V.
        by: which capacity.
    """
    table = _values(rows, by)
    found = [row for config in configs if (row := _layer(table, config, by)) is not None]
    return pd.DataFrame(found, columns=SCALING_COLUMNS)


def settled(scaling: pd.DataFrame, configs: Sequence[SweepConfig]) -> pd.DataFrame:
    """The rows of those V of which every layer is there: what is said of them will not change with the next one."""
    asked = pd.Series([config.num_classes for config in configs]).value_counts()
    there = scaling["num_classes"].value_counts()
    return scaling[scaling["num_classes"].isin(asked.index[there.reindex(asked.index) == asked])]


def _values(rows: Sequence[Row], by: CapacityKind) -> pd.DataFrame:
    """What a capacity is read off, as `value`: C of the runs that did not diverge, or whether data are separable."""
    if by == "trained":
        runs = runs_frame(rows)
        return runs[~runs["diverged"].astype(bool)].rename(columns={"num_memorized": "value"})
    limits = limits_frame(rows)
    return limits.assign(value=limits["verdict"].map(VALUE_OF))


def _layer(table: pd.DataFrame, config: SweepConfig, by: CapacityKind) -> dict[str, Any] | None:
    [n], v = config.input_dims, config.num_classes
    here = table[(table["input_dim"] == n) & (table["num_classes"] == v)]
    complete = here[here.groupby("seed")["value"].transform("size") == len(config.num_samples)]
    if complete.empty:
        return None
    curves = complete.pivot(index="seed", columns="num_samples", values="value").astype(float)  # (seeds, N)
    capacity_of = trained_capacity if by == "trained" else separable_capacity
    found = capacity_of(config.num_samples, curves.to_numpy())
    own = {seed: capacity_of(config.num_samples, curve.to_numpy()[None]) for seed, curve in curves.iterrows()}
    is_known = not any(each.bound for each in (found, *own.values()))
    numbers = {seed: each.num_samples for seed, each in own.items()} if is_known else {}
    interval = interval_around(found.num_samples, list(numbers.values()))
    theory = threshold(n, v, bias=config.bias)
    low, high = (np.nan, np.nan) if interval is None else (interval.low, interval.high)
    band = empirical_threshold(complete) if by == "separable" else None
    return {
        "num_classes": v,
        "input_dim": n,
        "num_seeds": len(curves),
        "capacity": found.num_samples,
        "low": low,
        "high": high,
        "bound": found.bound,
        "per_dim": found.num_samples / n,
        "theory": theory,
        "residual": 100 * (found.num_samples / theory - 1),
        "residual_low": 100 * (low / theory - 1),
        "residual_high": 100 * (high / theory - 1),
        "last_all": band.last_all if band else np.nan,
        "first_none": band.first_none if band and np.isfinite(band.first_none) else np.nan,
        "num_undecided": band.num_undecided if band else 0,
        "own": numbers,
    }


def interval_around(value: float, own: Sequence[float]) -> Interval | None:
    """The 95 % interval of what the mean over seeds says, as wide as that of the mean of the seeds' own values.

    Not around their mean: a seed's own curve is rougher, and often leaves the line C = N later, by luck.
    """
    if len(own) < 2:
        return None
    spread = mean_interval(own)
    half = spread.high - spread.mean
    return Interval(value, value - half, value + half, spread.num_values)
