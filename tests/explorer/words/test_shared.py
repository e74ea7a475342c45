"""Sentences that several pages say."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import Interval, mean_interval
from core.turns import Place
from explorer import words
from tests.explorer.words.said import well_said


def test_diverged_runs_are_counted_and_the_learning_rate_is_named() -> None:
    runs = pd.DataFrame({"diverged": [True] * 3 + [False] * 1247, "learning_rate": [300.0, 5.0, 30.0] + [0.1] * 1247})
    text = words.diverged(runs)
    assert text.startswith("3 of 1,250 networks diverged")
    assert "learning rate 5 is too large" in text  # the smallest that is


def test_a_mean_has_its_interval_beside_it() -> None:
    assert words.plus_minus(Interval(171.4, 164.2, 178.6, 4)) == "171 ± 7"
    assert words.plus_minus(Interval(12.34, 10.0, 14.68, 4), 1) == "12.3 ± 2.3"
    assert words.plus_minus(Interval(12345.0, 11111.0, 13579.0, 4)) == "12,345 ± 1,234"


def test_a_single_value_stands_alone() -> None:
    assert words.plus_minus(mean_interval([171.4])) == "171"


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6), st.integers(0, 3))
def test_no_interval_is_infinite_in_words(values: list[float], digits: int) -> None:
    interval = mean_interval(values)
    text = words.plus_minus(interval, digits)
    numbers = [float(part.replace(",", "")) for part in text.split(" ± ")]
    assert all(math.isfinite(number) for number in numbers)
    assert numbers[0] == pytest.approx(interval.mean, abs=10**-digits)
    assert len(numbers) == min(2, len(values))


@given(st.integers(1, 9), st.integers(0, 9), st.sampled_from([0.001, 1.5, 10.0]))
def test_diverged_runs_are_told_in_whole_sentences(lost: int, others: int, rate: float) -> None:
    runs = pd.DataFrame({"diverged": [True] * lost + [False] * others, "learning_rate": rate})
    assert f"learning rate {rate:g} " in well_said(words.diverged(runs))


@pytest.mark.parametrize(
    ("value", "said"),
    [(3, "3"), (2.96, "3"), (2.9, "2.9"), (1234.5, "1,234"), (0, "0")],
)
def test_a_mean_of_counts_has_a_decimal_where_it_needs_one(value: float, said: str) -> None:
    assert words.shared.mean_count(value) == said


@pytest.mark.parametrize(("value", "said"), [(0.0213, "0.021 nats"), (1.5, "1.5 nats"), (12_345, "12,345 nats")])
def test_a_loss_has_two_digits(value: float, said: str) -> None:
    assert words.shared.nats(value) == said


def test_a_layer_that_is_too_large_is_refused_with_what_to_choose() -> None:
    text = well_said(f"Nothing was started: {words.too_many_samples(512, 1000, 123_456)}")
    assert "n = 512 inputs and V = 1,000 classes" in text
    assert "N = 123,456" in text
    assert "at most 20,000" in text


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (None, ""),
        (Place(1, 1, is_served=True), ""),
        (Place(2, 7, is_served=True), " – number 2 of 7 sweeps that take turns"),
        (Place(1, 1, is_served=False), " – waits until others' long work leaves a worker free"),
    ],
)
def test_who_waits_for_whom_is_told(place: Place | None, said: str) -> None:
    assert words.queued(place) == said
