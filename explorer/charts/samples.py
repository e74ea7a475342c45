"""All samples of a layer: one statistic against another, and how many have which value."""

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import pandas as pd

from explorer.charts.style import AXIS, FIT, FONT, GUIDE, KIND_SCALE, KINDS, PICK, WORDS, kind_color, kind_fill, styled
from explorer.statistics import STATISTICS

BRUSH = "brush"  # the selection that a drag makes
FEW = 2_000  # samples, up to which a click need not hit a mark, but finds the nearest
SAMPLES_HEIGHT, HISTOGRAM_HEIGHT = 430, 260


def samples_chart(
    samples: pd.DataFrame, x: str, y: str, *, corners: Mapping[str, tuple[float, float]]
) -> alt.LayerChart:
    """A mark for each sample, filled where memorized, hollow where not.

    A drag selects some; a click selects one, and puts a ring around it.

    Args:
        samples: `explorer.frames.samples_frame`.
        x, y: two of `STATISTICS`.
        corners: words to write at places of the chart, as fractions of its width and height from the top left.
    """
    columns = list(dict.fromkeys(["sample", "label", "competitor", x, y]))
    marks = samples[columns].assign(kind=samples["memorized"].map({True: KINDS[0], False: KINDS[1]}))
    base = alt.Chart(marks).encode(x=_axis(alt.X, x, marks[x]), y=_axis(alt.Y, y, marks[y]))
    picked = alt.selection_point(
        name=PICK, fields=["sample"], on="click", nearest=len(samples) <= FEW, empty=False, clear=False
    )
    brush = alt.selection_interval(name=BRUSH, encodings=["x", "y"])
    points = base.mark_point(**_mark(len(samples))).encode(
        color=kind_color(),
        stroke=alt.Stroke("kind:N", scale=KIND_SCALE, legend=None),
        fillOpacity=kind_fill(),
        tooltip=_tooltip(x, y),
    )
    layers: list[Any] = [points.add_params(picked, brush), *_ring(base.transform_filter(picked))]
    layers += [_corner(word, *place) for word, place in corners.items()]
    chart: alt.LayerChart = styled(alt.layer(*layers).properties(height=SAMPLES_HEIGHT, autosize=FIT))
    return chart


def _mark(num_samples: int) -> dict[str, Any]:
    """The more samples, the smaller and fainter each."""
    if num_samples <= FEW:
        return {
            "filled": True,
            "opacity": 1,
            "size": 70 if num_samples <= FEW // 4 else 36,
            "strokeWidth": 1.3,
            "strokeOpacity": 0.9,
        }
    return {"filled": True, "opacity": 1, "size": 12, "strokeWidth": 0.8, "strokeOpacity": 0.5}


def _ring(one: alt.Chart) -> Iterator[Any]:
    """A ring around one sample, with its number: dark in light, to be seen on every background and among all marks."""
    for color, width in (("white", 7), ("black", 3)):
        yield one.mark_point(size=420, filled=False, strokeWidth=width, color=color, opacity=1)
    name: dict[str, Any] = {"dx": 18, "align": "left", "fontSize": 17, "fontWeight": "bold", "font": FONT}
    styles: list[dict[str, Any]] = [{"stroke": "white", "strokeWidth": 3, "strokeJoin": "round"}, {"color": "black"}]
    for style in styles:
        yield one.mark_text(**name, **style).encode(text=alt.Text("sample:Q", format=",d"))


def histogram_chart(bins: pd.DataFrame, statistic: str, *, opened: float) -> alt.LayerChart:
    """How many samples have which value of a statistic, the memorized ones below the others.

    Args:
        bins: `explorer.frames.histogram_frame`.
        statistic: one of `STATISTICS`.
        opened: the value of the opened sample, where a line stands.
    """
    title = STATISTICS[statistic].axis
    order = alt.Order("kind:N", sort="ascending")
    bars = (
        alt.Chart(bins)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("low:Q", bin="binned", title=title, axis=alt.Axis(**AXIS), scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y("count:Q", stack="zero", title="Samples", axis=alt.Axis(**AXIS)),
            color=kind_color(),
            order=order,
            tooltip=[
                alt.Tooltip("kind:N", title="Samples that are"),
                alt.Tooltip("low:Q", title="from", format=".4~g"),
                alt.Tooltip("high:Q", title="to", format=".4~g"),
                alt.Tooltip("count:Q", title="number"),
                alt.Tooltip("share:Q", title="memorized of all in the bin", format=".0%"),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"low": [opened]})).mark_rule(color=GUIDE, strokeWidth=3).encode(x="low:Q")
    chart: alt.LayerChart = styled(alt.layer(bars, rule).properties(height=HISTOGRAM_HEIGHT, autosize=FIT))
    return chart


def _axis(channel: Any, statistic: str, values: pd.Series) -> Any:
    """From the smallest to the largest value with a little room, but not below 0 where no value is."""
    low, high = (float(values.min()), float(values.max())) if values.notna().any() else (0.0, 1.0)
    room = 0.03 * (high - low) or 1.0
    domain = [low - room if low < 0 else max(0.0, low - room), high + room]
    told, axis = STATISTICS[statistic], alt.Axis(**AXIS)
    scale = alt.Scale(domain=domain, nice=False)
    if told.is_logarithmic:
        scale = alt.Scale(domain=domain, nice=False, type="symlog")
        axis = alt.Axis(**AXIS, values=[0, *(10**power for power in range(6))], format=",d")
    return channel(f"{statistic}:Q", title=told.axis, scale=scale, axis=axis)


def _tooltip(x: str, y: str) -> list[alt.Tooltip]:
    shown = [alt.Tooltip(f"{name}:Q", title=STATISTICS[name].name, format=".4~g") for name in dict.fromkeys((x, y))]
    return [
        alt.Tooltip("sample:Q", title="Sample", format=",d"),
        alt.Tooltip("kind:N", title="It is"),
        alt.Tooltip("label:Q", title="Label", format="d"),
        alt.Tooltip("competitor:Q", title="Nearest competitor", format="d"),
        *shown,
    ]


def _corner(word: str, across: float, down: float) -> Any:
    place: dict[str, Any] = {
        "x": alt.value(alt.expr(f"{across} * width")),
        "y": alt.value(alt.expr(f"{down} * height")),
    }
    text = alt.Chart(pd.DataFrame({"word": [word]})).mark_text(fontSize=17, fontStyle="italic", color=WORDS)
    return text.encode(text="word:N", **place)
