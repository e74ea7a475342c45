"""How well a mean over a few seeds is known."""

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """A mean and its 95 % confidence interval.

    Attributes:
        mean: of the values.
        low, high: the interval; infinitely wide for a single value.
        num_values: how many there were.
    """

    mean: float
    low: float
    high: float
    num_values: int


def mean_interval(values: Sequence[float]) -> Interval:
    """The mean of independent values and its 95 % interval, mean -+ t s / sqrt(k) (Student 1908).

    Args:
        values: (k,) at least one, such as one a seed.

    Raises:
        ValueError: there is no value.

        >>> interval = mean_interval([9.0, 10.0, 11.0])  # 10 -+ 4.303 / sqrt(3)
        >>> round(interval.low, 3), interval.mean, round(interval.high, 3)
        (7.516, 10.0, 12.484)
    """
    array = np.asarray(values, float)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"expected a sequence of at least one value, but came shape {array.shape}")
    mean = float(array.mean())
    if array.size == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = t_quantile(0.975, array.size - 1) * float(array.std(ddof=1)) / math.sqrt(array.size)
    return Interval(mean, mean - half, mean + half, array.size)


@functools.cache
def t_quantile(probability: float, degrees: int) -> float:
    """The quantile of Student's t, by bisection on its distribution function.

    With t = sqrt(nu) tan(theta) that function is 1/2 + c times the integral of cos^(nu - 1) from 0 to theta, where
    c = Gamma((nu + 1) / 2) / (sqrt(pi) Gamma(nu / 2)).

    Args:
        probability: from 0.5 to less than 1.
        degrees: of freedom, nu, at least 1.

    Raises:
        ValueError: an argument is outside its range.
    """
    if not (0.5 <= probability < 1 and degrees >= 1):
        raise ValueError(
            f"expected a probability from 0.5 to less than 1 and at least one degree of freedom, but came "
            f"{probability} and {degrees}"
        )
    nodes, weights = np.polynomial.legendre.leggauss(100)
    factor = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi)
    low, high = 0.0, math.pi / 2
    while high - low > 1e-15:
        middle = (low + high) / 2
        integral = middle / 2 * float(weights @ np.cos(middle / 2 * (nodes + 1)) ** (degrees - 1))
        low, high = (middle, high) if 0.5 + factor * integral < probability else (low, middle)
        if middle in (low, high) and (low + high) / 2 in (low, high):
            break  # neighbours in float64
    return math.sqrt(degrees) * math.tan(low)
