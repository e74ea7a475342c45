"""The proximal step of the cross-entropy: where a sample's logits go in the fit that has it too."""

import math

import torch
from torch import Tensor

MOST_STEPS = 60


def softmax_prox(targets: Tensor, gamma: float, start: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """gamma p of the proximal step u + gamma p = x, where p = softmax(u) and x = z + gamma e_y.

    log(gamma p_k) is u_k - tau, with one tau for all k. So each w_k = gamma p_k solves w_k + log w_k = x_k - tau, and
    tau makes their sum A gamma: found by Newton's method on A + log A, a straight line where one class has all of A.

    Args:
        targets: (V, S) x.
        gamma: above 0.
        start: (S,) a guess of tau.

    Returns:
        gamma p: (V, S).
        tau: (S,) so that -log p_y is log(gamma) + tau - u_y.
    """
    tau = targets.amax(0) - gamma - math.log(gamma) if start is None else start
    w = None
    for _ in range(MOST_STEPS):
        w = wright_omega((targets - tau).clamp_(min=-700), near=w)
        total, slopes = w.sum(0), w / (1 + w)  # slopes: of w over -tau
        step = (total - gamma + torch.log(total / gamma)) * total / ((1 + total) * slopes.sum(0))
        tau = tau + step
        largest = float(step.abs().max())
        if largest < 1e-5:
            return w - slopes * step, tau  # right to the square of it
        w = w if largest < 0.3 else None
    raise RuntimeError(f"the proximal step was not found at gamma = {gamma:.3g}; largest step {largest:.3g}")


def wright_omega(t: Tensor, near: Tensor | None = None) -> Tensor:
    """w > 0 with w + log w = t, for t from -700, to rounding; or one step of fourth order from `near`, within 0.3 of t.

    The step is that of Fritsch, Shafer and Crowley (Algorithm 443, Comm. ACM 16, 1973).
    """
    if near is None:
        e = torch.exp(t.clamp(max=1))
        near = wright_omega(t, near=torch.where(t > 1, t - torch.log(t.clamp(min=1)), e / (1 + 0.75 * e)))
    above = 1 + near
    r = t - near - torch.log(near)
    q = 2 * above * (above + 2 / 3 * r)
    return near * (1 + r / above * (q - r) / (q - 2 * r))
