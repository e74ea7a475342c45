"""Who trains: threads of this process, or processes of their own.

A training step is a few dozen short calls into PyTorch, and each of them takes Python's global lock for a moment. Two
threads already get in each other's way (measured: Figure 1 takes a quarter longer on two cores, and a busy web server
in the same process slows them several times), so that lasting work belongs in processes, which take a second to start.
"""

import contextlib
import faulthandler
import functools
import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import loky
from loky.backend.context import get_context
from loky.process_executor import ProcessPoolExecutor

from core.turns import Party

MAX_PROCESSES = 8  # each takes some 150 MB
NICENESS = 5  # of processes that train: beside them, the app has its core whenever it asks for it
CHECK_SECONDS = 0.05
HUNG_SECONDS, HUNG_TIMES = 60.0, 30.0  # work that takes longer, and so many times longer than estimated, never ends

_P = ParamSpec("_P")
_T = TypeVar("_T")
_R = TypeVar("_R")
_log = logging.getLogger(__name__)


def num_workers(device: str = "cpu") -> int:
    """One a core that this process may use; one for a whole GPU."""
    return min(MAX_PROCESSES, int(loky.cpu_count())) if device == "cpu" else 1


def size(executor: Executor, device: str = "cpu") -> int:
    """How many tasks an executor works on at the moment, as it says itself; else one a core of this machine.

    It may say so by an attribute `num_workers`, as ours and mpi4py's do. The pools of the standard library have a name
    for it that is not meant for us; nothing else would tell.
    """
    executor = _behind(executor)
    said: int | None = getattr(executor, "num_workers", getattr(executor, "_max_workers", None))
    return said or num_workers(device)


def _behind(executor: Executor) -> Executor:
    """Who works, where several share it."""
    return executor.turns.executor if isinstance(executor, Party) else executor


def threads(device: str = "cpu") -> ThreadPoolExecutor:
    """Threads of this process."""
    return ThreadPoolExecutor(num_workers(device), thread_name_prefix="train")


class Processes(Executor):
    """Processes that start now, wait for work, and are replaced when one of them dies."""

    def __init__(self) -> None:
        self.num_workers = num_workers()
        self._lock = threading.Lock()
        self._pool = self._started(self.num_workers)
        self._one_by_one = ThreadPoolExecutor(1, thread_name_prefix="alone")  # it only waits

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        with self._lock:
            try:
                return self._pool.submit(fn, *args, **kwargs)  # type: ignore[no-any-return]
            except BrokenExecutor:  # the system killed a worker, for want of memory say: all of that pool is gone
                self._pool = self._started(self.num_workers)
                return self._pool.submit(fn, *args, **kwargs)  # type: ignore[no-any-return]

    def submit_alone(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """In a process of its own, which ends with it: work that may have killed its process before.

        Such works wait for each other: for all of them there is never more than one process beside the `num_workers`
        others, because mostly it was memory that ran out.
        """
        return self._one_by_one.submit(self._alone, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._one_by_one.shutdown(wait=wait and not cancel_futures, cancel_futures=cancel_futures)
        self._pool.shutdown(wait=wait, kill_workers=cancel_futures)

    def _alone(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        pool = self._started(1)
        try:
            return pool.submit(fn, *args, **kwargs).result()  # type: ignore[no-any-return]
        finally:
            pool.shutdown(kill_workers=True)

    def _started(self, num_workers: int) -> Any:
        # loky, and not the standard library: that one would run the main script once more in each process, and under
        # `streamlit run` the main script is the app.
        pool = ProcessPoolExecutor(
            num_workers,
            context=get_context("loky"),
            env={"OMP_NUM_THREADS": "1"},
            initializer=_begin,
            initargs=(os.getpid(),),
        )
        for _ in range(num_workers):
            pool.submit(never)  # it starts them
        return pool


def _begin(parent: int) -> None:
    """Stand back for who waits for a page, which takes milliseconds, and import what tasks need."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all; it is the parent's to end the work
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such thing, and a sandbox may not allow it
        os.nice(NICENESS)
    import core.work  # noqa: F401


def _end_with(parent: int) -> None:
    """End this process soon after its parent, which cannot do it if it is killed. (On Windows it stays the parent.)"""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def submit_alone(executor: Executor) -> Callable[..., Future[Any]]:
    """How to have work done where it can do no harm to other work."""
    alone = getattr(_behind(executor), "submit_alone", None)
    if alone is None:
        return executor.submit
    prepare = executor.prepare if isinstance(executor, Party) else lambda *args: args
    return lambda work, *args: alone(work, *prepare(*args))


def limited(executor: Executor, work: Callable[[_T], _R], seconds: float) -> Callable[[_T], _R]:
    """`work`, whose process is given up, and so replaced, when it takes far longer than the `seconds` it should."""
    if not hasattr(
        _behind(executor), "submit_alone"
    ):  # a thread cannot be ended, nor is a cluster's worker ours to end
        return work
    return functools.partial(_within, max(HUNG_SECONDS, HUNG_TIMES * seconds), work)


def _within(seconds: float, work: Callable[[_T], _R], task: _T) -> _R:
    faulthandler.dump_traceback_later(seconds, exit=True)  # a thread of C: it needs no lock that hung work may hold
    try:
        return work(task)
    finally:
        faulthandler.cancel_dump_traceback_later()


class Stopped(Exception):
    """Training was asked to stop before its last step."""


def never() -> bool:
    """A chunk that nobody stops."""
    return False


@contextlib.contextmanager
def stop_signal(executor: Executor, should_stop: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """`should_stop`, in a form that can be sent to the executor's workers.

    Threads ask the function itself. Processes of this machine watch a file that is there as long as this block. Another
    executor may have a `stop_signal` of its own (see `core.cluster`); the workers of any other finish what they have
    begun, and so do processes where no such file can be made.
    """
    executor = _behind(executor)
    if isinstance(executor, ThreadPoolExecutor):
        yield should_stop
    elif isinstance(executor, Processes):
        with contextlib.ExitStack() as stack:
            signal: Callable[[], bool] = never
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True))
                file = Path(folder, "running")
                file.touch()
                signal = _Gone(file)
            except OSError as error:  # the disk is full, or there is no folder that may be written
                _log.warning("no temporary file can be made (%s): what is at work cannot be stopped halfway", error)
            yield signal
    elif (own := getattr(executor, "stop_signal", None)) is not None:
        with own() as signal:
            yield signal
    else:
        yield never


class Seldom:
    """Whether to stop, looked up at most every `CHECK_SECONDS`; in between, no."""

    def __init__(self) -> None:
        self._next_look = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + CHECK_SECONDS
        return self.look()

    def look(self) -> bool:
        """Whether to stop, now."""
        raise NotImplementedError


class _Gone(Seldom):
    """Whether a file is gone."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def look(self) -> bool:
        return not os.path.exists(self._file)
