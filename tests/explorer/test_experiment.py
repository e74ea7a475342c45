"""A and B on one page: what each shows is what it would show alone, and a link cannot ask for more than a page may."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from core import cost
from explorer import service
from explorer.parameters import PIN
from tests.explorer.charts.spec import data_of, layers
from tests.explorer.visiting import chart, click, drawn, finished, keys, opened, run, switched, texts, warnings

TINY: dict[str, Any] = {"n": ["4", "8"], "N": ["5", "50"], "points": "10", "seeds": "2", "steps": "100"}
# Of each page something that takes a moment, and what may be pinned beside it.
SMALL: dict[str, dict[str, Any]] = {
    "capacity": TINY,
    "jamming": {"dim": "4", "N": ["5", "50"], "points": "10", "seeds": "2", "steps": "100"},
    "learning_rate": {"dim": "4", "at": "20", "Ns": ["20", "80"], "columns": "4", "dense": "2", "seeds": "2"}
    | {"steps": "100", "rates": ["0.01", "0.1"]},
    "samples/page": {"dim": "4", "at": "30", "steps": "100"},
    "limits/page": {"dim": "4", "at": "20", "N": ["5", "50"], "spots": "10", "seeds": "2", "steps": "100"},
    "bits/page": {"dim": "4", "N": ["5", "50"], "points": "10", "seeds": "2", "steps": "100"},
}
BESIDE = {"learning_rate", "samples/page"}  # pages whose chart cannot lie behind another

asleep_workers = pytest.mark.usefixtures("asleep")
awake = pytest.mark.usefixtures("new_app")


def pin(query: dict[str, Any]) -> str:
    return urlencode(query, doseq=True)


def thin(at: AppTest) -> list[dict[str, Any]]:
    return [layer for layer in layers(chart(at)) if layer["data"]["name"].startswith("A ")]


def curves(at: AppTest, *, behind: bool) -> dict[str, list[tuple[float, float]]]:
    """The measured curves: name -> points; those that lie behind, or the page's own."""
    layer = next(
        layer
        for layer in layers(chart(at))
        if layer["mark"]["type"] == "line"
        and layer["data"]["name"].startswith("A ") == behind
        and (behind or layer["mark"].get("style") == "measured")
    )
    table = data_of(chart(at), layer)
    return {name: sorted(zip(part["num_samples"], part["mean"], strict=True)) for name, part in table.groupby("curve")}


# --- both stay --------------------------------------------------------------------------------------------------------


@awake
def test_what_is_pinned_stays_while_a_slider_moves_and_each_is_what_it_is_alone() -> None:
    at = finished(opened(TINY | {"V": "5"}))
    alone = curves(at, behind=False)
    assert thin(at) == []
    at = finished(click(at, "pin"))
    assert curves(at, behind=True) == alone
    at.select_slider("V").set_value(30)
    at = finished(run(at))
    assert curves(at, behind=True) == alone
    assert curves(at, behind=False) == curves(finished(opened(TINY | {"V": "30"})), behind=False) != alone
    assert "**A**: V = 5. **B** (now): V = 30." in texts(at)
    assert "Thin lines without points: A. Capacity N, from A to B: n = 4: " in texts(at)
    assert "Behind it, in thin lines, A, V = 5: With n = 8 inputs" in at.get("vega_lite_chart")[0].proto.alt


@awake
def test_the_link_reproduces_both() -> None:
    at = finished(opened(TINY | {"V": "30", PIN: pin(TINY | {"V": "5"})}))
    assert curves(at, behind=True) == curves(finished(opened(TINY | {"V": "5"})), behind=False)
    assert curves(at, behind=False) == curves(finished(opened(TINY | {"V": "30"})), behind=False)
    assert at.session_state["sweeps"][0].num_classes == 30
    assert warnings(at) == []


@asleep_workers
def test_what_is_pinned_is_still_there_when_a_page_is_visited_again() -> None:
    at = click(opened(TINY | {"V": "5"}), "pin")
    at.select_slider("V").set_value(30)
    for elsewhere in ("lesson/page", "jamming"):
        at = switched(run(at), elsewhere)
        assert PIN not in at.query_params
        at = switched(at, "capacity")
        assert "**A**: V = 5. **B** (now): V = 30." in texts(at)
    at = switched(switched(click(at, "pin"), "jamming"), "capacity")  # which is now: unpin
    assert PIN not in at.query_params


@awake
def test_runs_that_both_have_are_trained_once() -> None:
    at = finished(opened(TINY | {PIN: pin(TINY | {"n": ["8", "16"]})}))
    assert service.cache().stats().entries == 3 * 10 * 2
    assert set(curves(at, behind=True)) == {"n = 8", "n = 16"}
    assert curves(at, behind=True)["n = 8"] == curves(at, behind=False)["n = 8"]


