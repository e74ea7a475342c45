"""The largest eigenvalues of matrices that are known in full, against a dense solver."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import core.lanczos
from core.device import one_thread
from core.lanczos import TOLERANCE, Ritz, top_eigenvalue


def random_matrices(seed: int, num_matrices: int, size: int, rank: int) -> Tensor:
    """(B, M, M) positive semidefinite, each of a size of its own."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((num_matrices, size, rank)) * rng.uniform(1e-3, 1e3, (num_matrices, 1, 1))
    return torch.from_numpy(factors @ factors.transpose(0, 2, 1))


def with_eigenvalues(values: list[float]) -> Tensor:
    """(1, M, M), turned at random."""
    size = len(values)
    basis, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((size, size)))
    return torch.from_numpy(basis * values @ basis.T).unsqueeze(0)


class Dense:
    """Matrices (B, M, M) that count the products with them, for each precision."""

    def __init__(self, matrices: Tensor, products: Counter[torch.dtype] | None = None) -> None:
        self._matrices = matrices
        self.products = Counter() if products is None else products

    def __matmul__(self, vectors: Tensor) -> Tensor:
        self.products[vectors.dtype] += 1
        return torch.bmm(self._matrices, vectors.unsqueeze(2)).squeeze(2)

    def take(self, places: Tensor) -> "Dense":
        return Dense(self._matrices[places], self.products)

    def to(self, dtype: torch.dtype) -> "Dense":
        return Dense(self._matrices.to(dtype), self.products)


@one_thread  # so small, several only wait for each other
def found(matrices: Tensor) -> Ritz:
    start = torch.from_numpy(np.random.default_rng(1).standard_normal(matrices.shape[2]))
    return top_eigenvalue(Dense(matrices), start.expand(len(matrices), -1))


def check(matrices: Tensor, ritz: Ritz) -> None:
    """What holds of every answer, converged or not. Eigenvalues, theirs and ours, round by 1e-15 of the largest."""
    eigenvalues = torch.linalg.eigvalsh(matrices)  # (B, M), ascending
    rounding = 1e-13 * eigenvalues[:, -1]
    assert (ritz.value <= eigenvalues[:, -1] + rounding).all()
    distance = (eigenvalues - ritz.value.unsqueeze(1)).abs().amin(1)
    assert (distance <= ritz.residual + rounding).all()
    torch.testing.assert_close(ritz.converged, ritz.residual <= TOLERANCE * ritz.value)
    error = eigenvalues[:, -1] - ritz.value
    assert (error <= TOLERANCE * eigenvalues[:, -1])[ritz.converged].all()


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 60), st.data())
def test_random_matrices(seed: int, num_matrices: int, size: int, data: st.DataObject) -> None:
    matrices = random_matrices(seed, num_matrices, size, rank=data.draw(st.integers(1, 2 * size), "rank"))
    ritz = found(matrices)
    check(matrices, ritz)
    assert ritz.converged.all()  # at the latest when the Krylov space is the whole space


@pytest.mark.parametrize(
    "eigenvalues",
    [
        [3.0],
        [1.0, 1.0],
        [0.0] * 20 + [5.0],
        [1.0] * 20,
        [0.0] * 10 + [1.0] * 20 + [2.0] * 5,  # the largest one is repeated
        [*np.linspace(0, 1, 50), 1.0001],  # a close second
        list(np.logspace(-12, 0, 40)),
        list(np.logspace(-300, -280, 30)),
    ],
    ids=len,
)
def test_matrices_that_are_hard_or_too_easy(eigenvalues: list[float]) -> None:
    matrices = with_eigenvalues(eigenvalues)
    ritz = found(matrices)
    check(matrices, ritz)
    assert ritz.converged.all()
    assert ritz.value.item() == pytest.approx(max(eigenvalues), rel=1e-10)


def test_zero_has_the_eigenvalue_zero() -> None:
    ritz = found(torch.zeros(2, 15, 15, dtype=torch.float64))
    assert ritz.value.tolist() == ritz.residual.tolist() == [0, 0]
    assert ritz.converged.all()


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_what_has_not_converged_says_so_and_how_far_it_is(seed: int, max_products: int) -> None:
    matrices = random_matrices(seed, num_matrices=3, size=60, rank=80)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.lanczos, "MAX_PRODUCTS", max_products)
        ritz = found(matrices)
    assert not ritz.converged.any()
    check(matrices, ritz)
    assert (ritz.value > 0).all()


def test_what_falls_just_short_has_not_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.lanczos, "SEARCH_TOLERANCE", 2 * TOLERANCE)
    monkeypatch.setattr(core.lanczos, "PRODUCTS_PER_LOOK", 1)
    matrices = random_matrices(0, num_matrices=50, size=60, rank=80)
    ritz = found(matrices)
    check(matrices, ritz)
    assert ritz.converged.any()
    assert not ritz.converged.all()


def test_no_more_products_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.lanczos, "MAX_PRODUCTS", 13)
    matrices = Dense(with_eigenvalues(list(np.linspace(0, 1, 300))))
    ritz = top_eigenvalue(matrices, torch.ones(1, 300, dtype=torch.float64))
    assert not ritz.converged.any()
    # A search in each precision, and in float64 two more to judge what they found.
    assert matrices.products == {torch.float32: 13, torch.float64: 13 + 2}


def test_most_of_the_search_is_in_float32() -> None:
    matrices = Dense(random_matrices(0, num_matrices=5, size=300, rank=400))
    ritz = top_eigenvalue(matrices, torch.ones(5, 300, dtype=torch.float64))
    assert ritz.converged.all()
    assert matrices.products[torch.float64] == 1


def test_neighbours_do_not_matter() -> None:
    """Few products, many, some, a second search, zeros, too many, and no numbers: each stays itself."""
    size = 300
    easy = with_eigenvalues([*np.linspace(0, 0.1, size - 1), 1.0])
    slow = with_eigenvalues(list(np.linspace(0, 1, size)))
    close = with_eigenvalues([*np.linspace(0, 1, size - 1), 1 + 1e-9])
    usual = random_matrices(0, num_matrices=1, size=size, rank=350)
    hopeless = with_eigenvalues(list(1 + np.cos(np.linspace(0, np.pi, size))))  # they crowd near the largest
    matrices = [easy, slow, close, usual, 1e-46 * usual, torch.zeros_like(usual), hopeless]
    alone = [found(matrix) for matrix in matrices]
    together = found(torch.cat([*matrices, torch.full_like(usual, torch.nan)]))
    assert together.converged.tolist() == [True] * 6 + [False] * 2
    for i, ritz in enumerate(alone):
        assert together.converged[i] == ritz.converged[0]
        if ritz.converged:
            torch.testing.assert_close(together.value[i], ritz.value[0], rtol=1e-12, atol=0)
    assert abs(together.value[6] - alone[6].value) <= alone[6].residual + together.residual[6]
    assert together.value[7].isnan()
