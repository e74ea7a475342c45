"""Bits that are memorized: against N, and the most of them against the number of parameters."""

from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from explorer.charts.style import (
    AXIS,
    DASH,
    FIT,
    GUIDE,
    HEIGHT,
    NAME_GAP,
    PALETTE,
    PICK,
    ROOM_FOR_NAMES,
    WORDS,
    band,
    end_names,
    line,
    styled,
)
from explorer.frames import DEFINITIONS, OPTIMUM, SYMBOL_OF, TRAINED, Guides

COLORS = dict(zip(DEFINITIONS.values(), PALETTE, strict=False))
SHAPES = dict(zip(DEFINITIONS.values(), ("circle", "triangle-up", "square"), strict=True))
SCALE = alt.Scale(domain=list(COLORS), range=list(COLORS.values()))
LEGEND = alt.Legend(title=None, orient="top", labelFontSize=16, symbolOpacity=1, symbolSize=130)
BELOW = 0.25  # of the axis: as far below 0 as it goes
APART = 0.006  # of the axis: so far the marks of one layer stand apart
NEAR = 0.16  # of the axis: on a phone the names of two layers nearer to each other would touch
SOLID, LONG_DASH = [1, 0], [7, 5]
ALL_BITS, FAR_TAIL = "all bits", "far tail (theory)"
AT_THRESHOLD = "all bits at the threshold (theory)"
PUBLISHED = "transformers (published)"  # short, for phones: the words below say more


def bits_chart(
    points: pd.DataFrame,
    theory: pd.DataFrame | None,
    guides: Guides,
    *,
    title: str,
    num_samples: tuple[int, int],
    is_logarithmic: bool,
    num_seeds: int,
) -> alt.LayerChart:
    """Bits against N, one curve a definition, with all bits of the labels and where theory and others say it ends.

    Args:
        points: `explorer.frames.bits_points`; may be empty.
        theory: `explorer.frames.bits_theory`, if it is to be shown.
        guides: what to compare with.
        title: of the axis: the unit.
        num_samples: where the N axis begins and ends; a linear one begins at 0.
        is_logarithmic: whether it is.
        num_seeds: seeds in the sweep: one has no band.
    """
    bottom, top = _bits_ends(points, guides, num_samples[1])
    begin, end = _n_ends(*num_samples, is_logarithmic=is_logarithmic)
    x = alt.X(
        "num_samples:Q",
        title="Samples to memorize, N" + " (logarithmic)" * is_logarithmic,
        scale=alt.Scale(type="log" if is_logarithmic else "linear", domain=[begin, end], nice=False),
        axis=alt.Axis(**AXIS, format=",d"),
    )
    y_scale = alt.Scale(domain=[bottom, top], nice=False, zero=False)
    y = alt.Y("mean:Q", title=title, scale=y_scale, axis=alt.Axis(**AXIS))
    color = alt.Color("curve:N", scale=SCALE, legend=None)
    named = points.assign(curve=points["definition"].map(DEFINITIONS))
    trained, optimum = named[named["of"] == TRAINED], named[named["of"] == OPTIMUM]

    base = alt.Chart(trained).encode(x=x, color=color)
    tip = min(num_samples[1], top / guides.a_sample)
    layers: list[Any] = []
    names = {}
    if begin < tip:
        layers.append(_all_bits(x, y, guides.a_sample, begin, tip))
        names[ALL_BITS] = LONG_DASH
    if guides.far_tail <= top:
        layers.append(_level(guides.far_tail, y, DASH))
        names[FAR_TAIL] = DASH
    if guides.published is not None:
        if guides.published <= top:
            layers.append(_level(guides.published, y, SOLID))
        names |= _published_name(guides.published, is_above=guides.published > top)
    layers.append(_guide_names(names, "top"))
    if num_seeds > 1:
        layers.append(band(base, scale=y_scale))
    if theory is not None:
        fine = alt.Chart(theory).mark_line(strokeDash=DASH, strokeWidth=2, clip=True, color=COLORS["Liu"])
        layers.append(fine.encode(x=x, y=alt.Y("bits:Q", title="")))
    layers.append(line(base, y))
    if len(optimum):
        squares = alt.Chart(optimum).mark_point(shape="square", size=60, filled=False, strokeWidth=1.8, clip=True)
        layers.append(squares.encode(x=x, y=y, color=color))
    if len(trained):
        ends = trained.loc[trained.groupby("definition")["num_samples"].idxmax()]
        room = NAME_GAP * (top - bottom)  # a curve that leaves the axis has its name there
        below = room * (len(ends) + 1 - ends["mean"].rank(method="first"))  # for the names of those above it
        ends = ends.assign(mean=ends["mean"].clip(bottom + room, top - below))
        layers.append(end_names(ends, x, color, height=top - bottom))
    layers.append(_to_point_at(named, x, y, title))
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=HEIGHT, autosize=FIT))
    return chart


