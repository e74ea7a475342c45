"""What is said of the way to the optimum: each case in which it must be something else."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import SweepConfig
from explorer import frames, words
from tests.explorer.frames.rows import limits_row
from tests.explorer.words.said import well_said

CLOSING = SweepConfig((40,), 10, (175,), (0.01, 0.1), num_steps=20_000, seeds=range(4))
LIMITS = frames.limits_frame([limits_row(40, 175, seed, 170 + seed) for seed in range(4)])


def curve(rate: float, gaps: dict[int, float]) -> list[dict[str, Any]]:
    return [
        {"learning_rate": rate, "step": step, "memorized": 160 + index, "gap": gap, "num_seeds": 4}
        for index, (step, gap) in enumerate(gaps.items())
    ]


SLOW = curve(0.01, {1: 2.3, 100: 0.5, 1000: 0.04, 2000: 0.012, 10_000: 0.0008, 20_000: 0.0001})
FAST = curve(0.1, {1: 2.0, 100: 0.02, 1000: 0.0005, 2000: 0.0002, 10_000: 0.0002, 20_000: 0.0002})
NEVER = curve(0.1, {1: 2.0, 100: 0.02, 1000: 0.0005, 2000: 0.005, 10_000: 0.004, 20_000: 0.002})


def closing(
    *curves: list[dict[str, Any]], rate: float = 0.01, num_steps: int = 2000, limits: pd.DataFrame = LIMITS
) -> str:
    table = pd.DataFrame([point for each in curves for point in each], columns=list(SLOW[0]))
    return well_said(words.closing_finding(table, limits, rate, num_steps, CLOSING))


def test_what_it_costs_to_come_close_is_told_for_the_rate_that_is_asked_about() -> None:
    assert closing(SLOW, FAST) == (
        "The optimum memorizes 171.5 of 175. At η = 0.01, after about 2,000 steps, training memorizes **163**, and its "
        "loss is 0.012 nats above the least. At this rate the loss stays within 0.001 nats of the least from about "
        "step 10,000 on. The fastest of these rates is η = 0.1: its loss stays that close from about step 1,000 on."
    )


def test_steps_of_checkpoints_are_told_to_two_digits() -> None:
    text = closing(curve(0.01, {87: 1.0, 2035: 0.01, 13_665: 0.0001, 20_000: 0.0001}))
    assert "after about 2,000 steps, training" in text
    assert "from about step 14,000 on." in text
    assert "after 87 steps, training" in closing(curve(0.01, {87: 1.0, 2035: 0.01}), num_steps=100)


@pytest.mark.parametrize(
    ("exists", "said"),
    [
        (
            [False, True, False, None],
            "A likely cause: 2 of the 4 data sets have no finite optimum, because some classes",
        ),
        ([True, True, False, True], "A likely cause: 1 of the 4 data sets has no finite optimum"),
        ([False], "A likely cause: the data set has no finite optimum"),
        ([True, None], None),
    ],
)
def test_where_it_does_not_settle_the_data_sets_without_a_finite_optimum_are_counted(
    exists: list[bool | None], said: str | None
) -> None:
    limits = frames.limits_frame([limits_row(40, 175, k, 170, exists=each) for k, each in enumerate(exists)])
    text = closing(SLOW[:4], limits=limits)
    assert (said in text) if said else ("A likely cause" not in text)
    assert "A likely cause" not in closing(SLOW, limits=limits)  # it does settle


def test_the_checkpoint_next_to_the_steps_that_are_asked_about_is_told() -> None:
    assert "after about 1,000 steps, training memorizes **162**" in closing(SLOW, FAST, num_steps=1200)
    assert "after 1 step, training memorizes **160**" in closing(SLOW, FAST, num_steps=2)


def test_the_fastest_rate_is_not_told_that_it_is_the_fastest() -> None:
    text = closing(SLOW, FAST, rate=0.1)
    assert "from about step 1,000 on." in text
    assert "fastest" not in text


def test_a_rate_that_comes_close_and_leaves_again_has_not_arrived() -> None:
    text = closing(SLOW, NEVER, rate=0.1)
    assert "At this rate the loss does not settle within 0.001 nats of the least in 20,000 steps." in text
    assert "The fastest of these rates is η = 0.01: its loss stays that close from about step 10,000 on." in text


def test_where_no_rate_arrives_none_is_the_fastest() -> None:
    text = closing(SLOW[:4], NEVER)
    assert "does not settle" in text
    assert "fastest" not in text


def test_a_rate_that_diverged_is_told_to_be_too_large() -> None:
    assert closing(SLOW, rate=0.1) == "At η = 0.1 training diverges; choose a smaller learning rate."
    assert "fastest" not in closing(SLOW)  # one that diverged is not


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.0123, "0.012 nats above the least."),
        (1.234e-5, "1.2e-05 nats above the least."),
        (0.0, "the least that float32 can tell."),
        (-3e-8, "the least that float32 can tell."),
        (12.3, "12 nats above the least."),
        (12_345.0, "12,345 nats above the least."),
    ],
)
def test_a_gap_is_told_as_a_person_would(gap: float, said: str) -> None:
    assert f"and its loss is {said}" in closing(curve(0.01, {2000: gap}))


gaps = st.dictionaries(st.integers(1, 20_000), st.floats(-1e-6, 1e6), min_size=1, max_size=6)


@given(gaps, gaps, st.sampled_from([0.01, 0.1]), st.integers(100, 100_000))
def test_closing_is_told_in_whole_sentences(
    one: dict[int, float], other: dict[int, float], rate: float, num_steps: int
) -> None:
    text = closing(curve(0.01, one), curve(0.1, other), rate=rate, num_steps=num_steps)
    assert ("does not settle" in text) != ("At this rate the loss stays within" in text)


def test_the_legend_of_closing_speaks_of_means_only_where_there_are_several() -> None:
    assert "the mean of 4 seeds" in well_said(words.closing_legend(CLOSING, 2000))
    alone = well_said(words.closing_legend(replace(CLOSING, seeds=(0,)), 2000))
    assert "mean of" not in alone


def test_the_legend_of_closing_says_why_training_is_longer_than_asked() -> None:
    assert "trained for 20,000 steps, 10 times the 2,000 that are set" in words.closing_legend(CLOSING, 2000)
    assert "trained for" not in well_said(words.closing_legend(CLOSING, 20_000))


def test_who_cannot_see_the_charts_is_told_what_they_are() -> None:
    assert "charts" in well_said(words.CLOSING_ALT)
    assert well_said(words.CLOSING_WAITS).startswith("*")
