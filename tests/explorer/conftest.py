"""An app of its own for each test that visits pages."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from core import workers
from explorer import live, service
from tests.explorer.visiting import until


@pytest.fixture
def new_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A new app, with a cache of its own and with threads, which start sooner than processes."""
    made: list[Executor] = []

    def threads() -> ThreadPoolExecutor:
        made.append(workers.threads())
        return made[-1]

    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(workers, "Processes", threads)
    st.cache_resource.clear()
    yield
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
def asleep(new_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Processes", Asleep)
    monkeypatch.setattr(live, "FIRST_LOOK_SECONDS", 0.01)  # there is nothing to wait for
