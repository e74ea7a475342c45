"""What is reached and what could be: C against N with its exact limits, and the way to the optimum."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from explorer.charts.capacity import all_memorized, top_of_axis
from explorer.charts.style import AXIS, DASH, FIT, GUIDE, HEIGHT, PALETTE, PICK, band, line, styled

REACHED, OPTIMUM, MOST = "trained", "exact optimum", "most found"
LIMIT_COLORS = {REACHED: PALETTE[0], OPTIMUM: PALETTE[1], MOST: PALETTE[2]}
SHAPES = {REACHED: "circle", OPTIMUM: "square", MOST: "triangle-up"}
CLOSING_HEIGHT = 250
SMALLEST_GAP = 1e-6  # nats, where the axis of the loss ends


def limits_chart(
    points: pd.DataFrame,
    theory: pd.DataFrame,
    threshold: float,
    observed: tuple[float, float] | None,
    *,
    at: int,
    max_num_samples: int,
    num_seeds: int,
) -> alt.LayerChart:
    """C against N: as trained, at the optimum, and the most that was found, with what theory says of the last two.

    Args:
        points: `explorer.frames.curve_frame` or `limit_points` of each, with the column `name` (`REACHED`, ...); may be
            empty.
        theory: `explorer.frames.theory_frame` of one n; may be empty.
        threshold: the N up to which everything can be memorized, by theory.
        observed: the N from which on some data sets cannot be memorized completely, and that from which on none can.
        at: the N that is looked at.
        max_num_samples: where the N axis ends.
        num_seeds: of the data sets: one has no band.
    """
    top = top_of_axis([points["high"], theory["most"]], max_num_samples)
    x = alt.X(
        "num_samples:Q",
        title="Samples to memorize, N",
        scale=alt.Scale(domain=[0, max_num_samples], nice=False),
        axis=alt.Axis(**AXIS),
    )
    y = alt.Y(
        "mean:Q",
        title="Samples memorized, C",
        scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
        axis=alt.Axis(**AXIS),
    )
    scale = alt.Scale(domain=list(LIMIT_COLORS), range=list(LIMIT_COLORS.values()))
    legend = alt.Legend(title=None, orient="top", labelFontSize=16, labelLimit=400, symbolOpacity=1)
    color = alt.Color("name:N", scale=scale, legend=legend)
    shape = alt.Shape("name:N", scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())), legend=legend)
    base = alt.Chart(points).encode(x=x, color=color)
    layers: list[Any] = [
        *_threshold_marks(x, threshold, observed, max_num_samples),
        all_memorized(x, y, top, label="C = N"),
    ]
    layers += _theory_lines(theory, x)
    if num_seeds > 1:
        layers.append(band(base))
    layers += [
        base.mark_line(strokeWidth=2.5, clip=True).encode(y=y),
        base.mark_point(filled=True, size=60, opacity=1, clip=True).encode(y=y, shape=shape),
        _rule_at(x, at),
    ]
    if len(points):
        layers.append(_pickable(base, y))
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=HEIGHT, autosize=FIT))
    return chart


def _theory_lines(theory: pd.DataFrame, x: alt.X) -> list[Any]:
    base = alt.Chart(theory).encode(x=x)
    return [
        base.mark_line(color=LIMIT_COLORS[name], strokeDash=DASH, strokeWidth=2, clip=True).encode(y=f"{column}:Q")
        for name, column in ((OPTIMUM, "optimum"), (MOST, "most"))
    ]


def _threshold_marks(
    x: alt.X, threshold: float, observed: tuple[float, float] | None, max_num_samples: int
) -> list[Any]:
    """A stripe where some data sets are separable and some are not, and the line of theory in it."""
    marks: list[Any] = []
    if observed is not None:
        ends = pd.DataFrame({"num_samples": [observed[0]], "to": [min(observed[1], max_num_samples)]})
        marks.append(alt.Chart(ends).mark_rect(color=GUIDE, opacity=0.2).encode(x=x, x2="to:Q"))
    if threshold <= max_num_samples:
        place = pd.DataFrame({"num_samples": [threshold], "label": ["threshold (theory)"]})
        rule = alt.Chart(place).mark_rule(color=GUIDE, strokeDash=DASH, strokeWidth=2).encode(x=x)
        is_left = threshold < 0.6 * max_num_samples
        side: dict[str, Any] = {"align": "left", "dx": 8} if is_left else {"align": "right", "dx": -8}
        text = alt.Chart(place).mark_text(fontSize=15, color=GUIDE, **side)
        marks += [rule, text.encode(x=x, y=alt.value(HEIGHT - 14), text="label:N")]
    return marks


def _rule_at(x: alt.X, at: int) -> Any:
    return alt.Chart(pd.DataFrame({"num_samples": [at]})).mark_rule(color=GUIDE, strokeWidth=2).encode(x=x)


def _pickable(base: alt.Chart, y: alt.Y) -> Any:
    """What tells its numbers under the pointer, and can be clicked."""
    picked = alt.selection_point(name=PICK, fields=["num_samples"], nearest=True, on="click", empty=False)
    return (
        base.mark_point(size=160, opacity=0, filled=True)
        .encode(
            y=y,
            tooltip=[
                alt.Tooltip("name:N", title="C"),
                alt.Tooltip("num_samples:Q", title="Samples N", format=",d"),
                alt.Tooltip("mean:Q", title="Mean", format=".1f"),
                alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".1f"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
            ],
        )
        .add_params(picked)
    )


def closing_chart(points: pd.DataFrame, optimum: float, *, rates: list[float], num_steps: int) -> alt.VConcatChart:
    """C and the loss above its minimum against the training step, one curve a learning rate.

    Args:
        points: `explorer.frames.closing_frame`; may be empty.
        optimum: C at the optimum of the cross-entropy.
        rates: all curves that will come.
        num_steps: where the axis ends.
    """
    points = points.assign(curve=points["learning_rate"].map(_rate), gap_shown=np.maximum(points["gap"], SMALLEST_GAP))
    scale = alt.Scale(domain=[_rate(rate) for rate in rates], range=PALETTE)
    legend = alt.Legend(title=None, orient="top", labelFontSize=16, symbolOpacity=1, columns=2)  # on a phone too
    color = alt.Color("curve:N", scale=scale, legend=legend)

    def x(title: str | None) -> alt.X:
        axis = alt.Axis(**AXIS, format=",d", labels=title is not None)
        return alt.X("step:Q", title=title, scale=alt.Scale(type="log", domain=[1, num_steps], nice=False), axis=axis)

    def panel(column: str, title: str, place: alt.X, y_scale: alt.Scale, axis: dict[str, Any]) -> Any:
        y = alt.Y(f"{column}:Q", title=title, scale=y_scale, axis=alt.Axis(**AXIS | {"minExtent": 56} | axis))
        base = alt.Chart(points).encode(x=place, color=color)
        hover = base.mark_point(size=150, opacity=0, filled=True).encode(
            y=y,
            tooltip=[
                alt.Tooltip("curve:N", title="Learning rate"),
                alt.Tooltip("step:Q", title="Step", format=",d"),
                alt.Tooltip("memorized:Q", title="Memorized C, mean", format=".1f"),
                alt.Tooltip("gap:Q", title="Loss above the optimum (nats)", format=".2~e"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
            ],
        )
        return alt.layer(line(base, y), hover).properties(height=CLOSING_HEIGHT)

    highest = max([optimum, *points["memorized"]])
    rule = alt.Chart(pd.DataFrame({"memorized": [optimum]})).mark_rule(
        color=LIMIT_COLORS[OPTIMUM], strokeWidth=2.5, strokeDash=[7, 5]
    )
    hidden = x(None)
    upper = panel(
        "memorized", "Memorized, C", hidden, alt.Scale(domain=[0, 1.08 * highest], nice=False), {"tickCount": 5}
    )
    lower = panel(
        "gap_shown",
        "Loss above optimum (nats)",
        x("Training step (logarithmic)"),
        alt.Scale(type="log", domain=[SMALLEST_GAP, 10], nice=False, clamp=True),
        {"format": ".0e", "values": [10.0**power for power in range(-6, 2, 2)]},
    )
    chart: alt.VConcatChart = styled(alt.vconcat(alt.layer(upper, rule.encode(y="memorized:Q")), lower, spacing=10))
    return chart.properties(autosize=FIT)


def _rate(rate: float) -> str:
    return f"η = {rate:g}"
