"""The charts of the page Learning rate as Vega-Lite reads them."""

import json
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts, frames
from explorer.charts.rates import INK, OUTLINE
from tests.explorer.charts.spec import data_of, domain, layers, of_mark
from tests.explorer.frames.rows import row, table
from tests.test_setup import contrast

RATES = (0.001, 0.01, 0.1, 1.0)
VALUES = (40, 100, 200)
C = {0.001: 20, 0.01: 38, 0.1: 40, 1.0: 25}
EDGE = 38.0


def runs(num_columns: int = 3, num_seeds: int = 3, column: str = "num_samples") -> pd.DataFrame:
    """On the map the first `num_columns` are complete; only the first of them comes to the edge of stability."""
    return table(
        [
            row(
                value if column == "input_dim" else 8,
                300 if column == "input_dim" else value,
                seed,
                c + seed,
                learning_rate=rate,
                stability=40.0 if value == VALUES[0] and rate > 0.05 else 1.0,
            )
            for value in VALUES[:num_columns]
            for rate, c in C.items()
            for seed in range(num_seeds)
        ]
    )


@cache  # a chart takes a tenth of a second, and many tests look at the same
def heat_map(
    num_columns: int = 3,
    num_seeds: int = 3,
    column: str = "num_samples",
    shade: str = "fraction",
    asked: tuple[int, float] = (100, 0.1),
) -> dict[str, Any]:
    of = runs(num_columns, num_seeds, column)
    cells = frames.cell_frame(of, column)
    found = frames.verdicts(of, column, len(RATES) * num_seeds) if num_seeds > 1 else {}
    return charts.heat_map(
        cells,
        frames.column_frame(found, cells, column),
        frames.region_frame(found, column),
        charts.shade(shade, EDGE),
        column=column,
        values=list(VALUES),
        rates=list(RATES),
        asked=asked,
    ).to_dict()  # validates against Vega-Lite's schema


CURVES = {"constant": "Constant", "cosine": "Cosine", "wsd": "WSD"}


@cache
def rate_chart(num_curves: int = 3, num_seeds: int = 3, lift: int = 0) -> dict[str, Any]:
    of = [
        {**each, "schedule": schedule, "num_memorized": each["num_memorized"] + lift}
        for schedule in list(CURVES)[:num_curves]
        for each in runs(1, num_seeds).to_dict("records")
    ]
    return charts.rate_chart(
        frames.rate_frame(table(of), ["schedule"]),
        CURVES,
        curve="schedule",
        asked=0.01,
        rates=list(RATES),
        num_seeds=num_seeds,
    ).to_dict()


EVERY_CHART = {
    "map, nothing yet": lambda: heat_map(0),
    "map, one column": lambda: heat_map(1),
    "map, one seed": lambda: heat_map(3, 1),
    "map, complete": heat_map,
    "map, of dimensions": lambda: heat_map(column="input_dim"),
    "map, of the loss": lambda: heat_map(shade="loss"),
    "map, of stability": lambda: heat_map(shade="stability"),
    "curves, nothing yet": lambda: rate_chart(0),
    "curves, one": lambda: rate_chart(1),
    "curves, one seed": lambda: rate_chart(3, 1),
    "curves, complete": rate_chart,
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)


@every_chart
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    text = json.dumps(spec)
    assert "NaN" not in text
    assert "Infinity" not in text


@every_chart
def test_no_two_parameters_have_one_name(make: Any) -> None:
    spec = make()
    names = [param["name"] for param in spec.get("params", [])]
    names += [param["name"] for layer in layers(spec) for param in layer.get("params", [])]
    assert len(names) == len(set(names))


@every_chart
def test_labels_are_large_enough_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    axes = [
        layer["encoding"][c]["axis"] for layer in layers(spec) for c in "xy" if layer["encoding"].get(c, {}).get("axis")
    ]
    legends = [legend for layer in layers(spec) if (legend := layer["encoding"].get("color", {}).get("legend"))]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16
    assert min(legend["labelFontSize"] for legend in legends) >= 14
    assert min((layer["mark"]["fontSize"] for layer in of_mark(spec, type="text")), default=14) >= 14


