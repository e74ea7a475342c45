"""Processes that train: they stop in mid-chunk, are replaced when one dies, and leave nothing behind."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.workers
from core import RunConfig, sweep
from core.turns import Turns
from core.workers import Processes, num_workers, size
from tests.core.test_sweep import Inline

RUNS = [RunConfig(3, 3, 12, num_steps=20, learning_rate=0.01 * rate) for rate in range(1, 7)]
HOURS = RunConfig(200, 200, 5_000, num_steps=100_000)


class Murderous(Processes):
    """The first work that it is given kills its worker, as a system short of memory would."""

    def __init__(self) -> None:
        super().__init__()
        self.kill_next = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.kill_next:
            self.kill_next = False
            return super().submit(os._exit, 1)
        return super().submit(fn, *args, **kwargs)


@pytest.fixture(scope="module")
def pool() -> Iterator[Murderous]:
    processes = Murderous()
    yield processes
    processes.shutdown(cancel_futures=True)  # not `with`, which would wait for work that a failing test left behind


def test_an_executor_says_how_many_tasks_it_works_on(pool: Murderous) -> None:
    class Sized(Inline):
        num_workers = 7

    assert size(pool) == num_workers()
    assert size(Turns(pool, lambda: 1).party()) == num_workers()
    assert size(Turns(Sized(), lambda: 1).party()) == size(Sized()) == 7
    with ThreadPoolExecutor(3) as threads, core.workers.threads("cuda") as for_a_gpu:
        assert (size(threads), size(for_a_gpu)) == (3, 1)
    assert (size(Inline()), size(Inline(), "cuda")) == (num_workers(), 1)  # it says nothing


def test_work_happens_in_other_processes(pool: Murderous) -> None:
    assert pool.submit(os.getpid).result() != os.getpid()
    assert {result.config for result in sweep(RUNS, executor=pool)} == set(RUNS)


def test_processes_stop_in_mid_chunk_and_serve_the_next_sweep(
    pool: Murderous, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 10  # waits for results, each a twentieth of a second

    for_every_worker = [replace(HOURS, data_seed=seed) for seed in range(num_workers())]
    assert list(sweep(for_every_worker, executor=pool, should_stop=should_stop)) == []
    assert pool.submit(len, "a worker is free").result(timeout=60) == 16
    assert list(tmp_path.iterdir()) == []  # nor is the file there that told them to go on


def test_a_killed_process_is_replaced_and_its_work_done_again(pool: Murderous) -> None:
    pool.kill_next = True
    assert {result.config for result in sweep(RUNS, executor=pool)} == set(RUNS)
    assert {result.config for result in sweep(RUNS, executor=pool)} == set(RUNS)


@pytest.mark.skipif(sys.platform == "win32", reason="signal 0 asks for a process on POSIX alone")
def test_a_long_sweep_takes_its_processes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int] = []

    class Known(Processes):
        def __init__(self) -> None:
            super().__init__()
            pids.append(self.submit(os.getpid).result())

    monkeypatch.setattr(core.workers, "Processes", Known)
    assert list(sweep([HOURS], should_stop=lambda: bool(pids))) == []
    [pid] = pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
