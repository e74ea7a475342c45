"""Newton's method on the mean cross-entropy of one data set, in float64.

The Hessian does not change when one vector is added to the weights of every class, so the last class is the reference:
its row stays 0 and K = V - 1 others are free. A step solves H D = -G. Where H has few enough rows it is formed,

    H_kl = (1/N) sum_i p_ki ([k = l] - p_li) x_i x_i^T,

with one product of the (K d, N) matrix of all p_ki x_i with itself, and factored; where not, conjugate gradients need
only products with it, unless they need too many. The step is halved until the loss has decreased enough (Armijo).

One data set at a time. Measured on one core: at n = 40, V = 10, N = 300, a dense step takes 2.4 ms, nine tenths of it
the product and the factorization, and in a batch of 16 it takes longer (2.9 ms and more); by conjugate gradients it
takes 0.7 ms. Batches might pay for small layers: at n = 10, V = 10, N = 100 a step takes 0.25 ms, three fifths of it
calls into PyTorch, and in a batch of 16 between 0.11 and 0.25 ms, were all of them to end at the same step.
"""

import math

import torch
from torch import Tensor

from core import softmax

DENSE_WEIGHTS = 256  # free weights up to which the Hessian is formed at every step: beyond, products are faster
HARD_WEIGHTS = 2_048  # up to which it is formed where products are too many: 32 MiB
PROOF_WEIGHTS = 4_096  # free weights up to which it is formed once, to prove that an optimum exists
EPS = torch.finfo(torch.float64).eps
ENOUGH_DECREASE = 1e-4  # of what the slope promises
SHORTEST = 1e-4  # share of a step
DAMPING = 1e-3  # of the curvature with which no step changes a logit by more than about 1
SINGULAR = 1e-15  # of the Hessian's scale: keeps it positive definite
SAME_LOSS = 1e-15  # nats, which a step may go uphill by rounding
TINY = 1e-100  # where no sample has any doubt left
SUM_VALUES = 2**22  # values of the (K d, N) matrix at a time: 32 MiB
MAX_PRODUCTS = 300  # of one solution by conjugate gradients
MANY_PRODUCTS = 100  # take as long as it does to form the Hessian and factor it
NEARLY_SINGULAR = 1e-8  # share by which the preconditioner's diagonal is larger, which keeps it positive definite
MOST_RESIDUAL = 0.1  # of the gradient; the more exact the closer the minimum


