"""Whether it matters where training starts."""

from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, MEMORIZED, PICK, WORDS, line, styled

OVERLAP_HEIGHT, CONSENSUS_HEIGHT = 360, 300


def overlap_chart(overlap: pd.DataFrame, *, at: int, max_num_samples: int) -> alt.LayerChart:
    """The overlap of what different initial weights memorize against N, with the overlap of random sets.

    Args:
        overlap: `explorer.frames.overlap_frame`; may be empty.
        at: the N that is looked at closely.
        max_num_samples: where the N axis ends.
    """
    x = alt.X(
        "num_samples:Q",
        title="Samples to memorize, N",
        scale=alt.Scale(domain=[0, 1.02 * max_num_samples], nice=False),
        axis=alt.Axis(**AXIS),
    )
    y = alt.Y(
        "mean:Q",
        title="Overlap of the memorized sets (Jaccard)",
        scale=alt.Scale(domain=[0, 1.04], nice=False, clamp=True),
        axis=alt.Axis(**AXIS | {"tickCount": 5}),
    )
    base = alt.Chart(overlap).encode(x=x, color=alt.value(MEMORIZED))
    chance = alt.Chart(overlap).encode(x=x, y=alt.Y("chance:Q", title=""))
    layers: list[Any] = [
        alt.Chart(pd.DataFrame({"num_samples": [at]})).mark_rule(color=GUIDE, strokeWidth=2).encode(x=x),
        chance.mark_line(color=GUIDE, strokeDash=[7, 5], strokeWidth=2, clip=True),
        base.mark_area(opacity=0.22).encode(y=alt.Y("low:Q", title=""), y2="high:Q"),
        line(base, y),
    ]
    if len(overlap):
        name = chance.transform_filter(f"datum.num_samples === {int(overlap['num_samples'].max())}")
        layers.append(
            name.mark_text(align="right", dy=20, fontSize=15, color=WORDS).encode(
                text=alt.value("sets drawn at random")
            )
        )
        picked = alt.selection_point(name=PICK, fields=["num_samples"], nearest=True, on="click", empty=False)
        target = base.mark_point(size=130, filled=True, opacity=0).encode(
            y=y,
            tooltip=[
                alt.Tooltip("num_samples:Q", title="Samples N", format=",d"),
                alt.Tooltip("mean:Q", title="Overlap, mean of all pairs", format=".3f"),
                alt.Tooltip("low:Q", title="smallest pair", format=".3f"),
                alt.Tooltip("high:Q", title="largest pair", format=".3f"),
                alt.Tooltip("chance:Q", title="sets drawn at random", format=".3f"),
                alt.Tooltip("num_memorized:Q", title="Memorized C, mean", format=".1f"),
                alt.Tooltip("num_starts:Q", title="Initial weights"),
            ],
        )
        layers.append(target.add_params(picked))
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=OVERLAP_HEIGHT, autosize=FIT))
    return chart


def consensus_chart(consensus: pd.DataFrame) -> alt.LayerChart:
    """How many samples are memorized from how many of the initial weights, with what chance would give.

    Args:
        consensus: `explorer.frames.consensus_frame`, not empty.
    """
    x = alt.X("times:O", title="Memorized from so many starts", axis=alt.Axis(**AXIS | {"labelAngle": 0}))
    bars = (
        alt.Chart(consensus)
        .mark_bar(color=MEMORIZED, opacity=0.85)
        .encode(
            x=x,
            y=alt.Y("count:Q", title="Samples", axis=alt.Axis(**AXIS | {"tickCount": 5})),
            tooltip=[
                alt.Tooltip("times:O", title="Memorized from"),
                alt.Tooltip("count:Q", title="samples"),
                alt.Tooltip("chance:Q", title="by chance", format=".1f"),
            ],
        )
    )
    chance = (
        alt.Chart(consensus)
        .mark_line(color=GUIDE, strokeDash=[7, 5], strokeWidth=2, point=alt.OverlayMarkDef(color=GUIDE, size=40))
        .encode(x=x, y="chance:Q")
    )
    chart: alt.LayerChart = styled(alt.layer(bars, chance).properties(height=CONSENSUS_HEIGHT, autosize=FIT))
    return chart
