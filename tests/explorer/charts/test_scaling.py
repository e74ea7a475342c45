"""The chart of the view Scaling as Vega-Lite reads it."""

import math
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from core import SweepConfig
from explorer import charts, frames
from explorer.charts.scaling import FARTHEST, STEP
from explorer.jobs import Row
from tests.explorer.charts.spec import data_of, layers, of_mark
from tests.explorer.frames.rows import limits_row, row

SIZES = (10, 20, 40, 80, 400)
DIMS, CLASSES = (3, 6, 20), (2, 10)


def counts(n: int, v: int, seed: int) -> list[int]:
    """C at each N: everything up to some N."""
    room = n * v // 2 + 10 + seed
    return [min(size, room) for size in SIZES]


def rows_of(by: str, dims: tuple[int, ...], classes: tuple[int, ...], num_seeds: int) -> list[Row]:
    rows: list[Row] = []
    for n in dims:
        for v in classes:
            for seed in range(num_seeds):
                for size, c in zip(SIZES, counts(n, v, seed), strict=True):
                    verdict = "separable" if c == size else "not separable"
                    rows.append(
                        row(n, size, seed, c, num_classes=v)
                        if by == "trained"
                        else limits_row(n, size, seed, c, verdict, num_classes=v)
                    )
    return rows


@cache
def chart(
    by: frames.CapacityKind = "trained",
    along: str = "input_dim",
    dims: tuple[int, ...] = DIMS,
    classes: tuple[int, ...] = CLASSES,
    num_seeds: int = 3,
    share: float = 1.0,
) -> dict[str, Any]:
    """As it is once this share of all rows is there."""
    configs = [SweepConfig((n,), v, SIZES, seeds=range(num_seeds)) for v in classes for n in dims]
    rows = rows_of(by, dims, classes, num_seeds)
    scaling = frames.scaling_frame(rows[: int(share * len(rows))], configs, by)
    lines = frames.line_frame(frames.slope_frame(scaling), dims, classes, along=along, bias=True)
    sizes, curves = (dims, classes) if along == "input_dim" else (classes, dims)
    drawn = charts.scaling_chart(scaling, lines, along=along, sizes=list(sizes), curves=list(curves))
    return charts.spec(drawn)  # validates against Vega-Lite's schema


