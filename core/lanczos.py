"""The largest eigenvalue of many symmetric matrices at once, each known only by its products with vectors.

Lanczos' method: k products with one start vector span a Krylov space, on which the matrix is a tridiagonal k by k
matrix T. The largest eigenvalue of T, the Ritz value, approaches the largest of the matrix from below, and
beta_k |s_k| (s: its eigenvector in T) estimates how far its Ritz vector is from an eigenvector. (Golub and Van Loan,
Matrix Computations, 4th ed., chapter 10.)

The search happens in float32, which halves its cost. What it finds is then judged in float64, by one more product: for
a unit vector u, theta = u.Au is a lower bound of the largest eigenvalue, and some eigenvalue lies within
r = |Au - theta u| of theta. Where r is too large, the search goes on in float64. Which eigenvalue it is cannot be known
from products alone, but to miss the largest, the random start vector would have to be orthogonal to its eigenvector.
"""

from typing import NamedTuple, Protocol, Self

import torch
from torch import Tensor

TOLERANCE = 1e-6
SEARCH_TOLERANCE = TOLERANCE / 2  # leaves room for the rounding of float32
MAX_PRODUCTS = 200  # of each search
FIRST_LOOK = 12  # products before the first look at T, which costs two or three products
ROOM = 64  # vectors that a search makes room for at first; memory that is never written costs nothing


class Matrices(Protocol):
    """B symmetric positive semidefinite matrices, M by M."""

    def __matmul__(self, vectors: Tensor, /) -> Tensor:
        """(B, M) -> (B, M), each matrix times its vector."""

    def take(self, places: Tensor, /) -> Self:
        """Those of the matrices that stand at `places` (K,)."""

    def to(self, dtype: torch.dtype, /) -> Self:
        """The same in another precision."""


class Ritz(NamedTuple):
    """One entry a matrix.

    Attributes:
        value: (B,) theta: a lower bound of the largest eigenvalue.
        residual: (B,) some eigenvalue lies within so much of theta.
        converged: (B,) bool, whether the residual is at most `TOLERANCE` times theta.
    """

    value: Tensor
    residual: Tensor
    converged: Tensor


def top_eigenvalue(matrices: Matrices, start: Tensor) -> Ritz:
    """The largest eigenvalue of each of B matrices.

    Args:
        matrices: in float64.
        start: (B, M) float64, where to start: anything but orthogonal to what is sought.

    Returns:
        What was found, converged or not; it does not depend on the neighbours.
    """
    vectors = _search(matrices.to(torch.float32), start.float()).double()
    ritz = _judge(matrices, vectors)
    open_ = (~ritz.converged).nonzero().squeeze(1)
    if len(open_):
        matrices = matrices.take(open_)
        better = _judge(matrices, _search(matrices, vectors[open_]))
        for column, values in zip(ritz, better, strict=True):
            column[open_] = values
    return ritz


def _judge(matrices: Matrices, vectors: Tensor) -> Ritz:
    """How near to eigenvectors the `vectors` (B, M) are."""
    unit = vectors / torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    image = matrices @ unit
    value = torch.linalg.vecdot(unit, image)
    residual = _norm(image - value.unsqueeze(1) * unit)
    return Ritz(value, residual, residual <= TOLERANCE * value)


def _norm(vectors: Tensor) -> Tensor:
    """(B,) lengths of (B, M), also where squares would underflow."""
    size = vectors.abs().amax(1, keepdim=True).clamp(min=torch.finfo(vectors.dtype).tiny)
    length: Tensor = torch.linalg.vector_norm(vectors / size, dim=1)
    return length * size.squeeze(1)


def _search(matrices: Matrices, start: Tensor) -> Tensor:
    """The Ritz vector of each matrix at its first look that finds it good enough, or after `MAX_PRODUCTS`.

    Args:
        matrices: B of them.
        start: (B, M) in the precision of `matrices`.

    Returns:
        (B, M), of any length but 0.
    """
    krylov = _Krylov(matrices, start)
    found = torch.empty_like(start)
    places = torch.arange(len(start))  # in `found`, of the matrices that `krylov` still holds
    last_look = min(MAX_PRODUCTS, start.shape[1])
    next_look = torch.full_like(places, min(FIRST_LOOK, last_look))  # 0: no more
    while next_look.any():
        krylov.step()
        looking = (next_look == krylov.num_products).nonzero().squeeze(1)
        if not len(looking):
            continue
        error, coefficients = krylov.top(looking)
        done = (error <= SEARCH_TOLERANCE) | (krylov.num_products == last_look)
        found[places[looking[done]]] = krylov.combine(looking[done], coefficients[done])
        missing = (error / SEARCH_TOLERANCE).log2().ceil().clamp(1, last_look)  # each product about halves the error
        next_look[looking] = (krylov.num_products + missing.long()).clamp(max=last_look) * ~done
        left = next_look.nonzero().squeeze(1)
        if 2 * len(left) <= len(places):  # more often would cost more in copies than it saves in products
            krylov.keep(left)
            places, next_look = places[left], next_look[left]
    # Nothing is found for a matrix of zeros and for one that is no number; in float32 more of them may seem so.
    usable = found.isfinite().all(1) & (found != 0).any(1)
    return torch.where(usable.unsqueeze(1), found, start)


