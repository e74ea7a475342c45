"""What is said of the predictors, on tables made to have each case."""

import pandas as pd
import pytest

from core.bias import PREDICTORS
from core.ranking import Ranking
from explorer import frames, words
from tests.explorer.frames.rows import row
from tests.explorer.words.said import well_said


def rankings(num_datasets: int = 4, spread: float = 0.005, **aurocs: float) -> pd.DataFrame:
    """Of data sets whose predictors rank as named, all others like a coin, each a little more than the last."""
    rows = [
        row(
            40,
            400,
            seed,
            150,
            rankings={name: Ranking(aurocs.get(name, 0.5) + spread * (seed - 1.5), 0.03, 0.1) for name in PREDICTORS},
        )
        for seed in range(num_datasets)
    ]
    return frames.rankings_frame(rows)


BEST = rankings(least_squares_margin=0.963, alignment=0.9)


def test_the_best_is_told_with_its_interval_and_so_is_the_initial_loss() -> None:
    text = well_said(words.rankings_finding(BEST, 4))
    assert text.startswith("Over 4 data sets")
    assert "**least-squares margin** tells best" in text
    assert "larger for the memorized sample in 96% of all pairs" in text
    assert text.count("95 % interval") == 2
    assert "**initial loss** cannot be told from chance: it is smaller in 50%" in text
    assert "47% to 53%" in text  # by chance: 0.5 -+ 1.96 * 0.03 / 2
    assert "left out" not in text


def test_one_data_set_has_no_interval() -> None:
    text = well_said(words.rankings_finding(rankings(1, spread=0.0, alignment=0.9), 1))
    assert text.startswith("In one data set")
    assert "**alignment** tells best" in text
    assert "in 90%" in text
    assert "interval" not in text
    assert "cannot be told from chance" in text


def test_data_sets_that_were_left_out_are_counted() -> None:
    text = well_said(words.rankings_finding(BEST, 7))
    assert "Over 4 data sets" in text
    assert "3 data sets left out" in text
    assert "1 data set left out" in words.rankings_finding(BEST, 5)


@pytest.mark.parametrize(
    ("loss", "spread", "said"),
    [
        (0.5, 0.005, "cannot be told from chance"),
        (0.52, 0.001, "cannot be told from chance"),  # within what chance gives
        (0.56, 0.1, "cannot be told from chance"),  # the interval holds a half
        (0.56, 0.001, "tells little"),
        (0.44, 0.001, "tells little"),
        (0.75, 0.001, "tells too"),
    ],
)
def test_the_initial_loss_cannot_be_told_from_chance_where_that_or_its_interval_explains_it(
    loss: float, spread: float, said: str
) -> None:
    of = rankings(spread=spread, initial_loss=loss, least_squares_margin=0.96)
    assert f"**initial loss** {said}: it is smaller in {loss:.0%}" in well_said(words.rankings_finding(of, 4))


def test_what_ranks_the_wrong_way_round_is_told() -> None:
    text = well_said(words.rankings_finding(rankings(spread=0.001, initial_loss=0.3, input_norm=0.2, alignment=0.9), 4))
    assert "**initial loss** tells the other way: it is larger" in text
    assert "**length of the input** tells the other way: it is smaller" in text
    assert "other way" not in words.rankings_finding(BEST, 4)


def test_where_nothing_is_beyond_chance_nothing_tells_best() -> None:
    text = well_said(words.rankings_finding(rankings(spread=0.001), 4))
    assert "no statistic tells more than chance" in text
    assert "best" not in text
    assert "**initial loss** cannot be told from chance" in text


def test_an_initial_loss_that_tells_best_is_not_said_to_be_the_larger() -> None:
    of = rankings(initial_loss=0.7)
    assert of["statistic"].iloc[0] == "initial_loss"
    text = well_said(words.rankings_finding(of, 4))
    assert "**initial loss** tells best: it is smaller" in text
    assert "larger" not in text
    assert "raise the steps" in text


@pytest.mark.parametrize(
    ("num_memorized", "which", "advice"),
    [(400, "All of the 400 samples", "raise N"), (0, "None of the 400 samples", "lower N")],
)
def test_where_there_is_nobody_to_tell_apart_it_says_what_to_do(num_memorized: int, which: str, advice: str) -> None:
    text = words.nothing_to_rank(400, num_memorized, 8)
    assert well_said(text.replace("None", "Not one", 1))
    assert text.startswith(which)
    assert advice in text
    assert "8 data sets" in text


def test_the_legend_has_an_interval_only_where_there_are_several_data_sets() -> None:
    assert "95 % interval" in well_said(words.rankings_legend(8))
    assert "95 % interval" not in well_said(words.rankings_legend(1))
    for part in ("AUROC", "ticks", "stripe", "the smaller", "Click a bar"):
        assert part in words.rankings_legend(1)
