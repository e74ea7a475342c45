"""Sharpness against dense eigenvalues of autograd's Hessian, scipy's eigsh, closed forms and invariances."""

import functools
import importlib
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor
from torch.nn.functional import cross_entropy

import core.batch
import core.lanczos
from core import RunConfig, RunResult, Sharpness, dataset, preconditioned_sharpness, sharpness, train
from core.data import initial_weights
from core.sharpness import SHARPNESS_RECORD, edge_of_stability, measure
from core.softmax import Hessian
from core.training import State

MODULE = importlib.import_module("core.sharpness")  # `core.sharpness` itself is the function
BOTH = pytest.mark.parametrize("measured", [sharpness, preconditioned_sharpness], ids=["plain", "preconditioned"])
Measured = Callable[[list[State]], list[Sharpness]]

# Small enough for a dense Hessian; measured all together, in shapes as mixed as they come.
BASE = RunConfig(10, 10, 40, num_steps=300)
RUNS = {
    "near capacity": BASE,
    "below capacity": replace(BASE, num_samples=5, num_steps=2_000),
    "memorized by heart": replace(BASE, num_samples=8, learning_rate=1.0),
    "past capacity": replace(BASE, num_samples=150),
    "far past capacity, large rate": replace(BASE, num_samples=300, learning_rate=0.3),
    "no bias": replace(BASE, bias=False, num_samples=60),
    "two classes": replace(BASE, input_dim=20, num_classes=2, num_samples=30),
    "more classes": replace(BASE, input_dim=3, num_classes=30, num_samples=80),
    "more inputs than samples": replace(BASE, input_dim=60, num_classes=3, num_samples=20),
    "one input": replace(BASE, input_dim=1, num_classes=3, num_samples=20),
    "one sample": replace(BASE, num_samples=1),
    "smallest": RunConfig(1, 2, 1, bias=False, num_steps=20),
    "one step": replace(BASE, num_steps=1),
    "float64": replace(BASE, dtype="float64"),
    "nested": replace(BASE, nested_data=True),
    "gradient descent": replace(BASE, optimizer="gd", learning_rate=0.5),
    "momentum": replace(BASE, optimizer="gd", learning_rate=0.1, momentum=0.9, num_samples=80),
}
every_run = pytest.mark.parametrize("name", RUNS)


@functools.cache
def states() -> dict[str, State]:
    """The ends of `RUNS`, and two runs before their first step."""
    ends = {
        name: State(result.config, result.step, result.weights, result.second_moment)
        for name, result in zip(RUNS, train(list(RUNS.values())), strict=True)
    }
    return ends | {f"start, {name}": untrained(RUNS[name]) for name in ("past capacity", "gradient descent")}


every_state = pytest.mark.parametrize("name", [*RUNS, "start, past capacity", "start, gradient descent"])


def untrained(run: RunConfig) -> State:
    weights = initial_weights(run)
    return State(run, 0, weights, np.zeros_like(weights))


@functools.cache
def found(measured: Measured) -> dict[str, Sharpness]:
    return dict(zip(states(), measured(list(states().values())), strict=True))


def tensors(state: State) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (N, n + bias), labels (N,) and a copy of the weights (V, n + bias), in float64."""
    inputs, labels = dataset(state.config)
    inputs = np.concatenate([inputs, np.ones((len(inputs), int(state.config.bias)))], axis=1)
    return (
        torch.from_numpy(inputs).double(),
        torch.from_numpy(labels),
        torch.from_numpy(state.weights.astype(np.float64)),
    )


def hessian(state: State) -> Tensor:
    """(V d, V d), by autograd."""
    inputs, labels, weights = tensors(state)
    size = weights.numel()
    matrix = torch.autograd.functional.hessian(lambda w: cross_entropy(inputs @ w.T, labels), weights)
    return matrix.view(size, size)


def preconditioner(state: State) -> Tensor:
    """(V d,) the diagonal of P, from PyTorch's Adam after one more step."""
    inputs, labels, weights = tensors(state)
    if state.config.optimizer == "gd":
        return torch.ones(weights.numel(), dtype=torch.float64)
    weights.requires_grad_()
    adam = torch.optim.Adam([weights])
    adam.state[weights] = {
        "step": torch.tensor(float(state.step)),
        "exp_avg": torch.zeros_like(weights),
        "exp_avg_sq": torch.from_numpy(state.second_moment.astype(np.float64)),
    }
    cross_entropy(inputs @ weights.T, labels).backward()
    adam.step()
    [group], memory = adam.param_groups, adam.state[weights]
    (beta1, beta2), t = group["betas"], int(memory["step"])
    assert t == state.step + 1
    return (1 - beta1**t) * ((memory["exp_avg_sq"] / (1 - beta2**t)).sqrt() + group["eps"]).flatten()


