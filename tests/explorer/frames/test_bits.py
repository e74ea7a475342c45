"""Bits of curves, and what they are compared with, against numbers that can be checked by hand."""

import math

import numpy as np
import pytest

from core.config import SweepConfig
from core.memorization import BITS
from core.tasks import LimitsConfig
from core.work import compute
from explorer import frames
from tests.explorer.frames.bits_rows import bits_row, optimal

CONFIG = SweepConfig(input_dims=(3,), num_classes=4, num_samples=(10, 20, 40), seeds=(0, 1, 2))  # 16 parameters


# --- points -----------------------------------------------------------------------------------------------------------


def test_each_result_has_its_bits_by_each_definition() -> None:
    found = frames.bits_frame([bits_row(10, 0, 8.0), optimal(bits_row(10, 0, 9.0))])
    assert found[["of", "definition", "bits"]].values.tolist() == [
        ["trained", "liu", 8.0],
        ["trained", "morris", 9.0],
        ["trained", "fano", 4.0],
        ["optimum", "liu", 9.0],
        ["optimum", "morris", 10.0],
        ["optimum", "fano", 4.5],
    ]
    assert tuple(frames.DEFINITIONS) == BITS


def test_the_bits_of_real_limits_are_read_too() -> None:
    [result] = compute([LimitsConfig(input_dim=6, num_classes=4, num_samples=8)])
    found = frames.bits_frame([frames.summarize(result)])
    assert set(found["of"]) == {frames.OPTIMUM}
    assert found["bits"].to_list() == pytest.approx([16.0] * 3)  # all of 8 log2 4


def test_runs_that_diverged_are_left_out() -> None:
    found = frames.bits_frame([bits_row(10, 0, 8.0), bits_row(20, 0, math.nan, diverged=True)])
    assert set(found["num_samples"]) == {10}


@pytest.mark.parametrize(("bias", "unit", "size"), [(True, "parameter", 16), (True, "weight", 12), (True, "total", 1)])
def test_bits_are_divided_by_parameters_or_weights_or_not_at_all(bias: bool, unit: frames.Unit, size: int) -> None:
    assert frames.unit_size(CONFIG, unit) == size


def test_without_a_bias_a_parameter_is_a_weight() -> None:
    config = SweepConfig(input_dims=(3,), num_classes=4, num_samples=(10,), bias=False)
    assert frames.unit_size(config, "parameter") == frames.unit_size(config, "weight") == 12


def test_a_point_is_the_mean_over_seeds_and_its_band_may_go_below_0() -> None:
    rows = [bits_row(10, 0, -16.0), bits_row(10, 1, 16.0), bits_row(10, 2, 8.0)]
    points = frames.bits_points(frames.bits_frame(rows), 16).set_index("definition")
    sd = np.std([-1, 1, 0.5], ddof=1)
    assert points.loc["liu", ["mean", "sd", "low", "high"]].tolist() == pytest.approx(
        [1 / 6, sd, 1 / 6 - sd, 1 / 6 + sd]
    )
    assert points["num_seeds"].tolist() == [3] * 3


# --- what to compare with ---------------------------------------------------------------------------------------------


def test_guides_are_in_the_unit_of_the_curve() -> None:
    """At V = 2 theory is simple: a threshold of 2 samples for each input, and 1 bit a label."""
    config = SweepConfig(input_dims=(9,), num_classes=2, num_samples=(10,))  # 20 parameters, 18 weights
    found = frames.guides(config, "parameter")
    assert found == pytest.approx((1 / 20, 20, 1 / (4 * math.log(2)), 3.6))
    assert frames.guides(config, "weight") == pytest.approx((1 / 18, 20, 20 / 18 / (4 * math.log(2)), 3.6))
    total = frames.guides(config, "total")
    assert total[:3] == pytest.approx((1, 20, 20 / (4 * math.log(2))))
    assert total.published is None


def test_an_ideal_optimizer_holds_all_labels_up_to_the_threshold() -> None:
    assert frames.ideal_bits_per_parameter(2) == pytest.approx(1)  # Cover's 2 for each free parameter, which are half
    assert frames.ideal_bits_per_parameter(10) == pytest.approx(4.518 * math.log2(10) / 10, rel=1e-3)


def test_theory_holds_all_bits_up_to_the_threshold_and_falls_to_the_far_tail() -> None:
    config = SweepConfig(input_dims=(9,), num_classes=10, num_samples=(10, 20_000))
    found = frames.bits_theory(config, "parameter")
    guides = frames.guides(config, "parameter")
    below = found[found["num_samples"] < guides.threshold]
    np.testing.assert_allclose(below["bits"], guides.a_sample * below["num_samples"], rtol=1e-9)
    assert found["num_samples"].iloc[-1] == pytest.approx(20_000)
    assert found["bits"].iloc[-1] == pytest.approx(guides.far_tail, rel=0.02)
    total = frames.bits_theory(config, "total")
    np.testing.assert_allclose(total["bits"], 100 * found["bits"])
