"""The most that can be memorized against Gardner and Derrida, and its own defining equation."""

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

from core.theory.capacity import capacity_per_dim, tie_probabilities
from core.theory.most import most_memorizable_per_dim

Floats = NDArray[np.float64]
CLASSES = (2, 3, 4, 5, 10, 20, 40, 100, 300, 1000)


@pytest.mark.parametrize("alpha", [2.0001, 2.5, 4.0, 20.0, 500.0])
def test_the_most_of_two_classes_is_the_estimate_of_gardner_and_derrida(alpha: float) -> None:
    def paid(root: float) -> float:
        return scipy.integrate.quad(lambda t: t**2 * scipy.stats.norm.pdf(t), 0, root)[0]

    root = scipy.optimize.brentq(lambda x: alpha * paid(x) - 1, 1e-3, 12, xtol=1e-13)
    assert most_memorizable_per_dim(2, alpha) == pytest.approx(alpha * scipy.stats.norm.cdf(root), rel=1e-8)


@pytest.mark.parametrize("num_classes", CLASSES)
def test_the_most_pays_for_the_nearest(num_classes: int) -> None:
    """With tau found again from the answer, alpha E[d^2; d^2 < tau] = V - 1."""
    ties, alpha = tie_probabilities(num_classes), 2.5 * capacity_per_dim(num_classes)
    m = np.arange(1, ties.size)
    share = most_memorizable_per_dim(num_classes, alpha) / alpha
    tau = scipy.optimize.brentq(lambda x: ties[0] + ties[1:] @ scipy.stats.chi2.cdf(x, m) - share, 0, 400, xtol=1e-12)
    assert alpha * (ties[1:] * m) @ scipy.stats.chi2.cdf(tau, m + 2) == pytest.approx(num_classes - 1, rel=1e-8)
