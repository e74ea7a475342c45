"""Capacity: how many random labels does one linear layer memorize?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.presets import PRESETS
from core.tasks import LimitsSweep, Sweep
from explorer import charts, controls, experiment, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts

FIGURES = {
    "liu-fig1-as-plotted": "published Figure 1, as plotted (V = 10)",
    "liu-fig1-as-written": "published Figure 1, as written (V = 40)",
}
TITLE = "How many random labels can one linear layer memorize?"
CHART = "capacity chart"
CONTROLS = ("n", "V", "N", "points", "seeds", "lr", "steps", "bias", "data", "optimizer", "layers", "published")


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "Take $N$ random inputs of $n$ numbers each, and give each one of $V$ labels, at random: there is nothing to "
        "understand, only to memorize. Train one linear layer on them, and count the $C$ samples whose label it gets "
        "right.",
        help=words.symbols("n", "N", "V", "C"),
    )
    starts = {title: controls.values_of(PRESETS[name]) for name, title in FIGURES.items()}
    values = page.settings("capacity", CONTROLS, starts, lambda _: CONTROLS)
    kept = keep.Kept("capacity", TITLE, values, lambda: script(values))
    experiment.run(sweeps_of, values, draw, keys=CONTROLS, see=see, kept=kept)


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """The trained layers, and the exact limits of their data if they are asked for."""
    config = controls.sweep_from(values)
    return (config, LimitsSweep(config)) if "optimum" in values["layers"] else (config,)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.capacity_script(controls.sweep_from(values), values["layers"])


@dataclass(frozen=True)
class Picture:
    """What the page shows of a sweep at one moment."""

    chart: dict[str, Any]
    capacities: pd.DataFrame
    finding: str | None
    verdict: str | None
    warning: str | None


@st.cache_resource(max_entries=128, show_spinner=False)
def picture(
    config: SweepConfig, which_rows: int, layers: tuple[str, ...], with_published: bool, _rows: Sequence[Row]
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    points = frames.curve_frame(runs)
    capacities = frames.capacity_frame(points, runs, len(config.num_samples))
    limits = frames.limits_frame(_rows)
    optimum = frames.limit_points(limits)
    published = frames.published_curves(config) if with_published else frames.published_curves(config).head(0)
    beside = (points, optimum) if len(runs) == len(limits) == len(config) else None
    chart = charts.capacity_chart(
        points,
        capacities,
        published,
        optimum=optimum,
        theory=frames.theory_of(config) if "theory" in layers else None,
        input_dims=list(config.input_dims),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
    )
    return Picture(
        chart=chart,
        capacities=capacities,
        finding=words.capacity_finding(capacities, config, beside) if len(capacities) else None,
        verdict=_verdict(points, published, config) if len(runs) == len(config) else None,
        warning=page.warning_of(runs),
    )


def _verdict(points: pd.DataFrame, published: pd.DataFrame, config: SweepConfig) -> str | None:
    """Whether the published figure is that of this setting; it takes all of its curves to say so."""
    differences = frames.published_difference(points, published)
    is_whole = len(differences) == frames.published_figure_1()["input_dim"].nunique()
    return words.published_verdict(differences, config) if is_whole else None


def picture_of(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> Picture:
    """What is there now."""
    config, layers = cast("SweepConfig", sweeps[0]), tuple(sorted(values["layers"]))
    return picture(config, page.fingerprint(progress.rows), layers, values["published"], progress.rows)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart and the capacities, for a comparison."""
    now = picture_of(sweeps, progress, values)
    rows = now.capacities.to_dict("records")  # none, and no columns, before a curve is complete
    numbers = {f"n = {row['input_dim']}": row["capacity"] for row in rows if not row["is_lower_bound"]}
    return {CHART: Seen(now.chart, now.finding or words.CAPACITY_ALT, "Capacity N", numbers)}


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, what it shows in words, and the numbers."""
    config = cast("SweepConfig", sweeps[0])
    now = picture_of(sweeps, progress, values)

    above = st.container()
    point = page.chart(now.chart, key=CHART, alt=now.finding or words.CAPACITY_ALT)
    keep.here()
    with above:  # where it is seen, and takes the place of a hint
        if point and point["input_dim"] in config.input_dims and point["num_samples"] in config.num_samples:
            page.samples_link(values, dim=int(point["input_dim"]), at=int(point["num_samples"]))
        else:
            st.markdown("Click a point to look at its samples.")
    with_published = values["published"] and len(frames.published_curves(config)) > 0
    page.legend(words.capacity_legend(config, sorted(values["layers"]), with_published=with_published))
    page.warn(now.warning)
    for text in (now.finding, now.verdict):
        if text:
            st.markdown(text)
    if len(now.capacities):
        numbers(now.capacities)


def numbers(capacities: pd.DataFrame) -> None:
    """The capacity read off each curve."""
    st.dataframe(
        capacities[["input_dim", "capacity", "sd", "per_dim", "is_lower_bound", "last_mean", "num_seeds"]],
        hide_index=True,
        width="content",
        column_config={
            "input_dim": st.column_config.NumberColumn("n", help="Input dimension"),
            "capacity": st.column_config.NumberColumn(
                "Capacity N", format="%.0f", help="The last N with at least 95 % memorized, on the mean curve"
            ),
            "sd": st.column_config.NumberColumn("± s.d.", format="%.1f", help="Over the seeds' own capacities"),
            "per_dim": st.column_config.NumberColumn("Capacity / n", format="%.2f"),
            "is_lower_bound": st.column_config.CheckboxColumn(
                "At least", help="The curve ends before it leaves the line C = N: the capacity is larger"
            ),
            "last_mean": st.column_config.NumberColumn("C at the largest N", format="%.1f"),
            "num_seeds": st.column_config.NumberColumn("Seeds", help="Seeds whose curve is complete"),
        },
    )


main()