def dense(state: State, measured: Measured) -> Tensor:
    """(V d,) all eigenvalues, ascending."""
    matrix = hessian(state)
    if measured is preconditioned_sharpness:
        scale = preconditioner(state).rsqrt()
        matrix = scale.unsqueeze(1) * matrix * scale
    return torch.linalg.eigvalsh(matrix)


def agree(one: Sharpness, other: Sharpness) -> bool:
    """Whether two answers to one question are as near as their residuals say."""
    return abs(one.value - other.value) <= one.residual + other.residual + 1e-12 * one.value


# --- the value --------------------------------------------------------------------------------------------------------


@BOTH
@every_state
def test_it_is_the_largest_eigenvalue_of_the_dense_hessian(name: str, measured: Measured) -> None:
    answer = found(measured)[name]
    largest = dense(states()[name], measured)[-1].item()
    assert answer.value == pytest.approx(largest, rel=1e-9)  # an eigenvalue errs by the square of its residual
    assert answer.converged
    assert answer.residual <= 1e-6 * answer.value


@BOTH
@every_state
def test_bounds_hold(name: str, measured: Measured) -> None:
    answer = found(measured)[name]
    largest = dense(states()[name], measured)[-1].item()
    assert answer.lower == answer.value
    rounding = 1e-9 * largest
    assert answer.lower <= largest + rounding
    assert largest <= answer.upper + rounding


@every_state
def test_the_upper_bound_is_half_that_of_the_inputs(name: str) -> None:
    inputs, *_ = tensors(states()[name])
    gram = inputs.T @ inputs / len(inputs)
    assert found(sharpness)[name].upper == pytest.approx(torch.linalg.eigvalsh(gram)[-1].item() / 2, rel=1e-12)


@pytest.mark.parametrize("num_classes", [2, 3, 10, 40])
@pytest.mark.parametrize("bias", [True, False])
def test_closed_form_at_zero(num_classes: int, bias: bool) -> None:
    """lambda_max(X^T X / N) / V, V - 1 times; with two classes this is the upper bound."""
    run = RunConfig(10, num_classes, 60, bias=bias)
    zero = np.zeros((num_classes, 10 + bias))
    state = State(run, 0, zero, zero)
    inputs, *_ = tensors(state)
    expected = torch.linalg.eigvalsh(inputs.T @ inputs / len(inputs))[-1].item() / num_classes
    [answer] = sharpness([state])
    assert answer.value == pytest.approx(expected, rel=1e-10)
    assert answer.value <= answer.upper * (1 + 1e-12)
    if num_classes == 2:
        assert answer.value == pytest.approx(answer.upper, rel=1e-10)


@pytest.mark.parametrize("factor", [1, 5, 20, 90])
def test_samples_known_by_heart_keep_their_tiny_sharpness(factor: float) -> None:
    """Two classes: twice the largest eigenvalue of X^T diag(p (1 - p)) X / N; also where 1 - p has rounded to 0."""
    run = RunConfig(10, 2, 5)
    [result] = train([run])
    weights = factor * result.weights.astype(np.float64)
    state = State(run, 0, weights, weights)
    inputs, *_ = (tensor.numpy() for tensor in tensors(state))
    odds = np.exp(-np.abs(inputs @ (weights[0] - weights[1])))  # the less likely class over the other
    assert factor < 90 or 0 < odds.max() < 1e-280
    scale = odds.max()  # so that numpy's eigenvalues do not underflow
    gram = inputs.T * (odds / scale / (1 + odds) ** 2 / len(inputs)) @ inputs
    [answer] = sharpness([state])
    assert answer.value == pytest.approx(2 * np.linalg.eigvalsh(gram)[-1] * scale, rel=1e-9, abs=0)
    assert answer.residual <= 1e-6 * answer.value
    assert answer.converged


