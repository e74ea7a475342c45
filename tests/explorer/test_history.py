"""Undo, redo, reset, and the settings of a visit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import history
from explorer.history import LENGTH, TOGETHER_SECONDS, History
from tests.explorer.visiting import click, opened, run, switched

LATER = 2 * TOGETHER_SECONDS
START: dict[str, Any] = {"V": 10, "seeds": 4}


def visited(*changes: dict[str, Any], every: float = LATER) -> History:
    """A page whose controls were moved one after the other, each so many seconds after the last."""
    past = History((START,))
    for number, change in enumerate(changes):
        past = past.seen({**past.present, **change}, number * every)
    return past


# --- the entries ------------------------------------------------------------------------------------------------------


def test_each_change_is_an_entry_and_a_rerun_is_none() -> None:
    past = visited({"V": 20}, {}, {"seeds": 2}, {})
    assert [past.change(place) for place in range(3)] == ["As the page was opened", "V 10 → 20", "Seeds 4 → 2"]
    assert past.place == 2


def test_a_slider_on_its_way_is_one_change() -> None:
    past = visited({"V": 11}, {"V": 12}, {"V": 20}, every=TOGETHER_SECONDS / 2)
    assert [past.change(place) for place in range(2)] == ["As the page was opened", "V 10 → 20"]
    assert len(past.entries) == 2


def test_one_that_rests_and_goes_on_is_two() -> None:
    assert len(visited({"V": 11}, {"V": 20}).entries) == 3


def test_another_control_is_another_change_however_soon() -> None:
    past = visited({"V": 20}, {"seeds": 2}, {"V": 30}, every=0.0)
    assert len(past.entries) == 4


def test_two_starts_are_two_changes_however_soon() -> None:
    past = visited({"V": 20, "seeds": 2}, {"V": 30, "seeds": 1}, every=0.0)
    assert len(past.entries) == 3


def test_a_slider_that_comes_back_has_not_moved() -> None:
    past = visited({"V": 20}, {"V": 10}, every=0.0)
    assert past.entries == (START,)
    assert past.place == 0


def test_to_move_a_slider_after_an_undo_is_a_new_change() -> None:
    past = visited({"V": 20}, {"V": 30}).moved(1)
    again = past.seen({**START, "V": 25}, LATER)
    assert [entry["V"] for entry in again.entries] == [10, 20, 25]


def test_what_was_undone_can_be_redone_until_something_else_is_changed() -> None:
    past = visited({"V": 20}, {"seeds": 2})
    undone = past.moved(1)
    assert undone.present == {"V": 20, "seeds": 4}
    assert undone.seen(undone.present, 100).moved(2).present == past.present
    assert len(undone.seen({"V": 20, "seeds": 3}, 100).entries) == 3
    assert undone.seen({"V": 20, "seeds": 3}, 100).present == {"V": 20, "seeds": 3}
    assert past.moved(-1).place == 0
    assert past.moved(9).place == 2


def test_a_control_that_is_not_drawn_keeps_its_value_in_the_entry() -> None:
    past = History((START,)).seen({"V": 20}, 0).seen({"V": 20, "lr": 0.1}, LATER)
    assert past.present == {"V": 20, "seeds": 4, "lr": 0.1}
    assert len(past.entries) == 2  # a control that appears was not changed


@given(st.lists(st.tuples(st.sampled_from(["V", "seeds"]), st.integers(2, 9), st.floats(0, 5)), max_size=200))
def test_the_history_is_bounded_and_shows_what_the_controls_say(moves: list[tuple[str, int, float]]) -> None:
    past, now, values = History((START,)), 0.0, START
    for key, value, pause in moves:
        now += pause
        values = {**values, key: value}
        past = past.seen(values, now)
        assert past.present == values
        assert len(past.entries) <= LENGTH
        assert past.place == len(past.entries) - 1
        assert all(one != other for one, other in zip(past.entries, past.entries[1:], strict=False))


# --- on a page --------------------------------------------------------------------------------------------------------

PAGES = ("capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page")
with_pages = pytest.mark.usefixtures("asleep")


def is_enabled(at: Any, key: str) -> bool:
    return not at.button(key=key).disabled


def entries(at: Any) -> list[str]:
    return [button.label for button in at.button if (button.key or "").startswith("history ")]


@with_pages
@pytest.mark.parametrize("name", PAGES)
def test_undo_and_redo_lead_through_the_changes_of_a_page(name: str) -> None:
    at = opened({"V": "7"}, name)
    assert not is_enabled(at, "undo")
    assert not is_enabled(at, "redo")
    at.select_slider("V").set_value(20)
    run(at)
    at.select_slider("steps").set_value(100)
    run(at)
    assert entries(at) == ["Training steps 2000 → 100", "V 7 → 20", "As the page was opened"]
    click(at, "undo")
    assert (at.select_slider("V").value, at.select_slider("steps").value) == (20, 2000)
    click(at, "undo")
    assert at.select_slider("V").value == 7
    assert not is_enabled(at, "undo")
    click(at, "redo")
    assert at.select_slider("V").value == 20
    click(at, "history 2")
    assert at.select_slider("steps").value == 100
    assert not is_enabled(at, "redo")


@with_pages
@pytest.mark.parametrize("name", PAGES)
def test_reset_is_the_page_as_nobody_has_touched_it_and_can_be_undone(name: str) -> None:
    fresh = opened({}, name)
    at = opened({"V": "7", "steps": "100", "lr": "0.1", "optimizer": "GD", "bias": "false"}, name)
    before = at.session_state["sweeps"]
    click(at, "reset")
    assert at.session_state["sweeps"] == fresh.session_state["sweeps"]
    click(at, "undo")
    assert at.session_state["sweeps"] == before


@with_pages
def test_undo_brings_back_the_view_with_its_controls() -> None:
    at = opened({"N": ["10", "100"], "points": "20"}, "jamming")
    at.button_group("look").set_value("training")
    run(at)
    at.number_input("at").set_value(33)
    run(at)
    click(at, "history 0")
    assert at.button_group("look").value == "jump"
    assert at.select_slider("N").value == (10, 100)
    click(at, "redo")
    assert at.button_group("look").value == "training"


@with_pages
def test_a_start_is_one_change_and_the_one_that_is_shown_is_marked() -> None:
    at = opened({}, "learning_rate")
    titles = ("n = 40, past the knee", "all n at N = 200")

    def marked() -> list[bool]:
        return ["check" in next(button.proto.icon for button in at.button if button.label == title) for title in titles]

    assert marked() == [True, False]
    click(at, titles[1])
    assert marked() == [False, True]
    assert entries(at) == ["Across Samples N → Dimension n", "As the page was opened"]
    click(at, "undo")
    assert marked() == [True, False]


@with_pages
def test_each_page_has_a_history_of_its_own() -> None:
    at = opened({}, "capacity")
    at.select_slider("V").set_value(20)
    run(at)
    switched(at, "jamming")
    assert entries(at) == ["As the page was opened"]
    switched(at, "capacity")
    assert entries(at) == ["V 10 → 20", "As the page was opened"]


@with_pages
def test_the_list_shows_the_latest_of_many() -> None:
    at = opened({}, "capacity")
    for value in range(20, 20 + history.LISTED + 3):
        at.select_slider("V").set_value(value)
        at.slider("seeds").set_value(2 + value % 2)
        run(at)
    shown = entries(at)
    assert len(shown) == history.LISTED
    assert shown[0].startswith(f"V {value - 1} → {value}")
