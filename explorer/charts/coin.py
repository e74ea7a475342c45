"""A coin that is fair, and yet not."""

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, MEMORIZED, NOT_MEMORIZED, styled

HEIGHT = 260


def coin_chart(heads: int, tosses: int) -> alt.LayerChart:
    """Two bars, the more frequent side in the colour of what is memorized, and half of the tosses as a line."""
    counts = {"heads": heads, "tails": tosses - heads}
    lucky = "heads" if heads >= tosses - heads else "tails"
    sides = pd.DataFrame({"side": list(counts), "count": list(counts.values())})
    y = alt.Y("count:Q", title="Tosses", scale=alt.Scale(domain=[0, tosses]), axis=alt.Axis(**AXIS | {"tickCount": 5}))
    base = alt.Chart(sides).encode(
        x=alt.X("side:N", title=None, axis=alt.Axis(**AXIS | {"labelAngle": 0, "labelFontSize": 17})), y=y
    )
    color = alt.condition(f"datum.side === '{lucky}'", alt.value(MEMORIZED), alt.value(NOT_MEMORIZED))
    bars = base.mark_bar(opacity=0.85, width={"band": 0.7}).encode(color=color)
    numbers = base.mark_text(dy=18, fontSize=19, fontWeight="bold", color="white").encode(
        text=alt.Text("count:Q", format=",d")
    )
    half = alt.Chart(pd.DataFrame({"count": [tosses / 2]})).mark_rule(color=GUIDE, strokeDash=[7, 5], strokeWidth=2)
    chart: alt.LayerChart = styled(
        alt.layer(bars, numbers, half.encode(y="count:Q")).properties(height=HEIGHT, autosize=FIT)
    )
    return chart
