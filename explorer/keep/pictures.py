"""Charts as files: Vega-Lite that holds its own data, and pictures of it. Nothing here knows Streamlit."""

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import vl_convert

WIDTH = 960  # of a picture, in pixels before it is scaled: about what the page gives a chart on a laptop
SCALE = 2  # sharp on a projector and in print
LINE = 175  # letters of the small type that fit into the width
SMALL = 11  # points
# The one that altair writes, so that a picture shows what the page shows.
VL_VERSION = "6.4"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MARGIN = 12  # pixels of white around a picture
UNBROKEN = "\u00a0"  # a space at which no line ends
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")  # the font that a picture of dots is sure of has no such digits


def self_contained(spec: Mapping[str, Any], title: str, small: Sequence[str]) -> dict[str, Any]:
    """A chart of a page as Vega-Lite that needs nothing else: it can be opened in any editor of Vega-Lite.

    Args:
        spec: as the page draws it; its tables may be tables of pandas.
        title: what it shows.
        small: below the title in small type: with what settings it was made. It has lines of its own, which end at
            spaces, but at none that is `UNBROKEN`.
    """
    lines = [line for text in small for line in textwrap.wrap(text, LINE, break_on_hyphens=False)]
    return {
        "$schema": SCHEMA,
        **_with_width({key: value for key, value in spec.items() if key not in ("$schema", "datasets")}),
        "title": {
            "text": title,
            "subtitle": [line.replace(UNBROKEN, " ") for line in lines],
            "anchor": "start",
            "frame": "bounds",  # from the left end of the labels, where it has the whole width
            "offset": 14,
            "fontSize": 18,
            "subtitleFontSize": SMALL,
            "subtitleColor": "#4a5560",
        },
        "background": "white",
        "padding": MARGIN,
        "datasets": {name: records(table) for name, table in spec.get("datasets", {}).items()},
    }


def _with_width(spec: Mapping[str, Any]) -> dict[str, Any]:
    """On a page the container gives a chart its width; alone it needs one, and so does each part of a stack."""
    if "vconcat" in spec:
        return {**spec, "vconcat": [_with_width(part) for part in spec["vconcat"]]}
    return {"width": WIDTH, **spec}


def records(table: pd.DataFrame | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A table as JSON knows it: a missing or infinite number is null."""
    rows = table.to_dict("records") if isinstance(table, pd.DataFrame) else table
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value  # a number of NumPy's
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(spec: Mapping[str, Any]) -> bytes:
    """`self_contained` as text."""
    return json.dumps(spec, ensure_ascii=False, indent=1, allow_nan=False).encode()


def as_png(spec: Mapping[str, Any]) -> bytes:
    """`self_contained` as a picture of dots. Nothing is fetched from anywhere."""
    text = json.dumps(spec, ensure_ascii=False).translate(LOWERED)
    return vl_convert.vegalite_to_png(text, vl_version=VL_VERSION, scale=SCALE, allowed_base_urls=[])


def as_svg(spec: Mapping[str, Any]) -> bytes:
    """`self_contained` as a picture of lines. Nothing is fetched from anywhere."""
    return vl_convert.vegalite_to_svg(dict(spec), vl_version=VL_VERSION, allowed_base_urls=[]).encode()
