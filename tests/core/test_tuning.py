"""Verdicts on learning rates, on tables whose verdict is known, and what no table may change."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.intervals import mean_interval
from core.tuning import SMALLEST_DIFFERENCE, judge

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def words(rates: tuple[float, ...], num_memorized: object) -> list[str]:
    told = judge(rates, num_memorized)  # type: ignore[arg-type]
    return [told.word(place) for place in range(len(rates))]


def around(means: tuple[float, ...], num_seeds: int = 4) -> NDArray[np.float64]:
    """C with these means, whose differences between rates are the same for each seed to a fraction of a sample."""
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
    assert words(RATES[:2], [[99.0] * 3, [100.0] * 3]) == ["too small", "fine"]
    assert words(RATES[:2], [[99.01] * 3, [100.0] * 3]) == ["fine", "fine"]


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
    assert judge(RATES[:1], [[5, 6]]).best == 0


def test_with_one_seed_nothing_is_told_apart() -> None:
    told = judge(RATES, [[0], [0], [100], [50], [0], [0], [0]])
    assert told.best == 2
    assert (told.lowest, told.highest) == (0, 6)
    assert {told.word(place) for place in range(7)} == {"fine"}


def test_a_dip_ends_the_piece_around_the_best_and_what_lies_beyond_it_is_judged_for_itself() -> None:
    told = judge(RATES[:5], around((100, 90, 100.2, 100.1, 90)))
    assert (told.lowest, told.best, told.highest) == (2, 2, 3)
    assert [told.word(place) for place in range(5)] == ["fine", "too small", "fine", "fine", "unstable"]


def test_a_rate_is_told_behind_exactly_where_its_paired_interval_lies_above_zero() -> None:
    random_ = np.random.default_rng(1)
    for _ in range(200):
        memorized = random_.integers(80, 100, (3, 4)).astype(float)
        told = judge(RATES[:3], memorized)
        for place in range(3):
            behind = mean_interval(memorized[told.best] - memorized[place])
            assert told.behind[place] == behind
            assert (told.word(place) == "fine") == (behind.low <= 0 or behind.mean < 1)


# --- what no table may change -----------------------------------------------------------------------------------------

tables = st.integers(1, 6).flatmap(
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
        assert behind.mean >= 0
        assert behind.num_values == len(table[0])
        allowed = (
            {"fine"} | ({"too small"} if place < told.best else set()) | ({"unstable"} if place > told.best else set())
        )
        assert told.word(place) in allowed
    # The piece is as long as it can be.
    for beyond in (told.lowest - 1, told.highest + 1):
        assert not 0 <= beyond < len(table) or told.word(beyond) != "fine"


@given(tables, st.randoms())
def test_the_order_of_the_rates_does_not_matter(table: list[list[int]], rng: random.Random) -> None:
    rows = list(zip(rates_for(table), table, strict=True))
    shuffled = rng.sample(rows, len(rows))
    assert judge([rate for rate, _ in shuffled], [row for _, row in shuffled]) == judge(rates_for(table), table)


@given(tables, st.data())
def test_what_all_rates_gain_on_one_data_set_changes_nothing(table: list[list[int]], data: st.DataObject) -> None:
    gains = data.draw(st.lists(st.integers(-1000, 1000), min_size=len(table[0]), max_size=len(table[0])))
    assert judge(rates_for(table), np.array(table) + gains) == judge(rates_for(table), table)


@given(tables, st.randoms())
def test_the_order_of_the_seeds_does_not_matter(table: list[list[int]], rng: random.Random) -> None:
    order = rng.sample(range(len(table[0])), len(table[0]))
    one, other = judge(rates_for(table), table), judge(rates_for(table), np.array(table)[:, order])
    assert (one.best, one.lowest, one.highest) == (other.best, other.lowest, other.highest)
    for before, after in zip(one.behind, other.behind, strict=True):
        assert after == pytest.approx(before)


@pytest.mark.parametrize(
    "memorized", [[[1, 2]], [1, 2], [[1], [2], [3]], [[], []], 5, [[[1]], [[2]]]], ids=lambda table: str(table)
)
def test_a_table_of_another_shape_is_told_with_what_was_expected(memorized: object) -> None:
    with pytest.raises(ValueError, match=r"expected C of shape \(2, seeds\), one row a rate, but came \("):
        judge((0.1, 0.2), memorized)  # type: ignore[arg-type]


def test_no_rate_is_told_too() -> None:
    with pytest.raises(ValueError, match=r"expected C of shape \(0, seeds\)"):
        judge((), np.empty((0, 3)))
