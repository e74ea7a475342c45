"""The most memorizable samples: the weights do it, and brute force over all subsets rarely finds more."""

import functools
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from core import RunConfig, dataset
from core.config import INPUTS
from core.memorizable import Memorizable, more_memorizable, most_memorizable
from core.optimum import optimum
from tests.core.linear_programs import TOLERANCE, largest_margin

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
SHAPES = {  # n, V, N
    "past the threshold": (10, 5, 90),
    "far past": (4, 6, 150),
    "just past": (20, 3, 66),
    "two classes": (8, 2, 60),
    "the figure's": (40, 10, 300),
    "classes split off": (10, 10, 64),
    "few samples": (10, 5, 15),
    "one sample": (3, 4, 1),
    "one input": (1, 3, 12),
    "more classes than samples": (3, 30, 20),
}
every_shape = pytest.mark.parametrize("name", SHAPES)
BOTH = pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])


@functools.cache
def data(name: str, law: str = "gaussian") -> tuple[Floats, Labels, int]:
    n, num_classes, samples = SHAPES[name]
    inputs, labels = dataset(RunConfig(n, num_classes, samples, inputs=law, dtype="float64"))
    return inputs.astype(np.float64), labels, num_classes


@functools.cache
def most(name: str, bias: bool) -> Memorizable:
    inputs, labels, num_classes = data(name)
    return most_memorizable(inputs, labels, bias=bias, num_classes=num_classes)


def memorized(weights: Floats, inputs: Floats, labels: Labels, bias: bool) -> NDArray[np.bool_]:
    """The label's logit is above all others."""
    logits = np.column_stack([inputs, np.ones(len(inputs))] if bias else [inputs]) @ weights.T
    own = logits[np.arange(len(labels)), labels].copy()
    logits[np.arange(len(labels)), labels] = -np.inf
    return own > logits.max(1)


# --- a lower bound ----------------------------------------------------------------------------------------------------


@BOTH
@every_shape
def test_the_weights_memorize_what_they_are_said_to(name: str, bias: bool) -> None:
    inputs, labels, num_classes = data(name)
    answer = most(name, bias)
    assert answer.weights.shape == (num_classes, inputs.shape[1] + bias)
    np.testing.assert_array_equal(memorized(answer.weights, inputs, labels, bias), answer.memorized)
    assert answer.num_memorized == answer.memorized.sum()


@pytest.mark.parametrize("samples", [6, 15, 40])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_so_do_those_of_inputs_whose_margins_tie(n: int, samples: int) -> None:
    """Signs of few dimensions: what rounding alone puts above a border is not memorized."""
    for seed in range(12):
        run = RunConfig(n, 3 + seed % 4, samples, data_seed=seed, inputs="signs", dtype="float64")
        inputs, labels = dataset(run)
        inputs = inputs.astype(np.float64)
        answer = most_memorizable(inputs, labels, bias=True, num_classes=run.num_classes)
        np.testing.assert_array_equal(memorized(answer.weights, inputs, labels, True), answer.memorized)
        order = np.random.default_rng(seed).permutation(samples)
        turned = most_memorizable(inputs[order], labels[order], bias=True, num_classes=run.num_classes)
        np.testing.assert_array_equal(memorized(turned.weights, inputs, labels, True).sum(), turned.num_memorized)


@BOTH
@every_shape
def test_they_are_no_fewer_than_at_the_optimum(name: str, bias: bool) -> None:
    inputs, labels, num_classes = data(name)
    found = optimum(inputs, labels, bias=bias, num_classes=num_classes)
    assert most(name, bias).num_memorized >= found.num_memorized
    if found.kind == "separable":
        assert most(name, bias).memorized.all()
    same = more_memorizable(found, inputs, labels, bias=bias)
    np.testing.assert_array_equal(same.memorized, most(name, bias).memorized)
    np.testing.assert_array_equal(same.weights, most(name, bias).weights)


def test_past_the_threshold_many_more_than_at_the_optimum() -> None:
    inputs, labels, num_classes = data("the figure's")
    at_optimum = optimum(inputs, labels, bias=True, num_classes=num_classes).num_memorized
    assert most("the figure's", True).num_memorized > 1.5 * at_optimum


