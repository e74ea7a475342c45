"""Where the sharpness jumps and where the edge of stability begins, on tables made to have both at known places."""

import math
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import frames
from explorer.jobs import Row
from tests.explorer.frames.rows import row, table

SIZES = (100, 150, 200, 250)


def seed_rows(
    seed: int, sharpness: tuple[float, ...], *, keeps: int = 150, sizes: tuple[int, ...] = SIZES
) -> list[Row]:
    """One seed that memorizes all up to N = 150 and no more than `keeps` from there on, this sharp at each N."""
    return [
        row(40, size, seed, min(size, keeps), sharpness=value) for size, value in zip(sizes, sharpness, strict=True)
    ]


# Half of 0.4 is passed at 175, 160 and 190: straight lines between the points.
JUMPS = [
    *seed_rows(0, (0.0, 0.0, 0.4, 0.4)),
    *seed_rows(1, (0.0, 0.16, 0.36, 0.4)),
    *seed_rows(2, (0.0, 0.04, 0.24, 0.4)),
]


def test_the_jump_is_the_mean_of_the_seeds_with_students_interval() -> None:
    found = frames.jump(table(JUMPS))
    assert found is not None
    places = [175, 160, 190]
    assert found.mean == pytest.approx(175)
    assert found.num_values == 3
    assert found.high - found.mean == pytest.approx(4.3027 * np.std(places, ddof=1) / math.sqrt(3), rel=1e-4)


def test_the_order_of_the_runs_does_not_move_the_jump() -> None:
    assert frames.jump(table(random.Random(0).sample(JUMPS, len(JUMPS)))) == frames.jump(table(JUMPS))


def test_where_everything_is_memorized_there_is_no_jump() -> None:
    """Though the curve rises: its largest value is only where it ends."""
    assert frames.jump(table(seed_rows(0, (0.0, 0.1, 0.2, 0.3), keeps=1000))) is None
    assert frames.jump(table(seed_rows(0, (0.0, 0.1, 0.2, 0.3), keeps=240))) is None  # 96 % of the last


def test_without_runs_or_without_measurements_there_is_no_jump() -> None:
    unknown = (float("nan"),) * 4
    assert frames.jump(table([])) is None
    assert frames.jump(table(seed_rows(0, unknown))) is None


def test_a_seed_counts_when_its_curve_is_complete() -> None:
    two, third = JUMPS[:8], JUMPS[8:]
    whole = frames.jump(table(two))
    assert frames.jump(table(two + third[:2])) == whole
    diverged = {**third[3], "sharpness": float("nan"), "diverged": True}
    assert frames.jump(table([*two, *third[:3], diverged])) == whole
    assert whole is not None
    assert whole.num_values == 2


def test_a_curve_that_starts_on_the_plateau_has_no_jump() -> None:
    assert frames.jump(table(seed_rows(0, (0.3, 0.4, 0.4, 0.4), keeps=50))) is None


def test_one_point_has_no_jump() -> None:
    assert frames.jump(table(seed_rows(0, (0.4,), keeps=50, sizes=(100,)))) is None


# --- the edge of stability --------------------------------------------------------------------------------------------


def stability(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"num_samples": np.arange(10, 10 * len(values) + 1, 10), "mean": values})


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([1, 2, 30, 38, 39], 40),  # 30 is less than nine tenths of 38
        ([1, 2, 34.2, 38, 39], 30),  # 34.2 is just that
        ([38, 38, 38], 10),
        ([1, 2, 3], math.nan),
        ([38, 38, 1], math.nan),
        ([38, 1, 38, 38], 30),
        ([1] + [38] * 4 + [1] + [38] * 4, 70),  # eight of nine are too few
        ([1] + [38] * 4 + [1] + [38] * 5, 20),  # nine of ten are not
        ([1] + [38] * 9 + [1], 20),  # nor is it the last that decides
        ([1] + [38] * 9, 20),  # the first must be near it itself
        ([], math.nan),
    ],
)
def test_the_edge_is_reached_where_nine_of_ten_from_there_on_are_near_it(values: list[float], first: float) -> None:
    found = frames.at_the_edge_from(stability(values), 38.0)
    assert found == first or (math.isnan(found) and math.isnan(first))


@given(st.lists(st.floats(0, 80), max_size=30), st.floats(0.5, 50), st.randoms())
def test_from_the_edge_on_nine_of_ten_are_near_it_and_before_no_point_can_say_so(
    values: list[float], edge: float, rng: random.Random
) -> None:
    rows = stability(values)
    first = frames.at_the_edge_from(rows.iloc[rng.sample(range(len(rows)), len(rows))], edge)
    near = rows["mean"] >= 0.9 * edge
    fits = [
        size
        for size, is_near in zip(rows["num_samples"], near, strict=True)
        if is_near and near[rows["num_samples"] >= size].mean() >= 0.9
    ]
    assert math.isnan(first) if not fits else first == fits[0]


def test_the_edge_may_be_looked_for_along_any_column() -> None:
    rows = pd.DataFrame({"learning_rate": [1.0, 0.01, 0.1], "mean": [50.0, 3.0, 36.0]})
    assert frames.at_the_edge_from(rows, 38.0, along="learning_rate") == 0.1
