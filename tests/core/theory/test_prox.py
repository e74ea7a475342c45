"""The proximal step against its minimum, and Wright's function against scipy."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import torch
from numpy.typing import NDArray

from core.theory.prox import softmax_prox, wright_omega
from tests.core.theory.draw import drawn

Floats = NDArray[np.float64]


@pytest.mark.parametrize("gamma", [0.01, 1.0, 30.0])
def test_the_proximal_step_is_the_minimum_it_stands_for(gamma: float) -> None:
    z = np.array([0.3, -1.0, 2.0, 0.9])

    def cost(u: Floats) -> float:
        return float(((u - z) ** 2).sum() / (2 * gamma) + scipy.special.logsumexp(u) - u[0])

    def slope(u: Floats) -> Floats:
        return (u - z) / gamma + scipy.special.softmax(u) - np.eye(4)[0]

    wanted = scipy.optimize.minimize(cost, z, jac=slope, method="BFGS", options={"gtol": 1e-11}).x
    targets = torch.from_numpy(z + gamma * np.eye(4)[0])
    pull, tau = softmax_prox(targets[:, None], gamma)
    u = (targets[:, None] - pull)[:, 0].numpy()
    np.testing.assert_allclose(u, wanted, rtol=0, atol=1e-7 * (1 + gamma))
    np.testing.assert_allclose(pull[:, 0].numpy() / gamma, scipy.special.softmax(u), rtol=1e-8)
    assert math.log(gamma) + tau.item() - u[0] == pytest.approx(-scipy.special.log_softmax(u)[0], abs=1e-9)


@pytest.mark.parametrize("gamma", [1e-6, 1e-2, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("num_classes", [2, 9, 300])
def test_the_proximal_step_is_found_at_every_scale(num_classes: int, scale: float, gamma: float) -> None:
    targets = torch.from_numpy(scale * drawn(num_classes, 50))
    targets[0] += gamma
    pull, _ = softmax_prox(targets, gamma)
    u = targets - pull
    torch.testing.assert_close(pull, gamma * torch.softmax(u, 0), rtol=1e-7, atol=1e-9 * gamma)
    torch.testing.assert_close(pull.sum(0), torch.full((50,), gamma, dtype=torch.float64), rtol=1e-8, atol=0)


def test_wrights_function_is_that_of_scipy() -> None:
    t = np.concatenate([np.linspace(-700, 700, 2_001), np.linspace(-5, 5, 2_001), [1e4, 1e8]])
    np.testing.assert_allclose(wright_omega(torch.from_numpy(t)).numpy(), scipy.special.wrightomega(t).real, rtol=1e-12)
