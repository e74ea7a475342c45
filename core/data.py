"""The random data of a run, from its seeds: inputs, labels and initial weights.

Each kind of number has a stream of its own, named by everything that it may depend on, so that changing one setting
never silently redraws another's numbers. NumPy's generators draw them in float64 on the CPU, whatever the device or
dtype of the run: the same numbers on every machine.
"""

import enum
import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig

Floats = NDArray[np.float64]

CORRELATION = 0.9  # of neighbouring entries of "correlated" inputs


class _Stream(enum.IntEnum):
    INPUTS = 1
    LABELS = 2
    WEIGHTS = 3


class DataConfig(Protocol):
    """What names a data set: the fields of `RunConfig` that it depends on."""

    @property
    def input_dim(self) -> int: ...
    @property
    def num_classes(self) -> int: ...
    @property
    def num_samples(self) -> int: ...
    @property
    def data_seed(self) -> int: ...
    @property
    def nested_data(self) -> bool: ...
    @property
    def dtype(self) -> str: ...
    @property
    def inputs(self) -> str: ...


def dataset(run: DataConfig) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """The samples that a run was trained on.

    The labels are the same whatever the law of the inputs, and so are the standard normal numbers that an input is made
    of. "correlated" inputs are thus the "gaussian" ones under an invertible linear map: no exact limit changes by it,
    neither separability nor the smallest loss, but only what an optimizer meets on its way there.

    Returns:
        inputs: (N, n) in the run's dtype, of the law that `run.inputs` names; each entry has mean 0 and variance 1.
        labels: (N,) int64, uniform in [0, V), independent of the inputs.
    """
    n, num_classes, num_samples = run.input_dim, run.num_classes, run.num_samples
    # Nested data are one stream for every N; drawn sample after sample, fewer samples are a prefix of more.
    name = (run.data_seed, n, num_classes) if run.nested_data else (run.data_seed, n, num_classes, num_samples)
    normal = _generator(_Stream.INPUTS, *name).standard_normal((num_samples, n))
    labels = _generator(_Stream.LABELS, *name).integers(num_classes, size=num_samples)
    return _LAWS[run.inputs](normal).astype(run.dtype), labels


def initial_weights(run: RunConfig) -> NDArray[np.floating]:
    """Where a run's training starts: the law of `torch.nn.Linear`, uniform in +-1 / sqrt(n), biases too.

    Returns:
        (V, n + bias) in the run's dtype. The same whatever the data; the first n columns do not depend on the bias.
    """
    n, num_classes = run.input_dim, run.num_classes
    generator = _generator(_Stream.WEIGHTS, run.init_seed, n, num_classes)
    bound = n**-0.5
    columns = [generator.uniform(-bound, bound, (num_classes, n))]
    if run.bias:
        columns.append(generator.uniform(-bound, bound, (num_classes, 1)))
    return np.concatenate(columns, axis=1).astype(run.dtype)


def _on_sphere(normal: Floats) -> Floats:
    """Inputs of length sqrt(n), their directions uniform."""
    lengths: Floats = np.linalg.norm(normal, axis=1, keepdims=True)  # (N, 1)
    return normal * (math.sqrt(normal.shape[1]) / lengths)


def _correlated(normal: Floats) -> Floats:
    """Entries x_1 = z_1 and x_j = rho x_{j-1} + sqrt(1 - rho^2) z_j: of covariance rho^|i-j|.

    No matrix product: its last bits may depend on N, and fewer nested samples must be a prefix of more.
    """
    inputs = normal.copy()
    for j in range(1, normal.shape[1]):
        inputs[:, j] = CORRELATION * inputs[:, j - 1] + math.sqrt(1 - CORRELATION**2) * normal[:, j]
    return inputs


_LAWS: dict[str, Callable[[Floats], Floats]] = {  # (N, n) standard normal -> (N, n)
    "gaussian": lambda normal: normal,
    "signs": lambda normal: np.copysign(1.0, normal),
    "sphere": _on_sphere,
    "correlated": _correlated,
}


def _generator(stream: _Stream, *name: int) -> np.random.Generator:
    # PCG64 by name: NumPy is free to change what default_rng means.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([stream, *name])))
