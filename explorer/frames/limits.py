"""One row a data set whose exact limits are known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.config import SweepConfig
from core.limits import LimitsResult, tied
from core.memorization import BITS, memorized_bits
from core.result import RunResult
from core.theory import most_memorizable_per_dim
from core.verdicts import EXISTS
from core.work import Result
from explorer.frames.runs import band_frame, summarize_run
from explorer.jobs import Row

LIMITS_COLUMNS = [
    "input_dim",
    "num_classes",
    "num_samples",
    "seed",
    "num_memorized",
    "num_tied",
    "mean_loss",
    "bits",
    "num_most",
    "verdict",
    "exists",
]


def summarize(result: Result) -> Row:
    """What the charts need of a result: a row of limits has a `verdict`, one of a run has none."""
    return summarize_run(result) if isinstance(result, RunResult) else summarize_limits(result)


def summarize_limits(result: LimitsResult) -> Row:
    """What the charts need of a data set's limits.

    `num_memorized`, `num_tied`, `mean_loss`, `bits`: at the optimum of the cross-entropy; tied are samples that do not
    count as memorized only because another class has the same logit as their label. `num_most`: a lower bound on the
    most that any weights memorize; 0 if it was not sought. `verdict`: on separability. `exists`: whether finite weights
    reach the optimum; None if undecided.
    """
    config = result.config
    return {
        "input_dim": config.input_dim,
        "num_classes": config.num_classes,
        "num_samples": config.num_samples,
        "seed": config.data_seed,
        "num_memorized": result.num_memorized,
        "num_tied": int(tied(result).sum()),
        "mean_loss": result.mean_loss,
        "bits": {definition: memorized_bits(result, definition) for definition in BITS},
        "num_most": result.num_most,
        "verdict": result.verdict,
        "exists": EXISTS[result.kind],
    }


def limits_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a data set, columns `LIMITS_COLUMNS`; rows of runs are left out."""
    return pd.DataFrame([row for row in rows if "verdict" in row], columns=LIMITS_COLUMNS)


def limit_points(limits: pd.DataFrame, value: str = "num_memorized") -> pd.DataFrame:
    """One row a point (input_dim, num_samples): those of `band_frame` for `value`, over data sets, never above N."""
    points = band_frame(limits.assign(diverged=False), ["input_dim", "num_samples"], value)
    points["high"] = np.minimum(points["high"], points["num_samples"])
    return points


class Threshold(NamedTuple):
    """Where data sets cease to be separable, between the values of N that were looked at.

    Attributes:
        last_all: the largest N up to which every data set is separable, or 0.
        first_none: the smallest N from which on none is, or infinity.
        some_fail: whether some data set is proved not to be separable at the smallest N.
        some_hold: whether some data set is proved to be separable at the largest N.
        num_datasets: so many were looked at, at each N.
        num_undecided: of all of them, those without a verdict.
    """

    last_all: float
    first_none: float
    some_fail: bool
    some_hold: bool
    num_datasets: int
    num_undecided: int


def empirical_threshold(limits: pd.DataFrame) -> Threshold:
    """The band between the N at which all data sets are separable and those at which none is."""
    all_of = limits.assign(yes=limits["verdict"] == "separable").groupby("num_samples")["yes"].all()
    some_of = limits.assign(maybe=limits["verdict"] != "not separable").groupby("num_samples")["maybe"].any()
    not_all, some = all_of.index[~all_of], some_of.index[some_of]
    last_all = all_of.index[all_of.index < not_all.min()].max() if len(not_all) else all_of.index.max()
    first_none = some_of.index[some_of.index > some.max()].min() if len(some) else some_of.index.min()
    at_first, at_last = (
        limits.loc[limits["num_samples"] == end, "verdict"]
        for end in (limits["num_samples"].min(), limits["num_samples"].max())
    )
    return Threshold(
        0.0 if np.isnan(last_all) else float(last_all),
        np.inf if np.isnan(first_none) else float(first_none),
        bool((at_first == "not separable").any()),
        bool((at_last == "separable").any()),
        int(limits.groupby("num_samples").size().max()),
        int((limits["verdict"] == "undecided").sum()),
    )


def limits_table(runs: pd.DataFrame, limits: pd.DataFrame, config: SweepConfig) -> pd.DataFrame:
    """One row an N: means over the data sets of which both a run that did not diverge and the limits are there.

    Columns: num_samples, trained, optimum, difference (trained minus optimum), largest_difference (of a single data
    set, either way), tied (at the optimum), most, most_estimate (by theory), loss, least_loss, separable and finite
    (shares of the data sets for which that is proved), num_datasets.
    """
    exact = limits.assign(
        separable=limits["verdict"] == "separable", finite=[found is True for found in limits["exists"]]
    )
    names = {"num_memorized": "trained", "mean_loss": "loss"}
    trained = runs[~runs["diverged"].astype(bool)].rename(columns=names)[["num_samples", "seed", *names.values()]]
    both = trained.merge(exact, on=["num_samples", "seed"])
    table = (
        both.assign(apart=(both["trained"] - both["num_memorized"]).abs())
        .groupby("num_samples", as_index=False)
        .agg(
            trained=("trained", "mean"),
            optimum=("num_memorized", "mean"),
            largest_difference=("apart", "max"),
            tied=("num_tied", "mean"),
            most=("num_most", "mean"),
            loss=("loss", "mean"),
            least_loss=("mean_loss", "mean"),
            separable=("separable", "mean"),
            finite=("finite", "mean"),
            num_datasets=("seed", "size"),
        )
    )
    table["difference"] = table["trained"] - table["optimum"]
    inputs = config.input_dims[0] + config.bias
    loads = table["num_samples"].to_numpy(float) / inputs
    table["most_estimate"] = inputs * most_memorizable_per_dim(config.num_classes, loads)
    columns = ["num_samples", "trained", "optimum", "difference", "largest_difference", "tied", "most"]
    return table[[*columns, "most_estimate", "loss", "least_loss", "separable", "finite", "num_datasets"]]
