"""Storage and status: what is kept on disk, and what is being computed, for whom."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import workers
from core.cluster import Cluster
from explorer import logs, service, words
from explorer.jobs import Job

LOOK_SECONDS = 2.0


def main() -> None:
    st.title("What is kept, and what is running?")
    storage()
    st.subheader("Running")
    status()


def storage() -> None:
    """What lies on disk, and how to clear it."""
    st.markdown(
        "Every trained network and every exact limit is kept on disk, so that a chart that was seen once appears at "
        "once. When the folder is full, what was not used for longest goes first."
    )
    stats, totals = service.cache().stats(), service.jobs().totals
    if stats.problem:
        st.warning(stats.problem, icon=":material/warning:")
    asked = totals.known + totals.computed
    numbers = [
        ("Results kept", f"{stats.entries:,}", "each with its weights and all samples"),
        ("Size", f"{stats.bytes / 1e6:,.1f} MB", f"of {stats.size_limit / 1e9:,.1f} GB allowed"),
        (
            "Found when asked for",
            f"{totals.known / asked:.0%}" if asked else "–",
            f"{totals.known:,} of {asked:,} since the app started",
        ),
    ]
    _metrics(numbers)
    if stats.dropped:
        st.caption(f"{stats.dropped:,} damaged entries were found, dropped and computed anew.")
    st.markdown("Folder")
    st.code(str(stats.directory), language=None)
    with st.popover("Clear the cache", icon=":material/delete:"):
        st.markdown("All that is kept is deleted. It is computed again when a chart needs it.")
        st.button("Delete them all", key="clear", on_click=clear)
    if "cleared" in st.session_state:
        st.success(f"{st.session_state.pop('cleared'):,} results were deleted.", icon=":material/check:")


@st.fragment(run_every=LOOK_SECONDS)
def status() -> None:
    """What is at work now, for all who have the app open."""
    jobs = service.jobs().running()
    executor = service.executor()
    where = executor.url if isinstance(executor, Cluster) else "processes on the CPU of this computer"
    app, others = service.memory()
    _metrics(
        [
            ("Sweeps at work", f"{len(jobs):,}", f"{service.jobs().totals.jobs:,} more since the app started"),
            ("Workers", f"{workers.size(executor):,}", where),
            ("Memory", f"{app / 1e6:,.0f} MB", f"and {others / 1e6:,.0f} MB in workers on this computer"),
        ]
    )
    if jobs:
        st.dataframe(table(jobs), hide_index=True, width="stretch", column_config=COLUMNS)
    else:
        st.caption("Nothing is being computed.")


NAMES = {"networks": "networks", "limits": "exact limits", "num_steps": "steps"}
SYMBOLS = {"input_dim": "n", "num_classes": "V", "num_samples": "N", "data_seed": "seed", "learning_rate": "η"}
COLUMNS = {
    "done": st.column_config.ProgressColumn("Done", format="percent", min_value=0, max_value=1),
    "what": st.column_config.TextColumn("What", width="large"),
    "sessions": st.column_config.NumberColumn("Sessions", help="Pages that looked at it since it began"),
    "turn": st.column_config.TextColumn("Turn", help="Sweeps take turns: its place among those that wait for a worker"),
    "since": st.column_config.TextColumn("For"),
    "left": st.column_config.TextColumn("Left, about"),
}


def table(jobs: Sequence[Job]) -> pd.DataFrame:
    """One row a job, the newest last."""
    rows = []
    for job in jobs:
        look = job.look(None)
        rows.append(
            {
                "done": look.fraction,
                "what": described(job),
                "sessions": len(job.sessions()),
                "turn": f"{look.place.position} of {look.place.of}" if look.place else "",
                "since": words.duration(look.elapsed),
                "left": words.duration(look.seconds_left),
            }
        )
    return pd.DataFrame(rows)


def described(job: Job) -> str:
    """What it computes, in the symbols of the other pages."""
    parts = []
    for name, value in logs.described(job.runs).items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        parts.append(f"{SYMBOLS[name]} = {shown}" if name in SYMBOLS else f"{shown:,} {NAMES[name]}")
    return "; ".join(parts)


def clear() -> None:
    st.session_state["cleared"] = service.cache().clear()
    service.jobs().forget()


def _metrics(numbers: Sequence[tuple[str, str, str]]) -> None:
    for column, (label, value, note) in zip(st.columns(3), numbers, strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)


main()
