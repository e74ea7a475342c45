"""Samples as the curves of theory take them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def drawn(num_classes: int, num_samples: int, seed: int = 0) -> Floats:
    """(V, S): the label's entry first, the others in falling order."""
    g = np.random.default_rng(seed).standard_normal((num_classes, num_samples))
    g[1:] = -np.sort(-g[1:], axis=0)
    return g
