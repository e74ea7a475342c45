"""How many samples the best weights of all memorize."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.device import one_thread
from core.theory.capacity import Alphas, beyond_capacity, checked_classes, tie_probabilities

Floats = NDArray[np.float64]

MOST_STEPS = 60  # each halves the interval of tau


def most_memorizable_per_dim(num_classes: int, samples_per_dim: Alphas) -> Alphas:
    """C_max / n: how many samples for each input the best weights of all memorize, by a replica-symmetric estimate.

    Beyond alpha_c the nearest samples, those with d^2 < tau, are paid for as far as it goes:
    alpha E[d^2; d^2 < tau] = V - 1, and C_max / N = P(d^2 < tau), with the d of `capacity_per_dim`. It is optimistic:
    beyond capacity replica symmetry is broken, and the truth is lower. For V = 2 it is the estimate of Gardner and
    Derrida (J. Phys. A 21, 1988); for more classes ours. Not proved.

    Args:
        num_classes: V.
        samples_per_dim: alpha = N / (n + bias), any shape.

    Returns:
        C_max / n of the same shape: alpha itself up to alpha_c.

    Raises:
        ValueError: an argument is out of its range.
    """
    num_classes = checked_classes(num_classes)
    ties = tie_probabilities(num_classes)
    tied = torch.from_numpy(ties[1:])
    half = torch.arange(1, ties.size, dtype=torch.float64) / 2  # m / 2

    def most(alpha: Floats) -> Floats:
        wanted = torch.from_numpy((num_classes - 1) / alpha)
        low, high = torch.zeros_like(wanted), torch.full_like(wanted, 500.0)  # tau / 2
        for _ in range(MOST_STEPS):
            middle = (low + high) / 2
            too_low = (
                torch.special.gammainc(half + 1, middle[:, None]) @ (2 * half * tied) < wanted
            )  # E[d^2; d^2 < tau]
            low, high = torch.where(too_low, middle, low), torch.where(too_low, high, middle)
        share: Floats = ties[0] + (torch.special.gammainc(half, low[:, None]) @ tied).numpy()
        return alpha * share

    with one_thread:
        return beyond_capacity(num_classes, samples_per_dim, most)
