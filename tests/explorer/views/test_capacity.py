"""The page Capacity as its visitors meet it: what it shows, and what it refuses."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import LimitsConfig, limits, workers
from core.presets import PRESETS
from explorer import controls, jobs, service
from explorer.parameters import PARAMETERS
from explorer.words.shared import mean_count
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    chart,
    click,
    finished,
    is_drawn,
    keys,
    opened,
    progress,
    run,
    status,
    texts,
    until,
    warnings,
)

TINY: dict[str, Any] = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}
# Half a minute of work, in small parts.
LONG: dict[str, Any] = {"n": ["20", "30"], "N": ["5", "400"], "points": "80", "seeds": "4", "steps": "3000", "V": "40"}

CONTROLS = functions_of("capacity").CONTROLS
FIGURES = functions_of("capacity").FIGURES

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


# --- a sweep from its start to its end --------------------------------------------------------------------------------


def test_a_link_leads_to_a_finished_chart() -> None:
    at = finished(opened(TINY | {"n": ["16"]}))
    assert status(at).startswith("**10 networks**")
    assert "the last N with at least 95 % memorized" in at.caption[0].value.replace("$", "")
    assert "With n = 16 inputs and 100 steps of Adam at η = 0.01, the layer memorizes at least 95 %" in texts(at)
    assert is_drawn(at)
    assert list(at.warning) == []
    assert not keys(at) & {"stop", "go_on"}


def test_the_table_holds_the_numbers_of_the_finding() -> None:
    at = finished(opened(TINY | {"n": ["8", "16"], "seeds": "2"}))
    table = at.dataframe[0].value
    assert table["input_dim"].tolist() == [8, 16]
    assert table["num_seeds"].tolist() == [2, 2]
    assert f"**N ≈ {table['capacity'].iloc[-1]:,.0f}**" in texts(at)
    assert f"keeps {mean_count(table['last_mean'].iloc[-1])}" in texts(at)


def test_a_chart_that_was_seen_before_comes_from_the_cache() -> None:
    finished(opened(TINY))
    st.cache_resource.clear()  # as after a new start of the app
    assert status(opened(TINY)) == "**10 networks**, all from the cache."


def test_a_slider_moved_back_and_forth_trains_nothing_twice() -> None:
    at = finished(opened(TINY))
    for steps in (200, 100, 200):
        at.select_slider("steps").set_value(steps)
        finished(run(at))
    assert status(at) == "**10 networks**, all from the cache."
    assert service.cache().stats().entries == 20


def test_one_seed_has_no_band() -> None:
    marks = [layer["mark"]["type"] for layer in chart(finished(opened(TINY)))["layer"] if "mark" in layer]
    assert "area" not in marks
    marks = [
        layer["mark"]["type"] for layer in chart(finished(opened(TINY | {"seeds": "2"})))["layer"] if "mark" in layer
    ]
    assert "area" in marks


def test_published_curves_come_and_go_with_their_switch() -> None:
    at = finished(opened(TINY | {"n": "10"}))
    assert "Diamonds" in at.caption[0].value
    assert '"diamond"' in json.dumps(chart(at))
    at.toggle("published").set_value(False)
    run(at)
    assert "Diamonds" not in at.caption[0].value
    assert '"diamond"' not in json.dumps(chart(at))


def test_where_others_keep_the_machine_busy_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_JOBS", 0)
    at = opened(TINY)
    assert warnings(at) == [
        "Nothing was started: already 0 sweeps are at work for others: ask for less, or come back later."
    ]
    monkeypatch.undo()
    assert status(finished(run(at))).startswith("**10 networks** in ")


# --- exact limits -----------------------------------------------------------------------------------------------------


def squares(at: AppTest) -> pd.DataFrame:
    """The optima that are drawn."""
    found = [data_of(chart(at), layer) for layer in of_mark(chart(at), shape="square")]
    return found[0] if found else pd.DataFrame()


def test_the_optimum_of_the_same_data_stands_beside_the_curve() -> None:
    at = finished(opened(TINY | {"n": ["4", "8"], "seeds": "2", "layers": "Exact optimum"}))
    assert status(at).startswith("**80 networks and exact limits** in ")
    assert "Squares" in at.caption[0].value
    assert "Fine dashes" not in at.caption[0].value
    drawn = squares(at).set_index(["input_dim", "num_samples"])["mean"]
    assert len(drawn) == 20
    for n, size in ((4, 50), (8, 25)):
        exact = limits([LimitsConfig(n, 10, size, data_seed=seed) for seed in (0, 1)])
        assert drawn[n, size] == sum(result.num_memorized for result in exact) / 2
    assert warnings(at) == []


def test_theory_is_drawn_at_once_and_computes_nothing() -> None:
    at = finished(opened(TINY))
    job = at.session_state["job"]
    at.multiselect("layers").set_value(["theory"])
    run(at)
    assert at.session_state["job"] is job
    assert "Fine dashes" in at.caption[0].value
    assert "Squares" not in at.caption[0].value
    assert of_mark(chart(at), shape="cross")
    assert service.cache().stats().entries == 10


def test_layers_come_and_go_and_only_what_is_missing_is_computed() -> None:
    at = finished(opened(TINY))
    before = at.dataframe[0].value
    for layers, there in ((["optimum"], 10), (["optimum", "theory"], 10), ([], 0)):
        at.multiselect("layers").set_value(layers)
        at = finished(run(at))
        assert len(squares(at)) == there
        assert bool(of_mark(chart(at), shape="cross")) == ("theory" in layers)
        assert at.dataframe[0].value.equals(before)  # capacities are of what was trained
    assert status(at) == "**10 networks**, all from the cache."
    assert service.cache().stats().entries == 20


@asleep_workers
def test_theory_does_not_wait_for_the_first_network() -> None:
    at = opened(LONG | {"layers": ["Theory", "Exact optimum"]})
    assert re.match(r"0 of 1,280 networks and exact limits computed, about .* left$", progress(at))
    assert of_mark(chart(at), shape="cross")
    assert len(squares(at)) == 0


@asleep_workers
def test_a_sweep_whose_limits_alone_are_too_large_is_refused_with_a_number_to_lower() -> None:
    fits: dict[str, Any] = {"n": "200", "V": "40", "N": ["5", "5000"], "points": "160", "seeds": "16", "steps": "100"}
    assert is_drawn(opened(fits))
    [warning] = warnings(opened(fits | {"layers": "Exact optimum"}))
    assert warning.startswith("Nothing was started: this needs about ")
    assert "steps" not in warning


@asleep_workers
def test_two_visitors_of_one_link_share_one_job() -> None:
    first, second = opened(LONG), opened(LONG)
    assert first.session_state["job"] is second.session_state["job"]
    assert len(service.jobs().running()) == 1


@asleep_workers
def test_a_visitor_who_moves_on_leaves_the_sweep_behind() -> None:
    at = opened(LONG)
    before = at.session_state["job"]
    at.select_slider("V").set_value(50)
    run(at)
    assert at.session_state["job"] is not before
    until(lambda: before.state == "stopped")
    assert len(service.jobs().running()) == 1


# --- Stop and Go on ---------------------------------------------------------------------------------------------------


def test_stop_stops_and_go_on_goes_on() -> None:
    at = opened(LONG)
    assert "stop" in keys(at)
    click(at, "stop")
    job = at.session_state["job"]
    until(lambda: job.state == "stopped")
    run(at)
    there = len(job.look(None).rows)
    assert status(at) == f"Stopped at **{there:,} of 640** networks. What is there is kept."
    assert "go_on" in keys(at)
    assert "stop" not in keys(at)
    assert service.jobs().running() == []

    click(at, "go_on")
    assert "stop" in keys(at)
    assert "go_on" not in keys(at)
    [goes_on] = service.jobs().running()
    assert len(goes_on.look(None).rows) >= there


@asleep_workers
def test_what_was_stopped_stays_stopped_until_something_is_changed() -> None:
    at = click(opened(LONG), "stop")
    for _ in range(3):
        run(at)
    until(lambda: service.jobs().running() == [])
    at.select_slider("V").set_value(50)
    run(at)
    assert "stop" in keys(at)
    assert len(service.jobs().running()) == 1


@asleep_workers
def test_stop_does_not_stop_another_visitors_sweep() -> None:
    first, second = opened(LONG), opened(LONG)
    click(first, "stop")
    time.sleep(0.2)
    run(second)
    assert "stop" in keys(second)
    assert "go_on" in keys(run(first))
    assert second.session_state["job"].state == "running"


@asleep_workers
def test_a_tab_that_slept_for_long_goes_on_by_itself() -> None:
    at = opened(LONG)
    job = at.session_state["job"]
    job.leave(at.session_state["watcher"])  # as if it had not been heard of for too long
    until(lambda: job.state == "stopped")
    run(at)
    assert at.session_state["job"] is not job
    assert "stop" in keys(at)


class Broken(ThreadPoolExecutor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        failure: Future[Any] = Future()
        failure.set_exception(MemoryError("a worker was killed"))
        return failure


def test_a_sweep_that_fails_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Processes", Broken)
    at = finished(opened(TINY))
    [error] = at.error
    assert error.value.startswith("10 of 10 runs have no result")
    assert "a worker was killed" in error.value
    assert is_drawn(at)


# --- settings ---------------------------------------------------------------------------------------------------------


@asleep_workers
@pytest.mark.parametrize("name", ["liu-fig1-as-plotted", "liu-fig1-as-written"])
def test_a_preset_button_sets_every_control(name: str) -> None:
    everything_else = {"lr": "0.05", "bias": "False", "data": "Nested", "optimizer": "GD", "V": "3"}
    everything_else |= {"published": "False", "layers": "Theory"}
    at = click(opened(TINY | everything_else), FIGURES[name])
    values = controls.values_of(PRESETS[name]) | {"published": True, "layers": []}
    for key in CONTROLS:
        assert at.session_state[key] == values[key], key
    assert at.session_state["sweeps"] == (PRESETS[name],)


def test_a_link_sets_every_control() -> None:
    at = finished(
        opened(
            TINY
            | {"lr": "0.05", "bias": "False", "data": "Nested", "optimizer": "GD", "V": "3", "published": "False"}
            | {"layers": ["Exact optimum", "Theory"]}
        )
    )
    expected = {"n": [2], "V": 3, "N": (5, 50), "points": 10, "seeds": 1, "steps": 100, "lr": 0.05, "bias": False}
    expected |= {"data": "nested", "optimizer": "gd", "published": False, "layers": ["optimum", "theory"]}
    assert {key: at.session_state[key] for key in CONTROLS} == expected
    assert list(at.warning) == []


@asleep_workers
def test_every_option_that_a_url_may_name_is_found_again() -> None:
    """Else a link would lead elsewhere than where it was copied."""
    wanted = {"n": [1, 512], "V": 1000, "N": (5, 20_000), "points": 10, "lr": 1e-4, "steps": 100, "seeds": 1}
    texts = {
        key: [PARAMETERS[key].show(each) for each in (value if isinstance(value, list | tuple) else [value])]
        for key, value in wanted.items()
    }
    at = opened(texts)
    assert {key: at.session_state[key] for key in wanted} == wanted
    assert [warning.value for warning in at.warning if "link" in warning.value] == []


def test_without_a_dimension_the_page_says_what_to_do() -> None:
    at = finished(opened(TINY))
    at.multiselect("n").set_value([])
    run(at)
    assert [warning.value for warning in at.warning] == [
        "Nothing was started: Choose at least one input dimension n, and its curve appears here."
    ]
    assert not is_drawn(at)
    at.multiselect("n").set_value([2])
    assert is_drawn(run(at))


def test_a_sweep_that_is_too_large_is_refused_with_a_number_to_lower() -> None:
    started: dict[str, Any] = {"n": "512", "V": "1000", "N": ["5", "20000"], "steps": "100000", "seeds": "16"}
    at = opened(started)
    [warning] = at.warning
    assert warning.value.startswith("Nothing was started: this needs about ")
    assert re.search(r" are allowed: lower the [a-z ]+ from [\d,]+ to (about )?[\d,]+ or fewer", warning.value)
    assert not is_drawn(at)
    assert service.jobs().running() == []
    assert service.cache().stats().entries == 0


@asleep_workers
def test_a_link_of_nonsense_gives_sentences_and_the_defaults() -> None:
    nonsense = {"n": ["2", "999"], "N": ["5", "51"], "points": "11", "V": "javascript:alert(1)", "bias": "maybe"}
    at = opened(nonsense | {"steps": "-1", "lr": "nan", "optimizer": "<b>", "seeds": "99", "W": "1", "layers": "x"})
    notes = [warning.value for warning in at.warning]
    assert len(notes) == 11
    assert all(note.startswith("The link ") for note in notes)
    got = {key: at.session_state[key] for key in CONTROLS}
    some = {"n": None, "seeds": None, "layers": []}
    assert got | some == {key: PARAMETERS[key].default for key in CONTROLS} | some
    assert got["layers"] == []
    assert got["n"] == [2]
    assert 1 <= got["seeds"] <= 16


def test_what_a_link_did_not_get_is_told_until_a_control_is_moved() -> None:
    """Streamlit corrects the URL at once, and the page runs again when its sweep ends: nobody reads that fast."""
    at = opened(TINY | {"V": "51"})
    first = [warning.value for warning in at.warning]
    assert first == ["The link asks for V = `51`, which this page does not offer; it shows V = 10."]
    assert [warning.value for warning in finished(at).warning] == first
    at.select_slider("V").set_value(20)
    assert list(run(at).warning) == []


@asleep_workers
def test_no_setting_at_all_is_the_first_published_figure() -> None:
    assert opened({}).session_state["sweeps"] == (PRESETS["liu-fig1-as-plotted"],)
