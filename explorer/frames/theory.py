"""What theory says, as curves to draw beside what is measured."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from core.config import SweepConfig
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim

NUM_POINTS = 120  # of a curve
# By so much, over the root of the number of inputs, the knee of layers trained for 2,000 steps falls short of theory's
# threshold, which holds for infinitely many inputs. Measured with 10 classes: at n = 10 N = 41 of 50, at n = 20 82 of
# 95, at n = 30 126 of 140, at n = 40 173 of 185; with 20 classes at n = 64 419 of 447. All lie within 3 % of it.
FEW_INPUTS = 0.53


def theory_frame(input_dims: Iterable[int], num_classes: int, *, bias: bool, max_num_samples: int) -> pd.DataFrame:
    """Curves of infinitely large layers, scaled to layers of these sizes: N from 1 to the largest, each n.

    A bias counts as one more input.

    Columns: input_dim, num_samples, optimum (C at the cross-entropy optimum), most (the replica-symmetric estimate of
    the most that any weights memorize).
    """
    parts = []
    for n in input_dims:
        inputs = n + bias
        num_samples = np.linspace(1, max_num_samples, NUM_POINTS)
        optimum = inputs * optimum_memorized_per_dim(num_classes, num_samples / inputs)
        most = inputs * most_memorizable_per_dim(num_classes, num_samples / inputs)
        parts.append(pd.DataFrame({"num_samples": num_samples, "optimum": optimum, "most": most}).assign(input_dim=n))
    return pd.concat(parts, ignore_index=True)


def threshold(input_dim: int, num_classes: int, *, bias: bool) -> float:
    """The N up to which everything can be memorized, by theory."""
    return capacity_per_dim(num_classes) * (input_dim + bias)


def usual_knee(input_dim: int, num_classes: int, *, bias: bool) -> int:
    """The N near which a trained layer leaves the line C = N, as a rule of thumb."""
    share = 1 - FEW_INPUTS / math.sqrt(input_dim + bias)
    return max(1, round(share * threshold(input_dim, num_classes, bias=bias)))


def theory_of(config: SweepConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The curves of a sweep, and the threshold of each: input_dim, num_samples."""
    v, bias = config.num_classes, config.bias
    curves = theory_frame(config.input_dims, v, bias=bias, max_num_samples=config.num_samples[-1])
    places = [threshold(n, v, bias=bias) for n in config.input_dims]
    return curves, pd.DataFrame({"input_dim": config.input_dims, "num_samples": places})
