"""Where a curve C(N) leaves the line C = N, against curves that leave it at a known point."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import capacity


@given(st.integers(1, 200), st.integers(1, 1_000), st.integers(2, 60))
def test_the_knee_of_a_broken_line_is_found_between_its_points(knee: int, fall: int, num_points: int) -> None:
    """C / N is 1 up to the knee and then falls by 1 in `fall`: it passes 95 % at knee + fall / 20."""
    n = np.linspace(knee, knee + fall, num_points)
    fraction = 1 - (n - knee) / fall
    found = capacity(n, fraction * n)
    assert found.num_samples == pytest.approx(knee + 0.05 * fall)
    assert not found.is_lower_bound


@given(
    st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=1, unique_by=lambda point: point[0]),
    st.randoms(),
)
def test_the_order_of_the_points_does_not_matter(points: list[tuple[int, float]], rng: random.Random) -> None:
    shuffled = rng.sample(points, len(points))
    expected = capacity(*zip(*((n, c * n) for n, c in points), strict=True))
    assert capacity(*zip(*((n, c * n) for n, c in shuffled), strict=True)) == expected


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=1, unique_by=lambda point: point[0]))
def test_capacity_lies_between_the_last_point_on_the_line_and_the_next(points: list[tuple[int, float]]) -> None:
    points = sorted(points)
    found = capacity([n for n, _ in points], [c * n for n, c in points])
    # c * n / n may differ from c in its last bit.
    on_line = [i for i, (n, c) in enumerate(points) if c * n / n >= 0.95]
    if not on_line:
        assert found == (points[0][1] * points[0][0], False) or found.num_samples == pytest.approx(
            points[0][0] * points[0][1]
        )
    else:
        last = on_line[-1]
        assert found.is_lower_bound == (last == len(points) - 1)
        assert points[last][0] <= found.num_samples <= points[min(last + 1, len(points) - 1)][0]


def test_a_curve_that_ends_on_the_line_gives_a_lower_bound() -> None:
    assert capacity([5, 10, 15], [5, 10, 15]) == (15, True)
    assert capacity([100], [95]) == (100, True)


def test_a_curve_that_begins_below_the_line_has_its_first_point_for_capacity() -> None:
    assert capacity([200, 100], [70, 60]) == (60, False)


def test_a_dip_before_the_knee_is_no_knee() -> None:
    """One unlucky data set: the largest N that is memorized counts."""
    assert capacity([10, 20, 30, 40], [10, 15, 30, 20]) == capacity([10, 20, 30, 40], [10, 20, 30, 20])


def test_a_larger_fraction_gives_no_larger_capacity() -> None:
    n = np.arange(1, 401)
    c = np.minimum(n, 100 + 0.1 * n)
    found = [capacity(n, c, fully).num_samples for fully in (0.5, 0.9, 0.95, 0.99)]
    # C / N = 100 / N + 0.1 is `fully` at N = 100 / (fully - 0.1); the kink is rounded.
    for fully, value in zip((0.5, 0.9, 0.95, 0.99), found, strict=True):
        assert value == pytest.approx(100 / (fully - 0.1), abs=0.05)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(("n", "c"), [([], []), ([1, 2], [1]), ([[1, 2]], [[1, 2]])])
def test_points_that_are_none_are_refused(n: list[int], c: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^expected as many C as N, and at least one"):
        capacity(n, c)
