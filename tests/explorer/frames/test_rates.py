"""The tables of the learning rate, on rows small enough to be checked by hand."""

import math
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.tuning import judge
from explorer import frames
from explorer.jobs import Row
from tests.explorer.frames.rows import row, table

RATES = (0.001, 0.01, 0.1, 1.0)
NUM_SEEDS = 3
# C by rate and seed. At N = 20: 0.001 is too small, 1.0 unstable, the two between are alike.
COUNTS = {
    20: {0.001: (10, 11, 10), 0.01: (18, 19, 20), 0.1: (19, 18, 20), 1.0: (12, 13, 14)},
    40: {0.001: (30, 28, 29), 0.01: (29, 30, 28), 0.1: (20, 19, 21), 1.0: (1, 2, 1)},
}
STABILITY = {0.001: 1.0, 0.01: 10.0, 0.1: 36.0, 1.0: 40.0}


def rows(column: str = "num_samples") -> list[Row]:
    """One row for each count; where `column` is "input_dim" the columns of the map are dimensions, at N = 40."""
    return [
        row(
            value if column == "input_dim" else 8,
            40 if column == "input_dim" else value,
            seed,
            c,
            learning_rate=rate,
            stability=STABILITY[rate] + seed,
        )
        for value, column_counts in COUNTS.items()
        for rate, counts in column_counts.items()
        for seed, c in enumerate(counts)
    ]


def only(found: pd.DataFrame, **where: Any) -> pd.Series:
    for name, value in where.items():
        found = found[found[name] == value]
    [[_, point]] = found.iterrows()
    return point


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["num_samples", "input_dim"])
def test_a_cell_is_the_mean_over_its_seeds(column: str) -> None:
    cells = frames.cell_frame(table(rows(column)), column)
    assert len(cells) == 8
    for value, column_counts in COUNTS.items():
        for rate, counts in column_counts.items():
            cell = only(cells, **{column: value, "learning_rate": rate})
            assert cell["mean"] == pytest.approx(np.mean(counts))
            assert cell["sd"] == pytest.approx(np.std(counts, ddof=1))
            assert cell["num_seeds"] == 3
            assert cell["fraction"] == pytest.approx(np.mean(counts) / (40 if column == "input_dim" else value))
            assert cell["stability"] == pytest.approx(STABILITY[rate] + 1)
            assert cell["loss"] == pytest.approx(1.5)
            assert cell["edge"] == 38


def test_a_cell_has_its_own_n_of_the_claim_where_columns_are_dimensions() -> None:
    """Each dimension might have another N: the fraction is of its own."""
    cells = frames.cell_frame(table([row(3, 30, 0, 15), row(5, 50, 0, 10)]), "input_dim")
    assert cells.set_index("input_dim")["fraction"].to_dict() == {3: 0.5, 5: 0.2}


@pytest.mark.parametrize("column", ["num_samples", "input_dim"])
def test_a_run_that_diverged_is_left_out_of_its_cell_and_a_cell_without_others_is_empty(column: str) -> None:
    diverged = [
        {**each, "diverged": True, "mean_loss": float("nan"), "stability": float("nan")}
        if each["learning_rate"] == 1.0 or (each["learning_rate"] == 0.1 and each["seed"] == 0)
        else each
        for each in rows(column)
    ]
    cells = frames.cell_frame(table(diverged), column)
    assert set(cells["learning_rate"]) == {0.001, 0.01, 0.1}
    assert only(cells, **{column: 20, "learning_rate": 0.1})["mean"] == 19
    assert only(cells, **{column: 20, "learning_rate": 0.1})["num_seeds"] == 2


def test_what_was_not_measured_is_missing_and_its_cell_is_there() -> None:
    cells = frames.cell_frame(table([{**each, "stability": float("nan")} for each in rows()]), "num_samples")
    assert len(cells) == 8
    assert cells["stability"].isna().all()


# --- verdicts ---------------------------------------------------------------------------------------------------------


def test_there_is_no_verdict_while_a_run_is_missing() -> None:
    column = [each for each in rows() if each["num_samples"] == 20]
    assert frames.verdict(table(column[:-1]), len(column)) is None
    assert frames.verdict(table([]), 1) is None
    assert frames.verdict(table(column), len(column)) is not None


def test_a_verdict_is_that_of_the_core_whatever_the_order_of_the_runs() -> None:
    column = [each for each in rows() if each["num_samples"] == 20]
    expected = judge(RATES, [COUNTS[20][rate] for rate in RATES])
    assert frames.verdict(table(random.Random(1).sample(column, len(column))), len(column)) == expected
    assert [expected.word(place) for place in range(4)] == ["too small", "fine", "fine", "unstable"]


def test_a_run_that_diverged_memorized_nothing_whatever_its_row_says() -> None:
    """Its last weights may still get a guess right; that is no reason to call its rate fine."""
    column = [
        {**each, "num_memorized": 20, "diverged": each["learning_rate"] == 1.0}
        for each in rows()
        if each["num_samples"] == 20
    ]
    told = frames.verdict(table(column), len(column))
    assert told is not None
    assert told.behind[3].mean == 20
    assert [told.word(place) for place in range(4)] == ["fine", "fine", "fine", "unstable"]


