"""Learning rates: a map over learning rate and N, and curves over the learning rate."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, GUIDE, PALETTE, PICK, WORDS, band, line, styled

MAP_HEIGHT, CURVE_HEIGHT = 520, 380
TITLES = {"num_samples": "Samples to memorize, N", "input_dim": "Input dimension, n"}
INK = "#ffffff"  # marks on the map, each with a dark outline: legible on every colour of it
OUTLINE = "#11161d"


class Shade(NamedTuple):
    """What the colour of a map shows: a column of `explorer.frames.cell_frame`, and how it is written."""

    field: str
    title: str
    format: str
    domain: tuple[float, float] | None = None


def shade(color: str, edge: float) -> Shade:
    """The shade of that name ("fraction", "loss" or "stability"), where the edge of stability lies at `edge`."""
    return {
        "fraction": Shade("fraction", "Memorized, C / N", ".0%", (0.0, 1.0)),
        "loss": Shade("loss", "Mean loss (nats)", ".2~g"),
        "stability": Shade("stability", f"η λ (edge of stability: {edge:g})", ".2~g", (0.0, 1.5 * edge)),
    }[color]


def heat_map(
    cells: pd.DataFrame,
    columns: pd.DataFrame,
    regions: pd.DataFrame,
    shade: Shade,
    *,
    column: str,
    values: list[int],
    rates: list[float],
    asked: tuple[int, float],
) -> alt.LayerChart:
    """One cell for each learning rate and N (or n).

    Args:
        cells: `explorer.frames.cell_frame`; may be empty.
        columns: `explorer.frames.column_frame`; may be empty.
        regions: words to write on the map: column, learning_rate, word; may be empty.
        shade: what the colour shows.
        column: "num_samples" or "input_dim".
        values, rates: all columns and rows that will come, so that the axes do not move while they do.
        asked: the column and the learning rate that are asked about.
    """

    def row(field: str, **place: Any) -> alt.Y:
        axis = alt.Axis(**AXIS, format="~g", labelOverlap=True, grid=False)
        order = sorted(rates, reverse=True)
        scale = alt.Scale(domain=order)
        return alt.Y(f"{field}:O", title="Learning rate, η", sort=order, scale=scale, axis=axis, **place)

    x = alt.X(
        f"{column}:O",
        title=TITLES[column],
        sort=values,
        scale=alt.Scale(domain=values),
        axis=alt.Axis(**AXIS, labelAngle=0, labelOverlap=True, grid=False),
    )
    y = row("learning_rate")
    layers = [_cells(cells, x, y, shade, column)]
    if len(columns):
        layers += _column_marks(columns, x, row, column)
    for is_fine, part in regions.groupby(regions["word"] == "fine"):
        words = alt.Chart(part).encode(x=x, y=y, text="word:N")
        beside: dict[str, Any] = {"dx": 8, "align": "left"} if is_fine else {}  # the line through the column
        layers += _outlined(words, "text", fontSize=16, fontWeight="bold", **beside)
    here = alt.Chart(pd.DataFrame({column: [asked[0]], "learning_rate": [asked[1]]}))
    layers.append(here.mark_rect(fill=None, stroke=PALETTE[1], strokeWidth=4).encode(x=x, y=y))
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=MAP_HEIGHT))
    return chart


def _cells(cells: pd.DataFrame, x: alt.X, y: alt.Y, shade: Shade, column: str) -> Any:
    """The coloured cells, which tell their numbers and can be clicked."""
    domain = {"domain": list(shade.domain), "clamp": True} if shade.domain else {}
    scale: Any = alt.Scale(scheme="viridis", **domain)  # type: ignore[arg-type]
    font: dict[str, Any] = {"labelFontSize": 14, "titleFontSize": 15, "titleLimit": 400}
    legend = alt.Legend(
        title=shade.title, format=shade.format, orient="top", gradientLength=260, gradientThickness=14, **font
    )
    tooltip = [
        alt.Tooltip(f"{column}:Q", title=TITLES[column], format=",d"),
        alt.Tooltip("learning_rate:Q", title="Learning rate η", format="~g"),
        alt.Tooltip("mean:Q", title="Memorized C, mean", format=".1f"),
        alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".1f"),
        alt.Tooltip("fraction:Q", title="Memorized", format=".0%"),
        alt.Tooltip("loss:Q", title="Mean loss (nats)", format=".3~g"),
        alt.Tooltip("stability:Q", title="η λ", format=".3~g"),
        alt.Tooltip("num_seeds:Q", title="Seeds"),
    ]
    color = alt.Color(f"{shade.field}:Q", scale=scale, legend=legend)
    picked = alt.selection_point(name=PICK, fields=[column, "learning_rate"], on="click", empty=False)
    return alt.Chart(cells).mark_rect().encode(x=x, y=y, color=color, tooltip=tooltip).add_params(picked)


def _column_marks(columns: pd.DataFrame, x: alt.X, row: Callable[..., alt.Y], column: str) -> list[Any]:
    """For each column: the best rate, those that cannot be told from it, and from where training is at the edge."""
    base = alt.Chart(columns).encode(x=x)
    edge = alt.Chart(columns.dropna(subset=["edge_rate"])).encode(
        x=alt.X(f"{column}:O", bandPosition=0), x2=alt.X2(column, bandPosition=1), y=row("edge_rate", bandPosition=1)
    )
    return [
        *_outlined(base.encode(y=row("lowest"), y2="highest"), "rule", strokeWidth=2.5),
        *_outlined(base.encode(y=row("best")), "point", size=130, filled=True, opacity=1),
        *_outlined(edge, "rule", strokeWidth=2.5, strokeDash=[6, 4]),
    ]


def _outlined(base: alt.Chart, mark: str, **style: Any) -> list[alt.Chart]:
    """A mark twice: a dark one, and a light one a little smaller on it."""
    if mark == "text":
        behind = base.mark_text(**style, stroke=OUTLINE, strokeWidth=4, strokeJoin="round", color=OUTLINE)
        return [behind, base.mark_text(**style, color=INK)]
    if mark == "point":
        return [base.mark_point(**style, color=INK, stroke=OUTLINE, strokeWidth=2.5)]
    behind = base.mark_rule(**(style | {"strokeWidth": style["strokeWidth"] + 2.5, "strokeDash": []}), color=OUTLINE)
    return [behind, base.mark_rule(**style, color=INK)]


def rate_chart(
    points: pd.DataFrame, curves: dict[Any, str], *, curve: str, asked: float, rates: list[float], num_seeds: int
) -> alt.LayerChart:
    """The memorized fraction over the learning rate, several curves.

    Args:
        points: `explorer.frames.rate_frame`; may be empty.
        curves: all curves that will come: value of the column `curve` -> name.
        curve: the column that tells curves apart.
        asked: the learning rate that is asked about.
        rates: where the axis begins and ends.
        num_seeds: seeds in the sweep: one has no band.
    """
    points = points.assign(name=points[curve].map(curves))
    color = alt.Color(
        "name:N",
        scale=alt.Scale(domain=list(curves.values()), range=PALETTE),
        legend=alt.Legend(
            title=None, orient="top", labelFontSize=16, symbolOpacity=1, columns=3 if len(curves) <= 3 else 2
        ),
    )
    x = alt.X(
        "learning_rate:Q",
        title="Learning rate, η",
        scale=alt.Scale(type="log", domain=[min(rates), max(rates)], nice=False),
        axis=alt.Axis(**AXIS, format="~g"),
    )
    scale = alt.Scale(domain=_percent_domain(points), nice=False, zero=False)
    y = alt.Y(
        "fraction_mean:Q",
        title="Memorized, C / N",
        scale=scale,
        axis=alt.Axis(**AXIS, format="%"),
    )
    base = alt.Chart(points).encode(x=x, color=color)
    rule = alt.Chart(pd.DataFrame({"learning_rate": [asked], "name": [f"η = {asked:g}"]}))
    layers: list[Any] = [
        rule.mark_rule(color=GUIDE, strokeDash=[7, 5], strokeWidth=2).encode(x=x),
        rule.mark_text(color=WORDS, align="left", dx=6, fontSize=15).encode(
            x=x, y=alt.value(CURVE_HEIGHT - 14), text="name:N"
        ),
    ]
    if num_seeds > 1:
        layers.append(band(base, "fraction_low:Q", "fraction_high:Q", scale))
    layers.append(line(base, y))
    layers.append(
        base.mark_point(size=150, opacity=0, filled=True).encode(
            y=y,
            tooltip=[
                alt.Tooltip("name:N", title="Curve"),
                alt.Tooltip("learning_rate:Q", title="Learning rate η", format="~g"),
                alt.Tooltip("mean:Q", title="Memorized C, mean", format=".1f"),
                alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".1f"),
                alt.Tooltip("num_samples:Q", title="of N", format=",d"),
                alt.Tooltip("num_seeds:Q", title="Seeds"),
            ],
        )
    )
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=CURVE_HEIGHT, autosize=FIT))
    return chart


def _percent_domain(points: pd.DataFrame) -> list[float]:
    """Where the axis of a fraction begins and ends: at tenths around everything shown, bands included."""
    if points.empty:
        return [0.0, 1.0]
    low = math.floor(10 * points["fraction_low"].min()) / 10
    high = math.ceil(10 * points["fraction_high"].max()) / 10
    return [max(0.0, low - 0.1 * (low == high)), high]
