"""A guess, drawn into the chart that answers it. No Streamlit here."""

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from explorer.charts.style import GUESS, GUESS_DASH, NAME_SIZE, STAR

NAME = "your guess"
LEFT, HALF = 0.35, 0.5  # of an axis: on a phone as wide as the name; its middle
NAMED = (0.75, 0.95)  # of the C axis: here stands the name of C = N
BELOW_TOP = 0.92  # of an axis: so high a guess may stand before the axis is made longer

Spec = dict[str, Any]


def guessed_curve(spec: Mapping[str, Any], points: Sequence[tuple[float, float]]) -> Spec:
    """A chart with a guess at a curve: a dash-dotted line with a star at each point but the first.

    Args:
        spec: Vega-Lite, as of `explorer.charts.spec`.
        points: x and y, in the units of the chart's axes.
    """
    drawn, into, axes = _opened(spec, None)
    _make_room(into, max(y for _, y in points))
    rows = [_row(axes, x=x, y=y) for x, y in points]
    into["layer"] += [
        _layer(_line(), axes, rows),
        *_stars(axes, rows[1:]),
        # Not left of it, where the name of C = N stands on a phone.
        _layer(_text(align="center", dx=4, dy=-18), axes, rows[-1:]),
    ]
    return drawn


def guessed_shape(spec: Mapping[str, Any], shares: Sequence[tuple[float, float]], *, panel: int, alone: bool) -> Spec:
    """A chart with a guess at the shape of a curve, whatever its height.

    Args:
        spec: Vega-Lite, of several panels.
        shares: x in the axis' unit, and the height as a share of the axis.
        panel: into which.
        alone: whether there is nothing but the guess: then it is the only panel, and its height has no numbers.
    """
    if alone:
        spec, panel = dict(spec, vconcat=[spec["vconcat"][panel]]), 0
    drawn, into, axes = _opened(spec, panel)
    top = axes["y"]["scale"]["domain"][1]
    if alone:
        for axis in _axes(into, "y"):
            axis["axis"] = {**axis.get("axis", {}), "labels": False, "ticks": False, "grid": False}
    rows = [_row(axes, x=x, y=share * top) for x, share in shares]
    into["layer"] += [_layer(_line(), axes, rows), _layer(_text(align="right", dy=-14), axes, rows[-1:])]
    return drawn


def guessed_point(spec: Mapping[str, Any], x: float, y: float) -> Spec:
    """A chart with a guess at one point of it: a star."""
    drawn, into, axes = _opened(spec, None)
    _make_room(into, y)
    rows = [_row(axes, x=x, y=y)]
    # Left of it, where C = N leaves room, unless that is outside or where the name of C = N stands.
    low, high = NAMED
    is_left = _share(axes["x"], x) > LEFT and not low < _share(axes["y"], y) < high
    side: Spec = {"align": "right", "dx": -12} if is_left else {"align": "left", "dx": 14}
    into["layer"] += [*_stars(axes, rows), _layer(_text(**side, dy=-8 if is_left else 4), axes, rows)]
    return drawn


def guessed_x(spec: Mapping[str, Any], x: float, *, panels: int = 0, name_at: int = 14) -> Spec:
    """A chart with a guess at a place on its horizontal axis: an upright line, in each of its panels.

    Args:
        spec: Vega-Lite.
        x: the place.
        panels: how many it has; 0 for a chart without.
        name_at: pixels below the top, where nothing else stands.
    """
    drawn = dict(spec)
    for panel in range(panels) if panels else (None,):
        drawn, into, axes = _opened(drawn, panel)
        place = {"x": axes["x"]}
        rows = [_row(axes, x=x)]
        into["layer"].append(_layer(_rule(), place, rows))
        if not panel:  # its name once
            is_right = _share(axes["x"], x) > HALF
            side = {"align": "right", "dx": -8} if is_right else {"align": "left", "dx": 8}
            into["layer"].append(_layer(_text(**side), place | {"y": {"value": name_at}}, rows))
    return drawn


