r"""What theory says of N/n -> alpha as n -> infinity, at a fixed number V of classes: Gaussian inputs, random labels.

Three curves over alpha, the samples for each input. A bias is one more input, always 1: alpha = N / (n + bias).

    capacity    up to alpha_c all samples can be memorized; beyond, some cannot
    optimum     how many are memorized where the mean cross-entropy is least, and how much that is
    most        how many the best weights of all memorize

All come from a replica-symmetric argument, or the same from Gordon's comparison of Gaussian processes, at the saddle
point that treats all classes alike. Proved are alpha_c(2) = 2 (Cover 1965) and the optimum for V = 2 (Sur and Candes,
PNAS 116, 2019: logistic regression without a signal). For any V Loureiro et al. (NeurIPS 2021, "Learning Gaussian
mixtures with generalized linear models") prove the optimum's equations with matrices in place of our numbers; that
their solution treats all classes alike is not proved here. What is not proved was checked by linear programs and fits.
"""

from core.theory.capacity import capacity_per_dim, tie_probabilities
from core.theory.most import most_memorizable_per_dim
from core.theory.optimum import OptimumPerDim, optimum_memorized_per_dim, optimum_per_dim

__all__ = [
    "OptimumPerDim",
    "capacity_per_dim",
    "most_memorizable_per_dim",
    "optimum_memorized_per_dim",
    "optimum_per_dim",
    "tie_probabilities",
]
