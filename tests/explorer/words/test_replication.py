"""What is said of the published figures beside ours."""

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from core.presets import PRESETS
from explorer import frames, words
from explorer.frames import Fit, Quantity
from explorer.frames.replication import CELL
from explorer.words.replication import number, signed_number
from tests.explorer.words.said import well_said

FIGURE_1 = PRESETS["liu-fig1-as-plotted"]
FITS = Fit(num_points=317, mean=0.31, rms=7.28, another=7.3, most=7.9, num_explained=307)
CLOSE = FITS._replace(rms=9.0)
FAR = FITS._replace(mean=60.0, rms=86.0, num_explained=40)
ASKED: dict[str, Any] = {"bias": True, "num_classes": 40, "num_steps": 2000}


def cells(*rows: tuple[bool, int, int, float, float, float]) -> pd.DataFrame:
    """bias, V, steps, misfit, another, most of some settings."""
    table = pd.DataFrame(rows, columns=[*CELL, "misfit", "another", "most"])
    return table.assign(num_seeds=2, is_reached=table["misfit"] <= table["most"])


BEST = (True, 10, 2000, 8.83, 7.06, 9.39)
WRITTEN = (True, 40, 2000, 86.1, 11.0, 14.0)


# --- one setting ------------------------------------------------------------------------------------------------------


def test_a_run_that_fits_is_said_to_be_possibly_one_more_with_the_numbers_that_say_so() -> None:
    text = well_said(words.residuals_finding(FITS, {10: FITS, 20: CLOSE}, "num_memorized"))
    assert text.startswith(
        "**C: the published run could be one more run of this setting.** Over 317 points, ours minus "
    )
    assert "is +0.3 samples on average and 7.3 as a root mean square (+0.3 and 7.3 at n = 10, +0.3 and 9.0 at" in text
    assert "would be 7.3 from ours, and more than 7.9 only one time in twenty" in text
    assert "307 of the 317 differences (97 %)" in text


def test_close_is_not_the_same_and_far_is_told_with_the_dimension_where_it_is_farthest() -> None:
    close = well_said(words.residuals_finding(CLOSE, {}, "num_memorized"))
    assert close.startswith("**C: the published run is close to this setting, though one more run of it would")
    far = well_said(words.residuals_finding(FAR, {10: FITS, 40: FAR}, "num_memorized"))
    assert far.startswith("**C: the published run was not made with this setting, least of all at n = 40.** ")
    assert "at n = 40.**" not in words.residuals_finding(FAR, {}, "num_memorized")


def test_one_seed_judges_nothing() -> None:
    alone = FITS._replace(another=math.nan, most=math.nan)
    text = well_said(words.residuals_finding(alone, {}, "num_memorized"))
    assert "could be" not in text
    assert text.endswith("choose two or more to judge the differences.")


def test_a_sharpness_is_written_as_one_and_never_in_samples() -> None:
    small = Fit(80, -0.0061, 0.0183, 0.0171, 0.02, 76)
    text = well_said(words.residuals_finding(small, {}, "sharpness"))
    assert "ours minus published is −0.0061 on average and 0.0183 as a root mean square." in text
    assert text.startswith("**The sharpness: the published run could be")
    assert "samples" not in text


@pytest.mark.parametrize(
    ("value", "quantity", "text", "signed"),
    [
        (7.25, "num_memorized", "7.2", "+7.2"),
        (-160.04, "num_memorized", "-160.0", "−160.0"),
        (-0.04, "num_memorized", "-0.0", "0.0"),
        (0.02416, "sharpness", "0.0242", "+0.0242"),
        (-0.2, "sharpness", "-0.2000", "−0.2000"),
    ],
)
def test_a_number_has_the_digits_of_its_quantity(value: float, quantity: Quantity, text: str, signed: str) -> None:
    assert (number(value, quantity), signed_number(value, quantity)) == (text, signed)


def test_what_does_not_count_is_told_by_its_place() -> None:
    figure = frames.published_points("num_memorized")
    text = well_said(str(words.odd_note(figure[figure["is_odd"]])))
    assert "n = 30, N = 280, where C = 17" in text
    assert words.odd_note(figure.head(0)) is None


