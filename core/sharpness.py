r"""How sharply the loss curves: the largest eigenvalue of its Hessian, for many runs at once.

Sharpness is lambda_1, the largest eigenvalue of the Hessian H of the mean cross-entropy. Gradient descent is stable on
a quadratic as long as eta lambda_1 < 2 (1 + mu), mu its momentum. Adam divides each direction by its own scale, so
that what counts for it is the preconditioned sharpness, the largest eigenvalue of P^-1/2 H P^-1/2 with

    P_t = (1 - beta1^t) (diag(sqrt(v_t / (1 - beta2^t))) + epsilon),

v_t being the v of the step about to be taken: it is stable as long as eta lambda_1 < (2 + 2 beta1) / (1 - beta1) = 38
(Cohen et al., "Adaptive gradient methods at the edge of stability", arXiv:2207.14484, section 2).

Values and residuals are float64 quantities, see `core.lanczos`; a value is also a lower bound. Upper bounds come from
S_i <= I / 2 for every S_i = diag(p_i) - p_i p_i^T (Gershgorin), hence H <= I (x) G / 2 with G = X^T X / N.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import softmax
from core.config import RunConfig
from core.data import dataset
from core.device import one_thread
from core.lanczos import top_eigenvalue
from core.optimizer import Adam, preconditioner
from core.workers import threads

EXPECTED_PRODUCTS = 24  # of Lanczos' method
BATCH_BYTES = 8 * 2**20  # small enough for a core's cache, large enough that calls into PyTorch do not matter
MAX_PADDING, FREE_PADDING = 1.5, 64  # the largest N of a batch may be so many times its smallest, and so many more


class Sharpness(NamedTuple):
    """A largest eigenvalue, and how well it is known.

    Attributes:
        value: what was found, a Ritz value; NaN where the weights are not finite.
        residual: some eigenvalue lies within so much of `value`.
        lower, upper: bounds of the largest eigenvalue that hold whatever the residual, up to rounding.
        converged: whether the residual is at most 1e-6 of the value.
    """

    value: float
    residual: float
    lower: float
    upper: float
    converged: bool


UNKNOWN = Sharpness(float("nan"), float("nan"), float("nan"), float("nan"), converged=False)
SHARPNESS_RECORD = np.dtype([(name, "?" if name == "converged" else "<f8") for name in Sharpness._fields])


class State(Protocol):
    """Where a run stands after `step` steps; a `RunResult` is one."""

    @property
    def config(self) -> RunConfig: ...
    @property
    def step(self) -> int: ...
    @property
    def weights(self) -> NDArray[np.floating]: ...
    @property
    def second_moment(self) -> NDArray[np.floating]: ...


def sharpness(states: Sequence[State]) -> list[Sharpness]:
    """The largest eigenvalue lambda_1 of the Hessian of each run's mean cross-entropy, at its weights.

    Args:
        states: results of any mix of runs.

    Returns:
        One a state, in the same order. `upper` is lambda_max(X^T X / N) / 2.

        >>> from core import RunConfig, train
        >>> results = train([RunConfig(input_dim=10, num_classes=10, num_samples=n) for n in (10, 100)])
        >>> below, past = sharpness(results)  # the knee is at N = 41
        >>> below.value < 0.02 < 0.2 < past.value < past.upper
        True
    """
    return _in_threads(states, _plain)


def preconditioned_sharpness(states: Sequence[State]) -> list[Sharpness]:
    """The largest eigenvalue of P^-1/2 H P^-1/2, with the preconditioner P of the step about to be taken.

    Times the learning rate, it is 38 at the edge of stability of Adam. Gradient descent has no preconditioner: P = 1,
    and the edge is at 2 (1 + momentum).

    Args:
        states: results of any mix of runs.

    Returns:
        One a state, in the same order.
    """
    return _in_threads(states, _preconditioned)


def edge_of_stability(run: RunConfig) -> float:
    """What eta times the preconditioned sharpness may not exceed for a step to be stable on a quadratic.

    Adam keeps a mean of gradients with beta1 = 0.9: (2 + 2 beta1) / (1 - beta1) = 38. Gradient descent with heavy-ball
    momentum mu: 2 + 2 mu.
    """
    return (2 + 2 * Adam.BETA1) / (1 - Adam.BETA1) if run.optimizer == "adam" else 2 + 2 * run.momentum


def measure(
    states: Sequence[State], *, before_product: Callable[[], object] = lambda: None
) -> tuple[list[Sharpness], list[Sharpness]]:
    """Both sharpnesses of each state, plain and preconditioned, in the calling thread.

    Args:
        states: results of any mix of runs, or runs on their way.
        before_product: called before each product with the Hessian; what it raises ends the measurement.
    """
    found: dict[int, tuple[Sharpness, Sharpness]] = {}
    for places in _places(states):
        batch = _Batch([states[place] for place in places])
        both = (batch.top(_plain, before_product), batch.top(_preconditioned, before_product))
        found |= dict(zip(places, zip(*both, strict=True), strict=True))
    pairs = [found.get(place, (UNKNOWN, UNKNOWN)) for place in range(len(states))]
    return [plain for plain, _ in pairs], [preconditioned for _, preconditioned in pairs]


def _in_threads(states: Sequence[State], kind: "_Kind") -> list[Sharpness]:
    """One sharpness of each state, on all cores."""

    @one_thread
    def tops(places: list[int]) -> list[Sharpness]:
        return _Batch([states[place] for place in places]).top(kind)

    batches = list(_places(states))[::-1]  # the longest first, so that all threads end together
    found: dict[int, Sharpness] = {}
    with one_thread, threads() as pool:
        for places, values in zip(batches, pool.map(tops, batches), strict=True):
            found |= dict(zip(places, values, strict=True))
    return [found.get(place, UNKNOWN) for place in range(len(states))]


class _Batch:
    """States alike enough to be computed together: B of them."""

    def __init__(self, states: Sequence[State]) -> None:
        self.states = states
        runs = [state.config for state in states]
        num_samples = max(run.num_samples for run in runs)
        weights = torch.from_numpy(np.stack([state.weights for state in states]).astype(np.float64))  # (B, V, d)
        self.inputs = weights.new_zeros(len(runs), num_samples, weights.shape[2])  # (B, N, d)
        self.labels = torch.zeros(len(runs), num_samples, dtype=torch.int64)  # (B, N)
        self.sample_weight = weights.new_zeros(len(runs), num_samples)  # (B, N): 1 / N of the run, 0 where padded
        for i, run in enumerate(runs):
            inputs, labels = dataset(run)
            self.inputs[i, : run.num_samples, : run.input_dim] = torch.from_numpy(inputs)
            self.inputs[i, : run.num_samples, run.input_dim :] = 1  # the bias, if there is one
            self.labels[i, : run.num_samples] = torch.from_numpy(labels)
            self.sample_weight[i, : run.num_samples] = 1 / run.num_samples
        self.probabilities = torch.bmm(weights, self.inputs.mT).softmax(1)  # (B, V, N)
        self.gram = torch.bmm(self.inputs.mT * self.sample_weight.unsqueeze(1), self.inputs)  # G: (B, d, d)

    @torch.inference_mode()
    def top(self, kind: "_Kind", before_product: Callable[[], object] = lambda: None) -> list[Sharpness]:
        """The largest eigenvalue of D H D for each state; `kind` says which diagonal D."""
        scale, upper = kind(self)
        hessian = softmax.Hessian(self.inputs, self.probabilities, self.sample_weight)
        ritz = top_eigenvalue(_Scaled(hessian, scale, before_product), _start(scale))
        columns = ritz.value, ritz.residual, ritz.value, upper, ritz.converged
        return [Sharpness(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


class _Scaled:
    """D H D for each state of a batch."""

    def __init__(self, hessian: softmax.Hessian, scale: Tensor, before_product: Callable[[], object]) -> None:
        self._hessian = hessian
        self._scale = scale  # the diagonal of D: (B, V, d)
        self._before_product = before_product

    def __matmul__(self, vectors: Tensor) -> Tensor:
        """(B, V d) -> (B, V d)."""
        self._before_product()
        image = self._hessian @ (self._scale * vectors.view_as(self._scale))
        return image.mul_(self._scale).flatten(1)

    def take(self, places: Tensor) -> "_Scaled":
        return _Scaled(self._hessian.take(places), self._scale[places], self._before_product)

    def to(self, dtype: torch.dtype) -> "_Scaled":
        return _Scaled(self._hessian.to(dtype), self._scale.to(dtype), self._before_product)


_Kind = Callable[[_Batch], tuple[Tensor, Tensor]]  # the diagonal of D (B, V, d), and an upper bound (B,)


def _plain(batch: _Batch) -> tuple[Tensor, Tensor]:
    """No scale: D = 1."""
    ones = batch.inputs.new_ones(len(batch.states), batch.probabilities.shape[1], batch.inputs.shape[2])
    return ones, torch.linalg.eigvalsh(batch.gram)[:, -1] / 2


def _preconditioned(batch: _Batch) -> tuple[Tensor, Tensor]:
    """D = P^-1/2, and a bound: the largest row sum of D_k |G| D_k / 2 over the classes k, D_k being the rows of D."""
    gradient = softmax.gradient(batch.inputs, batch.probabilities, batch.labels, batch.sample_weight)
    scale = torch.stack(
        [
            preconditioner(state.config, state.step, torch.from_numpy(state.second_moment), gradient[i]).rsqrt()
            for i, state in enumerate(batch.states)
        ]
    )
    row_sums = scale * torch.bmm(scale, batch.gram.abs())  # (B, V, d)
    return scale, row_sums.amax((1, 2)) / 2


def _start(like: Tensor) -> Tensor:
    """(B, V d): the same Gaussian vector for every state of a shape, whatever its neighbours."""
    generator = np.random.Generator(np.random.PCG64(0))
    return torch.from_numpy(generator.standard_normal(like[0].numel())).expand(len(like), -1)


def _places(states: Sequence[State]) -> Iterator[list[int]]:
    """Places in `states` that go into one batch: one V and d, N alike, as many as fit the cache; only finite ones."""
    finite = [place for place, state in enumerate(states) if np.isfinite(state.weights).all()]
    finite.sort(key=lambda place: (states[place].weights.shape, states[place].config.num_samples))
    batch: list[int] = []
    for place in finite:
        if batch:
            first, this = states[batch[0]], states[place]
            fits = (len(batch) + 1) * _bytes(this) <= BATCH_BYTES
            alike = this.config.num_samples <= MAX_PADDING * first.config.num_samples + FREE_PADDING
            if not (fits and alike and first.weights.shape == this.weights.shape):
                yield batch
                batch = []
        batch.append(place)
    if batch:
        yield batch


def _bytes(state: State) -> int:
    """Memory of one state: inputs, logits and Krylov vectors, in float64 and in float32."""
    run = state.config
    inputs = run.num_samples * (run.input_dim + run.bias)
    return 12 * (inputs + 3 * run.num_classes * run.num_samples) + 4 * EXPECTED_PRODUCTS * run.num_weights
