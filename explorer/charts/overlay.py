"""One chart behind another: its measured curves, thin and without points. No Streamlit here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from explorer.charts.style import FITTING, GUIDE, HEIGHT, MEASURED, NAME_GAP, NAME_SIZE, NAMES

Spec = dict[str, Any]

WIDTH = 1.75
PAINT = "paint"  # the column of colours
AXES = ("x", "y")


class _Layer(NamedTuple):
    """A layer of a panel: that which draws its measured curves, or their names."""

    mark: Mapping[str, Any]
    encoding: Mapping[str, Any]
    table: str


def overlaid(spec: Spec, behind: Spec, *, name: str) -> Spec | None:
    """`spec` with the measured curves of `behind` in it, thin and with their name.

    Each has the colour of the curve of `spec` that is called the same; where there is none, it is grey.

    Args:
        spec: Vega-Lite, with its tables as `datasets`.
        behind: the chart of the same kind whose curves are wanted.
        name: what its curves are called.

    Returns:
        None where the two do not have the same panels with the same axes, or have no measured curves.
    """
    panels, others = _panels(spec), _panels(behind)
    if len(panels) != len(others):
        return None
    found = [(_styled(panel, MEASURED), _styled(other, MEASURED)) for panel, other in zip(panels, others, strict=True)]
    tables: dict[str, pd.DataFrame] = {}
    drawn = []
    for number, (panel, (ours, theirs)) in enumerate(zip(panels, found, strict=True)):
        if ours is None or theirs is None or _kind(ours) != _kind(theirs):
            return None
        points = pd.DataFrame(behind["datasets"][theirs.table])
        domains = {axis: _union(ours.encoding[axis], theirs.encoding[axis]) for axis in AXES}
        wider = _widened(panel, domains)
        if len(points):
            curves, names = f"{name} {number}", f"{name} {number} names"
            points = points.assign(**{PAINT: _paint(points, theirs.encoding, ours.encoding)})
            tables[curves], ends = _tables(points, theirs.encoding, name)
            gap = NAME_GAP * HEIGHT / panel.get("height", HEIGHT)
            named = _styled(panel, NAMES)
            own = pd.DataFrame(spec["datasets"][named.table]) if named else None
            tables[names] = _apart(ends, own, theirs.encoding, domains["y"], gap)
            line, text = _layers(_widened(ours.encoding, domains), theirs, curves, names, named)
            wider = {**wider, "layer": [line, *wider["layer"], text]}
        drawn.append(wider)
    whole = {**spec, "vconcat": drawn} if "vconcat" in spec else drawn[0]
    return {**whole, "datasets": {**spec["datasets"], **tables}}


def on_same_axes(one: Spec, other: Spec) -> tuple[Spec, Spec]:
    """Two charts that stand side by side, with axes that have room for both wherever they show the same."""
    domains = {}
    for axis in AXES:
        found = [_measured(spec, axis) for spec in (one, other)]
        if found[0] and found[1] and _what(found[0]) == _what(found[1]):
            domains[axis] = _union(found[0], found[1])
    first, second = ({**_widened(spec, domains), "datasets": spec["datasets"]} for spec in (one, other))
    return first, second


def _measured(spec: Spec, axis: str) -> Mapping[str, Any] | None:
    """An axis of numbers from one end to the other, of a chart that is one panel."""
    channels = [mark.encoding.get(axis, {}) for mark in _marks(spec)]
    ended = (each for each in channels if each.get("type") == "quantitative" and "domain" in each.get("scale", {}))
    return next(ended, None)


def _panels(spec: Spec) -> list[Spec]:
    """The panels of a chart, one above the other; a plain chart is one."""
    return (
        [{"data": spec["data"], **panel} if "data" in spec else panel for panel in spec["vconcat"]]
        if "vconcat" in spec
        else [spec]
    )


def _styled(panel: Spec, style: str) -> _Layer | None:
    """The layer of this style."""
    return next((layer for layer in _marks(panel) if layer.mark.get("style") == style), None)


def _marks(view: Spec, table: str = "") -> Iterator[_Layer]:
    """All marks of a panel, each with the data that it has from those around it."""
    table = view.get("data", {}).get("name", table)
    for layer in view.get("layer", ()):
        yield from _marks(layer, table)
    if "mark" in view:
        yield _Layer(view["mark"], view["encoding"], table)


def _kind(curves: _Layer) -> list[Any]:
    """What two panels must have in common to be laid one on the other."""
    return [_what(curves.encoding[axis]) for axis in AXES]


def _what(channel: Mapping[str, Any]) -> Any:
    """What an axis shows, and how."""
    return channel["field"], channel.get("title"), channel["scale"].get("type")


def _union(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[float]:
    ends = [*ours["scale"]["domain"], *theirs["scale"]["domain"]]
    return [min(ends), max(ends)]


def _widened(part: Any, domains: Mapping[str, Sequence[float]]) -> Any:
    """The same panel, layer or encoding with these domains of its axes, wherever it names one."""
    if isinstance(part, list):
        return [_widened(each, domains) for each in part]
    if not isinstance(part, dict):
        return part
    found = {
        key: value if key in ("data", "mark") else _widened(value, domains)
        for key, value in part.items()
        if key != "datasets"
    }
    for axis in domains:
        channel = found.get(axis)
        if isinstance(channel, dict) and "domain" in channel.get("scale", {}):
            found[axis] = {**channel, "scale": {**channel["scale"], "domain": list(domains[axis])}}
    return found


def _tables(points: pd.DataFrame, encoding: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The points of the curves, and where the name of each stands."""
    x, y = (encoding[axis]["field"] for axis in AXES)
    curve = encoding.get("color", {}).get("field")
    shown = points[[x, y, PAINT, *([curve] if curve else [])]].sort_values(x)
    groups = [(f"{name}, {each}", part) for each, part in shown.groupby(curve)] if curve else [(name, shown)]
    return shown, pd.concat([part.dropna().tail(1).assign(label=label) for label, part in groups])


