"""Processes that train: they stop in mid-chunk, are replaced when one dies, and leave nothing behind."""

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import core.workers
from core import RunConfig, retry, sweep
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


@pytest.mark.parametrize("folder", ["missing", "full"])
def test_processes_compute_though_no_temporary_file_can_be_made(
    pool: Murderous, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if folder == "missing":
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    else:
        monkeypatch.setattr(Path, "touch", refused)
    assert {result.config for result in sweep(RUNS[:2], executor=pool)} == set(RUNS[:2])
    assert "no temporary file can be made" in caplog.text


def refused(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_killed_process_is_replaced_and_its_work_done_again(pool: Murderous) -> None:
    pool.kill_next = True
    assert {result.config for result in sweep(RUNS[:3], executor=pool)} == set(RUNS[:3])
    assert {result.config for result in sweep(RUNS, executor=pool)} == set(RUNS)


def test_what_cannot_be_started_at_first_is_started_later(pool: Murderous, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system has too few of something just when a process was killed."""
    failures = 2

    def started(self: Processes, num_workers: int) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return start(self, num_workers)

    start = Processes._started
    monkeypatch.setattr(Processes, "_started", started)
    monkeypatch.setattr(retry, "PAUSES", (0.1, 0.2, 0.4))
    pool.kill_next = True
    assert {result.config for result in sweep(RUNS[:2], executor=pool)} == set(RUNS[:2])
    assert failures == 0
    assert pool.submit(abs, -1).result() == 1


def num_processes() -> int:
    return sum("loky.backend.popen" in str(each.info["cmdline"]) for each in processes_below())


def processes_below() -> list[psutil.Process]:
    below = {each.pid for each in psutil.Process().children(recursive=True)}
    return [each for each in psutil.process_iter(["cmdline"]) if each.pid in below]


def test_works_that_must_be_alone_take_one_process_more_altogether(pool: Murderous) -> None:
    pool.submit(abs, -1).result()
    before = num_processes()
    lethal, *good = [pool.submit_alone(os._exit, 1), *(pool.submit_alone(os.getpid) for _ in range(2))]
    seen = set()
    while wait([lethal, *good], 0.02).not_done:
        seen.add(num_processes())
        assert sum(future.running() for future in (lethal, *good)) <= 1
    assert max(seen) == before + 1
    assert isinstance(lethal.exception(), BrokenExecutor)
    assert len({future.result() for future in good}) == 2
    assert pool.submit(abs, -1).result() == 1


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
