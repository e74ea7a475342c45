"""The way to the optimum: C and loss along training."""

import math
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, PALETTE, WORDS, line, styled

PANEL_HEIGHT = 250
SMALLEST_GAP = 1e-6  # nats: what is below it float32 cannot tell, and is not drawn
LARGEST_GAP = 10.0  # nats, where the axis of the loss ends unless a loss is larger


def closing_chart(points: pd.DataFrame, optimum: float, *, rates: list[float], num_steps: int) -> alt.VConcatChart:
    """C and the loss above its minimum against the training step, one curve a learning rate.

    Args:
        points: `explorer.frames.closing_frame`; may be empty.
        optimum: C at the optimum of the cross-entropy.
        rates: all curves that will come.
        num_steps: where the axis ends.
    """
    points = points.assign(
        curve=points["learning_rate"].map(_rate), gap_shown=points["gap"].where(points["gap"] >= SMALLEST_GAP)
    )
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
        return alt.layer(line(base, y), hover).properties(height=PANEL_HEIGHT)

    highest = max([optimum, *points["memorized"]])
    # Grey, because each colour is a learning rate; with its name, because grey is also what guides are.
    place = alt.Chart(pd.DataFrame({"memorized": [optimum], "label": ["exact optimum"]})).encode(y="memorized:Q")
    rule = place.mark_rule(color=GUIDE, strokeWidth=2.5, strokeDash=[7, 5])
    name = place.mark_text(color=WORDS, fontSize=15, align="left", dx=8, dy=-9).encode(x=alt.value(0), text="label:N")
    hidden = x(None)
    upper = panel(
        "memorized", "Memorized, C", hidden, alt.Scale(domain=[0, 1.08 * highest], nice=False), {"tickCount": 5}
    )
    last = math.ceil(math.log10(max([LARGEST_GAP, *points["gap"]])))
    lower = panel(
        "gap_shown",
        "Loss above optimum (nats)",
        x("Training step (logarithmic)"),
        alt.Scale(type="log", domain=[SMALLEST_GAP, 10.0**last], nice=False),
        {"format": ".0e", "values": [10.0**power for power in range(-6, last + 1, 2)]},
    )
    chart: alt.VConcatChart = styled(alt.vconcat(alt.layer(upper, rule, name), lower, spacing=10))
    return chart.properties(autosize=FIT)


def _rate(rate: float) -> str:
    return f"η = {rate:g}"
