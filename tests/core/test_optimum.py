"""The minimum against scikit-learn and scipy, verdicts against linear programs, certificates by hand, invariances."""

import functools
import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import cross_entropy

from core import RunConfig, dataset
from core.config import INPUTS
from core.device import one_thread
from core.newton import Newton
from core.optimum import margin_bound, optimum, separable
from core.verdicts import Optimum, Separability
from tests.core.linear_programs import TOLERANCE, largest_margin, margins_of, ties

MODULE = importlib.import_module("core.optimum")  # `core.optimum` itself is the function
Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """For products so small two threads are no faster, and many times slower as soon as anything else runs."""
    with one_thread:
        yield


class Data(NamedTuple):
    inputs: Floats
    labels: Labels
    num_classes: int
    bias: bool

    def optimum(self) -> Optimum:
        return optimum(self.inputs, self.labels, bias=self.bias, num_classes=self.num_classes)

    def separable(self) -> Separability:
        return separable(self.inputs, self.labels, bias=self.bias, num_classes=self.num_classes)

    @property
    def columns(self) -> Floats:
        """(N, n + bias)."""
        return np.column_stack([self.inputs, np.ones(len(self.inputs))]) if self.bias else self.inputs


def data(n: int, num_classes: int, samples: int, *, bias: bool = True, seed: int = 0, inputs: str = "gaussian") -> Data:
    run = RunConfig(n, num_classes, samples, data_seed=seed, inputs=inputs, dtype="float64")
    return Data(*dataset(run), num_classes, bias)  # type: ignore[arg-type]  # float64


# Classes 0 and 1 overlap, and class 2 lies far from both.
APART = Data(
    np.array([[-2.0, 0], [-1, 1], [0.5, -1], [1, 0], [-0.5, 1], [2, 0], [0.2, -1], [10, 30], [11, 28], [-9, 31]]),
    np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2]),
    3,
    True,
)
FINITE = {
    "many samples": data(8, 4, 120),
    "two classes": data(6, 2, 40),
    "two classes, no bias": data(6, 2, 40, bias=False),
    "no bias": data(8, 4, 120, bias=False),
    "more classes than inputs": data(3, 12, 150),
    "one input": data(1, 3, 30),
    "near the threshold": data(20, 3, 78),
    "the figure's": data(40, 10, 300),
    "signs": data(12, 5, 150, inputs="signs"),
    "spheres": data(5, 6, 90, inputs="sphere"),
}
SPLIT = {
    "by hand": APART,
    "one class aside": data(10, 10, 64, seed=1),
    "several, one after the other": data(10, 10, 52),
    "the figure's": data(40, 10, 200),
    "few inputs, many classes": data(2, 10, 24),
    "probable by 1e-10, and yet of the group": data(3, 20, 30, seed=1),
    "no bias": data(6, 8, 20, bias=False, seed=1),
}
SEPARABLE = {
    "few samples": data(8, 4, 12),
    "fewer than inputs": data(20, 5, 10),
    "two classes": data(10, 2, 14),
    "no bias": data(10, 6, 20, bias=False),
    "one sample": data(3, 4, 1),
    "one sample, one input": data(1, 2, 1, bias=False),
    "the figure's": data(40, 10, 150),
}
ALL = {
    f"{kind}: {name}": found
    for kind, sets in [("finite", FINITE), ("split", SPLIT), ("separable", SEPARABLE)]
    for name, found in sets.items()
}
every_data_set = pytest.mark.parametrize("name", ALL)


@functools.cache
def found(name: str) -> Optimum:
    return ALL[name].optimum()


# --- oracles ----------------------------------------------------------------------------------------------------------


def losses(weights: Floats, of: Data) -> Floats:
    """(N,) by PyTorch."""
    logits = torch.from_numpy(of.columns @ weights.T)
    return cross_entropy(logits, torch.from_numpy(of.labels), reduction="none").numpy()


def margins(weights: Floats, of: Data) -> Floats:
    """(N,) logit of the label minus the largest other."""
    logits = of.columns @ weights.T
    own = logits[np.arange(len(logits)), of.labels].copy()
    logits[np.arange(len(logits)), of.labels] = -np.inf
    return own - logits.max(1)


