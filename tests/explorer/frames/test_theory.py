"""What theory says, as tables: at their points the numbers of `core.theory`, scaled to a layer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import (
    PRESETS,
    SweepConfig,
    capacity_per_dim,
    most_memorizable_per_dim,
    optimum_memorized_per_dim,
    sweep,
)
from explorer import frames
from explorer.frames.theory import NUM_POINTS


@pytest.mark.parametrize("bias", [False, True])
def test_a_curve_is_that_of_infinitely_many_inputs_times_those_of_the_layer(bias: bool) -> None:
    """A bias is one input more."""
    table = frames.theory_frame([7], 5, bias=bias, max_num_samples=100)
    assert (table["num_samples"].min(), table["num_samples"].max(), len(table)) == (1, 100, NUM_POINTS)
    assert set(table["input_dim"]) == {7}
    inputs = 8 if bias else 7
    for row in table.iloc[::17].itertuples():
        assert row.optimum == pytest.approx(inputs * optimum_memorized_per_dim(5, float(row.num_samples) / inputs))
        assert row.most == pytest.approx(inputs * most_memorizable_per_dim(5, float(row.num_samples) / inputs))


@settings(max_examples=30)
@given(
    st.lists(st.integers(1, 512), min_size=1, max_size=3, unique=True),
    st.sampled_from([2, 3, 10]),  # a new V takes a second
    st.booleans(),
    st.integers(1, 20_000),
)
def test_nothing_is_above_everything_and_the_optimum_not_above_the_most(
    input_dims: list[int], num_classes: int, bias: bool, max_num_samples: int
) -> None:
    table = frames.theory_frame(input_dims, num_classes, bias=bias, max_num_samples=max_num_samples)
    assert list(dict.fromkeys(table["input_dim"])) == input_dims
    assert len(table) == NUM_POINTS * len(input_dims)
    assert np.isfinite(table.to_numpy(float)).all()
    rounding = 1 + 1e-9
    assert (table["optimum"] > 0).all()
    assert (table["optimum"] <= table["most"] * rounding).all()
    assert (table["most"] <= table["num_samples"] * rounding).all()
    for n, curve in table.groupby("input_dim"):
        below = curve["num_samples"] <= frames.threshold(int(str(n)), num_classes, bias=bias)
        np.testing.assert_allclose(curve["optimum"][below], curve["num_samples"][below])
        np.testing.assert_allclose(curve["most"][below], curve["num_samples"][below])
        beyond = curve[~below]
        assert (beyond["most"] < beyond["num_samples"]).all()
        assert (np.diff(curve["most"]) >= -1e-9).all()  # more to choose from


def test_the_threshold_for_two_classes_is_covers() -> None:
    """Twice as many samples as inputs (1965)."""
    assert frames.threshold(40, 2, bias=False) == pytest.approx(80)
    assert frames.threshold(40, 2, bias=True) == pytest.approx(82)
    assert frames.threshold(40, 10, bias=True) == pytest.approx(41 * capacity_per_dim(10))


def test_the_curves_of_a_sweep_end_with_it_and_each_has_its_threshold() -> None:
    config = PRESETS["liu-fig1-as-plotted"]
    curves, thresholds = frames.theory_of(config)
    expected = frames.theory_frame(config.input_dims, 10, bias=True, max_num_samples=400)
    assert curves.equals(expected)
    assert thresholds["input_dim"].tolist() == list(config.input_dims)
    assert thresholds["num_samples"].tolist() == [frames.threshold(n, 10, bias=True) for n in config.input_dims]


def test_a_sweep_of_one_point_has_curves_too() -> None:
    curves, thresholds = frames.theory_of(SweepConfig((1,), 2, (1,), bias=False))
    assert (curves["num_samples"] == 1).all()
    assert (curves["optimum"] == 1).all()
    assert thresholds["num_samples"].tolist() == pytest.approx([2])


def test_the_usual_knee_is_near_that_of_trained_layers() -> None:
    """Of two seeds, which tell it to some per cent."""
    config = SweepConfig(input_dims=(10, 20), num_classes=10, num_samples=tuple(range(25, 121, 5)), seeds=range(2))
    runs = frames.runs_frame([frames.summarize(result) for result in sweep(config.runs())])
    capacities = frames.capacity_frame(frames.curve_frame(runs), runs, len(config.num_samples))
    for n, measured in zip(capacities["input_dim"], capacities["capacity"], strict=True):
        assert frames.usual_knee(int(n), 10, bias=True) == pytest.approx(measured, rel=0.15)
