"""AUROC and rank correlation against scikit-learn and scipy, their null law against every permutation there is."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from core import RunConfig, over_datasets, predictors, rank, train
from core.bias import PREDICTORS
from core.intervals import bootstrap_interval
from core.ranking import NORMAL_975, Ranking, auroc, average_ranks, null_sd, spearman

values = st.floats(-1e9, 1e9) | st.integers(-2, 2).map(float)  # of the latter many are equal
pairs = st.lists(st.tuples(values, st.booleans()), min_size=2, max_size=40)
doubles = st.lists(st.tuples(values, values), min_size=2, max_size=40)


def parted(of: list[tuple[float, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores, and who is positive: some, and not all."""
    scores, positive = np.array([score for score, _ in of]), np.array([is_positive for _, is_positive in of])
    assume(0 < positive.sum() < len(positive))
    return scores, positive


# --- AUROC ------------------------------------------------------------------------------------------------------------


@given(pairs)
def test_auroc_is_that_of_scikit_learn(of: list[tuple[float, bool]]) -> None:
    scores, positive = parted(of)
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), rel=0, abs=1e-14)


@given(pairs)
def test_auroc_is_the_share_of_pairs_in_order(of: list[tuple[float, bool]]) -> None:
    scores, positive = parted(of)
    won = [(p > n) + (p == n) / 2 for p in scores[positive] for n in scores[~positive]]
    assert auroc(scores, positive) == pytest.approx(np.mean(won), rel=0, abs=1e-14)


@given(pairs)
def test_what_keeps_the_order_keeps_auroc_and_what_turns_it_gives_the_rest(of: list[tuple[float, bool]]) -> None:
    scores, positive = parted(of)
    found = auroc(scores, positive)
    _, places = np.unique(scores, return_inverse=True)
    assert auroc(np.exp(places / 7.0), positive) == found  # a growing function of the score
    assert auroc(-scores, positive) == pytest.approx(1 - found, rel=0, abs=1e-14)
    assert auroc(scores, ~positive) == pytest.approx(1 - found, rel=0, abs=1e-14)
    assert null_sd(-scores, positive) == pytest.approx(null_sd(scores, positive), rel=1e-12)


def test_auroc_of_a_perfect_statistic_a_constant_one_and_none_at_all() -> None:
    positive = np.array([True, False, True, False, False])
    assert auroc(positive.astype(float), positive) == 1
    assert auroc([3.0] * 5, positive) == 0.5
    assert null_sd([3.0] * 5, positive) == 0
    assert auroc([1, 2, 3, 4, 5], positive) == pytest.approx(1 / 6)  # in order: 0 and 1 of 3 pairs
    for nobody in (np.zeros(5, bool), np.ones(5, bool)):
        assert math.isnan(auroc(range(5), nobody))
        assert math.isnan(null_sd(range(5), nobody))


