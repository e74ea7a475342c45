"""Capacity and bits, against curves, losses and laws whose answers are known."""

import math
import random
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from core import RunConfig, bit_capacity, capacity, dataset, far_tail_bits_per_weight, memorized_bits, train
from core.intervals import mean_interval
from core.memorization import BITS

every_definition = pytest.mark.parametrize("definition", BITS)

# --- samples: the knee ------------------------------------------------------------------------------------------------


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


# --- bits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What bits need of one."""

    config: SimpleNamespace
    final_loss: NDArray[np.floating]
    num_memorized: int


def result(num_classes: int, final_loss: NDArray[np.floating], num_memorized: int) -> Result:
    return Result(SimpleNamespace(num_classes=num_classes), final_loss, num_memorized)


def of_logits(logits: NDArray[np.float64]) -> Result:
    """From (N, V); all labels are class 0, as the names of classes do not matter."""
    num_memorized = int((logits[:, 0] > logits[:, 1:].max(1)).sum())
    return result(logits.shape[1], -log_softmax(logits, axis=1)[:, 0], num_memorized)


logits = st.builds(
    lambda num_samples, num_classes, scale, seed: (
        scale * np.random.Generator(np.random.PCG64(seed)).standard_normal((num_samples, num_classes))
    ),
    st.integers(1, 60),
    st.integers(2, 12),
    st.floats(0.01, 30),
    st.integers(0, 2**32 - 1),
)
sizes = st.tuples(st.integers(1, 20_000), st.integers(2, 1_000))  # N, V


@every_definition
@given(sizes)
def test_labels_that_are_all_known_for_sure_are_all_their_bits(definition: str, size: tuple[int, int]) -> None:
    num_samples, num_classes = size
    sure = result(num_classes, np.zeros(num_samples), num_samples)
    assert memorized_bits(sure, definition) == pytest.approx(num_samples * math.log2(num_classes))


@every_definition
@given(sizes, st.floats(0, 1))
def test_a_guess_has_memorized_nothing(definition: str, size: tuple[int, int], luck: float) -> None:
    """Each label has the probability 1 / V, and by luck a part of N / V is right."""
    num_samples, num_classes = size
    guess = result(num_classes, np.full(num_samples, math.log(num_classes)), int(luck * num_samples / num_classes))
    assert memorized_bits(guess, definition) == 0


def test_bits_by_hand() -> None:
    """4 samples in 4 classes, of 2 bits each: one known for sure, one as well as a coin, one guessed, one mistaken."""
    some = result(4, -np.log([1, 1 / 2, 1 / 4, 1 / 8]), num_memorized=2)
    assert memorized_bits(some, "liu") == pytest.approx(2 + 1 + 0 - 1)
    assert memorized_bits(some) == memorized_bits(some, "liu")
    assert memorized_bits(some, "morris") == pytest.approx(2 + 1 + 0 + 0)
    assert memorized_bits(some, "fano") == pytest.approx(4 * (2 - 1 - math.log2(3) / 2))


@given(logits)
def test_bits_are_no_more_than_the_labels_have_and_of_liu_and_morris_the_latter_has_more(
    logits: NDArray[np.float64],
) -> None:
    layer, most = of_logits(logits), logits.shape[0] * math.log2(logits.shape[1])
    liu, morris, fano = (memorized_bits(layer, definition) for definition in BITS)
    assert max(0, liu) <= morris * (1 + 1e-12)
    assert 0 <= fano <= most * (1 + 1e-12)
    assert morris <= most * (1 + 1e-12)


def test_of_morris_and_fano_either_may_have_more() -> None:
    right_but_unsure = of_logits(np.array([[0.01, 0.0]]))
    wrong_but_close = of_logits(np.array([[1.0, 1.01, -9.0]]))
    assert memorized_bits(right_but_unsure, "morris") < 0.01 < memorized_bits(right_but_unsure, "fano") == 1
    assert memorized_bits(wrong_but_close, "morris") > 0.5 > memorized_bits(wrong_but_close, "fano") == 0


@given(logits, st.floats(0.01, 100))
def test_fano_minds_who_is_memorized_but_not_how_surely(logits: NDArray[np.float64], scale: float) -> None:
    assert memorized_bits(of_logits(scale * logits), "fano") == memorized_bits(of_logits(logits), "fano")


