"""C against N beside its exact limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.tasks import LimitsSweep, Sweep
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.live import whole_page

CONTROLS = ("at", "dim", "V", "N", "spots", "seeds", "inputs", "lr", "steps", "bias", "data", "optimizer")
CHART = "limits chart"


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """The trained layers of the curve, and the limits of their data sets.

    The N that is looked at, if it is none of the curve's, is a sweep of its own: looking changes no curve and no claim.
    """
    num_samples = controls.evenly(values["N"], values["spots"])
    besides = [] if values["at"] in num_samples else [(values["at"],)]
    configs = [controls.sweep_from(values, num_samples=sizes) for sizes in (num_samples, *besides)]
    return tuple(sweep for config in configs for sweep in (config, LimitsSweep(config, most=True)))


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.curve_script(cast("SweepConfig", sweeps_of(values)[0]), values["at"])


def picture_of(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> "Picture":
    """What is there now."""
    return picture(cast("SweepConfig", sweeps[0]), page.fingerprint(progress.rows), values["at"], progress.rows)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    now = picture_of(sweeps, progress, values)
    return {CHART: Seen(now.chart, now.findings[0] or words.LIMITS_ALT)}


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, what it says of one N in words, and its numbers."""
    config, now = cast("SweepConfig", sweeps[0]), picture_of(sweeps, progress, values)
    page.chart(now.chart, key=CHART, alt=now.findings[0] or words.LIMITS_ALT, on_pick=pick)
    keep.here()
    for text in now.findings:
        if text:
            st.markdown(text)
    page.warn(now.warning)
    page.legend(words.limits_legend(config))
    if len(now.table):
        numbers(now.table)


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    findings: tuple[str | None, ...]
    table: pd.DataFrame
    warning: str | None


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(config: SweepConfig, which_rows: int, at: int, _rows: Sequence[Row]) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    [n] = config.input_dims
    of_curve = [row for row in _rows if row["num_samples"] in config.num_samples]
    looked_at = [row for row in _rows if row["num_samples"] == at]
    limits = frames.limits_frame(of_curve)
    theory = frames.theory_frame([n], config.num_classes, bias=config.bias, max_num_samples=config.num_samples[-1])
    threshold = frames.threshold(n, config.num_classes, bias=config.bias)
    observed = frames.empirical_threshold(limits) if len(limits) == len(config) else None
    chart = charts.limits_chart(
        points_of(of_curve),
        theory,
        threshold,
        None if observed is None else (observed.last_all, observed.first_none),
        at=at,
        besides=points_of(looked_at if at not in config.num_samples else []),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
    )
    here = table_of(looked_at, config)
    finding = words.limits_finding(here.iloc[0], config) if len(here) else None
    if finding and here["num_datasets"].iloc[0] < len(config.seeds):
        finding = f"*So far, from {here['num_datasets'].iloc[0]} of {len(config.seeds)} data sets:* {finding}"
    about_threshold = None if observed is None else words.threshold_finding(observed, threshold, config)
    return Picture(
        charts.spec(chart),
        (finding, about_threshold, words.inputs_note(config.inputs)),
        table_of(of_curve, config),
        page.warning_of(frames.runs_frame(_rows)),
    )


def points_of(rows: Sequence[Row]) -> pd.DataFrame:
    """What is drawn of some rows: as trained, at the optimum, and the most that was found."""
    limits = frames.limits_frame(rows)
    parts = {
        charts.REACHED: frames.curve_frame(frames.runs_frame(rows)),
        charts.OPTIMUM: frames.limit_points(limits),
        charts.MOST: frames.limit_points(limits, "num_most"),
    }
    return pd.concat([part.assign(name=name) for name, part in parts.items()], ignore_index=True)


def table_of(rows: Sequence[Row], config: SweepConfig) -> pd.DataFrame:
    """Training beside the limits of its own data, of some rows."""
    return frames.limits_table(frames.runs_frame(rows), frames.limits_frame(rows), config)


def pick(point: Mapping[str, Any]) -> None:
    """A point was clicked: look at its N."""
    st.session_state["at"] = int(point["num_samples"])
    whole_page()


def numbers(table: pd.DataFrame) -> None:
    """All that the chart shows, as numbers."""
    number = st.column_config.NumberColumn
    st.dataframe(
        table if table["tied"].any() else table.drop(columns="tied"),
        hide_index=True,
        width="content",
        column_config={
            "num_samples": number("N", help="Samples to memorize"),
            "trained": number("C trained", format="%.1f", help="Mean over the seeds"),
            "optimum": number("at the optimum", format="%.1f", help="What an ideal optimizer reaches on the same data"),
            "difference": number("difference", format="%+.1f", help="Trained minus optimum"),
            "largest_difference": number("largest", format="%d", help="The difference of one data set, either way"),
            "tied": number("tied there", format="%.1f", help="Not counted: another class has the logit of their label"),
            "most": number("found at least", format="%.1f", help="Memorized by weights that were made for it"),
            "most_estimate": number("estimate of the most", format="%.0f", help="Replica-symmetric theory, optimistic"),
            "loss": number("Loss, trained (nats)", format="%.4f"),
            "least_loss": number("least loss (nats)", format="%.4f", help="The infimum; 0 if all can be memorized"),
            "separable": number("Separable", format="percent", help="Share of the data sets, as far as it is proved"),
            "finite": number("Optimum is finite", format="percent", help="Share, as far as it is proved"),
        },
    )
