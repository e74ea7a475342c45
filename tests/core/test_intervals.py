"""Means and their intervals, against scipy and against the share of intervals that must hold the truth."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from core.intervals import Interval, bootstrap_interval, jackknife_interval, mean_interval, t_quantile

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
    for interval in (mean_interval, bootstrap_interval):
        with pytest.raises(ValueError, match="expected a sequence of at least one value, but came shape"):
            interval(nothing)  # type: ignore[arg-type]


# --- the bootstrap ----------------------------------------------------------------------------------------------------


@given(st.lists(numbers, min_size=1, max_size=7))
def test_too_few_values_for_a_bootstrap_have_the_interval_of_student(values: list[float]) -> None:
    assert bootstrap_interval(values) == mean_interval(values)


@settings(max_examples=50)
@given(st.lists(numbers, min_size=8, max_size=30))
def test_a_bootstrap_interval_lies_among_its_values_and_is_always_the_same(values: list[float]) -> None:
    found = bootstrap_interval(values)
    close = 1e-12 * max(map(abs, values))  # a mean of equal values may round
    assert min(values) - close <= found.low <= found.mean + close
    assert found.mean - close <= found.high <= max(values) + close
    assert found.mean == mean_interval(values).mean
    assert found.num_values == len(values)
    assert bootstrap_interval(values) == found


def test_a_bootstrap_leaves_the_worlds_random_numbers_alone() -> None:
    np.random.seed(7)  # noqa: NPY002  # the global state is what must not be touched
    before = np.random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    bootstrap_interval(range(9))
    assert np.random.random() == before  # noqa: NPY002


@settings(max_examples=50)
@given(st.lists(numbers, min_size=8, max_size=12), st.floats(-100, 100), st.floats(0.01, 100))
def test_a_bootstrap_interval_moves_stretches_and_turns_with_its_values(
    values: list[float], shift: float, scale: float
) -> None:
    before = bootstrap_interval(values)
    close = {"rel": 1e-9, "abs": 1e-6 * scale + 1e-6}
    after = bootstrap_interval([shift + scale * value for value in values])
    for name in ("mean", "low", "high"):
        assert getattr(after, name) == pytest.approx(shift + scale * getattr(before, name), **close)
    mirrored = bootstrap_interval([-scale * value for value in values])
    assert mirrored.low == pytest.approx(-scale * before.high, **close)
    assert mirrored.high == pytest.approx(-scale * before.low, **close)


@pytest.mark.parametrize("num_values", [8, 16, 60])
def test_a_bootstrap_interval_is_scipys_at_the_expanded_level(num_values: int) -> None:
    random = np.random.default_rng(num_values)
    values = random.exponential(size=num_values)
    quantile = scipy.stats.t.ppf(0.975, num_values - 1)
    tail = scipy.stats.norm.cdf(-math.sqrt(num_values / (num_values - 1)) * quantile)
    scipys = scipy.stats.bootstrap(
        (values,), np.mean, confidence_level=1 - 2 * tail, n_resamples=100_000, method="percentile", rng=random
    )
    found = bootstrap_interval(values)
    # Of our 10,000 means a share of `tail` lies beyond an edge, more or less sqrt(tail / 10,000): the edge must lie
    # between scipy's quantiles of four times as much either side.
    slack = 4 * math.sqrt(tail / 10_000)
    means = scipys.bootstrap_distribution
    for edge, level in [(found.low, tail), (found.high, 1 - tail)]:
        low, high = np.quantile(means, np.clip([level - slack, level + slack], 0, 1))
        assert low <= edge <= high


def test_a_bootstrap_interval_hardly_depends_on_the_order_of_the_values() -> None:
    """Only by which resamples are drawn."""
    random = np.random.default_rng(0)
    values = random.standard_normal(16)
    edges = np.array([bootstrap_interval(random.permutation(values))[1:3] for _ in range(30)])
    # Beyond an edge lie 1.4 % of 10,000 means, more or less 12: at a density of 0.035 this moves it by 3.4 % of the
    # standard error, 1/4 of the values' spread.
    assert (edges.std(0) < 2 * 0.034 * values.std() / 4).all()


def shares(draw, num_values: int) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Of bootstrap intervals, and of Student's, of the same values: how many hold the true mean, which is 1."""
    samples = draw(np.random.default_rng(0), (COVERED, num_values))
    both = [(bootstrap_interval(values), mean_interval(values)) for values in samples]
    held = np.array([[interval.low <= 1 <= interval.high for interval in pair] for pair in both])
    ours, students = held.mean(0)
    return float(ours), float(students)


COVERED = 2_000  # intervals: a share of 0.95 of them has a standard deviation of 0.005


@pytest.mark.parametrize("num_values", [8, 16])
def test_of_a_hundred_bootstrap_intervals_ninety_five_hold_the_true_mean(num_values: int) -> None:
    ours, students = shares(lambda random, size: random.normal(1, 2, size), num_values)
    assert ours == pytest.approx(0.95, abs=4 * 0.005)
    assert ours == pytest.approx(students, abs=0.02)


def test_of_skewed_values_a_bootstrap_interval_holds_the_true_mean_no_less_often_than_students() -> None:
    """Of an exponential law: with 16 values neither reaches 95 %, and ours lies askew, towards the long tail."""
    ours, students = shares(lambda random, size: random.exponential(1, size), 16)
    assert ours > students - 0.01
    assert ours > 0.89
    values = scipy.stats.expon.ppf((np.arange(16) + 0.5) / 16)
    found = bootstrap_interval(values)
    assert found.high - found.mean > 1.15 * (found.mean - found.low)


# --- jackknife --------------------------------------------------------------------------------------------------------


def test_of_a_mean_the_jackknife_is_students() -> None:
    values = np.random.default_rng(0).standard_normal(7)
    assert jackknife_interval(np.mean, values) == pytest.approx(mean_interval(values.tolist()))
    assert jackknife_interval(np.max, values[:1]) == mean_interval(values[:1].tolist())


def test_of_a_ratio_of_means_the_jackknife_covers_the_truth() -> None:
    """In 95 % of 400 experiments with 12 pairs, as the delta method would."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        pairs = np.column_stack([3 + random.standard_normal(12), 2 + 0.5 * random.standard_normal(12)])
        found = jackknife_interval(lambda some: some[:, 0].mean() / some[:, 1].mean(), pairs)
        covered += found.low <= 1.5 <= found.high
    assert 0.92 <= covered / 400 <= 0.98
