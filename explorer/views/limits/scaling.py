"""Scaling: how capacity grows with the input dimension n and the number of classes V."""

import bisect
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core import cost
from core.config import LIMITS, SweepConfig
from core.tasks import LimitsSweep, Sweep
from explorer import charts, controls, frames, keep, page, service, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.parameters import PARAMETERS

TRAINING = ("lr", "steps", "optimizer")  # what exact limits do not depend on
CONTROLS = ("by", "scale", "dims", "classes", "seeds", "inputs", "bias", "data", *TRAINING)
CHART = "scaling chart"
# Of the samples that theory allows. Few steps may memorize but a small part of them.
LOADS = (0.1, 0.2, 0.3, 0.4, 0.5, *(step / 20 for step in range(12, 23)), 1.2, 1.3)
NUM_LOADS = 13  # of exact limits, which change from all to none within a narrow range
# Of exact limits, all together, by an estimate. So the first view has 17 of its 20 layers, and they keep two cores busy
# for 7 s, as measured; the next layer would make that 24 s, and the last two minutes.
LONGEST_SECONDS = 10.0
SO_FAR = "*So far:* "


# --- what is asked for ------------------------------------------------------------------------------------------------


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """One sweep for each n and V.

    Of exact limits the easiest are taken first, as long as all together take no longer than `LONGEST_SECONDS`; if not
    even one does, all are.

    Raises:
        ValueError: no layer is chosen, or one takes more samples than there may be.
    """
    configs = [_config(values, *layer) for layer in _layers(values)]
    if not configs:
        raise ValueError(words.NO_LAYER)
    if values["by"] == "trained":
        return tuple(configs)
    sweeps = tuple(LimitsSweep(config) for config in configs)
    seconds = [cost.estimate(sweep.runs(), service.limits()["workers"]).seconds for sweep in sweeps]
    easiest = sorted(seconds)
    soon = bisect.bisect_right(list(itertools.accumulate(easiest)), LONGEST_SECONDS)
    longest = easiest[soon - 1] if soon else math.inf
    return tuple(sweep for sweep, each in zip(sweeps, seconds, strict=True) if each <= longest)


def _layers(values: Mapping[str, Any]) -> list[tuple[int, int]]:
    """(n, V) of all layers."""
    return [(n, v) for v in sorted(values["classes"]) for n in sorted(values["dims"])]


def _config(values: Mapping[str, Any], n: int, v: int) -> SweepConfig:
    num_samples = grid(n, v, exactly=values["by"] == "separable", bias=values["bias"])
    if num_samples[-1] > LIMITS["num_samples"].high:
        raise ValueError(words.too_many_samples(n, v, num_samples[-1]))
    training = {key: PARAMETERS[key].default for key in TRAINING}
    return controls.sweep_from({**training, **values, "V": v}, input_dims=(n,), num_samples=num_samples)


def grid(n: int, v: int, *, exactly: bool, bias: bool) -> tuple[int, ...]:
    """The N at which a layer is looked at: around the place that theory tells, so that the capacity lies inside.

    Data sets of about N samples differ in how many of them can be memorized by about sqrt(N). Where n is small beside
    V, the exact limit is lower than theory; by how much was measured, for n = 1 to 100 and V = 2 to 100.

    Args:
        n, v: the layer.
        exactly: for exact limits, or for what training reaches.
        bias: whether the layer has one.
    """
    theory = frames.threshold(n, v, bias=bias)
    half = 2.5 / math.sqrt(theory)
    if exactly:
        middle = 1 - 0.1 * max(0.0, math.log2(2 * v / n**1.5))
        loads = [middle + half * (2 * place / (NUM_LOADS - 1) - 1) for place in range(NUM_LOADS)]
    else:
        loads = [*LOADS, max(LOADS[-1], 1 + half)]
    return tuple(sorted({max(1, round(load * theory)) for load in loads}))


# --- what is shown ----------------------------------------------------------------------------------------------------


