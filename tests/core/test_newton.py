"""Derivatives against autograd, steps against dense ones, the minimum against scipy, proofs against programs."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from torch import Tensor
from torch.nn.functional import cross_entropy

import core.newton
from core import RunConfig, dataset
from core.device import one_thread
from core.newton import Newton
from tests.core.linear_programs import ties

SHAPES = {  # n with the bias, V, N
    "small": (3, 4, 7),
    "smallest": (1, 2, 1),
    "two classes": (5, 2, 9),
    "more classes than samples": (4, 6, 3),
    "many samples": (2, 3, 200),
    "one input": (1, 5, 6),
}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
RIDGES = pytest.mark.parametrize("ridge", [0.0, 0.3])


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """For products so small two threads are no faster, and many times slower as soon as anything else runs."""
    with one_thread:
        yield


def drawn(d: int, num_classes: int, samples: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, labels, weights."""
    random = np.random.default_rng(seed)
    inputs, weights = random.standard_normal((samples, d)), random.standard_normal((num_classes, d))
    return (
        torch.from_numpy(inputs),
        torch.from_numpy(random.integers(num_classes, size=samples)),
        torch.from_numpy(weights),
    )


def data(n: int, num_classes: int, samples: int, *, bias: bool = True, seed: int = 0) -> tuple[Tensor, Tensor]:
    inputs, labels = dataset(RunConfig(n, num_classes, samples, data_seed=seed, dtype="float64"))
    columns = [inputs, np.ones((samples, 1))] if bias else [inputs]
    return torch.from_numpy(np.column_stack(columns)), torch.from_numpy(labels)


def objective(free: Tensor, inputs: Tensor, labels: Tensor, ridge: float) -> Tensor:
    """Of the weights of all classes but the last, which has none."""
    weights = torch.cat([free, torch.zeros_like(free[:1])])
    return cross_entropy(inputs @ weights.T, labels) + ridge / 2 * (weights**2).sum()


def dense_hessian(newton: Newton, inputs: Tensor, labels: Tensor, ridge: float = 0.0) -> Tensor:
    """By autograd, (K d, K d)."""
    free = newton.weights[:-1]
    found = torch.autograd.functional.hessian(lambda free: objective(free, inputs, labels, ridge), free)
    assert isinstance(found, Tensor)
    return found.reshape(free.numel(), free.numel())


def by_products(patch: pytest.MonkeyPatch) -> None:
    """However small the layer."""
    patch.setattr(core.newton, "DENSE_WEIGHTS", 0)
    patch.setattr(core.newton, "HARD_WEIGHTS", 0)


def descended(newton: Newton, steps: int = 30) -> Newton:
    for _ in range(steps):
        newton.step()
    return newton


# --- derivatives ------------------------------------------------------------------------------------------------------