# --- its law under chance ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [
        [1, 2, 3, 4, 5],
        [1, 1, 2, 3, 3, 3, 9],
        [0, 0, 0, 1],
        [5, 5, 5, 5, 5, 1],
        [2.5, 2.5],
        [1, 2],
        [0, 0, 1, 1, 2, 2, 3],
    ],
    ids=str,
)
def test_its_null_law_is_that_of_all_permutations(scores: list[float]) -> None:
    for num_positive in range(1, len(scores)):
        found = []
        for chosen in itertools.combinations(range(len(scores)), num_positive):
            positive = np.isin(np.arange(len(scores)), chosen)
            found.append(auroc(scores, positive))
            assert null_sd(scores, positive) == null_sd(scores, np.arange(len(scores)) < num_positive)  # of sizes only
        assert np.mean(found) == pytest.approx(0.5, rel=0, abs=1e-14)
        assert null_sd(scores, positive) == pytest.approx(np.std(found), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("ties", [False, True])
def test_its_null_law_is_that_of_many_random_permutations(ties: bool) -> None:
    random = np.random.default_rng(0)
    scores = random.integers(10, size=200) if ties else random.standard_normal(200)
    positive = np.arange(200) < 63
    found = [auroc(scores, random.permutation(positive)) for _ in range(4_000)]
    # The standard deviation of 4,000 values from nearly a normal law is known to 1 / sqrt(8,000) = 1.1 %, four times:
    assert np.std(found) == pytest.approx(null_sd(scores, positive), rel=0.045)
    assert np.mean(found) == pytest.approx(0.5, abs=4 * null_sd(scores, positive) / 4_000**0.5)


def test_without_ties_it_is_the_formula_of_mann_and_whitney() -> None:
    positive = np.arange(400) < 147
    assert null_sd(np.arange(400.0), positive) == pytest.approx(math.sqrt(401 / (12 * 147 * 253)), rel=1e-12)


# --- rank correlation -------------------------------------------------------------------------------------------------


@given(doubles)
def test_spearman_is_that_of_scipy(of: list[tuple[float, float]]) -> None:
    a, b = np.array(of).T
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert math.isnan(spearman(a, b))
    else:
        assert spearman(a, b) == pytest.approx(scipy.stats.spearmanr(a, b).statistic, rel=0, abs=1e-12)
        assert spearman(b, a) == pytest.approx(spearman(a, b), rel=0, abs=1e-14)
        assert spearman(-a, b) == pytest.approx(-spearman(a, b), rel=0, abs=1e-12)
        assert spearman(a, a) == pytest.approx(1, rel=0, abs=1e-14)


@given(st.lists(st.floats(allow_nan=False) | st.integers(-2, 2).map(float), min_size=1, max_size=60))
def test_ranks_are_those_of_scipy(of: list[float]) -> None:
    np.testing.assert_array_equal(average_ranks(of), scipy.stats.rankdata(of, "average"))


def test_what_is_no_number_ranks_last() -> None:
    """The loss of a diverged run."""
    assert average_ranks([math.nan, 1, math.inf, math.nan, -math.inf]).tolist() == [4.5, 2, 3, 4.5, 1]


# --- over data sets ---------------------------------------------------------------------------------------------------


def test_over_data_sets_it_is_the_mean_of_each_and_the_interval_of_the_bootstrap() -> None:
    random = np.random.default_rng(0)
    rankings = [Ranking(*row) for row in random.uniform(0, 1, (9, 3))]
    found = over_datasets(rankings)
    assert found.auroc == bootstrap_interval([ranking.auroc for ranking in rankings])
    assert found.spearman == bootstrap_interval([ranking.spearman for ranking in rankings])
    assert found.auroc.mean == pytest.approx(np.mean([ranking.auroc for ranking in rankings]))


def test_where_the_mean_auroc_lies_by_chance_is_where_it_lies_in_a_simulation() -> None:
    """Data sets of unlike sizes, one with many ties; in each, who is memorized is drawn again and again."""
    random = np.random.default_rng(0)
    data_sets = [
        (random.standard_normal(size) if size != 60 else random.integers(4, size=size), np.arange(size) < positive)
        for size, positive in [(30, 10), (60, 20), (100, 90), (45, 5)]
    ]
    found = over_datasets([Ranking(0.0, null_sd(*data_set), 0.0) for data_set in data_sets])
    means = np.array(
        [np.mean([auroc(scores, random.permutation(positive)) for scores, positive in data_sets]) for _ in range(4_000)]
    )
    assert found.null_low + found.null_high == pytest.approx(1, abs=1e-14)
    assert means.std() == pytest.approx((found.null_high - 0.5) / NORMAL_975, rel=0.045)  # four times 1.1 %, as above
    inside = np.mean((found.null_low <= means) & (means <= found.null_high))
    # Four standard deviations of a share of 4,000, and half a per cent because the law is not quite normal.
    assert inside == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4_000) + 0.005)


def test_without_a_data_set_it_says_what_it_expected() -> None:
    with pytest.raises(ValueError, match=r"^expected the ranking of at least one data set, but came none$"):
        over_datasets([])


# --- a run ------------------------------------------------------------------------------------------------------------


def test_a_run_is_ranked_by_what_it_memorized_and_its_final_loss() -> None:
    [result] = train([RunConfig(10, 10, 100)])
    found = rank(result)
    assert found is not None
    assert tuple(found) == PREDICTORS
    for name, of_each in predictors(result.config).items():
        ranking = found[name]
        assert ranking.auroc == pytest.approx(roc_auc_score(result.memorized, of_each), abs=1e-14)
        assert ranking.null_sd == null_sd(of_each, result.memorized)
        correlation = scipy.stats.spearmanr(of_each, result.final_loss).statistic
        assert ranking.spearman == pytest.approx(correlation, abs=1e-12)
        assert 0 < ranking.null_sd < 0.1


def test_a_run_that_memorized_all_or_none_ranks_nothing() -> None:
    [result] = train([RunConfig(10, 10, 12)])
    assert result.num_memorized == 12
    assert rank(result) is None
    assert rank(dataclasses.replace(result, memorized=np.zeros(12, bool))) is None
    assert rank(dataclasses.replace(result, memorized=np.arange(12) == 3)) is not None


def test_by_chance_no_ranking_is_below_0_or_above_1() -> None:
    """With one memorized sample of three the normal approximation alone would reach from -0.3 to 1.3."""
    values, memorized = np.arange(3.0), np.array([True, False, False])
    found = over_datasets([Ranking(0.5, null_sd(values, memorized), 0.0)])
    assert (found.null_low, found.null_high) == (0.0, 1.0)


def test_a_data_set_in_which_a_statistic_is_constant_says_nothing_of_its_correlation() -> None:
    known = [Ranking(0.5, 0.1, correlation) for correlation in (0.2, 0.4)]
    unknown = Ranking(0.5, 0.0, math.nan)
    assert over_datasets([known[0], unknown, known[1]]).spearman == bootstrap_interval([0.2, 0.4])
    assert over_datasets([unknown]).spearman is None
