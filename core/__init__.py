"""How much does a linear layer memorize?

A small library after Ziming Liu, "Memory 1 -- How much do linear layers memorize?" (2026): it trains many linear layers
at once on random labels, and says how many, and which, each one learned.

    >>> from core import RunConfig, train
    >>> [result] = train([RunConfig(input_dim=10, num_classes=10, num_samples=20)])
    >>> result.num_memorized
    20

Conventions, held through all of `core` (words in configs and columns, symbols in formulas):

    n  input_dim          V  num_classes       N  num_samples       C  num_memorized      eta  learning_rate
    X  inputs (N, n)      y  labels (N,)       W  weights (V, n + bias): a bias is one more input that is always 1
    Z  logits (V, N)      P  probabilities (V, N)

Losses are in nats. Arrays that come out are NumPy's, on the CPU.
"""

from core.bias import predictors
from core.cache import open_cache
from core.config import LIMITS, RunConfig, SweepConfig
from core.data import dataset
from core.jamming import transition
from core.limits import LimitsResult, limits
from core.memorizable import Memorizable, most_memorizable
from core.memorization import bit_capacity, capacity, far_tail_bits_per_weight, memorized_bits
from core.optimum import optimum, separable
from core.presets import PRESETS
from core.ranking import over_datasets, rank
from core.result import RunResult
from core.sharpness import Sharpness, edge_of_stability, preconditioned_sharpness, sharpness
from core.sweep import IncompleteSweepError, sweep
from core.tasks import LimitsConfig, LimitsSweep
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim
from core.train import train, train_branches
from core.tuning import judge
from core.verdicts import Optimum, Separability

__all__ = [
    "LIMITS",
    "PRESETS",
    "IncompleteSweepError",
    "LimitsConfig",
    "LimitsResult",
    "LimitsSweep",
    "Memorizable",
    "Optimum",
    "RunConfig",
    "RunResult",
    "Separability",
    "Sharpness",
    "SweepConfig",
    "bit_capacity",
    "capacity",
    "capacity_per_dim",
    "dataset",
    "edge_of_stability",
    "far_tail_bits_per_weight",
    "judge",
    "limits",
    "memorized_bits",
    "most_memorizable",
    "most_memorizable_per_dim",
    "open_cache",
    "optimum",
    "optimum_memorized_per_dim",
    "over_datasets",
    "preconditioned_sharpness",
    "predictors",
    "rank",
    "separable",
    "sharpness",
    "sweep",
    "train",
    "train_branches",
    "transition",
]
