"""How far a sweep is: what came from the cache says nothing of the rate, and no terminal gets no bar."""

import io
from dataclasses import replace

import pytest

from core import RunConfig
from core.progress import LINE_SECONDS, Progress

RUN = RunConfig(10, 10, 100)
RUNS = [replace(RUN, data_seed=seed) for seed in range(400)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def last(self) -> str:
        return self.getvalue().split("\r")[-1].rstrip()


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_rate_and_time_left_are_those_of_what_is_computed() -> None:
    clock, terminal = Clock(), Terminal()
    progress = Progress(RUNS, terminal, clock)
    for run in RUNS[:100]:
        clock.now += 0.125  # read from the disk
        progress.add(run, computed=False)
    assert terminal.last() == "[" + "#" * 6 + "." * 18 + "] 100 of 400"
    for run in RUNS[100:200]:
        clock.now += 2
        progress.add(run, computed=True)
    assert terminal.last() == "[" + "#" * 12 + "." * 12 + "] 200 of 400, 0.5 a second, 7 min left"
    assert (progress.count, progress.num_computed) == (200, 100)
    progress.close()
    assert terminal.getvalue().endswith("\n")


def test_the_time_left_weighs_runs_by_what_they_cost() -> None:
    clock, terminal = Clock(), Terminal()
    *cheap, dear = *(replace(RUN, num_steps=100, data_seed=seed) for seed in range(4)), replace(RUN, num_steps=10_000)
    progress = Progress([*cheap, dear], terminal, clock)
    for run in cheap:
        clock.now += 1
        progress.add(run, computed=True)
    assert terminal.last().endswith("4 of 5, 1 a second, 100 s left")


def test_the_start_of_the_workers_and_the_first_of_a_chunk_do_not_mislead() -> None:
    """Two workers that take ten seconds to start, then a chunk of twenty runs each second: 20 a second."""
    clock, terminal = Clock(), Terminal()
    progress = Progress(RUNS, terminal, clock)
    for run in RUNS[:100]:
        progress.add(run, computed=False)
    clock.now += 10
    for start in range(100, 400, 20):
        clock.now += 1
        for run in RUNS[start : start + 20]:
            progress.add(run, computed=True)
            clock.now += 0.001
        said = terminal.last()
        if "left" in said:
            count, seconds = (float(said.split()[place]) for place in (1, -3))
            assert seconds == pytest.approx((400 - count) / 20, rel=0.1, abs=1)
        assert ("left" in said) == (start >= 140)
    progress.close()
    assert terminal.last().endswith(" 400 of 400, 20 a second")


def test_where_nobody_watches_there_is_a_line_now_and_then() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(RUNS, stream, clock)
    for run in RUNS:
        clock.now += 0.5
        progress.add(run, computed=True)
    progress.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 200 // LINE_SECONDS
    assert lines[0] == "60 of 400, 2 a second, 3 min left"
    assert "\r" not in stream.getvalue()
