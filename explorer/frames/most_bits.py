"""The most bits of each curve, and what that is in proportion to."""

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.config import SweepConfig
from core.intervals import Interval, mean_interval
from core.memorization import BITS, bit_capacity
from explorer.frames.bits import OPTIMUM, TRAINED, Unit, ideal_bits_per_parameter, unit_size

CAPACITY_COLUMNS = [
    "of",
    "definition",
    "input_dim",
    "num_classes",
    "num_parameters",
    "num_weights",
    "bits",
    "low",
    "high",
    "num_samples",
    "is_lower_bound",
    "is_complete",
    "last",
    "num_seeds",
]


def bit_capacities(bits: pd.DataFrame, configs: Sequence[SweepConfig]) -> pd.DataFrame:
    """One row a curve, with the most bits of it, over the seeds that have it from end to end.

    Where none has, as while a sweep fills: over all seeds at the N that all have, which is a lower bound.

    Args:
        bits: `bits_frame`.
        configs: the sweeps, each of one n.

    Columns `CAPACITY_COLUMNS`: bits is the mean of the seeds' own largest, low and high its 95 % interval (NaN for one
    seed); num_samples is where the mean curve is largest, is_lower_bound whether it could be larger still elsewhere,
    because it ends there or is not yet complete; last is its end.
    """
    rows = []
    for config, of, definition in itertools.product(configs, (TRAINED, OPTIMUM), BITS):
        curves = _curves(bits, config, of, definition)
        complete = curves.dropna()
        known = curves.dropna(axis=1) if complete.empty else complete
        if known.empty:
            continue
        found = bit_capacity([n for n in config.num_samples if n in known], known)
        rows.append(
            {
                "of": of,
                "definition": definition,
                "input_dim": config.input_dims[0],
                "num_classes": config.num_classes,
                "num_parameters": unit_size(config, "parameter"),
                "num_weights": unit_size(config, "weight"),
                "bits": found.mean,
                "low": found.low,
                "high": found.high,
                "num_samples": found.num_samples,
                "is_lower_bound": found.is_lower_bound or complete.empty,
                "is_complete": not complete.empty,
                "last": float(known.iloc[:, -1].mean()),
                "num_seeds": len(known),
            }
        )
    return pd.DataFrame(rows, columns=CAPACITY_COLUMNS)


def _curves(bits: pd.DataFrame, config: SweepConfig, of: str, definition: str) -> pd.DataFrame:
    """Bits of a sweep of one n: a row a seed, a column an N; NaN where there is no result."""
    is_asked = (
        (bits["of"] == of)
        & (bits["definition"] == definition)
        & (bits["input_dim"] == config.input_dims[0])
        & (bits["num_classes"] == config.num_classes)
    )
    table = bits[is_asked].pivot(index="seed", columns="num_samples", values="bits")
    return table.reindex(columns=list(config.num_samples))


# --- layers of several sizes ------------------------------------------------------------------------------------------


class Proportion(NamedTuple):
    """How the most bits grow with the number of parameters, over seeds.

    Attributes:
        slope: bits per parameter, of a straight line through the origin (least squares).
        exponent: of a power law, the slope between logarithms; None where a layer has no bits at all.
    """

    slope: Interval
    exponent: Interval | None


def proportions(bits: pd.DataFrame, configs: Sequence[SweepConfig]) -> dict[str, Proportion]:
    """Of each definition, once some seeds have all curves of several sizes: each seed is fitted by itself."""
    parameters = np.array([unit_size(config, "parameter") for config in configs], float)
    found = {}
    for definition in BITS:
        most = pd.concat(
            [_curves(bits, config, TRAINED, definition).dropna().max(axis=1) for config in configs],
            axis=1,
            join="inner",
        ).to_numpy(float)  # (seeds, sizes)
        if len(most) and len(configs) > 1:
            slopes = most @ parameters / (parameters @ parameters)
            exponents = np.polyfit(np.log(parameters), np.log(most.T), 1)[0] if (most > 0).all() else None
            found[definition] = Proportion(
                mean_interval(slopes), None if exponents is None else mean_interval(exponents)
            )
    return found


def capacities_table(capacities: pd.DataFrame, fits: Mapping[str, Proportion]) -> pd.DataFrame:
    """`bit_capacities` of trained layers beside the fitted lines, and beside what theory says.

    Columns more: fit and residual (bits minus fit), NaN while there is no line; theory, all bits of the labels at the
    threshold for infinitely many inputs.
    """
    slope = capacities["definition"].map({name: fit.slope.mean for name, fit in fits.items()}).astype(float)
    ideal = capacities["num_classes"].map(ideal_bits_per_parameter).astype(float)
    table = capacities.assign(fit=slope * capacities["num_parameters"], theory=ideal * capacities["num_parameters"])
    table["residual"] = table["bits"] - table["fit"]
    return table


def in_unit(table: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """`bit_capacities` or `capacities_table` with all that are bits in this unit."""
    if unit == "total":
        return table
    are_bits = [name for name in ("bits", "low", "high", "last", "fit", "residual", "theory") if name in table]
    return table.assign(**{name: table[name] / table[f"num_{unit}s"] for name in are_bits})
