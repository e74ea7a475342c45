"""Capacities and their lines, on curves small enough to be checked by hand, and against Cover's exact law."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, ttest_1samp

from core import SweepConfig, capacity, capacity_per_dim
from explorer import frames
from explorer.frames.scaling import separable_capacity, trained_capacity
from explorer.jobs import Row
from tests.explorer.frames.rows import limits_row, row

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


def interval(value: float, own: list[float]) -> tuple[float, float]:
    """Around a value, as wide as scipy's of the mean of others."""
    found = ttest_1samp(own, 0).confidence_interval(0.95)
    half = (found.high - found.low) / 2
    return value - half, value + half


# --- one capacity -----------------------------------------------------------------------------------------------------


def test_a_trained_capacity_is_that_of_the_core() -> None:
    found = trained_capacity(SIZES, np.array([10.0, 18.0, 20.0]))
    assert found == (capacity(SIZES, [10, 18, 20]).num_samples, "")
    assert found.num_samples == pytest.approx(15)


def test_a_curve_that_ends_or_begins_beyond_its_capacity_gives_a_bound() -> None:
    assert trained_capacity(SIZES, np.array([10.0, 20.0, 39.0])) == (40, "at least")
    assert trained_capacity(SIZES, np.array([9.0, 12.0, 15.0])) == (10, "at most")
    assert separable_capacity(SIZES, np.array([1.0, 1.0, 0.75])) == (pytest.approx(10 + 10 + 17.375), "at least")
    assert separable_capacity(SIZES, np.array([0.5, 0.0, 0.0])) == (10, "at most")
    assert separable_capacity(SIZES, np.full(3, np.nan)).bound == "at least"


def test_an_exact_capacity_is_the_mean_number_of_samples_that_fit() -> None:
    """A data set that can up to N = 14, and one that can up to 17, looked at everywhere."""
    sizes = tuple(range(10, 21))
    share = np.array([(size <= 14) / 2 + (size <= 17) / 2 for size in sizes])
    assert separable_capacity(sizes, share) == (15.5, "")


@pytest.mark.parametrize("inputs", [2, 4, 11, 41])
@pytest.mark.parametrize("every", [1, 2])
def test_for_two_classes_it_is_twice_the_number_of_inputs(inputs: int, every: int) -> None:
    """Cover (1965): N samples in d dimensions can with the chance that a coin shows at most d - 1 heads in N - 1."""
    sizes = tuple(range(1, 8 * inputs + 20, every))
    share = binom.cdf(inputs - 1, np.array(sizes) - 1, 0.5)
    found = separable_capacity(sizes, share)
    assert found.bound == ""
    assert found.num_samples == pytest.approx(capacity_per_dim(2) * inputs, rel=1e-3 if every == 1 else 0.02)


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0])] * 6), min_size=1, max_size=5))
def test_an_exact_capacity_is_the_mean_of_the_seeds_own(seeds: list[tuple[float, ...]]) -> None:
    sizes = (3, 5, 8, 13, 21, 34)
    shares = np.array([(1.0, *own[1:]) for own in seeds])
    own = [separable_capacity(sizes, share).num_samples for share in shares]
    assert separable_capacity(sizes, shares.mean(0)).num_samples == pytest.approx(np.mean(own))


def test_a_data_set_that_was_not_decided_counts_neither_way() -> None:
    one, other = [1.0, np.nan, 0.0], [1.0, 0.5, 0.0]
    assert separable_capacity((10, 20, 30), np.array(one)) == separable_capacity((10, 20, 30), np.array(other))


# --- a layer ----------------------------------------------------------------------------------------------------------


def test_a_row_says_what_a_layer_memorizes_beside_theory() -> None:
    rows = curve(3, 0, (10, 20, 20)) + curve(3, 1, (10, 18, 20)) + curve(3, 2, (10, 16, 20))
    [found] = scaling(rows).to_dict("records")
    own = [capacity(SIZES, counts).num_samples for counts in ((10, 20, 20), (10, 18, 20), (10, 16, 20))]
    theory = capacity_per_dim(10) * 4
    assert (found["num_classes"], found["input_dim"], found["num_seeds"], found["bound"]) == (10, 3, 3, "")
    assert found["capacity"] == pytest.approx(15)  # of the mean, 10, 18, 20
    assert (found["low"], found["high"]) == pytest.approx(interval(15, own))
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
    # A half can at N = 20: straight lines from 1 at 10, and to 0 at 40.
    assert found["capacity"] == pytest.approx(
        10 + sum(1 - k / 20 for k in range(1, 11)) + sum(k / 40 for k in range(20))
    )


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


