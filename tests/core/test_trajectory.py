"""Samples along training: the frames of a film against autograd's losses, and against what the result itself says."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core import RunConfig, RunResult, dataset, train
from core.data import initial_weights
from core.trajectory import Trajectory, logits_along, nearest_competitor, trajectory
from tests.core.oracle import Reference, reference

FIRST = RunConfig(8, 6, 40, num_steps=250, learning_rate=0.05, dtype="float64", watch_samples=True)
# Trained together, in shapes and recipes as mixed as they come.
RUNS = {
    "past capacity": FIRST,
    "below capacity": replace(FIRST, num_samples=7),
    "no bias": replace(FIRST, bias=False, num_samples=33),
    "gradient descent": replace(FIRST, optimizer="gd", learning_rate=1.0),
    "momentum, no bias": replace(FIRST, optimizer="gd", momentum=0.9, bias=False),
    "unstable": replace(FIRST, learning_rate=0.5),
    "two classes": replace(FIRST, num_classes=2),
    "one sample": replace(FIRST, num_samples=1),
    "one input": replace(FIRST, input_dim=1),
    "one step": replace(FIRST, num_steps=1),
    "cosine": replace(FIRST, schedule="cosine"),
    "measured": replace(FIRST, measure_sharpness="checkpoints", num_steps=20),
}
every_run = pytest.mark.parametrize("name", RUNS)


@functools.cache
def trained(dtype: str = "float64") -> dict[str, RunResult]:
    return dict(zip(RUNS, train([replace(run, dtype=dtype) for run in RUNS.values()]), strict=True))


@functools.cache
def film(name: str, dtype: str = "float64") -> Trajectory:
    return trajectory(trained(dtype)[name])


@functools.cache
def truth(name: str) -> Reference:
    return reference(RUNS[name])


def product(weights: NDArray[np.floating], run: RunConfig) -> NDArray[np.float64]:
    """(V, N) term by term; the bias is one more input that is always 1."""
    inputs, _ = dataset(run)
    logits = np.zeros((run.num_classes, run.num_samples))
    for k in range(run.num_classes):
        for i in range(run.num_samples):
            terms = [*inputs[i].astype(np.float64), *[1.0] * run.bias]
            logits[k, i] = sum(float(w) * x for w, x in zip(weights[k], terms, strict=True))
    return logits


@every_run
def test_every_frame_is_the_step_of_a_plain_training(name: str) -> None:
    found, expected = film(name), truth(name)
    at = found.steps
    np.testing.assert_array_equal(at, trained()[name].checkpoint_steps)
    # The weights agree to 1e-9 (see test_train.py); absolute, because the oracle's own -log softmax rounds so.
    np.testing.assert_allclose(found.loss, expected.loss[at], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.probability, np.exp(-expected.loss[at]), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.memorized, expected.memorized[at])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_run
def test_the_film_begins_and_ends_as_the_result_says(name: str, dtype: str) -> None:
    result, found = trained(dtype)[name], film(name, dtype)
    shape = (len(result.checkpoint_steps), result.config.num_samples)
    assert found.loss.shape == found.probability.shape == found.memorized.shape == shape
    assert found.loss.dtype == found.probability.dtype == dtype
    # Logits are sums of some ten products of at most a few tens, added in another order than in training.
    close = {"rtol": 0, "atol": 1e-12 if dtype == "float64" else 3e-5}
    np.testing.assert_allclose(found.loss[0], result.initial_loss, **close)
    np.testing.assert_allclose(found.loss[-1], result.final_loss, **close)
    np.testing.assert_allclose(found.loss.mean(1), result.loss_at, **close)
    sure = np.abs(result.margin) > close["atol"]
    assert sure.all()
    np.testing.assert_array_equal(found.memorized[-1], result.memorized)
    np.testing.assert_array_equal(found.memorized.sum(1)[[0, -1]], result.num_memorized_at[[0, -1]])
    np.testing.assert_allclose(found.probability, np.exp(-found.loss), rtol=1e-6)


@every_run
def test_what_the_frames_show_is_what_the_history_tells(name: str) -> None:
    """Where a frame stands at a step that the history names, and before and after it."""
    result, found = trained()[name], film(name)
    steps, first, lost = found.steps[:, None], result.first_step, result.last_forgotten
    assert found.memorized[steps == first].all()
    assert not found.memorized[(steps < first) | (first == -1) & (steps >= 0)].any()
    assert not found.memorized[steps == lost].any()
    assert found.memorized[(steps == lost - 1) & (lost > 0)].all()
    kept = (result.forgetting_events == 0) & (first >= 0)
    np.testing.assert_array_equal(found.memorized[:, kept], (steps >= first)[:, kept])


@every_run
def test_logits_are_the_product_of_weights_and_inputs_at_every_frame(name: str) -> None:
    result = trained()[name]
    inputs, _ = dataset(result.config)
    start = product(initial_weights(result.config), result.config)
    for sample in {0, result.config.num_samples // 2, result.config.num_samples - 1}:
        found = logits_along(result, inputs[sample])
        assert found.shape == (len(result.checkpoint_steps), result.config.num_classes)
        np.testing.assert_allclose(found[0], start[:, sample], rtol=0, atol=1e-13)
        for weights, logits in zip(result.weights_at, found, strict=True):
            expected = product(weights, result.config)[:, sample]
            np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-13 * (1 + np.abs(expected).max()))
    single = trained("float32")[name]
    assert logits_along(single, dataset(single.config)[0][0]).dtype == np.float32


@every_run
def test_the_nearest_competitor_has_the_largest_logit_of_the_other_classes(name: str) -> None:
    result = trained()[name]
    _, labels = dataset(result.config)
    logits = product(result.weights, result.config)
    found = nearest_competitor(result)
    assert found.shape == labels.shape
    for i, label in enumerate(labels):
        others = [k for k in range(result.config.num_classes) if k != label]
        assert found[i] == max(others, key=lambda k: logits[k, i])
        assert result.margin[i] == pytest.approx(logits[label, i] - logits[found[i], i], abs=1e-12)


def test_a_run_need_not_be_watched_to_have_a_nearest_competitor() -> None:
    [plain] = train([replace(FIRST, watch_samples=False)])
    np.testing.assert_array_equal(nearest_competitor(plain), nearest_competitor(trained()["past capacity"]))


def test_a_run_that_was_not_watched_has_no_film() -> None:
    [plain] = train([replace(FIRST, watch_samples=False, num_steps=3)])
    sentence = (
        r"^expected a run that was watched, but came one .*; train it with RunConfig\(\.\.\., watch_samples=True\)$"
    )
    with pytest.raises(ValueError, match=sentence):
        trajectory(plain)
    with pytest.raises(ValueError, match=sentence):
        logits_along(plain, dataset(plain.config)[0][0])
