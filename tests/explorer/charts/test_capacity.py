"""Charts as Vega-Lite reads them, and their colours as eyes see them."""

import itertools
import tomllib
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer import charts, frames
from tests.serving import ROOT
from tests.test_setup import contrast

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
NO_PUBLISHED = frames.published_figure_1().head(0)
SIZES = (20, 40, 60, 80, 100)


def chart(
    memorized: dict[int, list[list[int]]], published: pd.DataFrame = NO_PUBLISHED, sizes: tuple[int, ...] = SIZES
) -> dict[str, Any]:
    """The chart of curves given as n -> seed -> C at each N, as a checked Vega-Lite specification."""
    rows = [
        {"input_dim": n, "num_samples": size, "seed": seed, "num_memorized": c, "mean_loss": 1.0, "diverged": False}
        for n, seeds in memorized.items()
        for seed, counts in enumerate(seeds)
        for size, c in zip(sizes, counts, strict=False)
    ]
    runs = frames.runs_frame(rows)
    return charts.capacity_chart(
        frames.curve_frame(runs),
        frames.capacity_frame(runs, len(sizes)),
        published,
        input_dims=list(memorized) or [10],
        max_num_samples=sizes[-1],
        num_seeds=max(map(len, memorized.values()), default=1),
    ).to_dict()  # validates against Vega-Lite's schema


ONE_CURVE = {10: [[20, 40, 57, 30, 20]]}
TWO_CURVES = {10: [[20, 38, 40, 30, 20], [20, 36, 42, 28, 26]], 20: [[20, 40, 60, 79, 80], [20, 40, 60, 80, 70]]}


def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All layers, however deep they are nested."""
    nested = spec.get("layer")
    return [spec] if nested is None else [each for layer in nested for each in layers(layer)]


def of_mark(spec: dict[str, Any], **properties: Any) -> list[dict[str, Any]]:
    return [layer for layer in layers(spec) if properties.items() <= layer["mark"].items()]


def data_of(spec: dict[str, Any], layer: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(spec["datasets"][layer["data"]["name"]])


def shown(spec: dict[str, Any], channel: str) -> NDArray[np.float64]:
    """All values that any layer puts on an axis."""
    values: list[float] = []
    for layer in layers(spec):
        data = data_of(spec, layer)
        names = [layer["encoding"][key]["field"] for key in (channel, f"{channel}2") if key in layer["encoding"]]
        for name in names:
            if len(data):
                values += data[name].dropna().tolist()
    return np.array(values)


def domain(spec: dict[str, Any], channel: str) -> tuple[float, float]:
    domains = {
        tuple(layer["encoding"][channel]["scale"]["domain"])
        for layer in layers(spec)
        if "scale" in layer["encoding"].get(channel, {})
    }
    [only] = domains
    return only


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
    alt.Chart.from_dict(spec)  # once more, from outside
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
    assert data_of(chart(below), of_mark(chart(below), shape="circle")[0]).empty
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


# --- colours ----------------------------------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0; they act on linear RGB.
EYES = {
    "common": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
TOLD_APART = 10.0  # of CIELAB's distance, in which about 2.3 can just be told apart side by side


def linear(colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eyes: str) -> NDArray[np.float64]:
    """CIELAB coordinates (D65) of a colour as these eyes see it."""
    xyz = RGB_TO_XYZ @ np.clip(EYES[eyes] @ linear(colour), 0, 1) / RGB_TO_XYZ.sum(1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, eyes: str) -> float:
    return float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))


def test_the_measure_of_colours_is_right() -> None:
    np.testing.assert_allclose(lab("#ffffff", "common"), [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(lab("#ff0000", "common"), [53.24, 80.09, 67.20], atol=0.02)
    for eyes in EYES:  # greys stay greys
        np.testing.assert_allclose(lab("#808080", eyes), [53.59, 0, 0], atol=0.1)
    assert distance("#ff0000", "#00a000", "deuteranopia") < distance("#ff0000", "#00a000", "common") / 2


@pytest.mark.parametrize("eyes", EYES)
def test_curves_can_be_told_apart_by_all_eyes(eyes: str) -> None:
    distances = {pair: distance(*pair, eyes) for pair in itertools.combinations(charts.PALETTE[:4], 2)}
    assert min(distances.values()) > TOLD_APART, distances


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", [*charts.PALETTE, charts.GUIDE])
def test_a_curve_stands_out_from_the_background(theme: str, colour: str) -> None:
    """With a contrast of 3 to 1, which WCAG 2.2 asks of shapes that carry meaning."""
    assert contrast(colour, THEMES[theme]["backgroundColor"]) >= 3
