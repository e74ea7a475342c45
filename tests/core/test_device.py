"""Devices: a choice is checked, threads are given back, and a GPU gives what the CPU gives."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import RunConfig, train
from core.device import available_devices, one_thread, resolve

RUNS = [
    RunConfig(n, 10, samples, num_steps=300, bias=bias, learning_rate=0.05, data_seed=samples)
    for n, samples, bias in [(10, 5, True), (10, 20, False), (20, 33, True), (40, 64, True), (1, 1, False)]
]
RUNS += [RunConfig(10, 10, 20, num_steps=300, optimizer="gd", momentum=0.9, learning_rate=0.2)]
RUNS += [replace(run, watch_samples=True) for run in RUNS]


def test_the_cpu_is_always_there() -> None:
    assert available_devices()[0] == "cpu"
    assert resolve("cpu", "float64") == torch.device("cpu")


def test_float64_on_mps_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve("mps").type == "mps"
    with pytest.raises(ValueError, match=r'^device "mps" has no float64; use dtype="float32", or device="cpu"$'):
        resolve("mps", "float64")


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def threads_elsewhere() -> int:
    """PyTorch's threads in a thread that has not used it before."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(torch.get_num_threads).result()


@pytest.mark.usefixtures("two_threads")
def test_threads_are_given_back_whatever_happened_inside() -> None:
    with one_thread:
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with pytest.raises(KeyError), one_thread:
        raise KeyError
    assert torch.get_num_threads() == 2
    assert threads_elsewhere() == 2


@pytest.mark.usefixtures("two_threads")
def test_of_overlapping_blocks_the_last_gives_the_threads_back() -> None:
    with ThreadPoolExecutor(1) as executor:
        with one_thread:
            executor.submit(one_thread.__enter__).result()
        assert executor.submit(torch.get_num_threads).result() == 1  # the other block has not ended
        assert threads_elsewhere() == 1
        executor.submit(one_thread.__exit__).result()
    assert threads_elsewhere() == 2


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    "device",
    [
        pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")),
        pytest.param("mps", marks=pytest.mark.skipif(not torch.backends.mps.is_available(), reason="needs MPS")),
    ],
)
def test_a_gpu_gives_what_the_cpu_gives(device: str) -> None:
    """Below capacity, where rounding does not grow: 300 steps of it stay within 1e-3. On CUDA the step is a graph."""
    for here, there in zip(train(RUNS), train(RUNS, device=device), strict=True):
        assert there.config == here.config
        np.testing.assert_array_equal(there.memorized, here.memorized)
        np.testing.assert_allclose(there.initial_loss, here.initial_loss, rtol=1e-4)
        np.testing.assert_allclose(there.loss_at, here.loss_at, rtol=1e-3)
        np.testing.assert_allclose(there.final_loss, here.final_loss, rtol=1e-3)
        np.testing.assert_array_equal(there.last_forgotten, here.last_forgotten, strict=True)
        for name in ("confidence", "variability"):  # a change of a loss by 1e-3 changes its probability by less
            np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=0, atol=1e-3, strict=True)
        scale = np.abs(here.weights).max()
        np.testing.assert_allclose(there.weights_at, here.weights_at, rtol=0, atol=1e-3 * scale, strict=True)
