"""What the page Samples says of all samples and of one, on tables made to have each case."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from core.bias import PREDICTORS
from explorer import frames, words
from explorer.statistics import STATISTICS
from tests.explorer.words.said import well_said


def table(memorized: list[bool], **columns: Any) -> pd.DataFrame:
    """As `frames.samples_frame` makes them: the larger a sample's number, the larger its statistics."""
    rising = np.arange(len(memorized), dtype=float)
    return pd.DataFrame(
        {
            "sample": np.arange(len(memorized)),
            "label": 3,
            "memorized": memorized,
            "competitor": 1,
            **dict.fromkeys(STATISTICS, rising),
            "first_step": np.where(memorized, 10.0, np.nan),
            "forgetting_events": 0,
            "label_count": rising + 1,
            "last_forgotten": np.nan,
            "least_squares_margin": rising - len(memorized) / 2,
            **columns,
        }
    )


HALF = table([False] * 20 + [True] * 20)  # everything tells
COIN = table([False, True] * 20)  # nothing does
ALL, NONE = table([True] * 12), table([False] * 12)
percent = re.compile(r"(−?-?\d+)%")


def finding(of: pd.DataFrame, statistic: str) -> str:
    """Of a layer with ten classes."""
    return well_said(words.samples_finding(of, 10, statistic, frames.separation(of, statistic)))


# --- all samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "count"), [(HALF, "20 of 40"), (ALL, "12 of 12"), (NONE, "0 of 12")])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_finding_begins_with_how_many_are_memorized(of: pd.DataFrame, count: str, statistic: str) -> None:
    text = finding(of, statistic)
    assert f"**{count} samples**" in text
    assert text.startswith(words.memorized_of(of, 10))


def test_thousands_have_a_comma() -> None:
    text = well_said(words.memorized_of(table([True] * 1_500 + [False] * 500), 10))
    assert "1,500 of 2,000 samples" in text
    assert "guesses get about 200" in text
    assert "1 of 1 sample**; blind guesses get about 0.1." in words.memorized_of(table([True]), 10)


@pytest.mark.parametrize(("of", "advice"), [(ALL, "raise N"), (NONE, "lower N")])
def test_where_all_or_none_are_memorized_there_is_nothing_to_tell(of: pd.DataFrame, advice: str) -> None:
    for statistic in STATISTICS:
        text = finding(of, statistic)
        assert "nobody to tell apart" in text
        assert advice in text
        assert "pairs" not in text
        assert "predicts" not in text


@pytest.mark.parametrize("statistic", PREDICTORS)
@pytest.mark.parametrize(
    "of", [HALF, COIN, table([True] * 15 + [False] * 20 + [True] * 10)], ids=["half", "coin", "ends"]
)
def test_what_a_predictor_tells_is_its_auroc(statistic: str, of: pd.DataFrame) -> None:
    text = finding(of, statistic)
    values = -of[statistic] if statistic == "initial_loss" else of[statistic]
    assert f"**{roc_auc_score(of['memorized'], values):.0%}**" in text
    assert ("smaller" if statistic == "initial_loss" else "larger") in text
    assert STATISTICS[statistic].name.lower() in text.lower()
    low, high = map(int, re.findall(r"(\d+)% to (\d+)%", text)[0])
    assert low + high == pytest.approx(100, abs=1)


def test_what_tells_is_told_from_what_does_not_by_chance() -> None:
    """40 samples, 20 memorized: three standard deviations of an AUROC by chance are 0.28."""
    assert finding(HALF, "alignment").endswith("this is not chance.")
    assert "22% to 78%" in finding(HALF, "alignment")
    assert finding(HALF, "initial_loss").endswith("this is not chance.")  # turned round, but it does
    for statistic in PREDICTORS:
        assert finding(COIN, statistic).endswith("this cannot be told from chance.")


@pytest.mark.parametrize(("statistic", "when"), [(key, told.when) for key, told in STATISTICS.items()])
def test_what_is_not_known_before_training_is_said_to_predict_nothing(statistic: str, when: str) -> None:
    text = finding(HALF, statistic)
    assert ("predicts nothing" in text) == (when != "before")
    assert ("during training" in text) == (when == "during")
    assert ("only after training" in text) == (when == "after")


def test_chance_lies_between_nothing_and_all() -> None:
    text = finding(table([True, False, False]), "alignment")
    assert all(0 <= int(each.replace("−", "-")) <= 100 for each in percent.findall(text)), text


