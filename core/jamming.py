"""Where the loss landscape jams: the N at which its sharpness jumps."""

import numpy as np
from numpy.typing import ArrayLike

from core.intervals import Interval, mean_interval


def half_height(num_samples: ArrayLike, sharpness: ArrayLike) -> float:
    """The N at which a curve first rises through half of its largest value, interpolated between its points.

    Half the height, because the jump is steep there: where exactly the curve begins to rise or ends to is a matter of
    taste, and below the jump the sharpness only says how long a run was trained.

    Args:
        num_samples: (K,) values of N, in any order.
        sharpness: (K,) the sharpness at each, of one run or a mean; NaN where it is unknown.

    Returns:
        N; NaN where the curve starts above half of its height, or nothing is known of it.

    Raises:
        ValueError: the lengths differ.

        >>> half_height([100, 150, 200], [0.0, 0.1, 0.3])
        162.5
    """
    n, height = np.asarray(num_samples, float), np.asarray(sharpness, float)
    if n.ndim != 1 or n.shape != height.shape:
        raise ValueError(f"expected as many values of the sharpness as of N, but came shapes {n.shape}, {height.shape}")
    known = np.isfinite(height)
    order = np.argsort(n[known])
    n, height = n[known][order], height[known][order]
    half = height.max(initial=0.0) / 2
    above = np.flatnonzero(height >= half)
    if above.size == 0 or above[0] == 0:
        return float("nan")
    after = above[0]
    return float(np.interp(half, height[after - 1 : after + 1], n[after - 1 : after + 1]))


def transition(num_samples: ArrayLike, curves: ArrayLike) -> Interval | None:
    """Where the sharpness jumps: the mean over seeds of each one's `half_height`, with its 95 % interval.

    Args:
        num_samples: (K,) values of N.
        curves: (S, K) the sharpness, a row a seed.

    Returns:
        The interval, or None if a curve has no jump.
    """
    crossings = [half_height(num_samples, curve) for curve in np.asarray(curves, float)]
    return mean_interval(crossings) if np.isfinite(crossings).all() and crossings else None