# --- the map ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "title"), [("num_samples", "Samples to memorize, N"), ("input_dim", "Input dimension, n")]
)
def test_all_rows_and_columns_are_there_from_the_start(column: str, title: str) -> None:
    """Else the map would jump whenever the first cell of a row or column comes."""
    for spec in (heat_map(0, column=column), heat_map(1, column=column), heat_map(column=column)):
        assert domain(spec, "x") == VALUES
        assert domain(spec, "y") == RATES[::-1]  # the largest on top
        titles = {
            c: {layer["encoding"][c].get("title") for layer in layers(spec) if layer["encoding"].get(c, {}).get("axis")}
            for c in "xy"
        }
        assert titles == {"x": {title}, "y": {"Learning rate, η"}}


@pytest.mark.parametrize(
    ("name", "title", "ends"),
    [
        ("fraction", "Memorized, C / N", [0, 1]),
        ("loss", "Mean loss (nats)", None),
        ("stability", "η λ (edge of stability: 38)", [0, 57]),
    ],
)
def test_a_cell_has_the_colour_of_what_was_asked_for(name: str, title: str, ends: list[float] | None) -> None:
    spec = heat_map(shade=name)
    cells = of_mark(spec, type="rect")[0]
    color = cells["encoding"]["color"]
    assert color["field"] == name
    assert color["legend"]["title"] == title
    assert color["scale"].get("domain") == ends
    assert len(data_of(spec, cells)) == len(VALUES) * len(RATES)


@pytest.mark.parametrize("num_columns", [0, 1, 3])
@pytest.mark.parametrize(("column", "asked"), [("num_samples", (200, 1.0)), ("input_dim", (40, 0.001))])
def test_the_frame_is_at_the_asked_cell_even_before_it_is_there(
    num_columns: int, column: str, asked: tuple[int, float]
) -> None:
    spec = heat_map(num_columns, column=column, asked=asked)
    [frame] = [layer for layer in of_mark(spec, type="rect") if layer["mark"].get("stroke")]
    assert data_of(spec, frame)[[column, "learning_rate"]].values.tolist() == [list(asked)]
    assert frame["mark"].get("fill") is None
    assert (frame["encoding"]["x"]["field"], frame["encoding"]["y"]["field"]) == (column, "learning_rate")


@pytest.mark.parametrize("column", ["num_samples", "input_dim"])
@pytest.mark.parametrize("num_columns", [0, 3])
def test_a_click_picks_a_cell_from_the_start(column: str, num_columns: int) -> None:
    [pick] = heat_map(num_columns, column=column)["params"]
    assert pick["name"] == charts.PICK
    assert pick["select"]["type"] == "point"
    assert pick["select"]["fields"] == [column, "learning_rate"]
    assert pick["select"]["on"] == "click"


def test_each_complete_column_has_its_best_rate_and_the_piece_that_is_like_it() -> None:
    spec = heat_map(2)
    [dots] = of_mark(spec, type="point")
    assert data_of(spec, dots)[["num_samples", "best"]].values.tolist() == [[40, 0.1], [100, 0.1]]
    lines = [layer for layer in of_mark(spec, type="rule") if layer["encoding"]["y"]["field"] == "lowest"]
    assert len(lines) == 2  # a light one on a dark one
    for line in lines:
        assert line["encoding"]["y2"]["field"] == "highest"


def test_the_edge_is_drawn_across_the_columns_that_come_to_it() -> None:
    spec = heat_map()
    edges = [layer for layer in of_mark(spec, type="rule") if layer["encoding"]["y"]["field"] == "edge_rate"]
    assert edges
    for edge in edges:
        assert data_of(spec, edge)[["num_samples", "edge_rate"]].values.tolist() == [[40, 0.1]]
        assert (edge["encoding"]["x"]["bandPosition"], edge["encoding"]["x2"]["bandPosition"]) == (0, 1)  # whole width
        assert edge["encoding"]["y"]["bandPosition"] == 1  # under the cell: from here up


