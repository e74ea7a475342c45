"""The misfit of many settings, as a map over V and steps, with a bias and without one."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.rates import INK, OUTLINE
from explorer.charts.replication import HEADING
from explorer.charts.style import AXIS, FIT, PALETTE, PICK, styled

ROW_HEIGHT = 46
BIAS_TITLES = {True: "With a bias", False: "Without a bias"}


def misfit_map(
    cells: pd.DataFrame,
    *,
    classes: Sequence[int],
    steps: Sequence[int],
    title: str,
    is_sharpness: bool,
    asked: Mapping[str, Any],
    smallest: Mapping[str, Any] | None,
) -> alt.VConcatChart:
    """The misfit over V and steps, with a bias and without one.

    Args:
        cells: `explorer.frames.misfit_frame`; may be empty.
        classes, steps: all columns and rows that will come, so that the axes do not move while they do.
        title: what the colour shows.
        is_sharpness: whether it is a sharpness, or else samples.
        asked: the setting of the controls: bias, num_classes, num_steps.
        smallest: that of the least misfit; None while it is not known.
    """
    cells = cells.assign(label=cells["misfit"].map(_sharpness if is_sharpness else _samples))
    panels = [
        _map_panel(
            cells[cells["bias"] == bias],
            classes=classes,
            steps=steps,
            color=_shade(cells, title),
            bias=bias,
            asked=asked,
            smallest=smallest,
            number="" if is_sharpness else ".1f",
            is_last=not bias,
        )
        for bias in BIAS_TITLES
    ]
    chart: alt.VConcatChart = styled(alt.vconcat(*panels, spacing=14))
    return chart.properties(autosize=FIT)


def _samples(misfit: float) -> str:
    return f"{misfit:.1f}" if misfit < 9.95 else f"{misfit:.0f}"


def _sharpness(misfit: float) -> str:
    return f"{misfit:.3f}".removeprefix("0")


def _shade(cells: pd.DataFrame, title: str) -> alt.Color:
    """Bright is a good fit. Logarithmic: the best settings differ by little, the worst by much."""
    ends = {"domain": [cells["misfit"].min(), cells["misfit"].max()]} if len(cells) > 1 else {}
    scale: Any = alt.Scale(type="log", scheme="viridis", reverse=True, nice=False, **ends)  # type: ignore[arg-type]
    legend = alt.Legend(
        title=title,
        orient="top",
        gradientLength=260,
        gradientThickness=14,
        labelFontSize=14,
        titleFontSize=15,
        titleLimit=500,
        format="~g",
    )
    return alt.Color("misfit:Q", scale=scale, legend=legend)


def _map_panel(
    cells: pd.DataFrame,
    *,
    classes: Sequence[int],
    steps: Sequence[int],
    color: alt.Color,
    bias: bool,
    asked: Mapping[str, Any],
    smallest: Mapping[str, Any] | None,
    number: str,
    is_last: bool,
) -> Any:
    """One half: its cells with their numbers, a dot where one more run may be as far, ring and frame."""
    x = alt.X(
        "num_classes:O",
        title="Classes, V" if is_last else None,
        sort=list(classes),
        scale=alt.Scale(domain=list(classes)),
        axis=alt.Axis(**AXIS, labelAngle=0, grid=False, labels=is_last),
    )

    def y(**place: Any) -> alt.Y:
        order = sorted(steps, reverse=True)
        axis = alt.Axis(**AXIS | {"minExtent": 62}, grid=False, format=",d")
        return alt.Y("num_steps:O", title="Steps", sort=order, scale=alt.Scale(domain=order), axis=axis, **place)

    picked = alt.selection_point(
        name=f"{PICK}_{int(bias)}", fields=["bias", "num_classes", "num_steps"], on="click", empty=False
    )
    base = alt.Chart(cells).encode(x=x, y=y())
    text: dict[str, Any] = {"fontSize": 15, "fontWeight": "bold"}
    written = base.encode(text="label:N")
    layers: list[Any] = [
        base.mark_rect().encode(color=color, tooltip=_map_tooltip(number)).add_params(picked),
        written.mark_text(**text, stroke=OUTLINE, strokeWidth=3.5, strokeJoin="round", color=OUTLINE),
        written.mark_text(**text, color=INK),
        alt.Chart(cells[cells["is_reached"].astype(bool)])
        .mark_point(shape="circle", size=42, filled=True, opacity=1, color=INK, stroke=OUTLINE, strokeWidth=1.5)
        .encode(x=alt.X("num_classes:O", bandPosition=0.13), y=y(bandPosition=0.25)),
    ]
    if asked["bias"] == bias and asked["num_classes"] in classes and asked["num_steps"] in steps:
        here = alt.Chart(pd.DataFrame([dict(asked)])).encode(x=x, y=y())
        layers.append(here.mark_rect(fill=None, stroke=PALETTE[1], strokeWidth=4))
    if smallest is not None and smallest["bias"] == bias:
        there = alt.Chart(pd.DataFrame([dict(smallest)])).encode(x=x, y=y())
        layers += [_ring(there, OUTLINE, 7), _ring(there, INK, 3.5)]
    return alt.layer(*layers).properties(
        height=ROW_HEIGHT * len(steps), title=alt.TitleParams(BIAS_TITLES[bias], **HEADING)
    )


def _ring(chart: alt.Chart, stroke: str, width: float) -> Any:
    return chart.mark_point(shape="circle", size=1500, filled=False, opacity=1, stroke=stroke, strokeWidth=width)


def _map_tooltip(number: str) -> list[alt.Tooltip]:
    form = number or ".4f"
    return [
        alt.Tooltip("num_classes:Q", title="Classes V"),
        alt.Tooltip("num_steps:Q", title="Steps", format=",d"),
        alt.Tooltip("bias:N", title="Bias"),
        alt.Tooltip("misfit:Q", title="Misfit", format=form),
        alt.Tooltip("another:Q", title="One more run of it would have", format=form),
        alt.Tooltip("most:Q", title="and 19 in 20 at most", format=form),
        alt.Tooltip("num_seeds:Q", title="Seeds"),
    ]