def test_the_legend_counts_the_samples_that_have_no_mark() -> None:
    assert "20 samples that never" in well_said(words.samples_legend(HALF, "alignment", "first_step"))
    assert "20 samples that never" in words.samples_legend(HALF, "first_step", "alignment")
    assert "never" not in well_said(words.samples_legend(HALF, "alignment", "final_loss"))
    assert "never" not in words.samples_legend(ALL, "alignment", "first_step")
    for gesture in ("Drag", "click"):
        assert gesture in words.samples_legend(HALF, "alignment", "final_loss")


def test_a_rectangle_is_told_with_what_it_holds() -> None:
    text = well_said(words.brushed(HALF, HALF.iloc[15:30]))
    assert "15 samples in the rectangle" in text
    assert "67% of them memorized" in text
    assert "of all: 50%" in text
    assert well_said(words.brushed(HALF, HALF.head(0))) == "No sample lies in the rectangle."


# --- one sample -------------------------------------------------------------------------------------------------------


def why(samples: pd.DataFrame, sample: int, **places: frames.Place) -> str:
    alignment = places.get("alignment", frames.place(samples["alignment"], sample))
    least_squares = places.get("least_squares", frames.place(samples["least_squares_margin"], sample))
    return well_said(words.why(samples, sample, alignment, least_squares))


def test_a_sample_is_told_with_its_label_its_competitor_and_its_fate() -> None:
    assert "competitor is class 1" in why(HALF, 39)
    assert "Sample 39 has label 3 and is memorized" in why(HALF, 39)
    assert "Sample 0 has label 3 and is not memorized" in why(HALF, 0)
    assert "Sample 1,234 " in why(table([True] * 700 + [False] * 700), 1_234)


@pytest.mark.parametrize(
    ("deviations", "said", "number"),
    [
        (2.14, "points its way", "alignment +2.1 s.d."),
        (-1.96, "points away from it", "alignment −2.0 s.d."),
        (0.49, "neither its way nor away", "alignment +0.5 s.d."),
        (-0.3, "neither its way nor away", "alignment −0.3 s.d."),
        (0.0, "neither its way nor away", "alignment 0.0 s.d."),
        (-0.04, "neither its way nor away", "alignment 0.0 s.d."),
    ],
)
def test_where_its_class_points_is_told_with_deviations_and_rank(deviations: float, said: str, number: str) -> None:
    text = why(HALF, 5, alignment=frames.Place(deviations, 12))
    assert said in text
    assert number in text
    assert "rank 12 of 40" in text


def test_what_the_fit_to_the_others_says_is_told_with_its_rank() -> None:
    last, first = why(HALF, 0), why(HALF, 39)
    assert "number 40 of 40" in last
    assert "number 1 of 40" in first
    for text in (last, first):
        assert "the other 39 samples" in text


@pytest.mark.parametrize(
    ("sample", "is_memorized", "share", "is_exception"),
    [(39, True, 100, False), (39, False, 100, True), (0, False, 0, False), (0, True, 0, True)],
)
def test_a_sample_is_expected_or_an_exception_by_what_those_like_it_came_to(
    sample: int, is_memorized: bool, share: int, is_exception: bool
) -> None:
    """Of the tenth of the others that are nearest in the least-squares margin, but at least five."""
    memorized = [False] * 20 + [True] * 20
    memorized[sample] = is_memorized
    text = why(table(memorized), sample)
    assert f"Of the 5 samples with the nearest margin {share}% are memorized" in text
    assert ("exception" in text) == is_exception
    assert ("to be expected" in text) == (not is_exception)


