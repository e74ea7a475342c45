"""What is reached and what could be: C against N with its exact limits."""

from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.capacity import all_memorized, top_of_axis
from explorer.charts.style import AXIS, DASH, FIT, GUIDE, HEIGHT, MEASURED, PALETTE, PICK, WORDS, band, styled

REACHED, OPTIMUM, MOST = "trained", "exact optimum", "most found"
LIMIT_COLORS = {REACHED: PALETTE[0], OPTIMUM: PALETTE[1], MOST: PALETTE[2]}
NAME_HEIGHT = 28  # pixels above the N axis, for the name of the threshold
SHAPES = {REACHED: "circle", OPTIMUM: "square", MOST: "triangle-up"}


def limits_chart(
    points: pd.DataFrame,
    theory: pd.DataFrame,
    threshold: float,
    observed: tuple[float, float] | None,
    *,
    at: int,
    besides: pd.DataFrame,
    max_num_samples: int,
    num_seeds: int,
    reach: float = 0.0,
) -> alt.LayerChart:
    """C against N: as trained, at the optimum, and the most that was found, with what theory says of the last two.

    Args:
        points: `explorer.frames.curve_frame` or `limit_points` of each, with the column `name` (`REACHED`, ...); may be
            empty.
        theory: `explorer.frames.theory_frame` of one n; may be empty.
        threshold: the N up to which everything can be memorized, by theory.
        observed: the N up to which all data sets can be memorized completely, and that from which on none can.
        at: the N that is looked at; beyond the N axis it is not drawn.
        besides: its points, where they are none of the curves'; may be empty.
        max_num_samples: where the N axis ends.
        num_seeds: of the data sets: one has no band.
        reach: how high the C axis goes at least, as for a guess.
    """
    besides = besides[besides["num_samples"] <= max_num_samples]
    top = top_of_axis([points["high"], besides["high"], theory["most"], pd.Series([reach])], max_num_samples)
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
        base.mark_line(strokeWidth=2.5, clip=True, style=MEASURED).encode(y=y),
        base.mark_point(filled=True, size=60, opacity=1, clip=True).encode(y=y, shape=shape),
    ]
    if at <= max_num_samples:
        layers.append(_rule_at(x, at))
    if len(points):
        layers.append(_pickable(base, y))
    if len(besides):  # on top, where the pointer finds them
        marks = alt.Chart(besides).mark_point(filled=False, size=90, strokeWidth=2.5, opacity=1, clip=True)
        layers.append(marks.encode(x=x, y=y, color=color, shape=shape, tooltip=_told()))
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
        text = alt.Chart(place).mark_text(fontSize=15, color=WORDS, **side)
        marks += [rule, text.encode(x=x, y=alt.value(HEIGHT - NAME_HEIGHT / 2), text="label:N")]
    return marks


def _rule_at(x: alt.X, at: int) -> Any:
    """The N that is looked at. The line ends above the name of the threshold, which it would strike through."""
    rule = alt.Chart(pd.DataFrame({"num_samples": [at]})).mark_rule(color=GUIDE, strokeWidth=2)
    return rule.encode(x=x, y=alt.value(0), y2=alt.value(HEIGHT - NAME_HEIGHT))


def _pickable(base: alt.Chart, y: alt.Y) -> Any:
    """What tells its numbers under the pointer, and can be clicked."""
    picked = alt.selection_point(name=PICK, fields=["num_samples"], nearest=True, on="click", empty=False)
    return base.mark_point(size=160, opacity=0, filled=True).encode(y=y, tooltip=_told()).add_params(picked)


def _told() -> list[alt.Tooltip]:
    """The numbers of a point."""
    return [
        alt.Tooltip("name:N", title="C"),
        alt.Tooltip("num_samples:Q", title="Samples N", format=",d"),
        alt.Tooltip("mean:Q", title="Mean", format=".1f"),
        alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".1f"),
        alt.Tooltip("num_seeds:Q", title="Seeds"),
    ]
