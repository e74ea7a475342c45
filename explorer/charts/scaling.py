"""Capacity against the size of a layer, and how far it is from theory."""

import math
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, DASH, FIT, GUIDE, HEIGHT, PALETTE, dimension_colors, end_names, styled
from explorer.frames import SYMBOL_OF

UPPER_HEIGHT, LOWER_HEIGHT = 360, 200
# With room for the widest label, or the panels' left edges would not be in line.
Y_AXIS = AXIS | {"minExtent": 56}
TITLES = {"input_dim": "Input dimension, n", "num_classes": "Number of classes, V"}
LEFT, RIGHT = 0.04, 0.14  # of the axis: it begins a little before the smallest layer, and has room for the names
APART = 0.008  # of the axis: so far the intervals of one size stand apart
FEW_DECADES = 0.3  # the shortest axis, so that a single size has one
STEP, FARTHEST = 10, 25  # per cent: steps of the lower axis, and how far it follows an interval from its point
SHAPES = {"": "circle", "at least": "triangle-up", "at most": "triangle-down"}


def scaling_chart(
    scaling: pd.DataFrame, lines: pd.DataFrame, *, along: str, sizes: list[int], curves: list[int]
) -> alt.VConcatChart:
    """Capacity against n or V, logarithmic, with theory and the lines a(V) n; below, how far it is from theory.

    Args:
        scaling: `explorer.frames.scaling_frame`; may be empty.
        lines: `explorer.frames.line_frame`, which reaches from the smallest to the largest size.
        along: the column that grows along the axis, "input_dim" or "num_classes"; the other one tells curves apart.
        sizes, curves: all values of these two that will come, so that axes and colours do not move while they do.
    """
    [by] = SYMBOL_OF.keys() - {along}
    names = {value: f"{SYMBOL_OF[by]} = {value}" for value in curves}
    colors = dimension_colors(curves) if by == "input_dim" else PALETTE
    color = alt.Color("curve:N", scale=alt.Scale(domain=list(names.values()), range=colors), legend=None)
    decades = max(FEW_DECADES, math.log10(max(sizes) / min(sizes)))
    ends = [min(sizes) * 10 ** (-LEFT * decades), max(sizes) * 10 ** (RIGHT * decades)]

    def x(title: str | None) -> alt.X:
        axis = alt.Axis(**AXIS | {"values": sizes}, format="d", labels=title is not None, labelOverlap=True)
        return alt.X(f"{along}:Q", title=title, scale=alt.Scale(type="log", domain=ends, nice=False), axis=axis)

    lines = lines.assign(curve=lines[by].map(names))
    points = scaling.drop(columns="own").assign(curve=scaling[by].map(names))
    upper = _capacities(points, lines, x(None), color, along)
    apart = points[by].map({value: place - (len(curves) - 1) / 2 for place, value in enumerate(curves)})
    beside = points.assign(**{along: points[along] * 10 ** (APART * decades * apart.astype(float))})
    lower = _residuals(beside, x(f"{TITLES[along]} (logarithmic)"), color)
    chart: alt.VConcatChart = styled(alt.vconcat(upper, lower, spacing=14))
    return chart.properties(autosize=FIT)


# --- the two panels ---------------------------------------------------------------------------------------------------


def _capacities(points: pd.DataFrame, lines: pd.DataFrame, x: alt.X, color: alt.Color, along: str) -> Any:
    bottom, top = _logarithmic_ends(points, lines)
    y = alt.Y(
        "capacity:Q",
        title="Capacity (logarithmic)",
        scale=alt.Scale(type="log", domain=[bottom, top], nice=False),
        axis=alt.Axis(**Y_AXIS | {"values": _round_numbers(bottom, top)}, format=",d"),
    )
    names = lines.loc[lines.groupby("curve")[along].idxmax()].rename(columns={"theory": "mean"})
    height = math.log10(top / bottom) * HEIGHT / UPPER_HEIGHT
    base = alt.Chart(lines).encode(x=x, color=color)
    inside = points.assign(**{end: points[end].clip(lower=bottom) for end in ("low", "last_all")})
    layers = [
        base.mark_line(strokeDash=DASH, strokeWidth=2, clip=True).encode(y=alt.Y("theory:Q", title="")),
        base.transform_filter("isValid(datum.fit)")
        .mark_line(strokeWidth=1.5, clip=True)
        .encode(y=alt.Y("fit:Q", title="")),
        _interval(inside, x, color, "last_all", "first_none", strokeWidth=9, opacity=0.25),
        _interval(inside, x, color, "low", "high"),
        _marks(points, x, y, color),
        end_names(names, x, color, height=height, is_logarithmic=True),
    ]
    return alt.layer(*layers, height=UPPER_HEIGHT)