def test_a_verdict_has_a_span_and_something_to_say_of_each_rate() -> None:
    told = judge(RATES, [COUNTS[20][rate] for rate in RATES])
    assert frames.span_of(told) == {"best": 0.1, "lowest": 0.01, "highest": 0.1}
    assert frames.asked_of(told, 0.001) == {"word": "too small", "behind": pytest.approx(19 - 31 / 3)} | frames.span_of(
        told
    )
    assert frames.asked_of(told, 0.1) == {"word": "fine", "behind": 0.0} | frames.span_of(told)
    assert frames.asked_of(told, 1.0)["word"] == "unstable"


def test_only_complete_columns_have_a_verdict() -> None:
    missing_one = [
        each for each in rows() if (each["num_samples"], each["seed"]) != (40, 2) or each["learning_rate"] < 1
    ]
    assert len(missing_one) == len(rows()) - 1
    assert list(frames.verdicts(table(missing_one), "num_samples", 12)) == [20]
    assert list(frames.verdicts(table(rows()[::-1]), "num_samples", 12)) == [20, 40]
    assert list(frames.verdicts(table(rows("input_dim")), "input_dim", 12)) == [20, 40]


# --- columns and regions of the map -----------------------------------------------------------------------------------


def columns(of: list[Row], column: str = "num_samples") -> pd.DataFrame:
    runs = table(of)
    found = frames.verdicts(runs, column, len(RATES) * NUM_SEEDS)
    return frames.column_frame(found, frames.cell_frame(runs, column), column)


@pytest.mark.parametrize("column", ["num_samples", "input_dim"])
def test_a_column_has_its_best_rate_those_like_it_and_the_edge(column: str) -> None:
    """C is 19 and 19 at N = 20: of two alike the larger is the best. From 0.1 on stability is near 38."""
    assert columns(rows(column), column).to_dict("records") == [
        {column: 20, "best": 0.1, "lowest": 0.01, "highest": 0.1, "edge_rate": 0.1},
        {column: 40, "best": 0.01, "lowest": 0.001, "highest": 0.01, "edge_rate": 0.1},
    ]


def test_a_column_that_never_comes_to_the_edge_has_no_edge_rate() -> None:
    calm = [{**each, "stability": 1.0} for each in rows()]
    assert columns(calm)["edge_rate"].isna().all()


def test_a_column_that_was_not_measured_has_no_edge_rate() -> None:
    calm = [{**each, "stability": float("nan")} for each in rows()]
    assert columns(calm)["edge_rate"].isna().all()


def test_a_column_of_runs_that_all_diverged_does_not_break_the_map() -> None:
    lost = [{**each, "diverged": each["num_samples"] == 40} for each in rows()]
    found = columns(lost)
    assert found["num_samples"].tolist() == [20, 40]
    assert math.isnan(found["edge_rate"].iloc[1])


def test_without_verdicts_there_are_columns_and_regions_of_nothing() -> None:
    runs = table(rows()[:3])
    assert columns(rows()[:3]).columns.tolist() == ["num_samples", "best", "lowest", "highest", "edge_rate"]
    assert len(columns(rows()[:3])) == 0
    empty = frames.region_frame(frames.verdicts(runs, "num_samples", 12), "num_samples")
    assert len(empty) == 0
    assert empty.columns.tolist() == ["num_samples", "learning_rate", "word"]


def test_the_name_of_a_region_stands_in_it() -> None:
    found = frames.verdicts(table(rows()), "num_samples", 12)
    regions = frames.region_frame(found, "num_samples")
    assert sorted(regions["word"]) == ["fine", "too small", "unstable"]
    for name in regions.itertuples():
        told = found[name.num_samples]
        assert told.word(told.rates.index(name.learning_rate)) == name.word
    # "unstable" is one rate high at N = 20 and two at N = 40; "too small" is only at N = 20.
    places = regions.set_index("word")["num_samples"].to_dict()
    assert places["unstable"] == 40
    assert places["too small"] == 20


def test_the_name_of_a_region_stands_in_the_middle_of_its_height_and_width() -> None:
    rates = [10.0**power for power in range(-4, 3)]
    same = judge(rates, [[0, 0], [0, 0], [0, 0], [9, 9], [9, 9], [9, 9], [0, 0]])
    regions = frames.region_frame(dict.fromkeys((10, 20, 30), same), "num_samples").set_index("word")
    assert regions.loc["too small"].tolist() == [20, 1e-3]
    assert regions.loc["fine"].tolist() == [20, 1e0]
    assert regions.loc["unstable"].tolist() == [20, 1e2]


# --- curves over the learning rate ------------------------------------------------------------------------------------


def test_curves_over_the_rate_keep_apart_what_their_columns_tell_apart() -> None:
    several = [{**each, "schedule": name} for name in ("constant", "cosine") for each in rows()]
    for each in several:
        each["num_memorized"] += 1 if each["schedule"] == "cosine" else 0
    found = frames.rate_frame(table(several), ["schedule"])
    assert len(found) == 2 * 8
    point = only(found, schedule="cosine", num_samples=40, learning_rate=0.1)
    assert point["mean"] == 21
    assert point["sd"] == 1
    assert point[["fraction_mean", "fraction_low", "fraction_high"]].tolist() == [21 / 40, 20 / 40, 22 / 40]


def test_no_fraction_is_more_than_all() -> None:
    point = frames.rate_frame(table([row(3, 20, 0, 20), row(3, 20, 1, 18)]), ["input_dim"]).iloc[0]
    assert point["mean"] + point["sd"] > 20
    assert point["fraction_high"] == 1
