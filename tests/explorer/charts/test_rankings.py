"""Bars of AUROC as Vega-Lite draws them."""

import json
from functools import cache
from typing import Any

import altair as alt
import pytest

from core.bias import PREDICTORS
from core.ranking import Ranking
from explorer import charts, frames
from explorer.jobs import Row
from tests.explorer.charts.spec import data_of, domain, layers, of_mark, shown
from tests.explorer.frames.rows import row

AUROCS = (0.496, 0.521, 0.542, 0.904, 0.927, 0.963)  # in the order of PREDICTORS


def rows(num_datasets: int, aurocs: tuple[float, ...] = AUROCS) -> list[Row]:
    return [
        row(
            40,
            400,
            seed,
            150,
            rankings={
                name: Ranking(min(1.0, auroc + 0.004 * seed), 0.02, -auroc)
                for name, auroc in zip(PREDICTORS, aurocs, strict=True)
            },
        )
        for seed in range(num_datasets)
    ]


@cache
def drawn(num_datasets: int = 4, aurocs: tuple[float, ...] = AUROCS) -> dict[str, Any]:
    of = rows(num_datasets, aurocs)
    return charts.spec(charts.rankings_chart(frames.rankings_frame(of), frames.datasets_frame(of)))


@pytest.mark.parametrize("num_datasets", [1, 2, 32])
def test_a_chart_is_valid_vega_lite(num_datasets: int) -> None:
    spec = drawn(num_datasets)
    alt.Chart.from_dict(spec)
    assert "Infinity" not in json.dumps(spec)


def test_each_predictor_has_a_bar_from_chance_to_its_mean_the_best_above() -> None:
    spec = drawn()
    [bars] = [layer for layer in of_mark(spec, type="bar") if layer["encoding"]["x"]["field"] == "auroc"]
    found = data_of(spec, bars)
    assert found["statistic"].tolist() == list(PREDICTORS[::-1])
    assert found["auroc"].tolist() == pytest.approx([auroc + 0.006 for auroc in AUROCS[::-1]])
    assert bars["encoding"]["x2"]["field"] == "chance"
    assert set(found["chance"]) == {0.5}
    assert bars["encoding"]["y"]["sort"] == found["name"].tolist()


def test_the_null_the_interval_and_every_data_set_stand_in_the_row_of_their_bar() -> None:
    spec = drawn()
    [null] = [layer for layer in of_mark(spec, type="bar") if layer["encoding"]["x"]["field"] == "null_low"]
    assert null["encoding"]["x2"]["field"] == "null_high"
    [interval] = [layer for layer in of_mark(spec, type="rule") if layer["encoding"]["x"]["field"] == "low"]
    assert interval["encoding"]["x2"]["field"] == "high"
    [ticks] = of_mark(spec, type="tick")
    assert len(data_of(spec, ticks)) == 4 * 6
    assert sorted(set(data_of(spec, ticks)["seed"])) == [0, 1, 2, 3]
    for layer in (null, interval, ticks):
        assert layer["encoding"]["y"]["field"] == "name"


def test_chance_is_a_dashed_line() -> None:
    spec = drawn()
    [rule] = [layer for layer in of_mark(spec, type="rule") if "strokeDash" in layer["mark"]]
    assert data_of(spec, rule)["auroc"].tolist() == [0.5]


def test_a_bar_has_its_number_behind_all_that_is_drawn_in_its_row() -> None:
    spec = drawn()
    [numbers] = of_mark(spec, type="text")
    assert (numbers["encoding"]["text"]["field"], numbers["encoding"]["text"]["format"]) == ("auroc", ".2f")
    [ticks] = of_mark(spec, type="tick")
    largest = data_of(spec, ticks).groupby("statistic")["auroc"].max()
    for each in data_of(spec, numbers).itertuples():
        assert each.edge >= max(each.auroc, each.high, each.null_high, largest[each.statistic])


def test_one_data_set_has_no_interval_and_its_number_is_still_placed() -> None:
    spec = drawn(1)
    [interval] = [layer for layer in of_mark(spec, type="rule") if layer["encoding"]["x"]["field"] == "low"]
    assert "isValid(datum.low)" in json.dumps(interval["transform"])
    [numbers] = of_mark(spec, type="text")
    assert data_of(spec, numbers)["edge"].notna().all()


def test_a_click_picks_the_statistic_of_a_bar() -> None:
    found = [*drawn().get("params", []), *(param for layer in layers(drawn()) for param in layer.get("params", []))]
    [pick] = found
    assert pick["name"] == charts.PICK
    assert pick["select"]["fields"] == ["statistic"]
    assert pick["select"]["on"] == "click"


@pytest.mark.parametrize("aurocs", [AUROCS, (0.1, 0.2, 0.3, 0.5, 0.9, 1.0), (0.0, 0.5, 0.5, 0.5, 0.5, 1.0)])
@pytest.mark.parametrize("num_datasets", [1, 4])
def test_no_bar_ends_outside_the_axis(aurocs: tuple[float, ...], num_datasets: int) -> None:
    spec = drawn(num_datasets, aurocs)
    low, high = domain(spec, "x")
    values = shown(spec, "x").clip(0, 1)  # an interval may reach beyond what there is: the axis cuts it off
    assert low <= values.min() <= values.max() <= high
    assert all(layer["encoding"]["x"]["scale"]["clamp"] for layer in layers(spec) if "scale" in layer["encoding"]["x"])
    axis = layers(spec)[1]["encoding"]["x"]["axis"]
    assert min(axis["values"]) >= low
    assert max(axis["values"]) == 1.0


def test_the_axis_and_the_numbers_can_be_read_from_the_back_of_the_room() -> None:
    for layer in layers(drawn()):
        for channel in "xy":
            if axis := layer["encoding"].get(channel, {}).get("axis"):
                assert axis["labelFontSize"] >= 14
    titles = {layer["encoding"]["x"].get("title") for layer in layers(drawn())} - {"", None}
    [title] = titles
    assert "AUROC" in title
