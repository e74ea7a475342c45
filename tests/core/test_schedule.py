"""Learning rates against PyTorch's schedulers and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import RunConfig
from core.config import SCHEDULES
from core.schedule import decay_start, learning_rates, warmup_steps

RUN = RunConfig(1, 2, 1, learning_rate=0.3)


@given(st.sampled_from(SCHEDULES), st.integers(1, 100_000), st.floats(1e-6, 1e3))
def test_rates_are_positive_and_eta_is_their_largest(schedule: str, num_steps: int, learning_rate: float) -> None:
    rates = learning_rates(replace(RUN, schedule=schedule, num_steps=num_steps, learning_rate=learning_rate))
    assert rates.shape == (num_steps,)
    assert rates.dtype == np.float64
    assert (rates > 0).all()
    assert rates.max() == learning_rate


def test_constant_is_constant() -> None:
    assert learning_rates(replace(RUN, num_steps=5)).tolist() == [0.3] * 5


@pytest.mark.parametrize("num_steps", [1, 2, 7, 1_000])
def test_cosine_is_that_of_torch(num_steps: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_steps)
    expected = []
    for _ in range(num_steps):
        expected.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    found = learning_rates(replace(RUN, schedule="cosine", num_steps=num_steps))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)  # torch goes on from its last rate: errors add


def test_cosine_falls_from_eta_through_half_of_it() -> None:
    rates = learning_rates(replace(RUN, schedule="cosine", num_steps=2_000))
    assert (np.diff(rates) < 0).all()
    assert rates[1_000] == pytest.approx(0.15)
    assert rates[-1] < 1e-6


@pytest.mark.parametrize(
    ("num_steps", "warmup", "start_of_decay"),
    [(100_000, 100, 80_000), (2_000, 100, 1_600), (1_000, 100, 800), (500, 50, 400), (10, 1, 8), (4, 0, 4), (1, 0, 1)],
)
def test_wsd_warms_up_stays_and_decays(num_steps: int, warmup: int, start_of_decay: int) -> None:
    assert (warmup_steps(num_steps), decay_start(num_steps)) == (warmup, start_of_decay)
    rates = learning_rates(replace(RUN, schedule="wsd", num_steps=num_steps))
    # Straight lines whose ends are one step outside of the run, where the rate would be 0.
    up = np.linspace(0, 0.3, warmup + 1)[1:]
    down = np.linspace(0.3, 0, num_steps - start_of_decay + 1)[:-1]
    np.testing.assert_allclose(rates[:warmup], up, rtol=0, atol=1e-15)
    assert (rates[warmup:start_of_decay] == 0.3).all()
    np.testing.assert_allclose(rates[start_of_decay:], down, rtol=0, atol=1e-15)


@given(st.integers(1_000, 20_000), st.integers(1_000, 20_000))
def test_wsd_runs_of_1000_steps_and_more_are_one_until_the_first_decays(one: int, other: int) -> None:
    shared = decay_start(min(one, other))
    rates = [learning_rates(replace(RUN, schedule="wsd", num_steps=length)) for length in (one, other)]
    np.testing.assert_array_equal(rates[0][:shared], rates[1][:shared])
