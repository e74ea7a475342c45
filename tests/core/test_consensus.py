"""Overlap of memorized sets: against scikit-learn, against sets drawn at random, and of layers started elsewhere."""

import functools
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score

from core import RunConfig, RunResult, predictors, train
from core.consensus import chance_jaccard, jaccard, pairwise_jaccard

tables = st.integers(1, 30).flatmap(
    lambda samples: st.lists(st.lists(st.booleans(), min_size=samples, max_size=samples), min_size=2, max_size=6)
)


# --- the overlap ------------------------------------------------------------------------------------------------------


@given(tables)
def test_the_overlap_is_that_of_scikit_learn_for_every_pair(rows: list[list[bool]]) -> None:
    memorized = np.array(rows)
    found = [jaccard(a, b) for a, b in itertools.combinations(memorized, 2)]
    scikits = [jaccard_score(a, b, zero_division=1.0) for a, b in itertools.combinations(memorized, 2)]
    np.testing.assert_allclose(found, scikits, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(pairwise_jaccard(memorized), found)
    for a, b in itertools.combinations(memorized, 2):
        assert jaccard(a, b) == jaccard(b, a)
        assert (jaccard(a, b) == 1) == np.array_equal(a, b)
        both, either = set(np.flatnonzero(a)) & set(np.flatnonzero(b)), set(np.flatnonzero(a)) | set(np.flatnonzero(b))
        assert jaccard(a, b) * len(either) == pytest.approx(len(both)) or not either


def test_empty_sets_are_the_same_set_and_share_nothing_with_others() -> None:
    nobody, somebody = np.zeros(4, bool), np.array([True, False, False, True])
    assert jaccard(nobody, nobody) == 1
    assert jaccard(nobody, somebody) == 0
    assert pairwise_jaccard(np.stack([nobody, nobody, somebody])).mean() == pytest.approx(1 / 3)
    assert chance_jaccard(np.stack([nobody, nobody, somebody])) == pytest.approx(1 / 3)
    assert pairwise_jaccard(np.ones((3, 4), bool)).mean() == chance_jaccard(np.ones((3, 4), bool)) == 1


@pytest.mark.parametrize("shape", [(1, 5), (0, 5), (5,), (2, 3, 4)], ids=str)
def test_fewer_than_two_sets_do_not_overlap(shape: tuple[int, ...]) -> None:
    sentence = f"expected at least two sets of samples, (K, N), but came shape {shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        pairwise_jaccard(np.zeros(shape, bool))


# --- by chance --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("num_samples", "sizes"), [(400, (147, 150, 140)), (100, (40, 60)), (60, (10, 30, 58, 60))])
def test_by_chance_sets_overlap_about_as_much_as_sets_drawn_at_random(num_samples: int, sizes: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    members = np.arange(num_samples) < np.array(sizes)[:, None]
    found = [pairwise_jaccard(random.permuted(members, axis=1)).mean() for _ in range(3_000)]
    # It is a ratio of means, and the mean of the ratio is off by about the squared spread of the overlap, of the order
    # of 1 / N: half of it is allowed here. The simulation adds its own error, four times.
    error = 4 * np.std(found) / len(found) ** 0.5
    assert chance_jaccard(members) == pytest.approx(np.mean(found), abs=0.5 / num_samples + error)


@given(tables)
def test_what_is_there_by_chance_depends_on_the_sizes_alone(rows: list[list[bool]]) -> None:
    memorized = np.array(rows)
    shuffled = np.random.default_rng(0).permuted(memorized, axis=1)
    assert chance_jaccard(shuffled) == chance_jaccard(memorized)
    assert 0 <= chance_jaccard(memorized) <= 1


# --- layers that started elsewhere ------------------------------------------------------------------------------------

STARTS = range(5)
# Far past capacity, 10 samples for each input, and a cosine to the optimum: the loss is convex and has one.
PAST = RunConfig(10, 5, 100, learning_rate=0.05, num_steps=2_000, schedule="cosine")


@functools.cache
def from_each_start(data_seed: int) -> list[RunResult]:
    return train([replace(PAST, data_seed=data_seed, init_seed=start) for start in STARTS])


def sets(results: list[RunResult]) -> NDArray[np.bool_]:
    return np.array([result.memorized for result in results])


@pytest.mark.parametrize("data_seed", range(4))
def test_past_capacity_it_does_not_matter_where_training_starts(data_seed: int) -> None:
    results = from_each_start(data_seed)
    memorized = sets(results)
    assert 20 < memorized[0].sum() < 80  # neither none nor all
    # No sample is near enough to the edge for that: the weights agree far better than margins are small.
    margin = min(float(np.abs(result.margin).min()) for result in results)
    centred = [result.weights - result.weights.mean(0) for result in results]  # a shift of all classes is free
    assert max(float(np.abs(one - centred[0]).max()) for one in centred) < 0.1 * margin
    assert pairwise_jaccard(memorized).mean() == 1
    assert chance_jaccard(memorized) < 0.5
    # They did start elsewhere.
    losses = [predictors(result.config)["initial_loss"] for result in results]
    assert min(float(np.abs(a - b).max()) for a, b in itertools.combinations(losses, 2)) > 0.1


def test_other_data_are_memorized_in_other_places() -> None:
    """Samples of one number have nothing in common: sets overlap as sets drawn at random do."""
    memorized = sets(train([replace(PAST, data_seed=seed) for seed in range(8)]))
    random = np.random.default_rng(0)
    by_chance = [pairwise_jaccard(random.permuted(memorized, axis=1)).mean() for _ in range(500)]
    assert pairwise_jaccard(memorized).mean() == pytest.approx(np.mean(by_chance), abs=4 * np.std(by_chance))
    assert chance_jaccard(memorized) == pytest.approx(np.mean(by_chance), abs=0.5 / PAST.num_samples + 4 * 0.001)
    assert pairwise_jaccard(memorized).mean() < 0.4


def test_below_capacity_the_same_everything_is_memorized() -> None:
    results = train([replace(PAST, num_samples=20, init_seed=start) for start in STARTS])
    assert pairwise_jaccard(sets(results)).mean() == chance_jaccard(sets(results)) == 1
