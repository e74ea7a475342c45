"""Predictors: what tells beforehand who is memorized, over data sets."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.config import SweepConfig
from explorer import charts, controls, frames, page, words
from explorer.jobs import Progress
from explorer.statistics import STATISTICS
from explorer.views.samples import opened


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """Bars of AUROC, and how one statistic is spread in the opened data set."""
    if not progress.rows:
        st.markdown(opened.WAITING)
        return
    rankings = frames.rankings_frame(progress.rows)
    if rankings.empty:
        [num_samples] = config.num_samples
        memorized = max(row["num_memorized"] for row in progress.rows)
        st.markdown(words.nothing_to_rank(num_samples, memorized))
        return
    bars = charts.rankings_chart(rankings, frames.datasets_frame(progress.rows))
    finding = words.rankings_finding(rankings, len(progress.rows))
    page.chart(charts.spec(bars), key="rankings", alt=finding, on_pick=look_at)
    st.markdown(finding)
    st.caption(words.rankings_legend(int(rankings["num_datasets"].iloc[0])))
    layer = opened.layer_of(config, progress)
    if layer is not None:
        _spread(layer)


def _spread(layer: opened.Layer) -> None:
    """Which values the memorized samples have, and which the others."""
    st.subheader("One statistic in the opened data set", divider="gray")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        statistic = controls.widget("x")
        sample = opened.chosen(len(layer.samples))
    values = layer.samples[statistic]
    chart = charts.histogram_chart(
        frames.histogram_frame(values, layer.samples["memorized"]), statistic, opened=float(values.iloc[sample])
    )
    finding = words.samples_finding(layer.samples, statistic)
    page.chart(charts.spec(chart), key="histogram", alt=finding)
    st.markdown(finding)
    st.caption(f"{STATISTICS[statistic].help} Grey line: sample {sample:,}.")


def look_at(point: Mapping[str, Any]) -> None:
    """A bar was clicked: look at its statistic."""
    st.session_state["x"] = point["statistic"]
