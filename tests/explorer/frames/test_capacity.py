"""Curves and capacities against numpy, on rows small enough to be checked by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explorer import frames
from explorer.jobs import Row
from tests.explorer.frames.rows import row, table

# n = 3: three seeds; all memorized at N = 10, and a spread beyond. n = 5: one seed, and no more than the first point.
ROWS = [
    *(row(3, 10, seed, 10) for seed in (0, 1, 2)),
    *(row(3, 20, seed, c) for seed, c in enumerate((19, 20, 15))),
    *(row(3, 40, seed, c) for seed, c in enumerate((1, 9, 2))),
    row(5, 10, 0, 10),
]


def curves(rows: list[Row]) -> pd.DataFrame:
    return frames.curve_frame(table(rows)).set_index(["input_dim", "num_samples"])


# --- points of curves -------------------------------------------------------------------------------------------------


def test_a_point_is_the_mean_over_its_seeds_with_their_sample_standard_deviation() -> None:
    point = curves(ROWS).loc[(3, 20)]
    counts = np.array([19, 20, 15])
    assert point["mean"] == pytest.approx(counts.mean())
    assert point["sd"] == pytest.approx(counts.std(ddof=1))
    assert point["num_seeds"] == 3
    assert point["fraction"] == pytest.approx(counts.mean() / 20)
    assert point["loss"] == pytest.approx(1.5)


def test_a_table_of_random_rows_agrees_with_numpy() -> None:
    random = np.random.default_rng(3)
    rows = [
        row(n, size, seed, int(random.integers(0, size + 1)), diverged=bool(random.random() < 0.2))
        for n in (2, 7)
        for size in (5, 10, 15)
        for seed in range(8)
    ]
    found = curves(rows)
    for (n, size), point in found.iterrows():
        counts = [
            r["num_memorized"] for r in rows if (r["input_dim"], r["num_samples"]) == (n, size) and not r["diverged"]
        ]
        mean, sd = np.mean(counts), np.std(counts, ddof=1)
        expected = [mean, sd, max(mean - sd, 0), min(mean + sd, size), mean / size, len(counts)]
        np.testing.assert_allclose(point[["mean", "sd", "low", "high", "fraction", "num_seeds"]], expected)


def test_the_band_stays_between_nothing_and_everything() -> None:
    found = curves(ROWS)
    assert found.loc[(3, 20), "mean"] + found.loc[(3, 20), "sd"] > 20
    assert found.loc[(3, 20), "high"] == 20
    assert found.loc[(3, 40), "mean"] - found.loc[(3, 40), "sd"] < 0
    assert found.loc[(3, 40), "low"] == 0


def test_one_seed_has_no_spread() -> None:
    point = curves(ROWS).loc[(5, 10)]
    assert (point["mean"], point["sd"], point["low"], point["high"], point["num_seeds"]) == (10, 0, 10, 10, 1)


def test_a_run_that_diverged_is_left_out_of_its_point() -> None:
    point = curves([*ROWS, row(3, 20, 3, 0, mean_loss=np.nan, diverged=True)]).loc[(3, 20)]
    assert (point["num_seeds"], point["mean"], point["loss"]) == (3, 18, 1.5)


def test_where_all_runs_diverged_there_is_no_point() -> None:
    rows = [row(3, 10, 0, 10), row(3, 20, 0, 0, mean_loss=np.inf, diverged=True)]
    assert list(curves(rows).index) == [(3, 10)]
    assert curves(rows[1:]).empty


def test_the_order_in_which_rows_come_does_not_matter() -> None:
    pd.testing.assert_frame_equal(curves(ROWS), curves(ROWS[::-1]))


# --- capacities of curves ---------------------------------------------------------------------------------------------


def capacities(rows: list[Row], num_points: int) -> pd.DataFrame:
    runs = table(rows)
    found = frames.capacity_frame(frames.curve_frame(runs), runs, num_points)
    return found.set_index("input_dim") if len(found) else found


def test_a_capacity_is_where_the_mean_curve_leaves_the_line() -> None:
    """Mean fractions 1, 0.9, 0.1 at N = 10, 20, 40: 0.95 is passed half way from 10 to 20."""
    found = capacities(ROWS, 3).loc[3]
    assert found["capacity"] == pytest.approx(15)
    assert found["per_dim"] == pytest.approx(5)
    assert not found["is_lower_bound"]
    assert (found["last_num_samples"], found["last_mean"]) == (40, 4)


def test_the_spread_of_a_capacity_is_that_of_the_seeds_own() -> None:
    """Seed by seed the fraction falls from 1 to 0.95 and on, from 1 to 0.225, and from 1 to 0.75."""
    own = [20, 20 + 20 * 0.05 / (1 - 0.225), 10 + 10 * 0.05 / 0.25]
    found = capacities(ROWS, 3).loc[3]
    assert found["num_seeds"] == 3
    assert found["sd"] == pytest.approx(np.std(own, ddof=1))


def test_a_curve_that_is_not_complete_has_no_capacity_yet() -> None:
    assert list(capacities(ROWS, 3).index) == [3]
    assert capacities(ROWS[:6], 3).empty
    assert capacities([r for r in ROWS if r["num_samples"] != 20], 3).empty


def test_a_capacity_counts_only_the_seeds_that_are_complete() -> None:
    found = capacities(ROWS[:7], 3).loc[3]  # the last point has but one seed
    assert found["num_seeds"] == 1
    assert np.isnan(found["sd"])


def test_a_curve_with_a_point_where_all_diverged_has_no_capacity() -> None:
    rows = [replace_row(r, diverged=True) if r["num_samples"] == 40 else r for r in ROWS]
    assert capacities(rows, 3).empty


def replace_row(old: Row, **changes: Any) -> Row:
    return {**old, **changes}


def test_a_curve_that_never_leaves_the_line_gives_a_lower_bound() -> None:
    found = capacities([row(4, n, 0, n) for n in (5, 10, 15)], 3).loc[4]
    assert found["is_lower_bound"]
    assert (found["capacity"], found["last_mean"]) == (15, 15)