@every_shape
def test_loss_and_margin_are_those_of_the_weights(shape: tuple[int, int, int]) -> None:
    inputs, labels, weights = drawn(*shape)
    newton = Newton(inputs, labels, shape[1], weights=weights)
    torch.testing.assert_close(newton.weights, weights - weights[-1], rtol=0, atol=0)
    logits = inputs @ weights.T
    torch.testing.assert_close(newton.loss, cross_entropy(logits, labels, reduction="none"), rtol=1e-12, atol=1e-14)
    own = logits.gather(1, labels[:, None])[:, 0]
    best_other = logits.scatter(1, labels[:, None], -torch.inf).amax(1)
    torch.testing.assert_close(newton.margin, own - best_other, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(newton.probabilities, logits.softmax(1).T, rtol=1e-12, atol=1e-14)


@RIDGES
@every_shape
def test_the_gradient_is_autograds(shape: tuple[int, int, int], ridge: float) -> None:
    inputs, labels, weights = drawn(*shape)
    newton = Newton(inputs, labels, shape[1], ridge=ridge, weights=weights)
    at = newton.weights.clone().requires_grad_()
    (cross_entropy(inputs @ at.T, labels) + ridge / 2 * (at**2).sum()).backward()
    assert at.grad is not None
    torch.testing.assert_close(newton.gradient, at.grad, rtol=0, atol=1e-14)
    assert newton.gradient_norm == pytest.approx(at.grad.norm().item(), rel=1e-12)


@pytest.mark.parametrize("chunk", [None, 1, 2, 5])
@every_shape
def test_the_hessian_is_autograds(
    shape: tuple[int, int, int], chunk: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, or some samples at a time, the last of which may be fewer."""
    inputs, labels, weights = drawn(*shape)
    newton = Newton(inputs, labels, shape[1], weights=weights)
    if chunk is not None:
        monkeypatch.setattr(core.newton, "SUM_VALUES", chunk * (shape[1] - 1) * shape[0])
    torch.testing.assert_close(newton._hessian(), dense_hessian(newton, inputs, labels), rtol=0, atol=1e-14)


# --- a step -----------------------------------------------------------------------------------------------------------


@RIDGES
@pytest.mark.parametrize("shape", [(3, 4, 40), (5, 2, 30), (2, 3, 200)])
def test_a_full_step_solves_with_autograds_hessian(shape: tuple[int, int, int], ridge: float) -> None:
    inputs, labels, _ = drawn(*shape)
    newton = Newton(inputs, labels, shape[1], ridge=ridge)
    downhill = -newton.gradient[:-1].flatten()
    expected = torch.linalg.solve(dense_hessian(newton, inputs, labels, ridge), downhill)
    newton.step()  # from 0 it is never shortened
    torch.testing.assert_close(newton.weights[:-1].flatten(), expected, rtol=1e-10, atol=1e-12)
    assert (newton.weights[-1] == 0).all()


@RIDGES
@pytest.mark.parametrize("shape", [(3, 4, 40), (5, 2, 30), (2, 3, 200), (6, 5, 90)])
def test_conjugate_gradients_take_the_dense_step(
    shape: tuple[int, int, int], ridge: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, labels, weights = drawn(*shape)
    dense, products = (Newton(inputs, labels, shape[1], ridge=ridge, weights=weights / 2) for _ in range(2))
    for _ in range(3):
        dense.step()
    by_products(monkeypatch)
    monkeypatch.setattr(core.newton, "MOST_RESIDUAL", 1e-13)
    for _ in range(3):
        products.step()
    torch.testing.assert_close(products.weights, dense.weights, rtol=1e-8, atol=1e-9)


def test_conjugate_gradients_arrive_where_dense_steps_do(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, labels = data(10, 6, 150)
    dense = descended(Newton(inputs, labels, 6), 12)
    by_products(monkeypatch)
    products = descended(Newton(inputs, labels, 6), 16)
    for newton in (dense, products):
        assert newton.gradient_norm < 1e-13
    torch.testing.assert_close(products.weights, dense.weights, rtol=0, atol=1e-11)


def test_where_products_are_too_many_steps_are_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, labels, weights = drawn(6, 5, 90)
    dense = Newton(inputs, labels, 5, weights=weights)
    dense.step()
    by_products(monkeypatch)
    monkeypatch.setattr(core.newton, "HARD_WEIGHTS", 24)
    monkeypatch.setattr(core.newton, "MANY_PRODUCTS", 1)
    few = Newton(inputs, labels, 5, weights=weights)
    few.step()
    torch.testing.assert_close(few.weights, dense.weights, rtol=0, atol=0)
    monkeypatch.setattr(core.newton, "HARD_WEIGHTS", 23)  # too large for that: whatever direction was found is taken
    monkeypatch.setattr(core.newton, "MAX_PRODUCTS", 1)
    one = Newton(inputs, labels, 5, weights=weights)
    one.step()
    assert float(one.loss.mean()) < float(Newton(inputs, labels, 5, weights=weights).loss.mean())
    assert not torch.allclose(one.weights, dense.weights, rtol=0.01)


@pytest.mark.parametrize("is_dense", [True, False], ids=["dense", "products"])
@settings(max_examples=25)
@given(
    st.sampled_from([(3, 4, 12), (5, 2, 30), (3, 12, 40), (2, 3, 60), (8, 5, 6)]),
    st.integers(0, 999),
    st.integers(-2, 4),
)
def test_no_step_leads_uphill(is_dense: bool, shape: tuple[int, int, int], seed: int, magnitude: int) -> None:
    """From wherever it starts: weights of 10^4 are sure of many wrong labels, where there is next to no curvature."""
    inputs, labels, weights = drawn(*shape, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        if not is_dense:
            by_products(patch)
        newton = Newton(inputs, labels, shape[1], weights=10.0**magnitude * weights)
        for _ in range(10):
            before = float(newton.loss.mean())
            newton.step()
            assert float(newton.loss.mean()) <= before * (1 + 1e-14) + 1e-14


@pytest.mark.parametrize("is_dense", [True, False], ids=["dense", "products"])
def test_where_no_doubt_is_left_it_stays(is_dense: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All probabilities are 0 or 1, to the last bit, and the Hessian is 0."""
    if not is_dense:
        by_products(monkeypatch)
    inputs, labels = data(10, 3, 5)
    weights = descended(Newton(inputs, labels, 3), 5).weights
    newton = Newton(inputs, labels, 3, weights=1e5 * weights)
    assert newton.gradient_norm == 0
    newton.step()
    assert float(newton.loss.sum()) == 0
    assert newton.is_next_to_the_optimum() is False


# --- the minimum ------------------------------------------------------------------------------------------------------


@RIDGES
@pytest.mark.parametrize("shape", [(3, 4, 60), (6, 2, 40)])
def test_it_arrives_at_scipys_minimum(shape: tuple[int, int, int], ridge: float) -> None:
    inputs, labels, _ = drawn(*shape)
    newton = descended(Newton(inputs, labels, shape[1], ridge=ridge))

    def of(flat: np.ndarray) -> tuple[float, np.ndarray]:
        free = torch.from_numpy(flat).view(-1, shape[0]).requires_grad_()
        value = objective(free, inputs, labels, ridge)
        [slope] = torch.autograd.grad(value, free)
        return value.item(), slope.numpy().ravel()

    found = minimize(of, np.zeros((shape[1] - 1) * shape[0]), jac=True, method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(newton.weights[:-1].numpy().ravel(), found.x, rtol=0, atol=1e-6)
    assert float(objective(newton.weights[:-1], inputs, labels, ridge)) <= found.fun + 1e-15


# --- the proof --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "num_classes", "samples"), [(3, 2, 20), (4, 5, 60), (10, 10, 120), (2, 12, 90), (1, 2, 8), (20, 3, 120)]
)
def test_at_a_minimum_the_proof_succeeds(
    n: int, num_classes: int, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, labels = data(n, num_classes, samples)
    assert ties(inputs.numpy(), labels.numpy(), num_classes, False).all()
    newton = Newton(inputs, labels, num_classes)
    assert not newton.is_next_to_the_optimum()  # at 0 it would be a guess
    descended(newton)
    assert newton.is_next_to_the_optimum()
    # The least eigenvalue that is compared: the dense one by which it also succeeds, and the bound from d by d.
    least = torch.linalg.eigvalsh(newton._hessian())[0].item()
    shares = newton.probabilities.amin(0) / samples
    assert 0 < torch.linalg.eigvalsh((inputs.T * shares) @ inputs)[0].item() < least * (1 + 1e-9) * num_classes
    monkeypatch.setattr(core.newton, "PROOF_WEIGHTS", 0)
    assert newton.is_next_to_the_optimum()


def test_no_proof_is_none_where_the_hessian_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, labels = data(4, 3, 40)
    monkeypatch.setattr(core.newton, "PROOF_WEIGHTS", 9)
    assert Newton(inputs, labels, 3).is_next_to_the_optimum() is None
    monkeypatch.setattr(core.newton, "PROOF_WEIGHTS", 10)
    assert Newton(inputs, labels, 3).is_next_to_the_optimum() is False


@pytest.mark.parametrize("which", ["by classes", "dense"])
def test_each_of_the_two_least_eigenvalues_bounds_the_curvature(which: str) -> None:
    """Of directions of norm 1: the dense one with a last row of 0, the other with rows that sum to 0."""
    inputs, labels, weights = drawn(4, 5, 30)
    newton = Newton(inputs, labels, 5, weights=weights)
    hessian = torch.autograd.functional.hessian(lambda w: cross_entropy(inputs @ w.T, labels), newton.weights)
    assert isinstance(hessian, Tensor)
    basis = torch.eye(5, dtype=torch.float64)[:, :-1]
    least = torch.linalg.eigvalsh(newton._hessian())[0]
    if which == "by classes":
        basis = torch.linalg.qr(basis - basis.mean(0))[0]
        least = torch.linalg.eigvalsh((inputs.T * (newton.probabilities.amin(0) / 30)) @ inputs)[0]
    within = torch.einsum("vk,vdwe,wl->kdle", basis, hessian, basis).reshape(16, 16)
    assert 0 < least <= torch.linalg.eigvalsh(within)[0] * (1 + 1e-9)


SHAPES_WITHOUT = [(2, 2, 4), (3, 3, 8), (5, 4, 14), (2, 8, 12), (8, 3, 12), (3, 12, 20), (12, 10, 40), (10, 2, 16)]


@settings(max_examples=100)
@given(st.sampled_from(SHAPES_WITHOUT), st.booleans(), st.integers(0, 10_000), st.sampled_from([0, 4, 8]))
def test_where_no_minimum_exists_it_is_never_proved(
    shape: tuple[int, int, int], bias: bool, seed: int, orders: int
) -> None:
    """On the whole way down, however small the gradient gets, and also of inputs of many sizes, which rounding favours.

    Separable data, split data, and data on which the proof may succeed, but only if a linear program agrees.
    """
    n, num_classes, samples = shape
    inputs, labels = data(n, num_classes, samples, bias=bias, seed=seed)
    inputs = inputs * torch.logspace(0, -orders, inputs.shape[1], dtype=torch.float64)
    newton, proved = Newton(inputs, labels, num_classes), False
    for _ in range(60):
        proved |= bool(newton.is_next_to_the_optimum())
        newton.step()
    if proved:
        scaled = inputs / inputs.abs().amax(0)
        assert ties(scaled.numpy(), labels.numpy(), num_classes, False).all()


def test_a_gap_the_eye_cannot_see_is_no_minimum() -> None:
    """Two clouds, one moved by 1e-6: a gradient of 1e-7 at the start, and yet they can be told apart."""
    random = np.random.default_rng(0)
    one = random.standard_normal((4, 5))
    inputs = np.column_stack([np.concatenate([one, one + 1e-6 * np.eye(5)[0]]), np.ones(8)])
    newton = Newton(torch.from_numpy(inputs), torch.tensor([0] * 4 + [1] * 4), 2)
    for _ in range(40):
        assert newton.is_next_to_the_optimum() is False
        newton.step()
    assert float(newton.margin.min()) > 0


def test_nothing_is_lost_on_the_way_of_a_thousand_samples() -> None:
    inputs, labels = data(20, 10, 1_000)
    newton = descended(Newton(inputs, labels, 10), 10)
    assert newton.gradient_norm < 1e-14
    assert math.isclose(
        float(newton.loss.mean()), float(objective(newton.weights[:-1], inputs, labels, 0)), rel_tol=1e-14
    )
