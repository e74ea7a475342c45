"""Bits against N, by three definitions."""

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
from explorer.views.bits.columns import MOST_COLUMNS

CONTROLS = ("dim", "V", "N", "points", "seeds", "inputs", "lr", "steps", "bias", "data", "optimizer", "layers")
CHART = "bits chart"
FAR = 2_000  # an N axis that goes further is logarithmic


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """The trained layers, and the optima of their data if they are asked for."""
    num_samples = controls.evenly(values["N"], values["points"], is_logarithmic=values["N"][1] > FAR)
    config = controls.sweep_from(values, num_samples=num_samples)
    return (config, LimitsSweep(config)) if "optimum" in values["layers"] else (config,)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.bits_script(cast("SweepConfig", sweeps_of(values)[0]), values["layers"])


def picture_of(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> "Picture":
    """What is there now."""
    config, layers = cast("SweepConfig", sweeps[0]), tuple(sorted(values["layers"]))
    return picture(config, page.fingerprint(progress.rows), layers, values["unit"], progress.rows)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart and the most bits, for a comparison."""
    now = picture_of(sweeps, progress, values)
    rows = now.capacities.to_dict("records")
    numbers = {frames.DEFINITIONS[row["definition"]]: row["bits"] for row in rows if row["of"] == frames.TRAINED}
    return {CHART: Seen(now.chart, now.finding or words.BITS_ALT, "Most bits", numbers)}


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, the most bits in words, and as numbers."""
    config, now = cast("SweepConfig", sweeps[0]), picture_of(sweeps, progress, values)
    page.chart(now.chart, key=CHART, alt=now.finding or words.BITS_ALT)
    keep.here()
    if now.finding:
        st.markdown(now.finding)
    page.warn(now.warning)
    page.legend(words.bits_legend(config, sorted(values["layers"]), values["unit"]))
    if len(now.capacities):
        numbers(now.capacities)


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    capacities: pd.DataFrame
    finding: str | None
    warning: str | None


@st.cache_resource(max_entries=128, show_spinner=False)
def picture(
    config: SweepConfig, which_rows: int, layers: tuple[str, ...], unit: frames.Unit, _rows: Sequence[Row]
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    bits = frames.bits_frame(_rows)
    capacities = frames.bit_capacities(bits, [config])
    capacities = capacities[capacities["is_complete"].astype(bool)]
    chart = charts.bits_chart(
        frames.bits_points(bits, frames.unit_size(config, unit)),
        frames.bits_theory(config, unit) if "theory" in layers else None,
        frames.guides(config, unit),
        title=words.BITS_TITLES[unit],
        num_samples=(config.num_samples[0], config.num_samples[-1]),
        is_logarithmic=config.num_samples[-1] > FAR,
        num_seeds=len(config.seeds),
    )
    finding = words.bits_finding(frames.in_unit(capacities, unit), config, unit)
    return Picture(charts.spec(chart), capacities, finding, page.warning_of(frames.runs_frame(_rows)))


def numbers(capacities: pd.DataFrame) -> None:
    """The most bits by each definition."""
    st.dataframe(
        capacities.assign(
            definition=capacities["definition"].map(frames.DEFINITIONS),
            per_parameter=capacities["bits"] / capacities["num_parameters"],
            per_weight=capacities["bits"] / capacities["num_weights"],
        ),
        hide_index=True,
        width="content",
        column_order=[
            "definition",
            "of",
            "bits",
            "low",
            "high",
            "per_parameter",
            "per_weight",
            "num_samples",
            "is_lower_bound",
            "last",
            "num_seeds",
        ],
        column_config={
            "of": st.column_config.TextColumn("Layer", help="As trained, or at the optimum of the same data"),
            "per_weight": st.column_config.NumberColumn("Bits per weight", format="%.3f", help="Without the biases"),
            "last": st.column_config.NumberColumn(
                "At the end", format="%.0f", help="Bits at the largest N, mean over seeds"
            ),
        }
        | MOST_COLUMNS,
    )
