"""How many bits are memorized against N, by each definition, and what to compare that with."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.config import SweepConfig
from core.memorization import BITS, far_tail_bits_per_weight
from core.theory import capacity_per_dim, optimum_per_dim
from explorer.frames.runs import band_frame
from explorer.frames.theory import NUM_POINTS, threshold
from explorer.jobs import Row

Unit = Literal["parameter", "weight", "total"]
DEFINITIONS = {"liu": "Liu", "morris": "Morris", "fano": "Fano"}  # names of `core.memorization.BITS`
TRAINED, OPTIMUM = "trained", "optimum"
BITS_COLUMNS = ["of", "definition", "input_dim", "num_classes", "num_samples", "seed", "bits"]
PUBLISHED_BITS = 3.6  # per parameter, of GPT-style transformers: Morris et al., arXiv:2505.24832


def bits_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a result and definition, without runs that diverged; columns `BITS_COLUMNS`.

    `of`: `TRAINED`, or `OPTIMUM` for the optimum of the cross-entropy on the same data.
    """
    return pd.DataFrame(
        [
            {
                "of": OPTIMUM if "verdict" in row else TRAINED,
                "definition": definition,
                **{name: row[name] for name in ("input_dim", "num_classes", "num_samples", "seed")},
                "bits": row["bits"][definition],
            }
            for row in rows
            if not row.get("diverged", False)
            for definition in BITS
        ],
        columns=BITS_COLUMNS,
    )


def unit_size(config: SweepConfig, unit: Unit) -> int:
    """What the bits of a sweep of one n are divided by: its V (n + bias) parameters, its V n weights, or 1."""
    [n] = config.input_dims
    return {"parameter": config.num_classes * (n + config.bias), "weight": config.num_classes * n, "total": 1}[unit]


def bits_points(bits: pd.DataFrame, size: int) -> pd.DataFrame:
    """One row for each `of`, definition and N: those of `band_frame` for the bits in units of `size`.

    Unlike other bands these may go below 0: Liu's bits do where the layer is worse than a guess.
    """
    shared = bits.assign(bits=bits["bits"] / size, diverged=False)
    points = band_frame(shared, ["of", "definition", "num_samples"], "bits")
    points["low"] = points["mean"] - points["sd"]
    return points


def ideal_bits_per_parameter(num_classes: int) -> float:
    """All bits of the labels at the threshold, for each of V (n + bias) parameters, by theory: alpha_c log2 V / V."""
    return capacity_per_dim(num_classes) * math.log2(num_classes) / num_classes


class Guides(NamedTuple):
    """What to compare a curve of bits with, in its unit.

    Attributes:
        a_sample: all bits of one label, log2 V.
        threshold: the N up to which everything can be memorized, by theory.
        far_tail: to what Liu's bits fall far beyond it, by theory.
        published: of another architecture; None where the unit cannot be compared.
    """

    a_sample: float
    threshold: float
    far_tail: float
    published: float | None


def guides(config: SweepConfig, unit: Unit) -> Guides:
    """Those of a sweep of one n."""
    [n], size = config.input_dims, unit_size(config, unit)
    return Guides(
        math.log2(config.num_classes) / size,
        threshold(n, config.num_classes, bias=config.bias),
        far_tail_bits_per_weight(config.num_classes) * unit_size(config, "parameter") / size,
        None if unit == "total" else PUBLISHED_BITS,
    )


def bits_theory(config: SweepConfig, unit: Unit) -> pd.DataFrame:
    """Liu's bits at the optimum of the cross-entropy, for infinitely many inputs: num_samples, bits in this unit.

    A bias counts as one more input.
    """
    [n] = config.input_dims
    num_samples = np.geomspace(1, config.num_samples[-1], NUM_POINTS)
    loss = optimum_per_dim(config.num_classes, num_samples / (n + config.bias)).loss
    bits = num_samples * (np.log(config.num_classes) - loss) / np.log(2)
    return pd.DataFrame({"num_samples": num_samples, "bits": bits / unit_size(config, unit)})
