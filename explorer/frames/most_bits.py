"""The most bits of each curve, and what that is in proportion to."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.config import SweepConfig
from core.intervals import Interval, jackknife_interval
from core.memorization import BITS, bit_capacity
from explorer.frames.bits import OPTIMUM, TRAINED, Unit, ideal_bits_per_parameter, unit_size

ENDLESS = ("morris",)  # definitions whose bits grow with N without end: a curve only has a largest so far
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

    Columns `CAPACITY_COLUMNS`: num_samples is where the mean over seeds is largest, bits that mean; low and high are
    its 95 % interval (NaN for one seed), which ends at all bits of the labels there; is_lower_bound whether there may
    be more elsewhere, because the curve ends there, is not yet complete or has no largest; last is its end.
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
                "high": min(found.high, found.num_samples * math.log2(config.num_classes)),
                "num_samples": found.num_samples,
                "is_lower_bound": found.is_lower_bound or complete.empty or definition in ENDLESS,
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
    """How the most bits grow with the number of parameters.

    Attributes:
        slope: of a straight line through the origin: the mean over layers of the bits per parameter, so that each
            layer counts the same. Least squares of the bits themselves would follow the largest layer alone.
        exponent: of a power law, the slope between logarithms; None where a layer has no bits at all.
    """

    slope: Interval
    exponent: Interval | None


def proportions(bits: pd.DataFrame, configs: Sequence[SweepConfig]) -> dict[str, Proportion]:
    """Of each definition, once some seeds have all curves of several sizes: what these seeds' most bits show."""
    parameters = np.array([unit_size(config, "parameter") for config in configs], float)
    found = {}
    for definition in BITS:
        curves = [_curves(bits, config, TRAINED, definition).dropna() for config in configs]
        joined = pd.concat(curves, axis=1, join="inner").to_numpy(float)  # (seeds, all N of all layers)
        if len(joined) and len(configs) > 1:
            found[definition] = _proportion(joined, parameters, [len(config.num_samples) for config in configs])
    return found


def _proportion(curves: NDArray[np.float64], parameters: NDArray[np.float64], num_points: Sequence[int]) -> Proportion:
    """That of layers whose curves, of so many points each, lie side by side in each row, which is a seed."""
    begins = np.cumsum([0, *num_points[:-1]])

    def most(seeds: NDArray[np.float64]) -> NDArray[np.float64]:
        largest: NDArray[np.float64] = np.maximum.reduceat(seeds.mean(0), begins)
        return largest

    def slope(seeds: NDArray[np.float64]) -> float:
        return float((most(seeds) / parameters).mean())

    def exponent(seeds: NDArray[np.float64]) -> float:
        return float(np.polyfit(np.log(parameters), np.log(most(seeds)), 1)[0])

    has_power = (most(curves.min(0, keepdims=True)) > 0).all()  # also without some of the seeds
    return Proportion(jackknife_interval(slope, curves), jackknife_interval(exponent, curves) if has_power else None)


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