def picture_of(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> "Picture":
    """What is there now."""
    which = page.fingerprint(progress.rows)
    return picture(_configs(sweeps), values["by"], which, values["scale"], progress.rows)


def _configs(sweeps: Sequence[Sweep]) -> tuple[SweepConfig, ...]:
    return tuple(sweep.sweep if isinstance(sweep, LimitsSweep) else sweep for sweep in sweeps)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.scaling_script(_configs(sweeps_of(values)), values["by"])


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    now = picture_of(sweeps, progress, values)
    return {CHART: Seen(now.chart, now.findings[0] or words.SCALING_ALT)}


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, whether capacity is 4 n, and the numbers."""
    by: frames.CapacityKind = values["by"]
    configs, now = _configs(sweeps), picture_of(sweeps, progress, values)
    page.chart(now.chart, key=CHART, alt=now.findings[0] or words.SCALING_ALT)
    keep.here()
    for text in now.findings:
        if text:
            st.markdown(text)
    page.warn(now.warning)
    shown = {(config.input_dims[0], config.num_classes) for config in configs}
    left_out = words.left_out_note([layer for layer in _layers(values) if layer not in shown])
    for note in (left_out, *now.notes):
        if note:
            st.caption(note)
    page.legend(words.scaling_legend(by, configs[0]))
    if len(now.slopes):
        slopes_table(now.slopes)
    if len(now.scaling):
        capacities_table(now.scaling, by)


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    findings: tuple[str | None, ...]
    notes: tuple[str | None, ...]
    scaling: pd.DataFrame
    slopes: pd.DataFrame
    warning: str | None


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    configs: tuple[SweepConfig, ...], by: frames.CapacityKind, which_rows: int, scale: str, _rows: Sequence[Row]
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    dims = sorted({config.input_dims[0] for config in configs})
    classes = sorted({config.num_classes for config in configs})
    bias, along = configs[0].bias, frames.COLUMN_OF[scale]
    scaling = frames.scaling_frame(_rows, configs, by)
    slopes = frames.slope_frame(scaling)
    lines = frames.line_frame(slopes, dims, classes, along=along, bias=bias)
    sizes, curves = (dims, classes) if scale == "n" else (classes, dims)
    chart = charts.scaling_chart(scaling, lines, along=along, sizes=sizes, curves=curves)
    settled = frames.settled(scaling, configs)
    known = frames.slope_frame(settled)
    findings = words.post_answer(known, by), words.slopes_finding(known), words.bend_finding(settled, by, bias=bias)
    begin = "" if len(_rows) == sum(map(len, configs)) else SO_FAR
    return Picture(
        charts.spec(chart),
        tuple(text and begin + text for text in findings),
        (words.bounds_note(scaling, by), words.undecided_note(scaling)),
        scaling,
        slopes,
        page.warning_of(frames.runs_frame(_rows)),
    )


_number = st.column_config.NumberColumn
_CLASSES = _number("V", help="Number of classes")
_BEYOND = _number("beyond it (%)", format="%+.1f", help="How much more is measured than theory says")
_SEEDS = _number("Seeds", help="Those that are complete")


def slopes_table(slopes: pd.DataFrame) -> None:
    """The lines a(V) n."""
    st.dataframe(
        slopes,
        hide_index=True,
        width="content",
        column_config={
            "num_classes": _CLASSES,
            "slope": _number("a(V)", format="%.2f", help="C = a(V) n, the line through the origin and all n"),
            "low": _number("95 % from", format="%.2f", width=90, help="From the spread of the seeds' own a(V)"),
            "high": _number("to", format="%.2f"),
            "theory": _number("Theory", format="%.2f", help="The line through what theory says of the same n"),
            "residual": _BEYOND,
            "alpha": _number("α", format="%.2f", help="Theory is C = α (n + 1), or α n without a bias"),
            "num_dims": _number("Values of n"),
            "num_seeds": _SEEDS,
        },
    )


def capacities_table(scaling: pd.DataFrame, by: frames.CapacityKind) -> None:
    """Each capacity."""
    columns = ["num_classes", "input_dim", "capacity", "half", "per_dim", "theory", "residual"]
    threshold = ["last_all", "first_none"] if by == "separable" else []
    bound = ["bound"] if scaling["bound"].any() else []
    st.dataframe(
        scaling.assign(half=scaling["high"] - scaling["capacity"])[[*columns, *threshold, *bound, "num_seeds"]],
        hide_index=True,
        width="content",
        column_config={
            "num_classes": _CLASSES,
            "input_dim": _number("n", help="Input dimension"),
            "capacity": _number("Capacity N", format="%.1f"),
            "half": _number("± 95 %", format="%.1f", help="Half the interval of the mean over the seeds"),
            "per_dim": _number("Capacity / n", format="%.2f"),
            "theory": _number("Theory", format="%.1f", help="For n → ∞"),
            "residual": _BEYOND,
            "last_all": _number(
                "all up to N", format="%d", help="The largest N up to which all data sets are separable"
            ),
            "first_none": _number("none from N", format="%d", help="The smallest N from which on none is"),
            "bound": st.column_config.TextColumn("Only", help="A bound: N begin or end too soon, or were not decided"),
            "num_seeds": _SEEDS,
        },
    )
