"""What the view Closing the gap shows, in sentences."""

import math

import numpy as np
import pandas as pd

from core.config import SweepConfig
from explorer.words.shared import CLOSE, counted, mean_count, nats

CLOSING_ALT = "Two charts over the training step: memorized samples C, and the loss above its minimum."
CLOSING_WAITS = "*The answer comes when everything that it needs is computed.*"
ROUNDING = 1e-6  # nats, about what float32 can tell


def closing_legend(config: SweepConfig, num_steps: int) -> str:
    """How to read the charts.

    Args:
        config: the sweep.
        num_steps: those that are asked about.
    """
    seeds = "" if len(config.seeds) == 1 else f", the mean of {len(config.seeds)} seeds"
    longer = (
        f" Each is trained for {config.num_steps:,} steps, {config.num_steps / num_steps:g} times the {num_steps:,} "
        "that are set, so that the way is seen to its end."
        if config.num_steps > num_steps
        else ""
    )
    return (
        f"One curve for each learning rate η{seeds}.{longer} Grey dashes: C at the optimum of the cross-entropy, "
        "solved exactly. Below: how far the mean loss is above its least possible value, on a logarithmic scale. A "
        "curve stops falling where steps of this length swing about the optimum; what is below "
        "a millionth of a nat, which float32 cannot tell, is not drawn."
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
    above = f"{nats(here['gap'])} above the least" if here["gap"] >= ROUNDING else "the least that float32 can tell"
    sentences = [
        f"The optimum memorizes {mean_count(limits['num_memorized'].mean())} of {config.num_samples[0]:,}. At η = "
        f"{rate:g}, after {_steps(here['step'])}, training memorizes "
        f"**{mean_count(here['memorized'])}**, and its loss is {above}."
    ]
    arrived = {each: _arrives(closing[closing["learning_rate"] == each]) for each in config.learning_rates}
    steps, fastest = arrived[rate], min(arrived, key=lambda each: arrived[each])
    if math.isinf(steps):
        sentences.append(
            f"At this rate the loss does not settle within {CLOSE:g} nats of the least in {config.num_steps:,} steps."
        )
        sentences += _never_arrives(limits)
    else:
        sentences.append(
            f"At this rate the loss stays within {CLOSE:g} nats of the least from about step {_round(steps):,} on."
        )
    if arrived[fastest] < steps:
        sentences.append(
            f"The fastest of these rates is η = {fastest:g}: its loss stays that close from about step "
            f"{_round(arrived[fastest]):,} on."
        )
    return " ".join(sentences)


def _never_arrives(limits: pd.DataFrame) -> list[str]:
    """Why training may not settle: what it tends to is infinitely far away."""
    count = sum(found is False for found in limits["exists"])
    if count == 0:
        return []
    which = (
        "the data set has"
        if len(limits) == 1
        else f"{count} of the {len(limits)} data sets {'have' if count > 1 else 'has'}"
    )
    return [
        f"A likely cause: {which} no finite optimum, because some classes can be told from the others without an "
        "error. Their weights then grow for ever, and the loss falls for ever, more and more slowly."
    ]


def _steps(step: float) -> str:
    """How many; a checkpoint of many steps lies next to a round number, and stands for it."""
    return counted(int(step), "step") if step < 100 else f"about {_round(step):,} steps"


def _round(step: float) -> int:
    """To two digits: from one checkpoint to the next it is no less."""
    return int(float(f"{step:.1e}"))


def _arrives(curve: pd.DataFrame) -> float:
    """The first checkpoint from which on the loss stays close, or infinity."""
    far = curve[curve["gap"] > CLOSE]["step"]
    near = curve[curve["step"] > far.max()]["step"] if len(far) else curve["step"]
    return float(near.min()) if len(near) else math.inf
