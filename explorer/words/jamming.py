"""What the page Jamming shows, in sentences."""

import math

import pandas as pd

from core.config import SweepConfig
from core.intervals import Interval
from explorer.frames import NEAR_THE_EDGE
from explorer.words.shared import CITATION, band_legend, plus_minus, signed

JAMMING_ALT = "Two charts over the number of samples N: memorized samples C above, sharpness of the loss below."
STABILITY_ALT = "Chart of the learning rate times the preconditioned sharpness against the number of samples N."
TRAINING_ALT = "Three charts over the training step: memorized samples C, sharpness, stability."
ZOOM = "With Ctrl held: scroll to zoom, drag to move, double click to reset."
PAST_THE_EDGE = 1.1  # times the edge of stability: no longer at it
BESIDE = 0.25  # of the place of the jump: so far below and above it the sharpness is told
TOGETHER = (0.85, 1.1)  # a jump at so many times the capacity comes when memory fills up


def jamming_legend(config: SweepConfig, jump: Interval | None, *, with_published: bool) -> str:
    """How to read C and sharpness over N."""
    place = ""
    if jump is not None:
        of_seeds = ", the mean of the seeds; the stripe is its 95 % interval" if jump.num_values > 1 else ""
        place = f" Grey: the $N$ at which the sharpness first rises through half of its largest value{of_seeds}."
    diamonds = f" Diamonds: published, one run each, read off Figure 2 of {CITATION}." if with_published else ""
    return (
        f"{band_legend(len(config.seeds))} Dashed: everything memorized, $C = N$.{place}{diamonds} {ZOOM} **Click a "
        "point to see its training.**"
    )


def jamming_finding(jump: Interval | None, sharpness: pd.DataFrame, capacity: float | None, config: SweepConfig) -> str:
    """Where the sharpness jumps, by how much, and where that is beside the capacity.

    Args:
        jump: where, or None.
        sharpness: `band_frame` over num_samples.
        capacity: the N up to which 95 % are memorized; None where the curve does not leave the line C = N.
        config: the sweep.
    """
    if capacity is None:
        return (
            f"No jump up to N = {config.num_samples[-1]:,}: the layer memorizes nearly everything there, and training "
            "flattens the loss. Move the end of N to the right to see it jam."
        )
    if jump is None:
        return (
            f"There is no jump to locate: at N = {config.num_samples[0]:,}, where the chart begins, the sharpness of "
            "some seed is already more than half of its largest."
        )
    interval = f" (95 % interval over {jump.num_values} seeds)" if jump.num_values > 1 else ""
    below, above = (_nearest(sharpness, jump.mean * factor) for factor in (1 - BESIDE, 1 + BESIDE))
    return (
        f"The sharpness jumps at **N ≈ {plus_minus(jump)}**{interval}: it is {below['mean']:.2g} at "
        f"N = {below['num_samples']:,.0f} and {above['mean']:.2g} at N = {above['num_samples']:,.0f}. "
        + _beside_capacity(jump.mean, capacity, config)
    )


def _nearest(sharpness: pd.DataFrame, num_samples: float) -> pd.Series:
    """The point of a curve that lies next to `num_samples`."""
    return sharpness.iloc[int((sharpness["num_samples"] - num_samples).abs().argmin())]


def _beside_capacity(jump: float, capacity: float, config: SweepConfig) -> str:
    full = f"up to N ≈ {capacity:,.0f} at least 95 % are memorized"
    low, high = TOGETHER
    if jump < low * capacity:
        return (
            f"That is before memory is full ({full}): {config.num_steps:,} steps have not flattened the loss between "
            "the two. With more steps the jump moves towards the capacity."
        )
    if jump > high * capacity:
        return (
            f"The capacity read off this chart, N ≈ {capacity:,.0f}, lies far below: more points would tell whether "
            "that is so."
        )
    return (
        f"That is where memory fills up: {full}. Below, fitting every sample flattens the loss; above, the samples "
        "stand in each other's way, like grains that jam, and the loss stays about as sharp as it is when training "
        "begins."
    )


def sharpness_verdict(sharpness: pd.DataFrame, published: pd.DataFrame, from_num_samples: int = 205) -> str | None:
    """How far our mean sharpness is from the published one past the jump; None where they share no point there."""
    both = sharpness.merge(published[["num_samples", "sharpness"]], on="num_samples")
    both = both[both["num_samples"] >= from_num_samples]
    if both.empty:
        return None
    ours, theirs = both["mean"].mean(), both["sharpness"].mean()
    return (
        f"At the {len(both)} common N ≥ {from_num_samples} our sharpness is {ours:.3f} on average, the published one "
        f"(which fits V = 10 and Adam at 0.01) {theirs:.3f}: {signed((ours / theirs - 1) * 100)} %."
    )


