"""What the view Scaling shows, in sentences."""

import math
from collections.abc import Sequence

import pandas as pd

from core.config import SweepConfig
from explorer.frames import CapacityKind
from explorer.words.shared import counted

SCALING_ALT = "Chart of the capacity against the size of the layer, with theory; below, how far it is from theory."
CLAIMED = 4  # samples for each input dimension, as the post says
POST = {10: "", 40: ", which the post’s text names,"}
FIGURES = "The published figures, too, fit V = 10 and not V = 40: see the page *Capacity*."
NO_LAYER = "Choose at least one input dimension n and one number of classes V, and their capacities appear here."


def scaling_legend(by: CapacityKind, config: SweepConfig) -> str:
    """How to read the chart and its numbers.

    Args:
        by: which capacity.
        config: one of the sweeps.
    """
    seeds = counted(len(config.seeds), "seed")
    what = {
        "trained": f"Points: the $N$ up to which at least 95 % are memorized, on the mean curve of {seeds}, trained "
        f"for {config.num_steps:,} steps, as on the page *Capacity*.",
        "separable": f"Points: the $N$ up to which a data set can be memorized completely, on average over {seeds}; "
        "at that $N$ about half of the data sets still can. Each verdict is proved; where one is missing, only a bound "
        "is known. Wide pale bars: from the largest $N$ up to which all can, to the smallest from which on none can.",
    }[by]
    bars = " Thin bars: 95 % interval of that mean, from the spread over the seeds." if len(config.seeds) > 1 else ""
    inputs = "(n + 1)$, the bias being one more input" if config.bias else "n$"
    return (
        f"{what}{bars} Fine dashes: theory for $n \\to \\infty$, $\\alpha_c(V)\\,{inputs}. Thin lines: $a(V)\\,n$, "
        "fitted to the points of all $n$. Below: how many per cent a capacity lies beyond theory; points of one size "
        "stand side by side."
    )


def post_answer(slopes: pd.DataFrame, by: CapacityKind) -> str | None:
    """Whether capacity is about 4 n, as the post says: for V = 10 and for V = 40, as far as they are known.

    Args:
        slopes: `explorer.frames.slope_frame`.
        by: which capacity.
    """
    known = {row["num_classes"]: row for _, row in slopes.iterrows()}
    parts = [
        f"For V = {v}{aside} we find **{known[v]['slope']:.1f} n**{_interval(known[v])}: {_verdict(known[v])}."
        for v, aside in POST.items()
        if v in known
    ]
    if not parts:
        return None
    subject = {
        "trained": "The post says that a layer memorizes about 4 n labels.",
        "separable": "The post says that a layer memorizes about 4 n labels, by training; here is what could be had "
        "without an error.",
    }[by]
    figures = FIGURES if by == "trained" and len(parts) == len(POST) else ""
    return " ".join(part for part in (subject, *parts, figures) if part)


def _verdict(row: pd.Series) -> str:
    """Whether a slope rounds to the post's 4; where its interval says so and it does not, that this may be."""
    low, high = CLAIMED - 0.5, CLAIMED + 0.5
    if low <= row["slope"] < high:
        return "that is about 4 n"
    if row["low"] < high and row["high"] > low:
        return "within what may be chance, that is about 4 n"
    return f"that is {'more' if row['slope'] > CLAIMED else 'less'} than 4 n"


def _interval(row: pd.Series) -> str:
    if math.isnan(row["low"]):
        return ""
    return f" (95 % interval {row['low']:.1f} to {row['high']:.1f})"


def slopes_finding(slopes: pd.DataFrame) -> str | None:
    """How capacity grows with V, beside theory; None while fewer than two V are known."""
    if len(slopes) < 2:
        return None
    first, last = slopes.iloc[0], slopes.iloc[-1]
    few, many = first["num_classes"], last["num_classes"]
    return (
        f"From V = {few:.0f} to V = {many:.0f} capacity grows from {first['slope']:.2f} n to {last['slope']:.2f} n "
        f"(theory, for these n: {first['theory']:.2f} n and {last['theory']:.2f} n), more slowly than the V n weights: "
        f"one sample takes {few / first['slope']:.1f} of them at V = {few:.0f} and {many / last['slope']:.1f} at "
        f"V = {many:.0f}."
    )


