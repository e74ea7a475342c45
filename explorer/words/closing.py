"""What the view Closing the gap shows, in sentences."""

import math

import numpy as np
import pandas as pd

from core.config import SweepConfig
from explorer.words.shared import CLOSE, counted, mean_count, nats

CLOSING_ALT = "Two charts over the training step: memorized samples C, and the loss above its minimum."
CLOSING_WAITS = "*The answer comes when everything that it needs is computed.*"
ROUNDING = 1e-6  # nats, about what float32 can tell


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
    above = f"{nats(here['gap'])} above the least" if here["gap"] >= ROUNDING else "the least that float32 can tell"
    sentences = [
        f"The optimum memorizes {mean_count(limits['num_memorized'].mean())} of {config.num_samples[0]:,}. At η = "
        f"{rate:g}, after {counted(int(here['step']), 'step')}, training memorizes "
        f"**{mean_count(here['memorized'])}**, and its loss is {above}."
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
