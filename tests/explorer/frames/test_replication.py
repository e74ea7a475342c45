"""Ours beside the published points: what is left, whether one more run explains it, and the misfit of many settings."""

import numpy as np
import pandas as pd
import pytest

from explorer import frames
from explorer.frames.replication import NEIGHBOURS, ODD_DISTANCE, _draws
from explorer.jobs import Row
from tests.explorer.frames.rows import row, table

C = "num_memorized"


def published(points: dict[tuple[int, int], float], odd: tuple[tuple[int, int], ...] = ()) -> pd.DataFrame:
    """Published points (n, N) -> value."""
    return pd.DataFrame(
        [(n, size, value, (n, size) in odd) for (n, size), value in points.items()],
        columns=["input_dim", "num_samples", "published", "is_odd"],
    )


# --- what is published ------------------------------------------------------------------------------------------------


def test_one_published_point_of_figure_1_is_odd_and_all_others_are_far_from_being_so() -> None:
    figure = frames.published_points(C)
    assert len(figure) == 318
    assert figure[figure["is_odd"]][["input_dim", "num_samples", "published"]].to_numpy().tolist() == [[30, 280, 17]]
    for _, curve in figure[~figure["is_odd"]].groupby("input_dim"):
        values = curve["published"].to_numpy(float)
        middle = np.median([values[:-4], values[1:-3], values[3:-1], values[4:]], axis=0)
        assert np.abs(values[2:-2] - middle).max() < 0.6 * ODD_DISTANCE


def test_no_sharpness_is_odd_and_all_are_of_n_40() -> None:
    figure = frames.published_points("sharpness")
    assert len(figure) == 80
    assert not figure["is_odd"].any()
    assert set(figure["input_dim"]) == {40}


def test_the_two_published_runs_of_n_40_are_as_far_apart_as_their_points() -> None:
    one, two = frames.published_figure_1(), frames.published_figure_2()
    first = dict(zip(*one[one["input_dim"] == 40][["num_samples", "memorized"]].to_numpy().T, strict=True))
    squares = [
        (first[size] - value) ** 2
        for size, value in two[["num_samples", "memorized"]].dropna().to_numpy()
        if size in first
    ]
    assert len(squares) > 70
    assert frames.published_twice() == pytest.approx(np.sqrt(np.mean(squares)))


# --- one setting ------------------------------------------------------------------------------------------------------


def test_a_residual_is_ours_minus_the_published_where_both_have_a_point() -> None:
    runs = table([row(3, 20, 0, 10), row(3, 20, 1, 14), row(3, 30, 0, 9), row(4, 20, 0, 1)])
    points = frames.residual_frame(runs, C, published({(3, 20): 15, (4, 20): 2, (4, 50): 1}))
    assert points[["input_dim", "num_samples", "residual"]].to_numpy().tolist() == [[3, 20, -3], [4, 20, -1]]
    # Of two seeds s.d. sqrt(8), and our mean of them scatters too: 8 (1 + 1/2).
    assert points["scatter"].iloc[0] == pytest.approx(np.sqrt(12))
    assert points["reach"].iloc[0] == pytest.approx(2 * np.sqrt(12) + 1)
    assert np.isnan(points["scatter"].iloc[1])  # of one seed nobody knows it
    assert points["is_explained"].tolist() == [True, False]


def test_the_scatter_is_averaged_over_nearby_n_of_the_same_dimension_alone() -> None:
    sizes = range(100, 100 + 10 * NEIGHBOURS, 10)
    rows = [row(3, size, seed, 50 + 10 * seed * (size == 140)) for size in sizes for seed in (0, 1)]
    rows += [row(4, size, seed, 50) for size in sizes for seed in (0, 1)]
    points = frames.residual_frame(table(rows), C, published({(n, size): 50 for n in (3, 4) for size in sizes}))
    middle = points[(points["input_dim"] == 3) & (points["num_samples"] == 140)]
    assert middle["scatter"].item() == pytest.approx(np.sqrt(50 * 1.5 / NEIGHBOURS))
    assert (points[points["input_dim"] == 4]["scatter"] == 0).all()


def test_the_band_of_c_ends_at_n_and_an_empty_sweep_has_no_points() -> None:
    runs = table([row(3, 20, 0, 20), row(3, 20, 1, 18)])
    assert frames.residual_frame(runs, C, published({(3, 20): 20}))["high"].item() == 20
    assert frames.residual_frame(table([]), C, frames.published_points(C)).empty


