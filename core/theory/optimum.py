r"""How many samples are memorized where the mean cross-entropy is least.

A sample's logits are z = sigma g, g ~ N(0, I_V), in a fit to all other samples, and u in the fit that has it too:
u = z - D, D = gamma (p - e_y), p = softmax(u). With c = gamma / sigma,

    alpha = (V - 1) sigma^2 / E|D|^2,    E[D . u] = 0,    C / N = P(argmax u = y) = P(g_y + c > max_{k != y} g_k).

The second says that no multiple of the weights has a lower loss. It is the usual E tr (I + gamma (diag p - p p^T))^-1
= 1 + (V - 1) (1 - 1 / alpha), the trace integrated by parts to E[z . u] / sigma^2. The third holds because
u_k + gamma p_k = z_k + gamma [k = y], and p_k grows with u_k: the largest u has the largest right side.

At alpha_c both sigma and c are infinite, and D leads to the nearest point where the label's logit is the largest. From
there sigma falls fast and c slowly: 1 - C / N grows about like (alpha / alpha_c - 1)^(1/4), and C / n leaves alpha with
a vertical tangent. At V = 10, 1 % beyond alpha_c, 22 % are not memorized, though nearly all could be. At finite n the
threshold is smeared out, and so is this: at n = 40 and alpha = 1.1 alpha_c, C is 3 % larger and the loss 10 % smaller;
at 2 alpha_c both are as here within 0.5 %.
"""

import functools
import math
from typing import Generic, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.device import one_thread
from core.theory.capacity import Alphas, beyond_capacity, capacity_per_dim, checked_classes, mean_distance2
from core.theory.prox import softmax_prox

Floats = NDArray[np.float64]

# Of C / n and of the loss at the optimum: root mean square over independent quasi-random numbers, where it is largest
# over alpha >= 1.0005 alpha_c, for V up to 100 and up to 1,000; at V = 10 it is 0.0005. All else is exact to 1e-9.
RELATIVE_ERROR, RELATIVE_ERROR_MANY_CLASSES = 0.0035, 0.008

LOW_C, LOW_MISSED = 0.05, 0.05  # the optimum is solved from alpha = 400 V to where 5 % are not memorized
NUM_NODES, DEGREE = 32, 20
LEAST_SAMPLES, MOST_SAMPLES, MOST_NUMBERS = 256, 4_096, 65_536  # samples of V numbers each
MOST_STEPS = 60


class OptimumPerDim(NamedTuple, Generic[Alphas]):
    """The optimum of the mean cross-entropy.

    Attributes:
        memorized: C / n.
        loss: the mean cross-entropy [nats].
    """

    memorized: Alphas
    loss: Alphas


def optimum_memorized_per_dim(num_classes: int, samples_per_dim: Alphas) -> Alphas:
    """C / n: how many samples for each input are memorized where the mean cross-entropy is least.

    Proved for V = 2; for more classes derived by the argument in `core.theory`, and checked by fits. The same numbers
    at every call, within `RELATIVE_ERROR`.

    Args:
        num_classes: V.
        samples_per_dim: alpha = N / (n + bias), any shape.

    Returns:
        C / n of the same shape: alpha itself up to alpha_c; for large alpha, alpha / V + sqrt(alpha / V) E[max_k g_k].

    Raises:
        ValueError: an argument is out of its range.

        >>> round(optimum_memorized_per_dim(10, 4.0), 2), round(optimum_memorized_per_dim(10, 10.0), 2)
        (4.0, 3.67)
    """
    return optimum_per_dim(num_classes, samples_per_dim).memorized


def optimum_per_dim(num_classes: int, samples_per_dim: Alphas) -> OptimumPerDim[Alphas]:
    """`optimum_memorized_per_dim`, and the loss: 0 up to alpha_c; for large alpha, ln V - (V - 1) / (2 alpha)."""
    num_classes = checked_classes(num_classes)
    curve = _optimum_curve(num_classes)
    return OptimumPerDim(
        beyond_capacity(num_classes, samples_per_dim, curve.memorized),
        beyond_capacity(num_classes, samples_per_dim, curve.loss, up_to=np.zeros_like),
    )


