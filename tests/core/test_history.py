"""First steps, forgetting events, mean and spread of probabilities, against plain loops over what was seen."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.history import History, SampleWatch


@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=12))
def test_what_is_noted_is_what_was_seen(seen: list[list[bool]]) -> None:
    """`seen[step][sample]`: whether the sample's own logit, the first of three, was the largest."""
    history = History(like=torch.zeros(5))
    for row in seen:
        logits = torch.tensor([[2.0 if memorized else 0.0, 1.0, -1.0] for memorized in row])
        history.observe(logits.flatten(), torch.arange(0, 15, 3), logits.amax(1))

    for sample, column in enumerate(zip(*seen, strict=True)):
        first = column.index(True) if True in column else -1
        forgotten = sum(before and not after for before, after in pairwise(column))
        assert history.first_step(num_observed=len(seen))[sample] == first
        assert history.forgetting_events()[sample] == forgotten


# --- watched samples --------------------------------------------------------------------------------------------------


def watch(probabilities: NDArray[np.floating], lost: NDArray[np.bool_] | None = None) -> SampleWatch:
    """One that has seen (S, M) probabilities, in their dtype."""
    seen = torch.from_numpy(probabilities)
    forgotten = torch.zeros_like(seen) if lost is None else torch.from_numpy(lost).to(seen)
    found = SampleWatch(like=seen[0])
    for row, which in zip(seen, forgotten, strict=True):
        found.observe(row, which)
    return found


@given(
    st.lists(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=4, max_size=4), min_size=1, max_size=30),
)
def test_a_watch_tells_mean_spread_and_last_forgetting_of_what_it_saw(rows: list[list[tuple[float, bool]]]) -> None:
    probabilities = np.array([[p for p, _ in row] for row in rows])
    lost = np.array([[forgotten for _, forgotten in row] for row in rows])
    found = watch(probabilities, lost)
    np.testing.assert_allclose(found.confidence(), probabilities.mean(0), rtol=0, atol=1e-14)
    # The square root of a variance that rounds to 1e-16 instead of 0 is 1e-8.
    np.testing.assert_allclose(found.variability() ** 2, probabilities.var(0), rtol=0, atol=1e-14)
    last = [max((step for step, forgotten in enumerate(column) if forgotten), default=-1) for column in lost.T]
    assert found.last_forgotten().tolist() == last
    assert found.last_forgotten().dtype == torch.int32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(value=st.floats(0, 1, width=32), num_steps=st.integers(1, 50))
def test_what_never_changes_has_no_spread_at_all(dtype: type, value: float, num_steps: int) -> None:
    found = watch(np.full((num_steps, 1), value, dtype))
    assert found.confidence().item() == value
    assert found.variability().item() == 0


@pytest.mark.parametrize("spread", [1e-5, 1e-4, 1e-2])
@pytest.mark.parametrize("mean", [0.1, 0.7, 0.99])
def test_a_small_spread_around_a_large_mean_is_kept_in_float32(mean: float, spread: float) -> None:
    """The mean of squares minus the square of the mean would leave nothing of it."""
    random = np.random.default_rng(0)
    seen = np.clip(mean + spread * random.standard_normal((2_001, 8)), 0, 1).astype(np.float32)
    expected = seen.astype(np.float64).std(0)
    # Numbers near 1 stand 6e-8 apart, and so much may the running mean be wrong in each step: that part of the spread.
    np.testing.assert_allclose(watch(seen).variability(), expected, rtol=6e-8 / spread + 1e-5)
    naive = np.maximum(np.mean(seen**2, 0) - np.mean(seen, 0) ** 2, 0) ** 0.5
    if spread == 1e-5 and mean > 0.5:
        assert np.abs(naive / expected - 1).min() > 0.5  # else this would prove nothing


@pytest.mark.parametrize("num_steps", [300, 2_000, 20_000])
def test_rounding_of_the_mean_grows_no_faster_than_the_steps(num_steps: int) -> None:
    """A step rounds the mean by 2^-25 at most, of which later steps leave k / S: together S * 2^-26.

    The worst are drifts so slow that a step's share of them is rounded away.
    """
    time = np.arange(num_steps + 1)[:, None] / num_steps
    seen = np.hstack([0.9 + 0.001 * time, 0.5 + 0.003 * (time > 0.1), time, 1 - np.exp(-7 * time), 0.5 - 0.01 * time])
    found = watch(seen.astype(np.float32)).confidence().numpy()
    expected = seen.astype(np.float32).astype(np.float64).mean(0)
    assert np.abs(found - expected).max() <= (num_steps + 1) * 2.0**-26 + 2.0**-25