@awake
def test_to_swap_them_swaps_them_and_to_unpin_takes_a_away() -> None:
    at = finished(opened(TINY | {"V": "30", PIN: pin(TINY | {"V": "5"})}))
    a, b = curves(at, behind=True), curves(at, behind=False)
    at = finished(click(at, "swap"))
    assert at.select_slider("V").value == 5
    assert (curves(at, behind=True), curves(at, behind=False)) == (b, a)
    at = finished(click(at, "swap"))
    assert (curves(at, behind=True), curves(at, behind=False)) == (a, b)
    at = finished(click(at, "pin"))  # which is now: unpin
    assert PIN not in at.query_params
    assert thin(at) == []
    assert at.select_slider("V").value == 30
    assert "swap" not in keys(at)


@awake
@pytest.mark.parametrize("name", SMALL)
def test_every_page_shows_a_beside_b(name: str) -> None:
    query = SMALL[name]
    at = finished(opened(query | {"V": "3", PIN: pin(query | {"V": "6"})}, name))
    assert warnings(at) == []
    assert "**A**: V = 6. **B** (now): V = 3." in texts(at)
    alone = len(drawn(finished(opened(query | {"V": "3"}, name))))
    assert len(drawn(at)) == alone + (name in BESIDE)
    if name in BESIDE:
        headings = [text.value for text in at.markdown if text.value in ("**A**: V = 6", "**B** (now): V = 3")]
        assert headings == ["**A**: V = 6", "**B** (now): V = 3"]
        beside = [column for column in at.columns if column.markdown and column.markdown[0].value in headings]
        assert [len(column.get("vega_lite_chart")) for column in beside] == [1, 1]
        of_both = [json.dumps(spec["datasets"]) for spec in drawn(at)[:2]]
        assert of_both[0] != of_both[1] == json.dumps(drawn(finished(opened(query | {"V": "3"}, name)))[0]["datasets"])
    else:
        assert "Thin lines without points: A." in texts(at)
        assert " Behind it, in thin lines, A, V = 6: " in at.get("vega_lite_chart")[0].proto.alt


@awake
@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("jamming", {"look": "Edge of stability"}),
        ("jamming", {"look": "Along training"}),
        ("learning_rate", {"ask": "Schedules"}),
        ("limits/page", {"limit": "Closing the gap"}),
        ("samples/page", {"show": "Other starts", "starts": "2"}),
    ],
)
def test_views_with_curves_have_those_of_a_behind_them(name: str, view: dict[str, Any]) -> None:
    query = SMALL[name] | view
    at = finished(opened(query | {"V": "3", PIN: pin(query | {"V": "6"})}, name))
    assert "Thin lines without points: A." in texts(at)
    assert len([spec for spec in drawn(at) if any(table.startswith("A ") for table in spec["datasets"])]) == 1


@awake
def test_another_view_of_a_stands_above() -> None:
    query = SMALL["limits/page"]
    at = finished(opened(query | {"limit": "Closing the gap", PIN: pin(query)}, "limits/page"))
    assert len(drawn(at)) == 2
    assert "**A**: Show = The limits\n" in texts(at)
    assert "**B** (now): Show = Closing the gap\n" in texts(at)


@awake
def test_a_view_that_has_no_picture_of_a_says_so() -> None:
    query = SMALL["samples/page"] | {"show": "The coin"}
    at = finished(opened(query | {"V": "3", PIN: pin(query | {"V": "6"})}, "samples/page"))
    assert "This view has no picture that can stand beside another" in texts(at)


# --- what a link may ask for ------------------------------------------------------------------------------------------


@asleep_workers
def test_what_the_link_pins_and_cannot_have_is_told() -> None:
    at = opened(TINY | {PIN: "V=40&W=3&lr=17"})
    assert sorted(warnings(at)) == [
        "The link's pinned settings ask for lr = `17`, which this page does not offer; A has η = 0.01.",
        "The link's pinned settings name `W`, which this page does not have; it was ignored.",
    ]


LARGE = {"n": ["512"], "V": "1000", "steps": "100000", "seeds": "16", "N": ["5", "20000"]}


@asleep_workers
def test_a_that_does_not_fit_is_left_out_and_b_is_shown() -> None:
    at = opened(TINY | {PIN: pin(LARGE)})
    [warning] = warnings(at)
    assert warning.startswith("A is not shown: this needs about ")
    assert [sweep.num_classes for sweep in at.session_state["sweeps"]] == [10]
    assert thin(at) == []


@asleep_workers
def test_a_and_b_must_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = service.limits() | {"max_seconds": 1.5 * seconds_of(TINY)}
    monkeypatch.setattr(service, "limits", lambda: limits)
    assert warnings(opened(TINY)) == []
    assert warnings(opened(TINY | {PIN: pin(TINY)})) == []  # the same runs: nothing more
    [warning] = warnings(opened(TINY | {PIN: pin(TINY | {"V": "12"})}))
    assert warning.startswith("A is not shown: this needs about ")


def seconds_of(query: dict[str, Any]) -> float:
    """How long the page's sweep will take, as estimated."""
    [sweep] = opened(query).session_state["sweeps"]
    return cost.estimate(sweep.runs(), service.limits()["workers"]).seconds


@asleep_workers
def test_a_that_cannot_be_is_told_and_b_is_shown() -> None:
    at = opened(TINY | {PIN: "n="})
    [warning] = warnings(at)
    assert warning.startswith("A is not shown: Choose at least one input dimension")
    assert "stop" in keys(at)
