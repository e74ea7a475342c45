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


def bits_legend(config: SweepConfig, layers: Sequence[str], unit: str) -> str:
    """How to read the chart.

    Args:
        config: the sweep.
        layers: which exact limits are shown.
        unit: one of `UNITS`.
    """
    optimum = " Squares: the same at the optimum of the cross-entropy, solved exactly." if "optimum" in layers else ""
    theory = " Fine blue dashes: Liu’s at the optimum, for infinitely many inputs." if "theory" in layers else ""
    if len(config.seeds) > 1:
        most = (
            "The maximum is that of the mean over seeds. Its interval allows for the choice of N (jackknife over "
            "seeds), and ends at all bits of the labels at this N."
        )
    else:
        most = "The maximum is that of the one seed."
    return (
        f"{band_legend(len(config.seeds))} Long dashes: all bits of the labels, $N \\log_2 V$.{optimum}{theory} Fine "
        f"grey dashes: the limit of Liu’s bits far beyond capacity, by theory (Wilks): {_far_tail(config, unit)}. "
        "Morris’ bits have no such limit: each sample may choose the shorter of two codes at no cost, so that what "
        "many samples gain by luck adds up, like $\\sqrt{N}$; a maximum over finitely many N is therefore only a lower "
        f"bound. {most} {UPWARDS} {PUBLISHED}"
    )


def _far_tail(config: SweepConfig, unit: str) -> str:
    """`core.memorization.far_tail_bits_per_weight` in this unit, as a formula."""
    inputs = " (n + 1)" if config.bias else " n"  # a bias counts as one more input
    match unit:
        case "total":
            return f"$(V - 1){inputs} / (2 \\ln 2)$"
        case "weight" if config.bias:
            return f"$(V - 1){inputs} / (2 V n \\ln 2)$ per weight"
    return f"$(V - 1) / (2 V \\ln 2)$ per {unit}"


def bits_finding(capacities: pd.DataFrame, config: SweepConfig, unit: str) -> str | None:
    """The maximum by each definition, and at the optimum; None while no seed is complete.

    Args:
        capacities: `explorer.frames.bit_capacities` of one layer, in this unit.
        config: the sweep.
        unit: one of `UNITS`.
    """
    trained, optimum = (capacities[capacities["of"] == of] for of in (TRAINED, OPTIMUM))
    if trained.empty:
        return None
    liu, first, last = _by("liu", trained), config.num_samples[0], config.num_samples[-1]
    others = "; ".join(f"by {by} it is {_told(_by(name, trained), unit, last)}" for name, by in OTHERS.items())
    over = f"95 % intervals, over {liu['num_seeds']} seeds" if liu["num_seeds"] > 1 else "one seed"
    where = f"From N = {first:,} to {last:,}" if first < last else f"At N = {last:,}"
    sentences = [
        f"{where}, the maximum by Liu’s definition is **{_most(liu, unit)} {UNITS[unit]}**"
        f"{_interval(liu, unit)}{_place(liu, last)}; {others} ({over})."
    ]
    if liu["is_lower_bound"] and last < LIMITS["num_samples"].high:
        sentences.append("Beyond that N, Liu’s bits may still grow: move the end of N to the right.")
    if liu["last"] < 0:
        sentences.append(
            f"At N = {last:,} Liu’s bits are negative: the layer is so sure of wrong labels that guessing would be "
            "better."
        )
    if len(optimum):
        best = _told(_by("liu", optimum), unit, last)
        sentences.append(f"An ideal optimizer reaches, on the same data and by Liu’s definition, {best}.")
    return " ".join(sentences)


def _by(definition: str, capacities: pd.DataFrame) -> pd.Series:
    """The row of a definition, where there is one."""
    return capacities[capacities["definition"] == definition].iloc[0]


def _told(row: pd.Series, unit: str, last: int) -> str:
    return f"{_most(row, unit)}{_interval(row, unit)}{_place(row, last)}"


def _most(row: pd.Series, unit: str) -> str:
    return f"at least {_number(row['bits'], unit)}" if row["is_lower_bound"] else _number(row["bits"], unit)