@BOTH
def test_next_to_nothing_is_found_where_all_but_one_sample_underflow(measured: Measured) -> None:
    """A rate of 10 leaves 1 - p = 1e-46 of one sample, and nothing of the others that a Krylov space could hold."""
    [result] = train([RunConfig(40, 10, 30, learning_rate=10.0)])
    inputs, _, weights = tensors(result)
    size = weights.numel()
    p = (weights @ inputs.T).softmax(0)
    of_each_direction = Hessian(
        inputs.expand(size, -1, -1), p.repeat(size, 1, 1), torch.full((size, 30), 1 / 30, dtype=torch.float64)
    )
    matrix = (of_each_direction @ torch.eye(size, dtype=torch.float64).view(size, *weights.shape)).view(size, size)
    if measured is preconditioned_sharpness:
        scale = preconditioner(result).rsqrt()
        matrix = scale.unsqueeze(1) * matrix * scale
    unit = matrix.abs().max()
    assert 0 < unit < 1e-40
    [answer] = measured([result])
    assert answer.value == pytest.approx((torch.linalg.eigvalsh(matrix / unit)[-1] * unit).item(), rel=1e-9, abs=0)
    assert answer.converged


@BOTH
def test_a_loss_that_is_zero_is_flat(measured: Measured) -> None:
    state = states()["below capacity"]
    [answer] = measured([state._replace(weights=1e5 * state.weights)])
    assert (answer.value, answer.residual, answer.converged) == (0, 0, True)


# --- full size --------------------------------------------------------------------------------------------------------


def operator(state: State, scale: NDArray[np.float64]) -> LinearOperator:
    """D H D without a matrix, in numpy."""
    inputs, weights = (tensor.numpy() for tensor in tensors(state)[::2])
    logits = weights @ inputs.T
    p = np.exp(logits - logits.max(0))
    p /= p.sum(0)  # (V, N)

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        b = p * ((scale * vector).reshape(weights.shape) @ inputs.T)
        return scale * ((b - p * b.sum(0)) @ inputs / len(inputs)).ravel()

    return LinearOperator((weights.size, weights.size), matvec=product, dtype=np.float64)


@BOTH
def test_it_is_that_of_eigsh_at_full_size(measured: Measured) -> None:
    large = RunConfig(100, 50, 500, num_steps=200)
    results = train([*(RunConfig(40, 10, n) for n in (100, 200, 400)), large, replace(large, num_samples=2_000)])
    for result, answer in zip(results, measured(results), strict=True):
        scale = np.ones(result.weights.size)
        if measured is preconditioned_sharpness:
            scale = preconditioner(result).rsqrt().numpy()
        [expected] = eigsh(operator(result, scale), k=1, which="LA", tol=1e-12, return_eigenvectors=False)
        assert answer.value == pytest.approx(expected, rel=1e-9)
        assert answer.converged
        assert answer.upper > expected


# --- what changes nothing ---------------------------------------------------------------------------------------------


def test_adding_one_vector_to_every_class_changes_nothing() -> None:
    for state in states().values():
        shift = np.random.default_rng(0).standard_normal(state.weights.shape[1])
        [answer] = sharpness([state])
        [shifted] = sharpness([state._replace(weights=state.weights.astype(np.float64) + shift)])
        assert agree(answer, shifted)


