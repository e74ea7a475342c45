"""Ours over the published points, as Vega-Lite reads it."""

import json
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts, frames
from tests.explorer.charts.spec import data_of, layers, of_mark
from tests.explorer.frames.rows import row, table

DIMS, SIZES = (10, 20), (100, 200, 300)
FIGURE = pd.DataFrame(
    [(n, size, n + size / 10, (n, size) == (20, 300)) for n in DIMS for size in SIZES],
    columns=["input_dim", "num_samples", "published", "is_odd"],
)


def points(num_seeds: int, quantity: Any = "num_memorized") -> pd.DataFrame:
    """Ours, 8 and 12 above the published points of `FIGURE`; the odd one far below."""
    rows = [
        row(n, size, seed, int(n + size / 10 + 8 + 4 * seed - 900 * (size == 300) * (n == 20)), sharpness=n + size / 10)
        for n in DIMS
        for size in SIZES
        for seed in range(num_seeds)
    ]
    return frames.residual_frame(table(rows), quantity, FIGURE)


@cache
def figure_1(num_seeds: int = 2) -> dict[str, Any]:
    return charts.figure_1_chart(points(num_seeds), input_dims=DIMS, end=300, num_seeds=max(num_seeds, 1)).to_dict()


@cache
def figure_2(num_seeds: int = 2) -> dict[str, Any]:
    both = (points(num_seeds, quantity).query("input_dim == 10") for quantity in ("num_memorized", "sharpness"))
    return charts.figure_2_chart(*both, end=300, num_seeds=max(num_seeds, 1)).to_dict()


EVERY_CHART = {
    "figure 1, nothing yet": lambda: figure_1(0),
    "figure 1, one seed": lambda: figure_1(1),
    "figure 1": figure_1,
    "figure 2, nothing yet": lambda: figure_2(0),
    "figure 2": figure_2,
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)


@every_chart
def test_a_chart_is_valid_vega_lite_with_labels_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    axes = [
        layer["encoding"][channel]["axis"]
        for layer in layers(spec)
        for channel in "xy"
        if layer["encoding"].get(channel, {}).get("axis")
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16


@pytest.mark.parametrize(("make", "num_panels"), [(figure_1, 1 + len(DIMS)), (figure_2, 4)])
def test_each_curve_has_a_panel_of_what_is_left_on_the_same_axis(make: Any, num_panels: int) -> None:
    spec = make()
    assert len(spec["vconcat"]) == num_panels
    assert spec["resolve"]["scale"]["x"] == "shared"
    bars = [layer for layer in of_mark(spec, type="rule") if layer["encoding"].get("y2", {}).get("field") == "zero"]
    assert sum(len(data_of(spec, layer)) for layer in bars) == 6
    for layer in bars:
        data = data_of(spec, layer)
        assert data["residual"].tolist() == pytest.approx((data["mean"] - data["published"]).tolist())


def test_what_is_published_is_a_hollow_diamond_and_ours_a_solid_line() -> None:
    for spec in (figure_1(), figure_2()):
        diamonds = of_mark(spec, type="point", shape="diamond")
        assert diamonds
        assert all(not layer["mark"]["filled"] and layer["encoding"]["y"]["field"] == "published" for layer in diamonds)
        lines = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
        assert {layer["encoding"]["y"]["field"] for layer in lines} == {"mean"}


def test_one_axis_holds_all_residuals_that_count_and_the_odd_one_is_a_cross_at_its_end() -> None:
    spec = figure_1()
    scales = [layer["encoding"]["y"]["scale"] for layer in of_mark(spec, type="rule") if "y2" in layer["encoding"]]
    [ends] = {tuple(scale["domain"]) for scale in scales}
    assert all(scale["clamp"] for scale in scales)
    counted = points(2).query("not is_odd")
    largest = max(counted["residual"].abs().max(), counted["reach"].max())
    assert ends == (-ends[1], pytest.approx(1.15 * largest))
    [shape] = {json.dumps(layer["encoding"]["shape"]) for layer in layers(spec) if "shape" in layer["encoding"]}
    assert json.loads(shape)["condition"] == {"test": "datum.is_odd", "value": "cross"}


def test_with_one_seed_there_is_no_band_of_curves() -> None:
    with_band, without = (
        [layer for layer in of_mark(figure_1(count), type="area") if layer["encoding"]["y"]["field"] == "low"]
        for count in (2, 1)
    )
    assert len(with_band) == len(without) + 1  # those of the residuals have no height