class _Krylov:
    """The Krylov spaces of B matrices after k = `num_products` products."""

    def __init__(self, matrices: Matrices, start: Tensor) -> None:
        self.num_products = 0
        self._matrices = matrices
        # (room, B, M), of which the first k + 1 are there: orthonormal for each matrix.
        self._basis = start.new_empty(ROOM, *start.shape)
        self._basis[0] = start / torch.linalg.vector_norm(start, dim=1, keepdim=True)
        self._size = start.new_ones(len(start), 1)  # what each matrix is divided by, so that no square underflows
        self._diagonal = start.new_empty(MAX_PRODUCTS, len(start), dtype=torch.float64)  # alpha of T
        self._beside = torch.empty_like(self._diagonal)  # beta of T

    def step(self) -> None:
        """One more product of each."""
        k, precision = self.num_products, torch.finfo(self._basis.dtype)
        image = self._matrices @ self._basis[k]  # (B, M)
        if k == 0:
            self._size = image.abs().amax(1, keepdim=True).clamp(min=precision.tiny)
        image = (image / self._size).unsqueeze(1)
        known = self._basis[: k + 1].transpose(0, 1)  # (B, k + 1, M)
        # Full reorthogonalization, and twice is enough (Parlett): without it rounding brings back what was found.
        overlap = torch.bmm(image, known.mT)  # (B, 1, k + 1)
        self._diagonal[k] = overlap[:, 0, k]
        image.baddbmm_(overlap, known, alpha=-1)
        image.baddbmm_(torch.bmm(image, known.mT), known, alpha=-1)
        length = torch.linalg.vector_norm(image, dim=2)  # (B, 1)
        self._beside[k] = length.squeeze(1)
        self.num_products = k + 1
        if self.num_products == len(self._basis):
            self._basis = torch.cat([self._basis, torch.empty_like(self._basis)])
        length = torch.where(length > precision.eps, length, torch.inf)  # what rounding leaves over is no direction
        torch.div(image.squeeze(1), length, out=self._basis[k + 1])

    def top(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """How far the Ritz vectors of the largest Ritz values seem to be from eigenvectors, relative to these values.

        Returns:
            The estimate (K,), and the Ritz vectors in terms of the basis (K, k), for the K matrices at `places`.
        """
        k = self.num_products
        # A matrix that is no number must not stop its neighbours: its T becomes one, its basis remains what it is.
        diagonal, beside = (t[:k, places].T.nan_to_num(0, 0, 0) for t in (self._diagonal, self._beside))
        tridiagonal = torch.diag_embed(diagonal) + torch.diag_embed(beside[:, :-1], -1)  # eigh reads the lower triangle
        values, vectors = torch.linalg.eigh(tridiagonal)
        coefficients = vectors[:, :, -1]
        residual = beside[:, -1] * coefficients[:, -1].abs()
        return residual / values[:, -1].clamp(min=torch.finfo(values.dtype).tiny), coefficients

    def combine(self, places: Tensor, coefficients: Tensor) -> Tensor:
        """(K, M) the vectors that have `coefficients` (K, k) in the bases of the matrices at `places` (K,)."""
        basis = self._basis[: self.num_products, places].transpose(0, 1)  # (K, k, M)
        return torch.bmm(coefficients.to(basis.dtype).unsqueeze(1), basis).squeeze(1)

    def keep(self, places: Tensor) -> None:
        """Drop all matrices but those at `places`."""
        self._matrices = self._matrices.take(places)
        basis = self._basis.new_empty(len(self._basis), len(places), self._basis.shape[2])
        torch.index_select(self._basis[: self.num_products + 1], 1, places, out=basis[: self.num_products + 1])
        self._basis = basis
        self._size = self._size[places]
        self._diagonal, self._beside = self._diagonal[:, places], self._beside[:, places]