def bend_finding(scaling: pd.DataFrame, by: CapacityKind, *, bias: bool) -> str | None:
    """How C / n changes with n, and why; None while no V has two n.

    Args:
        scaling: `explorer.frames.scaling_frame`.
        by: which capacity.
        bias: whether the layers have one.
    """
    known = scaling[scaling["bound"] == ""]
    curves = [curve.sort_values("input_dim") for _, curve in known.groupby("num_classes") if len(curve) > 1]
    if not curves:
        return None
    longest = max(curves, key=lambda curve: (len(curve), curve["num_classes"].iloc[0]))
    first, last = longest.iloc[0], longest.iloc[-1]
    sentences = [
        f"C / n is not quite the same for all n: at V = {first['num_classes']:.0f} it is {first['per_dim']:.2f} at "
        f"n = {first['input_dim']:.0f} and {last['per_dim']:.2f} at n = {last['input_dim']:.0f}."
    ]
    if bias:
        sentences.append(
            "The bias counts as one more input, so that theory says C = α (n + 1), which makes C / n larger at small n."
        )
    if first["per_dim"] < last["per_dim"]:
        sentences += _why_less(by, bias=bias, has_few_inputs=first["input_dim"] < first["num_classes"] - 1)
    above = known[known["residual_low"] > 0]
    if by == "separable" and len(above):
        sentences.append(
            f"Some capacities lie above theory, by up to {above['residual'].max():.0f} %: theory holds for n → "
            "∞, and layers of these n can hold more."
        )
    return " ".join(sentences)


def _why_less(by: CapacityKind, *, bias: bool, has_few_inputs: bool) -> list[str]:
    """What makes C / n smaller at small n."""
    reasons = []
    if has_few_inputs:
        reasons.append("with fewer inputs than classes, the logits of all classes cannot be moved one by one")
    if by == "trained":
        reasons.append(
            "with few samples, luck differs more from data set to data set, and those that fail early pull the mean "
            "below 95 %"
        )
        reasons.append(
            "in the same number of steps, training comes less close to the limit (*All, exactly* shows the limit "
            "itself)"
        )
    return [f"{'Yet it' if bias else 'It'} is smaller there: {'; '.join(reasons)}."] if reasons else []


BOUNDS: dict[CapacityKind, dict[str, str]] = {
    "trained": {
        "at least": "The curve ends before the capacity, which is larger than shown, for {}.",
        "at most": "Not even the smallest data set is memorized, and the capacity is smaller than shown, for {}: more "
        "steps or a larger learning rate may help.",
    },
    "separable": {
        "at least": "Even at the largest N not every data set is known to fail, and the capacity may be larger than "
        "shown, for {}.",
        "at most": "Some data sets fail even at the smallest N, or could not be decided, and the capacity may be "
        "smaller than shown, for {}.",
    },
}


def bounds_note(scaling: pd.DataFrame, by: CapacityKind) -> str | None:
    """Which capacities are only bounded, and why; None if none is.

    Args:
        scaling: `explorer.frames.scaling_frame`.
        by: which capacity.
    """
    notes = []
    for bound, sentence in BOUNDS[by].items():
        layers = scaling[scaling["bound"] == bound]
        if len(layers):
            notes.append(sentence.format(_names(list(zip(layers["input_dim"], layers["num_classes"], strict=True)))))
    return " ".join(notes) or None


def _names(layers: Sequence[tuple[int, int]]) -> str:
    return "; ".join(f"n = {n}, V = {v}" for n, v in layers)


def left_out_note(layers: Sequence[tuple[int, int]]) -> str | None:
    """Which layers (n, V) were left out because their exact limits take too long; None if none was."""
    if not layers:
        return None
    return (
        f"Left out, because exact limits so near the threshold take long, the more so the larger the layer: "
        f"{_names(layers)}. Choose fewer layers or seeds, or one of these alone, and they are computed."
    )


def undecided_note(scaling: pd.DataFrame) -> str | None:
    """How many data sets have no verdict, and what that means; None if all were decided."""
    count = int(scaling["num_undecided"].sum())
    if count == 0:
        return None
    return f"{counted(count, 'data set')} could not be decided, so that only bounds are known for their layers."