def exact_margins(weights: Floats, of: Data) -> list[Fraction]:
    """Of every sample over every other class, without rounding."""
    exact = [[Fraction(value) for value in row] for row in weights.tolist()]
    return [
        sum((a - b) * Fraction(x) for a, b, x in zip(exact[y], exact[k], sample, strict=True))  # type: ignore[misc]
        for sample, y in zip(of.columns.tolist(), of.labels.tolist(), strict=True)
        for k in range(of.num_classes)
        if k != y
    ]


def infimum(of: Data) -> tuple[float, Floats]:
    """Of the mean loss and each sample's, by a linear program and scipy, whatever the case.

    Margins that need not be tied at 0 can all be raised for ever without lowering any: what remains of the loss is
    log(1 + sum_k e^-m_ik) over the classes k with which sample i is tied, and that has a minimum.
    """
    matrix = margins_of(of.inputs, of.labels, of.num_classes, of.bias)
    tied = ties(of.inputs, of.labels, of.num_classes, of.bias).reshape(len(of.labels), of.num_classes - 1)
    kept = matrix[tied.ravel()]

    def sample_losses(weights: Floats) -> Floats:
        exponents = np.full(tied.shape, -np.inf)
        exponents[tied] = -kept @ weights
        return logsumexp(np.column_stack([np.zeros(len(tied)), exponents]), axis=1)

    def mean_and_slope(weights: Floats) -> tuple[float, Floats]:
        each = sample_losses(weights)
        probabilities = np.exp(-kept @ weights - each.repeat(tied.sum(1)))
        return float(each.mean()), -probabilities @ kept / len(each)

    if not tied.any():
        return 0.0, np.zeros(len(tied))
    end = minimize(
        mean_and_slope,
        np.zeros(matrix.shape[1]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 20_000, "maxfun": 100_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30},
    )
    return float(end.fun), sample_losses(end.x)


def by_scikit_learn(of: Data) -> Floats:
    """(V, n + bias), of rows that sum to 0."""
    fit = LogisticRegression(C=np.inf, fit_intercept=of.bias, tol=1e-11, max_iter=100_000)
    fit.fit(of.inputs, of.labels)
    weights = np.column_stack([fit.coef_, fit.intercept_]) if of.bias else fit.coef_
    if of.num_classes == 2:
        weights = np.concatenate([-weights / 2, weights / 2])
    return weights - weights.mean(0)


def own_classes(of: Data) -> set[int]:
    return set(of.labels.tolist())


# --- a finite minimum -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FINITE)
def test_a_finite_optimum_is_scikit_learns(name: str) -> None:
    of, answer = FINITE[name], found(f"finite: {name}")
    assert (answer.kind, answer.exists) == ("finite", True)
    expected = by_scikit_learn(of)
    np.testing.assert_allclose(answer.weights - answer.weights.mean(0), expected, rtol=1e-4, atol=1e-4)
    assert answer.loss == pytest.approx(losses(expected, of).mean(), abs=1e-9)
    assert answer.loss <= losses(expected, of).mean() + 1e-14
    far = np.abs(margins(expected, of)) > 1e-3
    np.testing.assert_array_equal(answer.memorized[far], margins(expected, of)[far] > 0)


@every_data_set
def test_what_is_said_of_the_optimum_is_true_of_its_weights(name: str) -> None:
    of, answer = ALL[name], found(name)
    assert answer.weights.shape == (of.num_classes, of.columns.shape[1])
    assert answer.weights.dtype == answer.sample_loss.dtype == np.float64
    assert answer.kind == name.split(":")[0]
    assert answer.exists == (answer.kind == "finite")
    np.testing.assert_allclose(losses(answer.weights, of), answer.sample_loss, rtol=0, atol=1e-6)
    assert answer.loss == pytest.approx(answer.sample_loss.mean(), rel=1e-14)
    margin = margins(answer.weights, of)
    clear = np.abs(margin) > 1e-6
    assert clear.mean() > 0.95
    np.testing.assert_array_equal(answer.memorized[clear], margin[clear] > 0)
    assert answer.num_memorized == answer.memorized.sum()


