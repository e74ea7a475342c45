"""What the page Capacity shows, in sentences."""

import math
from collections.abc import Sequence

import pandas as pd

from core.config import SweepConfig
from explorer.words.shared import CITATION, band_legend, mean_count, signed

CAPACITY_ALT = "Chart of the number of memorized samples C against the number of samples N, one curve for each n."
COARSE = 0.5  # a gap between points of more than this share of a capacity is too wide to read it off
SAME = 0.03  # of C: on average no farther from the optimum, training is as good as there
# Measured at n = 40, V = 10, a point each 5 N: on average 180 ± 5 of one seed alone, 174 ± 3 of the mean of 4, and 173
# of that of 32. "The last N" lets a lucky point count, and the fewer seeds, the more of them there are.
ONE_SEED = " With one seed a lucky last point counts, often a few per cent too high; with other seeds the circle moves."
FITS_WITHIN = 8  # samples: the published curves are one run each, ours a mean over seeds


def capacity_legend(config: SweepConfig, layers: Sequence[str] = (), *, with_published: bool) -> str:
    """How to read the chart."""
    diamonds = f" Diamonds: published, one run each, read off Figure 1 of {CITATION}." if with_published else ""
    exact = (
        " Squares: the optimum of the cross-entropy of the same data, solved exactly." if "optimum" in layers else ""
    )
    theory = (
        " Fine dashes: the optimum for infinitely many inputs, by theory; cross: the $N$ up to which it says that all "
        "can be memorized."
        if "theory" in layers
        else ""
    )
    return (
        f"{band_legend(len(config.seeds))} Circle, on the line $C = N$: the capacity, or the knee: the last $N$ with "
        "at least 95 % memorized, interpolated between the points; it belongs to this training, and other steps and "
        f"learning rates move it.{ONE_SEED if len(config.seeds) == 1 else ''} Long dashes: everything memorized, "
        "$C = N$."
        f"{diamonds}{exact}{theory}"
    )


def capacity_finding(
    capacities: pd.DataFrame, config: SweepConfig, beside: tuple[pd.DataFrame, pd.DataFrame] | None = None
) -> str:
    """Where each curve leaves the line C = N, whether in proportion to n, and how far it then is from the optimum.

    Args:
        capacities: `explorer.frames.capacity_frame`.
        config: the sweep.
        beside: `explorer.frames.curve_frame` and `limit_points`, if all exact limits are known.
    """
    reached = capacities[~capacities["is_lower_bound"].astype(bool)]
    if reached.empty:
        whatever = ", whatever n" if len(config.input_dims) > 1 else ""
        return (
            f"Up to N = {config.num_samples[-1]:,} the layer memorizes nearly everything{whatever}: its capacity is "
            "larger than this chart. Move the end of N to the right to see it."
        )
    if "gap" in reached:
        reached = reached[reached["gap"] <= COARSE * reached["capacity"]]
    if reached.empty:
        return (
            "The curves leave the line C = N between two points that lie too far apart to read a capacity off them. "
            "Choose more points per curve, or a smaller range of N."
        )
    largest = reached.iloc[-1]
    sentences = [
        f"With n = {largest['input_dim']:.0f} inputs and {_training(config)}, the layer memorizes at least 95 % of its "
        "labels up to "
        f"**N ≈ {largest['capacity']:,.0f}**{_plus_minus(largest)}; with N = {largest['last_num_samples']:,.0f} it "
        f"keeps {mean_count(largest['last_mean'])}."
    ]
    if len(reached) > 1:
        low, high = reached["per_dim"].min(), reached["per_dim"].max()
        spread = f"{low:.1f}" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f}"
        sentences.append(
            f"The knee moves with n: it stands at **{spread} samples for each input dimension**, "
            f"from n = {reached['input_dim'].min()} to {reached['input_dim'].max()}."
        )
    beyond = capacities[capacities["is_lower_bound"].astype(bool)]["input_dim"].tolist()
    if beyond:
        names = ", ".join(map(str, beyond))
        sentences.append(f"For n = {names} it lies beyond N = {config.num_samples[-1]:,}.")
    if beside is not None:
        sentences += _from_optimum(reached, *beside)
    return " ".join(sentences)


def _training(config: SweepConfig) -> str:
    """How the layers were trained: their knee depends on it."""
    optimizer = "Adam" if config.optimizer == "adam" else "gradient descent"
    rates = " or ".join(f"{rate:g}" for rate in config.learning_rates)
    return f"{config.num_steps:,} steps of {optimizer} at η = {rates}"


def _from_optimum(reached: pd.DataFrame, points: pd.DataFrame, optimum: pd.DataFrame) -> list[str]:
    """How far the curves are from the exact optimum, beyond their knees."""
    both = points.merge(optimum, on=["input_dim", "num_samples"], suffixes=("", "_there"))
    knees = both["input_dim"].map(reached.set_index("input_dim")["capacity"])
    beyond = both[both["num_samples"] > knees]  # where there is no knee, nothing is
    if beyond.empty:
        return []
    beyond = beyond.assign(difference=beyond["mean"] - beyond["mean_there"])
    means = beyond.groupby("input_dim")[["difference", "mean_there"]].mean()
    parts = _at_each(means.reset_index())
    farthest: pd.Series = beyond.iloc[int(beyond["difference"].abs().to_numpy().argmax())]
    sentences = [f"Beyond the knee, C as trained minus C at the exact optimum is on average {parts}."]
    if abs(farthest["difference"]) >= 1:
        sentences.append(
            f"They are farthest apart, {signed(farthest['difference'])}, at n = {farthest['input_dim']:.0f}, N = "
            f"{farthest['num_samples']:,.0f}."
        )
    if (means["difference"].abs() <= SAME * means["mean_there"]).all():
        sentences.append("On the whole, it is the cross-entropy that gives samples up there, not the optimizer.")
    return sentences


def _at_each(differences: pd.DataFrame) -> str:
    """The difference of each curve."""
    return ", ".join(f"{signed(row['difference'])} at n = {row['input_dim']:.0f}" for _, row in differences.iterrows())


def _plus_minus(row: pd.Series) -> str:
    if math.isnan(row["sd"]):
        return ""
    return f" (± {row['sd']:,.0f}, s.d. over {row['num_seeds']:.0f} seeds)"


def published_verdict(differences: pd.DataFrame, config: SweepConfig) -> str:
    """Whether the published curves are those of this setting."""
    parts = _at_each(differences)
    fits = bool((differences["difference"].abs() <= FITS_WITHIN).all())
    measured = f"Over N ≥ 200, our C minus the published one is on average {parts}."
    if fits:
        return f"{measured} **The published figure fits V = {config.num_classes}.**"
    if config.num_classes == 40:
        return (
            f"{measured} **The published figure does not fit V = 40**, which the post's text gives; it fits V = 10 "
            "with a bias, as the other preset shows."
        )
    return f"{measured} **The published figure does not fit this setting.**"
