"""All samples of a layer as Vega-Lite draws them: a mark for each, and how many have which value."""

import json
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import charts, frames, words
from explorer.statistics import STATISTICS
from tests.explorer.charts.spec import data_of, domain, layers, of_mark

KINDS = ["memorized", "not memorized"]


def table(num_samples: int = 30, memorized: float = 0.4) -> pd.DataFrame:
    """As `frames.samples_frame` makes them, of samples that nobody trained."""
    random = np.random.Generator(np.random.PCG64(0))
    kept = random.random(num_samples) < memorized
    never = ~kept & (random.random(num_samples) < 0.5)
    others = {name: random.normal(size=num_samples) for name in STATISTICS}
    positive = ("initial_loss", "label_count", "input_norm", "confidence", "variability", "final_loss")
    others |= {name: np.abs(others[name]) for name in positive}
    return pd.DataFrame(
        {
            "sample": np.arange(num_samples),
            "label": random.integers(5, size=num_samples),
            "memorized": kept,
            "competitor": random.integers(5, size=num_samples),
            **others,
            "first_step": np.where(never, np.nan, random.integers(0, 2_000, num_samples)),
            "forgetting_events": random.integers(0, 4, num_samples),
            "last_forgotten": np.nan,
        }
    )


@cache
def drawn(
    x: str = "initial_loss", y: str = "final_loss", num_samples: int = 30, corners: bool = False
) -> dict[str, Any]:
    places = words.CORNERS if corners else {}
    return charts.spec(charts.samples_chart(table(num_samples), x, y, corners=places))  # validates


EVERY_CHART = {
    "the post's": drawn,
    "cartography": lambda: drawn("variability", "confidence", corners=True),
    "one statistic against itself": lambda: drawn("margin", "margin"),
    "a logarithmic axis": lambda: drawn("alignment", "first_step"),
    "one sample": lambda: drawn(num_samples=1),
    "many": lambda: drawn(num_samples=20_000),
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)


def points(spec: dict[str, Any]) -> dict[str, Any]:
    """The layer of the samples: the first."""
    return layers(spec)[0]