def _residuals(points: pd.DataFrame, x: alt.X, color: alt.Color) -> Any:
    y = alt.Y(
        "residual:Q",
        title="Beyond theory (%)",
        scale=alt.Scale(domain=_percent_ends(points), nice=False),
        axis=alt.Axis(**Y_AXIS | {"tickCount": 5}, labelExpr="datum.value ? format(datum.value, '+d') : '0'"),
    )
    zero = alt.Chart(pd.DataFrame({"residual": [0]})).encode(y=y)
    layers = [
        zero.mark_rule(color=GUIDE, strokeDash=DASH, strokeWidth=2),
        _interval(points, x, color, "residual_low", "residual_high"),
        _marks(points, x, y, color),
    ]
    return alt.layer(*layers, height=LOWER_HEIGHT)


def _interval(points: pd.DataFrame, x: alt.X, color: alt.Color, low: str, high: str, **style: Any) -> alt.Chart:
    """From one column to another, where both are known."""
    bars: alt.Chart = (
        alt.Chart(points.dropna(subset=[low, high]))
        .mark_rule(clip=True, **{"strokeWidth": 2.5} | style)
        .encode(x=x, y=alt.Y(f"{low}:Q", title=""), y2=f"{high}:Q", color=color)
    )
    return bars


def _marks(points: pd.DataFrame, x: alt.X, y: alt.Y, color: alt.Color) -> alt.Chart:
    """The capacities, which tell their numbers; hollow triangles where only a bound is known."""
    shape = alt.Shape("bound:N", scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())), legend=None)
    marks: alt.Chart = (
        alt.Chart(points)
        .mark_point(size=90, strokeWidth=2, opacity=1, clip=True)
        .encode(
            x=x,
            y=y,
            color=color,
            fill=alt.Fill("curve:N", scale=color["scale"], legend=None),
            fillOpacity=alt.condition("datum.bound === ''", alt.value(1), alt.value(0)),
            shape=shape,
            tooltip=[
                alt.Tooltip("curve:N", title="Curve"),
                *(alt.Tooltip(f"{name}:Q", title=title, format=form) for name, title, form in _TOLD),
                alt.Tooltip("bound:N", title="Only a bound"),
            ],
        )
    )
    return marks


_TOLD = (
    ("capacity", "Capacity N", ",.1f"),
    ("low", "95 % interval from", ",.1f"),
    ("high", "to", ",.1f"),
    ("per_dim", "Capacity / n", ".2f"),
    ("theory", "Theory, n → ∞", ",.1f"),
    ("residual", "Beyond theory (%)", "+.1f"),
    ("num_seeds", "Seeds", "d"),
)


# --- axes -------------------------------------------------------------------------------------------------------------


def _logarithmic_ends(points: pd.DataFrame, lines: pd.DataFrame) -> tuple[float, float]:
    """Around theory, which is there from the start; further where a capacity is."""
    lowest, highest = lines["theory"].min() / 2, 1.25 * lines["theory"].max()
    return min([lowest, *points["capacity"] / 1.2]), max([highest, *1.2 * points["capacity"]])


def _round_numbers(low: float, high: float) -> list[int]:
    """1, 2, 5, 10, 20, 50 and so on, as far as they lie between two numbers."""
    decades = range(math.floor(math.log10(max(low, 1))), math.ceil(math.log10(high)) + 1)
    return [step * 10**decade for decade in decades for step in (1, 2, 5) if low <= step * 10**decade <= high]


def _percent_ends(points: pd.DataFrame) -> list[int]:
    """Around all points and 0, in steps, and around their intervals as far as these are not too wide."""
    residual = points["residual"]
    low = points["residual_low"].clip(lower=residual - FARTHEST).fillna(residual)
    high = points["residual_high"].clip(upper=residual + FARTHEST).fillna(residual)
    lowest, highest = min([-STEP, *low]), max([STEP, *high])
    return [STEP * math.floor(lowest / STEP), STEP * math.ceil(highest / STEP)]