class Newton:
    """Weights on their way to the minimum of the mean cross-entropy plus ridge / 2 |W|^2.

    Args:
        inputs: (N, d) float64, a bias among them.
        labels: (N,) int64.
        num_classes: V, at least 2.
        ridge: 0 for the cross-entropy alone.
        weights: (V, d) where to start; None: at 0.
        input_error: by how much (2-norm) each input may be off, for a proof that holds for the true ones.

    Attributes:
        weights: (V, d), the last row 0.
        logits: (V, N).
        loss: (N,) nats.
        margin: (N,) logit of the label minus the largest other.
        probabilities: (V, N).
        gradient: (V, d) of the loss and the ridge.
    """

    def __init__(
        self,
        inputs: Tensor,
        labels: Tensor,
        num_classes: int,
        *,
        ridge: float = 0.0,
        weights: Tensor | None = None,
        input_error: float = 0.0,
    ) -> None:
        self._inputs = inputs
        self._labels = labels
        self._ridge = ridge
        self._input_error = input_error
        self._sample_weight = inputs.new_full((1, len(inputs)), 1 / len(inputs))
        start = inputs.new_zeros(num_classes, inputs.shape[1]) if weights is None else weights - weights[-1]
        self._num_free = (num_classes - 1) * inputs.shape[1]
        self._is_dense = self._num_free <= DENSE_WEIGHTS
        self._reach = math.sqrt(2) * float(inputs.norm(dim=1).max())  # no margin is larger, for weights of norm 1
        self._go_to(start)

    @property
    def gradient_norm(self) -> float:
        """Of all rows."""
        return float(self.gradient.norm())

    def step(self) -> None:
        """Go one step, no step uphill."""
        start, objective = self.weights, self._objective
        if not self._stepped(self._ridge):
            # There is next to no curvature where samples are sure of wrong labels. With more of it the step is shorter.
            self._go_to(start)
            more = DAMPING * self._reach * self.gradient_norm
            if not self._stepped(self._ridge + more) and not self._objective <= objective:
                self._go_to(start)

    def _stepped(self, ridge: float) -> bool:
        """Whether the step with such a ridge in the Hessian, or a share of it, leads down."""
        downhill = -self.gradient[:-1]
        free = self._solved_dense(downhill, ridge) if self._is_dense else self._solved_by_products(downhill, ridge)
        slope = -float((downhill * free).sum())
        direction = torch.cat([free, torch.zeros_like(self.weights[-1:])])
        objective, share = self._objective, 1.0
        weights = self.weights
        while share > SHORTEST:
            self._go_to(weights + share * direction)
            if self._objective <= objective + ENOUGH_DECREASE * share * slope + SAME_LOSS:
                return True
            share /= 2
        return False

    def is_next_to_the_optimum(self) -> bool | None:
        """Whether a finite minimum of the cross-entropy provably exists; None: the Hessian is too large to tell.

        The inputs must span their space.

        Without one there would be a direction U in which no sample's loss increases: m_ik = (u_{y_i} - u_k) . x_i >= 0
        for all i and k. Then -<G, U> = (1/N) sum_ik p_ki m_ik, and m_ik <= sqrt(2) |x_i| |U|, so that with
        r = sqrt(2) max_i |x_i|

            r |U| |G| |U| >= (1/N) sum_ik p_ki m_ik^2 >= (1/N) sum_i Var_{k ~ p_i}(u_k . x_i) = <U, H U> >= mu |U|^2,

        where mu is the least eigenvalue of H. So r |G| < mu excludes it, which one factorization of H - r |G| tells. Or
        of a (d, d) matrix: if the mean of the u_k is 0 (it may be: no m_ik changes by it), the variance is at least
        min_k p_ki sum_k (u_k . x_i)^2, so that the least eigenvalue of (1/N) sum_i min_k p_ki x_i x_i^T is a mu too,
        and nearly always enough.

        If the inputs are off by e, margins that are truly 0 or more may be seen as low as -sqrt(2) e |U|. Then
        |m_ik| <= m_ik + 2 sqrt(2) e |U|, which adds 2 sqrt(2) e (1/N) sum_i (1 - p_{i, y_i}) to |G|.

        Both are safe from rounding, which may hide as much of the gradient as sqrt(N) roundings of all its terms
        (Higham and Mary, A new approach to probabilistic rounding error analysis, 2019), and see `_exceeds`.
        """
        x, p, reach = self._inputs, self.probabilities, self._reach
        terms = p.scatter(0, self._labels[None], 1.0) @ x.abs() / len(x)  # p_y - 1 is off by a rounding of 1
        hidden = 4 * EPS * math.sqrt(len(x)) * float(terms.norm())
        doubt = float(-torch.expm1(-self.loss).mean())
        needed = reach * (self.gradient_norm + hidden + 2 * math.sqrt(2) * self._input_error * doubt)
        if _exceeds(needed, (x.T * (p.amin(0) / len(x))) @ x, len(x)):
            return True
        return _exceeds(needed, self._hessian(), len(x)) if self._num_free <= PROOF_WEIGHTS else None

    def _go_to(self, weights: Tensor) -> None:
        self.weights = weights
        self.logits = softmax.logits(self._inputs, weights)
        loss, margin = softmax.cross_entropy(self.logits[None], self._labels[None])
        self.loss, self.margin = loss[0], margin[0]
        self._objective = float(self.loss.mean() + self._ridge / 2 * (weights**2).sum())
        self._probabilities: Tensor | None = None
        self._gradient: Tensor | None = None

    @property
    def probabilities(self) -> Tensor:
        """(V, N) of the present weights; neither these nor the gradient are computed for steps that are only tried."""
        if self._probabilities is None:
            self._probabilities = torch.softmax(self.logits, 0)
        return self._probabilities

    @property
    def gradient(self) -> Tensor:
        """(V, d)."""
        if self._gradient is None:
            inputs, labels, p = self._inputs[None], self._labels[None], self.probabilities[None]
            own = softmax.gradient(inputs, p, labels, self._sample_weight)[0]
            self._gradient = own + self._ridge * self.weights
        return self._gradient

    def _hessian(self) -> Tensor:
        """(K d, K d)."""
        num_free, d = self._num_free, self._inputs.shape[1]
        k = num_free // d
        hessian = self._inputs.new_zeros(num_free, num_free)
        blocks = self._inputs.new_zeros(k, d, d)
        size = max(1, SUM_VALUES // num_free)
        for x, p in zip(self._inputs.split(size), self.probabilities[:-1].split(size, dim=1), strict=True):
            weighted = p.unsqueeze(1) * x.T.contiguous()  # p_ki x_i: (K, d, M)
            blocks += weighted @ x
            flat = weighted.view(num_free, -1)
            hessian.addmm_(flat, flat.T, alpha=-1)
        by_class = hessian.view(k, d, k, d).diagonal(dim1=0, dim2=2)  # (d, d, K), a view
        by_class += blocks.permute(1, 2, 0)
        return hessian.div_(len(self._inputs))

    def _solved_dense(self, downhill: Tensor, ridge: float) -> Tensor:
        """(K, d) -> (K, d)."""
        hessian = self._hessian()
        diagonal = hessian.diagonal()
        shift = ridge + max(SINGULAR * float(diagonal.max()), TINY)
        diagonal += shift
        factor, info = torch.linalg.cholesky_ex(hessian)
        while info != 0:  # singular but for rounding
            if not math.isfinite(shift):
                raise FloatingPointError("the Hessian of the cross-entropy is not finite")
            diagonal += 9 * shift
            shift *= 10
            factor, info = torch.linalg.cholesky_ex(hessian)
        return torch.cholesky_solve(downhill.reshape(-1, 1), factor).view_as(downhill)

    def _solved_by_products(self, downhill: Tensor, ridge: float) -> Tensor:
        """(K, d) -> (K, d): by conjugate gradients, from now on dense where they take too many products.

        Preconditioned by the mean over the samples of S_i = diag(p_i) - p_i p_i^T: the Hessian of inputs of unit
        variance that know nothing of the probabilities. Measured at n = 40, V = 10, N = 400: a product takes 0.05 ms,
        and this 0.003 ms. The diagonal blocks of the Hessian, one a class, took 0.03 ms, another 0.3 ms a step to
        factor, and about as many products.
        """
        hessian = softmax.Hessian(self._inputs[None], self.probabilities[None], self._sample_weight)
        inverse = _inverse_mean(self.probabilities, ridge)

        def product(free: Tensor) -> Tensor:
            direction = torch.cat([free, torch.zeros_like(free[:1])])
            return (hessian @ direction[None])[0, :-1] + ridge * free

        size = float(downhill.norm())
        residual, solution = downhill, torch.zeros_like(downhill)
        direction = inverse @ residual
        inner = (residual * direction).sum()
        may_give_up = self._num_free <= HARD_WEIGHTS
        for _ in range(MANY_PRODUCTS if may_give_up else MAX_PRODUCTS):
            image = product(direction)
            length = inner / (direction * image).sum()
            solution = solution + length * direction
            residual = residual - length * image
            if float(residual.norm()) <= min(MOST_RESIDUAL, size**0.5) * size:
                return solution
            better = inverse @ residual
            before, inner = inner, (residual * better).sum()
            direction = better + inner / before * direction
        if may_give_up:
            self._is_dense = True
            return self._solved_dense(downhill, ridge)
        return solution


def _inverse_mean(probabilities: Tensor, ridge: float) -> Tensor:
    """(V, N) -> (K, K): of the mean of diag(p_i) - p_i p_i^T, without its last row and column, plus a ridge.

    A diagonal term p (1 - p) is summed as p times the others, for 1 - p is lost in rounding where p is next to 1; and
    the diagonal is scaled to 1, for it spans many magnitudes once classes move apart.
    """
    confused = probabilities @ probabilities.T / probabilities.shape[1]  # (V, V)
    confused.fill_diagonal_(0)
    diagonal = confused.sum(1)[:-1] + ridge + TINY
    scale = diagonal.rsqrt()
    mean = -confused[:-1, :-1] * scale * scale[:, None]
    mean.fill_diagonal_(1 + NEARLY_SINGULAR)
    return torch.cholesky_inverse(torch.linalg.cholesky(mean)) * scale * scale[:, None]


def _exceeds(bound: float, matrix: Tensor, num_terms: int) -> bool:
    """Whether all eigenvalues of a sum of so many terms exceed a bound. Changes the matrix.

    More is taken off than rounding can add to a matrix of so many rows, made of so many terms (Rump, Verification of
    positive definiteness, 2006).
    """
    diagonal = matrix.diagonal()
    diagonal -= bound + 2 * EPS * (len(matrix) + num_terms) * float(diagonal.sum())
    return bool(torch.linalg.cholesky_ex(matrix).info == 0)
