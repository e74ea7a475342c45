"""The pages as their visitors meet them, without a browser: what they show, and what they refuse.

`AppTest` runs the whole page for each click. A button of a fragment runs only the fragment: see `test_live.py`.
"""

import gc
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import workers
from core.presets import PRESETS
from explorer import controls, live, service
from tests.serving import ROOT

TINY: dict[str, Any] = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}
# Half a minute of work, in small parts.
LONG: dict[str, Any] = {"n": ["20", "30"], "N": ["5", "400"], "points": "80", "seeds": "4", "steps": "3000", "V": "40"}
A_WHILE = 60


@pytest.fixture(autouse=True)
def executors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Executor]]:
    """A new app, with a cache of its own and with threads, which start sooner than processes."""
    made: list[Executor] = []

    def threads() -> ThreadPoolExecutor:
        made.append(workers.threads())
        return made[-1]

    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(workers, "Processes", threads)
    st.cache_resource.clear()
    yield made
    for job in service.jobs().running():
        for watcher in list(job._seen_by):
            job.leave(watcher)
    until(lambda: not service.jobs().running())
    service.cache().close()
    for executor in made:
        executor.shutdown(cancel_futures=True)
    st.cache_resource.clear()
    gc.unfreeze()


class Asleep(ThreadPoolExecutor):
    """Workers that never begin: a sweep that lasts as long as a test wants, and takes no time from others."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Processes", Asleep)
    monkeypatch.setattr(live, "FIRST_LOOK_SECONDS", 0.01)  # there is nothing to wait for


asleep_workers = pytest.mark.usefixtures("asleep")


def until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + A_WHILE
    while not is_so():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.01)


def opened(query: dict[str, Any]) -> AppTest:
    """The app, as a link with this query opens it."""
    at = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=A_WHILE)
    at.query_params.update(query)
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert list(at.exception) == []
    return at


def finished(at: AppTest) -> AppTest:
    """The page when its sweep has ended."""
    until(lambda: at.session_state["job"].state != "running")
    return run(at)


def click(at: AppTest, key: str) -> AppTest:
    at.button(key).click()
    return run(at)


def texts(at: AppTest) -> str:
    return "\n".join(element.value for element in at.markdown)


def status(at: AppTest) -> str:
    return str(next(text.value for text in at.markdown if "networks" in text.value))


def keys(at: AppTest) -> set[str | None]:
    return {button.key for button in at.button}


def chart(at: AppTest) -> dict[str, Any]:
    [element] = at.get("vega_lite_chart")
    return dict(json.loads(element.proto.spec))


def is_drawn(at: AppTest) -> bool:
    return bool(at.get("vega_lite_chart"))


# --- a sweep from its start to its end --------------------------------------------------------------------------------


def test_a_link_leads_to_a_finished_chart() -> None:
    at = finished(opened(TINY | {"n": ["16"]}))
    assert status(at).startswith("**10 networks**")
    assert "N up to which at least 95 %" in at.caption[0].value.replace("$", "")
    assert "With n = 16 inputs the layer memorizes at least 95 %" in texts(at)
    assert is_drawn(at)
    assert list(at.warning) == []
    assert not keys(at) & {"stop", "go_on"}


def test_the_table_holds_the_numbers_of_the_finding() -> None:
    at = finished(opened(TINY | {"n": ["8", "16"], "seeds": "2"}))
    table = at.dataframe[0].value
    assert table["input_dim"].tolist() == [8, 16]
    assert table["num_seeds"].tolist() == [2, 2]
    assert f"**N ≈ {table['capacity'].iloc[-1]:,.0f}**" in texts(at)
    assert f"keeps {table['last_mean'].iloc[-1]:,.0f}" in texts(at)


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
    at = click(opened(TINY | everything_else), name)
    for key, value in controls.values_of(PRESETS[name]).items():
        assert at.session_state[key] == value, key
    assert at.session_state["sweep"] == PRESETS[name]


def test_a_link_sets_every_control() -> None:
    at = finished(
        opened(
            TINY | {"lr": "0.05", "bias": "False", "data": "Nested", "optimizer": "GD", "V": "3", "published": "False"}
        )
    )
    expected = {"n": [2], "V": 3, "N": (5, 50), "points": 10, "seeds": 1, "steps": 100, "lr": 0.05, "bias": False}
    expected |= {"data": "nested", "optimizer": "gd", "published": False}
    assert {key: at.session_state[key] for key in controls.PARAMETERS} == expected
    assert list(at.warning) == []


@asleep_workers
def test_every_option_that_a_url_may_name_is_found_again() -> None:
    """Else a link would lead elsewhere than where it was copied."""
    wanted = {"n": [1, 512], "V": 1000, "N": (5, 20_000), "points": 10, "lr": 1e-4, "steps": 100, "seeds": 1}
    texts = {
        key: [controls.PARAMETERS[key].show(each) for each in (value if isinstance(value, list | tuple) else [value])]
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
    at = opened(nonsense | {"steps": "-1", "lr": "nan", "optimizer": "<b>", "seeds": "99", "W": "1"})
    notes = [warning.value for warning in at.warning]
    assert len(notes) == 10
    assert all(note.startswith("The link ") for note in notes)
    got = {key: at.session_state[key] for key in controls.PARAMETERS}
    assert got | {"n": None, "seeds": None} == (
        {key: parameter.default for key, parameter in controls.PARAMETERS.items()} | {"n": None, "seeds": None}
    )
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
    assert opened({}).session_state["sweep"] == PRESETS["liu-fig1-as-plotted"]


# --- Storage ----------------------------------------------------------------------------------------------------------


def storage(at: AppTest) -> AppTest:
    at.switch_page("views/storage.py")
    return run(at)


def test_the_storage_page_tells_what_is_kept_and_where(tmp_path: Path) -> None:
    at = storage(finished(opened(TINY)))
    numbers = {metric.label: metric.value for metric in at.metric}
    assert numbers["Networks kept"] == "10"
    assert float(numbers["Size"].split()[0]) > 0
    assert [code.value for code in at.code] == [str(tmp_path)]
    assert list(at.warning) == []


def test_an_empty_cache_has_no_hit_rate() -> None:
    at = AppTest.from_file(str(ROOT / "explorer" / "views" / "storage.py"), default_timeout=A_WHILE)
    numbers = {metric.label: metric.value for metric in run(at).metric}
    assert numbers["Networks kept"] == "0"
    assert numbers["Found when asked for"] == "–"


def test_clear_empties_the_cache_and_says_how_much_went() -> None:
    at = click(storage(finished(opened(TINY))), "clear")
    assert [success.value for success in at.success] == ["10 networks were deleted."]
    assert {metric.label: metric.value for metric in at.metric}["Networks kept"] == "0"
    assert service.cache().stats().entries == 0
    assert list(run(at).success) == []  # said once
    again = finished(opened(TINY))
    assert "from the cache" not in status(again)  # nor kept in memory
    assert service.cache().stats().entries == 10


def test_a_folder_that_cannot_be_used_is_told_and_the_app_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path / "file"))
    at = finished(opened(TINY))
    assert is_drawn(at)
    assert len(storage(at).warning) == 1
