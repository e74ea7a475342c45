"""Predictors over data sets, against scikit-learn, scipy and the core's own intervals."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from core import RunConfig, RunResult, predictors, train
from core.bias import PREDICTORS
from core.intervals import bootstrap_interval
from core.ranking import Ranking
from explorer import frames
from explorer.jobs import Row
from explorer.statistics import STATISTICS
from tests.explorer.frames.rows import row

RUN = RunConfig(6, 4, 60, learning_rate=0.05, num_steps=150, watch_samples=True)


@cache
def results(num_datasets: int = 4) -> list[RunResult]:
    return train([replace(RUN, data_seed=seed, init_seed=seed) for seed in range(num_datasets)])


def rows(num_datasets: int = 4) -> list[Row]:
    return [frames.summarize(result) for result in results(num_datasets)]


def ranked(seed: int, num_memorized: int, **aurocs: float) -> Row:
    """A data set whose predictors rank as named, all others like a coin."""
    rankings = {name: Ranking(aurocs.get(name, 0.5), 0.04, -aurocs.get(name, 0.5)) for name in PREDICTORS}
    return row(6, 60, seed, num_memorized, rankings=rankings)


NOTHING_TO_TELL = row(6, 60, 9, 60, rankings=None)


def test_the_mean_and_interval_of_each_predictor_are_those_over_the_data_sets() -> None:
    found = frames.rankings_frame(rows()).set_index("statistic")
    assert set(found.index) == set(PREDICTORS)
    for name in PREDICTORS:
        known = [predictors(result.config)[name] for result in results()]
        aurocs = [roc_auc_score(result.memorized, values) for result, values in zip(results(), known, strict=True)]
        rhos = [spearmanr(values, result.final_loss).statistic for result, values in zip(results(), known, strict=True)]
        own = found.loc[name]
        assert own["name"] == STATISTICS[name].name
        assert own["num_datasets"] == 4
        assert own["auroc"] == pytest.approx(np.mean(aurocs), abs=1e-12)
        assert own["spearman"] == pytest.approx(np.mean(rhos), abs=1e-12)
        interval = bootstrap_interval(aurocs)
        assert (own["low"], own["high"]) == pytest.approx((interval.low, interval.high), abs=1e-9)
        assert own["low"] <= own["auroc"] <= own["high"]
        assert (own["null_low"] + own["null_high"]) / 2 == pytest.approx(0.5)


def test_the_null_is_where_shuffled_memorized_sets_lie() -> None:
    """The mean over data sets of 4,000 shuffles: 95 % lie within, give or take four standard errors of 0.35 %."""
    random = np.random.Generator(np.random.PCG64(0))
    found = frames.rankings_frame(rows()).set_index("statistic").loc["least_squares_margin"]
    means = np.zeros(4_000)
    for result in results():
        values, memorized = predictors(result.config)["least_squares_margin"], result.memorized
        ranks = values.argsort().argsort() + 1.0
        positive, negative = memorized.sum(), (~memorized).sum()
        for i in range(len(means)):
            sums = ranks[random.permutation(memorized)].sum()
            means[i] += (sums - positive * (positive + 1) / 2) / (positive * negative) / len(results())
    within = np.mean((found["null_low"] <= means) & (means <= found["null_high"]))
    assert within == pytest.approx(0.95, abs=0.014)


def test_the_best_is_first_and_the_order_of_the_data_sets_does_not_matter() -> None:
    found = frames.rankings_frame(rows())
    assert found["auroc"].is_monotonic_decreasing
    assert found["statistic"].iloc[0] in ("least_squares_margin", "alignment_margin", "alignment")
    again = frames.rankings_frame(rows()[::-1])
    assert again["statistic"].tolist() == found["statistic"].tolist()
    np.testing.assert_allclose(again["auroc"], found["auroc"], rtol=0, atol=1e-12)


def test_one_data_set_has_no_interval_but_a_null() -> None:
    [found] = [frames.rankings_frame([ranked(0, 20, alignment=0.9)])]
    best = found.iloc[0]
    assert (best["statistic"], best["auroc"], best["num_datasets"]) == ("alignment", 0.9, 1)
    assert found[["low", "high"]].isna().all(axis=None)
    assert best["null_low"] == pytest.approx(0.5 - 1.96 * 0.04, abs=1e-4)
    assert best["null_high"] == pytest.approx(0.5 + 1.96 * 0.04, abs=1e-4)


def test_data_sets_of_which_all_or_none_are_memorized_do_not_count() -> None:
    told = [ranked(0, 20, alignment=0.8), ranked(1, 25, alignment=0.9)]
    with_others = frames.rankings_frame([told[0], NOTHING_TO_TELL, told[1], NOTHING_TO_TELL])
    assert with_others.equals(frames.rankings_frame(told))
    assert with_others["num_datasets"].tolist() == [2] * 6


@pytest.mark.parametrize("of", [[], [NOTHING_TO_TELL], [NOTHING_TO_TELL] * 3], ids=len)
def test_where_there_is_nothing_to_tell_the_tables_are_empty(of: list[Row]) -> None:
    for found in (frames.rankings_frame(of), frames.datasets_frame(of)):
        assert found.empty
        assert {"statistic", "name", "auroc"} <= set(found.columns)


def test_each_data_set_has_a_row_for_each_predictor() -> None:
    found = frames.datasets_frame([*rows(), NOTHING_TO_TELL])
    assert len(found) == 4 * 6
    assert set(found["seed"]) == {0, 1, 2, 3}
    for result in results():
        own = found[found["seed"] == result.config.data_seed].set_index("statistic")
        assert set(own["num_memorized"]) == {result.num_memorized}
        for name, values in predictors(result.config).items():
            assert own.loc[name, "auroc"] == pytest.approx(roc_auc_score(result.memorized, values), abs=1e-12)
            assert own.loc[name, "name"] == STATISTICS[name].name
