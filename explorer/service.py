"""What all sessions of one running app share: the cache, the workers, the jobs."""

import contextlib
import gc
from concurrent.futures import Executor
from typing import Any

import psutil
import streamlit as st

from core import cluster, workers
from core.cache import ResultCache, open_cache
from explorer import logs
from explorer.frames import summarize
from explorer.jobs import Jobs

# What one page may ask for: an hour of the machine, and memory that an old laptop has to spare.
LIMITS: dict[str, Any] = {"max_seconds": 3600.0, "max_bytes": 4 * 2**30, "workers": workers.num_workers()}


@st.cache_resource(show_spinner=False)
def cache() -> ResultCache:
    """The results on disk."""
    return open_cache()


@st.cache_resource(show_spinner=False)
def executor() -> Executor:
    """Who computes: the cluster that the environment names, or else processes of this machine.

    Raises:
        ValueError: the cluster cannot be used; see `core.cluster`.
    """
    return cluster.from_environment() or workers.Processes()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The sweeps in the background.

    Raises:
        ValueError: as `executor`.
    """
    # What the imports made stays for good: without this, Python's garbage collector looks through all of it again and
    # again, and each time a page stands still for a tenth of a second.
    gc.freeze()
    logs.start()
    return Jobs(summarize, cache=cache(), executor=executor())


def memory() -> tuple[int, int]:
    """Bytes in main memory: of this process, and of the processes that it started."""
    own = psutil.Process()
    others = 0
    for process in own.children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            others += process.memory_info().rss
    return own.memory_info().rss, others
