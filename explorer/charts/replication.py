"""Ours over the published points, and what is left between them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from explorer.charts.capacity import all_memorized
from explorer.charts.style import (
    AXIS,
    FIT,
    FONT,
    GUIDE,
    MEMORIZED,
    PALETTE,
    ROOM_FOR_NAMES,
    band,
    dimension_colors,
    end_names,
    line,
    styled,
)

CURVE_HEIGHT, SHORT_HEIGHT, RESIDUAL_HEIGHT, LONE_HEIGHT = 300, 210, 92, 120
SHARP = PALETTE[1]
# With room for the widest label, or the panels' left edges would not be in line.
Y_AXIS = AXIS | {"minExtent": 62, "tickCount": 5}
RESIDUAL_AXIS = Y_AXIS | {"tickCount": 3, "labelFontSize": 14}
EXTENT = 1.15  # times the largest residual or reach, the residuals' axis goes each way
HEADING: dict[str, Any] = {"anchor": "start", "fontSize": 16, "font": FONT, "frame": "group", "offset": 6}
DIFFERENCE = "Ours − published"


class Compared(NamedTuple):
    """What one quantity is called in a chart, and how its numbers are written."""

    title: str
    symbol: str
    format: str


MEMORIZED_C = Compared("Memorized, C", "C", ".1f")
SHARPNESS = Compared("Sharpness, λ₁", "λ₁", ".4f")


def figure_1_chart(points: pd.DataFrame, *, input_dims: Sequence[int], end: int, num_seeds: int) -> alt.VConcatChart:
    """The curves of Figure 1 over its diamonds, and below them, for each n, what is left.

    Args:
        points: `explorer.frames.residual_frame` of C; may be empty.
        input_dims: all curves that will come.
        end: where the N axis ends.
        num_seeds: seeds in the sweep: one has no band.
    """
    points = points.assign(curve=points["input_dim"].map(_name))
    colors = dimension_colors(input_dims)
    color = alt.Color("curve:N", scale=alt.Scale(domain=[_name(n) for n in input_dims], range=colors), legend=None)
    extent = _extent(points)
    upper = _curves(points, color, MEMORIZED_C, end=end, height=CURVE_HEIGHT, num_seeds=num_seeds, names=True)
    lower = [
        _residuals(
            points[points["input_dim"] == n],
            colors[place],
            MEMORIZED_C,
            title=_name(n),
            heading=DIFFERENCE if place == 0 else None,
            end=end,
            extent=extent,
            height=RESIDUAL_HEIGHT,
            is_last=n == input_dims[-1],
        )
        for place, n in enumerate(input_dims)
    ]
    return _stacked([upper, *lower])


def figure_2_chart(memorized: pd.DataFrame, sharpness: pd.DataFrame, *, end: int, num_seeds: int) -> alt.VConcatChart:
    """C and the sharpness over the diamonds of Figure 2, each with what is left below it.

    Args:
        memorized, sharpness: `explorer.frames.residual_frame` of each; may be empty.
        end: where the N axis ends.
        num_seeds: seeds in the sweep: one has no band.
    """
    panels: list[Any] = []
    for points, color, compared in ((memorized, MEMORIZED, MEMORIZED_C), (sharpness, SHARP, SHARPNESS)):
        panels.append(
            _curves(points, alt.value(color), compared, end=end, height=SHORT_HEIGHT, num_seeds=num_seeds, names=False)
        )
        panels.append(
            _residuals(
                points,
                color,
                compared,
                title=f"Δ {compared.symbol}",
                heading=DIFFERENCE,
                end=end,
                extent=_extent(points),
                height=LONE_HEIGHT,
                is_last=compared is SHARPNESS,
            )
        )
    return _stacked(panels)


def _curves(
    points: pd.DataFrame, color: Any, compared: Compared, *, end: int, height: int, num_seeds: int, names: bool
) -> Any:
    """Our curves with their bands, and the published points as diamonds over them."""
    top = 1.08 * max([0.05 * end if compared is MEMORIZED_C else 0.02, *points["high"], *points["published"]])
    x = _x(end, title=None)
    y = alt.Y(
        "mean:Q",
        title=compared.title,
        scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
        axis=alt.Axis(**Y_AXIS),
    )
    base = alt.Chart(points).encode(x=x, color=color)
    layers: list[Any] = [all_memorized(x, y, top, label="C = N")] if compared is MEMORIZED_C else []
    if num_seeds > 1:
        layers.append(band(base))
    layers += [line(base, y), _diamonds(base, compared)]
    if names and len(points):
        ends = points.loc[points.groupby("input_dim")["num_samples"].idxmax()]
        layers.append(end_names(ends, x, color, height=top * 1.5))
    return alt.layer(*layers).properties(height=height)


def _diamonds(base: alt.Chart, compared: Compared) -> Any:
    """The published points, which tell the whole comparison."""
    return base.mark_point(shape="diamond", size=50, filled=False, strokeWidth=1.5, opacity=0.9, clip=True).encode(
        y="published:Q", tooltip=_tooltip(compared)
    )


def _tooltip(compared: Compared) -> list[alt.Tooltip]:
    symbol, number = compared.symbol, compared.format
    return [
        alt.Tooltip("input_dim:Q", title="Input dimension n"),
        alt.Tooltip("num_samples:Q", title="Samples N"),
        alt.Tooltip("published:Q", title=f"{symbol} published", format="~g"),
        alt.Tooltip("mean:Q", title=f"{symbol} ours, mean", format=number),
        alt.Tooltip("residual:Q", title="Ours − published", format=f"+{number}"),
        alt.Tooltip("reach:Q", title="One more run: within ±", format=number),
        alt.Tooltip("num_seeds:Q", title="Seeds"),
    ]


def _residuals(
    points: pd.DataFrame,
    color: str,
    compared: Compared,
    *,
    title: str,
    heading: str | None,
    end: int,
    extent: float,
    height: int,
    is_last: bool,
) -> Any:
    """Ours minus published as bars from 0, before the band within which one more run of ours would lie."""
    x = _x(end, title="Samples to memorize, N" if is_last else None)
    scale = alt.Scale(domain=[-extent, extent], nice=False, clamp=True)
    y = alt.Y("residual:Q", title=title, scale=scale, axis=alt.Axis(**RESIDUAL_AXIS, titleColor=color))
    base = alt.Chart(points.assign(zero=0.0, low=-points["reach"], high=points["reach"])).encode(x=x)
    zero = alt.Chart(pd.DataFrame({"residual": [0.0]})).mark_rule(color=GUIDE, strokeWidth=1.5).encode(y=y)
    explained = alt.condition("datum.is_explained", alt.value(0.45), alt.value(1))
    layers = [
        base.mark_area(color=GUIDE, opacity=0.25, clip=True).encode(
            y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"
        ),
        zero,
        base.mark_rule(color=color, strokeWidth=2, clip=True).encode(y=y, y2="zero:Q", opacity=explained),
        base.mark_point(color=color, clip=True).encode(
            y=y,
            opacity=explained,
            size=alt.condition("datum.is_explained", alt.value(14), alt.value(44)),
            fill=alt.value(color),
            shape=alt.condition("datum.is_odd", alt.value("cross"), alt.value("circle")),
            tooltip=_tooltip(compared),
        ),
    ]
    panel = alt.layer(*layers).properties(height=height)
    return panel.properties(title=alt.TitleParams(heading, **HEADING)) if heading else panel


def _extent(points: pd.DataFrame) -> float:
    """How far the residuals' axis goes each way: odd points, which do not count, may lie beyond."""
    counted = points[~points["is_odd"].astype(bool)]
    return float(EXTENT * max([1e-3, *counted["residual"].abs(), *counted["reach"].dropna()]))


def _x(end: int, *, title: str | None) -> alt.X:
    scale = alt.Scale(domain=[0, ROOM_FOR_NAMES * end], nice=False)
    return alt.X("num_samples:Q", title=title, scale=scale, axis=alt.Axis(**AXIS, labels=title is not None))


def _stacked(panels: Sequence[Any]) -> alt.VConcatChart:
    chart: alt.VConcatChart = styled(alt.vconcat(*panels, spacing=10).resolve_scale(x="shared"))
    return chart.properties(autosize=FIT)


def _name(input_dim: int) -> str:
    return f"n = {input_dim}"
