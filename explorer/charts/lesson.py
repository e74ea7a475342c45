"""What only the lesson draws: samples as they are, seen and new ones, one training."""

import math
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, MEMORIZED, NOT_MEMORIZED, WORDS, line, styled

STRIP_ROW, BAR_ROW, PANEL_HEIGHT = 34, 64, 200
FARTHEST = 2.5  # standard deviations, where the colours end


def strips_chart(strips: pd.DataFrame) -> alt.LayerChart:
    """Samples as strips: a cell for each number of the input, and the label beside it.

    Args:
        strips: `explorer.frames.strips_frame`.
    """
    names = strips["name"].unique().tolist()
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(**AXIS, ticks=False, domain=False))
    x = alt.X(
        "place:O",
        title="The numbers of its input",
        axis=alt.Axis(**AXIS | {"titleFontSize": 15}, labels=False, ticks=False, domain=False),
    )
    scale = alt.Scale(scheme="blueorange", domain=[-FARTHEST, FARTHEST], clamp=True)
    cells = (
        alt.Chart(strips)
        .mark_rect(height=STRIP_ROW - 8)
        .encode(
            x=x,
            y=y,
            color=alt.Color("value:Q", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="Sample"),
                alt.Tooltip("place:O", title="Number"),
                alt.Tooltip("value:Q", title="is", format=".2f"),
                alt.Tooltip("label:N", title="Label"),
            ],
        )
    )
    labels = (
        alt.Chart(strips.drop_duplicates("name"))
        .mark_text(align="left", dx=10, fontSize=17, fontWeight="bold", color=WORDS)
        .encode(x=alt.value(alt.expr("width")), y=y, text="told:N")
    )
    height = STRIP_ROW * len(names)
    chart: alt.LayerChart = styled(alt.layer(cells, labels).properties(height=height, autosize=FIT))
    return chart.properties(padding={"left": 5, "top": 5, "bottom": 5, "right": 90})  # for the labels


def seen_and_new_chart(seen_and_new: pd.DataFrame) -> alt.LayerChart:
    """How many of 100 labels are right, of samples that were learned and of new ones, with what blind guesses get.

    Args:
        seen_and_new: `explorer.frames.seen_and_new_frame`; may be empty.
    """
    kinds = ["learned", "new", "blind guess"]
    colors = [MEMORIZED, NOT_MEMORIZED, GUIDE]
    x = alt.X(
        "mean:Q",
        title="Labels that are right, of 100",
        scale=alt.Scale(domain=[0, 108], nice=False),
        axis=alt.Axis(**AXIS),
    )
    y = alt.Y("kind:N", sort=kinds, title=None, scale=alt.Scale(domain=kinds), axis=alt.Axis(**AXIS, labelLimit=200))
    base = alt.Chart(seen_and_new).encode(x=x, y=y)
    bars = base.mark_bar(height=26, opacity=0.85).encode(
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=colors), legend=None),
        tooltip=[
            alt.Tooltip("kind:N", title="Samples"),
            alt.Tooltip("mean:Q", title="right of 100, mean", format=".1f"),
            alt.Tooltip("num_layers:Q", title="Layers"),
        ],
    )
    numbers = base.mark_text(align="left", dx=8, fontSize=16, fontWeight="bold", color=WORDS).encode(
        text=alt.Text("mean:Q", format=".0f")
    )
    chart: alt.LayerChart = styled(alt.layer(bars, numbers).properties(height=BAR_ROW * len(kinds), autosize=FIT))
    return chart


def learning_chart(learning: pd.DataFrame, *, num_samples: int, num_classes: int, num_steps: int) -> alt.VConcatChart:
    """One training: C above the loss, over the steps.

    Args:
        learning: step (from 1), memorized, loss; may be empty.
        num_samples: N.
        num_classes: V; who knows nothing has a loss of ln V.
        num_steps: where the axis ends.
    """

    def x(title: str | None) -> alt.X:
        axis = alt.Axis(**AXIS, format=",d", labels=title is not None)
        return alt.X("step:Q", title=title, scale=alt.Scale(type="log", domain=[1, num_steps], nice=False), axis=axis)

    def panel(column: str, title: str, place: alt.X, top: float, color: str, before: list[Any]) -> Any:
        y = alt.Y(
            f"{column}:Q",
            title=title,
            scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
            axis=alt.Axis(**AXIS | {"minExtent": 40, "tickCount": 5}),
        )
        base = alt.Chart(learning).encode(x=place, color=alt.value(color))
        hover = base.mark_point(size=150, opacity=0, filled=True).encode(
            y=y,
            tooltip=[
                alt.Tooltip("step:Q", title="Step", format=",d"),
                alt.Tooltip("memorized:Q", title="Memorized C"),
                alt.Tooltip("loss:Q", title="Loss (nats)", format=".3f"),
            ],
        )
        return alt.layer(*before, line(base, y), hover).properties(height=PANEL_HEIGHT)

    every = alt.Chart(pd.DataFrame({"memorized": [num_samples]})).encode(y="memorized:Q")
    rule = every.mark_rule(color=GUIDE, strokeDash=[7, 5], strokeWidth=2)
    upper = panel("memorized", "Memorized, C", x(None), 1.08 * num_samples, MEMORIZED, [rule])
    lower = panel(
        "loss", "Loss (nats)", x("Training step (logarithmic)"), 1.08 * math.log(num_classes), NOT_MEMORIZED, []
    )
    chart: alt.VConcatChart = styled(alt.vconcat(upper, lower, spacing=10))
    return chart.properties(autosize=FIT)
