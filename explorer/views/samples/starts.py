"""Other starts: does it matter from which initial weights training begins?"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.config import SweepConfig
from explorer import charts, frames, page, service, words
from explorer.jobs import Progress
from explorer.live import whole_page
from explorer.views.samples import opened


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """The overlap of the memorized sets against N, and who agrees at one N."""
    done = {(row["num_samples"], row["init_seed"]) for row in progress.rows}
    runs = [run for run in config.runs() if (run.num_samples, run.init_seed) in done]
    results = [result for result in map(service.jobs().result, runs) if result is not None]
    overlap = frames.overlap_frame(results)
    consensus = frames.consensus_frame(results, values["at"])

    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart = charts.overlap_chart(overlap, at=values["at"], max_num_samples=config.num_samples[-1])
        page.chart(charts.spec(chart), key="overlap", alt=words.OVERLAP_ALT, on_pick=look_at)
        st.caption(words.overlap_legend(values["starts"]))
    with right:
        if values["at"] in overlap["num_samples"].tolist():
            page.chart(charts.spec(charts.consensus_chart(consensus)), key="consensus", alt=words.CONSENSUS_ALT)
            st.caption(words.consensus_legend())
            st.markdown(words.starts_finding(overlap, consensus, values["at"]))
        else:
            st.markdown(opened.WAITING)
    page.warn(page.warning_of(frames.runs_frame(progress.rows)))
    st.markdown(words.WHY)


def look_at(point: Mapping[str, Any]) -> None:
    """A point was clicked: look closely at its N."""
    st.session_state["at"] = int(point["num_samples"])
    whole_page()
