"""alpha_c: up to how many samples for each input random labels can all be memorized."""

import functools
import math
import operator
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import LIMITS

Floats = NDArray[np.float64]
Alphas = TypeVar("Alphas", float, NDArray[np.float64])

MOST_TIES = 80  # of up to 1,000 classes, more tie with probability 1e-30


def capacity_per_dim(num_classes: int) -> float:
    """alpha_c: random labels of up to so many samples for each input can all be memorized, of more they cannot.

    alpha_c = (V - 1) / E[d^2], d the distance of g ~ N(0, I_V) from K = {u: u_1 >= u_k for all k}. Proved for V = 2;
    for more classes derived by the argument in `core.theory`, and checked by linear programs.

    Args:
        num_classes: V.

    Raises:
        ValueError: it is not a whole number within `LIMITS`.

        >>> round(capacity_per_dim(2), 9), round(capacity_per_dim(10), 3)
        (2.0, 4.518)
    """
    num_classes = checked_classes(num_classes)
    return (num_classes - 1) / mean_distance2(num_classes)


@functools.cache
def tie_probabilities(num_classes: int) -> Floats:
    """(min(V, 81),): how probably m others are tied with u_1 in the point u of K nearest to g ~ N(0, I_V).

    Given m, d^2 is chi-squared with m degrees of freedom: these are the conic intrinsic volumes of K (the master
    Steiner formula; Amelunxen, Lotz, McCoy and Tropp, Information and Inference 3, 2014). What ties is replaced by its
    mean t = s / sqrt(m + 1), s ~ N(0, 1), independent of the deviations from it. So the probability is
    binom(V - 1, m) a_m b_m: a_m that m others are above their mean with g_1, b_m = E Phi(t)^(V - 1 - m) that the rest
    are below it.
    """
    m = np.arange(min(num_classes, MOST_TIES + 1), dtype=np.float64)
    t = np.arange(-9, 9, 0.02)
    log_phi = torch.special.log_ndtr(torch.from_numpy(t)).numpy()
    density = np.exp(-(m[:, None] + 1) * t**2 / 2 + (num_classes - 1 - m[:, None]) * log_phi)  # (m, t)
    rest_below = 0.02 * density.sum(1) * np.sqrt((m + 1) / (2 * np.pi))
    log_ways = [math.lgamma(num_classes) - math.lgamma(k + 1) - math.lgamma(num_classes - k) for k in m]
    found: Floats = np.exp(np.array(log_ways) + _log_all_above_mean()[: m.size]) * rest_below
    return found


@functools.cache
def _log_all_above_mean() -> Floats:
    r"""(81,): log a_m, a_m = P(g_2, ..., g_{m+1} are above the mean of g_1, ..., g_{m+1}), independent normals.

    Their deviations d from it have the density sqrt(m + 1) (2 pi)^(-m/2) exp(-(|d|^2 + (sum d)^2) / 2). So
    a_m = sqrt(m + 1) 2^-m E exp(-S^2 / 2), S a sum of m half-normals. As exp(-S^2 / 2) = E exp(i x S) over a normal x,
    this is the integral of a power, E exp(i x |z|)^m. Along x = y + i sqrt(m), near the saddle point, nothing cancels,
    and the trapezoidal rule is as exact as the arithmetic.
    """
    m = np.arange(MOST_TIES + 1, dtype=np.float64)
    x = np.arange(0, 9, 0.1) + 1j * np.sqrt(m)[:, None]  # (m, y)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    z = 4.5 * (nodes + 1)
    one = np.exp(1j * x[..., None] * z - z**2 / 2) @ weights * 4.5 * np.sqrt(2 / np.pi)  # E exp(i x |z|)
    exponent = m[:, None] * np.log(one) - x**2 / 2
    largest = exponent[:, 0].real
    path = np.exp(exponent - largest[:, None]).real
    mean = 0.1 * (2 * path.sum(1) - path[:, 0]) / np.sqrt(2 * np.pi)
    found: Floats = np.log(mean) + largest + np.log(m + 1) / 2 - m * np.log(2)
    return found


def mean_distance2(num_classes: int) -> float:
    """E[d^2], the mean number of ties."""
    ties = tie_probabilities(num_classes)
    return float(ties @ np.arange(ties.size))


def checked_classes(num_classes: int) -> int:
    low, high = LIMITS["num_classes"]
    try:
        whole = operator.index(num_classes)
    except TypeError:
        whole = 0
    if not low <= whole <= high:
        raise ValueError(f"num_classes must be a whole number from {low} to {high:,}, but it is {num_classes!r}")
    return whole


def beyond_capacity(
    num_classes: int,
    samples_per_dim: Alphas,
    beyond: Callable[[Floats], Floats],
    up_to: Callable[[Floats], Floats] = np.copy,
) -> Alphas:
    """`up_to` of each alpha up to alpha_c, `beyond` of those above it, in the shape in which they came."""
    alpha = np.asarray(samples_per_dim, np.float64)
    if not np.all((alpha > 0) & (alpha < np.inf)):
        raise ValueError(f"samples_per_dim must be above 0 and finite, but it is {samples_per_dim!r}")
    found = np.array(up_to(alpha))
    past = alpha > capacity_per_dim(num_classes)
    found[past] = beyond(alpha[past])
    return cast(Alphas, found if found.ndim else float(found))
