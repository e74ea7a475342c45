"""The charts of bits as Vega-Lite reads them."""

import math
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.memorization import BITS
from explorer import charts, frames
from tests.explorer.charts.spec import data_of, domain, layers, of_mark, shown

SIZES = (20, 100, 180, 300)
GUIDES = frames.Guides(a_sample=0.01, threshold=180.0, far_tail=0.65, published=3.6)  # all bits: 1.8 at the threshold
LIU = [[0.2, 1.0, 1.5, 0.7], [0.2, 1.0, 1.3, 0.9]]  # seed -> bits at each N


def points(liu: list[list[float]], of: str = "trained", sizes: tuple[int, ...] = SIZES) -> pd.DataFrame:
    """Of curves that lie 0.1 higher by each next definition."""
    names = ["of", "definition", "input_dim", "num_classes", "num_samples", "seed", "bits"]
    rows = [
        [of, name, 3, 4, size, seed, value + 0.1 * place]
        for place, name in enumerate(BITS)
        for seed, curve in enumerate(liu)
        for size, value in zip(sizes, curve, strict=False)
    ]
    return frames.bits_points(pd.DataFrame(rows, columns=names), 1)


def chart(points: pd.DataFrame, guides: frames.Guides = GUIDES, **others: Any) -> dict[str, Any]:
    """A checked Vega-Lite specification."""
    settings: dict[str, Any] = {
        "theory": None,
        "title": "Bits per parameter",
        "num_samples": (SIZES[0], SIZES[-1]),
        "is_logarithmic": False,
        "num_seeds": 2,
    } | others
    return charts.bits_chart(points, guides=guides, **settings).to_dict()


def names_in(spec: dict[str, Any]) -> set[str]:
    """All words that are written into the chart."""
    texts = of_mark(spec, type="text")
    return {text for layer in texts for text in data_of(spec, layer)[layer["encoding"]["text"]["field"]]}


def guides_in(spec: dict[str, Any]) -> dict[str, list[int]]:
    """The names of the grey lines, outside, and their dashes."""
    [named] = [layer for layer in layers(spec) if "strokeDash" in layer["encoding"]]
    scale = named["encoding"]["strokeDash"]["scale"]
    assert data_of(spec, named)["name"].tolist() == scale["domain"]
    return dict(zip(scale["domain"], scale["range"], strict=True))


def levels_in(spec: dict[str, Any]) -> dict[float, list[int]]:
    """The heights of the grey lines along the axis, and their dashes."""
    rules = [layer for layer in of_mark(spec, type="rule", color=charts.GUIDE) if "strokeDash" in layer["mark"]]
    return {data_of(spec, layer)["mean"][0]: layer["mark"]["strokeDash"] for layer in rules}


def titles_of(spec: dict[str, Any]) -> dict[str, set[str]]:
    return {
        channel: {
            layer["encoding"][channel]["title"]
            for layer in layers(spec)
            if layer["encoding"].get(channel, {}).get("axis")
        }
        for channel in ("x", "y")
    }


# --- against N --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_logarithmic", [False, True])
@pytest.mark.parametrize(
    "liu", [[], [[0.2]], LIU, [[0.2, 1.0, -9.0, -30.0]]], ids=["nothing yet", "1", "2", "negative"]
)
def test_a_chart_is_valid_vega_lite(liu: list[list[float]], is_logarithmic: bool) -> None:
    spec = chart(points(liu), is_logarithmic=is_logarithmic)
    alt.Chart.from_dict(spec)  # once more, from outside
    assert "NaN" not in str(spec)


def test_axes_have_words_symbols_and_units() -> None:
    assert titles_of(chart(points(LIU))) == {"x": {"Samples to memorize, N"}, "y": {"Bits per parameter"}}
    assert titles_of(chart(points([]), is_logarithmic=True))["x"] == {"Samples to memorize, N (logarithmic)"}


