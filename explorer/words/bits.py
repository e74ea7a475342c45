"""What the page Bits shows, in sentences."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.config import LIMITS, SweepConfig
from core.intervals import Interval
from explorer.frames import OPTIMUM, PUBLISHED_BITS, SYMBOL_OF, TRAINED, Proportion, ideal_bits_per_parameter
from explorer.words.shared import OPTIMIZERS, band_legend

BITS_ALT = "Chart of the bits that are memorized against the number of samples N, by three definitions."
PARAMETERS_ALT = "Chart of the most bits that a layer memorizes against its number of parameters, by three definitions."
UNITS = {"parameter": "bits per parameter", "weight": "bits per weight", "total": "bits"}
BITS_TITLES = {unit: name.capitalize() for unit, name in UNITS.items()} | {"total": "Bits memorized"}  # of axes
OTHERS = {"morris": "Morris’", "fano": "Fano’s"}
STEADY = 1.25  # the largest over the smallest, of what may be called the same
COMPARED = (2, 10, 100)  # numbers of classes for which theory is told
PUBLISHED = (
    f"GPT-style transformers hold about {PUBLISHED_BITS:g} bits per parameter (Morris et al., arXiv:2505.24832): "
    "published, of another architecture and another task."
)
UPWARDS = "The largest of several noisy points is biased upwards: some N are lucky."


# --- against N --------------------------------------------------------------------------------------------------------


def bits_legend(config: SweepConfig, layers: Sequence[str]) -> str:
    """How to read the chart."""
    optimum = " Squares: the same at the optimum of the cross-entropy, solved exactly." if "optimum" in layers else ""
    theory = " Fine blue dashes: Liu’s at the optimum, for infinitely many inputs." if "theory" in layers else ""
    return (
        f"{band_legend(len(config.seeds))} Long dashes: all bits of the labels, $N \\log_2 V$.{optimum}{theory} Fine "
        "grey dashes: to where Liu’s bits fall far beyond capacity, by theory (Wilks): $(V - 1) / (2 V \\ln 2)$ per "
        "parameter. Morris’ have no such end: each sample takes the shorter of two codes, the choice is free, and the "
        "luck of many samples adds up, like $\\sqrt{N}$. The most is the mean of the seeds’ own largest. "
        f"{UPWARDS} {PUBLISHED}"
    )


def bits_finding(capacities: pd.DataFrame, config: SweepConfig, unit: str) -> str | None:
    """The most bits by each definition, and at the optimum; None while no seed is complete.

    Args:
        capacities: `explorer.frames.bit_capacities` of one layer, in this unit.
        config: the sweep.
        unit: one of `UNITS`.
    """
    trained, optimum = (capacities[capacities["of"] == of] for of in (TRAINED, OPTIMUM))
    if trained.empty:
        return None
    liu, first, last = _by("liu", trained), config.num_samples[0], config.num_samples[-1]
    others = "; ".join(f"by {by} it is {_told(_by(name, trained), unit)}" for name, by in OTHERS.items())
    over = f"95 % intervals, over {liu['num_seeds']} seeds" if liu["num_seeds"] > 1 else "one seed"
    where = f"From N = {first:,} to {last:,}" if first < last else f"At N = {last:,}"
    sentences = [
        f"{where} the most by Liu’s definition is **{_most(liu, unit)} {UNITS[unit]}**"
        f"{_interval(liu, unit)}{_place(liu)}; {others} ({over})."
    ]
    if liu["is_lower_bound"] and last < LIMITS["num_samples"].high:
        sentences.append("There may be more of Liu’s beyond: move the end of N to the right.")
    if liu["last"] < 0:
        sentences.append(
            f"At N = {last:,} Liu’s bits are negative: the layer is so sure of wrong labels that a guess is better."
        )
    if len(optimum):
        best = _told(_by("liu", optimum), unit)
        sentences.append(f"An ideal optimizer reaches, on the same data and by Liu’s definition, {best}.")
    return " ".join(sentences)


def _by(definition: str, capacities: pd.DataFrame) -> pd.Series:
    """The row of a definition, where there is one."""
    return capacities[capacities["definition"] == definition].iloc[0]


def _told(row: pd.Series, unit: str) -> str:
    return f"{_most(row, unit)}{_interval(row, unit)}{_place(row)}"


def _most(row: pd.Series, unit: str) -> str:
    return f"at least {_number(row['bits'], unit)}" if row["is_lower_bound"] else _number(row["bits"], unit)


def _interval(row: pd.Series, unit: str) -> str:
    return "" if row["num_seeds"] < 2 else f" ({_number(row['low'], unit)} to {_number(row['high'], unit)})"


def _place(row: pd.Series) -> str:
    return f", at N = {row['num_samples']:,}{', where the curve ends' if row['is_lower_bound'] else ''}"


def _number(bits: float, unit: str) -> str:
    digits = 0 if unit == "total" else 2
    return f"{round(bits, digits) + 0.0:,.{digits}f}".replace("-", "−")  # + 0.0: of the two zeros, the positive


# --- against the number of parameters ---------------------------------------------------------------------------------


def parameters_legend(config: SweepConfig, loads: Sequence[float]) -> str:
    """How to read the chart.

    Args:
        config: one of the sweeps.
        loads: the values of N, as shares of the threshold.
    """
    over = "mean over seeds, with its 95 % interval" if len(config.seeds) > 1 else "one seed"
    return (
        f"Mark: the most bits at any of {len(loads)} N, from {loads[0]:g} to {loads[-1]:g} times the threshold of "
        f"theory ({over}); hollow: at least so many, as there may be more at another N. {UPWARDS} Line: through the "
        "origin, by least squares. Fine dashes: all bits of the labels at the threshold, for infinitely many inputs, "
        f"by theory. {PUBLISHED}"
    )


def parameters_finding(table: pd.DataFrame, fits: Mapping[str, Proportion], across: str) -> str | None:
    """How many bits a parameter holds, and whether that is the same for all layers; None while some are missing.

    Args:
        table: `explorer.frames.bit_capacities`, in bits per parameter.
        fits: `explorer.frames.proportions`.
        across: the column that tells the layers apart.
    """
    if not fits:
        return None
    liu, symbol = table[table["definition"] == "liu"].sort_values("bits"), SYMBOL_OF[across]
    least, most = liu.iloc[0], liu.iloc[-1]
    ends = f"from {symbol} = {liu[across].min():,} to {liu[across].max():,}"
    if 0 < most["bits"] <= STEADY * least["bits"]:
        finding = (
            f"By Liu’s definition a parameter holds **{_at_least(liu) or 'about '}{fits['liu'].slope.mean:.2f} bits**, "
            f"roughly whatever {symbol}: {least['bits']:.2f} at {symbol} = {least[across]:,} to {most['bits']:.2f} at "
            f"{symbol} = {most[across]:,}."
        )
    else:
        finding = (
            f"By Liu’s definition a parameter holds **no fixed number of bits** {ends}: {_most(least, 'parameter')} at "
            f"{symbol} = {least[across]:,}, {_most(most, 'parameter')} at {symbol} = {most[across]:,}."
        )
    slopes = ", ".join(
        f"{_at_least(table[table['definition'] == name])}{_known(fits[name].slope)} by {by}"
        for name, by in {"liu": "Liu’s", **OTHERS}.items()
    )
    num_seeds, exponent = fits["liu"].slope.num_values, fits["liu"].exponent
    over = f" (95 % intervals, over {num_seeds} seeds)" if num_seeds > 1 else " (one seed)"
    power = "" if exponent is None else f" Liu’s bits grow like the number of parameters to the {_known(exponent)}."
    return f"{finding} The lines through the origin have slopes of {slopes}{over}.{power}"


def _at_least(capacities: pd.DataFrame) -> str:
    return "at least " if capacities["is_lower_bound"].any() else ""


def _known(interval: Interval) -> str:
    mean = f"{interval.mean:.2f}"
    return mean if interval.num_values < 2 else f"{mean} ({interval.low:.2f} to {interval.high:.2f})"


def no_constant(table: pd.DataFrame, config: SweepConfig) -> str:
    """On what the bits of a parameter depend, in the numbers of one layer.

    Args:
        table: `explorer.frames.bit_capacities` of it, in bits per parameter, with all definitions.
        config: how it was trained.
    """
    [n], num_classes = config.input_dims, config.num_classes
    liu = _by("liu", table)
    others = ", ".join(f"{_most(_by(name, table), 'parameter')} by {by}" for name, by in OTHERS.items())
    per_weight = liu["bits"] * liu["num_parameters"] / liu["num_weights"]
    without_biases = f"{per_weight:.2f} for each weight, without the biases; " if config.bias else ""
    free = liu["bits"] * num_classes / (num_classes - 1)
    theory = ", ".join(f"{ideal_bits_per_parameter(each):.2f} at V = {each}" for each in COMPARED)
    return (
        f"**Why one number is no constant of nature.** At n = {n:,} and V = {num_classes:,} it depends on *the "
        f"definition*: {_most(liu, 'parameter')} bits per parameter by Liu’s, {others}. On *what is counted*: "
        f"{without_biases}{free:.2f} for each free parameter, because a vector added to the weights of all classes "
        "changes nothing. On *the number of classes*: an ideal optimizer of infinitely many inputs would have "
        f"{theory}. On *the optimizer*: that one would have {ideal_bits_per_parameter(num_classes):.2f} here, where "
        f"{OPTIMIZERS[config.optimizer]} has {_most(liu, 'parameter')} in {config.num_steps:,} steps. And on *the "
        "task*: labels are random and inputs are given, so that only labels count, and there is nothing in them to "
        "understand."
    )