def test_the_two_published_runs_are_compared_in_samples() -> None:
    assert "are 9.7 samples apart" in well_said(words.twice_note(9.657))


@pytest.mark.parametrize("which", [1, 2])
def test_the_legend_explains_the_band_where_there_is_one_and_cites(which: int) -> None:
    text = well_said(words.residuals_legend(FIGURE_1, which))
    assert "Grey: " in text
    assert f"Figure {which} of Ziming Liu" in text
    assert "Grey: " not in words.residuals_legend(replace(FIGURE_1, seeds=(0,)), which)


def test_every_step_of_the_story_is_said_well() -> None:
    for told in words.STORY.values():
        assert told.startswith("**")
        assert well_said(told.replace("?", ".")[2:].replace("**", ""))


# --- the map ----------------------------------------------------------------------------------------------------------


def test_the_smallest_misfit_is_told_with_its_setting_what_it_means_and_the_one_that_is_asked_about() -> None:
    text = well_said(words.misfit_finding(cells(WRITTEN, BEST), "num_memorized", ASKED))
    assert text.startswith("**Smallest misfit of C: 8.8 samples at V = 10, with a bias, 2,000 steps.** ")
    assert "would have about 7.1, and at most 9.4 in 19 of 20 cases: the published run could be one." in text
    assert "The framed one, V = 40, with a bias, 2,000 steps, has 86.1." in text
    assert text.endswith("No other setting could have made the published run, as far as this measure tells.")


def test_the_nearest_may_still_be_too_far() -> None:
    text = well_said(words.misfit_finding(cells(WRITTEN), "num_memorized", ASKED))
    assert "the published run is farther off than that." in text
    assert "framed" not in text  # it is the same
    assert text.endswith("So this measure leaves none of these settings.")


def test_a_setting_that_is_not_on_the_map_is_not_told() -> None:
    assert "framed" not in words.misfit_finding(cells(WRITTEN, BEST), "num_memorized", ASKED | {"num_classes": 13})


def test_all_that_could_have_made_it_are_told_together() -> None:
    others = cells(BEST, (False, 12, 500, 9.0, 8.0, 10.0), (True, 12, 500, 9.1, 8.0, 10.0), WRITTEN)
    text = well_said(words.misfit_finding(others, "num_memorized", ASKED))
    assert text.endswith("V = 10 or 12, 500 or 2,000 steps, with a bias and without.")
    assert "3 settings, those with a dot, could have made it" in text
    same = well_said(words.misfit_finding(cells(BEST, (True, 12, 500, 9.1, 8.0, 10.0)), "num_memorized", ASKED))
    assert same.endswith("all with a bias.")


def test_settings_that_diverged_are_told_and_the_others_judged() -> None:
    text = well_said(words.misfit_finding(cells(WRITTEN, BEST), "num_memorized", ASKED, 1))
    assert text.startswith("**Smallest misfit of C: 8.8 samples at V = 10, with a bias, 2,000 steps.** ")
    assert text.endswith("Not judged: 1 setting, with a point at which all runs diverged.")
    alone = cells((True, 10, 2000, 8.83, math.nan, math.nan))  # one run a point is left
    text = well_said(words.misfit_finding(alone, "num_memorized", ASKED, 12))
    assert "nobody knows how much single ones scatter." in text
    assert "could be one." not in text
    assert text.endswith("Not judged: 12 settings, with a point at which all runs diverged.")
    assert well_said(words.misfit_finding(cells(), "num_memorized", ASKED, 48)).startswith(
        "**No setting can be judged:"
    )


@pytest.mark.parametrize("quantity", ["num_memorized", "sharpness"])
def test_the_legend_of_the_map_says_which_points_and_what_the_marks_are(quantity: Quantity) -> None:
    text = well_said(words.misfit_legend(quantity, (50, 100, 400), 2))
    assert "3 of the 80 published N, evenly from 50 to 400" in text
    for mark in ("Ring", "Dot", "Frame"):
        assert f"{mark}: " in text
