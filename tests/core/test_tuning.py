"""Verdicts on learning rates, on tables whose verdict is known, by how often they err, and by what may not change them.

The intervals are checked against a linear model fitted by least squares, which knows nothing of means and residuals.
"""

import math
import random

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.tuning import SMALLEST_DIFFERENCE, SMALLEST_VARIANCE, judge

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def words(rates: tuple[float, ...], num_memorized: object) -> list[str]:
    told = judge(rates, num_memorized)  # type: ignore[arg-type]
    return [told.word(place) for place in range(len(rates))]


def around(means: tuple[float, ...], num_seeds: int = 4) -> NDArray[np.float64]:
    """C with these means, which differ from seed to seed by far more than what is left, a fraction of a sample."""
    wobble = 0.1 * np.random.default_rng(0).standard_normal((len(means), num_seeds))
    return np.array(means)[:, None] + wobble - wobble.mean(1, keepdims=True) + 10.0 * np.arange(num_seeds)


# --- constructed tables -----------------------------------------------------------------------------------------------


def test_a_hill_with_a_flat_top_is_too_small_fine_and_unstable() -> None:
    told = judge(RATES, around((60, 80, 99.9, 100, 99.8, 90, 40)))
    assert (told.lowest, told.best, told.highest) == (2, 3, 4)
    assert [told.word(place) for place in range(7)] == ["too small"] * 2 + ["fine"] * 3 + ["unstable"] * 2
    assert [round(each.mean, 6) for each in told.behind] == [40, 20, 0.1, 0, 0.2, 10, 60]


def test_a_hill_on_the_rim_has_only_one_side() -> None:
    assert words(RATES[:3], around((100, 90, 80))) == ["fine", "unstable", "unstable"]
    assert words(RATES[:3], around((80, 90, 100))) == ["too small", "too small", "fine"]


def test_less_than_a_sample_matters_to_nobody_however_certain_it_is() -> None:
    assert SMALLEST_DIFFERENCE == 1
    assert words(RATES[:2], [[99.0] * 16, [100.0] * 16]) == ["too small", "fine"]
    assert words(RATES[:2], [[99.01] * 16, [100.0] * 16]) == ["fine", "fine"]


def test_two_seeds_that_agree_exactly_do_not_prove_a_single_sample() -> None:
    """C is a whole number: that it came out the same twice is no wonder."""
    assert words(RATES[:2], [[99, 99], [100, 100]]) == ["fine", "fine"]
    assert words(RATES[:2], [[50, 50], [100, 100]]) == ["too small", "fine"]


def test_a_large_difference_that_scatters_as_much_is_not_told_apart() -> None:
    scattered = [[100, 60, 80, 90], [110, 90, 70, 100]]  # 10, 30, -10, 10 ahead
    assert words(RATES[:2], scattered) == ["fine", "fine"]


def test_seeds_are_paired() -> None:
    """Data sets differ by far more than learning rates do; on each one the second is 3 or 4 ahead."""
    data_sets = np.array([50, 200, 120, 90])
    ahead = np.array([3, 4, 3, 4])
    assert words(RATES[:2], [data_sets, data_sets + ahead]) == ["too small", "fine"]
    assert words(RATES[:2], [data_sets, (data_sets + ahead)[::-1]]) == ["fine", "fine"]  # of other data


def test_of_rates_that_memorize_the_same_the_middle_one_is_the_best() -> None:
    same = np.full((7, 3), 100.0)
    assert judge(RATES, same).best == 3
    same[[0, 1]] = 50
    told = judge(RATES, same)
    assert (told.lowest, told.best, told.highest) == (2, 4, 6)


def test_one_rate_alone_is_fine() -> None:
    told = judge(RATES[:1], [[5, 6]])
    assert (told.lowest, told.best, told.highest) == (0, 0, 0)
    assert told.word(0) == "fine"
    assert (told.behind[0].low, told.behind[0].mean, told.behind[0].high) == (0, 0, 0)