class _OptimumCurve:
    """C / n and the loss beyond alpha_c, drawn through the points at which the equations were solved.

    Both are drawn as what changes little over x = log(alpha / alpha_c - 1): the logs of c sqrt(alpha), and of
    loss / (ln V - loss) / alpha. Above the points these are constant, as in the limit of small weights. Below them, by
    at most 0.05 % of alpha, they go on along lines about as steep as at the last points, to C / n = alpha and loss 0.

    Attributes:
        points: c, sigma, alpha and loss, each (K,).
    """

    def __init__(self, num_classes: int, c: Floats, sigma: Floats, alpha: Floats, loss: Floats) -> None:
        self.points = (c, sigma, alpha, loss)
        self._num_classes, self._capacity = num_classes, capacity_per_dim(num_classes)
        x = np.log(alpha / self._capacity - 1)
        self._ends = (x.min(), x.max())
        self._fits = [
            np.polynomial.Chebyshev.fit(x, np.log(value), DEGREE)
            for value in (c * np.sqrt(alpha), loss / (math.log(num_classes) - loss) / alpha)
        ]

    def memorized(self, alpha: Floats) -> Floats:
        return alpha * hit_probability(self._num_classes, self._value(0, alpha, steepness=-0.06) / np.sqrt(alpha))

    def loss(self, alpha: Floats) -> Floats:
        odds = self._value(1, alpha, steepness=0.06) * alpha
        return math.log(self._num_classes) * odds / (1 + odds)

    def _value(self, which: int, alpha: Floats, steepness: float) -> Floats:
        x = np.log((alpha - self._capacity) / self._capacity)
        low, high = self._ends
        value: Floats = np.exp(self._fits[which](x.clip(low, high)) + steepness * np.minimum(x - low, 0))
        return value


def hit_probability(num_classes: int, c: Floats) -> Floats:
    """P(g_1 + c > max_{k > 1} g_k) = E Phi(g + c)^(V - 1), g ~ N(0, 1), for each c."""
    g = torch.arange(-9, 9, 0.02, dtype=torch.float64)
    exponent = (num_classes - 1) * torch.special.log_ndtr(g + torch.from_numpy(c)[..., None]) - g**2 / 2
    found: Floats = 0.02 / math.sqrt(2 * math.pi) * exponent.exp().sum(-1).numpy()
    return found


@functools.cache
@one_thread
def _optimum_curve(num_classes: int, seed: int = 0) -> _OptimumCurve:
    """The equations solved at values of c: log sigma by the secant method, begun where the two c before lead."""
    grid = np.linspace(LOW_C, 10, 1_000)
    high_c = np.interp(1 - LOW_MISSED, hit_probability(num_classes, grid), grid)
    middle, half = (math.sqrt(high_c) + math.sqrt(LOW_C)) / 2, (math.sqrt(high_c) - math.sqrt(LOW_C)) / 2
    c = (middle - half * np.cos(np.linspace(0, np.pi, NUM_NODES))) ** 2  # closer at the ends, where polynomials need it
    means = _Means(num_classes, seed)
    log_sigma, alpha, loss = np.log(c), np.empty(NUM_NODES), np.empty(NUM_NODES)
    slope = 2.5 * LOW_C  # of the imbalance over log sigma; about so where both are small
    for i in range(NUM_NODES):
        if i > 1:
            ahead = (c[i] - c[i - 1]) / (c[i - 1] - c[i - 2])
            log_sigma[i] = log_sigma[i - 1] + ahead * (log_sigma[i - 1] - log_sigma[i - 2])
        before, step = None, 0.0
        for _ in range(MOST_STEPS):
            imbalance, alpha[i], loss[i] = means.at(c[i], math.exp(log_sigma[i]))
            if before is not None and (imbalance - before) / step > 0:
                slope = (imbalance - before) / step
            before, step = imbalance, float(np.clip(-imbalance / slope, -1, 1))
            if abs(step) < 1e-5:
                break
            log_sigma[i] += step
        else:
            raise RuntimeError(f"the optimum of {num_classes} classes was not found at c = {c[i]:.3g}")
    return _OptimumCurve(num_classes, c, np.exp(log_sigma), alpha, loss)


