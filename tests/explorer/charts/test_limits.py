"""The chart of the limits as Vega-Lite reads it."""

import json
import math
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import charts, frames
from tests.explorer.charts.spec import data_of, domain, layers, of_mark, shown
from tests.explorer.frames.rows import limits_row, row

NAMES = [charts.REACHED, charts.OPTIMUM, charts.MOST]
SIZES = (20, 40, 60, 80, 100)
THEORY = frames.theory_frame([10], 10, bias=True, max_num_samples=100)
THRESHOLD = frames.threshold(10, 10, bias=True)


def points_of(rows: list[Any]) -> pd.DataFrame:
    """As the page joins them."""
    runs, limits = frames.runs_frame(rows), frames.limits_frame(rows)
    parts = {
        charts.REACHED: frames.curve_frame(runs),
        charts.OPTIMUM: frames.limit_points(limits),
        charts.MOST: frames.limit_points(limits, "num_most"),
    }
    return pd.concat([part.assign(name=name) for name, part in parts.items()], ignore_index=True)


def rows_of(num_seeds: int, num_points: int = 5) -> list[Any]:
    places = [(size, seed) for size in SIZES[:num_points] for seed in range(num_seeds)]
    runs = [row(10, size, seed, min(size, 44 - size // 10 + seed)) for size, seed in places]
    return runs + [
        limits_row(10, size, seed, 0, "separable")
        if size <= 40
        else limits_row(10, size, seed, 50 - size // 10 + seed, num_most=min(size, 60 + seed))
        for size, seed in places
    ]


@cache
def limits(
    num_seeds: int = 2,
    num_points: int = 5,
    observed: tuple[float, float] | None = (40.0, 60.0),
    threshold: float = THRESHOLD,
    at: int = 60,
    besides: int | None = None,
) -> dict[str, Any]:
    return charts.limits_chart(
        points_of(rows_of(num_seeds, num_points)),
        THEORY,
        threshold,
        observed,
        at=at,
        besides=points_of([row(10, besides, 0, 38), limits_row(10, besides, 0, 43)] if besides else []),
        max_num_samples=SIZES[-1],
        num_seeds=max(1, num_seeds),
    ).to_dict()  # validates against Vega-Lite's schema


EVERY_CHART = {
    "nothing yet": lambda: limits(0, observed=None),
    "one point": lambda: limits(1, 1, observed=None),
    "one seed": lambda: limits(1),
    "complete": limits,
    "all can be memorized": lambda: limits(2, 2, observed=(100.0, math.inf), threshold=300.0),
    "none can": lambda: limits(observed=(0.0, 20.0)),
    "another N is looked at": lambda: limits(at=50, besides=50),
    "and before the curves": lambda: limits(0, observed=None, at=50, besides=50),
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)


def curves(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The measured lines."""
    return [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]


def dashed(spec: dict[str, Any], column: str) -> dict[str, Any]:
    [only] = [
        layer
        for layer in of_mark(spec, type="line")
        if "strokeDash" in layer["mark"] and layer["encoding"]["y"]["field"] == column
    ]
    return only


# --- all of them ------------------------------------------------------------------------------------------------------


@every_chart
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    text = json.dumps(spec)
    assert "NaN" not in text
    assert "Infinity" not in text


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
    assert titles == {("x", "Samples to memorize, N"), ("y", "Samples memorized, C")}
    assert min(encoding["axis"]["labelFontSize"] for _, encoding in axes) >= 14
    assert min(encoding["axis"]["titleFontSize"] for _, encoding in axes) >= 16
    assert min((layer["mark"]["fontSize"] for layer in of_mark(spec, type="text")), default=14) >= 14
    legends = [layer["encoding"][c].get("legend") for layer in layers(spec) for c in layer["encoding"] if c == "color"]
    assert min(legend["labelFontSize"] for legend in legends if legend) >= 14


@every_chart
def test_a_legend_names_the_curves_so_that_colour_is_not_alone(make: Any) -> None:
    spec = make()
    [scale] = {
        json.dumps(layer["encoding"]["color"]["scale"])
        for layer in layers(spec)
        if "scale" in layer["encoding"].get("color", {})
    }
    names, colours = json.loads(scale)["domain"], json.loads(scale)["range"]
    assert len(set(colours[: len(names)])) == len(names)
    assert names == NAMES
    shapes = [layer["encoding"]["shape"]["scale"] for layer in layers(spec) if "shape" in layer["encoding"]]
    assert all(shape["domain"] == names and len(set(shape["range"])) == 3 for shape in shapes)
    assert shapes


# --- the limits -------------------------------------------------------------------------------------------------------


def test_the_curves_go_through_their_means() -> None:
    spec = limits()
    [line] = curves(spec)
    data = data_of(spec, line)
    assert line["encoding"]["y"]["field"] == "mean"
    assert line["encoding"]["color"]["field"] == "name"
    means = {name: data[data["name"] == name]["mean"].tolist() for name in NAMES}
    assert means == {
        charts.REACHED: [20, 40, 38.5, 36.5, 34.5],
        charts.OPTIMUM: [20, 40, 44.5, 42.5, 40.5],
        charts.MOST: [20, 40, 60, 60.5, 60.5],
    }


def test_a_band_is_there_only_where_there_are_several_seeds() -> None:
    assert of_mark(limits(1), type="area") == []
    [band] = of_mark(limits(2), type="area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")


def test_theory_is_dashed_in_the_colour_of_what_it_is_about() -> None:
    spec = limits()
    for name, column in ((charts.OPTIMUM, "optimum"), (charts.MOST, "most")):
        line = dashed(spec, column)
        scale = curves(spec)[0]["encoding"]["color"]["scale"]
        assert line["mark"]["color"] == scale["range"][scale["domain"].index(name)]
        assert data_of(spec, line)[column].tolist() == pytest.approx(THEORY[column].tolist())


def test_the_line_of_all_memorized_is_there_from_the_start() -> None:
    for spec in (limits(0, observed=None), limits()):
        ends = data_of(spec, dashed(spec, "mean"))
        assert (ends["num_samples"] == ends["mean"]).all()
        assert ends["mean"].max() == domain(spec, "y")[1]


def test_a_chart_that_fills_keeps_its_n_axis_and_its_colours() -> None:
    early, late = limits(1, 1, observed=None), limits()
    assert domain(early, "x") == domain(late, "x") == (0, 100)
    assert curves(early)[0]["encoding"]["color"] == curves(late)[0]["encoding"]["color"]


def test_the_stripe_lies_where_verdicts_differ_and_ends_with_the_axis() -> None:
    for observed, ends in (((40.0, 60.0), (40, 60)), ((60.0, math.inf), (60, 100)), ((0.0, 20.0), (0, 20))):
        spec = limits(observed=observed)
        [stripe] = of_mark(spec, type="rect")
        [place] = data_of(spec, stripe).to_dict("records")
        assert (stripe["encoding"]["x"]["field"], stripe["encoding"]["x2"]["field"]) == ("num_samples", "to")
        assert (place["num_samples"], place["to"]) == ends
    assert of_mark(limits(observed=None), type="rect") == []


@pytest.mark.parametrize(("threshold", "align"), [(20.0, "left"), (99.0, "right")])
def test_the_threshold_of_theory_is_a_line_named_where_there_is_room(threshold: float, align: str) -> None:
    spec = limits(threshold=threshold)
    [rule] = [layer for layer in of_mark(spec, type="rule") if "strokeDash" in layer["mark"]]
    assert data_of(spec, rule)["num_samples"].tolist() == [threshold]
    [name] = [layer for layer in of_mark(spec, type="text") if "threshold" in str(data_of(spec, layer).to_dict())]
    assert name["mark"]["align"] == align
    assert (name["mark"]["dx"] > 0) == (align == "left")


def test_a_threshold_beyond_the_axis_is_not_drawn() -> None:
    spec = limits(threshold=101.0)
    assert [layer for layer in of_mark(spec, type="rule") if "strokeDash" in layer["mark"]] == []
    assert "threshold" not in json.dumps(spec["datasets"])


def rules(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Solid ones: the N that is looked at."""
    return [layer for layer in of_mark(spec, type="rule") if "strokeDash" not in layer["mark"]]


@pytest.mark.parametrize("at", [1, 60, 100])
def test_the_n_that_is_looked_at_is_marked(at: int) -> None:
    spec = limits(at=at)
    [rule] = rules(spec)
    assert data_of(spec, rule)["num_samples"].tolist() == [at]


def test_its_line_ends_above_the_name_of_the_threshold() -> None:
    spec = limits()
    [rule] = rules(spec)
    [name] = [layer for layer in of_mark(spec, type="text") if "threshold" in str(data_of(spec, layer).to_dict())]
    assert rule["encoding"]["y2"]["value"] < name["encoding"]["y"]["value"] - name["mark"]["fontSize"] / 2


def test_an_n_that_is_none_of_the_curves_has_hollow_marks_of_its_own_and_changes_nothing_else() -> None:
    spec, without = limits(at=50, besides=50), limits(at=50)
    [hollow] = [layer for layer in of_mark(spec, type="point") if layer["mark"]["filled"] is False]
    data = data_of(spec, hollow)
    assert dict(zip(data["name"], data["mean"], strict=True)) == {
        charts.REACHED: 38,
        charts.OPTIMUM: 43,
        charts.MOST: 53,
    }
    assert set(data["num_samples"]) == {50}
    assert [tip["field"] for tip in hollow["encoding"]["tooltip"]][:3] == ["name", "num_samples", "mean"]
    [line], [before] = curves(spec), curves(without)
    assert data_of(spec, line).equals(data_of(without, before))
    assert [domain(spec, channel) for channel in "xy"] == [domain(without, channel) for channel in "xy"]


def test_what_is_looked_at_beyond_the_axis_is_not_drawn() -> None:
    spec = limits(at=101, besides=101)
    assert rules(spec) == []
    assert [layer for layer in of_mark(spec, type="point") if layer["mark"]["filled"] is False] == []


def test_a_click_picks_the_n_of_a_point_and_where_nothing_is_drawn_there_is_nothing_to_pick() -> None:
    [pick] = limits()["params"]
    assert pick["name"].startswith(charts.PICK)
    assert pick["select"]["fields"] == ["num_samples"]
    assert pick["select"]["nearest"] is True
    assert limits(0, observed=None).get("params", []) == []


def test_what_is_pointed_at_tells_its_numbers() -> None:
    [pickable] = [layer for layer in layers(limits()) if "tooltip" in layer["encoding"]]
    told = {tip["field"]: tip["title"] for tip in pickable["encoding"]["tooltip"]}
    assert told["name"] == "C"
    assert {"num_samples", "mean", "sd", "num_seeds"} <= told.keys()


@settings(max_examples=12)
@given(
    st.dictionaries(
        st.integers(1, 20_000), st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5
    ),
    st.integers(1, 512),
    st.integers(1, 3),
)
def test_no_axis_ends_below_a_value_that_is_shown(
    shares: dict[int, tuple[float, float, float]], n: int, num_seeds: int
) -> None:
    rows = []
    for size, of_size in shares.items():
        trained, optimum, most = (int(share * size) for share in of_size)
        for seed in range(num_seeds):
            rows += [row(n, size, seed, trained), limits_row(n, size, seed, optimum, num_most=most)]
    end = max(shares)
    theory = frames.theory_frame([n], 10, bias=True, max_num_samples=end)
    threshold = frames.threshold(n, 10, bias=True)
    spec = charts.limits_chart(
        points_of(rows),
        theory,
        threshold,
        None,
        at=end,
        besides=points_of([]),
        max_num_samples=end,
        num_seeds=num_seeds,
    ).to_dict()
    for channel in "xy":
        low, high = domain(spec, channel)
        values = shown(spec, channel)
        assert low == 0 <= values.min()
        assert values.max() <= high * (1 + 1e-9), channel
    assert domain(spec, "y")[1] <= end  # no more than can be memorized
