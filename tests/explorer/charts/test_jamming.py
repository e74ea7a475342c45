"""The charts of the page Jamming as Vega-Lite reads them."""

import json
import math
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from core.intervals import Interval
from explorer import charts, frames
from tests.explorer.charts.spec import data_of, domain, layers, of_mark
from tests.explorer.frames.rows import row, table

SIZES = (50, 100, 150, 200)
EDGE = 38.0
PUBLISHED = frames.published_figure_2().query("num_samples <= 200")
JUMP = Interval(mean=140.0, low=130.0, high=150.0, num_values=3)
ONE_SEED_JUMP = Interval(mean=140.0, low=-math.inf, high=math.inf, num_values=1)


def runs(num_seeds: int, num_points: int = 4, sharpness: float = 0.3) -> pd.DataFrame:
    return table(
        [
            row(
                40,
                size,
                seed,
                min(size, 140 + seed),
                sharpness=sharpness * (size > 140) + 0.001 * seed,
                stability=size / 5,
            )
            for size in SIZES[:num_points]
            for seed in range(num_seeds)
        ]
    )


@cache  # a chart takes a tenth of a second, and many tests look at the same
def jamming(
    num_seeds: int = 3,
    num_points: int = 4,
    published: bool = False,
    jump: Interval | None = None,
    sharpness: float = 0.3,
) -> dict[str, Any]:
    of = runs(num_seeds, num_points, sharpness)
    return charts.jamming_chart(
        frames.curve_frame(of),
        frames.band_frame(of, ["num_samples"], "sharpness"),
        PUBLISHED if published else PUBLISHED.head(0),
        jump,
        max_num_samples=SIZES[-1],
        num_seeds=max(1, num_seeds),
    ).to_dict()  # validates against Vega-Lite's schema


@cache
def stability(num_seeds: int = 3, num_points: int = 4) -> dict[str, Any]:
    return charts.stability_chart(
        frames.band_frame(runs(num_seeds, num_points), ["num_samples"], "stability"),
        EDGE,
        title="Learning rate × sharpness, η λ",
        max_num_samples=SIZES[-1],
        num_seeds=max(1, num_seeds),
    ).to_dict()


@cache
def training(num_seeds: int = 3, num_steps: int = 100) -> dict[str, Any]:
    steps = [step for step in (1, 3, 10, 30, 100) if step <= num_steps]
    of = pd.DataFrame(
        [
            {"seed": seed, "diverged": False, "step": step, "num_memorized": step, "sharpness": 0.1, "stability": step}
            for seed in range(num_seeds)
            for step in steps
        ],
        columns=["seed", "diverged", "step", "num_memorized", "sharpness", "stability"],
    )
    memorized, sharpness, stability = (
        frames.band_frame(of, ["step"], value) for value in ("num_memorized", "sharpness", "stability")
    )
    return charts.training_chart(
        memorized, sharpness, stability, EDGE, num_samples=120, num_steps=num_steps, num_seeds=max(1, num_seeds)
    ).to_dict()


EVERY_CHART = {
    "jamming, nothing yet": lambda: jamming(0),
    "jamming, nothing yet but the published points": lambda: jamming(0, published=True),
    "jamming, one point": lambda: jamming(1, 1),
    "jamming, one seed": lambda: jamming(1, jump=ONE_SEED_JUMP),
    "jamming, complete": lambda: jamming(3, published=True, jump=JUMP),
    "stability, nothing yet": lambda: stability(0),
    "stability, one seed": lambda: stability(1),
    "stability, complete": stability,
    "training, nothing yet": lambda: training(0),
    "training, one seed": lambda: training(1),
    "training, one step": lambda: training(3, num_steps=1),
    "training, complete": training,
}
every_chart = pytest.mark.parametrize("make", EVERY_CHART.values(), ids=EVERY_CHART)
STACKED = [name for name in EVERY_CHART if not name.startswith("stability")]
COMPLETE = [jamming, stability, training]


