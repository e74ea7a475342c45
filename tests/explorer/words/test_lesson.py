"""A guess beside its result, in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import words
from explorer.parameters import PARAMETERS, SHAPES, TOLD_BEFORE
from explorer.words.lesson import missed, missed_times
from tests.explorer.words.said import well_said


@pytest.mark.parametrize(
    ("guess", "found", "said"),
    [
        (100, 100, "spot on"),
        (99, 100, "nearly spot on"),
        (103, 100, "nearly spot on"),
        (120, 146, "26 too low"),
        (180, 125.25, "55 too high"),
        (50, 8.625, "41 too high"),
    ],
)
def test_a_count_is_missed_by_a_count(guess: int, found: float, said: str) -> None:
    assert missed(guess, found, 100) == said


@pytest.mark.parametrize(
    ("guess", "found", "said"),
    [
        (100, 114, "just right"),
        (1, 114, "114 times too low"),
        (1000, 114, "8.8 times too high"),
        (2, 1.0, "2 times too high"),
        (1, 1.2, "just right"),
    ],
)
def test_an_order_of_magnitude_is_missed_by_a_factor(guess: float, found: float, said: str) -> None:
    assert missed_times(guess, found) == said


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e4))
def test_too_high_one_way_is_too_low_the_other(one: float, other: float) -> None:
    assert missed_times(one, other).replace("high", "low") == missed_times(other, one).replace("high", "low")
    assert ("high" in missed_times(one, other)) == ("low" in missed_times(other, one))


def whole(verdict: str) -> str:
    """The sentence that ends so."""
    return well_said(f"{words.OWN_GUESS} {verdict}")


def test_every_sentence_has_the_guess_and_the_result_in_it() -> None:
    sentences = {
        words.labels_told({"guessNew": 50}, (100.0, 8.625), {}): ("50", "100%", "8.6"),
        words.layer_told({"guessSteps": 1000}, (114.0, 12.0), {"at": 20}): ("1,000", "114", "12", "all 20"),
        words.curve_told(
            {"guessLow": 100, "guessMid": 180, "guessHigh": 300}, (100.0, 125.25, 148.0, 100, 200, 400), {}
        ): (
            "100, 180 and 300",
            "**125** of 200",
            "spot on, 55 too high and 152 too high",
        ),
        words.inputs_told({"guessKnee": 90}, (82.9, 167.8), {"n": (20, 40)}): (
            "90",
            "n = 20 stands at **N = 83**",
            "7 too high",
            "n = 40 stands at N = 168",
            "4.1 and 4.2",
        ),
        words.limit_told({"guessOptimum": 120}, (70.5, 72.0, 110.5), {"at": 120}): (
            "120",
            "72",
            "70.5",
            "110.5",
            "48 too high",
        ),
        words.bits_told({"guessBits": 8}, (1.23, 160.0, 1.23, 1.3), {}): (
            "8",
            "1.23 bits",
            "160",
            "6.5 times too high",
        ),
    }
    for sentence, parts in sentences.items():
        whole(sentence)
        for part in parts:
            assert part in sentence


def test_only_who_guessed_the_jump_was_right() -> None:
    told = {shape: words.jam_told({"guessShape": shape}, (157.7, 0.009, 0.269, 100, 300), {}) for shape in SHAPES}
    for sentence in told.values():
        whole(sentence)
        assert "N ≈ 158, from 0.01 at N = 100 to 0.27 at N = 300" in sentence
    assert [shape for shape, sentence in told.items() if sentence.endswith("you were right.")] == ["jumps"]


def test_a_rate_that_cannot_be_told_from_the_best_was_right() -> None:
    best, near = (169.0, 0.5), {"at": 170, "seeds": 4}
    assert "too low, and 14 samples behind" in whole(words.rate_told({"guessRate": 0.01}, (154.75, *best, 1.0), near))
    assert "too high, and 14 samples behind" in whole(words.rate_told({"guessRate": 2.0}, (155.0, *best, 1.0), near))
    assert "you were right" in whole(words.rate_told({"guessRate": 0.1}, (167.0, *best, 0.0), near))
    assert "the best of all here" in whole(words.rate_told({"guessRate": 0.5}, (169.0, *best, 0.0), near))


@pytest.mark.parametrize(
    ("statistic", "own", "verdict"),
    [
        ("initial_loss", 0.498, "no better than a coin"),
        ("input_norm", 0.54, "hardly better"),
        ("alignment", 0.905, "you were right"),
    ],
)
def test_what_tells_is_held_against_a_coin(statistic: str, own: float, verdict: str) -> None:
    sentence = whole(words.who_told({"guessSign": statistic}, (own, 0.521, 0.961, 5.0, 0.905, 3.0), {}))
    assert verdict in sentence
    assert (
        "Of the 4 the alignment picks best, 90%; of all that the chart shows, the least-squares margin, 96%."
        in sentence
    )
    assert statistic in TOLD_BEFORE


def test_every_guess_of_the_table_can_be_told() -> None:
    """Whatever the sliders say, to their ends."""
    for bits in PARAMETERS["guessBits"].options:
        whole(words.bits_told({"guessBits": bits}, (1.23, 160.0, 1.23, 1.3), {}))
    for steps in PARAMETERS["guessSteps"].options:
        whole(words.layer_told({"guessSteps": steps}, (114.0, 12.0), {"at": 20}))
    for knee in PARAMETERS["guessKnee"].options:
        whole(words.inputs_told({"guessKnee": knee}, (82.9, 167.8), {"n": (20, 40)}))