def _interval(row: pd.Series, unit: str) -> str:
    return "" if row["num_seeds"] < 2 else f" ({_number(row['low'], unit)} to {_number(row['high'], unit)})"


def _place(row: pd.Series, last: int) -> str:
    return f", at N = {row['num_samples']:,}{', where the curve ends' if row['num_samples'] == last else ''}"


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
    over = "of the mean over seeds, with its 95 % interval" if len(config.seeds) > 1 else "one seed"
    return (
        f"Mark: the maximum over {len(loads)} values of N, from {loads[0]:g} to {loads[-1]:g} times the threshold of "
        f"theory ({over}); hollow: a lower bound, as there may be more at another N, and by Morris’ definition there "
        f"is. {UPWARDS} Bits against N has other values of N, so that its maximum for the same layer may differ by a "
        "few per cent. Coloured line: proportional to the number of parameters, with the mean over layers of the bits "
        "per parameter, so that each layer counts the same. Fine dashes: all bits of the labels at the threshold, for "
        f"infinitely many inputs, by theory. {PUBLISHED}"
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
            f"roughly the same for every {symbol}: from {least['bits']:.2f} at {symbol} = {least[across]:,} to "
            f"{most['bits']:.2f} at {symbol} = {most[across]:,}."
        )
    else:
        finding = (
            f"By Liu’s definition a parameter holds **no fixed number of bits** {ends}: {_most(least, 'parameter')} at "
            f"{symbol} = {least[across]:,}, but {_most(most, 'parameter')} at {symbol} = {most[across]:,}."
        )
    slopes = ", ".join(
        f"{_at_least(table[table['definition'] == name])}{_known(fits[name].slope)} bits by {by}"
        for name, by in {"liu": "Liu’s", **OTHERS}.items()
    )
    num_seeds, exponent = fits["liu"].slope.num_values, fits["liu"].exponent
    over = f" (95 % intervals, over {num_seeds} seeds)" if num_seeds > 1 else " (one seed)"
    power = (
        "" if exponent is None else f" Liu’s bits grow like the number of parameters to the power {_known(exponent)}."
    )
    return f"{finding} Averaged over the layers, a parameter holds {slopes}{over}.{power}"


def _at_least(capacities: pd.DataFrame) -> str:
    return "at least " if capacities["is_lower_bound"].any() else ""


def _known(interval: Interval) -> str:
    mean = f"{interval.mean:.2f}"
    return mean if interval.num_values < 2 else f"{mean} ({interval.low:.2f} to {interval.high:.2f})"


def no_constant(table: pd.DataFrame, config: SweepConfig) -> str:
    """What the bits of a parameter depend on, in the numbers of one layer.

    Args:
        table: `explorer.frames.bit_capacities` of it, in bits per parameter, with all definitions.
        config: how it was trained.
    """
    [n], num_classes = config.input_dims, config.num_classes
    liu = _by("liu", table)
    others = ", ".join(f"{_most(_by(name, table), 'parameter')} by {by}" for name, by in OTHERS.items())
    per_weight = liu["bits"] * liu["num_parameters"] / liu["num_weights"]
    without_biases = f"{per_weight:.2f} for each weight, if biases are not counted; " if config.bias else ""
    free = liu["bits"] * num_classes / (num_classes - 1)
    theory = ", ".join(f"{ideal_bits_per_parameter(each):.2f} at V = {each}" for each in COMPARED)
    return (
        "**Why bits per parameter are no constant of nature.** They depend on *the definition*: at n = "
        f"{n:,} and V = {num_classes:,} they are {_most(liu, 'parameter')} by Liu’s, {others}. On *what is counted*: "
        f"{without_biases}{free:.2f} for each free parameter, because adding the same vector to the weights of all "
        "classes changes nothing. On *the number of classes*: an ideal optimizer would reach, with infinitely many "
        f"inputs, {theory}. On *the optimizer*: the ideal one would reach {ideal_bits_per_parameter(num_classes):.2f} "
        f"here, where {OPTIMIZERS[config.optimizer]} reaches {_most(liu, 'parameter')} in {config.num_steps:,} steps. "
        "And on *the task*: the labels are random and the inputs are given, so that only labels count, and there is "
        "nothing in them to understand."
    )
