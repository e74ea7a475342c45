"""Where a curve jumps, against curves that jump at a known place."""

import math
import random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.intervals import mean_interval
from core.jamming import half_height, transition

curves = st.lists(
    st.tuples(st.integers(1, 20_000), st.floats(0, 1e3) | st.just(math.nan)),
    max_size=20,
    unique_by=lambda point: point[0],
)


def half_height_of(points: list[tuple[int, float]]) -> float:
    return half_height([n for n, _ in points], [height for _, height in points])


def same(one: float, other: float) -> bool:
    return one == pytest.approx(other, rel=1e-9, nan_ok=True)


# --- one curve --------------------------------------------------------------------------------------------------------


@given(st.integers(1, 1_000), st.integers(1, 1_000), st.integers(2, 50), st.floats(0.01, 1e3))
def test_a_ramp_is_half_way_up_in_its_middle(start: int, width: int, num_points: int, top: float) -> None:
    n = np.linspace(start, start + width, num_points)
    assert half_height(n, top * (n - start) / width) == pytest.approx(start + width / 2)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 100), st.floats(1e-3, 1e3))
def test_a_step_from_nothing_is_half_way_between_its_two_points(below: int, above: int, gap: int, top: float) -> None:
    n = gap * np.arange(1, below + above + 1)
    sharpness = np.where(np.arange(below + above) < below, 0.0, top)
    assert half_height(n, sharpness) == pytest.approx(gap * (below + 0.5))


def test_a_smooth_step_is_found_where_its_formula_is_half_way() -> None:
    """A logistic curve, on ever finer points."""
    for step, tolerance in ((25, 5.0), (5, 0.2), (1, 0.01)):
        n = np.arange(1, 401, step)
        sharpness = 0.3 / (1 + np.exp(-(n - 171.3) / 6))
        assert half_height(n, sharpness) == pytest.approx(171.3, abs=tolerance)


def test_the_first_of_several_rises_counts() -> None:
    assert half_height([10, 20, 30, 40, 50], [0, 1, 0, 1, 0]) == 15
    assert half_height([10, 20, 30, 40, 50], [0, 0.4, 0, 1, 0]) == 35  # the first does not reach half


def test_what_falls_after_the_jump_does_not_matter() -> None:
    assert half_height([10, 20, 30, 40], [0, 2, 1, 0.01]) == half_height([10, 20], [0, 2]) == 15


@given(curves, st.randoms())
def test_the_order_of_the_points_does_not_matter(points: list[tuple[int, float]], rng: random.Random) -> None:
    assert same(half_height_of(rng.sample(points, len(points))), half_height_of(points))


@given(curves, st.integers(-20, 20), st.integers(1, 100))
def test_units_do_not_matter(points: list[tuple[int, float]], power: int, scale: int) -> None:
    """Twice the sharpness everywhere jumps at the same N; an axis stretched by a factor moves the jump by it."""
    expected = half_height_of(points)
    assert same(half_height_of([(n, math.ldexp(height, power)) for n, height in points]), expected)
    assert same(half_height_of([(scale * n, height) for n, height in points]), scale * expected)


@given(curves)
def test_what_is_unknown_is_as_if_it_had_not_been_measured(points: list[tuple[int, float]]) -> None:
    known = [(n, height) for n, height in points if not math.isnan(height)]
    assert same(half_height_of(points), half_height_of(known))
    assert same(half_height_of([*points, (30_000, math.inf)]), half_height_of(known))


@given(curves)
def test_the_jump_lies_between_a_point_below_and_a_point_above_half(points: list[tuple[int, float]]) -> None:
    found = half_height_of(points)
    known = sorted((n, height) for n, height in points if not math.isnan(height))
    half = max((height for _, height in known), default=0.0) / 2
    first_above = next((place for place, (_, height) in enumerate(known) if height >= half), 0)
    assert math.isnan(found) == (first_above == 0)
    if first_above:
        assert known[first_above - 1][0] <= found <= known[first_above][0]


@pytest.mark.parametrize(
    ("n", "sharpness"),
    [
        ([], []),
        ([100], [0.3]),
        ([100, 200], [0.2, 0.3]),  # above half from the start
        ([100, 200], [0.15, 0.3]),  # at half from the start
        ([100, 200], [0.3, 0.1]),  # falls
        ([100, 200], [0.0, 0.0]),  # no height
        ([100, 200], [math.nan, math.nan]),
        ([100, 200], [math.nan, 0.3]),
        ([100, 200, 300], [math.nan, 0.2, 0.3]),
    ],
)
def test_where_nothing_rises_through_half_there_is_no_place(n: list[int], sharpness: list[float]) -> None:
    assert math.isnan(half_height(n, sharpness))


@pytest.mark.parametrize(("n", "sharpness"), [([1, 2], [0.1]), ([[1, 2]], [[0.1, 0.2]]), (3, 0.1), ([], [1.0])])
def test_lengths_that_differ_are_told_with_their_shapes(n: object, sharpness: object) -> None:
    with pytest.raises(ValueError, match="expected as many values of the sharpness as of N, but came shapes"):
        half_height(n, sharpness)  # type: ignore[arg-type]


# --- several seeds ----------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(2, 18), min_size=1, max_size=8))
def test_seeds_that_step_at_known_places_give_their_mean_and_interval(places: list[int]) -> None:
    n = 10 * np.arange(1, 21)
    found = transition(n, [np.where(n > 10 * place, 0.4, 0.0) for place in places])
    assert found is not None
    assert found == pytest.approx(mean_interval([10 * place + 5 for place in places]))


def test_each_seed_has_half_of_its_own_height() -> None:
    n = [100, 150, 200]
    found = transition(n, [[0, 0.1, 0.2], [0, 50, 100]])
    assert found is not None
    assert (found.mean, found.low, found.high) == (150, 150, 150)


def test_one_seed_without_a_jump_leaves_no_jump() -> None:
    """A mean of the others would look more certain than it is."""
    n = [100, 150, 200]
    assert transition(n, [[0, 0.1, 0.4], [0.3, 0.3, 0.4]]) is None
    assert transition(n, [[0, 0.1, 0.4], [math.nan] * 3]) is None


def test_without_a_seed_there_is_no_jump() -> None:
    assert transition([100, 150], np.empty((0, 2))) is None


def test_a_point_that_one_seed_lacks_is_lacking_to_it_alone() -> None:
    found = transition([100, 200, 300], [[0, math.nan, 1], [0, 0, 1]])
    assert found is not None
    assert found.mean == pytest.approx((200 + 250) / 2)


@given(curves)
def test_one_seed_jumps_where_its_curve_does(points: list[tuple[int, float]]) -> None:
    place = half_height_of(points)
    assume(points)
    found = transition([n for n, _ in points], [[height for _, height in points]])
    assert (found is None) == math.isnan(place)
    if found is not None:
        assert found.mean == place
        assert math.isinf(found.high)
