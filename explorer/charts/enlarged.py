"""A chart in larger type, whatever chart it is."""

from collections.abc import Mapping
from typing import Any

TYPE = 1.4
# A plot grows less than its type, to stay on the screen, but enough that the names of its curves keep clear.
PLOT = 1.2
# What Vega-Lite takes where a chart says nothing, in pixels.
UNSAID: dict[str, dict[str, float]] = {
    "axis": {"labelFontSize": 10, "titleFontSize": 11},
    "legend": {"labelFontSize": 10, "titleFontSize": 11},
    "header": {"labelFontSize": 10, "titleFontSize": 11},
    "title": {"fontSize": 13, "subtitleFontSize": 11},
    "text": {"fontSize": 11},
}
DATA = ("data", "datasets")
VIEW = {"mark", "layer"}  # what has one of these has a plot


def enlarged(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same Vega-Lite with every size of type `TYPE` times as large, and every plot `PLOT` times as high."""
    config = spec.get("config", {})
    said = {name: sizes | config.get(name, {}) for name, sizes in UNSAID.items()}
    found: dict[str, Any] = _larger({**spec, "config": {**config, **said}})
    return found


def _larger(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {key: value if key in DATA else _sized(key, value, part) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_larger(each) for each in part]
    return part


def _sized(key: str, value: Any, of: Mapping[str, Any]) -> Any:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _larger(value)
    if key.lower().endswith("fontsize"):
        return value * TYPE
    return value * PLOT if key == "height" and VIEW & set(of) else value
