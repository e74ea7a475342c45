"""Adam and gradient descent on one long vector of weights, step by step equal to PyTorch's.

Whatever changes from step to step stands in a table on the device, and a counter beside it says which row is next: no
value ever travels from Python, so that a step can be captured as a CUDA graph.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.config import RunConfig
from core.schedule import learning_rates


class Optimizer(Protocol):
    """Moves weights against their gradient, in place."""

    @property
    def second_moment(self) -> Tensor:
        """(W,) Adam's v; zeros from an optimizer that keeps none."""

    def follow(self, rates: NDArray[np.float64]) -> None:
        """Take the learning rates of all steps, those that were already taken included, from this table (steps,)."""

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        """One step. weights and gradient: (W,), the ones of all runs that share this optimizer."""


def make_optimizer(run: RunConfig, like: Tensor) -> Optimizer:
    """The optimizer that `run` names, for a weight vector of the size, dtype and device of `like`."""
    optimizer = Adam(like) if run.optimizer == "adam" else GradientDescent(run.momentum, like)
    optimizer.follow(learning_rates(run))
    return optimizer


def preconditioner(run: RunConfig, step: int, second_moment: Tensor, gradient: Tensor) -> Tensor:
    """What a step divides each direction by, besides 1 / eta: the diagonal of the matrix P of Cohen et al.

    "Adaptive gradient methods at the edge of stability", arXiv:2207.14484, section 2: for Adam
    P_t = (1 - beta1^t) (sqrt(v_t / (1 - beta2^t)) + epsilon), where t and v_t are of the step about to be taken.

    Args:
        run: says which optimizer.
        step: steps taken so far, t - 1.
        second_moment: Adam's v after these steps, any shape.
        gradient: the gradient of the step about to be taken, same shape.

    Returns:
        Of the same shape, in the gradient's dtype; ones for gradient descent.
    """
    if run.optimizer != "adam":
        return torch.ones_like(gradient)
    t = step + 1
    v = Adam.BETA2 * second_moment.to(gradient) + (1 - Adam.BETA2) * gradient**2
    return (1 - Adam.BETA1**t) * ((v / (1 - Adam.BETA2**t)).sqrt() + Adam.EPSILON)


class Adam:
    """Adam (Kingma and Ba, arXiv:1412.6980), with the defaults of `torch.optim.Adam`.

    m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
    w <- w - (eta / c1) m / (sqrt(v / c2) + epsilon),  with c1 = 1 - beta1^t, c2 = 1 - beta2^t

    computed as w <- w - m / (a sqrt(v) + b), with a = c1 / (eta sqrt(c2)) and b = epsilon c1 / eta from the table.
    """

    BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

    def __init__(self, like: Tensor) -> None:
        self._row = _TableRow(2, like)
        self._m = torch.zeros_like(like)
        self._v = torch.zeros_like(like)
        self._denominator = torch.empty_like(like)

    @property
    def second_moment(self) -> Tensor:
        return self._v

    def follow(self, rates: NDArray[np.float64]) -> None:
        t = np.arange(1, len(rates) + 1)
        c1, c2 = 1 - self.BETA1**t, 1 - self.BETA2**t
        self._row.follow(np.stack([c1 / (rates * np.sqrt(c2)), self.EPSILON * c1 / rates], axis=1))

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        a, b = self._row.next()
        self._m.lerp_(gradient, 1 - self.BETA1)
        self._v.mul_(self.BETA2).addcmul_(gradient, gradient, value=1 - self.BETA2)
        torch.sqrt(self._v, out=self._denominator)
        torch.addcmul(b, self._denominator, a, out=self._denominator)
        weights.addcdiv_(self._m, self._denominator, value=-1)


class GradientDescent:
    """Gradient descent with heavy-ball momentum, as `torch.optim.SGD`: u <- mu u + g;  w <- w - eta u."""

    def __init__(self, momentum: float, like: Tensor) -> None:
        self._row = _TableRow(1, like)
        self._momentum = momentum
        self._velocity = torch.zeros_like(like)

    @property
    def second_moment(self) -> Tensor:
        return torch.zeros_like(self._velocity)

    def follow(self, rates: NDArray[np.float64]) -> None:
        self._row.follow(rates[:, None])

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        (rate,) = self._row.next()
        self._velocity.mul_(self._momentum).add_(gradient)
        weights.addcmul_(self._velocity, rate, value=-1)


class _TableRow:
    """The row of a (steps, columns) table that belongs to the present step."""

    def __init__(self, num_columns: int, like: Tensor) -> None:
        self._table = like.new_empty(0, num_columns)
        self._step = torch.zeros(1, dtype=torch.int64, device=like.device)
        self._row = like.new_empty(1, num_columns)
        self._columns: tuple[Tensor, ...] = self._row.squeeze(0).split(1)  # each (1,)

    def follow(self, table: NDArray[np.float64]) -> None:
        self._table = torch.from_numpy(table).to(self._row)

    def next(self) -> tuple[Tensor, ...]:
        torch.index_select(self._table, 0, self._step, out=self._row)
        self._step.add_(1)
        return self._columns
