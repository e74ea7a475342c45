"""Durations in words: a unit that suits, and never further from the number than its rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.duration import duration

SECONDS = {"s": 1, "min": 60, "h": 3600}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (3600, "60 min"),
        (7200, "2 h"),
        (86_400, "24 h"),
        (1e8, "27,778 h"),
    ],
)
def test_a_duration_has_a_unit_that_suits_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 1e9))
def test_a_duration_is_two_words_whatever_it_is(seconds: float) -> None:
    number, unit = duration(seconds).split()
    said = float(number.replace(",", "")) * SECONDS[unit]
    assert said == pytest.approx(seconds, abs=0.051 if seconds < 10 else 0.501 * SECONDS[unit])