def test_with_one_seed_nothing_is_told_apart() -> None:
    told = judge(RATES, [[0], [0], [100], [50], [0], [0], [0]])
    assert told.best == 2
    assert (told.lowest, told.highest) == (0, 6)
    assert {told.word(place) for place in range(7)} == {"fine"}
    assert all(math.isinf(behind.high) for behind in told.behind)


def test_a_dip_ends_the_piece_around_the_best_and_what_lies_beyond_it_is_judged_for_itself() -> None:
    told = judge(RATES[:5], around((100, 90, 100.2, 100.1, 90)))
    assert (told.lowest, told.best, told.highest) == (2, 2, 3)
    assert [told.word(place) for place in range(5)] == ["fine", "too small", "fine", "fine", "unstable"]


# --- the intervals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("num_rates", "num_seeds"), [(2, 2), (2, 8), (5, 3), (12, 4), (3, 16)])
def test_an_interval_is_that_of_the_additive_model_with_bonferronis_quantile(num_rates: int, num_seeds: int) -> None:
    """C = rate + seed + scatter, fitted by least squares."""
    memorized = np.random.default_rng(num_rates).normal(0, 5, (num_rates, num_seeds)) + 100 * np.arange(num_seeds)
    design = np.array(
        [
            [*(i == rate for i in range(num_rates)), *(j == seed for j in range(1, num_seeds))]
            for rate in range(num_rates)
            for seed in range(num_seeds)
        ],
        float,
    )
    solution, [residual], rank, _ = np.linalg.lstsq(design, memorized.ravel())
    degrees = memorized.size - rank
    quantile = scipy.stats.t.ppf(1 - 0.05 / (num_rates - 1), degrees)
    half = quantile * math.sqrt(2 * residual / degrees / num_seeds)
    told = judge(RATES[:num_rates] if num_rates <= 7 else tuple(range(1, num_rates + 1)), memorized)
    for place, behind in enumerate(told.behind):
        assert behind.mean == pytest.approx(max(solution[:num_rates]) - solution[place], abs=1e-9)
        assert behind.high - behind.mean == pytest.approx(half)
        assert behind.mean - behind.low == pytest.approx(half)
        assert behind.num_values == num_seeds


def test_scatter_is_never_taken_for_less_than_that_of_a_whole_number() -> None:
    assert np.var(np.linspace(-0.5, 0.5, 100_001)) == pytest.approx(SMALLEST_VARIANCE, rel=1e-4)  # of rounding
    told = judge(RATES[:3], [[9.0] * 4, [10.0] * 4, [8.0] * 4])
    half = scipy.stats.t.ppf(1 - 0.05 / 2, 6) * math.sqrt(2 * SMALLEST_VARIANCE / 4)
    assert told.behind[0].high - told.behind[0].mean == pytest.approx(half)


@pytest.mark.parametrize("num_rates", [2, 5, 12])
@pytest.mark.parametrize("num_seeds", [2, 4, 8])
def test_a_rate_that_is_as_good_as_any_is_seldom_called_behind(num_rates: int, num_seeds: int) -> None:
    """At most one time in twenty, though the best is the best by accident."""
    random_ = np.random.default_rng(num_rates)
    trials = 2_000
    rates = tuple(range(1, num_rates + 1))
    wrong = sum(
        judge(rates, random_.normal(0, 5, (num_rates, num_seeds)) + random_.normal(0, 50, num_seeds)).word(0) != "fine"
        for _ in range(trials)
    )
    assert wrong / trials <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)


def test_a_rate_that_is_far_behind_is_nearly_always_found() -> None:
    """Five times the scatter, on four seeds."""
    random_ = np.random.default_rng(0)
    means = np.array([[-25.0], [0], [0], [0], [-25]])
    found = [
        words(RATES[:5], means + random_.normal(0, 5, (5, 4)) + random_.normal(0, 50, 4))[0::4] for _ in range(500)
    ]
    assert found.count(["too small", "unstable"]) > 490


