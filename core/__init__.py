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
from core.memorization import capacity
from core.presets import PRESETS
from core.ranking import over_datasets, rank
from core.result import RunResult
from core.sharpness import Sharpness, edge_of_stability, preconditioned_sharpness, sharpness
from core.sweep import IncompleteSweepError, sweep
from core.train import train, train_branches
from core.tuning import judge

__all__ = [
    "LIMITS",
    "PRESETS",
    "IncompleteSweepError",
    "RunConfig",
    "RunResult",
    "Sharpness",
    "SweepConfig",
    "capacity",
    "dataset",
    "edge_of_stability",
    "judge",
    "open_cache",
    "over_datasets",
    "preconditioned_sharpness",
    "predictors",
    "rank",
    "sharpness",
    "sweep",
    "train",
    "train_branches",
    "transition",
]