def _bits_ends(points: pd.DataFrame, guides: Guides, last: int) -> tuple[float, float]:
    """Where the axis of bits begins and ends: around everything shown, in steps, so that it moves seldom."""
    least = 1.2 * guides.a_sample * min(guides.threshold, last)
    highest = max([0.0, *points["high"]])
    lowest = min([0.0, *points["mean"]])
    step = least / 5
    top = max(least, step * (1 + int(1.05 * highest / step)))
    return max(1.1 * lowest, -BELOW * top), top


def _n_ends(first: int, last: int, *, is_logarithmic: bool) -> tuple[float, float]:
    """Where the N axis begins, also where it has but one N, and ends, with room for the curves' names."""
    if not is_logarithmic:
        return 0.0, last * ROOM_FOR_NAMES
    begin = min(first, last // 10)
    return begin, last * (last / begin) ** (ROOM_FOR_NAMES - 1)


def _all_bits(x: alt.X, y: alt.Y, a_sample: float, begin: float, tip: float) -> alt.Chart:
    """N log2 V, from where the axis begins to where the line ends."""
    # A logarithmic axis bends the line.
    num_samples = np.geomspace(begin, tip, 60) if begin else np.array([0, tip])
    table = pd.DataFrame({"num_samples": num_samples, "mean": a_sample * num_samples})
    dashed: alt.Chart = alt.Chart(table).mark_line(color=GUIDE, strokeDash=LONG_DASH, strokeWidth=2, clip=True)
    return dashed.encode(x=x, y=y)


def _level(height: float, y: alt.Y, dash: list[int]) -> alt.Chart:
    rule: alt.Chart = alt.Chart(pd.DataFrame({"mean": [height]})).mark_rule(color=GUIDE, strokeWidth=2, strokeDash=dash)
    return rule.encode(y=y)


def _published_name(bits: float, *, is_above: bool) -> dict[str, list[int]]:
    """With an arrow where it lies above the axis."""
    return {f"{'↑ ' if is_above else ''}{bits:g}: {PUBLISHED}": SOLID}


def _guide_names(names: dict[str, list[int]], orient: Literal["top", "bottom"]) -> alt.Chart:
    """The names of the grey lines and their dashes, outside: in the chart curves and lines leave them no room.

    The mark is not seen: the names stand there too if what they name lies above the axis.
    """
    legend = alt.Legend(
        title=None,
        orient=orient,
        columns=alt.ExprRef("width < 500 ? 1 : 3"),  # one below the other on a phone
        labelFontSize=15,
        labelLimit=0,
        symbolType="stroke",
        symbolStrokeColor=GUIDE,
        symbolOpacity=1,
        symbolSize=400,
    )
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=list(names), range=list(names.values())), legend=legend)
    unseen: alt.Chart = alt.Chart(pd.DataFrame({"name": list(names)})).mark_rule(opacity=0)
    return unseen.encode(x=alt.value(0), y=alt.value(0), strokeDash=dash)


def _to_point_at(points: pd.DataFrame, x: alt.X, y: alt.Y, title: str) -> alt.Chart:
    """What tells its numbers under the pointer."""
    targets: alt.Chart = (
        alt.Chart(points)
        .mark_point(size=160, opacity=0, filled=True, clip=True)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("curve:N", title="Definition"),
                alt.Tooltip("of:N", title="Layer"),
                alt.Tooltip("num_samples:Q", title="Samples N", format=",d"),
                alt.Tooltip("mean:Q", title=f"{title}, mean", format=",.4~g"),
                alt.Tooltip("sd:Q", title="± s.d. over seeds", format=",.2~g"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
            ],
        )
    )
    return targets