def test_regions_have_their_names_on_the_map_and_one_seed_has_none() -> None:
    spec = heat_map()
    texts = {text for layer in of_mark(spec, type="text") for text in data_of(spec, layer)["word"]}
    assert texts == {"too small", "fine", "unstable"}
    assert of_mark(heat_map(3, 1), type="text") == []
    assert of_mark(heat_map(3, 1), type="point") == []


def test_marks_on_the_map_can_be_seen_on_every_colour() -> None:
    """Each is light with a dark outline. Whatever lies below, one of two colours with a contrast of 9 to 1 or more has
    3 to 1 with it."""
    assert contrast(INK, OUTLINE) >= 9
    spec = heat_map()
    for mark in ("rule", "text"):
        colours = [layer["mark"]["color"] for layer in of_mark(spec, type=mark)]
        assert colours.count(INK) == colours.count(OUTLINE) > 0
    [dots] = of_mark(spec, type="point")
    assert (dots["mark"]["color"], dots["mark"]["stroke"]) == (INK, OUTLINE)


# --- curves over the learning rate ------------------------------------------------------------------------------------


def test_curves_stand_on_a_logarithmic_axis_that_is_there_from_the_start() -> None:
    for spec in (rate_chart(0), rate_chart(1), rate_chart()):
        assert domain(spec, "x") == (0.001, 1.0)
        titles = {
            c: {layer["encoding"][c].get("title") for layer in layers(spec) if layer["encoding"].get(c, {}).get("axis")}
            for c in "xy"
        }
        assert titles == {"x": {"Learning rate, η"}, "y": {"Memorized, C / N"}}
        scales = {layer["encoding"]["x"]["scale"]["type"] for layer in layers(spec)}
        assert scales == {"log"}


def test_the_height_is_the_plots_own_and_not_shared_with_the_legend() -> None:
    """Streamlit takes the legend's height from a shared one again whenever it draws the chart."""
    assert rate_chart()["autosize"]["type"] == "fit-x"


def test_each_curve_has_a_name_and_a_colour_from_the_start() -> None:
    for spec in (rate_chart(0), rate_chart()):
        line = next(layer for layer in of_mark(spec, type="line"))
        scale = line["encoding"]["color"]["scale"]
        assert scale["domain"] == list(CURVES.values())
        assert scale["range"] == charts.PALETTE
        assert line["encoding"]["color"]["legend"]


def test_the_asked_rate_is_a_named_line() -> None:
    spec = rate_chart()
    [rule], [name] = of_mark(spec, type="rule"), of_mark(spec, type="text")
    assert data_of(spec, rule)["learning_rate"].tolist() == [0.01]
    assert data_of(spec, name)["name"].tolist() == ["η = 0.01"]


def test_the_curve_goes_through_the_fractions() -> None:
    spec = rate_chart()
    line = of_mark(spec, type="line")[0]
    assert line["encoding"]["y"]["field"] == "fraction_mean"
    cosine = data_of(spec, line).query("schedule == 'cosine'")
    assert cosine["name"].unique().tolist() == ["Cosine"]
    assert cosine["fraction_mean"].tolist() == pytest.approx([21 / 40, 39 / 40, 1, 26 / 40])


def test_a_band_is_there_only_where_there_are_several_seeds_and_on_the_axis_of_the_curve() -> None:
    assert of_mark(rate_chart(3, 1), type="area") == []
    spec = rate_chart()
    [band] = of_mark(spec, type="area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("fraction_low", "fraction_high")
    assert tuple(band["encoding"]["y"]["scale"]["domain"]) == domain(spec, "y")
    assert band["encoding"]["y"]["scale"]["zero"] is False  # an area begins at 0 unless it is told


@pytest.mark.parametrize("lift", [-20, 0, 15])
@pytest.mark.parametrize("num_seeds", [1, 3])
def test_no_axis_ends_before_a_value_that_is_shown(lift: int, num_seeds: int) -> None:
    spec = rate_chart(3, num_seeds, lift)
    low, high = domain(spec, "y")
    points = data_of(spec, of_mark(spec, type="line")[0])
    assert 0 <= low < high <= 1
    assert low <= points["fraction_low"].min() + 1e-12
    assert points["fraction_high"].max() <= high + 1e-12
