"""A chart's specification taken apart: what a test asks of it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def as_json(spec: dict[str, Any]) -> dict[str, Any]:
    """With tables as JSON has them, as Vega-Lite's schema wants them."""
    tables = {
        name: table.to_dict("records") if isinstance(table, pd.DataFrame) else table
        for name, table in spec["datasets"].items()
    }
    return spec | {"datasets": tables}


def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All layers of all panels, however deep they are nested, each with the data that it has from those around it."""
    nested = spec.get("layer") or spec.get("vconcat")
    if nested is None:
        return [spec]
    around = {"data": spec["data"]} if "data" in spec else {}
    return [each for layer in nested for each in layers(around | layer)]


def of_mark(spec: dict[str, Any], **properties: Any) -> list[dict[str, Any]]:
    return [layer for layer in layers(spec) if properties.items() <= layer["mark"].items()]


def data_of(spec: dict[str, Any], layer: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(spec["datasets"][layer["data"]["name"]])


def shown(spec: dict[str, Any], channel: str) -> NDArray[np.float64]:
    """All values that any layer puts on an axis."""
    values: list[float] = []
    for layer in layers(spec):
        data = data_of(spec, layer)
        encodings = (layer["encoding"].get(key, {}) for key in (channel, f"{channel}2"))
        names = [
            encoding["field"] for encoding in encodings if "field" in encoding
        ]  # others stand at a place in pixels
        for name in names:
            if len(data):
                values += data[name].dropna().tolist()
    return np.array(values)


def domain(spec: dict[str, Any], channel: str) -> tuple[float, float]:
    domains = {
        tuple(layer["encoding"][channel]["scale"]["domain"])
        for layer in layers(spec)
        if "scale" in layer["encoding"].get(channel, {})
    }
    [only] = domains
    return only
