"""Training against autograd and PyTorch's optimizers, one run at a time: see `oracle.py`."""

import functools
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core import RunConfig, RunResult, train
from core.data import initial_weights
from core.train import checkpoint_steps
from tests.core.oracle import Reference, largest_error, reference

FIRST = RunConfig(10, 10, 20, num_steps=300, dtype="float64")
# All of them are trained together, in shapes and recipes as mixed as they come.
RUNS = {
    "memorizes all": replace(FIRST, learning_rate=0.05),
    "near capacity": replace(FIRST, num_samples=40),
    "past capacity": replace(FIRST, num_samples=200),
    "past capacity, large rate": replace(FIRST, num_samples=200, learning_rate=0.1),
    "wide": replace(FIRST, input_dim=40, num_samples=176),
    "no bias": replace(FIRST, num_samples=60, bias=False),
    "nested": replace(FIRST, num_samples=60, nested_data=True),
    "nested, no bias": replace(FIRST, num_samples=33, nested_data=True, bias=False),
    "other data": replace(FIRST, num_samples=60, data_seed=7),
    "other start": replace(FIRST, num_samples=60, init_seed=7),
    "gradient descent": replace(FIRST, num_samples=60, optimizer="gd", learning_rate=0.5),
    "gradient descent below capacity": replace(FIRST, optimizer="gd", learning_rate=2.0),
    "momentum": replace(FIRST, num_samples=60, optimizer="gd", learning_rate=0.1, momentum=0.9),
    "momentum, no bias": replace(FIRST, num_samples=60, optimizer="gd", learning_rate=0.1, momentum=0.5, bias=False),
    "two classes": replace(FIRST, num_classes=2, num_samples=30),
    "two classes, gradient descent": replace(FIRST, num_classes=2, num_samples=30, optimizer="gd"),
    "many classes": replace(FIRST, num_classes=300, num_samples=50),
    "one sample": replace(FIRST, num_samples=1),
    "one input": replace(FIRST, input_dim=1, num_samples=30),
    "one input, no bias": replace(FIRST, input_dim=1, num_samples=5, bias=False),
    "smallest": RunConfig(1, 2, 1, bias=False, num_steps=300, dtype="float64"),
    "one step": replace(FIRST, num_samples=60, num_steps=1),
    "cosine": replace(FIRST, num_samples=60, schedule="cosine", learning_rate=0.05),
    "cosine, momentum": replace(FIRST, num_samples=60, schedule="cosine", optimizer="gd", momentum=0.9),
    "warmup, stable, decay": replace(FIRST, num_samples=60, schedule="wsd", learning_rate=0.05),
    "warmup, stable, decay, gradient descent": replace(FIRST, schedule="wsd", optimizer="gd", learning_rate=0.5),
    "long warmup": replace(FIRST, num_samples=60, schedule="wsd", num_steps=1_500),
}
every_run = pytest.mark.parametrize("name", RUNS)


@functools.cache
def trained(dtype: str) -> dict[str, RunResult]:
    return dict(zip(RUNS, train([replace(run, dtype=dtype) for run in RUNS.values()]), strict=True))


@functools.cache
def expected(name: str, dtype: str) -> Reference:
    return reference(replace(RUNS[name], dtype=dtype))


@every_run
def test_weights_are_those_of_autograd_and_torch_optim(name: str) -> None:
    assert largest_error(trained("float64")[name].weights, expected(name, "float64").weights) < 1e-9


@every_run
def test_second_moments_are_those_of_torch_optim(name: str) -> None:
    result, truth = trained("float64")[name], expected(name, "float64")
    if result.config.optimizer == "adam":
        assert largest_error(result.second_moment, truth.second_moment) < 1e-9
    else:
        np.testing.assert_array_equal(result.second_moment, np.zeros_like(result.weights))


@every_run
def test_each_sample_is_learned_and_forgotten_when_it_should(name: str) -> None:
    result, truth = trained("float64")[name], expected(name, "float64")
    np.testing.assert_array_equal(result.memorized, truth.memorized[-1])
    assert result.num_memorized == truth.memorized[-1].sum()
    np.testing.assert_array_equal(result.first_step, truth.first_step)
    np.testing.assert_array_equal(result.forgetting_events, truth.forgetting_events)