@given(st.lists(st.booleans(), min_size=2, max_size=120), st.data())
def test_those_like_it_are_the_nearest_others_and_never_the_sample_itself(memorized: list[bool], data: Any) -> None:
    sample = data.draw(st.integers(0, len(memorized) - 1))
    margin = [data.draw(st.floats(-1, 1)) for _ in memorized]
    samples = table(memorized, least_squares_margin=margin)
    text = why(samples, sample)
    if len(set(memorized)) == 1:
        assert ("Here every sample is memorized" if memorized[0] else "Here no sample is memorized") in text
        return
    wanted = max(5, round(len(memorized) / 10))
    others = [other for other in range(len(memorized)) if other != sample]
    nearest = sorted(others, key=lambda other: abs(margin[other] - margin[sample]))
    [(number, share)] = re.findall(r"Of the ([\d,]+) samples? with the nearest margin (\d+)%", text)
    assert int(number) == min(wanted, len(others))
    gaps = [abs(margin[other] - margin[sample]) for other in nearest]
    if len(set(gaps)) == len(gaps):  # no ties
        assert int(share) == pytest.approx(100 * np.mean([memorized[other] for other in nearest[:wanted]]), abs=0.51)
    if 35 < int(share) < 65:
        assert "either way" in text
    elif int(share) not in (35, 65):  # there rounding decides
        assert ("exception" in text) == (memorized[sample] != (int(share) > 50))
        assert ("to be expected" in text) != ("exception" in text)


@pytest.mark.parametrize("is_memorized", [True, False])
def test_where_those_like_it_are_divided_it_could_have_gone_either_way(is_memorized: bool) -> None:
    text = why(table([True, False] * 2 + [is_memorized] + [False, True] * 2), 4)
    assert "either way" in text
    assert "exception" not in text


def test_a_sample_whose_class_has_no_other_is_not_told_where_that_points() -> None:
    text = why(table([False, True, False], label_count=[0, 1, 1]), 0)
    assert "No other sample has its label" in text
    assert "class mean" not in text


def test_a_sample_that_is_alone_is_told_in_one_sentence() -> None:
    assert "Sample 0 has label 3 and is memorized" in why(table([True]), 0)
    assert why(table([True]), 0).count(".") == 1


# --- along training ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "times", "last", "said", "not_said"),
    [
        (math.nan, 0, math.nan, ["never memorized in 2,000 steps"], ["first", "forgotten"]),
        (120, 0, math.nan, ["first memorized at step 120", "never forgotten"], ["luck"]),
        (0, 0, math.nan, ["luck", "before the first step", "never forgotten"], ["at step"]),
        (1_200, 1, 1_500, ["at step 1,200", "forgotten once", "at step 1,500"], ["never", "times"]),
        (3, 1_017, 1_999, ["at step 3,", "forgotten 1,017 times", "last at step 1,999"], ["never", "once"]),
        (0, 1, 1, ["luck", "forgotten once", "at step 1."], ["never"]),
    ],
)
def test_when_a_sample_was_memorized_and_forgotten_is_told(
    first: float, times: int, last: float, said: list[str], not_said: list[str]
) -> None:
    own = pd.Series({"first_step": first, "forgetting_events": times, "last_forgotten": last, "memorized": False})
    text = well_said(words.along(own, 2_000))
    own["memorized"] = True
    assert ("learned again" in words.along(own, 2_000)) == (times > 0)
    assert all(part in text for part in said), text
    assert not any(part in text for part in not_said), text


# --- what stands beside charts ----------------------------------------------------------------------------------------


def test_who_cannot_see_a_chart_is_told_what_it_is() -> None:
    for text in (words.SAMPLES_ALT, words.TABLE_ALT, words.LOGITS_ALT, words.ALONG_ALT):
        assert well_said(text)


def test_the_map_names_its_source_and_its_three_corners() -> None:
    text = well_said(words.CARTOGRAPHY_LEGEND)
    assert "2009.10795" in text
    for corner, (across, down) in words.CORNERS.items():
        assert corner in text
        assert 0 < across < 1
        assert 0 < down < 1
    assert words.CORNERS["easy"][1] < words.CORNERS["ambiguous"][1] < words.CORNERS["hard"][1]  # from the top
    assert words.CORNERS["ambiguous"][0] > words.CORNERS["easy"][0]
    assert well_said(words.WATCH_LEGEND)


def test_the_fates_of_samples_are_counted() -> None:
    of_each = {"both": 30, "only A": 10, "only B": 20, "neither": 40}
    told = pd.Series(pd.Categorical(np.repeat(list(of_each), list(of_each.values())), frames.FATES))
    said = well_said(words.fates_told(told))
    assert "100 samples" in said
    assert "both memorize **30**, only A **10**, only B **20**, neither 40" in said
    assert "would memorize about 20." in said  # 100 * 0.4 * 0.5


def test_samples_that_only_one_has_are_not_counted() -> None:
    told = pd.Series(pd.Categorical(["both", "neither", None, None], frames.FATES))
    assert "Of the 2 samples" in words.fates_told(told)