@given(sizes, st.floats(0, 1))
def test_fano_is_liu_of_a_layer_that_is_as_sure_as_it_is_often_right(size: tuple[int, int], share: float) -> None:
    """It gives 1 - e to the class that it takes for the label, and shares out e among the others."""
    num_samples, num_classes = size
    num_memorized = num_samples // num_classes + 1
    num_memorized += round(share * (num_samples - num_memorized))
    e = 1 - num_memorized / num_samples
    right, wrong = num_memorized, num_samples - num_memorized
    loss = np.repeat([-math.log(1 - e), -math.log(e / (num_classes - 1)) if wrong else 0], [right, wrong])
    layer = result(num_classes, loss, num_memorized)
    assert memorized_bits(layer, "fano") == pytest.approx(memorized_bits(layer, "liu"), rel=1e-6, abs=1e-7)
    if wrong:
        assert memorized_bits(layer, "fano") < memorized_bits(replace(layer, num_memorized=num_memorized + 1), "fano")


@every_definition
def test_bits_of_a_run_are_those_of_its_losses_in_float64(definition: str) -> None:
    [run] = train([RunConfig(10, 4, 20, num_steps=500)])
    exact = result(4, run.final_loss.astype(np.float64), run.num_memorized)
    assert run.final_loss.dtype == np.float32
    assert memorized_bits(run, definition) == memorized_bits(exact, definition) > 10
    assert memorized_bits(run) == pytest.approx(20 * (math.log(4) - run.mean_loss) / math.log(2), rel=1e-5)


def test_bits_of_a_run_that_diverged_are_not_made_up() -> None:
    lost = result(2, np.array([np.nan, 0, 0], np.float32), num_memorized=2)
    assert math.isnan(memorized_bits(lost, "liu"))
    assert math.isnan(memorized_bits(lost, "morris"))
    overflown = replace(lost, final_loss=np.array([np.inf, 0, 0], np.float32))
    assert memorized_bits(overflown, "liu") == -math.inf
    assert memorized_bits(overflown, "morris") == 2
    assert memorized_bits(lost, "fano") == memorized_bits(overflown, "fano") > 0


def test_an_unknown_definition_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^definition must be one of 'liu', 'morris', 'fano', but it is 'shannon'$"):
        memorized_bits(result(2, np.zeros(1), 1), "shannon")


@pytest.mark.parametrize(("n", "num_classes", "bias"), [(2, 3, True), (3, 2, False), (1, 5, True)])
def test_far_beyond_capacity_bits_at_the_optimum_are_chi_squared(n: int, num_classes: int, bias: bool) -> None:
    """Exact optima of 400 data sets of 500 samples, for at most 10 weights."""
    bits = []
    for seed in range(400):
        inputs, labels = dataset(RunConfig(n, num_classes, 500, data_seed=seed, dtype="float64"))
        fit = LogisticRegression(C=np.inf, fit_intercept=bias, tol=1e-6).fit(inputs, labels)
        loss = -fit.predict_log_proba(inputs)[np.arange(500), labels]
        bits.append(memorized_bits(result(num_classes, loss, num_memorized=0)))
    degrees, num_weights = (num_classes - 1) * (n + bias), num_classes * (n + bias)
    assert stats.kstest(2 * math.log(2) * np.array(bits), stats.chi2(degrees).cdf).pvalue > 1e-3
    expected = far_tail_bits_per_weight(num_classes) * num_weights
    assert expected == pytest.approx(degrees / (2 * math.log(2)))
    assert np.mean(bits) == pytest.approx(expected, abs=3 * stats.sem(bits))


# --- bits: their capacity ---------------------------------------------------------------------------------------------

curves = st.integers(1, 8).flatmap(
    lambda num_points: st.lists(
        st.lists(st.floats(-1e6, 1e6), min_size=num_points, max_size=num_points), min_size=1, max_size=5
    )
)


