"""One sample as Vega-Lite draws it: its logits at a step, its training."""

import json
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts
from tests.explorer.charts.spec import data_of, layers, of_mark

LOGITS = pd.DataFrame(
    {"class_": [0, 3, 4, 17], "logit": [-1.5, 2.0, 0.5, 2.5], "role": ["other", "competitor", "other", "label"]}
)


@cache
def logits() -> dict[str, Any]:
    return charts.spec(charts.logits_chart(LOGITS))


@cache
def along(num_steps: int = 100, step: int = 10, first_step: float = 3.0, loss: float = 2.0) -> dict[str, Any]:
    steps = [each for each in (0, 1, 3, 10, 30, 100) if each <= num_steps]
    of = pd.DataFrame(
        {
            "step": steps,
            "loss": [loss / (1 + each) for each in steps],
            "probability": [1 - 1 / (1 + each) for each in steps],
            "memorized": [each >= first_step for each in steps],
        }
    )
    return charts.spec(charts.along_chart(of, step=step, first_step=first_step))


EVERY_CHART = {
    "logits": logits,
    "along": along,
    "along, one step": lambda: along(1, 1),
    "along, never memorized": lambda: along(first_step=float("nan")),
    "along, at its start": lambda: along(step=0),
    "along, no loss": lambda: along(loss=0.0),
}


@pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)
    assert "NaN" not in json.dumps(spec)
    assert "Infinity" not in json.dumps(spec)


@pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)
def test_labels_are_large_enough_for_the_back_of_the_room(make: Any) -> None:
    axes = [
        layer["encoding"][c]["axis"]
        for layer in layers(make())
        for c in "xy"
        if layer["encoding"].get(c, {}).get("axis")
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16


# --- logits -----------------------------------------------------------------------------------------------------------


def test_each_class_has_a_bar_and_the_label_and_its_competitor_are_named() -> None:
    found = data_of(logits(), logits())
    assert found["class_"].tolist() == LOGITS["class_"].tolist()
    assert found["logit"].tolist() == LOGITS["logit"].tolist()
    colour = logits()["encoding"]["color"]
    names = dict(zip(LOGITS["role"], found["role"], strict=True))
    assert [names["label"], names["competitor"], names["other"]] == colour["scale"]["domain"]
    assert colour["scale"]["range"] == [*charts.PALETTE[:2], charts.GUIDE]
    assert logits()["encoding"]["x"]["type"] == "ordinal"
    assert logits()["encoding"]["x"]["axis"]["labelAngle"] == 0


# --- along training ---------------------------------------------------------------------------------------------------


def test_probability_and_loss_stand_above_each_other_on_one_axis_of_steps() -> None:
    upper, lower = along()["vconcat"]
    for panel, field, top in ((upper, "probability", 1), (lower, "loss", 2.1)):
        [line] = of_mark(panel, type="line")
        assert line["encoding"]["y"]["field"] == field
        assert line["encoding"]["y"]["scale"]["domain"] == pytest.approx([0, top])
        assert line["encoding"]["x"]["scale"]["type"] == "symlog"
        assert line["encoding"]["x"]["scale"]["domain"] == [0, 100]
        assert data_of(along(), line)["step"].tolist() == [0, 1, 3, 10, 30, 100]
    labels = [
        {layer["encoding"]["x"]["axis"]["labels"] for layer in layers(panel) if "axis" in layer["encoding"]["x"]}
        for panel in (upper, lower)
    ]
    assert labels == [{False}, {True}]


def test_a_point_says_by_colour_and_filling_whether_it_is_memorized_then() -> None:
    for panel in along()["vconcat"]:
        [points] = of_mark(panel, type="point")
        assert data_of(along(), points)["kind"].tolist() == [*["not memorized"] * 2, *["memorized"] * 4]
        for channel in ("color", "stroke"):
            scale = points["encoding"][channel]["scale"]
            assert scale["domain"] == ["memorized", "not memorized"]
            assert scale["range"] == charts.PALETTE[:2]
        assert points["encoding"]["fillOpacity"]["condition"]["value"] > points["encoding"]["fillOpacity"]["value"] == 0


@pytest.mark.parametrize(
    ("step", "first_step", "expected"),
    [
        (10, 3.0, {(10, False), (3, True)}),
        (0, 3.0, {(0, False), (3, True)}),
        (10, float("nan"), {(10, False)}),
        (10, 0.0, {(10, False), (0, True)}),  # before the first step, by luck
    ],
)
def test_lines_stand_at_the_step_that_is_looked_at_and_dashed_at_the_first(
    step: int, first_step: float, expected: set[tuple[int, bool]]
) -> None:
    spec = along(step=step, first_step=first_step)
    for panel in spec["vconcat"]:
        found = {
            (int(data_of(spec, rule)["step"].iloc[0]), rule["mark"]["strokeDash"][1] > 0)
            for rule in of_mark(panel, type="rule")
        }
        assert found == expected


@pytest.mark.parametrize("loss", [0.0, 0.01, 2.0, 900.0])
def test_no_loss_lies_above_the_axis(loss: float) -> None:
    spec = along(loss=loss)
    [line] = of_mark(spec["vconcat"][1], type="line")
    assert data_of(spec, line)["loss"].max() <= line["encoding"]["y"]["scale"]["domain"][1]
