"""What all sessions of one running app share: the cache, the workers, the jobs."""

import contextlib
import functools
import gc
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import psutil
import streamlit as st

from core import cluster, workers
from core.cache import ResultCache, open_cache
from explorer.frames import summarize
from explorer.jobs import Jobs

MAX_SECONDS = 3600.0  # what one page may ask for; of all together see `explorer.jobs`
MAX_BYTES = 4 * 2**30  # which a laptop has to spare
CLUSTER_BYTES = 2 * 2**30  # of each worker of a cluster
CGROUP_BYTES = Path("/sys/fs/cgroup/memory.max")  # what a container may have; elsewhere there is no such file


@st.cache_resource(show_spinner=False)
def cache() -> ResultCache:
    """The results on disk."""
    return open_cache()


@st.cache_resource(show_spinner=False)
def executor() -> Executor:
    """Who computes: the cluster that the environment names, or else processes of this machine.

    While a cluster does not answer, what is cached is shown all the same; see `problem`.

    Raises:
        ValueError: no cluster can be at that address; see `core.cluster`.
    """
    return cluster.from_environment(patiently=True) or workers.Processes()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The sweeps in the background.

    Raises:
        ValueError: as `executor`.
    """
    # What the imports made stays for good: without this, Python's garbage collector looks through all of it again and
    # again, and each time a page stands still for a tenth of a second.
    gc.freeze()
    return Jobs(summarize, cache=cache(), executor=executor())


def problem() -> str | None:
    """Why nothing new can be computed at the moment, as a sentence without its stop.

    Raises:
        ValueError: as `executor`.
    """
    here = executor()
    return here.problem if isinstance(here, cluster.Cluster) else None


def limits() -> dict[str, Any]:
    """What one page may ask for, as `core.cost.check_fits` takes it."""
    here = executor()
    size = workers.size(here)
    is_cluster = isinstance(here, cluster.Cluster)
    max_bytes = CLUSTER_BYTES * size if is_cluster else min(MAX_BYTES, _main_memory() // 2)
    return {"max_seconds": MAX_SECONDS, "max_bytes": max_bytes, "workers": size}


@functools.cache
def _main_memory() -> int:
    """Bytes that this process and its workers may have."""
    allowed = CGROUP_BYTES.read_text().strip() if CGROUP_BYTES.exists() else ""
    total = int(psutil.virtual_memory().total)
    return min(total, int(allowed)) if allowed.isdecimal() else total


def memory() -> tuple[int, int]:
    """Bytes in main memory: of this process, and of the processes that it started."""
    own = psutil.Process()
    others = 0
    for process in own.children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            others += process.memory_info().rss
    return own.memory_info().rss, others
