"""Workers of a running app that raise, run out of memory, are killed or hang: what pages show, and who else suffers.

That a sweep tries lost work once more is in `tests/core/test_sweep.py` and `test_workers.py`.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from core.cache import open_cache
from tests.faults.faults import HANGS, KILLED, NO_MEMORY, RAISES
from tests.serving import App, serve
from tests.tab import opened

SMALL = "V=3&N=5&N=50&points=10&seeds=1"  # ten networks for each n, in one chunk
LONG = "n=20&n=30&V=40&N=5&N=400&points=40&seeds=2&steps=500"  # some seconds of work, in many parts


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(
        tmp_path_factory.mktemp("workers"), first="from tests.faults import faults; faults.workers_fail()"
    ) as app:
        yield app


def assert_fills(app: App, query: str, count: int) -> None:
    with opened(app, query) as tab:
        tab.follow()
        assert tab.errors == []
        assert tab.there() == count


@pytest.mark.parametrize(
    ("dim", "words"),
    [
        (RAISES, "computing them failed twice, the last time with ZeroDivisionError: the fault of a test"),
        (NO_MEMORY, "memory ran out twice"),
        (KILLED, "their process was ended twice, most likely because memory ran out"),
    ],
    ids=["raises", "out of memory", "killed for want of memory"],
)
def test_work_that_always_fails_is_told_and_all_other_work_is_done(app: App, dim: int, words: str) -> None:
    with opened(app, f"n={dim}&{SMALL}&steps=100") as tab:
        tab.follow()
        [told] = tab.errors
        assert told.startswith(f"10 of 10 runs have no result (n = {dim}, V = 3, N = 5 to 50): {words}")
        assert "\n" not in told, "what the library says is for programmers"
        assert tab.charts == 1
        tab.set("n", "2")  # the same visitor goes on
        tab.follow()
        assert tab.errors == []
        assert tab.there() == 10
    assert_fills(app, f"n=3&n=4&{SMALL}&steps={100 + 100 * (dim - RAISES + 1)}", 20)
    assert "Traceback" not in app.log()


def test_a_run_that_fails_costs_no_run_beside_it(app: App) -> None:
    with opened(app, f"n={RAISES}&n=2&{SMALL}&steps=300") as tab:
        tab.follow()
        assert [error[:8] for error in tab.errors] == ["10 of 20"]


def test_a_worker_that_is_killed_in_mid_sweep_costs_nothing(app: App) -> None:
    with opened(app, LONG) as tab:
        tab.follow(lambda tab: tab.there() > 5)
        assert tab.timer is not None, "the sweep ended before a worker could be killed"
        workers = [each for each in psutil.Process(app.pid).children() if "loky.backend.popen" in str(each.cmdline())]
        assert workers
        workers[0].kill()
        tab.follow()
        assert tab.errors == []
        assert tab.there() == 160


def test_work_that_kills_its_workers_costs_no_other_session_anything(app: App) -> None:
    # One network that takes some seconds, so that it is at work whenever the others kill a worker.
    with opened(app, "at=2000&dim=100&V=50&steps=1000", "samples") as neighbour:
        assert neighbour.timer is not None
        with opened(app, f"n={KILLED}&{SMALL}&steps=100&lr=0.1") as tab:
            tab.follow()
        neighbour.follow()
        assert neighbour.errors == []
        assert neighbour.there() == 1


# --- a worker that hangs ----------------------------------------------------------------------------------------------


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[App]:
    first = (
        "from tests.faults import faults; faults.workers_fail(); import core.workers; core.workers.HUNG_SECONDS = 1.0"
    )
    with serve(tmp_path, first=first) as app:
        yield app
        psutil.Process(app.pid).kill()  # asked to end, it would wait for workers that hang


def test_stop_works_though_a_worker_hangs_and_other_sessions_go_on(hung: App, tmp_path: Path) -> None:
    with opened(hung, f"n={HANGS}&{SMALL}&steps=100") as tab:
        assert "stop" in tab.buttons
        assert_fills(hung, f"n=3&{SMALL}&steps=100", 10)  # by the workers that are left
        tab.tick()
        began = time.monotonic()
        tab.click("stop")
        assert time.monotonic() - began < 5
        assert tab.status().startswith("Stopped at ")
        tab.set("n", "4")  # the same visitor goes on
        tab.follow(seconds=20)
        assert tab.there() == 10
    with closing(open_cache(tmp_path / "cache")) as cache:
        assert cache.stats().entries == 20


def test_workers_that_hang_are_replaced_and_told(hung: App) -> None:
    with opened(hung, f"n={HANGS}&{SMALL}&steps=100") as one, opened(hung, f"n={HANGS}&{SMALL}&steps=200") as other:
        for tab in (one, other):
            tab.follow()
            [told] = tab.errors
            assert "10 of 10 runs have no result" in told
    assert_fills(hung, f"n=3&{SMALL}&steps=100", 10)