# --- lines ------------------------------------------------------------------------------------------------------------


def layers(*rows: tuple[int, int, float, dict[int, float]], bound: str = "") -> pd.DataFrame:
    """Rows of V, n, capacity and the seeds' own."""
    table = pd.DataFrame(rows, columns=["num_classes", "input_dim", "capacity", "own"])
    theory = [capacity_per_dim(v) * (n + 1) for v, n in zip(table["num_classes"], table["input_dim"], strict=True)]
    return table.assign(bound=bound, theory=theory, num_seeds=table["own"].map(len))


def test_a_slope_is_that_of_the_line_through_the_origin_with_the_least_squares() -> None:
    own = {seed: np.array([4.0, 9.0, 17.0]) + seed for seed in range(3)}
    n, c = np.array([1.0, 2.0, 4.0]), np.array([5.0, 10.0, 18.0])
    table = layers(*((10, int(n[i]), c[i], {seed: values[i] for seed, values in own.items()}) for i in range(3)))
    [found] = frames.slope_frame(table).to_dict("records")

    def slope_of(values: NDArray[np.float64]) -> float:
        return float(np.linalg.lstsq(n[:, None], values, rcond=None)[0][0])

    assert found["slope"] == pytest.approx(slope_of(c))
    assert (found["low"], found["high"]) == pytest.approx(
        interval(slope_of(c), [slope_of(values) for values in own.values()])
    )
    assert found["alpha"] == capacity_per_dim(10)
    assert found["theory"] == pytest.approx(capacity_per_dim(10) * slope_of(n + 1))
    assert found["residual"] == pytest.approx(100 * (found["slope"] / found["theory"] - 1))
    assert (found["num_dims"], found["num_seeds"]) == (3, 3)


def test_of_one_n_the_slope_is_the_capacity_for_each_input() -> None:
    [found] = frames.slope_frame(layers((10, 4, 18.0, {0: 18.0}))).to_dict("records")
    assert found["slope"] == pytest.approx(4.5)
    assert math.isnan(found["low"])


def test_while_seeds_are_missing_a_slope_has_no_interval() -> None:
    found = frames.slope_frame(layers((2, 4, 8.0, {0: 7.0, 1: 9.0}), (2, 8, 16.0, {0: 16.0})))
    assert found["slope"].tolist() == pytest.approx([2])
    assert found["low"].isna().all()


def test_bounds_have_no_part_in_a_slope() -> None:
    table = pd.concat([layers((10, 4, 18.0, {0: 18.0})), layers((10, 8, 99.0, {}), (5, 8, 99.0, {}), bound="at least")])
    assert frames.slope_frame(table)[["num_classes", "slope", "num_dims"]].values.tolist() == [[10, 4.5, 1]]
    assert frames.slope_frame(table.tail(2)).empty
    assert frames.slope_frame(scaling([])).empty


@pytest.mark.parametrize("along", ["input_dim", "num_classes"])
@pytest.mark.parametrize("bias", [False, True])
def test_lines_go_through_all_sizes_with_what_theory_and_the_fit_say(along: str, bias: bool) -> None:
    slopes = frames.slope_frame(layers((2, 4, 8.0, {0: 8.0})))
    found = frames.line_frame(slopes, (5, 40), (2, 30), along=along, bias=bias).to_dict("records")
    assert {(v, n) for v in (2, 30) for n in (5, 40)} <= {(line["num_classes"], line["input_dim"]) for line in found}
    assert len(found) > 40
    for line in found:
        v, n = line["num_classes"], line["input_dim"]
        assert line["theory"] == pytest.approx(capacity_per_dim(v) * (n + bias))
        assert line["fit"] == pytest.approx(2 * n) if v == 2 else math.isnan(line["fit"])


def test_lines_of_a_single_size_are_a_point() -> None:
    found = frames.line_frame(frames.slope_frame(scaling([])), (7,), (2, 3), along="input_dim", bias=True)
    assert found[["num_classes", "input_dim"]].values.tolist() == [[2, 7], [3, 7]]
    assert found["fit"].isna().all()
