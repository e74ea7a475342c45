"""The chart of C against N as Vega-Lite reads it."""

from typing import Any

import altair as alt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import SweepConfig
from explorer import charts, frames
from tests.explorer.charts.spec import as_json, data_of, domain, layers, of_mark, shown
from tests.explorer.frames.rows import limits_row

NO_PUBLISHED = frames.published_figure_1().head(0)
SIZES = (20, 40, 60, 80, 100)


def chart(
    memorized: dict[int, list[list[int]]],
    published: pd.DataFrame = NO_PUBLISHED,
    sizes: tuple[int, ...] = SIZES,
    optimum: dict[int, list[list[int]]] | None = None,
    *,
    with_theory: bool = False,
) -> dict[str, Any]:
    """The chart of curves given as n -> seed -> C at each N, as a checked Vega-Lite specification."""
    input_dims = list(memorized) or [10]
    solved = (
        None
        if optimum is None
        else [
            limits_row(n, size, seed, c)
            for n, seeds in optimum.items()
            for seed, counts in enumerate(seeds)
            for size, c in zip(sizes, counts, strict=False)
        ]
    )
    rows = [
        {"input_dim": n, "num_samples": size, "seed": seed, "num_memorized": c, "mean_loss": 1.0, "diverged": False}
        for n, seeds in memorized.items()
        for seed, counts in enumerate(seeds)
        for size, c in zip(sizes, counts, strict=False)
    ]
    runs = frames.runs_frame(rows)
    return charts.capacity_chart(
        frames.curve_frame(runs),
        frames.capacity_frame(frames.curve_frame(runs), runs, len(sizes)),
        published,
        input_dims=input_dims,
        max_num_samples=sizes[-1],
        num_seeds=max(map(len, memorized.values()), default=1),
        optimum=None if solved is None else frames.limit_points(frames.limits_frame(solved)),
        theory=frames.theory_of(SweepConfig(input_dims, 10, sizes)) if with_theory else None,
    )


ONE_CURVE = {10: [[20, 40, 57, 30, 20]]}
TWO_CURVES = {10: [[20, 38, 40, 30, 20], [20, 36, 42, 28, 26]], 20: [[20, 40, 60, 79, 80], [20, 40, 60, 80, 70]]}


# --- what is drawn ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "memorized",
    [
        {},
        {10: [[20]]},
        {1: [[3]], 512: [[20]]},
        ONE_CURVE,
        TWO_CURVES,
        {n: [[20, 38, 40, 30, 20]] * 3 for n in range(1, charts.MAX_CURVES + 1)},
    ],
    ids=[
        "nothing yet",
        "one point",
        "two points of two curves",
        "one curve",
        "two with bands",
        "as many as there may be",
    ],
)
@pytest.mark.parametrize("with_published", [False, True])
def test_a_chart_is_valid_vega_lite(memorized: dict[int, list[list[int]]], with_published: bool) -> None:
    spec = chart(memorized, frames.published_figure_1().query("num_samples <= 100") if with_published else NO_PUBLISHED)
    alt.Chart.from_dict(as_json(spec))
    assert spec["$schema"].endswith(".json")
    assert "NaN" not in str(spec)
    assert " nan" not in str(spec)


def test_a_chart_that_fills_keeps_its_n_axis_and_its_colours() -> None:
    """Else it would jump several times a second."""
    halves = [chart(ONE_CURVE | {20: [[20]]}), chart(TWO_CURVES)]
    for fixed in (lambda spec: domain(spec, "x"), lambda spec: of_mark(spec, type="line")[1]["encoding"]["color"]):
        assert fixed(halves[0]) == fixed(halves[1])


def test_axes_have_words_and_symbols() -> None:
    for spec in (chart({}), chart(TWO_CURVES, frames.published_figure_1())):
        titles = {
            channel: {
                layer["encoding"][channel].get("title")
                for layer in layers(spec)
                if layer["encoding"][channel].get("axis")
            }
            for channel in ("x", "y")
        }
        assert titles == {"x": {"Samples to memorize, N"}, "y": {"Samples memorized, C"}}