@BOTH
@pytest.mark.parametrize("name", ["near capacity", "past capacity", "no bias", "momentum", "start, past capacity"])
def test_the_order_of_classes_and_of_samples_does_not_matter(
    name: str, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, rng = states()[name], np.random.default_rng(0)
    classes, samples = rng.permutation(state.config.num_classes), rng.permutation(state.config.num_samples)
    inputs, labels = dataset(state.config)
    where = np.argsort(classes)  # row k of the new weights is row classes[k] of the old ones
    monkeypatch.setattr(MODULE, "dataset", lambda run: (inputs[samples], where[labels[samples]]))
    [turned] = measured([state._replace(weights=state.weights[classes], second_moment=state.second_moment[classes])])
    assert agree(turned, found(measured)[name])


def test_gradient_descent_has_no_preconditioner() -> None:
    for name in ("gradient descent", "momentum", "start, gradient descent"):
        plain, preconditioned = found(sharpness)[name], found(preconditioned_sharpness)[name]
        assert preconditioned.value == pytest.approx(plain.value, rel=1e-12)
        assert preconditioned.upper >= plain.upper * (1 - 1e-12)


@BOTH
def test_neighbours_do_not_matter_and_order_is_kept(measured: Measured) -> None:
    names = list(np.random.default_rng(0).permutation(list(states())))
    mixed = dict(zip(names, measured([states()[name] for name in names]), strict=True))
    for name, state in states().items():
        [alone] = measured([state])
        for answer in (mixed[name], found(measured)[name]):
            assert answer.value == pytest.approx(alone.value, rel=1e-10)
            assert answer.upper == pytest.approx(alone.upper, rel=1e-10)
            assert answer.converged == alone.converged
    assert measured([]) == []


@BOTH
def test_many_runs_of_one_figure_do_not_matter_to_each_other(measured: Measured) -> None:
    results = train([RunConfig(10, 10, n, num_steps=200) for n in range(2, 200, 3)])
    for result, answer in list(zip(results, measured(results), strict=True))[::6]:
        assert answer.value == pytest.approx(measured([result])[0].value, rel=1e-10)


# --- what cannot be known ---------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_have_no_sharpness_and_no_effect(value: float, measured: Measured) -> None:
    sick = states()["near capacity"]
    weights = sick.weights.copy()
    weights[3, 4] = value
    names = ["past capacity", "near capacity", "no bias"]
    first, answer, *others = measured(
        [states()[names[0]], sick._replace(weights=weights), *(states()[name] for name in names[1:])]
    )
    assert all(map(math.isnan, answer[:-1]))
    assert not answer.converged
    for name, other in zip(names, [first, *others], strict=True):
        assert other.value == pytest.approx(found(measured)[name].value, rel=1e-10)


@BOTH
def test_weights_too_large_for_their_logits_stop_no_one(measured: Measured) -> None:
    state = states()["near capacity"]
    overflowing = state._replace(weights=np.copysign(1e308, state.weights.astype(np.float64)))
    answer, neighbour = measured([overflowing, state])
    assert not answer.converged
    assert neighbour.value == pytest.approx(found(measured)["near capacity"].value, rel=1e-10)


@BOTH
def test_too_few_products_give_bounds_that_hold_and_say_so(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.lanczos, "MAX_PRODUCTS", 3)
    for name in ("near capacity", "past capacity", "more inputs than samples", "start, past capacity"):
        [answer] = measured([states()[name]])
        eigenvalues = dense(states()[name], measured)
        assert not answer.converged
        assert answer.residual > 1e-6 * answer.value
        assert answer.lower <= eigenvalues[-1] <= answer.upper
        assert (eigenvalues - answer.value).abs().min() <= answer.residual


# --- measured in training ---------------------------------------------------------------------------------------------


def rows(records: NDArray[np.void]) -> list[Sharpness]:
    return [Sharpness(*record) for record in records.tolist()]


@pytest.mark.parametrize("when", ["end", "checkpoints"])
def test_training_tells_the_sharpness_of_its_last_weights(when: str) -> None:
    names = ["past capacity", "no bias", "two classes", "momentum"]
    results = train([replace(RUNS[name], measure_sharpness=when) for name in names])
    for result, name in zip(results, names, strict=True):
        np.testing.assert_array_equal(result.weights, states()[name].weights)  # to look at a run does not change it
        for records, measured in [
            (result.sharpness_at, sharpness),
            (result.preconditioned_sharpness_at, preconditioned_sharpness),
        ]:
            assert records.dtype == SHARPNESS_RECORD
            assert len(records) == (1 if when == "end" else len(result.checkpoint_steps))
            last, expected = rows(records)[-1], found(measured)[name]
            assert last.value == pytest.approx(expected.value, rel=1e-10)
            assert last.upper == pytest.approx(expected.upper, rel=1e-10)
            assert last.converged


def test_training_measures_nothing_unless_asked() -> None:
    [result] = train([replace(BASE, num_steps=2)])
    assert result.sharpness_at.shape == result.preconditioned_sharpness_at.shape == (0,)
    assert result.sharpness_at.dtype == result.preconditioned_sharpness_at.dtype == SHARPNESS_RECORD


@pytest.mark.parametrize("name", ["past capacity", "near capacity", "momentum"])
def test_a_checkpoint_is_the_end_of_a_shorter_run(name: str) -> None:
    run = replace(RUNS[name], dtype="float64", measure_sharpness="checkpoints")
    [result] = train([run])
    at = result.checkpoint_steps.tolist()
    shorter: list[State | RunResult] = [
        untrained(run),
        *train([replace(run, num_steps=steps, measure_sharpness="never") for steps in at[1:]]),
    ]
    for records, measured in [
        (result.sharpness_at, sharpness),
        (result.preconditioned_sharpness_at, preconditioned_sharpness),
    ]:
        # 1e-9 as the weights have it, see test_train.py; Adam's preconditioner divides by roots of tiny numbers.
        np.testing.assert_allclose(records["value"], [answer.value for answer in measured(shorter)], rtol=1e-7)
        assert records["converged"].all()


def test_a_run_that_diverges_has_no_sharpness_and_stops_no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sick, sound = (replace(BASE, measure_sharpness="end", data_seed=seed) for seed in (1, 0))
    ordinary = core.batch.dataset

    def with_poison(run: RunConfig):
        inputs, labels = ordinary(run)
        return (inputs * 3e38 if run == sick else inputs), labels

    monkeypatch.setattr(core.batch, "dataset", with_poison)
    with np.errstate(over="ignore"):
        diverged, result = train([sick, sound])
    assert diverged.diverged
    assert math.isnan(rows(diverged.sharpness_at)[0].value)
    assert not rows(diverged.sharpness_at)[0].converged
    assert rows(result.sharpness_at)[0].value == pytest.approx(found(sharpness)["near capacity"].value, rel=1e-10)


def test_both_are_measured_with_a_word_before_each_product() -> None:
    class Enough(Exception):
        pass

    asked = 0

    def before_product() -> None:
        nonlocal asked
        asked += 1
        if asked == 20:
            raise Enough

    measured = [states()["past capacity"], states()["no bias"]]
    with pytest.raises(Enough):
        measure(measured, before_product=before_product)
    assert asked == 20
    plain, preconditioned = measure(measured)
    for answers, kind in [(plain, sharpness), (preconditioned, preconditioned_sharpness)]:
        for answer, name in zip(answers, ("past capacity", "no bias"), strict=True):
            assert answer.value == pytest.approx(found(kind)[name].value, rel=1e-10)


# --- the edge of stability --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "edge"),
    [
        (BASE, 38.0),
        (replace(BASE, optimizer="gd"), 2.0),
        (replace(BASE, optimizer="gd", momentum=0.9), 3.8),
    ],
    ids=["adam", "gd", "momentum"],
)
def test_beyond_the_edge_a_quadratic_runs_away(run: RunConfig, edge: float) -> None:
    """On w^2 / 2. Adam whose preconditioner stands still is a momentum that takes in a tenth of each gradient."""
    assert edge_of_stability(run) == pytest.approx(edge)
    momentum, dampening = (0.9, 0.9) if run.optimizer == "adam" else (run.momentum, 0.0)
    for share, is_stable in [(0.99, True), (1.01, False)]:
        weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([weight], share * edge_of_stability(run), momentum, dampening)
        optimizer.state[weight]["momentum_buffer"] = torch.zeros_like(weight)  # else its first step has no dampening
        for _ in range(600):
            weight.grad = weight.detach().clone()
            optimizer.step()
        assert abs(weight.item()) < 1e-3 if is_stable else abs(weight.item()) > 1e3


def test_adam_trains_at_its_edge_past_capacity_and_only_there() -> None:
    below, past = train([RunConfig(40, 10, n) for n in (100, 250)])
    shares = [
        answer.value * below.config.learning_rate / edge_of_stability(below.config)
        for answer in preconditioned_sharpness([below, past])
    ]
    assert shares[0] < 0.1
    assert 0.9 < shares[1] < 1.1
