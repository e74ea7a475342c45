"""The what-if of the learning rate: one row a cell of the map, one row a column of it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.tuning import Verdict, judge
from explorer.frames.jamming import at_the_edge_from
from explorer.frames.runs import band_frame


def cell_frame(runs: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row for each learning rate and value of `column` ("num_samples" or "input_dim").

    Columns: column, learning_rate, fraction (mean C / N), mean, sd, num_seeds (of C), loss, stability, edge (means).
    """
    by = [column, "learning_rate"]
    cells = band_frame(runs, by, "num_memorized")[[*by, "mean", "sd", "num_seeds"]]
    for value, name in (("mean_loss", "loss"), ("stability", "stability"), ("edge", "edge")):
        others = band_frame(runs, by, value).rename(columns={"mean": name})
        cells = cells.merge(others[[*by, name]], on=by, how="left")
    sizes = runs.groupby(by, as_index=False)["num_samples"].first() if column != "num_samples" else None
    num_samples = cells[column] if sizes is None else cells.merge(sizes, on=by)["num_samples"]
    cells["fraction"] = cells["mean"] / num_samples
    return cells


def verdict(runs: pd.DataFrame, num_runs: int) -> Verdict | None:
    """What is to be said of the learning rates of `runs`, which differ in rate and seed alone.

    None while some of the `num_runs` are missing. A run that diverged memorized nothing.
    """
    if len(runs) < num_runs:
        return None
    counted = runs.assign(num_memorized=runs["num_memorized"].where(~runs["diverged"].astype(bool), 0))
    table = counted.pivot_table(index="learning_rate", columns="seed", values="num_memorized", aggfunc="first")
    return judge(table.index.to_list(), table.to_numpy())


def verdicts(runs: pd.DataFrame, column: str, num_runs: int) -> dict[int, Verdict]:
    """The verdict on each value of `column` that has all its `num_runs` runs."""
    found = {value: verdict(runs[runs[column] == value], num_runs) for value in sorted(set(runs[column].tolist()))}
    return {value: told for value, told in found.items() if told is not None}


def span_of(told: Verdict) -> dict[str, float]:
    """The learning rates of a verdict: best, lowest and highest that cannot be told from it."""
    return {"best": told.rates[told.best], "lowest": told.rates[told.lowest], "highest": told.rates[told.highest]}


def asked_of(told: Verdict, rate: float) -> dict[str, Any]:
    """What a verdict says of one learning rate: word, behind (samples), and `span_of`."""
    place = told.rates.index(rate)
    return {"word": told.word(place), "behind": told.behind[place].mean, **span_of(told)}


def column_frame(found: dict[int, Verdict], cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row a column of the map that has a verdict.

    Columns: column, best, lowest, highest (learning rates), edge_rate (the smallest from which on training ended at the
    edge of stability; NaN if none).
    """
    rows = []
    for value, told in found.items():
        here = cells[cells[column] == value].assign(mean=cells["stability"])
        edge_rate = at_the_edge_from(here, here["edge"].iloc[0], along="learning_rate")
        rows.append({column: value, **span_of(told), "edge_rate": edge_rate})
    return pd.DataFrame(rows, columns=[column, "best", "lowest", "highest", "edge_rate"])


def region_frame(found: dict[int, Verdict], column: str) -> pd.DataFrame:
    """Where on the map to write "too small", "fine" and "unstable": in the middle of the largest part of each region.

    Columns: column, learning_rate, word.
    """
    cells = [
        {column: value, "learning_rate": rate, "word": told.word(place)}
        for value, told in sorted(found.items())
        for place, rate in enumerate(told.rates)
    ]
    rows = []
    for _, region in pd.DataFrame(cells, columns=[column, "learning_rate", "word"]).groupby("word", sort=False):
        heights = region.groupby(column).size()
        highest = heights[heights == heights.max()].index.to_list()
        part = region[region[column] == highest[len(highest) // 2]]
        rows.append(part.iloc[len(part) // 2].to_dict())
    return pd.DataFrame(rows, columns=[column, "learning_rate", "word"])


def rate_frame(runs: pd.DataFrame, curve: Sequence[str]) -> pd.DataFrame:
    """One row for each curve and learning rate: `band_frame` of C, with `fraction_*` of mean, low and high."""
    by = [*curve, "num_samples", "learning_rate"]
    points = band_frame(runs, by, "num_memorized")
    for name in ("mean", "low", "high"):
        points[f"fraction_{name}"] = (points[name] / points["num_samples"]).clip(upper=1)
    return points
