"""The largest eigenvalue of many symmetric matrices at once, each known only by its products with vectors.

Lanczos' method: k products with one start vector span a Krylov space, on which the matrix is a tridiagonal k by k
matrix T, with alpha on its diagonal and beta beside it. The largest eigenvalue of T, the Ritz value, approaches the
largest of the matrix from below, and beta_k |s_k| (s: its eigenvector in T) estimates how far its Ritz vector is from
an eigenvector. (Golub and Van Loan, Matrix Computations, 4th ed., chapter 10.)

The search happens in float32, which halves its cost. What it finds is then judged in float64, by one more product: for
a unit vector u, theta = u.Au is a lower bound of the largest eigenvalue, and some eigenvalue lies within
r = |Au - theta u| of theta. Where r is too large, a second search goes on in float64. That happens in two places: where
float32 underflows, since of a matrix near its smallest number, 1e-45, it sees nothing or only rounding; and where M is
so large (500,000) that its rounding alone is more than the tolerance.

Which eigenvalue was found cannot be known from products alone, but to miss the largest, the random start vector would
have to be orthogonal to its eigenvector.
"""

from typing import NamedTuple, Protocol, Self

import torch
from torch import Tensor

TOLERANCE = 1e-6
SEARCH_TOLERANCE = TOLERANCE / 2  # leaves room for the rounding of float32
MAX_PRODUCTS = 200  # of each search
PRODUCTS_PER_LOOK = 6  # a look at T costs as much as one to three products


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
        What was found, converged or not. With other neighbours sums are rounded in another order: a value that has
        converged changes by about 1e-12 of itself, another one may by its residual.
    """
    vectors = _search(matrices.to(torch.float32), start.float()).double()
    vectors = torch.where(vectors.isfinite().all(1, keepdim=True), vectors, start)
    ritz = _judge(matrices, vectors)
    again = (~ritz.converged).nonzero().squeeze(1)
    if len(again):
        few = matrices.take(again)
        for column, better in zip(ritz, _judge(few, _search(few, vectors[again])), strict=True):
            column[again] = better
    return ritz


def _judge(matrices: Matrices, vectors: Tensor) -> Ritz:
    """How near to eigenvectors the `vectors` (B, M) are."""
    unit = vectors / torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    image = matrices @ unit
    value = torch.linalg.vecdot(unit, image)
    size = _size(image)
    residual = torch.linalg.vector_norm((image - value.unsqueeze(1) * unit) / size, dim=1) * size.squeeze(1)
    return Ritz(value, residual, residual <= TOLERANCE * value)


def _search(matrices: Matrices, start: Tensor) -> Tensor:
    """The Ritz vector of each matrix at its first look that finds it good enough, or at the last.

    All go on until all are done: to drop those that are done would save hardly more products than it costs copies.

    Args:
        matrices: B of them.
        start: (B, M) in the precision of `matrices`.

    Returns:
        (B, M), of any length but 0; NaN where the matrix is no number.
    """
    last_look = min(MAX_PRODUCTS, start.shape[1])
    basis = start.new_empty(last_look + 1, *start.shape)  # (k, B, M): memory not yet written to costs nothing
    basis[0] = start / torch.linalg.vector_norm(start, dim=1, keepdim=True)
    entries: list[tuple[Tensor, Tensor]] = []  # alpha and beta of T, (B,) each
    found, done = start, torch.zeros(len(start), dtype=torch.bool)
    for k in range(1, last_look + 1):
        image = matrices @ basis[k - 1]
        if k == 1:
            size = _size(image)  # T is that of the matrix divided by it
        known = basis[:k].transpose(0, 1)  # (B, k, M)
        rest, overlap = _orthogonal(image / size, known)
        length = torch.linalg.vector_norm(rest, dim=1, keepdim=True)
        entries.append((overlap[:, -1], length.squeeze(1)))
        # What rounding leaves over is no direction: 0 goes on in its place.
        torch.div(rest, torch.where(length > torch.finfo(length.dtype).eps, length, torch.inf), out=basis[k])
        if k % PRODUCTS_PER_LOOK == 0 or k == last_look:
            is_good, s = _look(entries)
            vectors = torch.bmm(s.to(start.dtype).unsqueeze(1), known).squeeze(1)
            found = torch.where(done.unsqueeze(1), found, vectors)
            done |= is_good
            if done.all():
                break
    return found


def _orthogonal(vectors: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """What `vectors` (B, M) have that is orthogonal to `known` (B, k, M), and their overlaps with these, (B, k).

    All of them, and twice, which is enough (Parlett): without it rounding brings back what was found.
    """
    rows = vectors.unsqueeze(1)
    overlap = torch.bmm(rows, known.mT)
    rows = torch.baddbmm(rows, overlap, known, alpha=-1)
    rows.baddbmm_(torch.bmm(rows, known.mT), known, alpha=-1)
    return rows.squeeze(1), overlap.squeeze(1)


def _look(entries: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Whether the Ritz vector of each T's largest Ritz value is good enough, (B,), and s, its eigenvector in T, (B, k).

    A matrix that is no number must not stop its neighbours: its T is made one. A matrix of zeros has any eigenvector,
    but the basis only the start vector, and then zeros: alpha_1 is made large enough for s to be (1, 0, ..., 0).
    """
    alpha, beta = (torch.stack(column, 1).double().nan_to_num(0, 0, 0) for column in zip(*entries, strict=True))
    alpha[:, 0].clamp_(min=torch.finfo(alpha.dtype).tiny)
    tridiagonal = torch.diag_embed(alpha) + torch.diag_embed(beta[:, :-1], -1)  # eigh reads the lower triangle
    values, vectors = torch.linalg.eigh(tridiagonal)
    s = vectors[:, :, -1]
    return beta[:, -1] * s[:, -1].abs() <= SEARCH_TOLERANCE * values[:, -1], s


def _size(vectors: Tensor) -> Tensor:
    """(B, 1) what to divide vectors (B, M) by, so that no square underflows."""
    return vectors.abs().amax(1, keepdim=True).clamp(min=torch.finfo(vectors.dtype).tiny)
