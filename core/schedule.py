"""The learning rate over the steps of a run."""

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig

WARMUP_STEPS = 100  # a number and not a share, so that runs of any length begin alike
WARMUP_SHARE = 0.1  # at most, which counts below 1,000 steps
DECAY_SHARE = 0.2


def learning_rates(run: RunConfig) -> NDArray[np.float64]:
    """The learning rate of each step, with eta = `run.learning_rate` the largest.

    With t = 0 at the first of T steps:

        constant  eta
        cosine    eta (1 + cos(pi t / T)) / 2, from eta to almost 0 (Loshchilov and Hutter, arXiv:1608.03983, without
                  restarts)
        wsd       warmup, stable, decay (Hu et al., MiniCPM, arXiv:2404.06395, section 4): linear from 0 to eta over the
                  first 100 steps (a tenth of a run shorter than 1,000), then eta, then linear to 0 over the last fifth

    Returns:
        (T,) float64.

        >>> from core import RunConfig
        >>> learning_rates(RunConfig(10, 10, 20, learning_rate=1.0, num_steps=10, schedule="wsd")).round(2).tolist()
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    """
    t, num_steps = np.arange(run.num_steps), run.num_steps
    match run.schedule:
        case "cosine":
            share = (1 + np.cos(np.pi * t / num_steps)) / 2
        case "wsd":
            up = (t + 1) / max(1, warmup_steps(num_steps))
            down = (num_steps - t) / max(1, num_steps - decay_start(num_steps))
            share = np.minimum(1, np.minimum(up, down))
        case _:
            share = np.ones(num_steps)
    return run.learning_rate * share


def warmup_steps(num_steps: int) -> int:
    """How many steps a "wsd" run of `num_steps` takes to reach its full learning rate."""
    return min(WARMUP_STEPS, int(WARMUP_SHARE * num_steps))


def decay_start(num_steps: int) -> int:
    """After how many steps the learning rate of a "wsd" run of `num_steps` begins to fall."""
    return num_steps - int(DECAY_SHARE * num_steps)
