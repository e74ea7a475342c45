"""The capacity against what is known, cones, and the projection drawn at random."""

import itertools
import math

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import torch
from numpy.typing import NDArray

from core.theory import capacity
from core.theory.capacity import capacity_per_dim, tie_probabilities
from core.theory.most import most_memorizable_per_dim
from core.theory.optimum import distance2, optimum_memorized_per_dim, optimum_per_dim
from tests.core.theory.draw import drawn

Floats = NDArray[np.float64]
CLASSES = (2, 3, 4, 5, 10, 20, 40, 100, 300, 1000)


def test_the_capacities_that_are_known() -> None:
    assert capacity_per_dim(2) == pytest.approx(2, abs=1e-9)  # Cover 1965
    # V = 3: a_1 = 1/2, and of three directions at 120 degrees the angles are exact, w = (1/3, 1/2, 1/6).
    assert capacity_per_dim(3) == pytest.approx(2.4, abs=1e-9)
    np.testing.assert_allclose(tie_probabilities(3), [1 / 3, 1 / 2, 1 / 6], rtol=1e-12)


@pytest.mark.parametrize("num_classes", CLASSES)
def test_the_probabilities_of_ties_are_those_of_a_cone(num_classes: int) -> None:
    ties = tie_probabilities(num_classes)
    assert ties.sum() == pytest.approx(1, abs=1e-11)
    assert ties[0] == pytest.approx(1 / num_classes, rel=1e-11)  # g is in K
    assert ties[::2].sum() == pytest.approx(0.5, abs=1e-11)  # Gauss and Bonnet: as often even as odd
    if num_classes <= 40:  # all others tie: a cone of K's polar, the only term with no other class left
        assert ties.size == num_classes


@pytest.mark.parametrize("size", [2, 3, 5, 8])
def test_all_above_the_mean_is_an_orthant_of_a_normal_law(size: int) -> None:
    covariance = np.eye(size) - 1 / (size + 1)  # of -(g_k - mean)
    orthant = scipy.stats.multivariate_normal(cov=covariance, seed=0, abseps=1e-7).cdf(np.zeros(size))
    assert math.exp(capacity._log_all_above_mean()[size]) == pytest.approx(orthant, rel=2e-3)


@pytest.mark.parametrize("num_classes", [3, 10, 40])
def test_the_projection_drawn_at_random_agrees(num_classes: int) -> None:
    found = distance2(torch.from_numpy(drawn(num_classes, 100_000))).numpy()
    ties = tie_probabilities(num_classes)
    m = np.arange(ties.size)
    for values, mean in [
        (found, (num_classes - 1) / capacity_per_dim(num_classes)),
        (found**2, ties @ (m * (m + 2))),
        *((found < tau, ties[0] + ties[1:] @ scipy.stats.chi2.cdf(tau, m[1:])) for tau in (0.1, 1, 3, 10)),
        *((found * (found < tau), (ties * m) @ scipy.stats.chi2.cdf(tau, m + 2)) for tau in (0.1, 1, 3, 10)),
    ]:
        assert abs(values.mean() - mean) < 4 * values.std() / math.sqrt(values.size)


def test_the_distance_is_that_of_the_nearest_point() -> None:
    g = drawn(6, 20)
    for i, found in enumerate(distance2(torch.from_numpy(g)).tolist()):

        def gap(t: float, one: Floats = g[:, i]) -> float:
            return t - one[0] - np.maximum(one[1:] - t, 0).sum()

        t = max(scipy.optimize.brentq(gap, -9, 9, xtol=1e-14), g[0, i])
        assert found == pytest.approx((t - g[0, i]) ** 2 + (np.maximum(g[1:, i] - t, 0) ** 2).sum(), abs=1e-12)


def test_capacity_grows_with_classes_but_less_than_they() -> None:
    found = [capacity_per_dim(v) for v in range(2, 200)] + [capacity_per_dim(v) for v in range(200, 1001, 50)]
    assert all(before < after for before, after in itertools.pairwise(found))
    assert all(capacity_per_dim(v) <= v for v in CLASSES)


CURVES = pytest.mark.parametrize("curve", [optimum_memorized_per_dim, most_memorizable_per_dim])


@CURVES
def test_a_number_gives_a_number_and_an_array_one_of_its_shape(curve) -> None:  # type: ignore[no-untyped-def]
    alpha = np.array([[1.0, 3.0, 9.0], [2.0, 4.0, 900.0]])
    found = curve(3, alpha)
    assert (found.dtype, found.shape) == (np.float64, (2, 3))
    for one, among in zip(alpha.ravel(), found.ravel(), strict=True):
        alone = curve(3, float(one))
        assert type(alone) is float
        assert alone == pytest.approx(among, rel=1e-14)
    assert curve(3, np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("num_classes", [0, 1, 1001, 2.5, "3", None, True])
def test_classes_that_there_are_not_are_told(num_classes) -> None:  # type: ignore[no-untyped-def]
    for asked in (
        capacity_per_dim,
        lambda v: optimum_per_dim(v, 3.0),
        lambda v: optimum_memorized_per_dim(v, 3.0),
        lambda v: most_memorizable_per_dim(v, 3.0),
    ):
        with pytest.raises(ValueError, match=r"^num_classes must be a whole number from 2 to 1,000, but it is "):
            asked(num_classes)


@CURVES
@pytest.mark.parametrize("alpha", [0.0, -1.0, math.nan, math.inf, np.array([1.0, 0.0])])
def test_samples_that_there_are_not_are_told(curve, alpha) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"^samples_per_dim must be above 0 and finite, but it is "):
        curve(3, alpha)
