"""What all charts share: colours, axes, sizes.

What is measured is a solid line; what is published is a hollow diamond in the same colour; what is theory has finer
dashes than what is a line of thought (C = N, the edge of stability), which is grey. What somebody guessed is none of
these: pink, dash-dotted, with stars.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

# Altair refuses tables of more than 5,000 rows, lest notebooks grow. Ours go to the browser once, as Arrow.
alt.data_transformers.disable_max_rows()

# One colour a curve, for at most eight. The first four, which are all that most charts have, are far apart with every
# common kind of colour blindness; of the others some pairs are close. Each has a contrast of 3 or more on the light and
# the dark background. Curves also carry their name at their end, so colour is never alone.
PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc5c9c", "#8c6bd6", "#a67c00", "#3c8fc4", "#c23b4b"]
MAX_CURVES = len(PALETTE)
OWN_COLORS = dict(zip((40, 30, 20, 10), PALETTE, strict=False))  # of the published n, wherever they are drawn
MEMORIZED, NOT_MEMORIZED = PALETTE[:2]  # filled and hollow too, so that colour is never alone
KINDS = ["memorized", "not memorized"]
KIND_SCALE = alt.Scale(domain=KINDS, range=[MEMORIZED, NOT_MEMORIZED])
GUIDE = "#7d8792"  # guides and everything that is not data: seen on white and on black
# Words that belong to no curve have the colour of the page's text: no grey has a contrast of 4.5 on both backgrounds.
WORDS = "currentColor"

AXIS: dict[str, Any] = {
    "labelFontSize": 15,
    "titleFontSize": 17,
    "titlePadding": 12,
    "tickCount": 8,
    "labelSeparation": 6,  # of those that come closer, as on a phone, every other one is left out
}
HEIGHT = 500
NAME_SIZE = 19  # pixels, bold: large enough that a contrast of 3 is enough for text (WCAG 2.2)
NAME_GAP = 0.042  # of a y axis: the height of a curve's name
BESIDE: dict[str, Any] = {"align": "left", "dx": 8}  # where a name stands
# The same in a chart of one panel, which on a phone has no room beside it: there it stands above the end of its curve.
FITTING: dict[str, Any] = {
    "align": {"expr": "width < 400 ? 'right' : 'left'"},
    "dx": {"expr": "width < 400 ? 24 : 8"},
    "dy": {"expr": "width < 400 ? -14 : 0"},
}
ROOM_FOR_NAMES = 1.1  # an x axis goes on a little, so that the curves' names stand inside from the start
DASH = [3, 4]  # theory
GUESS, GUESS_DASH = PALETTE[3], [13, 4, 3, 4]  # in charts of at most three other colours, far from all of them
STAR = "M0,-1L.294,-.405L.951,-.309L.476,.155L.588,.809L0,.5L-.588,.809L-.476,.155L-.951,-.309L-.294,-.405Z"
PICK = "pick"  # the selection that a click makes
# Styles of measured curves and of the names at their ends: they look like none, and are how `overlay` knows them.
MEASURED, NAMES = "measured", "names"
# The width is the page's, the height the plot's: where legend and axes share one fixed height with it, each update of a
# chart by Streamlit takes theirs from the plot once more.
FIT = alt.AutoSizeParams(type="fit-x", contains="padding")
FONT = '"Source Sans", sans-serif'  # Streamlit's own, which it also gives to the axes


def dimension_colors(input_dims: Sequence[int]) -> list[str]:
    """One colour for each n: a published n has its own in all charts, the others have what is left, in their order."""
    rest = iter(color for color in PALETTE if color not in {OWN_COLORS.get(n) for n in input_dims})
    return [OWN_COLORS.get(n) or next(rest) for n in input_dims]


def spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart as Vega-Lite, its largest table first: that is the one which Streamlit shows and saves as "the data"."""
    found: dict[str, Any] = chart.to_dict()
    tables = found.get("datasets", {})
    found["datasets"] = dict(sorted(tables.items(), key=lambda item: -sum(map(len, item[1]))))
    return found


def with_tables(shape: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """A chart whose shape names its tables, as Vega-Lite, with these tables in it, the largest first.

    Altair takes a tenth of a second to put a chart together, and a page that fills draws it several times a second for
    each who looks. Its shape stays the same while only the numbers change: so it is made once.
    """
    found = shape.get("datasets", {}) | tables
    return {**shape, "datasets": dict(sorted(found.items(), key=lambda item: -len(item[1])))}


def styled(chart: Any) -> Any:
    """A whole chart with the project's font and quiet axes."""
    # One call, for each copies the whole chart.
    return chart.configure(
        view=alt.ViewConfig(strokeWidth=0),
        text=alt.MarkConfig(font=FONT),
        axis=alt.AxisConfig(gridColor=GUIDE, gridOpacity=0.18, domainColor=GUIDE, tickColor=GUIDE),
    )


def kind_color() -> alt.Color:
    """Memorized or not, of the column `kind`, with its legend above the chart."""
    legend = alt.Legend(orient="top", title=None, labelFontSize=15, symbolSize=110)
    return alt.Color("kind:N", scale=KIND_SCALE, legend=legend)


def kind_fill() -> Any:
    """Filled where memorized, hollow where not: so colour is not alone."""
    return alt.condition(f"datum.kind === '{KINDS[0]}'", alt.value(0.85), alt.value(0))


def band(chart: alt.Chart, y: str = "low:Q", y2: str = "high:Q", scale: Any = alt.Undefined) -> Any:
    """The spread over seeds around a curve. An axis that does not begin at 0 must be told again: it is an area."""
    return chart.mark_area(opacity=0.22, clip=True).encode(y=alt.Y(y, title="", scale=scale), y2=y2)


def line(chart: alt.Chart, y: alt.Y) -> alt.LayerChart:
    """A measured curve with its points."""
    measured: alt.LayerChart = chart.mark_line(strokeWidth=2.75, clip=True, style=MEASURED).encode(
        y=y
    ) + chart.mark_point(size=18, filled=True, opacity=1, clip=True).encode(y=y)
    return measured


def end_names(
    ends: pd.DataFrame, x: alt.X, color: alt.Color, *, height: float, is_logarithmic: bool = False
) -> alt.Chart:
    """The curves' names at their ends, far enough apart to be read.

    Args:
        ends: one row a curve: the column of x, mean, and curve, its name.
        x, color: of the curves.
        height: of the y axis, in its unit; of a logarithmic one, in decades.
        is_logarithmic: whether the y axis is.
    """
    return names_at(spread(ends, height=height, is_logarithmic=is_logarithmic), x, color)


def spread(ends: pd.DataFrame, *, height: float, is_logarithmic: bool = False) -> pd.DataFrame:
    """The same rows in the order of their means, which are moved up where names would overlap."""
    ends, gap = ends.sort_values("mean"), NAME_GAP * height
    heights: list[float] = []
    for end in np.log10(ends["mean"]) if is_logarithmic else ends["mean"]:
        heights.append(max(end, heights[-1] + gap) if heights else end)
    return ends.assign(mean=np.power(10, heights) if is_logarithmic else heights)


def names_at(
    ends: pd.DataFrame | alt.NamedData, x: alt.X, color: alt.Color, where: Mapping[str, Any] = BESIDE
) -> alt.Chart:
    """Names at these points, beside them if nothing else is said."""
    names: alt.Chart = (
        alt.Chart(ends)
        .mark_text(**where, fontSize=NAME_SIZE, fontWeight="bold", style=NAMES)
        .encode(x=x, y="mean:Q", text="curve:N", color=color)
    )
    return names
