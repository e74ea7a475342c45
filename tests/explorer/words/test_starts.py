"""What is said of other starts, on tables made to have each case."""

import pandas as pd
import pytest

from explorer import words
from tests.explorer.words.said import well_said


def finding(mean: float, counts: tuple[int, ...], chance: float = 0.24) -> str:
    """At N = 400; another N lies beside it."""
    overlap = pd.DataFrame(
        {
            "num_samples": [200, 400],
            "mean": [0.123, mean],
            "chance": [0.5, chance],
            "num_starts": [len(counts) - 1] * 2,
        }
    )
    consensus = pd.DataFrame({"times": range(len(counts)), "count": counts, "chance": 1.0})
    return well_said(words.starts_finding(overlap, consensus, sum(counts)))


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (1.0, "**It does not matter where training starts**"),
        (0.996, "**It does not matter where training starts**"),
        (0.99, "**It matters a little where training starts**"),
        (0.91, "**It matters a little where training starts**"),
        (0.9, "**Training has not arrived"),
        (0.3, "**Training has not arrived"),
    ],
)
def test_whether_the_start_matters_is_told_by_the_overlap(mean: float, verdict: str) -> None:
    text = finding(mean, (250, 5, 145))
    assert text.startswith(verdict)
    assert "at N = 400:" in text
    assert f"overlap by {mean:.1%}" in text
    assert "random sets would by 24%" in text


def test_samples_are_counted_that_all_none_or_some_of_the_starts_memorize() -> None:
    text = finding(0.97, (250, 3, 2, 1, 144))
    assert "144 samples are memorized from all 4 initial weights" in text
    assert "250 from none" in text
    assert "**6** from some" in text


def test_where_all_agree_nobody_is_torn() -> None:
    assert "**0** from some" in finding(1.0, (253, 0, 147))


@pytest.mark.parametrize(("counts", "which"), [((0, 0, 400), "All"), ((400, 0, 0), "None")])
def test_where_all_or_none_are_memorized_there_is_nothing_to_compare(counts: tuple[int, ...], which: str) -> None:
    overlap = pd.DataFrame({"num_samples": [400], "mean": [1.0], "chance": [1.0], "num_starts": [2]})
    consensus = pd.DataFrame({"times": range(3), "count": counts, "chance": 1.0})
    text = words.starts_finding(overlap, consensus, 400)
    assert text.startswith(f"{which} of the 400 samples")
    assert "nothing to compare" in text
    assert "matter" not in text


def test_legends_say_what_is_drawn() -> None:
    text = well_said(words.overlap_legend(8))
    for part in ("8 initial weights", "Jaccard", "band", "Dashed", "Click a point"):
        assert part in text
    assert "Dashed" in well_said(words.consensus_legend())
    assert "convex" in well_said(words.WHY)
    for alt in (words.OVERLAP_ALT, words.CONSENSUS_ALT):
        assert well_said(alt)
