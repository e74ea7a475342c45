"""What several initial weights memorize of the same data: against scikit-learn, enumeration and drawn sets."""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score

from core import RunConfig, RunResult, train
from explorer import frames

RUN = RunConfig(5, 4, 20, learning_rate=0.05, num_steps=60)
SIZES, STARTS = (10, 20, 40), 4


@cache
def results() -> list[RunResult]:
    return train([replace(RUN, num_samples=size, init_seed=start) for size in SIZES for start in range(STARTS)])


@cache
def plain(num_samples: int = 6) -> RunResult:
    [result] = train([replace(RUN, num_samples=num_samples, num_steps=1)])
    return result


def memorizing(sets: list[list[bool]]) -> list[RunResult]:
    """Runs of one data set, which nobody trained: what each start memorizes."""
    of = plain(len(sets[0]))
    return [
        replace(of, config=replace(of.config, init_seed=start), memorized=np.array(memorized))
        for start, memorized in enumerate(sets)
    ]


def sets_at(num_samples: int) -> list[NDArray[np.bool_]]:
    return [result.memorized for result in results() if result.config.num_samples == num_samples]


# --- overlap ----------------------------------------------------------------------------------------------------------


def test_the_overlap_at_each_n_is_that_of_scikit_learn_over_all_pairs() -> None:
    found = frames.overlap_frame(results())
    assert found["num_samples"].tolist() == list(SIZES)
    for row in found.itertuples():
        sets = sets_at(row.num_samples)
        pairs = [jaccard_score(a, b, zero_division=1.0) for a, b in itertools.combinations(sets, 2)]
        assert len(pairs) == 6
        assert (row.mean, row.low, row.high) == pytest.approx((np.mean(pairs), min(pairs), max(pairs)))
        assert row.num_memorized == np.mean([memorized.sum() for memorized in sets])
        assert row.num_starts == STARTS
    assert (found["mean"] < 1).any()  # so few steps have not arrived


def test_the_overlap_by_chance_is_near_that_of_sets_drawn_at_random() -> None:
    random = np.random.Generator(np.random.PCG64(0))
    [row] = frames.overlap_frame([result for result in results() if result.config.num_samples == 40]).itertuples()
    drawn = [
        np.mean(
            [
                jaccard_score(*(random.permutation(each) for each in pair))
                for pair in itertools.combinations(sets_at(40), 2)
            ]
        )
        for _ in range(300)
    ]
    assert row.chance == pytest.approx(np.mean(drawn), abs=0.03)  # a ratio of means for a mean of ratios


def test_an_n_counts_from_two_starts_on_whatever_their_order() -> None:
    of = results()
    assert frames.overlap_frame([]).empty
    assert frames.overlap_frame([of[0], of[4], of[8]]).empty
    assert "mean" in frames.overlap_frame([]).columns  # a chart is drawn of it
    assert frames.overlap_frame([*of[:5], of[8]])["num_samples"].tolist() == [10]
    assert frames.overlap_frame(of[::-1]).equals(frames.overlap_frame(of))


def test_starts_that_diverged_are_left_out() -> None:
    of = [result for result in results() if result.config.num_samples == 20]
    lost = replace(of[3], final_loss=np.full_like(of[3].final_loss, np.nan), memorized=np.zeros(20, bool))
    assert frames.overlap_frame([*of[:3], lost]).equals(frames.overlap_frame(of[:3]))
    assert frames.consensus_frame([*of[:3], lost], 20).equals(frames.consensus_frame(of[:3], 20))
    assert frames.overlap_frame([of[0], lost]).empty


def test_sets_that_are_the_same_overlap_wholly_and_disjoint_ones_not_at_all() -> None:
    same = frames.overlap_frame(memorizing([[True, False, True, False]] * 3)).iloc[0]
    assert (same["mean"], same["low"], same["high"], same["num_memorized"]) == (1, 1, 1, 2)
    assert same["chance"] == pytest.approx(1 / 3)  # 1 of 2 * 2 / 4 in both, 3 in either
    disjoint = frames.overlap_frame(memorizing([[True, False, True, False], [False, True, False, True]])).iloc[0]
    assert (disjoint["mean"], disjoint["high"]) == (0, 0)


# --- consensus --------------------------------------------------------------------------------------------------------

tables = st.integers(1, 8).flatmap(
    lambda samples: st.lists(st.lists(st.booleans(), min_size=samples, max_size=samples), min_size=1, max_size=5)
)


@given(tables)
def test_consensus_counts_samples_by_how_many_starts_memorize_them(sets: list[list[bool]]) -> None:
    found = frames.consensus_frame(memorizing(sets), len(sets[0]))
    starts = len(sets)
    assert found["times"].tolist() == list(range(starts + 1))
    times = [sum(column) for column in zip(*sets, strict=True)]
    assert found["count"].tolist() == [times.count(k) for k in range(starts + 1)]


@given(tables)
def test_consensus_by_chance_is_the_poisson_binomial_of_all_cases(sets: list[list[bool]]) -> None:
    """Every case of which starts memorize a sample, with its probability, enumerated."""
    found = frames.consensus_frame(memorizing(sets), len(sets[0]))
    shares = [sum(each) / len(each) for each in sets]
    expected = [0.0] * (len(sets) + 1)
    for case in itertools.product([False, True], repeat=len(sets)):
        expected[sum(case)] += float(np.prod([p if kept else 1 - p for p, kept in zip(shares, case, strict=True)]))
    np.testing.assert_allclose(found["chance"], np.array(expected) * len(sets[0]), rtol=0, atol=1e-12)
    assert found["chance"].sum() == pytest.approx(found["count"].sum())
    mean = (found["times"] * found["chance"]).sum()
    assert mean == pytest.approx((found["times"] * found["count"]).sum())  # chance keeps how many are memorized


def test_consensus_by_chance_is_what_random_sets_of_these_sizes_give() -> None:
    random = np.random.Generator(np.random.PCG64(0))
    found = frames.consensus_frame(results(), 40)
    sets = np.stack(sets_at(40))
    drawn = np.zeros(STARTS + 1)
    for _ in range(2_000):
        drawn += np.bincount(random.permuted(sets, axis=1).sum(0), minlength=STARTS + 1) / 2_000
    np.testing.assert_allclose(found["chance"], drawn, rtol=0, atol=0.3)  # of 40; four standard errors


def test_of_an_n_that_nobody_trained_there_is_no_consensus() -> None:
    found = frames.consensus_frame(results(), 33)
    assert found.empty
    assert list(found.columns) == ["times", "count", "chance"]
