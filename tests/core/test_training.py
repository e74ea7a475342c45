"""Training in branches, and its end when told to stop."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core import RunConfig, train
from core.schedule import decay_start
from core.train import train_branches, train_chunk
from core.workers import Stopped
from tests.core.test_serial import identical

WSD = RunConfig(5, 4, 30, schedule="wsd", learning_rate=0.05)
LENGTHS = [1_500, 1_000, 2_100, 1_000]  # in no order, and one of them twice


@pytest.mark.parametrize(
    "run",
    [
        WSD,
        replace(WSD, measure_sharpness="checkpoints"),
        replace(WSD, measure_sharpness="end", dtype="float64"),
        replace(WSD, watch_samples=True),
        replace(WSD, watch_samples=True, measure_sharpness="checkpoints", dtype="float64"),
        replace(WSD, optimizer="gd", learning_rate=0.5, momentum=0.9, bias=False),
    ],
    ids=["adam", "checkpoints", "float64", "watched", "watched and measured", "momentum"],
)
def test_branches_are_the_runs_of_their_lengths_bit_for_bit(run: RunConfig) -> None:
    expected = train([replace(run, num_steps=length) for length in LENGTHS])
    for result, alone in zip(train_branches(run, LENGTHS), expected, strict=True):
        assert identical(result, alone)


def test_a_single_branch_is_a_run() -> None:
    [result], [alone] = train_branches(WSD, [1_200]), train([replace(WSD, num_steps=1_200)])
    assert identical(result, alone)


def test_no_branch_no_result() -> None:
    assert train_branches(WSD, []) == []


def test_lengths_that_come_twice_or_begin_to_decay_together_do_no_harm() -> None:
    lengths = [1_005, 1_004, 1_005, 1_005]
    assert decay_start(1_004) == decay_start(1_005)
    expected = train([replace(WSD, num_steps=length) for length in lengths])
    for result, alone in zip(train_branches(WSD, lengths), expected, strict=True):
        assert identical(result, alone)


@pytest.mark.parametrize(
    ("run", "lengths", "came"),
    [
        (WSD, [2_000, 999], "schedule='wsd' and 999 steps"),
        (replace(WSD, schedule="constant"), [2_000], "schedule='constant' and 2,000 steps"),
        (replace(WSD, schedule="cosine"), [1_000, 3_000], "schedule='cosine' and 1,000 steps"),
    ],
)
def test_what_cannot_branch_is_refused_with_what_was_expected(run: RunConfig, lengths: list[int], came: str) -> None:
    sentence = (
        f'^expected a run with schedule="wsd" and at least 1,000 steps for each branch, but came {came}; use train'
    )
    with pytest.raises(ValueError, match=sentence):
        train_branches(run, lengths)


def after(times: int) -> tuple[Callable[[], bool], list[int]]:
    """A `should_stop` that says so from its `times`-th question on, and a list that counts the questions."""
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) >= times

    return should_stop, asked


@pytest.mark.parametrize("when", ["never", "end", "checkpoints"])
def test_training_stops_before_the_next_step(when: str) -> None:
    should_stop, asked = after(7)
    with pytest.raises(Stopped):
        train_chunk([RunConfig(3, 3, 12, measure_sharpness=when)], should_stop=should_stop)
    assert len(asked) == 7


def test_training_stops_before_the_next_product_of_a_measurement() -> None:
    """At the first checkpoint, before the first step; and at the end, after the last of 20 steps."""
    for when, times in [("checkpoints", 3), ("end", 23)]:
        run = RunConfig(20, 10, 100, num_steps=20, measure_sharpness=when)
        should_stop, asked = after(times)
        with pytest.raises(Stopped):
            train_chunk([run], should_stop=should_stop)
        assert len(asked) == times
        should_stop, asked = after(1_000_000)
        [result] = train_chunk([run], should_stop=should_stop)
        assert len(asked) > 40  # steps and products
        assert np.isfinite(result.sharpness_at["value"]).all()