def test_each_definition_has_a_colour_and_its_name_at_its_end() -> None:
    spec = chart(points(LIU))
    [line] = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
    scale = line["encoding"]["color"]["scale"]
    assert scale["domain"] == ["Liu", "Morris", "Fano"]
    assert len(set(scale["range"])) == 3
    [names] = [layer for layer in of_mark(spec, type="text") if layer["encoding"]["text"]["field"] == "curve"]
    ends = data_of(spec, names)
    assert ends["curve"].tolist() == ["Liu", "Morris", "Fano"]  # from low to high
    assert set(ends["num_samples"]) == {300}
    data = data_of(spec, line)
    assert data[data["curve"] == "Liu"]["mean"].tolist() == pytest.approx([0.2, 1.0, 1.4, 0.8])


def test_a_band_is_there_only_where_there_are_several_seeds() -> None:
    assert of_mark(chart(points(LIU[:1]), num_seeds=1), type="area") == []
    [band] = of_mark(chart(points(LIU)), type="area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")


def test_the_optimum_and_theory_are_drawn_only_if_given_and_differ_from_what_is_trained() -> None:
    plain = chart(points(LIU))
    assert of_mark(plain, shape="square") == []
    assert len([layer for layer in of_mark(plain, type="line") if "strokeDash" in layer["mark"]]) == 1  # all bits
    both = pd.concat([points(LIU), points(LIU, of="optimum")])
    theory = pd.DataFrame({"num_samples": [1, 180], "bits": [0.01, 1.8]})
    spec = chart(both, theory=theory)
    [squares] = of_mark(spec, shape="square")
    assert set(data_of(spec, squares)["of"]) == {"optimum"}
    assert not squares["mark"]["filled"]
    [dashes] = [layer for layer in of_mark(spec, type="line") if layer["mark"].get("color") == charts.PALETTE[0]]
    assert data_of(spec, dashes)["bits"].tolist() == [0.01, 1.8]


def test_all_bits_of_the_labels_are_a_line_that_ends_with_the_axis() -> None:
    for is_logarithmic in (False, True):
        spec = chart(points(LIU), is_logarithmic=is_logarithmic)
        [dashed] = [layer for layer in of_mark(spec, type="line") if "strokeDash" in layer["mark"]]
        line = data_of(spec, dashed)
        np.testing.assert_allclose(line["mean"], 0.01 * line["num_samples"])
        assert line["mean"].max() == pytest.approx(domain(spec, "y")[1])
        assert guides_in(spec)["all bits"] == dashed["mark"]["strokeDash"]


def test_they_are_left_out_where_they_lie_beside_the_axis() -> None:
    far = points([[8.0]], sizes=(20_000,))
    spec = chart(far, GUIDES._replace(a_sample=0.1), num_samples=(20_000, 20_000), is_logarithmic=True)
    assert "all bits" not in guides_in(spec)
    low, high = domain(spec, "x")
    assert low < 20_000 < high  # though there is but one N


@pytest.mark.parametrize(("published", "words"), [(1.2, "1.2: transformers"), (3.6, "↑ 3.6: transformers")])
def test_what_is_published_is_a_line_or_an_arrow_to_where_it_lies(published: float, words: str) -> None:
    spec = chart(points(LIU), GUIDES._replace(published=published))
    assert any(name.startswith(words) and "published" in name for name in guides_in(spec))
    assert (published in levels_in(spec)) == (published < domain(spec, "y")[1])
    assert not any("published" in name for name in guides_in(chart(points(LIU), GUIDES._replace(published=None))))


def test_the_far_tail_is_drawn_where_the_axis_has_it_and_says_that_it_is_theory() -> None:
    spec = chart(points(LIU))
    assert levels_in(spec)[0.65] == guides_in(spec)["far tail (theory)"]
    far = chart(points(LIU), GUIDES._replace(far_tail=9.0))
    assert levels_in(far) == {}
    assert "far tail (theory)" not in guides_in(far)


