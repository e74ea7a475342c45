"""A guess in a chart: where it stands, that it moves nothing else, and that it looks like nothing else."""

import copy
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts
from explorer.charts.style import DASH, GUESS, GUESS_DASH, MEMORIZED, NOT_MEMORIZED, PALETTE
from tests.explorer.charts.spec import layers
from tests.explorer.charts.test_style import EYES, TOLD_APART, distance


def one(top: float = 100.0) -> dict[str, Any]:
    """A chart with a curve in two layers, one of which alone tells its axes."""
    table = pd.DataFrame({"num_samples": [10, 20], "mean": [10, 15]})
    x = alt.X("num_samples:Q", title="N", scale=alt.Scale(domain=[0, 50], nice=False))
    y = alt.Y("mean:Q", title="C", scale=alt.Scale(domain=[0, top], nice=False))
    base = alt.Chart(table)
    return charts.spec(alt.layer(base.mark_line().encode(x=x, y=y), base.mark_area().encode(x=x, y="mean:Q")))


def two() -> dict[str, Any]:
    panel = {key: one()[key] for key in ("layer",)}
    return {"vconcat": [panel, copy.deepcopy(panel)], "datasets": {}}


def guesses(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers that are a guess: those in its colour."""
    return [layer for layer in layers(spec) if GUESS in (layer["mark"].get("color"), layer["mark"].get("stroke"))]


def rows(layer: dict[str, Any]) -> list[dict[str, float]]:
    return list(layer["data"]["values"])


def test_a_guessed_curve_goes_through_its_points_on_the_axes_of_the_chart() -> None:
    line, stars, name = guesses(charts.guessed_curve(one(), [(0, 0), (20, 20), (40, 30)]))
    assert rows(line) == [
        {"num_samples": 0, "mean": 0},
        {"num_samples": 20, "mean": 20},
        {"num_samples": 40, "mean": 30},
    ]
    assert rows(stars) == rows(line)[1:]
    assert rows(name) == rows(line)[-1:]
    assert name["mark"]["text"] == "your guess"
    assert line["mark"]["strokeDash"] == GUESS_DASH
    for layer in (line, stars):
        assert (layer["encoding"]["x"]["title"], layer["encoding"]["y"]["title"]) == ("N", "C")


@pytest.mark.parametrize("guess", [0, 50, 99, 100, 4000])
def test_the_axis_goes_above_a_guess_and_is_never_made_shorter(guess: int) -> None:
    drawn = charts.guessed_point(one(), 20, guess)
    tops = {
        layer["encoding"]["y"]["scale"]["domain"][1] for layer in layers(drawn) if "scale" in layer["encoding"]["y"]
    }
    [top] = tops  # of all layers the same, or they would not share it
    assert top >= 100
    assert guess < top
    if guess <= 90:
        assert top == 100


def test_a_guess_leaves_the_chart_that_it_was_given_as_it_was() -> None:
    """Its shape is shared by all sessions."""
    for draw in (
        lambda spec: charts.guessed_curve(spec, [(0, 0), (20, 400)]),
        lambda spec: charts.guessed_point(spec, 20, 400),
        lambda spec: charts.guessed_x(spec, 20),
        lambda spec: charts.guessed_y(spec, 20),
    ):
        spec = one()
        before = copy.deepcopy(spec)
        assert len(layers(draw(spec))) > len(layers(before))
        assert spec == before
    spec = two()
    before = copy.deepcopy(spec)
    charts.guessed_x(spec, 20, panels=2)
    charts.guessed_shape(spec, [(0, 0.5), (40, 0.5)], panel=1, alone=True)
    assert spec == before


def test_a_place_on_the_axis_is_marked_in_every_panel_and_named_once() -> None:
    drawn = charts.guessed_x(two(), 20, panels=2)
    marks = [[layer["mark"]["type"] for layer in guesses(panel)] for panel in drawn["vconcat"]]
    assert marks == [["rule", "text"], ["rule"]]
    assert {row["num_samples"] for panel in drawn["vconcat"] for layer in guesses(panel) for row in rows(layer)} == {20}


@pytest.mark.parametrize(("kind", "middle"), [("linear", 50), ("log", 10)])
def test_the_name_of_a_place_stands_where_there_is_more_room(kind: str, middle: int) -> None:
    x = alt.X("x:Q", scale=alt.Scale(type=kind, domain=[0 if kind == "linear" else 1, 100], nice=False))
    table = pd.DataFrame({"x": [1, 2], "y": [1, 2]})
    spec = charts.spec(
        alt.layer(alt.Chart(table).mark_line().encode(x=x, y=alt.Y("y:Q", scale=alt.Scale(domain=[0, 9]))))
    )
    aligned = [guesses(charts.guessed_x(spec, place))[1]["mark"]["align"] for place in (middle - 1, middle + 1)]
    assert aligned == ["left", "right"]


def test_the_name_of_a_point_keeps_away_from_that_of_the_line() -> None:
    sides = {guess: guesses(charts.guessed_point(one(), 40, guess))[1]["mark"]["align"] for guess in (20, 60, 85)}
    assert sides == {20: "right", 60: "right", 85: "left"}  # the name of C = N stands left of 84
    assert guesses(charts.guessed_point(one(), 5, 20))[1]["mark"]["align"] == "left"  # there is no room left of it


def test_a_height_is_a_level_line_and_above_the_axis_an_arrow_with_its_number() -> None:
    rule, name = guesses(charts.guessed_y(one(), 60))
    assert rule["mark"]["type"] == "rule"
    assert rows(rule) == rows(name) == [{"mean": 60}]
    [name] = guesses(charts.guessed_y(one(), 3200.5))
    assert name["mark"]["text"] == "↑ your guess: 3200.5"
    assert rows(name) == [{"mean": 100}]


def test_a_guessed_shape_fills_the_same_share_of_any_axis() -> None:
    drawn = charts.guessed_shape(two(), [(0, 0.1), (40, 0.9)], panel=1, alone=False)
    upper, lower = drawn["vconcat"]
    assert guesses(upper) == []
    assert [row["mean"] for row in rows(guesses(lower)[0])] == pytest.approx([10, 90])


def test_a_shape_alone_has_no_numbers_to_be_read_off() -> None:
    drawn = charts.guessed_shape(two(), [(0, 0.1), (40, 0.9)], panel=1, alone=True)
    [panel] = drawn["vconcat"]
    line = guesses(panel)[0]
    assert line["encoding"]["y"]["axis"]["labels"] is False


def test_a_frame_around_a_row_keeps_the_order_of_the_rows() -> None:
    table = pd.DataFrame({"name": ["b", "a"], "value": [2, 1]})
    y = alt.Y("name:N", sort=["b", "a"])
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 3]))
    spec = charts.spec(alt.layer(alt.Chart(table).mark_bar().encode(x=x, y=y)))
    frame, name = guesses(charts.guessed_row(spec, "a"))
    assert frame["encoding"]["y"]["field"] == "name"
    assert frame["encoding"]["y"]["sort"] == ["b", "a"]
    assert rows(frame) == rows(name) == [{"name": "a"}]


@pytest.mark.parametrize("eyes", EYES)
def test_a_guess_looks_like_nothing_else(eyes: str) -> None:
    """Some eyes see its pink as the grey of the guides, which differ by their dashes."""
    for colour in (MEMORIZED, NOT_MEMORIZED, PALETTE[2]):
        assert distance(GUESS, colour, eyes) > TOLD_APART
    assert len({tuple(GUESS_DASH), tuple(DASH), (7, 5), (1, 0)}) == 4
