"""Rows of runs and optima that memorized so many bits."""

from typing import Any

from explorer import frames
from explorer.jobs import Row
from tests.explorer.frames.rows import row


def bits_row(num_samples: int, seed: int, liu: float, n: int = 3, num_classes: int = 4, **others: Any) -> Row:
    """A run that memorized so many bits by Liu's definition, 1 more by Morris' and half as many by Fano's."""
    bits = {"liu": liu, "morris": liu + 1, "fano": liu / 2}
    return row(n, num_samples, seed, 5, num_classes=num_classes, bits=bits, **others)


def optimal(run: Row) -> Row:
    return {name: run[name] for name in frames.LIMITS_COLUMNS if name in run} | {"verdict": "separable"}