def stability_title(config: SweepConfig) -> str:
    """What the axis of the view of the edge of stability says."""
    return f"Learning rate × {'preconditioned sharpness, η λ' if config.optimizer == 'adam' else 'sharpness, η λ₁'}"


def stability_legend(config: SweepConfig) -> str:
    """How to read the view of the edge of stability."""
    if config.optimizer == "adam":
        what = (
            "Adam divides each direction by its own scale, so what counts for its steps is the sharpness after that "
            "division (of $P^{-1/2} H P^{-1/2}$), times $\\eta$. Above $(2 + 2\\beta_1)/(1 - \\beta_1) = 38$ a step "
            "on a quadratic overshoots further each time (Cohen et al., arXiv:2207.14484)."
        )
    else:
        what = (
            "For gradient descent with momentum $\\mu = 0.9$ it is $\\eta\\lambda_1$ that counts: above $2 + 2\\mu = "
            "3.8$ a step on a quadratic overshoots further each time (Cohen et al., arXiv:2103.00065)."
        )
    return f"{band_legend(len(config.seeds))} {what} **Click a point to see its training.**"


def stability_finding(first: float, stability: pd.DataFrame, edge: float, config: SweepConfig) -> str:
    """From which N on training ends at the edge of stability.

    Args:
        first: `explorer.frames.at_the_edge_from`.
        stability: `band_frame` over num_samples.
        edge: where the edge lies.
        config: the sweep.
    """
    rate = config.learning_rates[0]
    if math.isnan(first):
        return (
            f"At η = {rate:g} training does not end at the edge of stability up to N = {config.num_samples[-1]:,}: η "
            f"λ is {stability['mean'].max():.2g} at the most, and the edge is at {edge:g}."
        )
    beyond = stability[stability["num_samples"] >= first]["mean"].mean()
    if beyond > PAST_THE_EDGE * edge:
        return (
            f"**From N ≈ {first:,.0f} on, the steps are too long**: η λ is {beyond:.1f} on average there, and the "
            f"edge of stability is at {edge:g}. The weights are thrown about and do not settle. See the page "
            "*Learning rate*."
        )
    return (
        f"**From N ≈ {first:,.0f} on, training ends at the edge of stability**: η λ is {beyond:.1f} on average there, "
        f"and the edge is at {edge:g}. The weights swing about the optimum with steps as long as its sharpness "
        "allows. Where all is memorized with ease, the loss gets flatter and flatter, and the steps are short for it. "
        "Being at the edge does no harm by itself: see how large a rate may be on the page *Learning rate*."
    )


def training_legend(config: SweepConfig) -> str:
    """How to read the view along training."""
    [num_samples] = config.num_samples
    first_steps = (
        "the preconditioned sharpness; in Adam's first steps, when its second moments are young, it can lie above the "
        "chart."
        if config.optimizer == "adam"
        else "the sharpness."
    )
    return (
        f"{band_legend(len(config.seeds))} Dashed: all {num_samples:,} memorized, and the edge of stability. η λ is "
        f"the learning rate times {first_steps}"
    )


def training_finding(memorized: pd.DataFrame, stability: pd.DataFrame, edge: float, num_samples: int) -> str | None:
    """What happens to one data set along training: whether it is learned, and whether the steps reach the edge.

    Args:
        memorized, stability: `band_frame` over step, from 1.
        edge: where the edge lies.
        num_samples: N.
    """
    if memorized.empty or stability.empty:
        return None
    last = memorized.sort_values("step")["mean"].iloc[-1]
    text = f"At N = {num_samples:,} the layer ends with {last:,.0f} memorized."
    later = stability[stability["step"] > stability["step"].max() / 20].sort_values("step")  # past Adam's first steps
    end = later["mean"].iloc[-1]
    if end > PAST_THE_EDGE * edge:
        return f"{text} η λ ends at {end:.1f}, beyond the edge at {edge:g}: the steps are too long to settle."
    reached = later[later["mean"] >= NEAR_THE_EDGE * edge]
    if len(reached):
        return (
            f"{text} The sharpness that counts for the steps grows until they are at the edge of stability, by about "
            f"step {reached['step'].iloc[0]:,.0f}."
        )
    top = later.loc[[later["mean"].idxmax()]].iloc[0]
    return (
        f"{text} Past the first {later['step'].iloc[0]:,.0f} steps η λ is {top['mean']:.2g} at the most, at step "
        f"{top['step']:,.0f}; the edge is at {edge:g}."
    )


def not_exact(runs: pd.DataFrame) -> str:
    """How many sharpnesses are not known to six digits."""
    return (
        f"{(~runs['is_exact'].astype(bool)).sum():,} of {len(runs):,} sharpnesses did not converge: what is shown of "
        "them is a lower bound."
    )
