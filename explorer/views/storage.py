"""Storage and status: what is being computed, for whom, and what is kept on disk."""

from collections.abc import Sequence

import streamlit as st

from core import workers
from core.cluster import Cluster
from explorer import service, words
from explorer.jobs import Job

LOOK_SECONDS = 2.0
MOST_SHOWN = 20  # sweeps, each a bar and a line


def main() -> None:
    st.title("What is running, and what is kept?")
    live()
    folder()


@st.fragment(run_every=LOOK_SECONDS)
def live() -> None:
    """All that changes by itself."""
    running()
    kept()


def running() -> None:
    """What is at work now, for all who have the app open."""
    jobs = service.jobs().running()
    executor = service.executor()
    where = executor.url if isinstance(executor, Cluster) else "processes on the CPU of this computer"
    app, others = service.memory()
    _metrics(
        [
            ("Sweeps at work", f"{len(jobs):,}", f"{service.jobs().totals.jobs:,} ended since the app started"),
            ("Workers", f"{workers.size(executor):,}", where),
            ("Memory", f"{app / 1e6:,.0f} MB", f"and {others / 1e6:,.0f} MB in workers on this computer"),
        ]
    )
    for job in jobs[:MOST_SHOWN]:
        st.progress(job.look(None).fraction, f"**{described(job)}**")
        st.caption(course(job))
    if len(jobs) > MOST_SHOWN:
        st.caption(f"And {len(jobs) - MOST_SHOWN:,} more.")
    elif not jobs:
        st.caption("Nothing is being computed.")


def kept() -> None:
    """What lies on disk."""
    stats, totals = service.cache().stats(), service.jobs().totals
    asked = totals.known + totals.computed
    st.header("Kept on disk")
    if stats.problem:
        st.warning(stats.problem, icon=":material/warning:")
    _metrics(
        [
            ("Results kept", f"{stats.entries:,}", "each with its weights and all samples"),
            ("Size", f"{stats.bytes / 1e6:,.1f} MB", f"of {stats.size_limit / 1e9:,.1f} GB allowed"),
            (
                "Found when asked for",
                f"{totals.known / asked:.0%}" if asked else "–",
                f"{totals.known:,} of {asked:,} since the app started",
            ),
        ]
    )
    if stats.dropped:
        st.caption(f"{stats.dropped:,} damaged entries were found, dropped and computed anew.")


def folder() -> None:
    """Where it lies, and how to clear it."""
    st.markdown(
        "Every trained network and every exact limit is kept, so that a chart that was seen once appears at once. When "
        "the folder is full, what was not used for longest goes first."
    )
    st.markdown("Folder")
    st.code(str(service.cache().stats().directory), language=None)
    with st.popover("Clear the cache", icon=":material/delete:"):
        st.markdown("Delete all results, those of everybody? What a chart needs is then computed again.")
        st.button("Delete all results", key="clear", on_click=clear)
    if "cleared" in st.session_state:
        st.success(f"{st.session_state.pop('cleared'):,} results were deleted.", icon=":material/check:")


NAMES = {"networks": "networks", "limits": "exact limits", "num_steps": "steps"}
SYMBOLS = {"input_dim": "n", "num_classes": "V", "num_samples": "N", "data_seed": "seed", "learning_rate": "η"}


def course(job: Job) -> str:
    """How long it has taken and will take, who looks at it, and whether it waits for others."""
    look, watching = job.look(None), job.num_watching()
    pages = f"{watching:,} page{'' if watching == 1 else 's'} look{'s' if watching == 1 else ''} at it"
    times = f"{words.duration(look.elapsed)} so far, about {words.duration(look.seconds_left)} left"
    return f"{times}; {pages}{words.queued(look.place)}"


def described(job: Job) -> str:
    """What it computes, in the symbols of the other pages."""
    parts = []
    for name, value in job.described.items():
        several = value if isinstance(value, list) else [value]
        shown = ", ".join(f"{each:,}" if isinstance(each, int) else str(each) for each in several)
        parts.append(f"{SYMBOLS[name]} = {shown}" if name in SYMBOLS else f"{shown} {NAMES[name]}")
    return "; ".join(parts)


def clear() -> None:
    st.session_state["cleared"] = service.cache().clear()
    service.jobs().forget()


def _metrics(numbers: Sequence[tuple[str, str, str]]) -> None:
    for column, (label, value, note) in zip(st.columns(3), numbers, strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)


main()
