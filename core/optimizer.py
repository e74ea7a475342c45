"""Adam and gradient descent on one long vector of weights, step by step equal to PyTorch's.

Whatever changes from step to step stands in a table on the device, and a counter beside it says which row is next: no
value ever travels from Python, so that a step can be captured as a CUDA graph.
"""

from typing import Protocol

import torch
from torch import Tensor

from core.config import RunConfig


class Optimizer(Protocol):
    """Moves weights against their gradient, in place."""

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        """One step. weights and gradient: (W,), the ones of all runs that share this optimizer."""


def make_optimizer(run: RunConfig, like: Tensor) -> Optimizer:
    """The optimizer that `run` names, for a weight vector of the size, dtype and device of `like`."""
    rates = torch.full((run.num_steps,), run.learning_rate, dtype=torch.float64)
    return Adam(rates, like) if run.optimizer == "adam" else GradientDescent(rates, run.momentum, like)


class Adam:
    """Adam (Kingma and Ba, arXiv:1412.6980), with the defaults of `torch.optim.Adam`.

    m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
    w <- w - (eta / c1) m / (sqrt(v / c2) + epsilon),  with c1 = 1 - beta1^t, c2 = 1 - beta2^t

    computed as w <- w - m / (a sqrt(v) + b), with a = c1 / (eta sqrt(c2)) and b = epsilon c1 / eta from the table.
    """

    BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

    def __init__(self, rates: Tensor, like: Tensor) -> None:
        t = torch.arange(1, len(rates) + 1, dtype=torch.float64)
        c1, c2 = 1 - self.BETA1**t, 1 - self.BETA2**t
        self._row = _TableRow(torch.stack([c1 / (rates * c2.sqrt()), self.EPSILON * c1 / rates], dim=1), like)
        self._m = torch.zeros_like(like)
        self._v = torch.zeros_like(like)
        self._denominator = torch.empty_like(like)

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        a, b = self._row.next()
        self._m.lerp_(gradient, 1 - self.BETA1)
        self._v.mul_(self.BETA2).addcmul_(gradient, gradient, value=1 - self.BETA2)
        torch.sqrt(self._v, out=self._denominator)
        torch.addcmul(b, self._denominator, a, out=self._denominator)
        weights.addcdiv_(self._m, self._denominator, value=-1)


class GradientDescent:
    """Gradient descent with heavy-ball momentum, as `torch.optim.SGD`: u <- mu u + g;  w <- w - eta u."""

    def __init__(self, rates: Tensor, momentum: float, like: Tensor) -> None:
        self._row = _TableRow(rates.unsqueeze(1), like)
        self._momentum = momentum
        self._velocity = torch.zeros_like(like)

    def step(self, weights: Tensor, gradient: Tensor) -> None:
        (rate,) = self._row.next()
        self._velocity.mul_(self._momentum).add_(gradient)
        weights.addcmul_(self._velocity, rate, value=-1)


class _TableRow:
    """The row of a (steps, columns) table that belongs to the present step."""

    def __init__(self, table: Tensor, like: Tensor) -> None:
        self._table = table.to(like)
        self._step = torch.zeros(1, dtype=torch.int64, device=like.device)
        self._row = self._table.new_empty(1, table.shape[1])
        self._columns: tuple[Tensor, ...] = self._row.squeeze(0).split(1)  # each (1,)

    def next(self) -> tuple[Tensor, ...]:
        torch.index_select(self._table, 0, self._step, out=self._row)
        self._step.add_(1)
        return self._columns