def params(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All parameters, wherever they stand."""
    return [*spec.get("params", []), *(param for layer in layers(spec) for param in layer.get("params", []))]


def panels(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec.get("vconcat", [spec])


# --- all of them ------------------------------------------------------------------------------------------------------


@every_chart
def test_a_chart_is_valid_vega_lite(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    text = json.dumps(spec)
    assert "NaN" not in text
    assert "Infinity" not in text


@every_chart
def test_every_axis_has_words_and_symbols_and_no_panel_has_two(make: Any) -> None:
    spec = make()
    for panel in panels(spec):
        titles = {
            axis["title"]
            for layer in layers(panel)
            if (axis := layer["encoding"].get("y", {})).get("axis") and axis.get("title")
        }
        [title] = titles
        assert any(symbol in title for symbol in ("C", "λ"))
        assert len(title.split()) >= 2
    x_titles = {
        layer["encoding"]["x"].get("title") for layer in layers(spec) if "axis" in layer["encoding"].get("x", {})
    }
    [title] = x_titles - {None}
    assert title in {"Samples to memorize, N", "Training step (logarithmic)"}


@every_chart
def test_labels_are_large_enough_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    axes = [
        layer["encoding"][c]["axis"] for layer in layers(spec) for c in "xy" if layer["encoding"].get(c, {}).get("axis")
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16
    assert min((layer["mark"]["fontSize"] for layer in of_mark(spec, type="text")), default=14) >= 14


@every_chart
def test_no_two_parameters_have_one_name(make: Any) -> None:
    """Vega stops at the second, and the chart stays empty."""
    names = [param["name"] for param in params(make())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", STACKED)
def test_panels_stand_on_one_axis(name: str) -> None:
    spec = EVERY_CHART[name]()
    assert spec["resolve"]["scale"]["x"] == "shared"
    domains = {domain(panel, "x") for panel in panels(spec)}
    assert len(domains) == 1
    extents = {
        layer["encoding"]["y"]["axis"]["minExtent"]
        for layer in layers(spec)
        if layer["encoding"].get("y", {}).get("axis")
    }
    assert len(extents) == 1  # their left edges are in line
    shown = [
        any(
            layer["encoding"].get("x", {}).get("axis", {}).get("labels", True)
            and "axis" in layer["encoding"].get("x", {})
            for layer in layers(panel)
        )
        for panel in panels(spec)
    ]
    assert shown == [False] * (len(shown) - 1) + [True]  # only the last has its numbers


@pytest.mark.parametrize("make", [jamming, training])
def test_one_zoom_moves_all_panels(make: Any) -> None:
    """A selection bound to the scales must be at home in each panel: else only that one follows the pointer."""
    spec = make()
    [zoom] = [param for param in params(spec) if param["name"] == "zoom"]
    assert zoom["bind"] == "scales"
    assert zoom["select"]["type"] == "interval"
    assert zoom["select"]["encodings"] == ["x"]
    assert "ctrlKey" in zoom["select"]["zoom"]  # the wheel alone scrolls the page
    at_home = [
        [layer.get("name") for layer in layers(panel) if layer.get("name") in zoom["views"]] for panel in panels(spec)
    ]
    assert [len(names) for names in at_home] == [1] * len(panels(spec))
    assert len(zoom["views"]) == len(panels(spec))


@pytest.mark.parametrize(("make", "num_panels"), [(jamming, 2), (stability, 1), (training, 0)])
def test_a_click_picks_the_n_of_a_point_and_a_step_cannot_be_picked(make: Any, num_panels: int) -> None:
    picks = [param for param in params(make()) if param["name"].startswith(charts.PICK)]
    assert len(picks) == num_panels
    for pick in picks:
        assert pick["select"]["fields"] == ["num_samples"]
        assert pick["select"]["on"] == "click[!event.ctrlKey]"  # with Ctrl held, a drag moves the axis
        assert pick["select"]["nearest"] is True


@pytest.mark.parametrize("make", [lambda: jamming(0), lambda: stability(0), lambda: training(0)])
def test_where_nothing_is_drawn_nothing_can_be_picked(make: Any) -> None:
    assert params(make()) == []


@pytest.mark.parametrize(("make", "num_panels"), [(jamming, 2), (stability, 1), (training, 3)])
def test_a_band_is_there_only_where_there_are_several_seeds(make: Any, num_panels: int) -> None:
    assert of_mark(make(1), type="area") == []
    bands = of_mark(make(3), type="area")
    assert [(band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) for band in bands] == [
        ("low", "high")
    ] * num_panels


@pytest.mark.parametrize("make", COMPLETE)
def test_panels_have_colours_of_their_own(make: Any) -> None:
    """The colour says what is measured, as on the other views of the page."""
    spec = make()
    colours = [
        {
            layer["encoding"]["color"]["value"]
            for layer in layers(panel)
            if "value" in layer["encoding"].get("color", {})
        }
        for panel in panels(spec)
    ]
    assert all(len(of_panel) == 1 for of_panel in colours)
    assert len(set.union(*colours)) == len(colours)
    assert set.union(*colours) <= set(charts.PALETTE[:4])


def test_a_quantity_has_one_colour_on_all_views() -> None:
    def colour(spec: dict[str, Any], panel: int) -> str:
        [only] = {
            layer["encoding"]["color"]["value"]
            for layer in layers(panels(spec)[panel])
            if "value" in layer["encoding"].get("color", {})
        }
        return str(only)

    assert [colour(training(), panel) for panel in range(3)] == [
        colour(jamming(), 0),
        colour(jamming(), 1),
        colour(stability(), 0),
    ]


# --- C and sharpness over N -------------------------------------------------------------------------------------------


def test_each_panel_goes_through_its_own_means() -> None:
    upper, lower = panels(jamming())
    spec = jamming()
    for panel, expected in ((upper, [50, 100, 141, 141]), (lower, [0.001, 0.001, 0.301, 0.301])):
        [line] = [layer for layer in of_mark(panel, type="line") if "strokeDash" not in layer["mark"]]
        assert line["encoding"]["y"]["field"] == "mean"
        assert data_of(spec, line)["mean"].tolist() == pytest.approx(expected)


def test_a_chart_that_fills_keeps_its_n_axis() -> None:
    assert {domain(panel, "x") for of in (jamming(0), jamming(1, 1), jamming()) for panel in panels(of)} == {
        (0, 1.02 * 200)
    }


def test_the_line_of_all_memorized_is_there_from_the_start() -> None:
    for of in (jamming(0), jamming()):
        upper, _ = panels(of)
        [dashed] = [layer for layer in of_mark(upper, type="line") if "strokeDash" in layer["mark"]]
        ends = data_of(of, dashed)
        assert (ends["num_samples"] == ends["mean"]).all()
        assert ends["mean"].max() == domain(upper, "y")[1]


def test_published_points_are_drawn_in_both_panels_and_only_if_given() -> None:
    assert of_mark(jamming(), shape="diamond") == []
    spec = jamming(published=True)
    upper, lower = panels(spec)
    for panel, column in ((upper, "memorized"), (lower, "sharpness")):
        [diamonds] = of_mark(panel, shape="diamond")
        drawn = data_of(spec, diamonds)
        known = PUBLISHED.dropna(subset=[column])
        assert diamonds["encoding"]["y"]["field"] == "value"
        assert drawn["value"].tolist() == known[column].tolist()
        assert drawn["num_samples"].tolist() == known["num_samples"].tolist()
        assert set(drawn["source"]) == {"Liu (2026), Figure 2"}
        assert not diamonds["mark"]["filled"]
        line = next(layer for layer in of_mark(panel, type="line") if "strokeDash" not in layer["mark"])
        assert diamonds["mark"]["color"] == line["encoding"]["color"]["value"]


def test_the_jump_is_a_line_in_a_stripe_in_both_panels_with_one_name() -> None:
    spec = jamming(jump=JUMP)
    for panel in panels(spec):
        [stripe] = of_mark(panel, type="rect")
        place = data_of(spec, stripe).iloc[0]
        assert (stripe["encoding"]["x"]["field"], stripe["encoding"]["x2"]["field"]) == ("low", "high")
        assert (place["low"], place["high"]) == (130, 150)
        [rule] = of_mark(panel, type="rule")
        assert data_of(spec, rule)[rule["encoding"]["x"]["field"]].tolist() == [140]
    [name] = of_mark(spec, type="text")
    assert data_of(spec, name)["name"].tolist() == ["N ≈ 140"]


@pytest.mark.parametrize(("place", "align"), [(20.0, "left"), (140.0, "right")])
def test_the_name_of_the_jump_stands_where_there_is_room_for_it(place: float, align: str) -> None:
    """Beside the line, on the side where more of the axis is."""
    [name] = of_mark(jamming(1, jump=ONE_SEED_JUMP._replace(mean=place)), type="text")
    assert name["mark"]["align"] == align
    assert (name["mark"]["dx"] > 0) == (align == "left")


def test_the_jump_of_one_seed_is_a_line_without_a_stripe() -> None:
    spec = jamming(1, jump=ONE_SEED_JUMP)
    for stripe in of_mark(spec, type="rect"):
        place = data_of(spec, stripe).iloc[0]
        assert place["low"] == place["high"] == 140


def test_without_a_jump_nothing_marks_one() -> None:
    spec = jamming()
    assert [layer["mark"]["type"] for layer in layers(spec) if layer["mark"]["type"] in ("rect", "rule", "text")] == []


@pytest.mark.parametrize("sharpness", [0.0, 0.0004, 0.0199, 0.5, 99.0])
@pytest.mark.parametrize("published", [False, True])
def test_no_axis_ends_below_a_value_that_is_shown(sharpness: float, published: bool) -> None:
    spec = jamming(sharpness=sharpness, published=published, jump=JUMP)
    for panel in panels(spec):
        low, high = domain(panel, "y")
        assert low == 0
        for layer in layers(panel):
            fields = [
                layer["encoding"][key]["field"] for key in ("y", "y2") if "field" in layer["encoding"].get(key, {})
            ]
            for field in fields:
                assert data_of(spec, layer)[field].max() <= high * (1 + 1e-12)


# --- the edge of stability --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: stability(0), stability, training])
def test_the_edge_is_a_named_line_within_the_chart(make: Any) -> None:
    spec = make()
    panel = panels(spec)[-1]
    [rule] = of_mark(panel, type="rule")
    assert data_of(spec, rule)["mean"].tolist() == [EDGE]
    assert domain(panel, "y")[1] > EDGE
    [name] = of_mark(panel, type="text")
    assert data_of(spec, name)["name"].tolist() == ["edge of stability, 38"]


def test_the_edge_of_momentum_has_its_own_number() -> None:
    spec = charts.stability_chart(
        frames.band_frame(runs(1), ["num_samples"], "stability"), 3.8, title="η λ₁", max_num_samples=200, num_seeds=1
    ).to_dict()
    [name] = of_mark(spec, type="text")
    assert data_of(spec, name)["name"].tolist() == ["edge of stability, 3.8"]


def test_what_lies_above_the_edge_is_on_the_chart() -> None:
    """Stability goes up to 40 here."""
    assert domain(stability(), "y")[1] >= 40


# --- along training ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("num_steps", "ends"), [(100, (1, 100)), (1, (1, 2)), (100_000, (1, 100_000))])
def test_steps_lie_on_a_logarithmic_axis_to_the_last(num_steps: int, ends: tuple[int, int]) -> None:
    spec = training(num_steps=num_steps)
    assert {domain(panel, "x") for panel in panels(spec)} == {ends}
    scales = {
        layer["encoding"]["x"]["scale"]["type"] for layer in layers(spec) if "scale" in layer["encoding"].get("x", {})
    }
    assert scales == {"log"}


def test_all_memorized_is_a_line_at_n() -> None:
    spec = training()
    upper = panels(spec)[0]
    [rule] = of_mark(upper, type="rule")
    assert data_of(spec, rule)["mean"].tolist() == [120]
    assert domain(upper, "y")[1] > 120
