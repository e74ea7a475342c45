"""The sentences of the page Learning rate: each case in which they must say something else."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import SweepConfig
from core.tuning import Verdict, judge
from explorer import words
from tests.explorer.words.said import well_said

CONFIG = SweepConfig(
    input_dims=(40,), num_classes=10, num_samples=(40, 400), learning_rates=(0.01, 0.1), seeds=(0, 1, 2, 3)
)
RATES = (0.001, 0.01, 0.1, 1.0, 10.0)
# C by rate and seed: 0.01 to 1 are alike, 0.1 is the best, 0.001 is 30 behind, 10 is 50 behind.
HILL = judge(RATES, [[70, 71, 69], [99, 98.5, 100.5], [100, 100, 100], [99, 99.5, 99.8], [50, 51, 49]])


def answer(told: Verdict, rate: float) -> str:
    return words.answer(told, rate, dim=40, num_samples=1200, num_steps=2000)


# --- the answer -------------------------------------------------------------------------------------------------------


def test_a_rate_too_small_is_told_with_what_it_costs_and_what_to_try() -> None:
    text = well_said(answer(HILL, 0.001))
    assert text.startswith("At n = 40, N = 1,200 and 2,000 steps, a learning rate of 0.001 is **too small**:")
    assert "30.0 ± 2.0 samples fewer (of 1,200) than the best rate, 0.1." in text
    assert "**Try 0.1**, the middle of what is fine." in text


def test_a_rate_too_large_is_told_to_be_unstable() -> None:
    text = well_said(answer(HILL, 10.0))
    assert "a learning rate of 10 is **too large** (unstable): it memorizes 50.0 ± 2.0 samples" in text
    assert "**Try 0.1**, the middle of what is fine." in text


def test_the_best_rate_is_fine() -> None:
    text = well_said(answer(HILL, 0.1))
    assert "a learning rate of 0.1 is **fine**: no other memorizes more." in text
    assert "Try" not in text


def test_a_rate_that_cannot_be_told_from_the_best_is_fine_with_its_difference() -> None:
    text = well_said(answer(HILL, 1.0))
    assert "is **fine**: it memorizes 0.6 ± 2.0 samples fewer" in text
    assert "Try" not in text


def test_what_to_try_lies_in_the_middle_of_what_is_fine_and_not_at_its_rim() -> None:
    told = judge(RATES, [[50] * 3, [100, 100, 101], [100, 100, 100], [100, 100, 100], [50] * 3])
    assert told.best == 1
    assert "**Try 0.1**, the middle of what is fine." in answer(told, 10.0)


@pytest.mark.parametrize(
    ("memorized", "span"),
    [
        ([50, 100, 100, 100, 50], "From 0.01 to 1 all"),
        ([100, 100, 100, 100, 50], "From 0.001 or less to 1 all"),
        ([50, 50, 100, 100, 100], "From 0.1 to 10 or more all"),
        ([100, 100, 100, 100, 100], "From 0.001 or less to 10 or more all"),
    ],
)
def test_the_rates_that_are_fine_may_go_on_beyond_the_map(memorized: list[int], span: str) -> None:
    told = judge(RATES, [[c] * 3 for c in memorized])
    assert f"{span} do equally well, as far as 3 seeds can tell." in answer(told, 0.1)


def test_a_single_rate_that_is_fine_is_said_to_be_alone() -> None:
    told = judge(RATES, [[c] * 3 for c in (10, 20, 100, 30, 20)])
    assert "Every other learning rate memorizes less than 0.1 does." in well_said(answer(told, 0.1))
    assert "equally well" not in answer(told, 0.1)


def test_a_rate_without_others_is_said_to_have_none() -> None:
    text = well_said(answer(judge((0.1,), [[5, 6, 7]]), 0.1))
    assert text.endswith("There is no other rate to compare it with: choose a range of learning rates.")


def test_with_one_seed_it_says_that_nothing_can_be_told_apart() -> None:
    for rate in RATES:
        assert answer(judge(RATES, [[1], [2], [3], [4], [5]]), rate) == words.ONE_SEED
    assert "choose two or more" in well_said(words.ONE_SEED)


counts = st.lists(st.integers(0, 20_000), min_size=3, max_size=3)


@given(st.lists(counts, min_size=5, max_size=5), st.sampled_from(RATES))
def test_an_answer_says_what_the_verdict_does_in_whole_sentences(table: list[list[int]], rate: float) -> None:
    told = judge(RATES, table)
    text = well_said(answer(told, rate))
    word = told.word(RATES.index(rate))
    assert f"a learning rate of {rate:g} is **{'too large' if word == 'unstable' else word}" in text
    assert ("Try" in text) == (word != "fine")
    if word != "fine":
        tried = float(text.split("**Try ")[1].split("**, ")[0])
        assert told.word(RATES.index(tried)) == "fine"


# --- legends ----------------------------------------------------------------------------------------------------------


def test_the_legend_of_the_map_explains_what_is_on_it_and_nothing_else() -> None:
    text = well_said(words.map_legend(CONFIG))
    assert text.startswith("Each cell: mean of 4 seeds. Dot:")
    assert "Dashed: from here up, training ends at the edge of stability" in text
    for schedule in ("cosine", "wsd"):  # where no step at the end is large enough for it
        assert "Dashed" not in well_said(words.map_legend(replace(CONFIG, schedule=schedule)))
    alone = well_said(words.map_legend(replace(CONFIG, seeds=(0,))))
    assert words.ONE_SEED in alone
    assert "Dot" not in alone


def test_the_legend_of_curves_has_the_number_of_seeds() -> None:
    assert "mean of 4 seeds" in well_said(words.curves_legend(4))
    assert "one seed" in words.curves_legend(1)


def test_who_cannot_see_a_chart_is_told_what_it_is() -> None:
    assert well_said(words.MAP_ALT)
    assert well_said(words.RATES_ALT)


# --- schedules --------------------------------------------------------------------------------------------------------


def schedules(**memorized: list[float]) -> str:
    """The answer for C at each schedule's best rate, a number a seed."""
    best = {name: (rate, counts_) for (name, counts_), rate in zip(memorized.items(), RATES, strict=False)}
    at_asked = dict.fromkeys(memorized, 47.25)
    return well_said(words.schedules_answer(best, at_asked, 0.3, num_samples=1200, num_steps=5000))