@every_run
def test_losses_and_margins_are_those_of_the_samples(name: str) -> None:
    result, truth = trained("float64")[name], expected(name, "float64")
    # 1e-9 as the weights have it; absolute, because the oracle's own -log softmax rounds so.
    np.testing.assert_allclose(result.initial_loss, truth.loss[0], rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(result.final_loss, truth.loss[-1], rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(result.margin, truth.margin, rtol=0, atol=1e-9 * np.abs(truth.margin).max())
    assert result.mean_loss == pytest.approx(truth.loss[-1].mean(), rel=1e-9)
    assert not result.diverged


@every_run
def test_checkpoints_show_the_run_as_it_was_at_these_steps(name: str) -> None:
    result, truth = trained("float64")[name], expected(name, "float64")
    np.testing.assert_allclose(result.loss_at, truth.loss[result.checkpoint_steps].mean(1), rtol=1e-9)
    np.testing.assert_array_equal(result.num_memorized_at, truth.memorized[result.checkpoint_steps].sum(1))


# --- watched runs -----------------------------------------------------------------------------------------------------


@functools.cache
def watched(dtype: str) -> dict[str, RunResult]:
    return dict(zip(RUNS, train([replace(run, dtype=dtype, watch_samples=True) for run in RUNS.values()]), strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_run
def test_a_watched_run_is_the_same_run_bit_for_bit(name: str, dtype: str) -> None:
    plain, result = trained(dtype)[name], watched(dtype)[name]
    of_samples = ("memorized", "initial_loss", "final_loss", "margin", "first_step", "forgetting_events")
    for field in (*of_samples, "weights", "second_moment"):
        assert getattr(result, field).tobytes() == getattr(plain, field).tobytes(), field
    common, here, there = np.intersect1d(result.checkpoint_steps, plain.checkpoint_steps, return_indices=True)
    assert {0, 1, plain.config.num_steps} <= set(common)
    for field in ("loss_at", "num_memorized_at"):
        np.testing.assert_array_equal(getattr(result, field)[here], getattr(plain, field)[there], strict=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_run
def test_only_a_watched_run_tells_of_its_samples_along_training(name: str, dtype: str) -> None:
    plain, result = trained(dtype)[name], watched(dtype)[name]
    shape, samples = plain.weights.shape, plain.config.num_samples
    for field, at_rest, seen in [
        ("weights_at", (0, *shape), (len(result.checkpoint_steps), *shape)),
        ("confidence", (0,), (samples,)),
        ("variability", (0,), (samples,)),
        ("last_forgotten", (0,), (samples,)),
    ]:
        kind = np.int32 if field == "last_forgotten" else dtype
        for array, expected_shape in [(getattr(plain, field), at_rest), (getattr(result, field), seen)]:
            assert (array.dtype, array.shape) == (kind, expected_shape), field


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_run
def test_the_film_begins_with_the_first_weights_and_ends_with_the_last(name: str, dtype: str) -> None:
    result = watched(dtype)[name]
    np.testing.assert_array_equal(result.weights_at[0], initial_weights(result.config), strict=True)
    np.testing.assert_array_equal(result.weights_at[-1], result.weights, strict=True)
    assert all((before != after).any() for before, after in pairwise(result.weights_at))


@every_run
def test_confidence_variability_and_last_forgotten_are_those_of_a_loop_over_all_steps(name: str) -> None:
    result, truth = watched("float64")[name], expected(name, "float64")
    probability = np.exp(-truth.loss)  # (S, N)
    # Measured: 2e-15; logits of a few tens, from weights that agree to 1e-13 or so, and a mean of 300 numbers.
    np.testing.assert_allclose(result.confidence, probability.mean(0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.variability, probability.std(0), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(result.last_forgotten, truth.last_forgotten)


@every_run
def test_in_float32_confidence_and_variability_stay_near(name: str) -> None:
    result, truth = watched("float32")[name], expected(name, "float32")
    probability = np.exp(-truth.loss)
    # A running mean of 301 numbers of up to 1 may err by 301 * 2^-26 = 4.5e-6 (see test_history.py), and the weights
    # by some 1e-6 of the largest. Measured: 1.1e-6 and 3e-7.
    np.testing.assert_allclose(result.confidence, probability.mean(0), rtol=0, atol=1e-5)
    np.testing.assert_allclose(result.variability, probability.std(0), rtol=0, atol=1e-5)
    # Which samples are forgotten when may be a matter of rounding; but not that these three agree.
    never = result.forgetting_events == 0
    np.testing.assert_array_equal(result.last_forgotten == -1, never)
    assert (result.last_forgotten >= result.first_step + result.forgetting_events)[~never].all()
    assert (result.last_forgotten <= result.config.num_steps).all()


# --- float32 ----------------------------------------------------------------------------------------------------------


@every_run
def test_float32_stays_near_float64(name: str) -> None:
    result, truth = trained("float32")[name], expected(name, "float32")
    # 300 steps of rounding by 6e-8; measured: 2.3e-6. Margins are sums of a few products of these weights.
    assert largest_error(result.weights, truth.weights) < 2e-5
    assert np.abs(truth.margin).min() > 1e-3 * np.abs(truth.margin).max()  # no sample is a matter of rounding
    np.testing.assert_array_equal(result.memorized, truth.memorized[-1])
    assert result.weights.dtype == result.second_moment.dtype == result.final_loss.dtype == np.float32


@pytest.mark.parametrize(("input_dim", "num_samples"), [(40, 200), (10, 60)])
def test_rounding_does_not_grow_past_the_edge_of_stability(input_dim: int, num_samples: int) -> None:
    """Long past capacity, Adam swings with a phase that rounding decides (float64 is no better): it must stay small."""
    run = RunConfig(input_dim, 10, num_samples, data_seed=2, init_seed=2)
    [result], truth = train([run]), reference(run)
    assert largest_error(result.weights, truth.weights) < 2e-4  # measured: 8e-5
    assert np.abs(truth.margin).min() > 1e-3 * np.abs(truth.margin).max()
    np.testing.assert_array_equal(result.memorized, truth.memorized[-1])


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("num_steps", [1, 2, 3, 10, 2_000, 100_000])
def test_checkpoints_run_from_the_first_weights_to_the_last_without_a_hole(num_steps: int, watched: bool) -> None:
    steps = checkpoint_steps(replace(FIRST, num_steps=num_steps, watch_samples=watched))
    assert steps[0] == 0
    assert steps[-1] == num_steps
    assert (np.diff(steps) > 0).all()
    # Evenly spaced on a logarithmic axis: each at most so much larger than the one before, both being rounded.
    factor = 1.16 if watched else 1.5  # 10^(1/16), 10^(1/6), and a little more where the last is not a power of ten
    assert (steps[2:] - 0.5 <= factor * (steps[1:-1] + 0.5)).all()
    assert len(steps) < (85 if watched else 50)


@pytest.mark.parametrize("num_steps", [10, 100, 2_000, 100_000])
def test_watched_checkpoints_lie_closer(num_steps: int) -> None:
    plain, watched = (checkpoint_steps(replace(FIRST, num_steps=num_steps, watch_samples=w)) for w in (False, True))
    between = np.searchsorted(watched, plain[1:]) - np.searchsorted(watched, plain[:-1])
    late = plain[1:] >= 30  # before, there are no more whole numbers
    assert (between[late] >= 2).all()
    assert len(watched) >= len(plain)


def test_results_come_in_the_order_asked_for_and_once_for_each_request() -> None:
    runs = [replace(FIRST, num_steps=2, num_samples=n, learning_rate=r) for n, r in [(9, 0.1), (2, 0.2), (9, 0.1)]]
    assert [result.config for result in train(runs)] == runs
    assert train([]) == []


# --- learning rates that are far too large ----------------------------------------------------------------------------

WILD = [
    RunConfig(10, 10, 60, learning_rate=1e3, num_steps=300, **recipe)
    for recipe in ({"optimizer": "gd"}, {"optimizer": "gd", "momentum": 0.999}, {"optimizer": "adam"})
]


@pytest.mark.parametrize("run", WILD, ids=lambda run: f"{run.optimizer} {run.momentum:g}")
def test_a_wild_learning_rate_gives_a_result_like_any_other(run: RunConfig) -> None:
    alone, neighbour = train([run])[0], replace(run, num_samples=1)
    assert alone.diverged == (not np.isfinite(alone.final_loss).all())
    np.testing.assert_array_equal(alone.memorized, alone.margin > 0)
    result = train([run, neighbour])[1]
    np.testing.assert_array_equal(result.weights, train([neighbour])[0].weights)


def test_numbers_that_overflow_stay_in_their_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """No legal learning rate reaches infinity (gradients of the cross-entropy are bounded), so inputs have to."""
    import core.batch

    poisoned = replace(FIRST, dtype="float32", num_samples=30, data_seed=1)
    neighbours = [replace(poisoned, data_seed=seed) for seed in (0, 2)] + [
        replace(poisoned, num_samples=n) for n in (5, 90)
    ]
    alone = [train([run])[0] for run in neighbours]
    ordinary = core.batch.dataset

    def with_poison(run: RunConfig):
        inputs, labels = ordinary(run)
        return (inputs * 3e38 if run == poisoned else inputs), labels

    monkeypatch.setattr(core.batch, "dataset", with_poison)
    with np.errstate(over="ignore"):
        sick, *others = train([poisoned, *neighbours])
    assert sick.diverged
    assert sick.num_memorized < 30
    for result, expected_result in zip(others, alone, strict=True):
        assert not result.diverged
        np.testing.assert_array_equal(result.weights, expected_result.weights)