class _Means:
    """Means over g ~ N(0, I_V), from S quasi-random samples: the label's entry first, the others in falling order.

    A scrambled Sobol' sequence is the more even the fewer of its numbers matter. So its first gives g_1, its second the
    largest of the others, its third the next (Renyi's representation of order statistics): it is the largest that
    count. The first two are squared, which draws more samples with g_1 small and others large, those that cannot be
    memorized. The weights of the samples undo this, and make three means what they are known to be: of d^2, so that
    alpha - alpha_c is right where it is small, and of g_1 and |g|^2, both about the mean over classes, so that
    ln V - loss is right where sigma is small.
    """

    def __init__(self, num_classes: int, seed: int) -> None:
        self._num_classes = num_classes
        num_samples = 2 ** int(math.log2(MOST_NUMBERS / num_classes))
        num_samples = min(MOST_SAMPLES, max(LEAST_SAMPLES, num_samples))
        sequence = torch.quasirandom.SobolEngine(num_classes, scramble=True, seed=seed)
        even = sequence.draw(num_samples, dtype=torch.float64)  # (S, V)
        first, largest, *rest = even.clamp(2**-31, 1 - 2**-31).unbind(1)  # of (0, 1)
        log_ratios = torch.stack([torch.log1p(-(largest**2)), *(each.log() for each in rest)])
        log_uniform = torch.cumsum(log_ratios / torch.arange(num_classes - 1, 0, -1)[:, None], 0)  # in falling order
        self._g = torch.cat([torch.special.ndtri(first**2)[None], -torch.special.ndtri(-torch.expm1(log_uniform))])
        self._distance2 = distance2(self._g)
        self._mean_distance2 = mean_distance2(num_classes)

        about = self._g - self._g.mean(0)  # (V, S)
        known = torch.stack([torch.ones_like(first), self._distance2, about[0], (about**2).sum(0)])
        means = torch.tensor([1, self._mean_distance2, 0, num_classes - 1], dtype=torch.float64)
        weight = 4 * first * largest / num_samples
        self._weight = weight * (1 + torch.linalg.solve((known * weight) @ known.mT, means - known @ weight) @ known)
        self._shift: Tensor | None = None  # tau / sigma of the last solution, where the next begins

    def at(self, c: float, sigma: float) -> tuple[float, float, float]:
        """How far E[D . u] is above 0 (the log of its positive over its negative part), alpha and the loss there."""
        gamma = c * sigma
        targets = sigma * self._g
        targets[0] += gamma
        pull, tau = softmax_prox(targets, gamma, None if self._shift is None else self._shift * sigma)
        self._shift = tau / sigma
        u, others = targets - pull, pull[1:]  # D is others, and minus their sum for the label
        toward = (others * (u[1:] - u[0])).sum(0)  # D . u
        imbalance = torch.log((self._weight @ toward.clamp(min=0)) / (self._weight @ -toward.clamp(max=0)))
        moved = ((others**2).sum(0) + others.sum(0) ** 2) / sigma**2  # |D|^2 / sigma^2
        alpha = (self._num_classes - 1) / (self._mean_distance2 + self._weight @ (moved - self._distance2))
        loss = self._weight @ (math.log(gamma) + tau - u[0])
        return float(imbalance), float(alpha), float(loss)


def distance2(g: Tensor) -> Tensor:
    """(V, S) -> (S,): d^2 of each sample, whose entries after the first must be in falling order.

    The nearest point of K has u_1 = t, the mean of g_1 and those m others that are above it.
    """
    means = g.cumsum(0) / torch.arange(1, len(g) + 1)[:, None]  # of the first m + 1
    num_tied = (g[1:] > means[:-1]).sum(0, keepdim=True)
    t = means.gather(0, num_tied)
    return ((t - g[:1]) ** 2 + ((g[1:] - t).clamp(min=0) ** 2).sum(0, keepdim=True))[0]
