"""Capacities, on curves small enough to be checked by hand, and against Cover's exact law."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from core import SweepConfig, capacity, capacity_per_dim
from explorer import frames
from explorer.frames.scaling import separable_capacity, trained_capacity
from explorer.jobs import Row
from tests.explorer.frames.rows import interval_around, limits_row, row

SIZES = (10, 20, 40)
FALLS = (10, 19, 20)  # C at these N: 95 % at N = 20
VERDICTS = {1: "separable", 0: "not separable", None: "undecided"}


def config(n: int, v: int = 10, sizes: tuple[int, ...] = SIZES, bias: bool = True) -> SweepConfig:
    return SweepConfig((n,), v, sizes, seeds=(0, 1, 2), bias=bias)


def curve(n: int, seed: int, counts: tuple[int, ...], v: int = 10, **others: Any) -> list[Row]:
    return [row(n, size, seed, c, num_classes=v, **others) for size, c in zip(SIZES, counts, strict=False)]


def exact(n: int, seed: int, can: tuple[int | None, ...], v: int = 10) -> list[Row]:
    return [limits_row(n, size, seed, 1, VERDICTS[c], num_classes=v) for size, c in zip(SIZES, can, strict=False)]


def scaling(rows: list[Row], *configs: SweepConfig, by: frames.CapacityKind = "trained") -> pd.DataFrame:
    return frames.scaling_frame(rows, configs or (config(3),), by)


# --- one capacity -----------------------------------------------------------------------------------------------------


def test_a_trained_capacity_is_that_of_the_core() -> None:
    found = trained_capacity(SIZES, np.array([[10.0, 20.0, 20.0], [10.0, 16.0, 20.0]]))
    assert found == (capacity(SIZES, [10, 18, 20]).num_samples, "")
    assert found.num_samples == pytest.approx(15)


def test_a_curve_that_ends_or_begins_beyond_its_capacity_gives_a_bound() -> None:
    assert trained_capacity(SIZES, np.array([[10.0, 20.0, 39.0]])) == (40, "at least")
    assert trained_capacity(SIZES, np.array([[9.0, 12.0, 15.0]])) == (10, "at most")


@pytest.mark.parametrize(
    ("share", "found"),
    [
        ([1.0, 0.0, 0.0], (10 + 4.5, "")),
        ([1.0, 1.0, 0.75], (20 + 17.375, "at least")),
        ([1.0, 0.5, 0.25], (10 + 7.25 + 7.375, "at least")),  # few are left, but nobody knows for how long
        ([0.75, 0.0, 0.0], (9 + 0.75 + 3.375, "at most")),  # all before might have been
        ([0.5, 0.0, 0.0], (9 + 0.5 + 2.25, "at most")),
        ([0.0, 0.0, 0.0], (9, "at most")),
        ([0.5, 0.5, 0.5], (20, "at least")),  # a half of 40: as many before, and nobody knows beyond
        ([0.0, 0.0, 0.5], (5.25, "at least")),
        ([0.0, 0.0, 0.01], (1, "at least")),  # a single sample always can
        ([1.0, np.nan, 0.0], (20 + 9.5, "at most")),  # it may have been all
    ],
)
def test_an_exact_capacity_is_exact_only_where_its_shares_begin_at_all_and_end_at_none(
    share: list[float], found: tuple[float, str]
) -> None:
    assert separable_capacity(SIZES, np.array([share])) == (pytest.approx(found[0]), found[1])


def test_half_a_curve_is_no_capacity() -> None:
    found = separable_capacity((10, 11, 12), np.array([[0.55, 0.5, 0.45]]))
    assert found == (pytest.approx(9 * 0.55 + 1.5), "at least")


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 40), st.integers(0, 40))
def test_a_bound_holds_whatever_lies_beyond_the_n_that_were_looked_at(own: list[int], first: int, more: int) -> None:
    """Data sets that can up to these N, and not beyond: their capacity is the mean of them."""
    sizes = tuple(range(first, first + more + 1))
    can = np.array([[float(size <= each) for size in sizes] for each in own])
    found = separable_capacity(sizes, can)
    capacity, few = np.mean(own), 1e-9
    assert (found.bound == "") == (min(own) >= first and max(own) < sizes[-1])
    if found.bound != "at most":
        assert found.num_samples <= capacity + few
    if found.bound != "at least":
        assert found.num_samples >= capacity - few


def test_an_exact_capacity_is_the_mean_number_of_samples_that_fit() -> None:
    """A data set that can up to N = 14, and one that can up to 17, looked at everywhere."""
    sizes = tuple(range(10, 21))
    can = np.array([[float(size <= own) for size in sizes] for own in (14, 17)])
    assert separable_capacity(sizes, can) == (15.5, "")


@pytest.mark.parametrize("inputs", [2, 4, 11, 41])
@pytest.mark.parametrize("every", [1, 2])
def test_for_two_classes_it_is_twice_the_number_of_inputs(inputs: int, every: int) -> None:
    """Cover (1965): N samples in d dimensions can with the chance that a coin shows at most d - 1 heads in N - 1."""
    sizes = tuple(range(1, 8 * inputs + 20, every))
    share = binom.cdf(inputs - 1, np.array(sizes) - 1, 0.5).round(6)  # as of a million data sets
    found = separable_capacity(sizes, share[None])
    assert found.bound == ""
    assert found.num_samples == pytest.approx(capacity_per_dim(2) * inputs, rel=1e-3 if every == 1 else 0.02)


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0])] * 6), min_size=1, max_size=5))
def test_an_exact_capacity_is_the_mean_of_the_seeds_own(seeds: list[tuple[float, ...]]) -> None:
    sizes = (3, 5, 8, 13, 21, 34)
    own = [separable_capacity(sizes, np.array([can])) for can in seeds]
    found = separable_capacity(sizes, np.array(seeds))
    assert (found.bound == "") == all(each.bound == "" for each in own)
    if len({each.bound for each in (found, *own)} - {""}) < 2:
        assert found.num_samples == pytest.approx(np.mean([each.num_samples for each in own]))


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, math.nan])] * 4), min_size=1, max_size=5))
def test_what_was_not_decided_leaves_a_bound_that_holds_either_way(seeds: list[tuple[float, ...]]) -> None:
    sizes, can = (3, 5, 8, 13, 21, 34), np.array([(1.0, *own, 0.0) for own in seeds])
    found, few = separable_capacity(sizes, can), 1e-9
    assert (found.bound == "") == (not np.isnan(can).any())
    for either in (0.0, 1.0):
        decided = separable_capacity(sizes, np.nan_to_num(can, nan=either))
        assert decided.num_samples <= found.num_samples + few


def test_data_sets_of_which_none_was_decided_can_be_anything() -> None:
    assert separable_capacity(SIZES, np.full((2, 3), np.nan)) == (1, "at least")
    assert separable_capacity(SIZES, np.array([[1.0, 1.0, np.nan]])) == (pytest.approx(20 + 9.5), "at least")


# --- a layer ----------------------------------------------------------------------------------------------------------


def test_a_row_says_what_a_layer_memorizes_beside_theory() -> None:
    rows = curve(3, 0, (10, 20, 20)) + curve(3, 1, (10, 18, 20)) + curve(3, 2, (10, 16, 20))
    [found] = scaling(rows).to_dict("records")
    own = [capacity(SIZES, counts).num_samples for counts in ((10, 20, 20), (10, 18, 20), (10, 16, 20))]
    theory = capacity_per_dim(10) * 4
    assert (found["num_classes"], found["input_dim"], found["num_seeds"], found["bound"]) == (10, 3, 3, "")
    assert found["capacity"] == pytest.approx(15)  # of the mean, 10, 18, 20
    assert (found["low"], found["high"]) == pytest.approx(interval_around(15, own))
    assert found["own"] == pytest.approx(dict(enumerate(own)))
    assert found["per_dim"] == pytest.approx(5)
    assert found["theory"] == pytest.approx(theory)
    assert found["residual"] == pytest.approx(100 * (15 - theory) / theory)
    assert found["residual_low"] == pytest.approx(100 * (found["low"] - theory) / theory)
    assert math.isnan(found["last_all"])
    assert found["num_undecided"] == 0


def test_without_a_bias_theory_has_one_input_less() -> None:
    [found] = scaling(curve(3, 0, FALLS), config(3, bias=False)).to_dict("records")
    assert found["theory"] == pytest.approx(capacity_per_dim(10) * 3)


def test_one_seed_has_no_interval() -> None:
    [found] = scaling(curve(3, 0, FALLS)).to_dict("records")
    assert found["num_seeds"] == 1
    assert math.isnan(found["low"])
    assert math.isnan(found["residual_high"])


def test_only_seeds_that_have_every_n_count() -> None:
    whole = scaling(curve(3, 0, FALLS))
    pd.testing.assert_frame_equal(scaling(curve(3, 0, FALLS) + curve(3, 1, (1, 1))), whole)
    pd.testing.assert_frame_equal(scaling(curve(3, 0, FALLS) + curve(3, 1, (1, 1, 1), diverged=True)), whole)
    assert scaling(curve(3, 0, (10, 19))).empty
    assert scaling([]).empty
    assert scaling([], by="separable").empty


def test_layers_come_in_the_order_of_the_sweeps_and_are_not_mixed_up() -> None:
    rows = curve(3, 0, FALLS, v=10) + curve(3, 0, (10, 18, 20), v=2) + curve(5, 0, (10, 20, 20), v=2)
    found = scaling(rows, config(3, 2), config(5, 2), config(3, 10), config(5, 10))
    assert found[["num_classes", "input_dim"]].values.tolist() == [[2, 3], [2, 5], [10, 3]]
    assert found["capacity"].tolist() == pytest.approx([15, capacity(SIZES, [10, 20, 20]).num_samples, 20])


def test_where_a_seed_has_only_a_bound_there_is_no_interval() -> None:
    [found] = scaling(curve(3, 0, (10, 19, 20)) + curve(3, 1, (10, 20, 40))).to_dict("records")
    assert found["bound"] == ""
    assert math.isnan(found["low"])
    assert found["own"] == {}


def test_an_exact_row_has_the_empirical_threshold_and_says_what_was_not_decided() -> None:
    rows = exact(3, 0, (1, 1, 0)) + exact(3, 1, (1, 0, 0)) + exact(3, 2, (1, None, 0))
    [found] = scaling(rows, by="separable").to_dict("records")
    assert (found["last_all"], found["first_none"], found["num_undecided"]) == (10, 40, 1)
    # Two thirds may at N = 20: straight lines from 1 at 10, and to 0 at 40.
    assert found["capacity"] == pytest.approx(
        10 + sum(1 - k / 30 for k in range(1, 11)) + sum(k / 30 for k in range(20))
    )
    assert (found["bound"], found["own"]) == ("at most", {})
    [decided] = scaling(exact(3, 0, (1, 1, 0)) + exact(3, 1, (1, 0, 0)), by="separable").to_dict("records")
    assert (decided["bound"], decided["own"]) == ("", pytest.approx({0: 20 + 9.5, 1: 10 + 4.5}))


def test_a_threshold_beyond_the_last_n_is_unknown() -> None:
    [found] = scaling(exact(3, 0, (1, 1, 1)), by="separable").to_dict("records")
    assert math.isnan(found["first_none"])
    assert found["bound"] == "at least"


def test_rows_of_the_other_kind_are_left_out() -> None:
    rows = curve(3, 0, FALLS) + exact(3, 0, (1, 0, 0))
    assert scaling(rows)["capacity"].tolist() == [20]
    assert scaling(rows, by="separable")["last_all"].tolist() == [10]


def test_what_is_said_waits_for_every_layer_of_a_v() -> None:
    rows = [*curve(3, 0, FALLS, v=10), *curve(3, 0, FALLS, v=2), *curve(5, 0, FALLS, v=2), *curve(3, 0, FALLS, v=5)]
    configs = [config(3, 2), config(5, 2), config(3, 10), config(5, 10), config(3, 5), config(3, 40)]
    found = frames.settled(scaling(rows, *configs), configs)
    assert found["num_classes"].tolist() == [2, 2, 5]
    assert frames.settled(scaling([]), configs).empty
