"""The largest eigenvalue of many symmetric matrices at once, each known only by its products with vectors.

Lanczos' method: k products with one start vector span a Krylov space, on which the matrix is a tridiagonal k by k
matrix T. The largest eigenvalue theta of T, the Ritz value, approaches the largest of the matrix from below, and
r = beta_k |s_k| (s: its eigenvector in T) is the norm of the residual |A u - theta u|: some eigenvalue lies within r of
theta. Which one cannot be known from products alone, but to miss the largest, the random start vector would have to be
orthogonal to its eigenvector. (Golub and Van Loan, Matrix Computations, 4th ed., chapter 10.)
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

FIRST_LOOK, LOOK_EVERY = 8, 4  # products before and between the looks at T, each of which costs about as much as one
MAX_PRODUCTS = 200
TOLERANCE = 1e-6


class Ritz(NamedTuple):
    """One entry a matrix.

    Attributes:
        value: (B,) the Ritz value theta: a lower bound of the largest eigenvalue.
        residual: (B,) some eigenvalue lies within so much of theta.
        converged: (B,) bool, whether the residual is at most `TOLERANCE` times theta.
    """

    value: Tensor
    residual: Tensor
    converged: Tensor


def top_eigenvalue(product: Callable[[Tensor], Tensor], start: Tensor) -> Ritz:
    """The largest eigenvalue of each of B symmetric positive semidefinite matrices.

    Args:
        product: (B, M) -> (B, M), each matrix times its vector.
        start: (B, M) where to start; anything but orthogonal to what is sought.

    Returns:
        Each matrix' value is the one of its own first converged look, so that it does not depend on its neighbours.
        What has not converged after `MAX_PRODUCTS` products is returned as it stands.
    """
    num_matrices, size = start.shape
    max_products = min(MAX_PRODUCTS, size)
    # Room for all that may come: pages of memory that are never written are never taken.
    basis = start.new_empty(max_products, num_matrices, size)  # (k, B, M), orthonormal for each matrix
    diagonal, beside = start.new_zeros(2, num_matrices, max_products)  # alpha, beta of T: (B, k)
    value, residual = start.new_zeros(2, num_matrices)
    converged = torch.zeros(num_matrices, dtype=torch.bool, device=start.device)
    vector = start / start.norm(dim=1, keepdim=True)
    for k in range(max_products):
        basis[k] = vector
        image = product(vector)
        diagonal[:, k] = (vector * image).sum(1)
        # Full reorthogonalization, and twice is enough (Parlett): without it rounding brings back what was found.
        known = basis[: k + 1].transpose(0, 1)  # (B, k, M)
        for _ in range(2):
            overlap = torch.bmm(image.unsqueeze(1), known.mT)  # (B, 1, k)
            image = image - torch.bmm(overlap, known).squeeze(1)
        beside[:, k] = image.norm(dim=1)
        vector = image / beside[:, k : k + 1].clamp(min=torch.finfo(image.dtype).tiny)
        done = k + 1
        if done == max_products or (done >= FIRST_LOOK and done % LOOK_EVERY == 0):
            open_ = ~converged
            value[open_], residual[open_] = _top_ritz(diagonal[open_, :done], beside[open_, :done])
            converged = residual <= TOLERANCE * value
            if converged.all():
                break
    return Ritz(value, residual, converged)


def _top_ritz(diagonal: Tensor, beside: Tensor) -> tuple[Tensor, Tensor]:
    """The largest eigenvalue of each tridiagonal (B, k, k), and the residual of its Ritz vector."""
    tridiagonal = torch.diag_embed(diagonal) + torch.diag_embed(beside[:, :-1], -1)  # eigh reads the lower triangle
    values, vectors = torch.linalg.eigh(tridiagonal)
    return values[:, -1], beside[:, -1] * vectors[:, -1, -1].abs()