def test_labels_of_axes_are_large_enough_for_the_back_of_the_room() -> None:
    axes = [
        layer["encoding"][c]["axis"]
        for layer in layers(chart(ONE_CURVE))
        for c in "xy"
        if "axis" in layer["encoding"][c]
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16
    assert min(layer["mark"]["fontSize"] for layer in of_mark(chart(ONE_CURVE), type="text")) >= 14


def test_each_curve_carries_its_name_at_its_end() -> None:
    """So that colour is never the only way to tell curves apart."""
    spec = chart(TWO_CURVES)
    names = [layer for layer in of_mark(spec, type="text") if layer["encoding"]["text"]["field"] == "curve"]
    ends = data_of(spec, names[0])
    assert ends[["curve", "num_samples", "mean"]].values.tolist() == [["n = 10", 100, 23], ["n = 20", 100, 75]]


def test_each_curve_has_a_colour_of_its_own() -> None:
    spec = chart({n: [[20, 38]] for n in range(1, charts.MAX_CURVES + 1)})
    scale = of_mark(spec, type="line")[-1]["encoding"]["color"]["scale"]
    assert scale["domain"] == [f"n = {n}" for n in range(1, charts.MAX_CURVES + 1)]
    assert len(set(scale["range"])) == charts.MAX_CURVES


def test_the_line_of_the_mean_goes_through_the_means() -> None:
    spec = chart(TWO_CURVES)
    [line] = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
    data = data_of(spec, line).query("input_dim == 10")
    assert line["encoding"]["y"]["field"] == "mean"
    assert data["mean"].tolist() == [20, 37, 41, 29, 23]


def test_a_band_is_there_only_where_there_are_several_seeds() -> None:
    assert of_mark(chart(ONE_CURVE), type="area") == []
    [band] = of_mark(chart(TWO_CURVES), type="area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")


def test_capacities_are_marked_only_where_they_are_known() -> None:
    below = {10: [[20, 40, 60, 80, 100]]}
    spec = chart(ONE_CURVE | {20: [[20, 40, 60, 80, 100]]})
    [circles] = of_mark(spec, shape="circle")
    marked = data_of(spec, circles)
    assert marked["curve"].tolist() == ["n = 10"]
    assert (marked["num_samples"] == marked["mean"]).all()  # on the line C = N
    assert of_mark(chart(below), shape="circle") == []
    assert of_mark(chart({10: [[20, 40]]}), shape="circle") == []


def test_published_curves_are_drawn_only_if_given() -> None:
    assert of_mark(chart(ONE_CURVE), shape="diamond") == []
    given_ = frames.published_figure_1().query("input_dim == 10 and num_samples <= 100")
    spec = chart(ONE_CURVE, given_)
    [diamonds] = of_mark(spec, shape="diamond")
    drawn = data_of(spec, diamonds)
    assert drawn["memorized"].tolist() == given_["memorized"].tolist()
    assert set(drawn["source"]) == {"Liu (2026), Figure 1"}
    curve = next(layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"])
    assert diamonds["encoding"]["color"]["scale"] == curve["encoding"]["color"]["scale"]


def test_the_line_of_all_memorized_is_there_from_the_start() -> None:
    spec = chart({})
    [dashed] = [layer for layer in of_mark(spec, type="line") if "strokeDash" in layer["mark"]]
    ends = data_of(spec, dashed)
    assert (ends["num_samples"] == ends["mean"]).all()
    assert ends["mean"].max() <= domain(spec, "y")[1]
    assert any("C = N" in str(data_of(spec, layer).to_dict()) for layer in of_mark(spec, type="text"))


# --- exact limits -----------------------------------------------------------------------------------------------------

OPTIMUM = {10: [[20, 40, 50, 40, 35], [20, 40, 52, 42, 33]], 20: [[20, 40, 60, 80, 88]]}


def test_without_layers_nothing_of_limits_is_drawn() -> None:
    spec = chart(TWO_CURVES)
    assert of_mark(spec, shape="square") == of_mark(spec, shape="cross") == []
    assert len([layer for layer in of_mark(spec, type="line") if "strokeDash" in layer["mark"]]) == 1


def test_the_optimum_is_hollow_squares_in_the_colour_of_their_curve() -> None:
    spec = chart(TWO_CURVES, optimum=OPTIMUM)
    alt.Chart.from_dict(as_json(spec))
    [squares] = of_mark(spec, shape="square")
    drawn = data_of(spec, squares)
    assert not squares["mark"]["filled"]
    assert squares["encoding"]["y"]["field"] == "mean"
    assert drawn[drawn["curve"] == "n = 10"]["mean"].tolist() == [20, 40, 51, 41, 34]
    assert drawn[drawn["curve"] == "n = 20"]["mean"].tolist() == [20, 40, 60, 80, 88]
    line = next(layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"])
    assert squares["encoding"]["color"] == line["encoding"]["color"]
    assert of_mark(chart(TWO_CURVES, optimum={}), shape="square") == []  # none of them is there yet


def test_theory_is_dashes_and_a_cross_on_the_line_of_all_memorized_for_each_curve() -> None:
    spec = chart(TWO_CURVES, with_theory=True)
    alt.Chart.from_dict(as_json(spec))
    curves, thresholds = frames.theory_of(SweepConfig((10, 20), 10, SIZES))
    [dashes] = [
        layer
        for layer in of_mark(spec, type="line")
        if "strokeDash" in layer["mark"] and layer["encoding"]["y"]["field"] == "optimum"
    ]
    assert data_of(spec, dashes)["optimum"].tolist() == pytest.approx(curves["optimum"].tolist())
    [crosses] = of_mark(spec, shape="cross")
    drawn = data_of(spec, crosses)
    assert drawn["num_samples"].tolist() == pytest.approx(thresholds["num_samples"].tolist())
    assert crosses["encoding"]["x"]["field"] == crosses["encoding"]["y"]["field"] == "num_samples"
    for layer in (dashes, crosses):
        assert set(data_of(spec, layer)["curve"]) == {"n = 10", "n = 20"}
        assert layer["mark"]["clip"]  # a threshold may lie beyond the axis


def test_theory_is_there_before_the_first_point_and_does_not_move_the_n_axis() -> None:
    spec = chart({}, with_theory=True)
    assert of_mark(spec, shape="cross")
    assert domain(spec, "x") == domain(chart({}), "x")


def test_each_axis_keeps_its_one_title_whatever_is_drawn() -> None:
    spec = chart(TWO_CURVES, frames.published_figure_1().head(9), optimum=OPTIMUM, with_theory=True)
    titles = {
        (channel, layer["encoding"][channel]["title"])
        for layer in layers(spec)
        for channel in "xy"
        if layer["encoding"].get(channel, {}).get("axis")
    }
    assert titles == {("x", "Samples to memorize, N"), ("y", "Samples memorized, C")}


def test_an_optimum_far_above_training_is_not_cut_off() -> None:
    spec = chart({10: [[5, 5, 5, 5, 5]]}, optimum={10: [[20, 40, 60, 70, 75]]})
    assert domain(spec, "y")[1] >= 75


# --- nothing is cut off -----------------------------------------------------------------------------------------------


def test_a_capacity_far_above_its_curve_still_lies_on_the_chart() -> None:
    """All of 180 memorized and 60 of 1,000: the knee is read off at 223, where no point of the curve is."""
    spec = chart({10: [[180, 60]]}, sizes=(180, 1000))
    [circles] = of_mark(spec, shape="circle")
    assert data_of(spec, circles)["mean"].max() < domain(spec, "y")[1]


@st.composite
def curves(draw: st.DrawFn) -> tuple[dict[int, list[list[int]]], tuple[int, ...]]:
    sizes = tuple(sorted(draw(st.sets(st.integers(1, 20_000), min_size=1, max_size=6))))
    dims = draw(st.sets(st.integers(1, 512), min_size=1, max_size=3))
    seeds = draw(st.integers(1, 3))
    curve = st.tuples(*(st.integers(0, size) for size in sizes)).map(list)
    return {n: [draw(curve) for _ in range(seeds)] for n in sorted(dims)}, sizes


@settings(max_examples=12)
@given(curves(), st.booleans())
def test_no_axis_ends_below_a_value_that_is_shown(
    drawn: tuple[dict[int, list[list[int]]], tuple[int, ...]], with_published: bool
) -> None:
    memorized, sizes = drawn
    published = frames.published_figure_1()
    published = published[published["num_samples"] <= sizes[-1]] if with_published else NO_PUBLISHED
    spec = chart(memorized, published, sizes)
    for channel in "xy":
        low, high = domain(spec, channel)
        values = shown(spec, channel)
        assert low == 0 <= values.min()
        assert values.max() <= high * (1 + 1e-12), channel
    assert domain(spec, "y")[1] <= sizes[-1]  # no more than can be memorized
