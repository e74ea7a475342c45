"""The page Jamming as its visitors meet it: each view from a link to its finding, and from a click to the next."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig, train
from core.presets import PRESETS
from explorer import charts, controls, service
from explorer.frames import published_figure_2
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.legal import DEFAULTS
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    chart,
    click,
    click_chart,
    finished,
    is_drawn,
    keys,
    own_controls,
    run,
    status,
    switched,
    texts,
    until,
    warnings,
)
from tests.explorer.visiting import opened as opened_at

# Past its knee, which is near N = 15.
TINY: dict[str, Any] = {"dim": "4", "V": "4", "N": ["5", "50"], "points": "10", "seeds": "2", "steps": "300"}
TINY |= {"lr": "0.1"}
LONG: dict[str, Any] = {"dim": "30", "V": "40", "points": "80", "steps": "3000"}
JAMMING = functions_of("jamming")

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


def opened(query: dict[str, Any]) -> AppTest:
    return opened_at(query, "jamming")


def view(name: str, **others: Any) -> AppTest:
    return finished(opened(TINY | {"look": name} | others))


# --- each view --------------------------------------------------------------------------------------------------------


def test_the_jump_leads_from_a_link_to_where_it_is() -> None:
    at = view("The jump")
    assert status(at).startswith("**20 networks**")
    assert re.search(r"The sharpness jumps at \*\*N ≈ \d+ ± \d+\*\* \(95 % interval over 2 seeds\)", texts(at))
    assert "at least 95 % are memorized" in texts(at)
    assert "stripe" in at.caption[0].value
    assert "Diamonds" not in at.caption[0].value
    assert len(chart(at)["vconcat"]) == 2
    assert of_mark(chart(at), type="rect")  # the stripe
    assert warnings(at) == []
    assert not keys(at) & {"stop", "go_on"}


def test_the_jump_is_drawn_from_the_sharpness_after_training() -> None:
    """The same as of runs trained by themselves."""
    at = view("The jump", N=["20", "20"], seeds="1")
    [result] = train([RunConfig(4, 4, 20, learning_rate=0.1, num_steps=300, measure_sharpness="end")])
    lower = chart(at)["vconcat"][1]
    [line] = [layer for layer in of_mark(lower, type="line") if "strokeDash" not in layer["mark"]]
    [[size, sharpness]] = data_of(chart(at), line)[["num_samples", "mean"]].values
    assert size == 20
    assert sharpness == pytest.approx(result.sharpness_at["value"][0], rel=1e-6)


def test_a_layer_that_memorizes_everything_has_no_jump() -> None:
    at = view("The jump", dim="60")
    assert "No jump up to N = 50" in texts(at)
    assert of_mark(chart(at), type="rect") == []


def test_the_edge_leads_from_a_link_to_whether_it_is_reached() -> None:
    at = view("Edge of stability", lr="1", steps="1000")
    assert "**From N ≈ " in texts(at)
    assert "training ends at the edge of stability" in texts(at)
    assert "38" in at.caption[0].value
    assert of_mark(chart(at), type="line")
    slow = view("Edge of stability", lr="0.0001")
    assert "training does not end at the edge of stability up to N = 50" in texts(slow)


def test_along_training_leads_from_a_link_to_what_happened() -> None:
    at = view("Along training", at="50")
    assert status(at).startswith("**2 networks**")
    assert "At N = 50 the layer ends with " in texts(at)
    spec = chart(at)
    assert len(spec["vconcat"]) == 3
    [result] = train([RunConfig(4, 4, 50, learning_rate=0.1, num_steps=300)])
    [line] = of_mark(spec["vconcat"][0], type="line")
    assert data_of(spec, line)["step"].tolist() == result.checkpoint_steps[1:].tolist()


@pytest.mark.parametrize("name", ["The jump", "Edge of stability", "Along training"])
def test_every_view_goes_with_gradient_descent_with_one_seed_and_on_nested_data(name: str) -> None:
    at = view(name, optimizer="GD", seeds="1", data="Nested", at="20", lr="1")
    assert is_drawn(at)
    assert of_mark(chart(at), type="area") == []
    assert "Adam divides" not in at.caption[0].value
    if name != "The jump":
        assert "3.8" in json.dumps(chart(at))


def test_the_two_views_over_n_share_their_networks() -> None:
    at = view("The jump")
    at.button_group("look").set_value("edge")
    assert status(run(at)) == status(at)
    assert service.cache().stats().entries == 20


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("The jump", {"N", "points", "published"}),
        ("Edge of stability", {"N", "points"}),
        ("Along training", set()),
    ],
)
@asleep_workers
def test_a_view_has_the_controls_that_it_needs_and_no_others(name: str, drawn: set[str]) -> None:
    at = opened(TINY | {"look": name})
    assert own_controls(at) == drawn | {"look", "at", "dim", "V", "seeds", "lr", "steps", "bias", "data", "optimizer"}


# --- clicks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "slot"), [("The jump", 0), ("The jump", 1), ("Edge of stability", 0)])
def test_a_click_on_a_point_opens_the_training_of_its_n(name: str, slot: int) -> None:
    at = view(name)
    picks = [param["name"] for param in chart(at)["params"] if param["name"].startswith(charts.PICK)]
    selection: dict[str, list[dict[str, Any]]] = {pick: [] for pick in picks}
    click_chart(at, selection | {f"{charts.PICK}_{slot}": [{"num_samples": 35}]})
    assert (at.session_state["look"], at.session_state["at"]) == ("training", 35)
    assert "At N = 35 the layer ends with" in texts(finished(at))
    assert at.query_params["at"] == "35"
    assert at.query_params["look"] == "Along training"


def test_a_click_beside_all_points_changes_nothing() -> None:
    at = view("The jump")
    before = texts(at)
    click_chart(at, {"pick_0": [], "pick_1": []})
    assert (at.session_state["look"], at.session_state["at"]) == ("jump", 200)
    assert texts(at) == before


def test_after_a_click_the_way_back_shows_the_chart_as_it_was() -> None:
    at = view("The jump")
    before = chart(at)
    click_chart(at, {"pick_0": [{"num_samples": 35}], "pick_1": []})
    at.button_group("look").set_value("jump")
    finished(run(at))
    assert at.session_state["look"] == "jump"
    assert status(at).startswith("**20 networks**")
    assert data_of(before, of_mark(before, type="line")[-1]).equals(
        data_of(chart(at), of_mark(chart(at), type="line")[-1])
    )


# --- published --------------------------------------------------------------------------------------------------------


def test_published_points_come_and_go_with_their_switch_and_belong_to_n_40() -> None:
    at = view("The jump", dim="40", N=["5", "50"], steps="100")
    diamonds = of_mark(chart(at), shape="diamond")
    assert len(diamonds) == 2
    drawn = data_of(chart(at), diamonds[1])
    figure = published_figure_2()
    assert drawn["value"].tolist() == figure[figure["num_samples"] <= 50]["sharpness"].tolist()
    assert "Diamonds" in at.caption[0].value
    at.toggle("published").set_value(False)
    run(at)
    assert of_mark(chart(at), shape="diamond") == []
    assert "Diamonds" not in at.caption[0].value
    assert of_mark(chart(view("The jump")), shape="diamond") == []  # n = 4


def test_past_the_jump_the_published_sharpness_is_compared() -> None:
    at = view("The jump", dim="40", V="10", N=["5", "200"], steps="100", seeds="1")
    assert "the published one" not in texts(at)
    at.select_slider("N").set_value((5, 230))
    at = finished(run(at))
    assert "common N ≥ 205 our sharpness is " in texts(at)
    at.toggle("published").set_value(False)
    assert "N ≥ 205" not in texts(run(at))


# --- settings ---------------------------------------------------------------------------------------------------------


@asleep_workers
@pytest.mark.parametrize("name", ["liu-fig2-as-plotted", "liu-fig2-as-written"])
def test_a_preset_button_sets_every_control_and_leads_to_the_figure(name: str) -> None:
    everything_else = {"lr": "0.05", "bias": "False", "data": "Nested", "optimizer": "GD", "V": "3", "at": "7"}
    everything_else |= {"published": "False"}
    at = click(opened(TINY | everything_else), JAMMING.FIGURES[name])
    values = DEFAULTS | controls.values_of(PRESETS[name])
    for key in JAMMING.CONTROLS:
        assert at.session_state[key] == values[key], key
    assert at.session_state["sweeps"] == (PRESETS[name],)
    assert at.session_state["sweeps"][0].measure_sharpness == "end"


@pytest.mark.xfail(
    reason="a control that is drawn anew takes its value from the URL before it takes the preset's", strict=True
)
@asleep_workers
def test_a_preset_button_sets_the_controls_that_were_not_drawn_though_a_link_named_them() -> None:
    at = click(opened(TINY | {"look": "Along training"}), JAMMING.FIGURES["liu-fig2-as-plotted"])
    assert at.session_state["sweeps"] == (PRESETS["liu-fig2-as-plotted"],)


@asleep_workers
def test_a_preset_adds_its_n_to_those_of_a_page_of_several() -> None:
    at = click(opened_at({"n": ["3", "5"]}, "capacity"), "Stop")
    at = click(switched(at, "jamming"), JAMMING.FIGURES["liu-fig2-as-plotted"])
    assert switched(at, "capacity").session_state["n"] == [3, 5, 40]


@asleep_workers
def test_no_setting_at_all_is_the_second_published_figure() -> None:
    assert opened({}).session_state["sweeps"] == (PRESETS["liu-fig2-as-plotted"],)


@pytest.mark.parametrize("name", ["The jump", "Along training"])
def test_a_sweep_that_is_too_large_is_refused_with_a_number_to_lower(name: str) -> None:
    large = {"dim": "512", "V": "1000", "N": ["5", "20000"], "at": "20000", "steps": "100000", "seeds": "16"}
    at = opened(large | {"look": name})
    [warning] = warnings(at)
    assert warning.startswith("Nothing was started: this needs about ")
    assert re.search(r" are allowed: lower the [a-z ]+ from [\d,]+ to (about )?[\d,]+ or fewer", warning)
    assert not is_drawn(at)
    assert service.jobs().running() == []


@asleep_workers
@pytest.mark.parametrize(("name", "total"), [("The jump", 320), ("Edge of stability", 320), ("Along training", 4)])
def test_stop_stops_every_view(name: str, total: int) -> None:
    at = click(opened(LONG | {"look": name}), "stop")
    job = at.session_state["job"]
    until(lambda: job.state == "stopped")
    assert status(run(at)) == f"Stopped at **0 of {total}** networks. What is there is kept."
    assert "go_on" in keys(at)
    assert "jumps at" not in texts(at)
    click(at, "go_on")
    assert "stop" in keys(at)


@asleep_workers
@pytest.mark.parametrize("name", ["The jump", "Edge of stability", "Along training"])
def test_before_the_first_network_there_is_a_chart_and_no_finding(name: str) -> None:
    at = opened(LONG | {"look": name})
    assert is_drawn(at)
    assert "params" not in chart(at)
    assert len(texts(at).splitlines()) <= 3  # what the page is about, the row of starts


def test_diverged_networks_are_counted() -> None:
    """No setting of the controls lets the loss overflow, but another machine's arithmetic may."""
    at = view("The jump")
    rows = [{**row, "diverged": row["num_samples"] == 50} for row in at.session_state["job"].look(None).rows]
    [config] = at.session_state["sweeps"]
    picture = JAMMING.jump_picture(config, 1, False, rows)
    assert picture.warning is not None
    assert picture.warning.startswith("2 of 20 networks diverged")
    assert "NaN" not in json.dumps(picture.chart)


def test_sharpnesses_that_did_not_converge_are_told() -> None:
    at = view("Edge of stability")
    rows = [{**row, "is_exact": row["num_samples"] != 50} for row in at.session_state["job"].look(None).rows]
    [config] = at.session_state["sweeps"]
    assert str(JAMMING.edge_picture(config, 1, rows).warning).startswith("2 of 20 sharpnesses did not converge")
