"""Other starts: does it matter from which initial weights training begins?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.config import SweepConfig
from core.result import RunResult
from explorer import charts, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.live import whole_page
from explorer.views.samples import opened

CHART = "overlap"


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """The overlap of the memorized sets against N, and who agrees at one N."""
    now, num_lost = picture_of(config, progress, values)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        page.chart(now.overlap, key=CHART, alt=words.OVERLAP_ALT, on_pick=look_at)
        keep.here()
        page.legend(words.overlap_legend(values["starts"]))
    with right:
        if now.consensus:
            page.chart(now.consensus, key="consensus", alt=words.CONSENSUS_ALT)
            page.legend(words.consensus_legend())
        st.markdown(now.finding or opened.WAITING)
    page.warn(page.LOST if num_lost else now.warning)
    st.markdown(words.WHY)


def see(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The overlap, for a comparison."""
    now, _ = picture_of(config, progress, values)
    return {CHART: Seen(now.overlap, now.finding or words.OVERLAP_ALT)}


def picture_of(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> tuple["Picture", int]:
    """What is there now, and how many results are lost."""
    done = {(row["num_samples"], row["init_seed"]) for row in progress.rows}
    runs = [run for run in config.runs() if (run.num_samples, run.init_seed) in done]
    results, num_lost = page.whole_results(runs)
    now = picture(config, page.fingerprint(progress.rows), len(results), values["at"], progress.rows, results)
    return now, num_lost


@dataclass(frozen=True)
class Picture:
    """What the initial weights agree on so far."""

    overlap: dict[str, Any]
    consensus: dict[str, Any] | None  # None while the N that is asked about has fewer than two
    finding: str | None
    warning: str | None


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    config: SweepConfig,
    which_rows: int,
    num_results: int,
    num_samples: int,
    _rows: Sequence[Row],
    _results: Sequence[RunResult],
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    overlap = frames.overlap_frame(_results)
    chart = charts.spec(charts.overlap_chart(overlap, at=num_samples, max_num_samples=config.num_samples[-1]))
    warning = page.warning_of(frames.runs_frame(_rows))
    if num_samples not in overlap["num_samples"].tolist():
        return Picture(chart, None, None, warning)
    consensus = frames.consensus_frame(_results, num_samples)
    finding = words.starts_finding(overlap, consensus, num_samples)
    return Picture(chart, charts.spec(charts.consensus_chart(consensus)), finding, warning)


def look_at(point: Mapping[str, Any]) -> None:
    """A point was clicked: look closely at its N."""
    st.session_state["at"] = int(point["num_samples"])
    whole_page()
