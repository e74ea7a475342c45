"""The charts of the way to the optimum as Vega-Lite reads them."""

import json
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts
from explorer.charts.closing import SMALLEST_GAP
from tests.explorer.charts.spec import data_of, domain, layers, of_mark

CLOSING = pd.DataFrame(
    [
        {"learning_rate": rate, "step": step, "memorized": 40 - 5 / step, "gap": rate / step, "num_seeds": 2}
        for rate in (0.01, 0.1)
        for step in (1, 10, 100, 1000)
    ]
)


@cache
def closing(num_rows: int = 8, optimum: float = 44.5, rates: tuple[float, ...] = (0.01, 0.1)) -> dict[str, Any]:
    return charts.closing_chart(CLOSING.head(num_rows), optimum, rates=list(rates), num_steps=1000).to_dict()


EVERY_CHART = {
    "nothing yet": lambda: closing(0),
    "one point": lambda: closing(1),
    "complete": closing,
    "as many rates as there may be": lambda: closing(rates=(0.003, 0.01, 0.03, 0.05, 0.1)),
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)


def curves(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The measured lines."""
    return [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]


@every_chart
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    assert "NaN" not in json.dumps(spec)


@every_chart
def test_axes_have_words_and_labels_large_enough_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    axes = [
        (channel, layer["encoding"][channel])
        for layer in layers(spec)
        for channel in "xy"
        if layer["encoding"].get(channel, {}).get("axis")
    ]
    titles = {(channel, encoding["title"]) for channel, encoding in axes if encoding["title"]}
    assert titles == {
        ("x", "Training step (logarithmic)"),
        ("y", "Memorized, C"),
        ("y", "Loss above optimum (nats)"),
    }
    assert min(encoding["axis"]["labelFontSize"] for _, encoding in axes) >= 14
    assert min(encoding["axis"]["titleFontSize"] for _, encoding in axes) >= 16
    legends = [layer["encoding"].get("color", {}).get("legend") for layer in layers(spec)]
    assert min(legend["labelFontSize"] for legend in legends if legend) >= 14


@every_chart
def test_a_legend_names_the_curves_each_of_another_colour(make: Any) -> None:
    [scale] = {
        json.dumps(layer["encoding"]["color"]["scale"])
        for layer in layers(make())
        if "scale" in layer["encoding"].get("color", {})
    }
    names, colours = json.loads(scale)["domain"], json.loads(scale)["range"]
    assert len(set(colours[: len(names)])) == len(names)


def test_both_panels_are_over_the_same_steps_from_the_first() -> None:
    for spec in (closing(0), closing()):
        upper, lower = spec["vconcat"]
        assert domain(upper, "x") == domain(lower, "x") == (1, 1000)
        assert {
            layer["encoding"]["x"]["scale"]["type"]
            for layer in layers(spec)
            if "scale" in layer["encoding"].get("x", {})
        } == {"log"}
        labels = [
            {
                layer["encoding"]["x"]["axis"]["labels"]
                for layer in layers(panel)
                if "axis" in layer["encoding"].get("x", {})
            }
            for panel in (upper, lower)
        ]
        assert labels == [{False}, {True}]  # only the last has its numbers
        extents = {
            layer["encoding"]["y"]["axis"]["minExtent"]
            for layer in layers(spec)
            if "axis" in layer["encoding"].get("y", {})
        }
        assert len(extents) == 1  # their left edges are in line


def test_the_upper_panel_has_c_with_the_optimum_as_a_line_and_the_lower_the_gap() -> None:
    spec = closing()
    upper, lower = spec["vconcat"]
    [line] = curves(upper)
    assert line["encoding"]["y"]["field"] == "memorized"
    assert data_of(spec, line)["memorized"].tolist() == pytest.approx(CLOSING["memorized"].tolist())
    [rule] = of_mark(upper, type="rule")
    assert data_of(spec, rule)["memorized"].tolist() == [44.5]
    assert domain(upper, "y")[1] > 44.5
    [line] = curves(lower)
    assert data_of(spec, line)[line["encoding"]["y"]["field"]].tolist() == pytest.approx(CLOSING["gap"].tolist())
    assert of_mark(lower, type="rule") == []


def test_a_gap_that_is_but_rounding_is_not_drawn() -> None:
    gaps = [1.0, SMALLEST_GAP, 1e-7, 1e-7, 0.0, -1e-7, -1e-7, 2e-6]
    spec = charts.closing_chart(CLOSING.assign(gap=gaps), 44.5, rates=[0.01, 0.1], num_steps=1000).to_dict()
    [line] = curves(spec["vconcat"][1])
    found = data_of(spec, line)[line["encoding"]["y"]["field"]]
    assert found.dropna().tolist() == [1.0, SMALLEST_GAP, 2e-6]
    assert domain(spec["vconcat"][1], "y") == (SMALLEST_GAP, 10)
    told = [tip["field"] for layer in layers(spec["vconcat"][1]) for tip in layer["encoding"].get("tooltip", [])]
    assert "gap" in told  # as it is


@pytest.mark.parametrize(("gap", "end"), [(9.9, 10), (10.1, 100), (12_345.0, 100_000)])
def test_the_axis_of_the_loss_ends_above_every_loss(gap: float, end: float) -> None:
    points = CLOSING.assign(gap=gap)
    spec = charts.closing_chart(points, 44.5, rates=[0.01, 0.1], num_steps=1000).to_dict()
    assert domain(spec["vconcat"][1], "y")[1] == end
    assert "clamp" not in json.dumps(spec)


def test_the_optimum_has_a_name_and_a_colour_that_no_rate_has() -> None:
    spec = closing()
    [rule] = of_mark(spec["vconcat"][0], type="rule")
    assert rule["mark"]["color"] not in charts.PALETTE
    [name] = of_mark(spec["vconcat"][0], type="text")
    assert data_of(spec, name)["label"].tolist() == ["exact optimum"]


def test_c_above_the_optimum_is_not_cut_off() -> None:
    spec = charts.closing_chart(CLOSING.assign(memorized=50.0), 44.5, rates=[0.01, 0.1], num_steps=1000).to_dict()
    assert domain(spec["vconcat"][0], "y")[1] > 50


def test_rates_keep_their_colours_while_others_are_still_to_come() -> None:
    colour = curves(closing(1)["vconcat"][0])[0]["encoding"]["color"]
    assert colour == curves(closing(8)["vconcat"][0])[0]["encoding"]["color"]
    assert colour["scale"]["domain"] == ["η = 0.01", "η = 0.1"]
