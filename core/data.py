"""The random data of a run, from its seeds: inputs, labels and initial weights.

Each kind of number has a stream of its own, named by everything that it may depend on, so that changing one setting
never silently redraws another's numbers. NumPy's generators draw them in float64 on the CPU, whatever the device or
dtype of the run: the same numbers on every machine.
"""

import enum

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig


class _Stream(enum.IntEnum):
    INPUTS = 1
    LABELS = 2
    WEIGHTS = 3


def dataset(run: RunConfig) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """The samples that a run was trained on.

    Returns:
        inputs: (N, n) standard normal, in the run's dtype.
        labels: (N,) int64, uniform in [0, V), independent of the inputs.
    """
    n, num_classes, num_samples = run.input_dim, run.num_classes, run.num_samples
    # Nested data are one stream for every N; drawn sample after sample, fewer samples are a prefix of more.
    name = (run.data_seed, n, num_classes) if run.nested_data else (run.data_seed, n, num_classes, num_samples)
    inputs = _generator(_Stream.INPUTS, *name).standard_normal((num_samples, n))
    labels = _generator(_Stream.LABELS, *name).integers(num_classes, size=num_samples)
    return inputs.astype(run.dtype), labels


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


def _generator(stream: _Stream, *name: int) -> np.random.Generator:
    # PCG64 by name: NumPy is free to change what default_rng means.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([stream, *name])))
