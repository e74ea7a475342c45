"""What is said of the coin and of class means, against the numbers."""

import numpy as np
import pytest
from scipy.stats import binom

from core.bias import Guesses
from explorer import words
from tests.explorer.words.said import well_said


@pytest.mark.parametrize(
    ("heads", "tosses", "counts", "side", "right"),
    [
        (52, 100, "52 heads and 48 tails", "heads", "right 52 times of 100: 52.0%"),
        (48, 100, "48 heads and 52 tails", "tails", "right 52 times of 100: 52.0%"),
        (5, 10, "5 heads and 5 tails", "heads", "right 5 times of 10: 50.0%"),
        (0, 20, "0 heads and 20 tails", "tails", "right 20 times of 20: 100.0%"),
        (5_075, 10_000, "5,075 heads and 4,925 tails", "heads", "right 5,075 times of 10,000: 50.7%"),
    ],
)
def test_the_luckier_side_is_named_with_what_it_is_worth(
    heads: int, tosses: int, counts: str, side: str, right: str
) -> None:
    text = well_said(words.coin_finding(heads, tosses))
    assert text.startswith(f"**{counts}.**")
    assert f"“{side}”" in text
    assert right in text


@pytest.mark.parametrize("tosses", [10, 20, 50, 100, 1_000, 10_000])
def test_what_the_luckier_side_gets_on_average_is_that_of_the_binomial(tosses: int) -> None:
    """E max(heads, tails) / tosses, summed over all cases."""
    heads = np.arange(tosses + 1)
    expected = float((binom.pmf(heads, tosses, 0.5) * np.maximum(heads, tosses - heads)).sum()) / tosses
    text = words.coin_finding(tosses // 2, tosses)
    told = float(text.split("gets about ")[1].split("%")[0])
    assert told == pytest.approx(100 * expected, abs=0.051)


def test_class_means_are_told_with_who_they_point_at_and_what_becomes_of_them() -> None:
    toward = np.array([True] * 230 + [False] * 170)
    memorized = np.array([True] * 140 + [False] * 90 + [True] * 7 + [False] * 163)
    text = well_said(words.class_means_finding(toward, memorized, 10))
    assert "a coin with 10 sides" in text
    assert "**230 of 400" in text
    assert f"**{140 / 230:.0%}** are memorized" in text
    assert f"**{7 / 170:.0%}**" in text
    text = well_said(words.guesses_finding(Guesses(300, 41, toward), 147, 10))
    for part in ("**300** of 400", "**41**", "blind chance gives 40", "**147**"):
        assert part in text


@pytest.mark.parametrize("is_toward", [True, False])
def test_where_all_classes_point_one_way_nothing_is_said_of_the_other(is_toward: bool) -> None:
    text = well_said(words.class_means_finding(np.array([is_toward] * 3), np.array([True, False, True]), 2))
    assert text.count("67%") == 1
    assert text.count("are memorized") == 1
    assert "blind chance gives 0.25" in words.guesses_finding(Guesses(1, 0, np.array([True])), 1, 4)


def test_what_stands_beside_the_coin_is_whole() -> None:
    for text in (words.COIN_ALT, words.ALIGNED_ALT, words.COIN_LEGEND):
        assert well_said(text)
