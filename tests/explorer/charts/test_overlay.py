"""One chart behind another: whose curves are drawn where, and what stays as it was."""

from copy import deepcopy
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from explorer import charts
from explorer.charts.style import FITTING, HEIGHT, MEASURED, NAME_GAP, NAMES
from tests.explorer.charts.spec import as_json, data_of, domain, layers


def points(names: dict[str, float], end: int, **columns: Any) -> pd.DataFrame:
    """Curves with these slopes."""
    sizes = np.arange(1, 6) * end // 5
    parts = [
        pd.DataFrame({"num_samples": sizes, "mean": slope * sizes, "low": slope * sizes, "high": slope * sizes}).assign(
            name=name, input_dim=int(name) if name.isdigit() else 0, sd=0.0, num_seeds=1, **columns
        )
        for name, slope in names.items()
    ]
    return pd.concat(parts, ignore_index=True)


def capacity(names: dict[str, float], end: int = 100) -> dict[str, Any]:
    table = points(names, end).drop(columns="name")
    none = pd.DataFrame(columns=["input_dim", "num_samples", "memorized"])
    return charts.capacity_chart(
        table, pd.DataFrame(), none, input_dims=[*map(int, names)], max_num_samples=end, num_seeds=2
    )


def jamming(slope: float, end: int = 100) -> dict[str, Any]:
    memorized, sharpness = points({"x": slope}, end), points({"x": slope / 1000}, end)
    none = pd.DataFrame(columns=["num_samples", "memorized", "sharpness"])
    return charts.spec(charts.jamming_chart(memorized, sharpness, none, None, max_num_samples=end, num_seeds=2))


def limits(names: dict[str, float]) -> dict[str, Any]:
    table = points(names, 100)
    theory = pd.DataFrame({"num_samples": [1, 100], "optimum": [1, 40], "most": [1, 60]})
    chart = charts.limits_chart(
        table, theory, 50.0, None, at=40, besides=table.head(0), max_num_samples=100, num_seeds=2
    )
    return charts.spec(chart)


