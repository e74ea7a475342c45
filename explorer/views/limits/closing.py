"""Closing the gap: how many steps it takes to come close to the optimum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st

from core.config import LIMITS, SweepConfig
from core.result import RunResult
from core.tasks import LimitsSweep, Sweep
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts

CONTROLS = ("at", "dim", "V", "seeds", "inputs", "lr", "steps", "bias", "data", "optimizer")
RATES = {0.003, 0.01, 0.03, 0.1}
LONGER = 10  # times the steps that are asked about
CHART = "closing chart"


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Ten times longer trainings at several learning rates, and the limits of their data."""
    num_steps = min(LONGER * values["steps"], int(LIMITS["num_steps"].high))
    rates = sorted(RATES | {values["lr"]})
    config = controls.sweep_from(values, num_samples=(values["at"],), learning_rates=rates, num_steps=num_steps)
    return config, LimitsSweep(config)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.closing_script(cast("SweepConfig", sweeps_of(values)[0]))


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """C and loss against the step, beside those of the optimum."""
    config = cast("SweepConfig", sweeps[0])
    now, num_lost = picture_of(config, progress, values)
    if now.chart:
        page.chart(now.chart, key=CHART, alt=now.finding or words.CLOSING_ALT)
        keep.here()
    st.markdown(now.finding or words.CLOSING_WAITS)
    page.warn(page.LOST if num_lost else now.warning)
    page.legend(words.closing_legend(config, values["steps"]))


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    now, _ = picture_of(cast("SweepConfig", sweeps[0]), progress, values)
    return {CHART: Seen(now.chart, now.finding or words.CLOSING_ALT)} if now.chart else {}


def picture_of(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> tuple["Picture", int]:
    """What is there now, and how many results are lost."""
    done = {(row["learning_rate"], row["seed"]) for row in progress.rows if "verdict" not in row}
    runs = [run for run in config.runs() if (run.learning_rate, run.data_seed) in done]
    results, num_lost = page.whole_results(runs)
    now = picture(
        config,
        page.fingerprint(progress.rows),
        len(results),
        values["lr"],
        values["steps"],
        progress.rows,
        results,
    )
    return now, num_lost


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any] | None
    finding: str | None
    warning: str | None


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    config: SweepConfig,
    which_rows: int,
    num_results: int,
    rate: float,
    num_steps: int,
    _rows: Sequence[Row],
    _results: Sequence[RunResult],
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    limits = frames.limits_frame(_rows)
    if limits.empty:
        return Picture(None, None, None)
    closing = frames.closing_frame(_results, dict(zip(limits["seed"], limits["mean_loss"], strict=True)))
    optimum = float(limits["num_memorized"].mean())
    chart = charts.closing_chart(closing, optimum, rates=list(config.learning_rates), num_steps=config.num_steps)
    is_complete = len(limits) == len(config.seeds) and num_results == len(config)
    finding = words.closing_finding(closing, limits, rate, num_steps, config) if is_complete else None
    return Picture(charts.spec(chart), finding, page.warning_of(frames.runs_frame(_rows)))
