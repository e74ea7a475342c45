"""Our curves beside the published ones: Ziming Liu, "Memory 1" (2026), figures 1 and 2, as read off their markers."""

import csv
import functools
from pathlib import Path

import numpy as np
import pytest

from core import RunConfig, train
from core.jamming import half_height

PUBLISHED = Path(__file__).resolve().parents[2] / "explorer" / "published"
FROM = 200  # past the knee of every curve, where C is decided by V and not by the number of steps


def published(input_dim: int) -> dict[int, float]:
    with (PUBLISHED / "liu2026_memory1_fig1.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if int(row["input_dim"]) == input_dim]
    return {int(row["num_samples"]): float(row["memorized"]) for row in rows if int(row["num_samples"]) >= FROM}


def mean_difference(input_dim: int, num_classes: int, *, seeds: int, every: int) -> float:
    """Mean over N of (our mean C - the published C); `every` leaves N out to save time."""
    theirs = dict(sorted(published(input_dim).items())[::every])
    assert len(theirs) * every >= 38  # the file has (nearly) all N from 200 to 400 in steps of 5
    runs = [
        RunConfig(input_dim, num_classes, num_samples, data_seed=seed, init_seed=seed)
        for num_samples in theirs
        for seed in range(seeds)
    ]
    total = sum(result.num_memorized for result in train(runs))
    return total / len(runs) - sum(theirs.values()) / len(theirs)


@pytest.mark.parametrize("input_dim", [10, 20, 30, 40])
def test_figure_1_is_that_of_ten_classes(input_dim: int) -> None:
    """Theirs is a single draw (its C scatters by some 7 around our mean) read to within 1: the mean stays within 8."""
    difference = mean_difference(input_dim, 10, seeds=4, every=2)
    print(f"n = {input_dim}: mean(ours - published) = {difference:+.2f}")
    assert abs(difference) <= 8


def test_figure_1_is_not_that_of_forty_classes() -> None:
    """Which is what the post says. One seed and every eighth N are enough for a difference of a hundred."""
    difference = mean_difference(30, 40, seeds=1, every=8)
    print(f"V = 40, n = 30: mean(ours - published) = {difference:+.2f}")
    assert abs(difference) > 30


# --- figure 2: the sharpness at n = 40 --------------------------------------------------------------------------------

PLATEAU = range(205, 401)


@functools.cache
def published_sharpness() -> dict[int, float]:
    with (PUBLISHED / "liu2026_memory1_fig2.csv").open() as file:
        return {int(row["num_samples"]): float(row["sharpness"]) for row in csv.DictReader(file)}


@functools.cache
def mean_sharpness() -> dict[int, float]:
    """Ours, the mean over 4 seeds: every N of the jump; below it every second, and on the plateau every fourth."""
    seeds = range(4)
    num_samples = [*range(10, 101, 10), *range(105, 201, 5), *list(PLATEAU)[::20]]
    results = train(
        [
            RunConfig(40, 10, n, data_seed=seed, init_seed=seed, measure_sharpness="end")
            for n in num_samples
            for seed in seeds
        ]
    )
    assert all(result.sharpness_at["converged"].all() for result in results)
    values = np.array([result.sharpness_at["value"][0] for result in results]).reshape(-1, len(seeds))
    return dict(zip(num_samples, values.mean(1).tolist(), strict=True))


def test_figure_2_has_our_plateau() -> None:
    theirs = float(np.mean([value for n, value in published_sharpness().items() if n in PLATEAU]))
    ours = float(np.mean([value for n, value in mean_sharpness().items() if n in PLATEAU]))
    print(f"mean sharpness past N = 205: {ours:.3f}, published {theirs:.3f}")
    assert theirs == pytest.approx(0.269, abs=0.001)
    assert ours == pytest.approx(theirs, rel=0.1)


def test_figure_2_is_flat_below_the_jump() -> None:
    for n, value in mean_sharpness().items():
        if n <= 100:
            assert value < 0.03
            assert published_sharpness()[n] < 0.03


def test_figure_2_jumps_where_ours_does() -> None:
    curves = mean_sharpness(), published_sharpness()
    ours, theirs = (half_height(list(curve), list(curve.values())) for curve in curves)
    print(f"half of the height is reached at N = {ours:.0f}, published {theirs:.0f}")
    assert 140 < ours < 180
    assert 140 < theirs < 180
