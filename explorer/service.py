"""What all sessions of one running app share: the cache, the workers, the jobs."""

import os

import streamlit as st

from core.cache import ResultCache, open_cache
from core.sweep import make_executor
from explorer.frames import summarize
from explorer.jobs import Jobs

# What one page may ask for: an hour of the machine, and memory that an old laptop has to spare.
LIMITS = {"max_seconds": 3600.0, "max_bytes": 4 * 2**30, "workers": os.cpu_count() or 1}


@st.cache_resource(show_spinner=False)
def cache() -> ResultCache:
    """The results on disk."""
    return open_cache()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The sweeps in the background."""
    return Jobs(summarize, cache=cache(), executor=make_executor())
