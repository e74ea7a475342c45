"""C against N. No Streamlit here."""

from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, GUIDE, HEIGHT, PALETTE, PICK, band, line, styled

NAME_GAP = 0.036  # of the C axis: the height of a name
ROOM_FOR_NAMES = 1.09  # the N axis goes on a little, so that the curves' names stand inside from the start

PUBLISHED = "Liu (2026), Figure 1"


def capacity_chart(
    points: pd.DataFrame,
    capacities: pd.DataFrame,
    published: pd.DataFrame,
    *,
    input_dims: list[int],
    max_num_samples: int,
    num_seeds: int,
) -> alt.LayerChart:
    """C against N, one curve a dimension, with its band over seeds and its capacity.

    Args:
        points: `explorer.frames.curve_frame`; may be empty.
        capacities: `explorer.frames.capacity_frame`; may be empty.
        published: input_dim, num_samples, memorized of the published curves; may be empty.
        input_dims: all curves that will come, so that colours and axes do not move while they do.
        max_num_samples: where the N axis ends.
        num_seeds: seeds in the sweep, for the words.
    """
    color = alt.Color(
        "curve:N",
        scale=alt.Scale(domain=[_name(n) for n in input_dims], range=PALETTE),
        legend=None,
    )
    x = alt.X(
        "num_samples:Q",
        title="Samples to memorize, N",
        scale=alt.Scale(domain=[0, ROOM_FOR_NAMES * max_num_samples], nice=False),
        axis=alt.Axis(**AXIS),
    )
    top = _top_of_axis(points, capacities, published, max_num_samples)
    y = alt.Y(
        "mean:Q",
        title="Samples memorized, C",
        scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
        axis=alt.Axis(**AXIS),
    )
    points = points.assign(curve=points["input_dim"].map(_name))
    capacities = capacities.assign(curve=capacities["input_dim"].map(_name)) if len(capacities) else capacities

    base = alt.Chart(points).encode(x=x, color=color)
    layers: list[Any] = [_diagonal(x, y, max_num_samples, top)]
    if num_seeds > 1:
        layers.append(band(base))
    if len(published):
        layers.append(_published(published, x, color))
    layers.append(line(base, y))
    if len(capacities):
        layers.append(_capacity_marks(capacities, x, color))
    if len(points):
        layers += [_curve_names(points, x, color, gap=NAME_GAP * top), _hover(points, x, y, color)]
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=HEIGHT))
    return chart


def _name(input_dim: int) -> str:
    return f"n = {input_dim}"


def _top_of_axis(
    points: pd.DataFrame, capacities: pd.DataFrame, published: pd.DataFrame, max_num_samples: int
) -> float:
    """Where the C axis ends: above everything shown, and never above C = N."""
    highest = [points["high"].max() if len(points) else 0.0]
    if len(capacities):  # read off between two points, it may lie above both
        highest.append(capacities["capacity"].max())
    if len(published):
        highest.append(published["memorized"].max())
    # Steps of a tenth of the N axis: the axis then moves seldom while the curves grow.
    step = max_num_samples / 10
    return float(min(max_num_samples, max(2 * step, step * (1 + int(max(highest) * 1.1 / step)))))


def _diagonal(x: alt.X, y: alt.Y, max_num_samples: int, top: float) -> Any:
    end = min(float(max_num_samples), top)
    line = alt.Chart(pd.DataFrame({"num_samples": [0, end], "mean": [0, end]})).mark_line(
        color=GUIDE, strokeDash=[7, 5], strokeWidth=2
    )
    # Above the line, where no curve can be.
    label = alt.Chart(
        pd.DataFrame({"num_samples": [0.93 * end], "mean": [0.93 * end], "label": ["all memorized, C = N"]})
    ).mark_text(align="right", dx=-14, fontSize=15, color=GUIDE)
    return alt.layer(line.encode(x=x, y=y), label.encode(x=x, y=y, text="label:N"))


def _published(published: pd.DataFrame, x: alt.X, color: alt.Color) -> Any:
    return (
        alt.Chart(published.assign(curve=published["input_dim"].map(_name), source=PUBLISHED))
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


def _capacity_marks(capacities: pd.DataFrame, x: alt.X, color: alt.Color) -> Any:
    reached = capacities[~capacities["is_lower_bound"].astype(bool)]
    return (
        alt.Chart(reached.assign(num_samples=reached["capacity"], mean=reached["capacity"]))
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


def _curve_names(points: pd.DataFrame, x: alt.X, color: alt.Color, gap: float) -> Any:
    """The curves' names at their ends, at least `gap` apart."""
    ends = points.loc[points.groupby("input_dim")["num_samples"].idxmax()].sort_values("mean")
    heights: list[float] = []
    for end in ends["mean"]:
        heights.append(max(end, heights[-1] + gap) if heights else end)
    return (
        alt.Chart(ends.assign(mean=heights))
        .mark_text(align="left", dx=8, fontSize=16, fontWeight="bold")
        .encode(x=x, y="mean:Q", text="curve:N", color=color)
    )


def _hover(points: pd.DataFrame, x: alt.X, y: alt.Y, color: alt.Color) -> Any:
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
        alt.Chart(points)
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
