"""The optimizers against PyTorch's own, on gradients that no training gives: of all sizes, zero, and gone for good."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core import RunConfig
from core.optimizer import make_optimizer, preconditioner

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


@pytest.mark.parametrize("steps_before", [0, 1, 7, NUM_STEPS - 1])
@pytest.mark.parametrize("momentum", [None, 0.9], ids=["adam", "momentum"])
def test_the_preconditioner_is_what_a_step_divides_its_direction_by(steps_before: int, momentum: float | None) -> None:
    """Read off a step of torch.optim: eta times its direction (a mean of gradients), over how far it moved."""
    learning_rate = 0.5
    weights = torch.zeros(60, dtype=torch.float64, requires_grad=True)
    optimizer: torch.optim.Optimizer
    if momentum is None:
        run, direction = RunConfig(1, 2, 1, learning_rate), "exp_avg"
        optimizer = torch.optim.Adam([weights], learning_rate)
    else:
        run, direction = RunConfig(1, 2, 1, learning_rate, optimizer="gd", momentum=momentum), "momentum_buffer"
        optimizer = torch.optim.SGD([weights], learning_rate, momentum)
    *before, next_gradient = gradients(torch.float64)[: steps_before + 1]
    for gradient in before:
        weights.grad = gradient.clone()
        optimizer.step()
    second_moment = optimizer.state[weights].get("exp_avg_sq", torch.zeros(60, dtype=torch.float64)).clone()

    weights.data.zero_()  # so that what the step adds is not rounded
    weights.grad = next_gradient.clone()
    optimizer.step()
    moves = next_gradient != 0
    found = preconditioner(run, steps_before, second_moment, next_gradient)[moves]
    expected = learning_rate * optimizer.state[weights][direction][moves] / -weights.detach()[moves]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


def test_rates_may_be_replaced_on_the_way() -> None:
    """By those of a schedule that agrees so far: what branches off has moved like its trunk."""
    run = RunConfig(1, 2, 1, num_steps=NUM_STEPS, optimizer="gd", learning_rate=1.0)
    weights, gradient = torch.zeros(3), torch.ones(3)
    optimizer = make_optimizer(run, like=weights)
    optimizer.step(weights, gradient)
    optimizer.follow(np.array([1.0, 0.25]))
    optimizer.step(weights, gradient)
    assert (weights == -1.25).all()
