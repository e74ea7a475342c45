"""How well what is computed of a few seeds is known."""

import functools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NUM_RESAMPLES = 10_000


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


def bootstrap_interval(values: Sequence[float]) -> Interval:
    """The mean of independent values and its 95 % bootstrap interval, which may lie askew around the mean.

    From the quantiles of the means of resamples, which of k values are too narrow: by sqrt((k - 1) / k), and because k
    values do not know their own spread. Both are allowed for by quantiles further out, Phi(-+ sqrt(k / (k - 1)) t)
    (Hesterberg, "What Teachers Should Know About the Bootstrap", Am. Stat. 69, 2015: the expanded percentile
    interval). Fewer than eight values have too few different resamples for that: theirs is `mean_interval`.

    Args:
        values: (k,) at least one, such as one a data set.

    Raises:
        ValueError: there is no value.
    """
    mean, _, _, count = found = mean_interval(values)
    if count < 8:
        return found
    generator = np.random.Generator(np.random.PCG64(0))  # the same interval each time it is asked for
    means = np.asarray(values, float)[generator.integers(count, size=(NUM_RESAMPLES, count))].mean(1)
    tail = 0.5 * math.erfc(math.sqrt(count / (count - 1)) * t_quantile(0.975, count - 1) / math.sqrt(2))
    low, high = (float(edge) for edge in np.quantile(means, [tail, 1 - tail]))
    return Interval(mean, low, high, count)


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


def jackknife_interval(statistic: Callable[[NDArray[np.float64]], float], values: NDArray[np.float64]) -> Interval:
    """A statistic of independent values and its 95 % interval, from what it is without each of them in turn.

    The pseudo-values S theta - (S - 1) theta_(s) are taken for independent (Tukey 1958), and Student's interval of
    their mean is put around theta. Of a mean this is `mean_interval`; a maximum is chosen anew each time.

    Args:
        statistic: of any (R, ...) of the values.
        values: (S, ...) at least one, such as one a seed.

        >>> jackknife_interval(np.mean, np.array([9.0, 10.0, 11.0])) == mean_interval([9.0, 10.0, 11.0])
        True
    """
    found, count = float(statistic(values)), len(values)
    if count == 1:
        return mean_interval([found])
    without = np.array([statistic(np.delete(values, each, axis=0)) for each in range(count)])
    _, low, high, _ = mean_interval((count * found - (count - 1) * without).tolist())
    return Interval(found, found - (high - low) / 2, found + (high - low) / 2, count)
