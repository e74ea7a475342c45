"""Figure 1, point by point: C for four input dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.tasks import Sweep
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts

CONTROLS = ("V", "steps", "bias", "seeds", "lr", "data", "optimizer")
CHART = "figure 1 chart"


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Every n at every N of the figure."""
    return (of_figure(values, frames.published_points("num_memorized")),)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.figure_1_script(cast("SweepConfig", sweeps_of(values)[0]))


def of_figure(values: Mapping[str, Any], published: pd.DataFrame, **others: Any) -> SweepConfig:
    """The sweep at the published points."""
    axes = {
        "input_dims": sorted(set(published["input_dim"].tolist())),
        "num_samples": sorted(set(published["num_samples"].tolist())),
    }
    return controls.sweep_from(values, **(axes | others))


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    findings: tuple[str | None, ...]
    legend: str
    table: pd.DataFrame | None
    warning: str | None
    fits: Mapping[str, frames.Fit]


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    published = frames.published_points("num_memorized")
    runs = frames.runs_frame(_rows)
    points = frames.residual_frame(runs, "num_memorized", published)
    chart = charts.figure_1_chart(
        points, input_dims=config.input_dims, end=config.num_samples[-1], num_seeds=len(config.seeds)
    )
    # Only then: one point of an n may be there before the others, and be the one that does not count.
    is_complete = len(runs) == len(config)
    counted = points[~points["is_odd"].astype(bool)] if is_complete else points.head(0)
    own = {n: counted[counted["input_dim"] == n] for n in config.input_dims}
    fits = {n: frames.fit(of_n) for n, of_n in own.items() if len(of_n)}
    finding = words.residuals_finding(frames.fit(counted), fits, "num_memorized") if fits else None
    named = {f"n = {n}": found for n, found in fits.items()}
    return Picture(
        charts.spec(chart),
        (finding, words.odd_note(published[published["is_odd"]])),
        words.residuals_legend(config, 1),
        frames.fits_table(named) if named else None,
        page.warning_of(runs),
        named,
    )


def picture_of(sweeps: Sequence[Sweep], progress: Progress) -> Picture:
    """What is there now."""
    return picture(cast("SweepConfig", sweeps[0]), page.fingerprint(progress.rows), progress.rows)


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, what it shows in words, and the numbers."""
    now = picture_of(sweeps, progress)
    show(now, CHART, words.FIGURE_1_ALT)


def show(now: Picture, key: str, alt: str) -> None:
    """A figure beside ours."""
    if now.findings[0]:
        st.markdown(now.findings[0])
    page.chart(now.chart, key=key, alt=now.findings[0] or alt)
    keep.here()
    for text in now.findings[1:]:
        if text:
            st.markdown(text)
    page.warn(now.warning)
    page.legend(now.legend)
    if now.table is not None:
        numbers(now.table)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    now = picture_of(sweeps, progress)
    return {CHART: seen(now, words.FIGURE_1_ALT)}


def seen(now: Picture, alt: str) -> Seen:
    """A figure beside ours, for a comparison."""
    return Seen(
        now.chart,
        now.findings[0] or alt,
        "Root mean square of ours minus published",
        {name: found.rms for name, found in now.fits.items()},
    )


def numbers(table: pd.DataFrame) -> None:
    """How far ours is from the published points."""
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        width="content",
        column_config={
            "name": "Points of",
            "num_points": number("Points", help="Odd ones are not counted"),
            "mean": number("Mean difference", format="%+.1f", help="Ours minus published"),
            "rms": number("Root mean square", format="%.1f", help="Of the differences"),
            "another": number("of one more run", format="%.1f", help="What one more run of our setting would have"),
            "most": number("at most", format="%.1f", help="That of one more run, in 19 of 20 cases"),
            "explained": number("Explained", format="percent", help="Differences no larger than those of one more run"),
        },
    )
