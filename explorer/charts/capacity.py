"""C against N. No Streamlit here."""

import functools
import threading
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import (
    AXIS,
    DASH,
    FITTING,
    GUIDE,
    HEIGHT,
    PICK,
    ROOM_FOR_NAMES,
    WORDS,
    band,
    dimension_colors,
    line,
    names_at,
    spread,
    styled,
    with_tables,
)

PUBLISHED = "Liu (2026), Figure 1"

_making = threading.Lock()  # a class that moves its sliders asks for one shape at once: it is made for all


def capacity_chart(
    points: pd.DataFrame,
    capacities: pd.DataFrame,
    published: pd.DataFrame,
    *,
    input_dims: list[int],
    max_num_samples: int,
    num_seeds: int,
    height: int = HEIGHT,
    optimum: pd.DataFrame | None = None,
    theory: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    reach: float = 0.0,
) -> dict[str, Any]:
    """C against N, one curve a dimension, with its band over seeds and its capacity, as Vega-Lite.

    Args:
        points: `explorer.frames.curve_frame`; may be empty.
        capacities: `explorer.frames.capacity_frame`; may be empty.
        published: input_dim, num_samples, memorized of the published curves; may be empty.
        input_dims: all curves that will come, so that colours and axes do not move while they do.
        max_num_samples: where the N axis ends.
        num_seeds: seeds in the sweep, for the words.
        height: of the plot, in pixels.
        optimum: `explorer.frames.limit_points`, if they are to be shown.
        theory: `explorer.frames.theory_of`, if it is to be shown.
        reach: how high the C axis goes at least, as for a guess.
    """
    shown = [points["high"], published["memorized"], pd.Series([reach])]
    tables = {"points": points, "published": published.assign(source=PUBLISHED)}
    if len(capacities):  # read off between two points, it may lie above both
        shown.append(capacities["capacity"])
        reached = capacities[~capacities["is_lower_bound"].astype(bool)]
        tables["capacities"] = reached.assign(num_samples=reached["capacity"], mean=reached["capacity"])
    if optimum is not None:
        shown.append(optimum["high"])
        tables["optimum"] = optimum
    if theory is not None:
        shown += [theory[0]["optimum"], theory[1]["num_samples"]]
        tables["theory"], tables["thresholds"] = theory
    top = top_of_axis(shown, max_num_samples)
    tables = {name: table.assign(curve=table["input_dim"].map(_name)) for name, table in tables.items()}
    if len(points):
        ends = tables["points"].loc[points.groupby("input_dim")["num_samples"].idxmax()]
        tables["ends"] = spread(ends, height=top * HEIGHT / height)
    there = frozenset(name for name, table in tables.items() if len(table)) | {"points"}
    with _making:
        shape = _shape(there, tuple(input_dims), max_num_samples, top, num_seeds > 1, height)
    return with_tables(shape, {name: tables[name] for name in there})


@functools.lru_cache(maxsize=64)
def _shape(
    there: frozenset[str], input_dims: tuple[int, ...], max_num_samples: int, top: float, has_band: bool, height: int
) -> dict[str, Any]:
    """The chart of the tables that are there, with their names in their places."""
    color = alt.Color(
        "curve:N",
        scale=alt.Scale(domain=[_name(n) for n in input_dims], range=dimension_colors(input_dims)),
        legend=None,
    )
    x = alt.X(
        "num_samples:Q",
        title="Samples to memorize, N",
        scale=alt.Scale(domain=[0, ROOM_FOR_NAMES * max_num_samples], nice=False),
        axis=alt.Axis(**AXIS),
    )
    y = alt.Y(
        "mean:Q",
        title="Samples memorized, C",
        scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
        axis=alt.Axis(**AXIS),
    )
    base = alt.Chart(alt.NamedData("points")).encode(x=x, color=color)
    layers: list[Any] = [all_memorized(x, y, top, label="all memorized, C = N")]
    if has_band:
        layers.append(band(base))
    if "published" in there:
        layers.append(_published(x, color))
    layers.append(line(base, y))
    if "optimum" in there:
        layers.append(_optimum(x, color))
    if "theory" in there:
        layers.append(_theory(x, color))
    if "thresholds" in there:
        layers.append(_thresholds(x, color))
    if "capacities" in there:
        layers.append(_capacity_marks(x, color))
    if "ends" in there:
        layers += [names_at(alt.NamedData("ends"), x, color, FITTING), _hover(x, y, color)]
    shape: dict[str, Any] = styled(alt.layer(*layers).properties(height=height)).to_dict()
    return shape


def _name(input_dim: int) -> str:
    return f"n = {input_dim}"


def top_of_axis(shown: Sequence[pd.Series], max_num_samples: int) -> float:
    """Where the C axis ends: above everything shown, and never above C = N."""
    highest = max([0.0, *(values.max() for values in shown if len(values))])
    # Steps of a tenth of the N axis: the axis then moves seldom while the curves grow.
    step = max_num_samples / 10
    return float(min(max_num_samples, max(2 * step, step * (1 + int(highest * 1.1 / step)))))