def drawn(sd: float, num_points: int, num_seeds: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Runs that scatter by `sd` about 1,000, beside a published run that scatters as much."""
    dice = np.random.default_rng(seed)
    sizes = range(2000, 2000 + num_points)
    rows = [row(3, size, run, int(1000 + sd * dice.normal())) for size in sizes for run in range(num_seeds)]
    points = {(3, size): float(int(1000 + shift + sd * dice.normal())) for size in sizes}
    return frames.residual_frame(table(rows), C, published(points))


def test_one_more_run_is_told_as_one_in_nineteen_of_twenty_cases() -> None:
    fits = [frames.fit(drawn(20, 60, 3, seed)) for seed in range(80)]
    share = np.mean([found.is_reached for found in fits])
    assert share >= 0.88  # binomial: 0.95 ± 0.05
    assert np.mean([found.num_explained for found in fits]) / 60 == pytest.approx(0.955, abs=0.02)
    # The spread of a difference between one run and a mean of three, known in closed form.
    assert np.mean([found.another for found in fits]) == pytest.approx(20 * np.sqrt(4 / 3), rel=0.03)
    assert np.mean([found.rms for found in fits]) == pytest.approx(20 * np.sqrt(4 / 3), rel=0.03)


def test_another_setting_is_told_from_it() -> None:
    found = frames.fit(drawn(20, 60, 3, seed=0, shift=60))
    assert found.mean == pytest.approx(-60, abs=10)
    assert not found.is_reached


def test_odd_points_do_not_count_and_without_scatter_there_is_nothing_to_explain() -> None:
    rows = [row(3, size, seed, 50) for size in (60, 70) for seed in (0, 1)]
    points = frames.residual_frame(table(rows), C, published({(3, 60): 50, (3, 70): 9}, odd=((3, 70),)))
    found = frames.fit(points)
    assert (found.num_points, found.rms, found.another, found.is_reached) == (1, 0, 0, True)


def test_without_a_point_that_counts_there_is_no_fit() -> None:
    odd = frames.residual_frame(table([row(3, 70, 0, 50)]), C, published({(3, 70): 9}, odd=((3, 70),)))
    for points in (odd, odd.head(0)):
        with pytest.raises(ValueError, match="No point counts"):
            frames.fit(points)


def test_few_draws_are_kept_however_many_sizes_there_are() -> None:
    _draws.cache_clear()
    for num_points in range(1, 21):
        frames.fit(drawn(20, num_points, 2, seed=0))
    assert _draws.cache_info().misses == 20
    assert _draws.cache_info().currsize <= 8


def test_one_seed_leaves_open_what_one_more_run_would_have() -> None:
    found = frames.fit(frames.residual_frame(table([row(3, 60, 0, 50)]), C, published({(3, 60): 40})))
    assert found.rms == 10
    assert np.isnan(found.another)
    assert not found.is_reached


def test_the_table_has_a_row_a_fit_with_the_share_that_is_explained() -> None:
    found = frames.fit(drawn(20, 10, 3, seed=1))
    [told] = frames.fits_table({"n = 3": found}).to_dict("records")
    assert (told["name"], told["rms"], told["explained"]) == ("n = 3", found.rms, found.num_explained / 10)


# --- the map ----------------------------------------------------------------------------------------------------------


def cell_rows(bias: bool, v: int, steps: int, memorized: dict[int, tuple[int, ...]]) -> list[Row]:
    """Runs of one setting: N -> C of each seed."""
    return [
        row(3, size, seed, value, bias=bias, num_classes=v, num_steps=steps)
        for size, values in memorized.items()
        for seed, value in enumerate(values)
    ]


def test_a_misfit_is_the_root_mean_square_residual_of_a_setting_that_is_whole() -> None:
    rows = cell_rows(True, 10, 500, {60: (50, 54), 70: (40, 40)})
    rows += cell_rows(False, 10, 500, {60: (52,), 70: (40,)})
    rows += cell_rows(True, 12, 500, {60: (50, 54)})  # not yet whole
    cells = frames.misfit_frame(table(rows), C, published({(3, 60): 48, (3, 70): 43}), 2)
    assert cells[["bias", "num_classes", "num_seeds"]].to_numpy().tolist() == [[False, 10, 1], [True, 10, 2]]
    assert cells["misfit"].tolist() == pytest.approx([np.sqrt((16 + 9) / 2)] * 2)
    assert np.isnan(cells["another"][0])  # one seed
    assert not cells["is_reached"][0]
    assert cells["another"][1] == pytest.approx(np.sqrt((8 + 0) / 2 * 1.5))
    assert cells["most"][1] > cells["another"][1]


def test_the_misfit_of_a_cell_is_that_of_the_setting_alone() -> None:
    rows = cell_rows(True, 10, 500, {60: (50, 54), 70: (40, 41)}) + cell_rows(True, 20, 500, {60: (9, 9), 70: (9, 8)})
    figure = published({(3, 60): 48, (3, 70): 43})
    both = frames.misfit_frame(table(rows), C, figure, 2)
    alone = frames.misfit_frame(table(rows[:4]), C, figure, 2)
    pd.testing.assert_frame_equal(both.head(1), alone)


def test_odd_points_are_no_part_of_a_misfit() -> None:
    figure = frames.published_points(C)
    assert frames.num_points_of(figure, [280]) == 3
    assert frames.num_points_of(figure, [280, 300]) == 7
    assert frames.misfit_frame(table([]), C, figure, 3).empty