def params(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [*spec.get("params", []), *(param for layer in layers(spec) for param in layer.get("params", []))]
    assert len({param["name"] for param in found}) == len(found)  # Vega stops at the second
    return {param["name"]: param for param in found}


# --- the scatter ------------------------------------------------------------------------------------------------------


@every_chart
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    assert "Infinity" not in json.dumps({key: value for key, value in spec.items() if key != "datasets"})


@pytest.mark.parametrize("num_samples", [1, 30, 20_000])
def test_every_sample_has_its_mark_however_many_they_are(num_samples: int) -> None:
    spec = drawn(num_samples=num_samples)
    found, samples = data_of(spec, points(spec)), table(num_samples)
    assert found["sample"].tolist() == list(range(num_samples))
    for column in ("initial_loss", "final_loss", "label", "competitor"):
        assert found[column].tolist() == samples[column].tolist()
    assert found["kind"].tolist() == [KINDS[0] if kept else KINDS[1] for kept in samples["memorized"]]
    assert next(iter(spec["datasets"].values()))[0]["sample"] == 0  # first comes what Streamlit calls the chart's data


def test_only_what_is_drawn_or_told_goes_to_the_browser() -> None:
    """Of 20,000 samples each column is a megabyte."""
    spec = drawn(num_samples=20_000)
    assert set(data_of(spec, points(spec)).columns) == {
        "sample",
        "label",
        "competitor",
        "initial_loss",
        "final_loss",
        "kind",
    }
    assert len([rows for rows in spec["datasets"].values() if len(rows) > 1]) == 1  # once, not once a layer


@pytest.mark.parametrize("x", STATISTICS)
def test_every_statistic_can_be_on_either_axis(x: str) -> None:
    for one, other in ((x, "final_loss"), ("final_loss", x)):
        spec = drawn(one, other)
        encoding = points(spec)["encoding"]
        assert (encoding["x"]["field"], encoding["y"]["field"]) == (one, other)
        assert (encoding["x"]["title"], encoding["y"]["title"]) == (STATISTICS[one].axis, STATISTICS[other].axis)


def test_the_two_kinds_differ_in_colour_and_in_being_filled() -> None:
    encoding = points(drawn())["encoding"]
    for channel in ("color", "stroke"):
        scale = encoding[channel]["scale"]
        assert encoding[channel]["field"] == "kind"
        assert scale["domain"] == KINDS
        assert len(set(scale["range"])) == 2
    assert encoding["color"]["scale"]["range"] == encoding["stroke"]["scale"]["range"] == charts.PALETTE[:2]
    filled = encoding["fillOpacity"]
    assert filled["condition"]["test"] == "datum.kind === 'memorized'"
    assert filled["condition"]["value"] > 0.5 > filled["value"] == 0
    assert encoding["color"]["legend"] is not None


@every_chart
def test_a_click_selects_a_sample_and_a_drag_a_rectangle(make: Any) -> None:
    found = params(make())
    assert set(found) == {charts.PICK, charts.BRUSH}
    assert found[charts.PICK]["select"]["type"] == "point"
    assert found[charts.PICK]["select"]["fields"] == ["sample"]
    assert found[charts.PICK]["select"]["clear"] is False  # a click beside all marks leaves the ring
    assert found[charts.BRUSH]["select"]["type"] == "interval"
    assert found[charts.BRUSH]["select"]["encodings"] == ["x", "y"]


def test_where_there_are_few_a_click_finds_the_nearest_and_where_there_are_many_it_must_hit() -> None:
    """The nearest needs a map of all marks, which takes seconds with 20,000."""
    assert params(drawn())[charts.PICK]["select"]["nearest"] is True
    assert not params(drawn(num_samples=20_000))[charts.PICK]["select"].get("nearest")


def test_the_more_samples_the_smaller_the_marks() -> None:
    sizes = [points(drawn(num_samples=number))["mark"]["size"] for number in (30, 1_000, 20_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


@every_chart
def test_only_the_picked_sample_has_a_ring_and_its_number(make: Any) -> None:
    spec = make()
    rings = [layer for layer in of_mark(spec, type="point", filled=False) if "transform" in layer]
    names = [
        layer for layer in of_mark(spec, type="text") if layer["encoding"].get("text", {}).get("field") == "sample"
    ]
    assert len(rings) >= 1
    assert len(names) >= 1
    for layer in (*rings, *names):
        assert layer["transform"] == [{"filter": {"param": charts.PICK}}] or "empty" in json.dumps(layer["transform"])
        assert charts.PICK in json.dumps(layer["transform"])


def test_words_stand_in_the_corners_of_the_map_and_nowhere_else() -> None:
    spec = drawn("variability", "confidence", corners=True)
    found = {
        data_of(spec, layer)["word"].iloc[0]: layer["encoding"]
        for layer in of_mark(spec, type="text")
        if "word" in data_of(spec, layer)
    }
    assert set(found) == set(words.CORNERS) == {"easy", "ambiguous", "hard"}
    assert not [layer for layer in of_mark(drawn(), type="text") if "word" in data_of(drawn(), layer)]


@every_chart
def test_labels_are_large_enough_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    for channel in "xy":
        axis = points(spec)["encoding"][channel]["axis"]
        assert axis["labelFontSize"] >= 14
        assert axis["titleFontSize"] >= 16
    assert min(layer["mark"]["fontSize"] for layer in of_mark(spec, type="text")) >= 14


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.sampled_from(list(STATISTICS)))
def test_an_axis_holds_every_value_and_goes_below_0_only_where_a_value_does(values: list[float], name: str) -> None:
    samples = table(len(values)).assign(**{name: values})
    spec = charts.samples_chart(samples, name, "final_loss", corners={}).to_dict()
    low, high = domain(spec, "x")
    assert low <= min(values) <= max(values) <= high
    assert low < high
    assert low >= 0 or min(values) < 0


def test_a_first_step_lies_on_a_scale_that_has_a_place_for_0() -> None:
    spec = drawn("alignment", "first_step")
    assert points(spec)["encoding"]["y"]["scale"]["type"] == "symlog"
    assert points(spec)["encoding"]["y"]["axis"]["values"][:3] == [0, 1, 10]
    assert "type" not in points(drawn())["encoding"]["y"]["scale"]


def test_a_sample_that_was_never_memorized_has_no_place_among_first_steps() -> None:
    spec, samples = drawn("alignment", "first_step"), table()
    found = data_of(spec, points(spec))
    assert samples["first_step"].isna().any()
    assert found["first_step"].isna().tolist() == samples["first_step"].isna().tolist()


def test_where_no_sample_was_ever_memorized_there_is_still_a_chart() -> None:
    samples = table().assign(first_step=float("nan"), memorized=False)
    spec = charts.spec(charts.samples_chart(samples, "first_step", "final_loss", corners={}))
    assert all(np.isfinite(domain(spec, "x")))
    alt.Chart.from_dict(spec)


# --- the histogram ----------------------------------------------------------------------------------------------------


@cache
def histogram(statistic: str = "alignment", opened: float = 0.5) -> dict[str, Any]:
    samples = table(200)
    bins = frames.histogram_frame(samples[statistic], samples["memorized"])
    return charts.spec(charts.histogram_chart(bins, statistic, opened=opened))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_statistic_has_a_histogram_of_both_kinds(statistic: str) -> None:
    spec, samples = histogram(statistic), table(200)
    alt.Chart.from_dict(spec)
    [bars] = of_mark(spec, type="bar")
    encoding = bars["encoding"]
    assert encoding["x"]["title"] == STATISTICS[statistic].axis
    assert (encoding["x"]["field"], encoding["x2"]["field"], encoding["x"]["bin"]) == ("low", "high", "binned")
    assert encoding["y"]["stack"] == "zero"
    assert encoding["color"]["scale"]["domain"] == KINDS
    assert encoding["color"]["scale"]["range"] == charts.PALETTE[:2]
    found, known = data_of(spec, bars), samples[statistic].notna()
    assert found.groupby("kind")["count"].sum().to_dict() == {
        "memorized": (known & samples["memorized"]).sum(),
        "not memorized": (known & ~samples["memorized"]).sum(),
    }


def test_a_line_stands_at_the_opened_sample() -> None:
    [rule] = of_mark(histogram(opened=1.25), type="rule")
    assert data_of(histogram(opened=1.25), rule)["low"].tolist() == [1.25]
    spec = histogram("first_step", opened=float("nan"))  # it was never memorized
    assert len(of_mark(spec, type="bar")) == 1
