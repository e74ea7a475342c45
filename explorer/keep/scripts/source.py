"""Configs as Python, formatted as a formatter would."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from string import Template
from typing import Any

import numpy as np

import core
from core.config import RunConfig, SweepConfig

LINE = 120  # letters of a line of code
INDENT = "    "
STANDARD = {
    "replace": "from dataclasses import replace",
    "files": "from importlib.resources import files",
    "combinations": "from itertools import combinations",
}
PREFIXES = {"np": "import numpy as np", "pd": "import pandas as pd"}


def script(template: str, **parts: str) -> str:
    """A script of a template, in which `$name` stands for a part, below the imports of what it uses."""
    body = Template(template).substitute(parts)
    used = [name for name in core.__all__ if re.search(rf"(?<![.\w]){name}\b[(.]", body)]
    blocks = [
        [line for name, line in STANDARD.items() if re.search(rf"(?<!\.)\b{name}\(", body)],
        [line for prefix, line in PREFIXES.items() if re.search(rf"\b{prefix}\.", body)],
        [f"from core import {', '.join(sorted(used, key=lambda name: (name.islower(), name)))}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + f"\n\n{body}"


def config_source(config: RunConfig | SweepConfig, **others: str) -> str:
    """A call that makes the config, one argument a line, without what has its default.

    Args:
        config: any.
        others: arguments that are written otherwise: name -> source.
    """
    told = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name in others:
            told[field.name] = others[field.name]
        elif field.default is MISSING or value != field.default:
            told[field.name] = numbers_source(value) if isinstance(value, tuple) else text(value)
    return call_source(type(config).__name__, told)


def call_source(name: str, arguments: Mapping[str, str]) -> str:
    """A call with one argument a line."""
    lines = []
    for key, value in arguments.items():
        line = f"{INDENT}{key}={value},"
        lines.append(f"{line}  # fmt: skip" if len(line) > LINE else line)
    return "\n".join([f"{name}(", *lines, ")"])


def numbers_source(values: Sequence[Any]) -> str:
    """Numbers as short as they can be written: as a range, as numbers that lie evenly, or one by one."""
    if len(values) > 4 and all(isinstance(value, int) for value in values):
        first, last = values[0], values[-1]
        step = values[1] - first
        if step > 0 and tuple(values) == tuple(range(first, last + 1, step)):
            return f"range({first}, {last + 1})" if step == 1 else f"range({first}, {last + 1}, {step})"
        for spaced in ("linspace", "geomspace"):
            if tuple(values) == tuple(getattr(np, spaced)(first, last, len(values)).round().astype(int).tolist()):
                return f"np.{spaced}({first}, {last}, {len(values)}).round().astype(int)"
    inside = ", ".join(map(text, values))
    return f"({inside},)" if len(values) == 1 else f"({inside})"


def text(value: Any) -> str:
    """A single value."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