def thin(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [layer for layer in layers(spec) if str(layer["data"]["name"]).startswith("A ")]


def color_of(spec: dict[str, Any], curve: str) -> str:
    scale = next(layer["encoding"]["color"]["scale"] for layer in layers(spec) if "color" in layer["encoding"])
    return str(dict(zip(scale["domain"], scale["range"], strict=False))[curve])


def heat_map() -> dict[str, Any]:
    cells = pd.DataFrame({"num_samples": [10], "learning_rate": [0.1], "mean": [1.0], "sd": [0.0], "fraction": [0.1]})
    cells = cells.assign(loss=1.0, stability=1.0, num_seeds=1)
    none = pd.DataFrame(columns=["num_samples", "learning_rate", "word"])
    shade = charts.shade("fraction", 38)
    chart = charts.heat_map(cells, none, none, shade, column="num_samples", values=[10], rates=[0.1], asked=(10, 0.1))
    return charts.spec(chart)


def test_the_curves_of_the_other_lie_behind_in_the_colours_of_their_namesakes() -> None:
    a, b = capacity({"10": 0.5, "20": 0.8}), capacity({"20": 0.9, "30": 1.0})
    both = charts.overlaid(b, a, name="A")
    assert both is not None
    line, text = thin(both)
    assert layers(both)[0] == line  # behind
    assert layers(both)[-1] == text  # in front of what could strike it through
    assert line["mark"]["type"] == "line"
    for layer in (line, text):
        color = layer["encoding"]["color"]
        assert color["scale"] is None  # what the table says is drawn, and the colours of the other curves stay
        painted = data_of(both, layer).groupby("curve" if layer is line else "label")[color["field"]].unique()
        assert [colors.tolist() for colors in painted] == [[charts.GUIDE], [color_of(b, "n = 20")]]
    drawn = data_of(both, line).groupby("curve")["mean"].sum()
    assert drawn.to_dict() == {"n = 10": pytest.approx(0.5 * 300), "n = 20": pytest.approx(0.8 * 300)}
    assert line["encoding"]["detail"]["field"] == "curve"
    names = data_of(both, text).set_index("label")
    assert set(names.index) == {"A, n = 10", "A, n = 20"}
    assert (names["num_samples"] == 100).all()


def test_its_own_layers_colours_and_tables_stay_as_they_were() -> None:
    a, b = capacity({"10": 0.5}), capacity({"10": 0.9})
    before = str(b)
    both = charts.overlaid(b, a, name="A")
    assert both is not None
    assert str(b) == before  # it may be drawn for others without A
    own = [layer for layer in layers(both) if layer not in thin(both)]
    assert [layer["mark"] for layer in own] == [layer["mark"] for layer in layers(b)]
    assert [layer["encoding"].get("color") for layer in own] == [layer["encoding"].get("color") for layer in layers(b)]
    assert all(both["datasets"][name] is table for name, table in b["datasets"].items())


def test_two_that_stand_side_by_side_have_the_same_axes_and_else_stay_as_they_were() -> None:
    a, b = capacity({"10": 0.9}, 100), capacity({"10": 0.5}, 400)
    before = as_json(a)
    one, other = charts.on_same_axes(a, b)
    for axis in ("x", "y"):
        assert domain(one, axis) == domain(other, axis)
        assert domain(one, axis) == tuple(max(domain(each, axis)[end] for each in (a, b)) for end in (0, 1))
    assert as_json(a) == before
    assert [layer["mark"] for layer in layers(one)] == [layer["mark"] for layer in layers(a)]
    assert one["datasets"] is a["datasets"]


def test_axes_of_other_things_are_left_alone() -> None:
    for a, b in ((heat_map(), heat_map()), (capacity({"10": 0.9}), heat_map()), (jamming(0.4), jamming(0.9, 300))):
        assert [as_json(each) for each in charts.on_same_axes(a, b)] == [as_json(a), as_json(b)]


@pytest.mark.parametrize(("ends"), [(100, 400), (400, 100)])
def test_the_axes_have_room_for_both(ends: tuple[int, int]) -> None:
    a, b = capacity({"10": 0.9}, ends[0]), capacity({"10": 0.5}, ends[1])
    both = charts.overlaid(b, a, name="A")
    assert both is not None
    for axis in ("x", "y"):
        old = domain(a, axis), domain(b, axis)
        assert domain(both, axis) == (min(low for low, _ in old), max(high for _, high in old))


def test_each_panel_has_its_own() -> None:
    both = charts.overlaid(jamming(0.4, 300), jamming(0.9, 200), name="A")
    assert both is not None
    drawn = [data_of(both, layer) for layer in thin(both) if layer["mark"]["type"] == "line"]
    assert [table["mean"].max() for table in drawn] == [pytest.approx(180), pytest.approx(0.18)]
    names = [data_of(both, layer)["label"].tolist() for layer in thin(both) if layer["mark"]["type"] == "text"]
    assert names == [["A"], ["A"]]  # one curve needs no other name
    colors = [data_of(both, layer)[layer["encoding"]["color"]["field"]].unique().tolist() for layer in thin(both)]
    assert colors == [[charts.GUIDE]] * 4  # and has none that others could share
    assert {tuple(layer["encoding"]["x"]["scale"]["domain"]) for layer in thin(both)} == {(0, 306)}


def test_names_stand_beside_the_ends_and_on_no_other_name() -> None:
    both = charts.overlaid(capacity({"20": 0.9, "30": 0.5}), capacity({"20": 0.9, "30": 0.6, "40": 0.61}), name="A")
    assert both is not None
    [text] = [layer for layer in thin(both) if layer["mark"]["type"] == "text"]
    named = next(layer for layer in layers(both) if layer["mark"].get("style") == NAMES)
    assert [text["mark"][key] for key in FITTING] == [named["mark"][key] for key in FITTING]  # on the same side
    own = data_of(both, named)
    heights = np.sort([*data_of(both, text)["mean"], *own["mean"]])
    assert np.diff(heights).min() >= 0.999 * NAME_GAP * domain(both, "y")[1]
    assert own["mean"].tolist() == [50, 90]  # those of the page stay where they are
    assert data_of(both, text).set_index("label")["mean"]["A, n = 30"] == pytest.approx(
        60
    )  # as does who disturbs nobody


@pytest.mark.parametrize("spec", [capacity({"10": 0.5}), jamming(0.5), limits({"trained": 0.5, "most found": 0.9})])
def test_what_comes_out_is_vega_lite(spec: dict[str, Any]) -> None:
    both = charts.overlaid(spec, spec, name="A")
    assert both is not None
    alt.Chart.from_dict(as_json(both), validate=True)


def test_the_limits_have_three_kinds_of_curves_behind_them() -> None:
    curves = {"trained": 0.5, "exact optimum": 0.5, "most found": 0.9}
    both = charts.overlaid(limits(curves), limits(curves), name="A")
    assert both is not None
    [names] = [data_of(both, layer) for layer in thin(both) if layer["mark"]["type"] == "text"]
    assert set(names["label"]) == {f"A, {name}" for name in curves}
    high = domain(both, "y")[1]
    gaps = np.diff(np.sort(names["mean"]))
    assert gaps.min() >= NAME_GAP * high * 0.999  # two curves end at the same place, and both names can be read
    assert names["mean"].max() <= high


def test_names_stay_inside_the_axis() -> None:
    full = {str(n): 1.0 for n in (10, 20, 30, 40)}
    both = charts.overlaid(capacity(full), capacity(full), name="A")
    assert both is not None
    [names] = [data_of(both, layer) for layer in thin(both) if layer["mark"]["type"] == "text"]
    assert names["mean"].max() <= domain(both, "y")[1]
    assert HEIGHT * np.diff(np.sort(names["mean"])).min() / domain(both, "y")[1] > 15  # pixels, the size of the type


def test_while_the_other_has_no_points_nothing_is_drawn_of_it() -> None:
    empty = capacity({"10": 0.5})
    empty["datasets"]["points"] = empty["datasets"]["points"].head(0)
    both = charts.overlaid(capacity({"10": 0.9}), empty, name="A")
    assert both is not None
    assert thin(both) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (capacity({"10": 0.5}), jamming(0.5)),
        (jamming(0.5), capacity({"10": 0.5})),
        (heat_map(), heat_map()),
        (capacity({"10": 0.5}), heat_map()),
    ],
)
def test_other_axes_or_no_curves_cannot_be_laid_on_one_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert charts.overlaid(one, other, name="A") is None


def test_another_unit_is_another_axis() -> None:
    one, other = capacity({"10": 0.5}), deepcopy(capacity({"10": 0.5}))
    for layer in layers(other):
        if layer["mark"].get("style") == MEASURED:
            layer["encoding"]["y"]["title"] = "Bits"
    assert charts.overlaid(one, other, name="A") is None
