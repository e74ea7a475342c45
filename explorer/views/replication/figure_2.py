"""Figure 2, point by point: C and the sharpness at n = 40."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import streamlit as st

from core.config import SweepConfig
from core.tasks import Sweep
from explorer import charts, frames, page, words
from explorer.compare import Seen
from explorer.frames import Quantity
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.views.replication import figure_1
from explorer.views.replication.figure_1 import Picture

CONTROLS = figure_1.CONTROLS
CHART = "figure 2 chart"


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Every N of the figure, measured at the end."""
    published = frames.published_points("sharpness")
    return (figure_1.of_figure(values, published, measure_sharpness="end"),)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.figure_2_script(cast("SweepConfig", sweeps_of(values)[0]))


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    published = {
        "num_memorized": frames.published_memorized_again(),
        "sharpness": frames.published_points("sharpness"),
    }
    quantities: tuple[Quantity, ...] = ("sharpness", "num_memorized")
    points = {each: frames.residual_frame(runs, each, published[each]) for each in quantities}
    is_complete = len(runs) == len(config)
    fits = {each: frames.fit(points[each]) for each in quantities if is_complete and len(points[each])}
    findings = [words.residuals_finding(found, {}, each) for each, found in fits.items()]
    chart = charts.figure_2_chart(
        points["num_memorized"], points["sharpness"], end=config.num_samples[-1], num_seeds=len(config.seeds)
    )
    return Picture(
        charts.spec(chart),
        ("\n\n".join(findings) or None, words.twice_note(frames.published_twice())),
        words.residuals_legend(config, 2),
        None,
        page.warning_of(runs),
        {words.QUANTITIES[each]: found for each, found in fits.items()},
    )


def picture_of(sweeps: Sequence[Sweep], progress: Progress) -> Picture:
    """What is there now."""
    return picture(cast("SweepConfig", sweeps[0]), page.fingerprint(progress.rows), progress.rows)


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, what it shows in words, and the numbers."""
    figure_1.show(picture_of(sweeps, progress), CHART, words.FIGURE_2_ALT)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    return {CHART: figure_1.seen(picture_of(sweeps, progress), words.FIGURE_2_ALT)}
