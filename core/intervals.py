"""How well a mean over a few seeds is known."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

# 97.5 % quantiles of Student's t for 1, 2, ... degrees of freedom.
_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


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

        >>> mean_interval([9.0, 10.0, 11.0])  # 10 -+ 4.303 / sqrt(3)
        Interval(mean=10.0, low=7.5158..., high=12.4841..., num_values=3)
    """
    array = np.asarray(values, float)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"expected a sequence of at least one value, but came shape {array.shape}")
    mean = float(array.mean())
    if array.size == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = t_quantile(array.size - 1) * float(array.std(ddof=1)) / math.sqrt(array.size)
    return Interval(mean, mean - half, mean + half, array.size)


def t_quantile(degrees: int) -> float:
    """The 97.5 % quantile of Student's t: a table, and from 11 degrees of freedom on Cornish and Fisher's expansion.

    (Abramowitz and Stegun 26.7.5; good to 1e-4 there.)
    """
    if degrees <= len(_T):
        return _T[degrees - 1]
    z = NormalDist().inv_cdf(0.975)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(sum(term / degrees**power for power, term in enumerate(terms)))
