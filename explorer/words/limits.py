"""What the page Limits shows, in sentences."""

import math

import pandas as pd

from core.config import SweepConfig
from explorer.frames import Threshold
from explorer.words.shared import CLOSE, OPTIMIZERS, band_legend, mean_count, nats

LIMITS_ALT = "Chart of C against N: as trained, at the optimum of the cross-entropy, and the most that was found."
AS_GOOD = 0.5  # of a sample: a smaller difference is none


def limits_legend(config: SweepConfig) -> str:
    """How to read the chart."""
    return (
        f"{band_legend(len(config.seeds))} **Blue**: as trained. **Orange**: at the optimum of the cross-entropy of "
        "the same data, solved exactly: what an ideal optimizer reaches. **Green**: the most that we found weights to "
        "memorize, which give up what they cannot win. Other weights may memorize more; with few inputs, far more. "
        "Fine dashes: theory for infinitely many inputs, where a bias counts as one more input; the green ones are an "
        "estimate (replica-symmetric), too high rather than too low. Grey stripe: up to it all data sets can be "
        "memorized completely, beyond it none. Long dashes: C = N. Solid grey line: the N that the text is about; its "
        "marks are hollow where it is not one of the N of the curves. **Click a point to read about its N.**"
    )


def inputs_note(law: str) -> str | None:
    """What to expect of inputs that are not Gaussian."""
    if law == "gaussian":
        return None
    expect = {
        "signs": "At small n some inputs come twice, with different labels, and not both can be right. Where such "
        "labels are tied at the optimum, no sample that they belong to counts as memorized.",
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
    optimum, difference = mean_count(here["optimum"]), here["difference"]
    above = here["loss"] - here["least_loss"]
    loss = f"{nats(above)} above the least" if above >= CLOSE else f"within {CLOSE:g} nats of the least"
    if difference < -AS_GOOD:
        all_of_them = ", all of them" if here["separable"] == 1 else ""
        return (
            f"The optimum of its own loss memorizes {optimum}{all_of_them}: **the optimizer is "
            f"{_samples(-difference)} short**, with a loss {loss}. More steps usually win them; see *Closing the gap*."
        )
    if difference > AS_GOOD:
        return (
            f"The optimum of its own loss memorizes {mean_count(difference)} fewer, {optimum}. Training ends with a "
            f"loss {loss}. {_why_more(here)}"
        )
    return f"{_as_many(here)}, and training ends with a loss {loss}: **{_verdict(here, is_close=above < CLOSE)}**."


def _why_more(here: pd.Series) -> str:
    """How training can memorize more than the optimum of its loss."""
    reasons = []
    if here["tied"] > 0:
        reasons.append(
            f"At the optimum {_samples(here['tied'])} {'is' if mean_count(here['tied']) == '1' else 'are'} exactly "
            "tied: another class has the same logit as the label, which does not count as memorized. Training ends on "
            "one side of such a tie, by chance, and on the right side the sample counts."
        )
    if here["difference"] > here["tied"]:
        reasons.append(
            "The loss does not count samples, and short of its optimum more of them can be right than there."
        )
    return " ".join(reasons)


def _as_many(here: pd.Series) -> str:
    """Of means that are the same: whether that is so for each data set."""
    if here["largest_difference"] == 0:
        return "The optimum of its own loss memorizes as many"
    return (
        f"The optimum of its own loss memorizes about as many on average, {mean_count(here['optimum'])}, but of single "
        f"data sets up to {_samples(here['largest_difference'])} more or fewer"
    )


def _verdict(here: pd.Series, *, is_close: bool) -> str:
    is_same = here["largest_difference"] == 0
    if is_close:
        return "the optimizer loses nothing here" if is_same else "on average the optimizer loses next to nothing here"
    costs = "that costs nothing" if is_same else "on average that costs next to nothing"
    return f"the optimizer has not arrived, but {costs} here"


def _most(here: pd.Series) -> str:
    more = here["most"] - max(here["trained"], here["optimum"])
    if more <= AS_GOOD:
        return "We found no weights that memorize more."
    return (
        f"Yet some weights memorize at least **{mean_count(here['most'])}** (the estimate for infinitely many inputs "
        f"is {here['most_estimate']:,.0f}): cross-entropy gets {mean_count(more)} fewer, because it spends itself on "
        "samples that it cannot win."
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
            else f"{'' if found.some_fail else 'perhaps '}not every one can be memorized completely even at N = "
            f"{smallest:,}, the smallest here"
        )
        beyond = (
            f"but {'' if found.some_hold else 'perhaps '}some still at N = {largest:,}, the largest here"
            if math.isinf(found.first_none)
            else f"and none from N = {found.first_none:,.0f} on"
        )
        place = f"{up_to}, {beyond}"
    undecided = f" ({found.num_undecided:,} could not be decided)" if found.num_undecided else ""
    return (
        f"Without any error ({datasets} at each N): {place}{undecided}. Theory says **N = {theory:,.0f}**, for "
        f"infinitely many inputs. {'Every other' if undecided else 'Each'} verdict is proved: by weights that do it, "
        "or by a least loss that is above 0."
    )


def _samples(value: float) -> str:
    """A number of samples, or a mean of several."""
    number = mean_count(value)
    return f"{number} sample{'' if number == '1' else 's'}"