# --- what no table may change -----------------------------------------------------------------------------------------

# Counts of seeds whose means are exact in floating point: one sample is then one sample.
tables = st.sampled_from([1, 2, 4, 8]).flatmap(
    lambda num_seeds: st.lists(
        st.lists(st.integers(0, 400), min_size=num_seeds, max_size=num_seeds), min_size=1, max_size=8
    )
)


def rates_for(table: list[list[int]]) -> list[float]:
    return [10.0 ** (place - 4) for place in range(len(table))]


@given(tables)
def test_a_verdict_keeps_its_promises(table: list[list[int]]) -> None:
    told = judge(rates_for(table), table)
    means = np.mean(table, axis=1)
    assert told.rates == tuple(sorted(rates_for(table)))
    assert means[told.best] == means.max()
    assert 0 <= told.lowest <= told.best <= told.highest < len(table)
    assert {told.word(place) for place in range(told.lowest, told.highest + 1)} == {"fine"}
    for place, behind in enumerate(told.behind):
        assert behind.low <= behind.mean <= behind.high
        assert behind.mean == means.max() - means[place]
        beside = {"fine", "too small" if place < told.best else "unstable"}
        assert told.word(place) in (beside if place != told.best else {"fine"})
        assert (told.word(place) == "fine") == (behind.low <= 0 or behind.mean < 1)
    # The piece is as long as it can be.
    for beyond in (told.lowest - 1, told.highest + 1):
        assert not 0 <= beyond < len(table) or told.word(beyond) != "fine"


@given(tables, st.randoms())
def test_the_order_of_the_rates_does_not_matter(table: list[list[int]], rng: random.Random) -> None:
    rows = list(zip(rates_for(table), table, strict=True))
    shuffled = rng.sample(rows, len(rows))
    assert judge([rate for rate, _ in shuffled], [row for _, row in shuffled]) == judge(rates_for(table), table)


def assert_alike(one: object, other: object) -> None:
    assert (one.best, one.lowest, one.highest) == (other.best, other.lowest, other.highest)  # type: ignore[attr-defined]
    for before, after in zip(one.behind, other.behind, strict=True):  # type: ignore[attr-defined]
        assert after == pytest.approx(before)


@given(tables, st.data())
def test_what_all_rates_gain_on_one_data_set_changes_nothing(table: list[list[int]], data: st.DataObject) -> None:
    gains = data.draw(st.lists(st.integers(-1000, 1000), min_size=len(table[0]), max_size=len(table[0])))
    assert_alike(judge(rates_for(table), table), judge(rates_for(table), np.array(table) + gains))


@given(tables, st.randoms())
def test_the_order_of_the_seeds_does_not_matter(table: list[list[int]], rng: random.Random) -> None:
    order = rng.sample(range(len(table[0])), len(table[0]))
    assert_alike(judge(rates_for(table), table), judge(rates_for(table), np.array(table)[:, order]))


@pytest.mark.parametrize("memorized", [[[1, 2]], [1, 2], [[1], [2], [3]], [[], []], 5, [[[1]], [[2]]]], ids=str)
def test_a_table_of_another_shape_is_told_with_what_was_expected(memorized: object) -> None:
    with pytest.raises(ValueError, match=r"expected C of shape \(2, seeds\), one row a rate, but came \("):
        judge((0.1, 0.2), memorized)  # type: ignore[arg-type]


def test_no_rate_is_told_too() -> None:
    with pytest.raises(ValueError, match=r"expected C of shape \(0, seeds\)"):
        judge((), np.empty((0, 3)))


@pytest.mark.parametrize("missing", [math.nan, math.inf])
def test_a_number_that_is_missing_is_told(missing: float) -> None:
    with pytest.raises(ValueError, match="of every rate and seed, but some are not finite"):
        judge((0.1, 0.2), [[1, 2], [3, missing]])