def parameters_chart(
    capacities: pd.DataFrame,
    published: float,
    *,
    title: str,
    x_title: str,
    across: str,
    num_parameters: list[int],
    is_total: bool,
) -> alt.LayerChart:
    """The most bits against the number of parameters, with a line through the origin for each definition.

    Args:
        capacities: `explorer.frames.capacities_table` in its unit; may be empty.
        published: bits per parameter of another architecture.
        title, x_title: of the axes.
        across: the column that tells the layers apart, "input_dim" or "num_classes".
        num_parameters: of all layers that will come.
        is_total: whether the bits are not divided, so that all lines begin at the origin.
    """
    end = ROOM_FOR_NAMES * max(num_parameters)
    top = 1.2 * max(capacities[["bits", "high", "theory"]].max().dropna(), default=1.0)
    x = alt.X(
        "num_parameters:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(**AXIS, format=",d"),
    )
    y = alt.Y("bits:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(**AXIS))
    color = alt.Color("curve:N", scale=SCALE, legend=LEGEND)
    capacities = capacities.assign(curve=capacities["definition"].map(DEFINITIONS))
    one_each = capacities.drop_duplicates(across)
    layers: list[Any] = []
    if is_total:
        layers.append(_published_line(published, x, y, end, top))
    elif published <= top:
        layers.append(_level(published, y, SOLID))
    names = {AT_THRESHOLD: DASH} | _published_name(published, is_above=not is_total and published > top)
    layers += [
        _guide_names(names, "bottom"),  # above stand those of the marks
        alt.Chart(_from_origin(one_each, "theory", is_total))
        .mark_line(color=GUIDE, strokeDash=DASH, strokeWidth=2, clip=True)
        .encode(x=x, y=y),
        alt.Chart(_from_origin(capacities, "fit", is_total))
        .mark_line(strokeWidth=2, opacity=0.7, clip=True)
        .encode(x=x, y=y, color=color),
        _layer_names(capacities, x, y, across, near=NEAR * end, gap=1.1 * NAME_GAP * top),
        *_capacity_marks(capacities, x, y, color, title=title, apart=APART * end),
    ]
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=HEIGHT, autosize=FIT))
    return chart


def _from_origin(capacities: pd.DataFrame, column: str, is_total: bool) -> pd.DataFrame:
    """A line for each curve: curve, num_parameters, and `column` as bits; from the origin if it goes there."""
    table = capacities[["curve", "num_parameters"]].assign(bits=capacities[column]).dropna()
    origins = table.drop_duplicates("curve").assign(num_parameters=0, bits=0.0)
    return pd.concat([origins, table]) if is_total else table


def _published_line(slope: float, x: alt.X, y: alt.Y, end: float, top: float) -> alt.Chart:
    tip = min(end, top / slope)
    ends = alt.Chart(pd.DataFrame({"num_parameters": [0, tip], "bits": [0, slope * tip]}))
    line: alt.Chart = ends.mark_line(color=GUIDE, strokeWidth=2).encode(x=x, y=y)
    return line


def _layer_names(capacities: pd.DataFrame, x: alt.X, y: alt.Y, across: str, *, near: float, gap: float) -> alt.Chart:
    """Which layer the marks below are of; where two lie near each other, the second name stands a gap higher."""
    highest = capacities.assign(bits=capacities[["bits", "high", "theory"]].max(axis=1))
    places = highest.groupby([across, "num_parameters"], as_index=False)["bits"].max()
    is_near = places["num_parameters"].diff() < near
    is_second = is_near & (is_near.groupby((~is_near).cumsum()).cumcount() % 2 == 1)
    places["bits"] += gap * is_second
    names: alt.Chart = (
        alt.Chart(places.assign(name=[f"{SYMBOL_OF[across]} = {size}" for size in places[across]]))
        .mark_text(dy=-14, fontSize=15, color=WORDS)
        .encode(x=x, y=y, text="name:N")
    )
    return names


def _capacity_marks(
    capacities: pd.DataFrame, x: alt.X, y: alt.Y, color: alt.Color, *, title: str, apart: float
) -> list[Any]:
    """Marks side by side with their intervals; hollow where the curve ends before its largest."""
    places = {name: (place - 1) * apart for place, name in enumerate(COLORS)}
    moved = capacities.assign(num_parameters=capacities["num_parameters"] + capacities["curve"].map(places))
    base = alt.Chart(moved).encode(x=x)
    fill = alt.Fill("curve:N", scale=SCALE, legend=LEGEND)
    shape = alt.Shape("curve:N", scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())), legend=LEGEND)
    picked = alt.selection_point(name=PICK, fields=["input_dim", "num_classes"], on="click", empty=False)
    marks = base.mark_point(size=130, strokeWidth=2, opacity=1, cursor="pointer").encode(
        y=y,
        color=color,
        fill=fill,
        fillOpacity=alt.condition("datum.is_lower_bound", alt.value(0), alt.value(1)),
        shape=shape,
        tooltip=[
            alt.Tooltip("curve:N", title="Definition"),
            alt.Tooltip("input_dim:Q", title="Input dimension n"),
            alt.Tooltip("num_classes:Q", title="Classes V"),
            alt.Tooltip("bits:Q", title=f"{title}, mean", format=",.4~g"),
            alt.Tooltip("low:Q", title="95 % interval from", format=",.4~g"),
            alt.Tooltip("high:Q", title="to", format=",.4~g"),
            alt.Tooltip("num_samples:Q", title="at N", format=",d"),
            alt.Tooltip("num_seeds:Q", title="Seeds"),
        ],
    )
    interval = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2.5, clip=True)
    return [interval.encode(y=alt.Y("low:Q", title=""), y2="high:Q", color=color), marks.add_params(picked)]
