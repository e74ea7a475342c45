"""Lines through capacities, against least squares and scipy's intervals."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from core import capacity_per_dim
from explorer import frames
from tests.explorer.frames.rows import interval_around

NOTHING = frames.scaling_frame([], [], "trained")


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
        interval_around(slope_of(c), [slope_of(values) for values in own.values()])
    )
    assert found["alpha"] == capacity_per_dim(10)
    assert found["theory"] == pytest.approx(capacity_per_dim(10) * slope_of(n + 1))
    assert found["residual"] == pytest.approx(100 * (found["slope"] / found["theory"] - 1))
    assert (found["num_dims"], found["num_seeds"]) == (3, 3)


def test_of_one_n_the_slope_is_the_capacity_for_each_input() -> None:
    [found] = frames.slope_frame(layers((10, 4, 18.0, {0: 18.0}))).to_dict("records")
    assert found["slope"] == pytest.approx(4.5)
    assert math.isnan(found["low"])


def test_while_seeds_are_missing_a_slope_has_no_interval_around() -> None:
    found = frames.slope_frame(layers((2, 4, 8.0, {0: 7.0, 1: 9.0}), (2, 8, 16.0, {0: 16.0})))
    assert found["slope"].tolist() == pytest.approx([2])
    assert found["low"].isna().all()


def test_bounds_have_no_part_in_a_slope() -> None:
    table = pd.concat([layers((10, 4, 18.0, {0: 18.0})), layers((10, 8, 99.0, {}), (5, 8, 99.0, {}), bound="at least")])
    assert frames.slope_frame(table)[["num_classes", "slope", "num_dims"]].values.tolist() == [[10, 4.5, 1]]
    assert frames.slope_frame(table.tail(2)).empty
    assert frames.slope_frame(NOTHING).empty


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
    found = frames.line_frame(frames.slope_frame(NOTHING), (7,), (2, 3), along="input_dim", bias=True)
    assert found[["num_classes", "input_dim"]].values.tolist() == [[2, 7], [3, 7]]
    assert found["fit"].isna().all()
