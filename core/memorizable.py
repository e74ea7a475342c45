"""The most samples that any weights memorize: a lower bound, with the weights that prove it.

To find the largest set of samples that can be separated (the maximum feasible subsystem) is NP-hard. Cross-entropy is
no way to it: past capacity it spends itself on samples that it cannot win. So these are given up, a few at a time.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.device import one_thread
from core.labelled import checked
from core.newton import Newton
from core.optimum import no_check, optimum, surely_memorized
from core.verdicts import Floats, Optimum
from core.whitening import whitened

# Measured at n = 40, V = 10, N = 400, where it ends at 311: half the drop, or twice the steps, win one or two samples.
DROPPED = 0.05  # of the samples that are wrong, each time: those with the worst margins
STEPS = 4  # of Newton's method after each drop
RIDGE = 1e-6  # keeps the weights finite when all that is left can be separated; 1e-3 costs 10 % of the samples


class Memorizable(NamedTuple):
    """What some weights memorize.

    Attributes:
        num_memorized: how many: no fewer can be the most.
        weights: (V, n + bias), which do it.
        memorized: (N,) bool.
    """

    num_memorized: int
    weights: Floats
    memorized: NDArray[np.bool_]


def most_memorizable(
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    bias: bool,
    num_classes: int | None = None,
    check: Callable[[], None] = no_check,
) -> Memorizable:
    """A lower bound on the most that any weights memorize, by construction: fit, drop what is most wrong, fit again.

    It ends when the fit is right on all that are left, and counts on all: no fewer than the optimum's weights memorize.
    Arguments as of `core.optimum.optimum`.
    """
    found = optimum(inputs, labels, bias=bias, num_classes=num_classes, check=check)
    return more_memorizable(found, inputs, labels, bias=bias, check=check)


def more_memorizable(
    found: Optimum,
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    bias: bool,
    check: Callable[[], None] = no_check,
) -> Memorizable:
    """The same for who has the optimum already."""
    with one_thread:
        x, y, v = checked(inputs, labels, bias, len(found.weights))
        best = torch.from_numpy(found.weights)
        most = surely_memorized(x, y, best)
        white, there, *_ = whitened(x)
        kept, start = torch.arange(len(x)), None
        while white[kept].numel() > 0 and not most.all():
            newton = Newton(white[kept], y[kept], v, ridge=RIDGE, weights=start)
            for _ in range(STEPS):
                check()
                newton.step()
            start, weights = newton.weights, newton.weights @ there.T
            memorized = surely_memorized(x, y, weights)
            if memorized.sum() > most.sum():
                best, most = weights, memorized
            num_wrong = int((newton.margin <= 0).sum())
            if num_wrong == 0:
                break
            kept = kept[newton.margin.argsort()[math.ceil(DROPPED * num_wrong) :]]
    return Memorizable(int(most.sum()), best.numpy(), most.numpy())
