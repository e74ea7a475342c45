"""One chart behind another: its measured curves, quietly grey. No Streamlit here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from explorer.charts.style import GUIDE, HEIGHT, MEASURED, spread

Spec = dict[str, Any]

WIDTH = 2.5
AXES = ("x", "y")


class _Curves(NamedTuple):
    """The layer of a panel that draws its measured curves."""

    mark: Mapping[str, Any]
    encoding: Mapping[str, Any]
    table: str


def overlaid(spec: Spec, behind: Spec, *, name: str) -> Spec | None:
    """`spec` with the measured curves of `behind` in it, in grey and with their name; its own colours stay.

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
    found = [(_curves(panel), _curves(other)) for panel, other in zip(panels, others, strict=True)]
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
            tables[curves], ends = _tables(points, theirs.encoding, name)
            height = panel.get("height", HEIGHT)
            tables[names] = _apart(ends, theirs.encoding["y"], domains["y"], room=HEIGHT / height)
            line, text = _layers(_widened(ours.encoding, domains), theirs, curves, names)
            wider = {**wider, "layer": [line, *wider["layer"], text]}
        drawn.append(wider)
    whole = {**spec, "vconcat": drawn} if "vconcat" in spec else drawn[0]
    return {**whole, "datasets": {**spec["datasets"], **tables}}


def _panels(spec: Spec) -> list[Spec]:
    """The panels of a chart, one above the other; a plain chart is one."""
    return (
        [{"data": spec["data"], **panel} if "data" in spec else panel for panel in spec["vconcat"]]
        if "vconcat" in spec
        else [spec]
    )


def _curves(panel: Spec) -> _Curves | None:
    return next(
        (found for found in _marks(panel) if found.mark["type"] == "line" and found.mark.get("style") == MEASURED), None
    )


def _marks(view: Spec, table: str = "") -> Iterator[_Curves]:
    """All marks of a panel, each with the data that it has from those around it."""
    table = view.get("data", {}).get("name", table)
    for layer in view.get("layer", ()):
        yield from _marks(layer, table)
    if "mark" in view:
        yield _Curves(view["mark"], view["encoding"], table)


def _kind(curves: _Curves) -> list[Any]:
    """What two panels must have in common to be laid one on the other."""
    channels = [curves.encoding[axis] for axis in AXES]
    return [(each["field"], each.get("title"), each["scale"].get("type")) for each in channels]


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
    for axis in AXES:
        channel = found.get(axis)
        if isinstance(channel, dict) and "domain" in channel.get("scale", {}):
            found[axis] = {**channel, "scale": {**channel["scale"], "domain": list(domains[axis])}}
    return found


def _tables(points: pd.DataFrame, encoding: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The points of the curves, and where the name of each stands."""
    x, y = (encoding[axis]["field"] for axis in AXES)
    curve = encoding.get("color", {}).get("field")
    shown = points[[x, y, *([curve] if curve else [])]].sort_values(x)
    groups = [(f"{name}, {each}", part) for each, part in shown.groupby(curve)] if curve else [(name, shown)]
    return shown, pd.concat([part.dropna().tail(1).assign(label=label) for label, part in groups])


def _apart(ends: pd.DataFrame, y: Mapping[str, Any], domain: Sequence[float], *, room: float) -> pd.DataFrame:
    """The same ends, far enough apart for their names, and none above the axis.

    Args:
        ends: one row a name.
        y: the channel of their heights.
        domain: where the axis begins and ends.
        room: how much more of the axis a name takes than of one that is `HEIGHT` high.
    """
    is_logarithmic = y["scale"].get("type") == "log"
    low, high = np.log10(domain) if is_logarithmic else domain
    names = spread(ends.rename(columns={y["field"]: "mean"}), height=room * (high - low), is_logarithmic=is_logarithmic)
    heights = np.log10(names["mean"]) if is_logarithmic else names["mean"]
    heights = heights - max(0.0, heights.max() - high)
    return names.assign(mean=np.power(10, heights) if is_logarithmic else heights).rename(columns={"mean": y["field"]})


def _layers(axes: Mapping[str, Any], theirs: _Curves, curves: str, names: str) -> list[Spec]:
    places = {axis: axes[axis] for axis in AXES}
    curve = theirs.encoding.get("color", {}).get("field")
    detail = {"detail": {"field": curve, "type": "nominal"}} if curve else {}
    line = {"type": "line", "color": GUIDE, "strokeWidth": WIDTH, "clip": True}
    # Above its end and inside: beyond the end stands the name of the other's.
    text = {"type": "text", "color": GUIDE, "fontSize": 15, "fontWeight": "bold", "align": "right", "dy": -11}
    return [
        {"data": {"name": curves}, "mark": line, "encoding": places | detail},
        {"data": {"name": names}, "mark": text, "encoding": places | {"text": {"field": "label", "type": "nominal"}}},
    ]