def test_no_name_of_a_guide_stands_in_the_chart_where_curves_and_other_names_are() -> None:
    for spec, place in ((chart(points(LIU)), "top"), (parameters(capacities(140, 280)), "bottom")):
        [named] = [layer for layer in layers(spec) if "strokeDash" in layer["encoding"]]
        assert named["encoding"]["strokeDash"]["legend"]["orient"] == place
        assert not names_in(spec) & set(guides_in(spec))
    assert names_in(chart(points(LIU))) == {"Liu", "Morris", "Fano"}
    dashes = [tuple(dash) for dash in guides_in(chart(points(LIU))).values()]
    assert len(set(dashes)) == len(dashes) == 3


def test_a_curve_far_below_0_leaves_the_axis_and_keeps_its_name_there() -> None:
    spec = chart(points([[0.2, 1.0, -9.0, -30.0]]), num_seeds=1)
    low, high = domain(spec, "y")
    assert -high / 3 < low < 0
    [names] = [layer for layer in of_mark(spec, type="text") if layer["encoding"]["text"]["field"] == "curve"]
    assert (data_of(spec, names)["mean"] > low).all()
    for mark in ("line", "area"):
        assert all(layer["mark"]["clip"] for layer in of_mark(spec, type=mark) if "encoding" in layer)


def test_a_chart_that_fills_keeps_its_axes() -> None:
    """Else it would jump several times a second."""
    half, whole = chart(points([LIU[0][:2]])), chart(points(LIU))
    for channel in "xy":
        assert domain(half, channel) == domain(whole, channel)


@settings(max_examples=15)
@given(st.lists(st.lists(st.floats(0, 50), min_size=4, max_size=4), max_size=3), st.booleans())
def test_no_axis_ends_below_a_value_that_is_shown(liu: list[list[float]], is_logarithmic: bool) -> None:
    spec = chart(points(liu), is_logarithmic=is_logarithmic)
    for channel in "xy":
        values = shown(spec, channel)
        assert values.max() <= domain(spec, channel)[1] * (1 + 1e-9)


# --- against the number of parameters ---------------------------------------------------------------------------------


def capacities(*bits: float, **others: Any) -> pd.DataFrame:
    """A row of the table for each layer of n = 10, 20, ... and V = 10, and definition."""
    rows = [
        {
            "of": "trained",
            "definition": name,
            "input_dim": 10 * place,
            "num_classes": 10,
            "num_parameters": 10 * (10 * place + 1),
            "num_weights": 100 * place,
            "bits": most,
            "low": most - 5,
            "high": most + 5,
            "num_samples": 40 * place,
            "is_lower_bound": False,
            "is_complete": True,
            "last": 1.0,
            "num_seeds": 4,
            **others,
        }
        for place, most in enumerate(bits, start=1)
        for name in BITS
    ]
    table = frames.capacities_table(pd.DataFrame(rows, columns=frames.CAPACITY_COLUMNS), {})
    return table.assign(fit=1.3 * table["num_parameters"])


def parameters(table: pd.DataFrame, *, is_total: bool = True, across: str = "input_dim") -> dict[str, Any]:
    return charts.parameters_chart(
        table,
        3.6,
        title="Bits memorized" if is_total else "Bits per parameter",
        x_title="Parameters, V (n + 1)",
        across=across,
        num_parameters=[110, 210, 310],
        is_total=is_total,
    ).to_dict()


def marks_of(spec: dict[str, Any]) -> dict[str, Any]:
    [marks] = [layer for layer in of_mark(spec, type="point") if "fillOpacity" in layer["encoding"]]
    return marks


@pytest.mark.parametrize("table", [capacities(), capacities(140), capacities(140, 280, 410)])
@pytest.mark.parametrize("is_total", [False, True])
def test_a_chart_of_layers_is_valid_vega_lite(table: pd.DataFrame, is_total: bool) -> None:
    spec = parameters(table, is_total=is_total)
    alt.Chart.from_dict(spec)
    assert "NaN" not in str(spec)
    assert titles_of(spec)["x"] == {"Parameters, V (n + 1)"}


