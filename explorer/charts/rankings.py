"""How well each predictor ranks the samples: bars of AUROC beside chance."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, PALETTE, PICK, WORDS, styled

ROW = 54  # pixels
CHANCE = 0.5
ROOM_FOR_VALUES = 1.06  # where the axis ends: beyond 1, so that a number stands beside each bar


def rankings_chart(rankings: pd.DataFrame, datasets: pd.DataFrame) -> alt.LayerChart:
    """A bar from chance to the mean AUROC of each predictor, its interval, and each data set's own; the null in grey.

    Args:
        rankings: `explorer.frames.rankings_frame`, not empty.
        datasets: `explorer.frames.datasets_frame`.
    """
    names = rankings["name"].tolist()
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(**AXIS | {"labelLimit": 260}))
    farthest = datasets.groupby("statistic")["auroc"].agg(["min", "max"])
    lowest = pd.concat([rankings["low"], rankings["null_low"], farthest["min"] - 0.02]).min()
    left = max(0.0, min(0.4, float(lowest)))
    scale = alt.Scale(domain=[left, ROOM_FOR_VALUES], nice=False, zero=False, clamp=True)
    ticks = [tenths / 10 for tenths in range(11) if tenths / 10 >= left]
    axis = alt.Axis(**AXIS, values=ticks, format=".1f", labelOverlap="greedy")

    def x(field: str, name: str = "") -> alt.X:
        return alt.X(f"{field}:Q", title=name, scale=scale, axis=axis)

    right = np.maximum(rankings["statistic"].map(farthest["max"]), rankings[["high", "null_high"]].max(axis=1))
    base = alt.Chart(rankings.assign(chance=CHANCE, edge=np.minimum(right, 1.0))).encode(y=y)
    null = base.mark_bar(color=GUIDE, opacity=0.3, height=ROW - 6).encode(x=x("null_low"), x2="null_high:Q")
    picked = alt.selection_point(name=PICK, fields=["statistic"], on="click", empty=False, clear=False)
    bars = (
        base.mark_bar(color=PALETTE[2], opacity=0.55, height=22, cursor="pointer")
        .encode(
            x=x("auroc", "AUROC"),
            x2="chance:Q",
            tooltip=[
                alt.Tooltip("name:N", title="Predictor"),
                alt.Tooltip("auroc:Q", title="AUROC, mean", format=".3f"),
                alt.Tooltip("low:Q", title="95 % interval from", format=".3f"),
                alt.Tooltip("high:Q", title="to", format=".3f"),
                alt.Tooltip("null_low:Q", title="by chance from", format=".3f"),
                alt.Tooltip("null_high:Q", title="to", format=".3f"),
                alt.Tooltip("spearman:Q", title="Spearman with the final loss", format=".2f"),
                alt.Tooltip("num_datasets:Q", title="Data sets"),
            ],
        )
        .add_params(picked)
    )
    own = (
        alt.Chart(datasets)
        .mark_tick(color=PALETTE[2], thickness=2, size=16, opacity=0.75)
        .encode(
            x=x("auroc"),
            y=y,
            tooltip=[
                alt.Tooltip("name:N", title="Predictor"),
                alt.Tooltip("seed:Q", title="Data set"),
                alt.Tooltip("auroc:Q", title="its AUROC", format=".3f"),
            ],
        )
    )
    interval = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=GUIDE, strokeWidth=4)
        .encode(x=x("low"), x2="high:Q")
    )
    value = base.mark_text(align="left", dx=12, fontSize=16, fontWeight="bold", color=WORDS).encode(
        x=x("edge"), text=alt.Text("auroc:Q", format=".2f")
    )
    rule = alt.Chart(pd.DataFrame({"auroc": [CHANCE]})).mark_rule(color=GUIDE, strokeDash=[7, 5], strokeWidth=2)
    layers: list[Any] = [null, bars, own, interval, rule.encode(x=x("auroc")), value]
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=ROW * len(names), autosize=FIT))
    return chart
