"""Predictors: what tells beforehand who is memorized, over data sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.config import SweepConfig
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.statistics import STATISTICS
from explorer.views.samples import opened

CHART = "rankings"


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """Bars of AUROC, and how one statistic is spread in the opened data set."""
    if progress.rows:
        now = picture(config, page.fingerprint(progress.rows), progress.rows)
        if now.chart:
            page.chart(now.chart, key=CHART, alt=now.finding, on_pick=look_at)
            keep.here()
        st.markdown(now.finding)
        page.legend(now.legend)
    layer = opened.layer_of(config, progress)
    if layer is not None:
        spread(layer)


def see(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The bars, for a comparison."""
    now = picture(config, page.fingerprint(progress.rows), progress.rows) if progress.rows else None
    return {CHART: Seen(now.chart, now.finding)} if now and now.chart else {}


@dataclass(frozen=True)
class Picture:
    """What the data sets say so far."""

    chart: dict[str, Any] | None  # None where there is nobody to tell apart
    finding: str
    legend: str


@st.cache_resource(max_entries=128, show_spinner=False)
def picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    rankings = frames.rankings_frame(_rows)
    if rankings.empty:
        [num_samples] = config.num_samples
        memorized = max(row["num_memorized"] for row in _rows)
        return Picture(None, words.nothing_to_rank(num_samples, memorized, len(_rows)), "")
    chart = charts.spec(charts.rankings_chart(rankings, frames.datasets_frame(_rows)))
    legend = words.rankings_legend(int(rankings["num_datasets"].iloc[0]))
    return Picture(chart, words.rankings_finding(rankings, len(_rows)), legend)


def look_at(point: Mapping[str, Any]) -> None:
    """A bar was clicked: look at its statistic."""
    st.session_state["x"] = point["statistic"]


def spread(layer: opened.Layer) -> None:
    """Which values of one statistic the memorized samples have, and which the others."""
    samples = layer.samples
    st.header("One statistic in the opened data set", divider="gray")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        statistic = controls.widget("x")
        sample = opened.chosen(len(samples))
    values = samples[statistic]
    bins = frames.histogram_frame(values, samples["memorized"])
    finding = words.samples_finding(
        samples, layer.result.config.num_classes, statistic, frames.separation(samples, statistic)
    )
    chart = charts.histogram_chart(bins, statistic, opened=float(values.iloc[sample]))
    page.chart(charts.spec(chart), key="histogram", alt=finding)
    st.markdown(finding)
    page.legend(f"{STATISTICS[statistic].help} Grey line: sample {sample:,}.")