def panels(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    upper, lower = ({**panel, "datasets": spec["datasets"]} for panel in spec["vconcat"])
    return upper, lower


def scale_of(panel: dict[str, Any], channel: str) -> dict[str, Any]:
    [found] = {
        str(each): each
        for layer in layers(panel)
        if (each := layer["encoding"].get(channel, {}).get("scale")) is not None
    }.values()
    return dict(found)


@pytest.mark.parametrize("by", ["trained", "separable"])
@pytest.mark.parametrize("along", ["input_dim", "num_classes"])
@pytest.mark.parametrize(
    ("dims", "classes", "num_seeds", "share"),
    [
        (DIMS, CLASSES, 3, 0.0),
        (DIMS, CLASSES, 3, 0.4),
        (DIMS, CLASSES, 3, 1.0),
        (DIMS, CLASSES, 1, 1.0),
        ((3,), (10,), 2, 1.0),
        ((1, 512), (2, 100), 1, 1.0),
        (tuple(range(1, 9)), tuple(range(2, 10)), 1, 1.0),
    ],
    ids=["nothing yet", "filling", "complete", "one seed", "one layer", "far apart", "as many as there may be"],
)
def test_a_chart_is_valid_vega_lite(
    by: frames.CapacityKind, along: str, dims: tuple[int, ...], classes: tuple[int, ...], num_seeds: int, share: float
) -> None:
    spec = chart(by, along, dims, classes, num_seeds, share)
    alt.VConcatChart.from_dict({key: value for key, value in spec.items() if key != "$schema"})
    assert "NaN" not in str(spec)
    assert spec["autosize"]["type"] == "fit-x"


@pytest.mark.parametrize("along", ["input_dim", "num_classes"])
def test_while_it_fills_size_axis_colours_and_names_stay(along: str) -> None:
    begun, ended = (panels(chart(along=along, share=share)) for share in (0.0, 1.0))
    for before, after in zip(begun, ended, strict=True):
        for channel in ("x", "color"):
            assert scale_of(before, channel) == scale_of(after, channel)
    names = [data_of(panel, of_mark(panel, type="text")[0])[["curve", "mean"]] for panel in (begun[0], ended[0])]
    pd.testing.assert_frame_equal(*names)


def test_each_curve_carries_its_name_at_the_end_of_theory() -> None:
    upper, _ = panels(chart())
    [names] = of_mark(upper, type="text")
    found = data_of(upper, names)
    assert found["curve"].tolist() == ["V = 2", "V = 10"]
    assert (found["input_dim"] == max(DIMS)).all()
    upper, _ = panels(chart(along="num_classes"))
    assert data_of(upper, of_mark(upper, type="text")[0])["curve"].tolist() == ["n = 3", "n = 6", "n = 20"]


def test_names_of_close_curves_stand_apart() -> None:
    upper, _ = panels(chart(classes=tuple(range(20, 28)), num_seeds=1))
    heights = np.log10(data_of(upper, of_mark(upper, type="text")[0])["mean"].to_numpy())
    low, high = np.log10(scale_of(upper, "y")["domain"])
    pixels = np.diff(heights) / (high - low) * upper["height"]
    assert (pixels > 17.5).all()  # of a font of 16


def test_theory_is_dashed_and_the_fit_is_not_and_both_go_from_end_to_end() -> None:
    upper, _ = panels(chart())
    theory, fit = of_mark(upper, type="line")
    assert (theory["encoding"]["y"]["field"], fit["encoding"]["y"]["field"]) == ("theory", "fit")
    assert "strokeDash" in theory["mark"]
    assert "strokeDash" not in fit["mark"]
    for line in (theory, fit):
        assert set(data_of(upper, line)["input_dim"]) >= set(DIMS)


def test_both_axes_of_capacity_are_logarithmic_and_hold_all_that_is_shown() -> None:
    for along in ("input_dim", "num_classes"):
        upper, _ = panels(chart(along=along))
        marks = data_of(upper, of_mark(upper, type="point")[0])
        for channel, columns in (("x", [along]), ("y", ["capacity", "theory"])):
            scale = scale_of(upper, channel)
            assert scale["type"] == "log"
            low, high = scale["domain"]
            assert 0 < low < marks[columns].min().min() <= marks[columns].max().max() < high


def test_ticks_of_capacity_are_round_numbers() -> None:
    upper, _ = panels(chart())
    [axis] = [layer["encoding"]["y"]["axis"] for layer in layers(upper) if layer["encoding"]["y"].get("axis")]
    assert {10, 20, 50, 100} <= set(axis["values"])
    assert all(str(tick).rstrip("0") in "125" for tick in axis["values"])


def test_the_sizes_are_the_ticks() -> None:
    _, lower = panels(chart())
    axes = [layer["encoding"]["x"]["axis"] for layer in layers(lower) if layer["encoding"].get("x", {}).get("axis")]
    assert {tuple(axis["values"]) for axis in axes} == {DIMS}


def test_residuals_of_one_size_stand_side_by_side_around_it() -> None:
    _, lower = panels(chart())
    marks = data_of(lower, of_mark(lower, type="point")[0])
    for place, n in enumerate(DIMS):  # rows come by V, then by n
        few, many = marks["input_dim"].iloc[[place, place + len(DIMS)]]
        assert few < n < many
        assert math.sqrt(few * many) == pytest.approx(n)


def test_the_lower_axis_holds_all_residuals_and_theory() -> None:
    _, lower = panels(chart())
    low, high = scale_of(lower, "y")["domain"]
    residuals = data_of(lower, of_mark(lower, type="point")[0])["residual"]
    assert low <= min(0, residuals.min()) < max(0, residuals.max()) <= high
    [zero] = [rule for rule in of_mark(lower, type="rule") if "strokeDash" in rule["mark"]]
    assert data_of(lower, zero)["residual"].tolist() == [0]


def intervals(spec: dict[str, Any]) -> list[int]:
    """How many intervals each layer of them has, without theory's line."""
    rules = [rule for rule in of_mark(spec, type="rule") if "strokeDash" not in rule["mark"]]
    return [len(data_of(spec, rule)) for rule in rules]


def test_intervals_are_there_only_where_they_are_known() -> None:
    layers_ = len(DIMS) * len(CLASSES)
    assert intervals(chart()) == [0, layers_, layers_]  # no empirical threshold of what is trained
    assert intervals(chart(num_seeds=1)) == [0, 0, 0]
    assert intervals(chart("separable")) == [layers_, layers_, layers_]
    assert intervals(chart("separable", num_seeds=1)) == [layers_, 0, 0]


def test_an_interval_that_goes_far_is_cut_off() -> None:
    """A logarithmic axis has no 0, and one interval of two seeds must not flatten all the others."""
    config = SweepConfig((3,), 10, SIZES)
    scaling = frames.scaling_frame(rows_of("trained", (3,), (10,), 1), [config], "trained")
    scaling = scaling.assign(low=-5.0, high=60.0, residual_low=-150.0, residual_high=200.0)
    lines = frames.line_frame(frames.slope_frame(scaling), (3,), (10,), along="input_dim", bias=True)
    drawn = charts.scaling_chart(scaling, lines, along="input_dim", sizes=[3], curves=[10])
    upper, lower = panels(charts.spec(drawn))
    [low, high] = scale_of(upper, "y")["domain"]
    assert data_of(upper, of_mark(upper, type="rule")[-1])["low"].tolist() == [low]
    low, high = scale_of(lower, "y")["domain"]
    assert high - low <= 2 * FARTHEST + 2 * STEP + abs(scaling["residual"].iloc[0])
    assert all(mark["mark"]["clip"] for mark in of_mark(lower, type="rule") if "strokeDash" not in mark["mark"])


@pytest.mark.parametrize(
    ("bound", "shape"), [("", "circle"), ("at least", "triangle-up"), ("at most", "triangle-down")]
)
def test_a_bound_is_a_hollow_triangle_that_points_to_where_the_capacity_is(bound: str, shape: str) -> None:
    for panel in panels(chart()):
        [marks] = of_mark(panel, type="point")
        scale = marks["encoding"]["shape"]["scale"]
        assert dict(zip(scale["domain"], scale["range"], strict=True))[bound] == shape
        condition = marks["encoding"]["fillOpacity"]
        assert (condition["condition"]["test"], condition["condition"]["value"]) == ("datum.bound === ''", 1)
        assert condition["value"] == 0


def test_letters_are_large_enough_for_the_back_of_the_room() -> None:
    spec = chart()
    axes = [each for layer in layers(spec) for c in "xy" if (each := layer["encoding"].get(c, {}).get("axis"))]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16
    assert min(layer["mark"]["fontSize"] for layer in of_mark(spec, type="text")) >= 15