def guessed_y(spec: Mapping[str, Any], y: float) -> Spec:
    """A chart with a guess at a height: a level line; where it lies above the axis, an arrow at the top tells it."""
    drawn, into, axes = _opened(spec, None)
    top = axes["y"]["scale"]["domain"][1]
    rows = [_row(axes, y=min(y, top))]
    place = {"x": {"value": 8}, "y": axes["y"]}
    if y <= top:
        into["layer"] += [
            _layer(_rule(), {"y": axes["y"]}, rows),
            _layer(_text(align="left", dy=-12), place, rows),
        ]
    else:
        into["layer"].append(_layer(_text(align="left", dy=12) | {"text": f"↑ {NAME}: {y:g}"}, place, rows))
    return drawn


def guessed_row(spec: Mapping[str, Any], name: str) -> Spec:
    """A chart of bars with a guess at one of them: a frame around its row."""
    drawn, into, axes = _opened(spec, None)
    rows = [_row(axes, y=name)]
    row = {"y": axes["y"]}
    frame = {"type": "rect", "fill": None, "stroke": GUESS, "strokeDash": GUESS_DASH, "strokeWidth": 3}
    wide = {"x": {"value": 0}, "x2": {"value": {"expr": "width"}}}
    into["layer"] += [
        _layer(frame, row | wide, rows),
        _layer(_text(align="right", dx=-8, dy=-16), row | {"x": {"value": {"expr": "width"}}}, rows),
    ]
    return drawn


def _opened(spec: Mapping[str, Any], panel: int | None) -> tuple[Spec, Spec, dict[str, Any]]:
    """A copy of a chart, the part of it that is drawn into, and that part's axes."""
    drawn = dict(spec)
    if panel is None:
        into = drawn
    else:
        drawn["vconcat"] = list(spec["vconcat"])
        into = drawn["vconcat"][panel] = dict(spec["vconcat"][panel])
    into["layer"] = deepcopy(into["layer"])  # tables stand elsewhere
    # The fields keep their names: an axis of names would else lose its order.
    return drawn, into, {channel: next(_axes(into, channel)) for channel in ("x", "y")}


def _share(axis: Mapping[str, Any], value: float) -> float:
    """How far along an axis a value stands, from 0 to 1."""
    scale = axis["scale"]
    far = math.log if scale.get("type") == "log" else float
    low, high, place = (far(each) for each in (*scale["domain"], value))
    return (place - low) / (high - low)


def _row(axes: Mapping[str, Any], **values: Any) -> Spec:
    """A row of a table of guesses, with the fields of the axes."""
    return {axes[channel]["field"]: value for channel, value in values.items()}


def _axes(part: Mapping[str, Any], channel: str) -> Iterator[dict[str, Any]]:
    """The encodings that say how an axis looks, of all layers."""
    found = part.get("encoding", {}).get(channel, {})
    if "domain" in found.get("scale", {}) or "sort" in found:
        yield found
    for layer in part.get("layer", ()):
        yield from _axes(layer, channel)


def _make_room(part: Spec, y: float) -> None:
    """Let the vertical axis reach above a guess; every layer that has its ends is told."""
    for axis in _axes(part, "y"):
        low, high = axis["scale"]["domain"]
        axis["scale"]["domain"] = [low, max(high, y / BELOW_TOP)]


def _layer(mark: Spec, encoding: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": dict(encoding)}


def _stars(axes: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Spec]:
    mark = {"type": "point", "shape": STAR, "filled": True, "size": 260, "color": GUESS, "opacity": 1}
    return [_layer(mark, axes, rows)]


def _line() -> Spec:
    return {"type": "line", "color": GUESS, "strokeDash": GUESS_DASH, "strokeWidth": 3, "clip": True}


def _rule() -> Spec:
    return {"type": "rule", "color": GUESS, "strokeDash": GUESS_DASH, "strokeWidth": 3}


def _text(**place: Any) -> Spec:
    return {"type": "text", "text": NAME, "color": GUESS, "fontSize": NAME_SIZE, "fontWeight": "bold", **place}