def test_bit_capacity_by_hand() -> None:
    """The means are 15, 25, 29 and 25. Without the first seed the largest is 50, without the second 30: 29 -+ 10 t."""
    found = bit_capacity([100, 200, 300, 400], [[10, 30, 28, 0], [20, 20, 30, 50]])
    assert found[:4] == pytest.approx((300, 29, 29 - 127.06, 29 + 127.06), rel=1e-4)  # t of one degree of freedom
    assert not found.is_lower_bound


@given(curves, st.randoms())
def test_a_bit_capacity_is_the_maximum_of_the_mean_curve(bits: list[list[float]], rng: random.Random) -> None:
    num_points = len(bits[0])
    sizes = rng.sample(range(1, 400), num_points)
    found, means = bit_capacity(sizes, bits), np.mean(bits, axis=0)
    assert found.mean == pytest.approx(means.max())
    assert means[sizes.index(found.num_samples)] == pytest.approx(means.max())
    assert found.is_lower_bound == (found.num_samples == max(sizes))
    if len(bits) > 1:
        assert found.low <= found.mean <= found.high
    else:
        assert math.isnan(found.low)
        assert math.isnan(found.high)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6))
def test_where_there_is_but_one_n_the_interval_is_that_of_a_mean(bits: list[float]) -> None:
    found = bit_capacity([10], [[each] for each in bits])
    assert (found.mean, found.low, found.high) == pytest.approx(mean_interval(bits)[:3], rel=1e-6, abs=1e-6)


def test_the_interval_allows_for_the_choice_of_n() -> None:
    """Both seeds have 30 bits at N = 200, which would be an interval of no width."""
    found = bit_capacity([100, 200, 300], [[10, 30, 50], [20, 30, 0]])
    assert found.mean == 30
    assert found.high - found.mean == pytest.approx(12.706 * 10, rel=1e-3)  # 50 or 30 without one of them


@pytest.mark.parametrize("definition", BITS)
@given(st.integers(1, 5), st.integers(2, 12), st.floats(0.01, 30), st.integers(0, 2**32 - 1))
def test_no_bit_capacity_exceeds_what_all_labels_hold_at_its_n(
    definition: str, num_seeds: int, num_classes: int, scale: float, seed: int
) -> None:
    rng, sizes = np.random.Generator(np.random.PCG64(seed)), (2, 5, 9)
    draw = [[of_logits(scale * rng.standard_normal((size, num_classes))) for size in sizes] for _ in range(num_seeds)]
    found = bit_capacity(sizes, [[memorized_bits(each, definition) for each in curve] for curve in draw])
    assert found.mean <= found.num_samples * math.log2(num_classes) * (1 + 1e-12)


def test_of_equal_maxima_the_smallest_data_set_counts_in_whatever_order_they_come() -> None:
    assert bit_capacity([30, 10, 20], [[5, 4, 5]])[:2] == (20, 5)
    assert not bit_capacity([30, 10, 20], [[5, 4, 5]]).is_lower_bound
    assert bit_capacity([30, 10, 20], [[6, 4, 5]]).is_lower_bound


def test_a_run_that_diverged_leaves_no_bit_capacity_but_its_infinite_loss_does() -> None:
    found = bit_capacity([10, 20], [[5, math.nan], [6, 7]])
    assert math.isnan(found.mean)
    assert math.isnan(found.low)
    assert bit_capacity([10, 20], [[5, -math.inf], [6, 7]])[:2] == (10, 5.5)


@pytest.mark.parametrize(
    ("num_samples", "bits", "shapes"),
    [
        ([10, 20], [1, 2], r"\(2,\) and \(2,\)"),
        ([10, 20], [[1, 2, 3]], r"\(2,\) and \(1, 3\)"),
        ([[10, 20]], [[1, 2]], r"\(1, 2\) and \(1, 2\)"),
        ([], [[]], r"\(0,\) and \(1, 0\)"),
        ([10], np.empty((0, 1)), r"\(1,\) and \(0, 1\)"),
    ],
)
def test_bits_that_are_no_curves_are_refused(num_samples: list[int], bits: list[list[float]], shapes: str) -> None:
    with pytest.raises(ValueError, match=rf"^expected \(K,\) N and \(S, K\) bits, .*but came shapes {shapes}$"):
        bit_capacity(num_samples, bits)
