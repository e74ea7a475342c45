"""The most bits of curves and of layers of several sizes, against numbers that can be checked by hand."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import SweepConfig
from explorer import frames
from explorer.jobs import Row
from tests.explorer.frames.bits_rows import bits_row, optimal

CONFIG = SweepConfig(input_dims=(3,), num_classes=4, num_samples=(10, 20, 40), seeds=(0, 1, 2))  # 16 parameters


def curve(seed: int, *liu: float, **others: Any) -> list[Row]:
    return [bits_row(size, seed, value, **others) for size, value in zip(CONFIG.num_samples, liu, strict=False)]


def capacities(rows: list[Row], *configs: SweepConfig) -> pd.DataFrame:
    found = frames.bit_capacities(frames.bits_frame(rows), configs or (CONFIG,))
    return found.set_index(["of", "definition"]) if len(configs) < 2 else found


# --- the most of a curve ----------------------------------------------------------------------------------------------


def test_the_most_is_the_largest_mean_over_seeds_with_its_interval() -> None:
    found = capacities([*curve(0, 10, 30, 20), *curve(1, 10, 32, 20), *curve(2, 10, 31, 34)])
    liu = found.loc[("trained", "liu")]
    assert liu["bits"] == pytest.approx(31)  # of 30, 31 and 32, as the mean of 20, 20 and 34 is less
    assert liu["bits"] - liu["low"] == pytest.approx(4.303 / math.sqrt(3), rel=1e-3)
    assert liu["num_samples"] == 20
    assert not liu["is_lower_bound"]
    assert liu["last"] == pytest.approx(74 / 3)
    assert liu["num_seeds"] == 3
    assert (liu["num_parameters"], liu["num_weights"]) == (16, 12)
    assert found.loc[("trained", "morris"), "bits"] == pytest.approx(32)
    assert found.loc[("trained", "fano"), "bits"] == pytest.approx(15.5)


@given(st.lists(st.lists(st.floats(-5, 1), min_size=3, max_size=3), min_size=1, max_size=3))
def test_neither_value_nor_interval_exceeds_what_all_labels_hold_at_the_n_that_is_told(
    shares: list[list[float]],
) -> None:
    bits = [[2 * n * share for n, share in zip(CONFIG.num_samples, seed, strict=True)] for seed in shares]
    liu = capacities([row for seed, values in enumerate(bits) for row in curve(seed, *values)]).loc[("trained", "liu")]
    all_bits = 2 * liu["num_samples"] * (1 + 1e-12)
    assert liu["bits"] <= all_bits
    assert len(shares) == 1 or liu["low"] <= liu["bits"] <= max(liu["high"], liu["bits"]) <= all_bits
    assert math.isnan(liu["high"]) == (len(shares) == 1)


def test_of_morris_bits_there_is_always_more_elsewhere() -> None:
    found = capacities(curve(0, 10, 30, 20))["is_lower_bound"]
    assert found.loc["trained"].to_dict() == {"liu": False, "morris": True, "fano": False}


def test_a_curve_that_ends_before_its_largest_is_a_lower_bound() -> None:
    liu = capacities(curve(0, 10, 30, 40)).loc[("trained", "liu")]
    assert liu["is_lower_bound"]
    assert liu["is_complete"]
    assert math.isnan(liu["low"])  # one seed


def test_while_no_seed_is_complete_the_most_so_far_is_a_lower_bound() -> None:
    liu = capacities([*curve(0, 10, 30), bits_row(20, 1, 34)]).loc[("trained", "liu")]
    assert liu["bits"] == pytest.approx(32)  # at N = 20, which both have
    assert liu["is_lower_bound"]
    assert not liu["is_complete"]


def test_once_a_seed_is_complete_the_others_wait() -> None:
    liu = capacities([*curve(0, 10, 30, 20), *curve(1, 10, 90)]).loc[("trained", "liu")]
    assert (liu["bits"], liu["num_seeds"], liu["is_complete"]) == (30, 1, True)


def test_seeds_with_no_common_n_say_nothing() -> None:
    assert capacities([bits_row(10, 0, 3), bits_row(20, 1, 3)]).empty
    nothing = frames.bit_capacities(frames.bits_frame([]), [CONFIG])
    assert nothing.empty
    assert "is_complete" in nothing


def test_the_optimum_has_a_row_of_its_own() -> None:
    rows = [*curve(0, 10, 30, 20), *(optimal(each) for each in curve(0, 10, 35, 20))]
    found = capacities(rows)
    assert found.loc[("trained", "liu"), "bits"] == 30
    assert found.loc[("optimum", "liu"), "bits"] == 35


# --- layers of several sizes ------------------------------------------------------------------------------------------


SIZES = [SweepConfig(input_dims=(n,), num_classes=4, num_samples=CONFIG.num_samples) for n in (4, 9)]  # 20, 40


def two_layers(small: float, large: float, seed: int = 0) -> list[Row]:
    return [*curve(seed, 1, small, 2, n=4), *curve(seed, 1, large, 2, n=9)]


def fits(rows: list[Row]) -> dict[str, frames.Proportion]:
    return frames.proportions(frames.bits_frame(rows), SIZES)


def test_bits_in_proportion_to_the_parameters_have_one_slope_and_the_exponent_1() -> None:
    found = fits([*two_layers(20, 40), *two_layers(30, 60, seed=1)])["liu"]
    assert found.slope.mean == pytest.approx(1.25)  # of means of 25 and 50
    assert found.slope.num_values == 2
    assert found.slope.high - found.slope.mean == pytest.approx(12.706 * 0.25, rel=1e-3)  # t of one degree of freedom
    assert found.exponent is not None
    assert found.exponent.mean == pytest.approx(1)


def test_others_have_the_mean_of_their_ratios_and_their_power() -> None:
    found = fits(two_layers(20, 80))["liu"]
    assert found.slope.mean == pytest.approx((20 / 20 + 80 / 40) / 2)
    assert found.exponent is not None
    assert found.exponent.mean == pytest.approx(2)


def test_the_line_has_the_marks_on_both_sides() -> None:
    """Also where each seed has its own maximum at another N."""
    rows = [*curve(0, 1, 20, 24, n=4), *curve(0, 1, 80, 2, n=9), *curve(1, 1, 30, 2, n=4), *curve(1, 1, 60, 70, n=9)]
    table = frames.capacities_table(capacities(rows, *SIZES), fits(rows))
    per_parameter = frames.in_unit(table[table["definition"] == "liu"], "parameter")
    assert per_parameter["residual"].sum() == pytest.approx(0)
    assert per_parameter["bits"].tolist() == pytest.approx([25 / 20, 70 / 40])


def test_a_layer_without_bits_has_no_power() -> None:
    flat = [*curve(0, 0, 0, 0, n=4), *curve(0, 1, 40, 2, n=9)]
    assert fits(flat)["liu"].exponent is None


def test_there_is_no_line_before_a_seed_has_all_layers_nor_for_one_layer() -> None:
    assert fits([*curve(0, 1, 20, 2, n=4), *curve(0, 1, 40, n=9)]) == {}
    assert fits([*curve(0, 1, 20, 2, n=4), *curve(1, 1, 40, 2, n=9)]) == {}  # no seed has both
    assert frames.proportions(frames.bits_frame(two_layers(20, 40)), SIZES[:1]) == {}


def test_the_table_has_the_line_what_is_left_of_it_and_theory() -> None:
    rows = two_layers(20, 80)
    table = frames.capacities_table(capacities(rows, *SIZES), fits(rows))
    liu = table[table["definition"] == "liu"]
    assert liu["fit"].tolist() == pytest.approx([20 * 1.5, 40 * 1.5])
    assert liu["residual"].tolist() == pytest.approx([20 - 30, 80 - 60])
    assert (liu["theory"] / liu["num_parameters"]).tolist() == pytest.approx([frames.ideal_bits_per_parameter(4)] * 2)
    waiting = frames.capacities_table(capacities(rows, *SIZES), {})
    assert waiting["fit"].isna().all()
    assert frames.capacities_table(frames.bit_capacities(frames.bits_frame([]), SIZES), {}).empty


def test_a_table_changes_its_unit() -> None:
    rows = two_layers(20, 80)
    table = frames.capacities_table(capacities(rows, *SIZES), fits(rows))
    per_weight = frames.in_unit(table, "weight")
    assert per_weight[per_weight["definition"] == "liu"]["bits"].tolist() == pytest.approx([20 / 16, 80 / 36])
    for name in ("bits", "fit", "residual", "theory", "last"):
        np.testing.assert_allclose(per_weight[name] * table["num_weights"], table[name])
    pd.testing.assert_frame_equal(frames.in_unit(table, "total"), table)
    assert frames.in_unit(table, "parameter")["num_samples"].tolist() == table["num_samples"].tolist()
