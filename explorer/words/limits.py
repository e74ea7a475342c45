"""What the page Limits shows, in sentences."""

import math

import numpy as np
import pandas as pd

from core.config import SweepConfig
from explorer.frames import Threshold
from explorer.words.shared import band_legend, counted

LIMITS_ALT = "Chart of C against N: as trained, at the optimum of the cross-entropy, and the most that was found."
CLOSING_ALT = "Two charts over the training step: memorized samples C, and the loss above its minimum."
CLOSING_WAITS = "*The answer comes when everything that it needs is computed.*"
AS_GOOD = 0.5  # of a sample: a smaller difference is none
CLOSE = 1e-3  # nats above the least loss: as good as there
ROUNDING = 1e-6  # nats, about what float32 can tell
OPTIMIZERS = {"adam": "Adam", "gd": "gradient descent"}


def limits_legend(config: SweepConfig) -> str:
    """How to read the chart."""
    return (
        f"{band_legend(len(config.seeds))} **Blue**: as trained. **Orange**: at the optimum of the cross-entropy of "
        "the same data, solved exactly: what an ideal optimizer reaches. **Green**: the most that we found weights to "
        "memorize, which give up what they cannot win; other weights may memorize more. Fine dashes: theory for "
        "infinitely many inputs, a bias counting as one; the green ones are an estimate (replica-symmetric), too high "
        "rather than too low. Grey stripe: up to it all data sets can be memorized completely, beyond it none. Long "
        "dashes: C = N. **Click a point to read about its N.**"
    )


def inputs_note(law: str) -> str | None:
    """What to expect of inputs that are not Gaussian."""
    if law == "gaussian":
        return None
    expect = {
        "signs": "At small n some inputs come twice, with different labels, and not both can be right.",
        "sphere": "They are the Gaussian ones brought to one length; without a bias, whether data can be memorized "
        "completely does not depend on their lengths at all.",
        "correlated": "They are the Gaussian ones under an invertible linear map, so that no exact limit moves at all; "
        "but the loss is a narrower valley, and the optimizer takes longer.",
    }[law]
    return (
        f"{expect} For large n, theory says, the law of the inputs does not matter, only n does (universality: Gerace "
        "et al., arXiv:2205.13303): compare the orange line with its dashes."
    )


def limits_finding(here: pd.Series, config: SweepConfig) -> str:
    """What training loses at one N, and to what: a row of `explorer.frames.limits_table`."""
    begin = (
        f"At **N = {here['num_samples']:,.0f}** {OPTIMIZERS[config.optimizer]} memorizes {_samples(here['trained'])} "
        f"in {config.num_steps:,} steps"
    )
    if here["separable"] < 1:
        return f"{begin}. {_gap(here)} {_most(here)}"
    if here["difference"] == 0:
        return f"{begin}: everything, as an ideal optimizer would."
    if here["difference"] > -AS_GOOD:
        return f"{begin}: nearly everything. An ideal optimizer would memorize all."
    return f"{begin}. {_gap(here)}"


def _gap(here: pd.Series) -> str:
    optimum, difference = _number(here["optimum"]), here["difference"]
    above = here["loss"] - here["least_loss"]
    loss = f"{_nats(above)} above the least" if above >= CLOSE else f"within {CLOSE:g} nats of the least"
    if difference < -AS_GOOD:
        all_of_them = ", all of them" if here["separable"] == 1 else ""
        return (
            f"The optimum of its own loss memorizes {optimum}{all_of_them}: **the optimizer is "
            f"{_samples(-difference)} short**, its loss {loss}. More steps usually win them; see *Closing the gap*."
        )
    if difference > AS_GOOD:
        return (
            f"The optimum of its own loss memorizes {_number(difference)} fewer, {optimum}. Training ends with a loss "
            f"{loss}; but the loss does not count samples, and short of the optimum more of them can be right than "
            "there."
        )
    return (
        f"The optimum of its own loss memorizes as many, and training ends with a loss {loss}: **the optimizer loses "
        "nothing here**."
    )


def _most(here: pd.Series) -> str:
    more = here["most"] - max(here["trained"], here["optimum"])
    if more <= AS_GOOD:
        return "We found no weights that memorize more."
    return (
        f"Yet some weights memorize at least **{_number(here['most'])}** (the estimate for infinitely many inputs is "
        f"{here['most_estimate']:,.0f}): cross-entropy gets {_number(more)} fewer, because it spends itself on samples "
        "that it cannot win."
    )


