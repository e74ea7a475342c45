"""The most bits against the number of parameters, of layers of several n or several V."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.config import LIMITS, SweepConfig
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.parameters import PARAMETERS
from explorer.views.bits.columns import MOST_COLUMNS

TRAINING = ("seeds", "inputs", "lr", "steps", "bias", "data", "optimizer")
CONTROLS = ("scale", "dims", "V", "classes", "dim", *TRAINING)
IDLE = {"n": ("classes", "dim"), "V": ("dims", "V")}  # controls without use, by what grows
LOADS = (0.4, 0.55, 0.65, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.1, 1.25, 1.5)  # N over the threshold, close where it peaks
AROUND = 2.5  # thresholds: as far goes the curve of a mark that is clicked
CHART = "parameters chart"


def sweeps_of(values: Mapping[str, Any]) -> tuple[SweepConfig, ...]:
    """One a layer, each with values of N around the threshold of theory."""
    if values["scale"] == "n":
        sizes = [(n, values["V"]) for n in sorted(values["dims"])]
    else:
        sizes = [(values["dim"], num_classes) for num_classes in sorted(values["classes"])]
    if not sizes:
        raise ValueError("Choose at least one layer, and its mark appears here.")
    return tuple(
        controls.sweep_from({**values, "V": num_classes}, input_dims=(n,), num_samples=around(n, num_classes, values))
        for n, num_classes in sizes
    )


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    return scripts.parameters_script(sweeps_of(values))


def around(n: int, num_classes: int, values: Mapping[str, Any]) -> tuple[int, ...]:
    """The values of N of one layer."""
    threshold = frames.threshold(n, num_classes, bias=values["bias"])
    sizes = tuple(dict.fromkeys(max(1, round(load * threshold)) for load in LOADS))
    if sizes[-1] > LIMITS["num_samples"].high:
        raise ValueError(words.too_many_samples(n, num_classes, sizes[-1]))
    return sizes


def picture_of(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> "Picture":
    """What is there now."""
    across, which = frames.COLUMN_OF[values["scale"]], page.fingerprint(progress.rows)
    return picture(tuple(sweeps), which, across, values["unit"], progress.rows)


def see(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart, for a comparison."""
    now = picture_of(sweeps, progress, values)
    return {CHART: Seen(now.chart, now.finding or words.PARAMETERS_ALT)}


def draw(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> None:
    """The chart, what it shows in words, why that is no constant, and the numbers."""
    across, now = frames.COLUMN_OF[values["scale"]], picture_of(sweeps, progress, values)
    above = st.container()
    point = page.chart(now.chart, key=CHART, alt=now.finding or words.PARAMETERS_ALT)
    keep.here()
    with above:  # where it is seen, and takes the place of a hint
        if point and (point["input_dim"], point["num_classes"]) in {
            (*each.input_dims, each.num_classes) for each in sweeps
        }:
            curve_link(values, int(point["input_dim"]), int(point["num_classes"]))
        else:
            st.markdown("Click a mark to see its curve.")
    for text in (now.finding, now.caveat):
        if text:
            st.markdown(text)
    page.warn(now.warning)
    page.legend(words.parameters_legend(sweeps[0], LOADS))
    if len(now.table):
        numbers(now.table, across)


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    table: pd.DataFrame
    finding: str | None
    caveat: str | None
    warning: str | None


@st.cache_resource(max_entries=128, show_spinner=False)
def picture(
    sweeps: tuple[SweepConfig, ...], which_rows: int, across: str, unit: frames.Unit, _rows: Sequence[Row]
) -> Picture:
    """Made once for all sessions that look at the same sweeps at the same moment: `which_rows` stands for `_rows`."""
    bits = frames.bits_frame(_rows)
    fits = frames.proportions(bits, sweeps)
    table = frames.capacities_table(frames.bit_capacities(bits, sweeps), fits)
    chart = charts.parameters_chart(
        frames.in_unit(table, unit),
        frames.PUBLISHED_BITS,
        title=words.BITS_TITLES[unit],
        x_title="Parameters, V (n + 1)" if sweeps[0].bias else "Parameters, V n",
        across=across,
        num_parameters=[frames.unit_size(config, "parameter") for config in sweeps],
        is_total=unit == "total",
    )
    per_parameter = frames.in_unit(table, "parameter")
    largest = per_parameter[per_parameter[across] == per_parameter[across].max()]
    return Picture(
        charts.spec(chart),
        table.assign(per_parameter=per_parameter["bits"]),
        words.parameters_finding(per_parameter, fits, across),
        words.no_constant(largest, sweeps[-1]) if fits else None,
        page.warning_of(frames.runs_frame(_rows)),
    )


def curve_link(values: Mapping[str, Any], n: int, num_classes: int) -> None:
    """A link to the curve of a layer, or of the nearest that the controls offer, to well beyond its threshold."""
    n, num_classes = (controls.nearest(PARAMETERS[key].options, size) for key, size in (("dim", n), ("V", num_classes)))
    first, *others = PARAMETERS["N"].options
    end = controls.nearest(others, AROUND * frames.threshold(n, num_classes, bias=values["bias"]))
    layer = {"dim": n, "V": num_classes, "N": (first, end)}
    text = f"See the curve of n = {n:,}, V = {num_classes:,}"
    page.link("bits", text, layer | {key: values[key] for key in ("unit", *TRAINING)})


def numbers(table: pd.DataFrame, across: str) -> None:
    """All that the chart shows, as numbers, and how far each mark lies from its line."""
    number = st.column_config.NumberColumn
    st.dataframe(
        table.assign(definition=table["definition"].map(frames.DEFINITIONS)),
        hide_index=True,
        width="content",
        column_order=[
            across,
            "num_parameters",
            "definition",
            "bits",
            "low",
            "high",
            "per_parameter",
            "theory",
            "fit",
            "residual",
            "num_samples",
            "is_lower_bound",
            "num_seeds",
        ],
        column_config={
            "input_dim": number("n", help="Input dimension"),
            "num_classes": number("V", help="Classes"),
            "num_parameters": number("Parameters", help="V (n + 1), or V n without a bias"),
            "fit": number(
                "Line",
                format="%.0f",
                help="Bits by the coloured line: the mean over layers of the bits per parameter, times the parameters",
            ),
            "residual": number("Residual", format="%+.0f", help="Bits minus those of the line"),
            "theory": number("Theory", format="%.0f", help="All bits of the labels at the threshold of theory"),
        }
        | MOST_COLUMNS,
    )