@pytest.mark.parametrize("name", FINITE)
def test_the_gradient_is_as_small_as_said(name: str) -> None:
    of, answer = FINITE[name], found(f"finite: {name}")
    weights = torch.from_numpy(answer.weights).requires_grad_()
    cross_entropy(torch.from_numpy(of.columns) @ weights.T, torch.from_numpy(of.labels)).backward()
    assert weights.grad is not None
    assert weights.grad.norm().item() == pytest.approx(answer.gradient_norm, abs=1e-14)
    assert answer.gradient_norm <= 1e-8


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("separable")])
def test_so_is_one_that_is_not_small(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an early end. Of split data each group has its share in it."""
    monkeypatch.setattr(MODULE, "GRADIENT_NORM", 1e-3)
    monkeypatch.setattr(Newton, "is_next_to_the_optimum", lambda _: True)
    of = ALL[name]
    answer = of.optimum()
    weights = torch.from_numpy(answer.weights).requires_grad_()
    cross_entropy(torch.from_numpy(of.columns) @ weights.T, torch.from_numpy(of.labels)).backward()
    assert weights.grad is not None
    assert weights.grad.norm().item() == pytest.approx(answer.gradient_norm, rel=1e-6, abs=1e-11)


@pytest.mark.parametrize("name", FINITE)
def test_every_start_leads_to_the_same_optimum(name: str) -> None:
    of, answer = FINITE[name], found(f"finite: {name}")
    random = np.random.default_rng(0)
    for size in (0.1, 1, 10):
        start = size * random.standard_normal(answer.weights.shape)
        newton = Newton(
            torch.from_numpy(of.columns), torch.from_numpy(of.labels), of.num_classes, weights=torch.from_numpy(start)
        )
        for _ in range(40):
            newton.step()
        np.testing.assert_allclose(
            newton.weights.numpy(),
            answer.weights - answer.weights[-1],
            rtol=1e-6,
            atol=1e-6 * np.abs(answer.weights).max(),
        )


# --- the infimum ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in ALL if "figure" not in name])  # too large for this linear program
def test_the_loss_is_the_infimum_by_other_means(name: str) -> None:
    of, answer = ALL[name], found(name)
    loss, each = infimum(of)
    assert answer.loss == pytest.approx(loss, abs=1e-8)
    np.testing.assert_allclose(answer.sample_loss, each, rtol=0, atol=1e-4)


@every_data_set
def test_no_weights_get_below_the_infimum(name: str) -> None:
    """Random ones, the optimum's with noise, and those at which L-BFGS arrives after a long time.

    That nothing lower is claimed than can be had is seen of finite optima beside scikit-learn's, and where there is
    none by `test_the_loss_is_the_infimum_by_other_means`, or, where classes split, group by group.
    """
    of, answer = ALL[name], found(name)
    random = np.random.default_rng(0)
    shape = answer.weights.shape
    for size in np.logspace(-4, 3, 30):
        assert losses(size * random.standard_normal(shape), of).mean() >= answer.loss
        assert losses(answer.weights + size * random.standard_normal(shape), of).mean() >= answer.loss - 1e-12
    onehot = np.eye(of.num_classes)[of.labels]

    def mean_and_slope(flat: Floats) -> tuple[float, Floats]:
        logits = of.columns @ flat.reshape(shape).T
        total = logsumexp(logits, axis=1, keepdims=True)
        mean = (total[:, 0] - (onehot * logits).sum(1)).mean()
        return float(mean), ((np.exp(logits - total) - onehot).T @ of.columns / len(logits)).ravel()

    end = minimize(
        mean_and_slope,
        np.zeros(answer.weights.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1_000, "maxfun": 2_000, "ftol": 0, "gtol": 1e-12},
    )
    assert answer.loss - 1e-12 <= end.fun


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9, 16])
def test_a_group_holds_who_is_confused_with_a_friend_of_a_friend(length: int) -> None:
    """A chain of classes, each taken for the next by one sample; and one class that nobody is taken for."""
    probabilities = torch.eye(length + 1, length, dtype=torch.float64)
    probabilities[1 + torch.arange(length - 1), torch.arange(length - 1)] = 0.01
    turn = np.random.default_rng(0).permutation(length + 1)
    turned = torch.empty_like(probabilities)
    turned[turn] = probabilities
    groups = MODULE._groups(turned, torch.from_numpy(turn[:length]), 1e-3)
    assert len(set(groups[turn[:length]])) == 1
    assert groups[turn[length]] != groups[turn[0]]
    apart = MODULE._groups(turned, torch.from_numpy(turn[:length]), 0.1)
    assert len(set(apart)) == length + 1


def test_of_split_data_what_remains_is_the_problem_of_each_group() -> None:
    answer = found("split: by hand")
    overlapping = APART.labels < 2
    part = optimum(APART.inputs[overlapping], APART.labels[overlapping], bias=True)
    assert part.kind == "finite"
    assert answer.loss == pytest.approx(part.loss * overlapping.mean(), rel=1e-10)
    np.testing.assert_allclose(answer.sample_loss, np.append(part.sample_loss, [0, 0, 0]), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(answer.memorized, np.append(part.memorized, [True] * 3))
    assert answer.gradient_norm <= 1e-8
    assert "2, 1" in answer.reason


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_the_groups_of_the_figures_data_have_scikit_learns_losses(seed: int) -> None:
    """The groups are read off the weights, which put them so far apart that no sample feels another group."""
    of = data(40, 10, 205, seed=seed)
    answer = of.optimum()
    assert answer.kind == "split"
    logits = of.columns @ answer.weights.T
    feels = np.exp(logits - logits.max(1, keepdims=True)) > 1e-12  # (N, V)
    near = np.zeros((10, 10), bool)
    np.logical_or.at(near, of.labels, feels)
    near |= near.T | np.eye(10, dtype=bool)
    near = np.linalg.matrix_power(near.astype(int), 9) > 0
    total = 0.0
    for group in np.unique(near, axis=0):
        members = np.flatnonzero(group)
        inside = np.isin(of.labels, members)
        if len(members) > 1:
            part = Data(of.inputs[inside], np.searchsorted(members, of.labels[inside]), len(members), True)
            total += losses(by_scikit_learn(part), part).sum()
    assert answer.loss == pytest.approx(total / 205, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("samples", [190, 200, 210])
def test_weights_of_ten_classes_come_within_rounding_of_the_infimum(samples: int, seed: int) -> None:
    of = data(40, 10, samples, seed=seed)
    answer = of.optimum()
    assert answer.kind in ("finite", "split", "separable")
    assert losses(answer.weights, of).mean() == pytest.approx(answer.loss, abs=1e-6)


@pytest.mark.parametrize("name", SEPARABLE)
def test_separable_data_have_no_loss_and_every_sample(name: str) -> None:
    of, answer = SEPARABLE[name], found(f"separable: {name}")
    assert (answer.loss, answer.num_memorized, answer.gradient_norm) == (0, len(of.labels), 0)
    assert margins(answer.weights, of).min() > 0
    assert losses(answer.weights, of).max() < 1e-15


# --- what changes nothing ---------------------------------------------------------------------------------------------


def same(one: Optimum, other: Optimum, samples: NDArray[np.intp] | None = None, factor: int = 1) -> None:
    assert (one.kind, one.num_memorized * factor) == (other.kind, other.num_memorized)
    assert one.loss == pytest.approx(other.loss, abs=1e-10)
    kept = np.arange(len(one.sample_loss)) if samples is None else samples
    np.testing.assert_allclose(one.sample_loss[kept], other.sample_loss[: len(kept)], rtol=0, atol=1e-6)


@every_data_set
def test_the_order_of_samples_and_of_classes_does_not_matter(name: str) -> None:
    of, random = ALL[name], np.random.default_rng(0)
    samples, classes = random.permutation(len(of.labels)), random.permutation(of.num_classes)
    turned = of._replace(inputs=of.inputs[samples], labels=classes[of.labels[samples]])
    same(found(name), turned.optimum(), samples)


@pytest.mark.parametrize("seed", range(20))
def test_nor_does_it_where_margins_tie(seed: int) -> None:
    """Of signs many samples lie on a border: whatever side rounding puts them on, they are not memorized."""
    of = data(1 + seed % 4, 3, 24, seed=seed, inputs="signs")
    order = np.random.default_rng(seed).permutation(24)
    turned = of._replace(inputs=of.inputs[order], labels=of.labels[order]).optimum()
    np.testing.assert_array_equal(turned.memorized, of.optimum().memorized[order])


@every_data_set
def test_twice_the_same_samples_change_no_mean(name: str) -> None:
    of = ALL[name]
    twice = of._replace(inputs=np.concatenate([of.inputs] * 2), labels=np.concatenate([of.labels] * 2))
    same(found(name), twice.optimum(), factor=2)


@every_data_set
def test_an_invertible_map_of_the_inputs_changes_no_limit(name: str) -> None:
    """With a bias also a shift. Lengths of 10^-6 and 10^6, at once too; and inputs that are almost dependent."""
    of, random = ALL[name], np.random.default_rng(0)
    n = of.inputs.shape[1]
    turn = np.linalg.qr(random.standard_normal((n, n)))[0]
    for there in (
        np.diag(np.logspace(-6, 6, n)),
        1e-6 * turn,
        1e6 * turn,
        (turn * np.append(np.ones(n - 1), 1e-3)) @ turn.T,
    ):
        if "1e-10" in name and np.linalg.cond(there) == pytest.approx(1e3):
            continue  # what tells its classes apart is then lost in rounding
        shift = of.bias * np.abs(there).max(0) * random.standard_normal(n)
        same(found(name), of._replace(inputs=of.inputs @ there + shift).optimum())


@pytest.mark.parametrize("samples", [50, 90, 140, 170, 300])
def test_correlated_inputs_have_the_limits_of_gaussian_ones(samples: int) -> None:
    run = RunConfig(20, 10, samples, dtype="float64")
    one, other = (Data(*dataset(replace(run, inputs=law)), 10, True) for law in ("gaussian", "correlated"))  # type: ignore[arg-type]
    assert not np.array_equal(one.inputs, other.inputs)
    same(one.optimum(), other.optimum())
    assert one.separable().verdict == other.separable().verdict


@every_data_set
def test_copies_of_inputs_and_zeros_change_nothing(name: str) -> None:
    of = ALL[name]
    extended = np.column_stack([of.inputs, of.inputs[:, :1], np.zeros(len(of.labels))])
    answer = of._replace(inputs=extended).optimum()
    same(found(name), answer)
    assert answer.weights.shape[1] == of.columns.shape[1] + 2
    assert answer.verdict == found(name).verdict
    np.testing.assert_allclose(
        losses(answer.weights, of._replace(inputs=extended)), answer.sample_loss, rtol=0, atol=1e-6
    )


@every_data_set
def test_inputs_that_follow_from_others_but_for_rounding_leave_open_what_it_may_tell_apart(name: str) -> None:
    """The sum of all, rounded: the loss stays what it was, and is said of it; what is proved is less."""
    of = ALL[name]
    answer = of._replace(inputs=np.column_stack([of.inputs, of.inputs.sum(1)])).optimum()
    assert answer.loss == pytest.approx(found(name).loss, abs=1e-10)
    assert answer.num_memorized == found(name).num_memorized
    if answer.kind != found(name).kind:
        assert answer.kind == "undecided"
        assert "rounding" in answer.reason


def test_other_dtypes_are_the_same_data() -> None:
    of = FINITE["many samples"]
    same(found("finite: many samples"), of._replace(labels=of.labels.astype(np.uint8)).optimum())
    single = of.inputs.astype(np.float32)
    one, other = (of._replace(inputs=inputs).optimum() for inputs in (single, single.astype(np.float64)))
    np.testing.assert_array_equal(one.weights, other.weights)


# --- small cases ------------------------------------------------------------------------------------------------------


def test_a_class_without_samples_is_left_to_itself() -> None:
    of = FINITE["many samples"]
    answer = of._replace(num_classes=6).optimum()  # biases as low as one likes
    assert (answer.kind, answer.num_memorized) == ("split", found("finite: many samples").num_memorized)
    assert answer.loss == pytest.approx(found("finite: many samples").loss, abs=1e-12)
    assert answer.weights.shape[0] == 6
    balanced = np.concatenate([of.inputs, -of.inputs])  # without a bias no weights are against all of these
    answer = Data(balanced, np.concatenate([of.labels] * 2), 6, False).optimum()
    assert answer.kind == "finite"
    assert answer.loss == pytest.approx(
        losses(answer.weights, Data(balanced, np.concatenate([of.labels] * 2), 6, False)).mean(), rel=1e-12
    )


def test_the_number_of_classes_is_what_the_labels_show_unless_named() -> None:
    of = FINITE["many samples"]
    same(found("finite: many samples"), optimum(of.inputs, of.labels, bias=True))
    assert separable(of.inputs, of.labels, bias=True).verdict == "not separable"


@pytest.mark.parametrize("bias", [True, False])
def test_one_class_is_always_right(bias: bool) -> None:
    answer = optimum(np.ones((5, 3)), np.zeros(5, int), bias=bias)
    assert (answer.kind, answer.num_memorized, answer.loss, answer.weights.shape) == ("separable", 5, 0, (1, 3 + bias))


@pytest.mark.parametrize("num_classes", [2, 5])
def test_samples_that_nothing_tells_apart_are_guessed(num_classes: int) -> None:
    """All inputs 0, or all the same: the loss is the entropy of the labels."""
    labels = np.array([0, 1, 1, 1])
    nothing = optimum(np.zeros((4, 2)), labels, bias=False, num_classes=num_classes)
    assert (nothing.kind, nothing.num_memorized) == ("finite", 0)
    assert nothing.loss == pytest.approx(np.log(num_classes))
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    for inputs, bias in [(np.zeros((4, 2)), True), (np.full((4, 2), 3.0), False), (np.full((4, 2), 3.0), True)]:
        answer = optimum(inputs, labels, bias=bias, num_classes=num_classes)
        assert answer.kind == ("finite" if num_classes == 2 else "split")
        assert (answer.num_memorized, answer.loss) == (3, pytest.approx(entropy, abs=1e-12))
        assert separable(inputs, labels, bias=bias, num_classes=num_classes).verdict == "not separable"


def test_by_hand_on_a_line() -> None:
    """Two classes, one weight w = w_1 - w_0: the samples x = 2 and 1 of class 1, and x = 2 of class 0."""
    inputs, labels = np.array([[2.0], [1.0], [2.0]]), np.array([1, 1, 0])
    answer = optimum(inputs, labels, bias=False)
    weight = answer.weights[1, 0] - answer.weights[0, 0]
    sigmoid = 1 / (1 + np.exp(-weight * inputs[:, 0]))
    assert inputs[:, 0] @ (sigmoid - labels) == pytest.approx(0, abs=1e-8)
    np.testing.assert_array_equal(answer.memorized, [weight > 0, weight > 0, weight < 0])


# --- separability -----------------------------------------------------------------------------------------------------

THRESHOLD = {2: 2.0, 3: 2.7, 4: 3.2, 5: 3.6, 6: 3.9}  # samples for each input, roughly: where both verdicts are common


def instances(count: int, largest: int, seed: int) -> list[Data]:
    """Of any shape, law and bias, about the threshold."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        n, num_classes, bias = int(random.integers(1, largest)), int(random.integers(2, 7)), bool(random.integers(2))
        middle = 0.85 * THRESHOLD[num_classes] * (n + bias)
        samples = max(1, round(random.normal(middle, middle / 4)))
        law = INPUTS[random.integers(len(INPUTS))]
        drawn.append(data(n, num_classes, samples, bias=bias, seed=int(random.integers(10**6)), inputs=law))
    return drawn


def may_be_tied_otherwise(of: Data) -> bool:
    """Whether the inputs take few values: signs, which "sphere" also are in one dimension."""
    return np.allclose(np.abs(of.inputs), 1)


def test_no_verdict_differs_from_that_of_a_linear_program() -> None:
    verdicts = []
    for of in instances(320, 9, 0):
        answer, largest = of.separable(), largest_margin(*of)
        verdicts.append(answer.verdict)
        if answer.verdict == "undecided":
            assert may_be_tied_otherwise(of)
        else:
            assert answer.verdict == ("separable" if largest > 10 * TOLERANCE else "not separable")
        size = np.linalg.norm(answer.certificate)
        if answer.verdict == "separable":
            smallest = margins(answer.certificate, of).min()
            assert 0 < smallest / size == pytest.approx(answer.margin, rel=1e-9)
            assert answer.margin <= largest + TOLERANCE  # no entry of weights of norm 1 is above 1
        else:
            # Weights whose entries are below 1 are no longer than the root of their number.
            assert largest <= answer.margin * answer.certificate.size**0.5 + TOLERANCE
            assert answer.margin < 1e-7
    assert len(verdicts) >= 200
    assert min(verdicts.count("separable"), verdicts.count("not separable")) > 80
    assert verdicts.count("undecided") < 5


def test_whether_a_minimum_exists_is_what_a_linear_program_says() -> None:
    kinds = []
    for of in instances(130, 6, 1):
        tied = ties(*of)
        expected = "finite" if tied.all() else "split" if tied.any() else "separable"
        answer = of.optimum()
        if may_be_tied_otherwise(of) and answer.kind == "undecided":
            assert expected == "split"  # what a linear program calls so is then no matter of groups
            assert answer.exists is None
            assert answer.verdict in ("not separable", "undecided")
        else:
            assert answer.kind == expected
            kinds.append(answer.kind)
        if len(kinds) % 3 == 0 or answer.kind == "undecided":
            assert answer.loss == pytest.approx(infimum(of)[0], abs=1e-6)
    assert len(kinds) >= 60
    assert min(map(kinds.count, ("finite", "split", "separable"))) > 15


@pytest.mark.parametrize("name", SEPARABLE)
def test_a_certificate_of_separability_holds_without_rounding(name: str) -> None:
    of = SEPARABLE[name]
    assert min(exact_margins(of.separable().certificate, of)) > 0


@pytest.mark.parametrize("orders", [2, 4, 6, 8, 10])
def test_the_narrowest_gap_is_seen(orders: int) -> None:
    """Two clouds of which one is the other, moved by 10^-orders: separable as long as they are few enough."""
    random = np.random.default_rng(orders)
    for samples in (3, 5):
        one = random.standard_normal((samples, 5))
        of = Data(np.concatenate([one, one + 10.0**-orders * np.eye(5)[0]]), np.repeat([0, 1], samples), 2, True)
        answer = of.separable()
        assert answer.verdict == "separable"
        assert min(exact_margins(answer.certificate, of)) > 0
    one = random.standard_normal((40, 5))
    of = Data(np.concatenate([one, one + 10.0**-orders * np.eye(5)[0]]), np.repeat([0, 1], 40), 2, True)
    assert of.separable().verdict == "not separable"


def separable_but_alike() -> Iterator[Data]:
    """In truth separable, by differences next to rounding."""
    for ulps in range(1, 400, 29):
        inputs = np.array([[1.0, 0.3], [1.0 + ulps * 2.0**-52, 0.3], [0.2, 1.0], [0.7, -1.0]])
        yield Data(inputs, np.array([0, 1, 1, 0]), 2, True)
    yield Data(np.array([[1.0], [1 + 2e-13], [2], [0]]), np.array([0, 1, 1, 0]), 2, True)
    for start, step in ((0.0, 1.0), (1e15, 1.0), (1.7e18, 1e3), (1e12, 1e-3)):
        yield Data(start + step * np.arange(20.0)[:, None], np.arange(20) // 10, 2, True)
    for seed in range(60):  # as many samples as inputs
        inputs = np.random.default_rng(seed).standard_normal((6, 6))
        inputs[5] = inputs[4] + 10.0 ** -(11 + seed % 4) * inputs[5]
        yield Data(inputs, np.arange(6) % 2, 2, True)


def test_a_gap_next_to_rounding_is_never_denied() -> None:
    """It may say that it cannot tell; but weights that it shows do what it says."""
    verdicts = []
    for of in separable_but_alike():
        answer = of.separable()
        verdicts.append(answer.verdict)
        if answer.verdict == "separable":
            assert min(exact_margins(answer.certificate, of)) > 0
        else:
            assert answer.verdict == "undecided"
    assert min(verdicts.count("separable"), verdicts.count("undecided")) > 5


def test_weights_that_do_not_do_it_on_the_very_data_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding may lose on the way back what separates the samples where they are of unit variance."""
    monkeypatch.setattr(MODULE, "surely_memorized", lambda x, *_: torch.zeros(len(x), dtype=torch.bool))
    for name in ("separable: few samples", "separable: two classes"):
        of = ALL[name]
        answer = of.optimum()
        assert (answer.kind, answer.exists, answer.verdict) == ("undecided", None, "undecided")
        assert "rounding" in answer.reason
        assert of.separable().verdict == "undecided"


def test_one_sample_with_two_labels_is_never_separable() -> None:
    of = SEPARABLE["the figure's"]
    inputs, labels = np.concatenate([of.inputs, of.inputs[:1]]), np.append(of.labels, (of.labels[0] + 1) % 10)
    answer = optimum(inputs, labels, bias=True)
    assert separable(inputs, labels, bias=True).verdict == "not separable"
    assert answer.kind == "undecided"  # tied, but not by groups
    assert answer.loss == pytest.approx(2 * np.log(2) / len(labels), rel=1e-9)
    assert 149 <= answer.num_memorized <= 150


def test_the_bound_holds_at_any_weights() -> None:
    """Farkas' lemma needs no minimum: wherever one stands, no margin is larger than the bound."""
    for name in ("finite: many samples", "separable: few samples", "separable: two classes", "split: by hand"):
        of = ALL[name]
        largest, random = largest_margin(*of), np.random.default_rng(0)
        for _ in range(20):
            weights = torch.from_numpy(random.standard_normal(found(name).weights.shape)).requires_grad_()
            each = cross_entropy(
                torch.from_numpy(of.columns) @ weights.T, torch.from_numpy(of.labels), reduction="none"
            )
            [slope] = torch.autograd.grad(each.mean(), weights)
            bound = margin_bound(slope.norm().item(), each.detach().numpy())
            assert largest / weights.numel() ** 0.5 <= bound + TOLERANCE


def test_where_no_sample_has_a_doubt_left_nothing_bounds_the_margins() -> None:
    assert margin_bound(0.0, np.zeros(3)) == np.inf


@pytest.mark.parametrize("name", ["finite: many samples", "split: by hand", "separable: the figure's"])
def test_too_few_steps_are_no_proof(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "MAX_STEPS", 2)
    answer = ALL[name].optimum()
    assert (answer.kind, answer.exists) == ("undecided", None)
    assert "no proof" in answer.reason
    assert ALL[name].separable().verdict == "undecided"


def test_layers_too_large_for_a_hessian_are_decided_by_products(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ("DENSE_WEIGHTS", "HARD_WEIGHTS", "PROOF_WEIGHTS"):
        monkeypatch.setattr(f"core.newton.{size}", 0)
    for name in ("finite: many samples", "finite: the figure's", "split: by hand", "separable: the figure's"):
        same(found(name), ALL[name].optimum())


def test_an_optimum_without_a_proof_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Newton, "is_next_to_the_optimum", lambda _: None)
    of = FINITE["many samples"]
    answer = of.optimum()
    assert (answer.kind, answer.exists, answer.verdict) == ("undecided", None, "undecided")
    assert "too large" in answer.reason
    assert answer.loss == pytest.approx(found("finite: many samples").loss, abs=1e-12)


# --- stopping, bad input ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [optimum, separable])
@pytest.mark.parametrize("name", ["finite: many samples", "split: the figure's", "separable: the figure's"])
def test_a_word_before_each_step_may_end_it(of: Callable[..., object], name: str) -> None:
    class Enough(Exception):
        pass

    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Enough

    inputs, labels, num_classes, bias = ALL[name]
    with pytest.raises(Enough):
        of(inputs, labels, bias=bias, num_classes=num_classes, check=check)
    assert asked == 3


@pytest.mark.parametrize("name", ["finite: many samples", "split: the figure's", "split: few inputs, many classes"])
def test_no_step_is_gone_without_a_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that tell groups apart among them."""
    asked, gone, step = 0, 0, Newton.step

    def check() -> None:
        nonlocal asked
        asked += 1

    def counted(newton: Newton) -> None:
        nonlocal gone
        gone += 1
        step(newton)

    monkeypatch.setattr(Newton, "step", counted)
    inputs, labels, num_classes, bias = ALL[name]
    optimum(inputs, labels, bias=bias, num_classes=num_classes, check=check)
    assert asked >= gone > 3


@settings(max_examples=40)
@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 30),
    st.booleans(),
    st.integers(0, 999),
    st.sampled_from(INPUTS),
)
def test_every_shape_has_an_optimum(n: int, num_classes: int, samples: int, bias: bool, seed: int, law: str) -> None:
    of = data(n, max(2, num_classes), samples, bias=bias, seed=seed, inputs=law)._replace(num_classes=num_classes)
    of = of._replace(labels=of.labels % num_classes)
    answer = of.optimum()
    assert np.isfinite(answer.weights).all()
    assert 0 <= answer.loss <= np.log(num_classes) + 1e-12
    assert answer.num_memorized == answer.memorized.sum() <= samples
    assert (answer.loss == 0) == (answer.kind == "separable")
    assert answer.gradient_norm <= 1e-8 or answer.kind == "undecided"