def test_each_schedule_is_told_with_what_it_memorizes_at_its_best_rate() -> None:
    text = schedules(Constant=[98, 98.08], Cosine=[99, 99], WSD=[98, 99])
    assert text.startswith("Of 1,200 samples, after 5,000 steps at η = 0.3, each memorizes: Constant **47.2**, Cosine ")
    assert "At its own best rate: Constant 98.0 (at 0.001), Cosine 99.0 (at 0.01), WSD 98.5 (at 0.1)." in text


def test_less_than_a_sample_between_schedules_does_not_matter() -> None:
    text = schedules(Constant=[98, 99, 98], Cosine=[99, 99, 98], WSD=[98, 99, 98])
    assert text.endswith(
        "There they differ by less than a sample: with the right rate the schedule does not matter here."
    )


def test_a_schedule_that_is_ahead_on_every_data_set_is_ahead() -> None:
    """Data sets differ by more than schedules: paired, 3, 4 and 3 are not nothing."""
    text = schedules(Constant=[50, 90, 70], Cosine=[53, 94, 73], WSD=[52, 92, 72])
    assert text.endswith("Cosine is 3.3 ± 1.4 samples ahead of Constant (95 % interval, paired by seed).")


def test_a_schedule_that_is_ahead_by_accident_cannot_be_told_apart() -> None:
    text = schedules(Constant=[50, 90, 70], Cosine=[60, 85, 75], WSD=[55, 90, 70])
    assert text.endswith("(95 % interval, paired by seed), which may be chance.")


def test_one_seed_of_each_schedule_says_nothing() -> None:
    assert schedules(Constant=[50], Cosine=[60], WSD=[55]).endswith(words.ONE_SEED)


@given(
    st.integers(1, 5).flatmap(
        lambda num_seeds: st.lists(
            st.lists(st.integers(0, 20_000), min_size=num_seeds, max_size=num_seeds), min_size=3, max_size=3
        )
    )
)
def test_schedules_are_told_in_whole_sentences(memorized: list[list[int]]) -> None:
    text = schedules(**dict(zip(("Constant", "Cosine", "WSD"), memorized, strict=True)))  # type: ignore[arg-type]
    assert all(f"{name} **" in text for name in ("Constant", "Cosine", "WSD"))


# --- the post's claim -------------------------------------------------------------------------------------------------


def claim(**memorized: list[int]) -> str:
    """The answer for "n10_500": C at each rate, the same for three seeds."""
    told: dict[tuple[int, int], Any] = {}
    for case, counts_ in memorized.items():
        n, steps = case[1:].split("_")
        told[int(n), int(steps)] = judge(RATES, [[c] * 3 for c in counts_])
    return words.claim_answer(told, 0.01)


SMALL, FINE, LARGE = [10, 20, 100, 100, 50], [10, 100, 100, 50, 50], [100, 50, 40, 30, 20]


def test_the_claim_is_answered_dimension_by_dimension() -> None:
    text = well_said(claim(n10_500=SMALL, n10_1000=SMALL, n10_5000=FINE, n40_500=FINE, n40_1000=FINE, n40_5000=FINE))
    assert (
        "At n = 10, a learning rate of 0.01 is **too small** at 500 and 1,000 steps and **fine** at 5,000 steps."
        in text
    )
    assert "At n = 40, a learning rate of 0.01 is **fine** at 500, 1,000 and 5,000 steps." in text
    assert "Nowhere is it too large." in text
    assert text.endswith("(*Fine*: 3 seeds do not tell it from the best rate.)")


def test_where_it_is_too_large_nobody_says_that_it_is_not() -> None:
    text = well_said(claim(n10_500=FINE, n40_500=LARGE))
    assert "At n = 40, a learning rate of 0.01 is **unstable** at 500 steps." in text
    assert "Nowhere" not in text


def test_the_order_of_the_cases_does_not_matter() -> None:
    assert claim(n40_5000=FINE, n10_500=SMALL, n40_500=LARGE) == claim(n10_500=SMALL, n40_500=LARGE, n40_5000=FINE)


@given(st.lists(st.lists(counts, min_size=5, max_size=5), min_size=4, max_size=4), st.sampled_from(RATES))
def test_the_claim_is_answered_in_whole_sentences(tables: list[list[list[int]]], rate: float) -> None:
    cases = [(n, steps) for n in (10, 40) for steps in (500, 2000)]
    told = {case: judge(RATES, np.array(table)) for case, table in zip(cases, tables, strict=True)}
    text = well_said(words.claim_answer(told, rate))
    for n in (10, 40):
        assert f"At n = {n}, a learning rate of {rate:g} is **" in text
    said = {verdict.word(RATES.index(rate)) for verdict in told.values()}
    assert said == {word for word in ("too small", "fine", "unstable") if f"**{word}**" in text}
