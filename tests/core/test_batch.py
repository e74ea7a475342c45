"""A run comes out the same whatever it was computed with: neighbours, order, chunk, executor."""

import functools
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core import RunConfig, RunResult, sweep, train
from core.batch import padded_shape
from core.plan import recipe
from core.train import train_chunk
from core.workers import Processes

# Below, near and past capacity. N = 5, and the gradient at n = 10 with a bias and N = 64, are shapes for which batched
# products were seen to give other bits in other company.
ADAM = [
    RunConfig(n, v, samples, bias=bias, num_steps=200, learning_rate=0.05, data_seed=seed)
    for n, v, samples, bias, seed in [
        (10, 10, 5, True, 0),
        (10, 10, 64, True, 0),
        (10, 10, 64, True, 1),
        (10, 10, 64, False, 0),
        (10, 10, 62, True, 0),
        (10, 10, 150, True, 0),
        (9, 10, 64, True, 0),
        (20, 10, 64, True, 0),
        (3, 3, 7, True, 0),
        (1, 2, 1, False, 0),
        (5, 7, 33, True, 0),
        (10, 40, 64, True, 0),
    ]
]
DESCENT = [replace(run, optimizer="gd", momentum=0.9, learning_rate=0.1) for run in ADAM[:5]]
DOUBLE = [replace(run, dtype="float64") for run in ADAM[:5]]
WATCHED = [replace(run, watch_samples=True) for run in ADAM[2:]]
RUNS = [*ADAM, *DESCENT, *DOUBLE, *WATCHED]


@functools.cache
def alone(run: RunConfig) -> RunResult:
    [result] = train_chunk([run])
    return result


def check(results: list[RunResult]) -> None:
    """The contract of `core`: the same mask, losses within 1e-5. Below 1e-37 float32 has no five digits left."""
    for result in results:
        expected = alone(result.config)
        np.testing.assert_array_equal(result.memorized, expected.memorized)
        np.testing.assert_array_equal(result.num_memorized_at, expected.num_memorized_at)
        for name in ("initial_loss", "final_loss", "loss_at"):
            np.testing.assert_allclose(getattr(result, name), getattr(expected, name), rtol=1e-5, atol=1e-37)
        for name in ("weights", "weights_at"):  # which is empty unless the run was watched
            found, wanted = getattr(result, name), getattr(expected, name)
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(expected.weights).max(), strict=True)
        for name in ("confidence", "variability"):
            np.testing.assert_allclose(getattr(result, name), getattr(expected, name), rtol=0, atol=1e-5, strict=True)
        np.testing.assert_array_equal(result.last_forgotten, expected.last_forgotten)


def in_one_batch(runs: list[RunConfig], size: int) -> Iterator[RunResult]:
    for _, part in itertools.groupby(sorted(runs, key=recipe), key=recipe):
        yield from train_chunk(list(part))


def in_chunks(runs: list[RunConfig], size: int) -> Iterator[RunResult]:
    for _, part in itertools.groupby(runs, key=recipe):
        members = list(part)
        for start in range(0, len(members), size):
            yield from train_chunk(members[start : start + size])


def in_threads(runs: list[RunConfig], size: int) -> Iterator[RunResult]:
    with ThreadPoolExecutor(2) as pool:
        yield from sweep(runs, executor=pool)


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(RUNS), min_size=1, unique=True),
    st.integers(1, 5),
    st.sampled_from([in_one_batch, in_chunks, in_threads]),
)
def test_a_result_does_not_depend_on_what_it_is_computed_with(
    runs: list[RunConfig], size: int, how: Callable[[list[RunConfig], int], Iterator[RunResult]]
) -> None:
    results = list(how(runs, size))
    assert sorted(result.config.key() for result in results) == sorted(run.key() for run in runs)
    check(results)


def test_a_result_does_not_depend_on_the_process() -> None:
    pool: Executor = Processes()
    with pool:
        results = list(sweep(RUNS, executor=pool))
    assert {result.config for result in results} == set(RUNS)
    check(results)


@pytest.mark.parametrize(("input_dim", "num_samples"), [(10, 64), (10, 400), (20, 100), (40, 200)])
def test_not_even_where_rounding_grows(input_dim: int, num_samples: int) -> None:
    """After 2,000 steps past capacity one last bit has become 1e-5 of the weights and more: see `test_train.py`."""
    run = RunConfig(input_dim, 10, num_samples, data_seed=2, init_seed=2)
    small, large = replace(run, num_samples=5), replace(run, num_samples=num_samples + 1)
    check([result for result in train([small, replace(run, data_seed=3), run, large]) if result.config == run])


@pytest.mark.parametrize("device", ["cpu", "cuda", "mps"])
@given(st.integers(1, 512), st.integers(2, 1_000), st.integers(1, 20_000), st.booleans())
def test_padding_is_enough_and_not_too_much(
    device: str, input_dim: int, num_classes: int, num_samples: int, bias: bool
) -> None:
    run = RunConfig(input_dim, num_classes, num_samples, bias=bias)
    shape = padded_shape(run, torch.device(device))
    assert shape.num_classes == num_classes
    for padded, size, step in [(shape.num_samples, num_samples, 16), (shape.num_inputs, input_dim + bias, 8)]:
        # A GPU has arithmetic to spare: it may double a shape.
        assert size <= padded < size + max(step, size if device == "cuda" else size / 4)
