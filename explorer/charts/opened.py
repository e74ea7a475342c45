"""One sample: its logits at one step, its probability and loss along training."""

from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import (
    AXIS,
    FIT,
    GUIDE,
    KIND_SCALE,
    KINDS,
    MEMORIZED,
    NOT_MEMORIZED,
    kind_color,
    kind_fill,
    styled,
)

LOGITS_HEIGHT, PANEL_HEIGHT = 330, 150
ROLES = {"label": "its label", "competitor": "competitor", "other": "others"}


def logits_chart(logits: pd.DataFrame) -> alt.Chart:
    """A bar for each class.

    Args:
        logits: `explorer.frames.logits_frame`.
    """
    color = alt.Color(
        "role:N",
        scale=alt.Scale(domain=list(ROLES.values()), range=[MEMORIZED, NOT_MEMORIZED, GUIDE]),
        legend=alt.Legend(orient="top", title=None, labelFontSize=14, symbolSize=90, columnPadding=6),
    )
    few = len(logits) <= 12
    axis = AXIS | ({"labelAngle": 0} if few else {"labelAngle": -90, "labelFontSize": 12})
    chart: alt.Chart = styled(
        alt.Chart(logits.assign(role=logits["role"].map(ROLES)))
        .mark_bar(opacity=0.9)
        .encode(
            x=alt.X("class_:O", title="Class", axis=alt.Axis(**axis)),
            y=alt.Y("logit:Q", title="Logit", axis=alt.Axis(**AXIS | {"tickCount": 5})),
            color=color,
            tooltip=[
                alt.Tooltip("class_:O", title="Class"),
                alt.Tooltip("role:N", title="It is"),
                alt.Tooltip("logit:Q", title="Logit", format=".3f"),
            ],
        )
        .properties(height=LOGITS_HEIGHT, autosize=FIT)
    )
    return chart


def along_chart(along: pd.DataFrame, *, step: int, first_step: float) -> alt.VConcatChart:
    """The probability of its label and its loss over the steps, with the step that is looked at.

    Args:
        along: `explorer.frames.sample_along`.
        step: where the line stands.
        first_step: when it was first memorized; NaN if never.
    """
    marks = along.assign(kind=along["memorized"].map({True: KINDS[0], False: KINDS[1]}))
    last = int(along["step"].max())

    def panel(value: str, title: str, domain: list[float], *, shown: bool) -> Any:
        x = alt.X(
            "step:Q",
            title="Training step (logarithmic from 1 on)" if shown else None,
            scale=alt.Scale(type="symlog", domain=[0, last], nice=False),
            axis=alt.Axis(**AXIS, values=[0, *(10**power for power in range(6))], format=",d", labels=shown),
        )
        y = alt.Y(
            f"{value}:Q",
            title=title,
            scale=alt.Scale(domain=domain, nice=False, clamp=True),
            axis=alt.Axis(**AXIS | {"tickCount": 4, "minExtent": 44}),
        )
        base = alt.Chart(marks).encode(x=x, y=y)
        points = base.mark_point(filled=True, size=46, opacity=1).encode(
            color=kind_color() if value == "probability" else alt.Color("kind:N", scale=KIND_SCALE, legend=None),
            stroke=alt.Stroke("kind:N", scale=KIND_SCALE, legend=None),
            fillOpacity=kind_fill(),
            tooltip=[
                alt.Tooltip("step:Q", title="Step", format=",d"),
                alt.Tooltip("kind:N", title="It is"),
                alt.Tooltip("probability:Q", title="Probability of its label", format=".4f"),
                alt.Tooltip("loss:Q", title="Loss (nats)", format=".4~g"),
            ],
        )
        rules = [_rule(x, step, dash=[1, 0])]
        if first_step >= 0:
            rules.append(_rule(x, first_step, dash=[4, 4]))
        return alt.layer(
            *rules, base.mark_line(color=GUIDE, strokeWidth=1.5), points, view=alt.ViewConfig(strokeWidth=0)
        ).properties(height=PANEL_HEIGHT)

    top = max(0.1, 1.05 * float(along["loss"].max()))
    panels = [
        panel("probability", "p of its label", [0, 1], shown=False),
        panel("loss", "Loss (nats)", [0, top], shown=True),
    ]
    chart: alt.VConcatChart = styled(alt.vconcat(*panels, spacing=12))
    return chart.properties(autosize=FIT)


def _rule(x: alt.X, step: float, *, dash: list[int]) -> Any:
    return alt.Chart(pd.DataFrame({"step": [step]})).mark_rule(color=GUIDE, strokeWidth=2, strokeDash=dash).encode(x=x)
