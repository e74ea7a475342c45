"""Who trains: threads of this process, or processes of their own.

A training step is a few dozen short calls into PyTorch, and each of them takes Python's global lock for a moment. Two
threads already get in each other's way (measured: Figure 1 takes a quarter longer on two cores, and a busy web server
in the same process slows them several times), so that lasting work belongs in processes, which take a second to start.
"""

import contextlib
import os
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

MAX_PROCESSES = 8  # each takes some 150 MB
CHECK_SECONDS = 0.05

_P = ParamSpec("_P")
_T = TypeVar("_T")


def num_workers(device: str = "cpu") -> int:
    """One a core that this process may use; one for a whole GPU."""
    return min(MAX_PROCESSES, int(loky.cpu_count())) if device == "cpu" else 1


def threads(device: str = "cpu") -> ThreadPoolExecutor:
    """Threads of this process."""
    return ThreadPoolExecutor(num_workers(device), thread_name_prefix="train")


class Processes(Executor):
    """Processes that start now, wait for work, and are replaced when one of them dies."""

    def __init__(self) -> None:
        self._num_workers = num_workers()
        self._lock = threading.Lock()
        self._pool = self._started()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        with self._lock:
            try:
                return self._pool.submit(fn, *args, **kwargs)  # type: ignore[no-any-return]
            except BrokenExecutor:  # the system killed a worker, for want of memory say: all of that pool is gone
                self._pool = self._started()
                return self._pool.submit(fn, *args, **kwargs)  # type: ignore[no-any-return]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait=wait, kill_workers=cancel_futures)

    def _started(self) -> Any:
        # loky, and not the standard library: that one would run the main script once more in each process, and under
        # `streamlit run` the main script is the app.
        pool = ProcessPoolExecutor(self._num_workers, context=get_context("loky"), env={"OMP_NUM_THREADS": "1"})
        for _ in range(self._num_workers):
            pool.submit(_import_what_tasks_need)
        return pool


def _import_what_tasks_need() -> None:
    import core.work  # noqa: F401


class Stopped(Exception):
    """Training was asked to stop before its last step."""


def never() -> bool:
    """A chunk that nobody stops."""
    return False


@contextlib.contextmanager
def stop_signal(executor: Executor, should_stop: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """`should_stop`, in a form that can be sent to the executor's workers.

    Threads ask the function itself. Processes of this machine watch a file that is there as long as this block. Other
    workers, on other machines perhaps, finish what they have begun.
    """
    if isinstance(executor, ThreadPoolExecutor):
        yield should_stop
    elif isinstance(executor, Processes):
        with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
            file = Path(folder, "running")
            file.touch()
            yield _Gone(file)
    else:
        yield never


class _Gone:
    """Whether a file is gone; looks at most every `CHECK_SECONDS`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._next_look = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + CHECK_SECONDS
        return not os.path.exists(self._file)
