"""Coordinates in which inputs have unit variance in every direction, and what rounding does to them on the way there.

No limit depends on the coordinates, but rounding does, and so does the number of steps to the optimum.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

EPS = torch.finfo(torch.float64).eps
SAME_RANK = 1e-13  # of the largest singular value: below it a direction may hold only rounding


class Whitened(NamedTuple):
    """Inputs in these coordinates.

    Attributes:
        inputs: (N, r), r the rank.
        there: (d, r): inputs are X there; weights of theirs are, for X, weights there^T.
        back: (r, d): from weights for X to theirs, weights back^T.
        error: by how much (2-norm) rounding may have put off an input; infinite where X has directions so small that
            they may hold rounding, or the difference between two classes: these are left out.
    """

    inputs: Tensor
    there: Tensor
    back: Tensor
    error: float


def whitened(x: Tensor) -> Whitened:
    """Of inputs X (N, d) in float64.

    Directions that hold no input are left out, for weights along them change nothing.
    """
    size = x.abs().amax(0)
    size = torch.where(size == 0, torch.ones_like(size), size)
    upper = torch.linalg.qr(x / size, mode="r")[1]
    _, values, directions = torch.linalg.svd(upper, full_matrices=False)
    kept = values > SAME_RANK * values[0]
    deviations, directions = values[kept, None] / math.sqrt(len(x)), directions[kept]  # (r, 1), (r, d)
    there = (directions / deviations / size).T
    back = deviations * directions * size
    rounding = x.shape[1] * EPS * float((x.abs() @ there.abs()).norm(dim=1).max())
    is_certain = bool(kept.all()) or _has_rank(x, len(directions))
    return Whitened(x @ there, there, back, rounding if is_certain else math.inf)


def _has_rank(x: Tensor, rank: int) -> bool:
    """Whether inputs X provably have no larger rank than `rank`.

    Columns of zeros, and copies of others, add none. Of whole numbers (signs) the product of all singular values above
    0 is at least 1, for its square is a sum of squared minors: another one would be seen.
    """
    columns = torch.unique(x, dim=1)
    columns = columns[:, (columns != 0).any(0)]
    if columns.shape[1] <= rank:
        return True
    if not torch.equal(columns, columns.round()):
        return False
    values = torch.linalg.svdvals(columns)
    unseen = float(values[rank]) + len(x) * EPS * float(values[0]) if rank < len(values) else 0.0
    return unseen == 0 or (unseen < 1 and float(values[:rank].log().sum()) + math.log(unseen) < 0)
