"""The optimizers against PyTorch's own, on gradients that no training gives: of all sizes, zero, and gone for good."""

import pytest
import torch
from torch import Tensor

from core import RunConfig
from core.optimizer import make_optimizer

NUM_STEPS = 200


def gradients(dtype: torch.dtype) -> Tensor:
    """(steps, W): from far below Adam's epsilon of 1e-8 to far above 1, some weights without any, some with one."""
    generator = torch.Generator().manual_seed(0)
    sizes = torch.logspace(-14, 3, 60, dtype=torch.float64)
    values = sizes * torch.randn(NUM_STEPS, 60, generator=generator, dtype=torch.float64)
    values[:, ::7] = 0
    values[1:, ::11] = 0
    return values.to(dtype)


@pytest.mark.parametrize("learning_rate", [1e-6, 0.01, 1e3])
@pytest.mark.parametrize("momentum", [None, 0.0, 0.9], ids=["adam", "gd", "momentum"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
def test_steps_are_those_of_torch_optim(
    learning_rate: float, momentum: float | None, dtype: str, tolerance: float
) -> None:
    """Each weight for itself, relative to how far it moved: 200 steps of rounding."""
    name = "adam" if momentum is None else "gd"
    run = RunConfig(1, 2, 1, learning_rate, NUM_STEPS, optimizer=name, momentum=momentum or 0.0, dtype=dtype)
    weights = torch.zeros(60, dtype=getattr(torch, dtype))
    optimizer = make_optimizer(run, like=weights)

    theirs = torch.zeros(60, dtype=torch.float64, requires_grad=True)
    oracle: torch.optim.Optimizer = (
        torch.optim.Adam([theirs], learning_rate)
        if momentum is None
        else torch.optim.SGD([theirs], learning_rate, momentum)
    )
    farthest = torch.zeros(60, dtype=torch.float64)
    for gradient in gradients(weights.dtype):
        optimizer.step(weights, gradient)
        theirs.grad = gradient.double()
        oracle.step()
        farthest = torch.maximum(farthest, theirs.detach().abs())
    assert ((weights.double() - theirs.detach()).abs() <= tolerance * farthest).all()
    assert (farthest[::7] == 0).all()
    assert farthest[1] > 0