def all_memorized(x: alt.X, y: alt.Y, top: float, *, label: str) -> Any:
    """The line C = N, and its name."""
    line = alt.Chart(pd.DataFrame({"num_samples": [0, top], "mean": [0, top]})).mark_line(
        color=GUIDE, strokeDash=[7, 5], strokeWidth=2
    )
    # Above the line, where no curve can be; on a phone there is room for a few words only.
    name = alt.Chart(pd.DataFrame({"num_samples": [0.84 * top], "mean": [0.84 * top], "label": [label]})).mark_text(
        align="right", baseline="bottom", dx=-10, dy=-22, fontSize=15, color=WORDS, lineBreak=", "
    )
    return alt.layer(line.encode(x=x, y=y), name.encode(x=x, y=y, text="label:N"))


def _published(x: alt.X, color: alt.Color) -> Any:
    return (
        alt.Chart(alt.NamedData("published"))
        .mark_point(shape="diamond", size=46, filled=False, strokeWidth=1.4, opacity=0.85, clip=True)
        .encode(
            x=x,
            y=alt.Y("memorized:Q"),
            color=color,
            tooltip=[
                alt.Tooltip("source:N", title="Published"),
                alt.Tooltip("input_dim:Q", title="Input dimension n"),
                alt.Tooltip("num_samples:Q", title="Samples N"),
                alt.Tooltip("memorized:Q", title="Memorized C"),
            ],
        )
    )


def _optimum(x: alt.X, color: alt.Color) -> Any:
    """What an ideal optimizer reaches on the same data: hollow squares, small and thin, so that all else is seen."""
    return (
        alt.Chart(alt.NamedData("optimum"))
        .mark_point(shape="square", size=26, filled=False, strokeWidth=1, opacity=0.9, clip=True)
        .encode(
            x=x,
            y="mean:Q",
            color=color,
            tooltip=[
                alt.Tooltip("curve:N", title="Exact optimum of"),
                alt.Tooltip("num_samples:Q", title="Samples N"),
                alt.Tooltip("mean:Q", title="C there, mean", format=".1f"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
            ],
        )
    )


def _theory(x: alt.X, color: alt.Color) -> Any:
    """The optimum of infinitely large layers, as fine dashes."""
    dashes = alt.Chart(alt.NamedData("theory")).mark_line(strokeDash=DASH, strokeWidth=2, clip=True)
    return dashes.encode(x=x, y="optimum:Q", color=color)


def _thresholds(x: alt.X, color: alt.Color) -> Any:
    """Up to where theory has all memorized: a cross on the line C = N."""
    return (
        alt.Chart(alt.NamedData("thresholds"))
        .mark_point(shape="cross", size=170, angle=45, filled=True, opacity=1, clip=True)
        .encode(
            x=x,
            y="num_samples:Q",
            color=color,
            tooltip=[
                alt.Tooltip("curve:N", title="All can be memorized (theory), of"),
                alt.Tooltip("num_samples:Q", title="up to N", format=".0f"),
            ],
        )
    )


def _capacity_marks(x: alt.X, color: alt.Color) -> Any:
    return (
        alt.Chart(alt.NamedData("capacities"))
        .mark_point(shape="circle", size=190, strokeWidth=3, filled=False, opacity=1)
        .encode(
            x=x,
            y="mean:Q",
            color=color,
            tooltip=[
                alt.Tooltip("curve:N", title="Capacity of"),
                alt.Tooltip("capacity:Q", title="95 % memorized up to N", format=".0f"),
                alt.Tooltip("per_dim:Q", title="per input dimension", format=".2f"),
            ],
        )
    )


def _hover(x: alt.X, y: alt.Y, color: alt.Color) -> Any:
    nearest = alt.selection_point(
        name="hover",
        fields=["num_samples", "input_dim"],
        nearest=True,
        on="pointerover",
        clear="pointerout",
        empty=False,
    )
    picked = alt.selection_point(name=PICK, fields=["num_samples", "input_dim"], nearest=True, on="click", empty=False)
    return (
        alt.Chart(alt.NamedData("points"))
        .mark_point(size=120, filled=True)
        .encode(
            x=x,
            y=y,
            color=color,
            opacity=alt.condition(nearest, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("input_dim:Q", title="Input dimension n"),
                alt.Tooltip("num_samples:Q", title="Samples N"),
                alt.Tooltip("mean:Q", title="Memorized C, mean", format=".1f"),
                alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".1f"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
                alt.Tooltip("fraction:Q", title="Memorized", format=".0%"),
                alt.Tooltip("loss:Q", title="Mean loss (nats)", format=".3g"),
            ],
        )
        .add_params(nearest, picked)
    )
