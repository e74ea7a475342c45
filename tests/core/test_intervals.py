"""Means and their intervals, against scipy and against the share of intervals that must hold the truth."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from core.intervals import Interval, mean_interval, t_quantile

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("degrees", range(1, 201))
def test_the_quantile_is_that_of_students_t(degrees: int) -> None:
    assert t_quantile(0.975, degrees) == pytest.approx(scipy.stats.t.ppf(0.975, degrees), rel=1e-9)


@settings(max_examples=30)
@given(st.floats(0.5, 0.99999), st.integers(1, 1000))
def test_the_quantile_is_the_inverse_of_the_distribution(probability: float, degrees: int) -> None:
    assert scipy.stats.t.cdf(t_quantile(probability, degrees), degrees) == pytest.approx(probability, abs=1e-9)


def test_the_quantile_falls_to_that_of_the_normal_law() -> None:
    quantiles = [t_quantile(0.975, degrees) for degrees in range(1, 201)]
    assert all(before > after for before, after in itertools.pairwise(quantiles))
    assert quantiles[-1] == pytest.approx(scipy.stats.norm.ppf(0.975), abs=0.012)


@pytest.mark.parametrize(("probability", "degrees"), [(0.49, 3), (1.0, 3), (math.nan, 3), (0.9, 0), (0.9, -1)])
def test_a_quantile_that_there_is_not_is_told(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match=r"expected a probability from 0.5 to less than 1 and at least one degree"):
        t_quantile(probability, degrees)


@given(st.lists(numbers, min_size=2, max_size=40))
def test_an_interval_is_that_of_scipy(values: list[float]) -> None:
    found = mean_interval(values)
    error = scipy.stats.sem(values)
    low, high = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), error) if error else (found.mean,) * 2
    close = {"rel": 1e-9, "abs": 1e-9 * (high - low) + 1e-9}
    assert found.mean == pytest.approx(np.mean(values), **close)
    assert found.low == pytest.approx(low, **close)
    assert found.high == pytest.approx(high, **close)
    assert found.num_values == len(values)


@pytest.mark.parametrize("num_values", [2, 4, 16])
def test_of_a_hundred_intervals_ninety_five_hold_the_true_mean(num_values: int) -> None:
    random = np.random.default_rng(0)
    trials = 20_000
    intervals = [mean_interval(values) for values in random.normal(3.0, 2.0, (trials, num_values))]
    share = np.mean([interval.low <= 3.0 <= interval.high for interval in intervals])
    assert share == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / trials))


def test_one_value_says_nothing_of_its_spread() -> None:
    assert mean_interval([7.0]) == Interval(7.0, -math.inf, math.inf, 1)


def test_equal_values_leave_no_doubt() -> None:
    assert mean_interval([4.0] * 5) == Interval(4.0, 4.0, 4.0, 5)


@given(st.lists(numbers, min_size=1, max_size=8), st.floats(-100, 100), st.floats(0.01, 100))
def test_an_interval_moves_and_stretches_with_its_values(values: list[float], shift: float, scale: float) -> None:
    before, after = mean_interval(values), mean_interval([shift + scale * value for value in values])
    close = {"rel": 1e-9, "abs": 1e-6 * scale + 1e-6}
    for name in ("mean", "low", "high"):
        assert getattr(after, name) == pytest.approx(shift + scale * getattr(before, name), **close)


@pytest.mark.parametrize("nothing", [[], np.empty(0), np.ones((2, 2)), 3.0])
def test_without_values_it_says_what_it_expected(nothing: object) -> None:
    with pytest.raises(ValueError, match="expected a sequence of at least one value, but came shape"):
        mean_interval(nothing)  # type: ignore[arg-type]
