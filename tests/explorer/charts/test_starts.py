"""What other starts memorize, as Vega-Lite draws it."""

import json
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts
from tests.explorer.charts.spec import data_of, domain, layers, of_mark, shown

COLUMNS = ["num_samples", "mean", "low", "high", "chance", "num_memorized", "num_starts"]
OVERLAP = pd.DataFrame(
    [[40, 1.0, 1.0, 1.0, 1.0, 40.0, 8], [170, 0.96, 0.9, 1.0, 0.9, 160.0, 8], [400, 1.0, 1.0, 1.0, 0.24, 150.0, 8]],
    columns=COLUMNS,
)
CONSENSUS = pd.DataFrame({"times": [0, 1, 2], "count": [250, 5, 145], "chance": [156.0, 187.5, 56.5]})


@cache
def overlap(num_points: int = 3, at: int = 200) -> dict[str, Any]:
    return charts.spec(charts.overlap_chart(OVERLAP.head(num_points), at=at, max_num_samples=400))


@cache
def consensus() -> dict[str, Any]:
    return charts.spec(charts.consensus_chart(CONSENSUS))


def params(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [*spec.get("params", []), *(param for layer in layers(spec) for param in layer.get("params", []))]


@pytest.mark.parametrize("make", [lambda: overlap(0), lambda: overlap(1), overlap, consensus])
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)
    assert "NaN" not in json.dumps(spec)
    axes = [
        layer["encoding"][c]["axis"] for layer in layers(spec) for c in "xy" if layer["encoding"].get(c, {}).get("axis")
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16


def test_the_curve_goes_through_the_means_in_a_band_from_the_smallest_to_the_largest_pair() -> None:
    spec = overlap()
    [line] = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
    assert line["encoding"]["y"]["field"] == "mean"
    assert data_of(spec, line)["mean"].tolist() == OVERLAP["mean"].tolist()
    [band] = of_mark(spec, type="area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
    [chance] = [layer for layer in of_mark(spec, type="line") if "strokeDash" in layer["mark"]]
    assert chance["encoding"]["y"]["field"] == "chance"
    assert chance["mark"]["color"] == charts.GUIDE


def test_the_dashed_line_has_its_name_at_its_end() -> None:
    [name] = of_mark(overlap(), type="text")
    assert "random" in json.dumps(name["encoding"]["text"])
    assert name["transform"] == [{"filter": "datum.num_samples === 400"}]


@pytest.mark.parametrize("num_points", [0, 1, 3])
def test_a_chart_that_fills_keeps_its_axes(num_points: int) -> None:
    spec = overlap(num_points)
    assert domain(spec, "x") == (0, 1.02 * 400)
    assert domain(spec, "y") == (0, 1.04)
    if num_points:
        assert shown(spec, "y").max() <= 1.04


def test_a_line_stands_at_the_n_that_is_looked_at() -> None:
    [rule] = of_mark(overlap(at=170), type="rule")
    assert data_of(overlap(at=170), rule)["num_samples"].tolist() == [170]


def test_a_click_picks_the_n_of_the_nearest_point_as_soon_as_there_is_one() -> None:
    assert params(overlap(0)) == []
    for num_points in (1, 3):
        [pick] = params(overlap(num_points))
        assert pick["name"] == charts.PICK
        assert pick["select"]["fields"] == ["num_samples"]
        assert pick["select"]["nearest"] is True


def test_consensus_has_a_bar_for_each_number_of_starts_and_chance_dashed() -> None:
    spec = consensus()
    [bars] = of_mark(spec, type="bar")
    [chance] = of_mark(spec, type="line")
    assert data_of(spec, bars)["count"].tolist() == [250, 5, 145]
    assert bars["encoding"]["x"]["field"] == chance["encoding"]["x"]["field"] == "times"
    assert bars["mark"]["color"] == charts.PALETTE[0]
    assert chance["encoding"]["y"]["field"] == "chance"
    assert "strokeDash" in chance["mark"]