def _paint(points: pd.DataFrame, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Any:
    """The colour of each point."""
    curve, scale = theirs.get("color", {}).get("field"), ours.get("color", {}).get("scale", {})
    colors = dict(zip(scale.get("domain", ()), scale.get("range", ()), strict=False))
    return points[curve].map(colors).fillna(GUIDE) if curve else GUIDE


def _apart(
    ends: pd.DataFrame,
    own: pd.DataFrame | None,
    encoding: Mapping[str, Any],
    domain: Sequence[float],
    gap: float,
) -> pd.DataFrame:
    """The same ends, each moved as little as it takes not to lie on another's name, and none above the axis.

    Args:
        ends: one row a name.
        own: where the names of the chart's own curves stand, which stay.
        encoding: of the curves.
        domain: where the vertical axis begins and ends.
        gap: the height of a name, as a share of that axis.
    """
    x, y = (encoding[axis]["field"] for axis in AXES)
    is_logarithmic = encoding["y"]["scale"].get("type") == "log"
    far, back = (np.log10, lambda height: 10**height) if is_logarithmic else (float, float)
    low, high = map(far, domain)
    gap *= high - low
    own = ends.head(0) if own is None or own.empty else own.dropna(subset=[y])
    taken = {place: [far(height) for height in part[y]] for place, part in own.groupby(x)}
    heights = []
    for place, end in zip(ends[x], map(far, ends[y]), strict=True):
        others = taken.setdefault(place, [])
        begin = min(max(end, low), high)
        possible = [begin, *(other + side * gap for other in others for side in (1, -1))]
        free = [height for height in possible if all(abs(height - other) >= 0.999 * gap for other in others)]
        inside = [height for height in free if low <= height <= high]
        others.append(min(inside or free, key=lambda height: abs(height - begin), default=begin))
        heights.append(back(others[-1]))
    return ends.assign(**{y: heights})


def _layers(axes: Mapping[str, Any], theirs: _Layer, curves: str, names: str, named: _Layer | None) -> list[Spec]:
    places = {axis: axes[axis] for axis in AXES}
    curve = theirs.encoding.get("color", {}).get("field")
    detail = {"detail": {"field": curve, "type": "nominal"}} if curve else {}
    color = {"color": {"field": PAINT, "type": "nominal", "scale": None}}
    line = {"type": "line", "strokeWidth": WIDTH, "clip": True}
    # Beside its end, where there is room for names; else above it and inside.
    side = {"align": "right", "dy": -11}
    if named:
        side = {key: named.mark[key] for key in FITTING if key in named.mark}
    text = {"type": "text", "fontSize": NAME_SIZE, "fontWeight": "bold", **side}
    label = {"text": {"field": "label", "type": "nominal"}}
    return [
        {"data": {"name": curves}, "mark": line, "encoding": places | color | detail},
        {"data": {"name": names}, "mark": text, "encoding": places | color | label},
    ]