def test_definitions_are_told_apart_by_colour_and_by_shape_in_one_legend() -> None:
    encoding = marks_of(parameters(capacities(140, 280)))["encoding"]
    assert encoding["color"]["scale"] == encoding["fill"]["scale"]
    assert encoding["color"]["legend"] == encoding["shape"]["legend"] == encoding["fill"]["legend"]
    assert len(set(encoding["shape"]["scale"]["range"])) == 3


def test_the_marks_of_a_layer_stand_side_by_side_around_its_parameters() -> None:
    spec = parameters(capacities(140, 280))
    data = data_of(spec, marks_of(spec))
    for _, layer in data.groupby("input_dim"):
        assert layer["num_parameters"].nunique() == 3
        assert layer["num_parameters"].mean() in (110, 210)
        assert np.ptp(layer["num_parameters"]) < 10


def test_a_lower_bound_is_hollow_and_one_seed_has_no_interval() -> None:
    spec = parameters(capacities(140, is_lower_bound=True, low=math.nan, high=math.nan))
    opacity = marks_of(spec)["encoding"]["fillOpacity"]
    assert opacity == {"condition": {"test": "datum.is_lower_bound", "value": 0}, "value": 1}
    [interval] = [layer for layer in of_mark(spec, type="rule") if "y2" in layer["encoding"]]
    assert interval["transform"] == [{"filter": "isValid(datum.low)"}]


def test_lines_of_a_total_begin_at_the_origin_and_others_at_the_first_layer() -> None:
    for is_total, begin in ((True, 0), (False, 110)):
        spec = parameters(capacities(140, 280), is_total=is_total)
        [fits] = [layer for layer in of_mark(spec, type="line") if "color" in layer["encoding"]]
        line = data_of(spec, fits).query("curve == 'Liu'").sort_values("num_parameters")
        assert line["num_parameters"].tolist() == [*([0] if is_total else []), 110, 210]
        np.testing.assert_allclose(line["bits"], 1.3 * line["num_parameters"])
        assert line["num_parameters"].min() == begin


def test_what_is_published_of_a_total_is_a_line_of_its_slope() -> None:
    spec = parameters(capacities(140, 280))
    [line] = [layer for layer in of_mark(spec, type="line", color=charts.GUIDE) if "strokeDash" not in layer["mark"]]
    ends = data_of(spec, line)
    np.testing.assert_allclose(ends["bits"], 3.6 * ends["num_parameters"])
    assert ends["bits"].max() <= domain(spec, "y")[1] * (1 + 1e-12)
    assert "3.6: transformers (published)" in guides_in(spec)
    per_parameter = parameters(frames.in_unit(capacities(140, 280), "parameter"), is_total=False)
    assert "↑ 3.6: transformers (published)" in guides_in(per_parameter)


def test_layers_carry_their_names() -> None:
    assert {"n = 10", "n = 20"} <= names_in(parameters(capacities(140, 280)))
    assert "V = 10" in names_in(parameters(capacities(140), across="num_classes"))


def test_names_of_layers_side_by_side_stand_one_above_the_other() -> None:
    table = capacities(100, 100, 100).assign(theory=120)
    table["num_parameters"] = table["input_dim"].map({10: 100, 20: 120, 30: 140})
    spec = parameters(table)
    [names] = [layer for layer in of_mark(spec, type="text") if layer["encoding"]["text"]["field"] == "name"]
    first, second, third = data_of(spec, names)["bits"]
    assert first == third < second


def test_a_mark_can_be_clicked_and_says_which_layer_it_is() -> None:
    spec = parameters(capacities(140, 280))
    [picked] = [param for param in spec["params"] if param["name"].startswith(charts.PICK)]
    assert picked["select"]["fields"] == ["input_dim", "num_classes"]


@settings(max_examples=15)
@given(st.lists(st.floats(0, 1e4), max_size=3), st.booleans())
def test_no_mark_lies_beyond_an_axis(bits: list[float], is_total: bool) -> None:
    spec = parameters(capacities(*bits), is_total=is_total)
    marks = data_of(spec, marks_of(spec))
    if len(marks):
        assert marks["num_parameters"].max() < domain(spec, "x")[1]
        assert marks["high"].max() < domain(spec, "y")[1]