# --- brute force ------------------------------------------------------------------------------------------------------


def the_most(inputs: Floats, labels: Labels, num_classes: int, bias: bool, known: int) -> int:
    """By linear programs on all subsets of one sample more than can be memorized, until none can."""
    for size in range(known + 1, len(labels) + 1):
        for kept in itertools.combinations(range(len(labels)), size):
            if largest_margin(inputs[list(kept)], labels[list(kept)], num_classes, bias) > 10 * TOLERANCE:
                break
        else:
            return size - 1
    return len(labels)


def test_no_subset_is_larger_in_most_cases() -> None:
    shares = {}
    for n, num_classes, samples in [(1, 2, 9), (2, 2, 9), (3, 2, 9), (1, 3, 8), (2, 3, 9)]:
        same = []
        for seed in range(8):
            run = RunConfig(n, num_classes, samples, data_seed=seed, inputs=INPUTS[seed % 4], dtype="float64")
            inputs, labels = dataset(run)
            inputs, bias = inputs.astype(np.float64), seed % 3 > 0
            found = most_memorizable(inputs, labels, bias=bias, num_classes=num_classes).num_memorized
            largest = the_most(inputs, labels, num_classes, bias, found)
            assert found <= largest <= found + 2
            same.append(found == largest)
        shares[n, num_classes] = np.mean(same)
    print("found by construction as many as by brute force:", shares)
    assert min(shares.values()) >= 0.5
    assert np.mean(list(shares.values())) >= 0.75


def test_one_wrong_label_is_given_up() -> None:
    """Two clouds far apart: all but the one sample that is labelled as if it were in the other."""
    random = np.random.default_rng(0)
    inputs = random.standard_normal((60, 3)) + np.repeat([[-6.0], [6.0]], 30, 0)
    labels = np.repeat([0, 1], 30)
    inputs[7], labels[7] = -6, 1
    answer = most_memorizable(inputs, labels, bias=True)
    np.testing.assert_array_equal(answer.memorized, np.arange(60) != 7)


# --- what changes nothing, and what ends it ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["past the threshold", "two classes", "classes split off"])
def test_the_size_and_the_correlation_of_inputs_do_not_matter(name: str) -> None:
    inputs, labels, num_classes = data(name)
    for mapped in (
        1e-6 * inputs,
        1e6 * inputs,
        inputs * np.logspace(-3, 3, inputs.shape[1]),
        data(name, "correlated")[0],
    ):
        answer = most_memorizable(mapped, labels, bias=True, num_classes=num_classes)
        assert abs(answer.num_memorized - most(name, True).num_memorized) <= 1  # a tie may turn on a rounding
        np.testing.assert_array_equal(memorized(answer.weights, mapped, labels, True), answer.memorized)


@pytest.mark.parametrize("bias", [True, False])
def test_samples_that_nothing_tells_apart(bias: bool) -> None:
    for inputs in (np.zeros((5, 2)), np.ones((5, 2))):
        answer = most_memorizable(inputs, np.array([0, 1, 1, 1, 2]), bias=bias)
        assert answer.num_memorized == (3 if bias or inputs.any() else 0)


def test_one_class_is_always_right() -> None:
    assert most_memorizable(np.ones((4, 2)), np.zeros(4, int), bias=True).num_memorized == 4


def test_a_word_before_each_step_may_end_it() -> None:
    class Enough(Exception):
        pass

    inputs, labels, num_classes = data("past the threshold")
    found = optimum(inputs, labels, bias=True, num_classes=num_classes)
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise Enough

    with pytest.raises(Enough):
        more_memorizable(found, inputs, labels, bias=True, check=check)
    assert asked == 5
    with pytest.raises(Enough):
        most_memorizable(inputs, labels, bias=True, check=lambda: (_ for _ in ()).throw(Enough()))


def test_bad_data_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="expected inputs"):
        most_memorizable(np.ones(3), np.array([0, 1, 0]), bias=True)