def threshold_finding(found: Threshold, theory: float, config: SweepConfig) -> str:
    """Up to where everything can be memorized."""
    datasets = "one data set" if found.num_datasets == 1 else f"{found.num_datasets:,} data sets"
    smallest, largest = config.num_samples[0], config.num_samples[-1]
    if found.last_all == largest:
        place = f"every one can be memorized completely, up to N = {largest:,}, the largest here"
    elif found.first_none == smallest:
        place = f"not one can be memorized completely, from N = {smallest:,}, the smallest here"
    else:
        up_to = (
            f"every one can be memorized completely up to N = {found.last_all:,.0f}"
            if found.last_all
            else f"not every one can be memorized completely even at N = {smallest:,}, the smallest here"
        )
        beyond = (
            f"but some still at N = {largest:,}, the largest here"
            if math.isinf(found.first_none)
            else f"and none from N = {found.first_none:,.0f} on"
        )
        place = f"{up_to}, {beyond}"
    undecided = f" ({found.num_undecided:,} could not be decided)" if found.num_undecided else ""
    return (
        f"Without any error ({datasets} at each N): {place}{undecided}. Theory says **N = {theory:,.0f}**, for "
        "infinitely many inputs. Each verdict is proved: by weights that do it, or by a least loss that is above 0."
    )


def closing_legend(config: SweepConfig) -> str:
    """How to read the charts."""
    seeds = "one seed" if len(config.seeds) == 1 else f"the mean of {len(config.seeds)} seeds"
    return (
        f"One curve a learning rate η: {seeds}. Orange dashes: C at the optimum of the cross-entropy. Below: how far "
        "the mean loss is above its least possible value, on a logarithmic scale; its fall ends where steps of this "
        "length swing about the optimum, or where float32 ends."
    )


def closing_finding(
    closing: pd.DataFrame, limits: pd.DataFrame, rate: float, num_steps: int, config: SweepConfig
) -> str:
    """What it costs to come close.

    Args:
        closing: `explorer.frames.closing_frame`.
        limits: `explorer.frames.limits_frame` of its data sets.
        rate, num_steps: those that are asked about.
        config: the sweep.
    """
    own = closing[closing["learning_rate"] == rate]
    if own.empty:
        return f"At η = {rate:g} training diverges; choose a smaller learning rate."
    here = own.loc[np.log(own["step"] / num_steps).abs().idxmin()]  # the checkpoint next to it
    above = f"{_nats(here['gap'])} above the least" if here["gap"] >= ROUNDING else "the least that float32 can tell"
    sentences = [
        f"The optimum memorizes {_number(limits['num_memorized'].mean())} of {config.num_samples[0]:,}. At η = "
        f"{rate:g}, after {counted(int(here['step']), 'step')}, training memorizes "
        f"**{_number(here['memorized'])}**, and its loss is {above}."
    ]
    arrived = {each: _arrives(closing[closing["learning_rate"] == each]) for each in config.learning_rates}
    steps, fastest = arrived[rate], min(arrived, key=lambda each: arrived[each])
    if math.isinf(steps):
        sentences.append(f"The loss does not settle within {CLOSE:g} nats of the least in {config.num_steps:,} steps.")
    else:
        sentences.append(f"The loss stays within {CLOSE:g} nats of the least from about step {steps:,.0f} on.")
    if arrived[fastest] < steps:
        sentences.append(f"The fastest of these rates is η = {fastest:g}, there by about step {arrived[fastest]:,.0f}.")
    return " ".join(sentences)


def _arrives(curve: pd.DataFrame) -> float:
    """The first checkpoint from which on the loss stays close, or infinity."""
    far = curve[curve["gap"] > CLOSE]["step"]
    near = curve[curve["step"] > far.max()]["step"] if len(far) else curve["step"]
    return float(near.min()) if len(near) else math.inf


def _number(value: float) -> str:
    """A count, or a mean of counts."""
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 or abs(value) >= 1000 else f"{value:,.1f}"


def _samples(value: float) -> str:
    """The same, of samples."""
    number = _number(value)
    return f"{number} sample{'' if number == '1' else 's'}"


def _nats(value: float) -> str:
    return f"{value:.2g} nats" if value < 10 else f"{value:,.0f} nats"
