"""A class of thirty: all open one link within two seconds, then within two more each moves a slider to its own value.

    python -m tests.load.classroom --sessions 30

prints how long each waited for its first points, how quickly the server answered meanwhile, what memory it took, and
whether each network was trained once. In mid-sweep one of them presses Stop, and another closes the tab. Every session
is a websocket client that does as a browser's tab does.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core import open_cache
from explorer.jobs import PATIENCE_SECONDS
from tests.serving import App, serve
from tests.tab import Tab, connected

LINK = "n=10&n=20&N=5&N=200&points=20&seeds=2&steps=1000"
FIRST_CLASSES = 11  # V of the first session's own sweep; the link's is 10
WITHIN_SECONDS = 2.0
HEALTH_EVERY_SECONDS = 0.05
STOPS, LEAVES = 0, 1  # which sessions press Stop, or close the tab


@dataclass
class Figures:
    """What was measured.

    Attributes:
        first: seconds until the first points of the link were there, of each session.
        moved: the same after each moved its slider.
        done: seconds until all points of its own sweep were there.
        health: seconds of each answer of the health endpoint.
        memory: bytes of the server without its workers: before, at most, and after all have left.
        computed, kept: networks that were trained, and that are in the cache: as many, if none was trained twice.
        running: sweeps at work after all have left.
    """

    first: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    memory: tuple[int, int, int] = (0, 0, 0)
    computed: int = 0
    kept: int = 0
    running: int = 0

    def __str__(self) -> str:
        lines = [
            f"{name:46}{statistics.median(values):8.2f}{p95(values):8.2f}{max(values):8.2f}"
            for name, values in (
                ("first points of the link [s]", self.first),
                ("first points after the slider was moved [s]", self.moved),
                ("all points of the own sweep [s]", self.done),
                ("health endpoint [s]", self.health),
            )
            if values
        ]
        before, most, after = (size / 2**20 for size in self.memory)
        return "\n".join(
            [
                f"{'':46}{'median':>8}{'95 %':>8}{'most':>8}",
                *lines,
                f"memory of the server: {before:.0f} MiB before, {most:.0f} at most, {after:.0f} after all have left",
                f"networks: {self.computed:,} trained, {self.kept:,} kept; sweeps that still run: {self.running}",
            ]
        )


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def measure(folder: Path, sessions: int, link: str = LINK) -> Figures:
    """Let a class use a new app whose home is `folder`."""
    figures = Figures()
    with serve(folder, "--server.headless", "true") as app, ExitStack() as stack:
        _warm_up(app)
        server = psutil.Process(app.pid)
        watch = stack.enter_context(_Watch(app, server, figures))
        before = server.memory_info().rss
        barrier = threading.Barrier(sessions)
        problems: list[BaseException] = []

        def session(number: int) -> None:
            try:
                _session(app, number, sessions, link, barrier, figures)
            except BaseException as problem:
                problems.append(problem)
                barrier.abort()

        threads = [threading.Thread(target=session, args=(number,)) for number in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]
        time.sleep(PATIENCE_SECONDS + 2)  # so long a sweep goes on that nobody looks at
        figures.memory = before, watch.most, server.memory_info().rss
        lines = [json.loads(line) for line in app.log().splitlines() if line.startswith("{")]
        jobs = [line for line in lines if line["event"] == "job"]
        figures.computed = sum(job["computed"] for job in jobs)
        with connected(app) as socket:
            figures.running = int(Tab(socket, page="storage").metrics["Sweeps at work"])
    cache = open_cache(folder / "cache")
    figures.kept = cache.stats().entries
    cache.close()
    return figures


def _session(app: App, number: int, sessions: int, link: str, barrier: threading.Barrier, figures: Figures) -> None:
    """One pupil."""
    barrier.wait()
    time.sleep(WITHIN_SECONDS * number / sessions)
    start = time.monotonic()
    with connected(app) as socket:
        tab = Tab(socket, link)
        tab.follow(_has_points)
        figures.first.append(time.monotonic() - start)
        tab.follow()
        barrier.wait()
        time.sleep(WITHIN_SECONDS * number / sessions)
        start = time.monotonic()
        tab.set("V", str(FIRST_CLASSES + number))
        tab.follow(_has_points)
        figures.moved.append(time.monotonic() - start)
        if number == STOPS and "stop" in tab.buttons:
            tab.click("stop")
        elif number != LEAVES:
            tab.follow()
            figures.done.append(time.monotonic() - start)


def _has_points(tab: Tab) -> bool:
    return tab.charts > 0 and tab.there() > 0


def _warm_up(app: App) -> None:
    """What the first visitor of a new app waits for: imports, and workers that start."""
    with connected(app) as socket:
        Tab(socket, "n=2&N=5&N=50&points=10&seeds=1&steps=100").follow()


class _Watch:
    """Looks at the server's health and memory all the while."""

    def __init__(self, app: App, server: psutil.Process, figures: Figures) -> None:
        self._app, self._server, self._figures = app, server, figures
        self.most = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._end.wait(HEALTH_EVERY_SECONDS):
            start = time.monotonic()
            self._app.get("/_stcore/health")
            self._figures.health.append(time.monotonic() - start)
            self.most = max(self.most, self._server.memory_info().rss)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--link", default=LINK, help="the query of the link that all open")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(measure(Path(folder), args.sessions, args.link))


if __name__ == "__main__":
    main()
