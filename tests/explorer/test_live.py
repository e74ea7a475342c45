"""The live part of a page as a browser drives it: its timer and its buttons run one fragment, not the page.

`AppTest` runs the whole page for each click, so that only a real server shows whether Stop stops.
"""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core import LimitsConfig, RunConfig
from core.tasks import Task
from core.turns import Turns
from explorer import live
from explorer.jobs import Job
from tests.serving import PAGE_SECONDS, App, serve
from tests.tab import opened

# Half a minute of work, in small parts.
LONG = "n=20&n=30&V=40&N=5&N=400&points=80&seeds=4&steps=3000"
MIX = "dim=5&V=4&N=5&N=60&at=40&spots=10&seeds=2&steps=100"  # on the page Limits
ALONE = Turns(ThreadPoolExecutor(1), lambda: 1).party()  # for a job that is never started
SHORT = "n=2&N=5&N=50&points=10&seeds=1&steps=100"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("live")) as running:
        yield running


def test_a_page_fills_by_its_timer_alone_and_then_rests(app: App) -> None:
    with opened(app, SHORT) as tab:
        give_up = time.monotonic() + PAGE_SECONDS
        while "stop" in tab.buttons:
            assert time.monotonic() < give_up
            time.sleep(0.1)
            tab.tick()
        assert tab.status().startswith("**10 networks**")


def test_stop_stops_and_go_on_goes_on(app: App) -> None:
    with opened(app, LONG) as tab:
        tab.tick()
        assert "networks trained" in tab.status()
        tab.click("stop")
        assert tab.status().startswith("Stopped at ")
        assert "stop" not in tab.buttons
        time.sleep(0.3)  # for workers in mid-chunk
        tab.run()
        there = tab.status()
        time.sleep(1)
        tab.run()
        assert tab.status() == there  # nothing is trained any more

        tab.click("go_on")
        assert "networks trained" in tab.status()
        assert "go_on" not in tab.buttons
        tab.tick()
        tab.click("stop")
        assert tab.status().startswith("Stopped at ")
    assert "Traceback" not in app.log()


# --- limits beside networks -------------------------------------------------------------------------------------------

RUN, LIMITS = RunConfig(3, 3, 12), LimitsConfig(3, 3, 12)


def many(task: Task, count: int) -> list[Task]:
    return [replace(task, data_seed=seed) for seed in range(count)]


@pytest.mark.parametrize(
    ("tasks", "things", "computed"),
    [
        (many(RUN, 1), "network", "trained"),
        (many(RUN, 3), "networks", "trained"),
        (many(LIMITS, 1), "exact limit", "solved"),
        (many(LIMITS, 3), "exact limits", "solved"),
        (many(RUN, 1) + many(LIMITS, 1), "networks and exact limits", "computed"),
        (many(LIMITS, 7) + many(RUN, 3), "networks and exact limits", "computed"),
    ],
)
def test_the_status_names_what_there_is(tasks: Sequence[Task], things: str, computed: str) -> None:
    job = Job(tuple(tasks), 10.0, ALONE, 1)
    assert live._things(job) == things
    assert live._computed(job) == computed

    for task in tasks[:-1]:
        job.add(task, {}, trained=False)
    job.add(tasks[-1], {}, trained=True)
    job.end("done")
    steps = ", 2,000 steps each" if any(isinstance(task, RunConfig) for task in tasks) else ""
    origin = "" if len(tasks) == 1 else f"; {len(tasks) - 1} of them from the cache"
    said = live._done(job, job.look(None))
    assert re.fullmatch(rf"\*\*{len(tasks)} {things}\*\* in [\d.]+ s{steps}{origin}\.", said), said


@pytest.mark.parametrize(("count", "origin"), [(1, "from the cache."), (2, "all from the cache.")])
def test_what_was_known_already_is_said_to_be(count: int, origin: str) -> None:
    job = Job(tuple(many(LIMITS, count)), 10.0, ALONE, 1)
    for task in job.runs:
        job.add(task, {}, trained=False)
    job.end("done")
    assert live._done(job, job.look(None)) == f"**{count} {live._things(job)}**, {origin}"


def test_a_page_of_networks_and_limits_fills_by_its_timer_and_then_rests(app: App) -> None:
    with opened(app, MIX, "limits") as tab:
        give_up = time.monotonic() + PAGE_SECONDS
        while "stop" in tab.buttons:
            assert re.match(r"[\d,]+ of 44 networks and exact limits computed, about ", tab.status())
            assert time.monotonic() < give_up
            time.sleep(0.1)
            tab.tick()
        assert tab.status().startswith("**44 networks and exact limits**")
        assert any("At **N = 40** Adam memorizes" in text for text in tab.texts)
    assert "Traceback" not in app.log()
