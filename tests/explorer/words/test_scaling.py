"""What is said of capacities and of the post's 4 n: each case in which it must be something else."""

import math
import re
from typing import Any

import pandas as pd
import pytest

from core import SweepConfig
from explorer import frames, words
from tests.explorer.words.said import well_said

CONFIG = SweepConfig((40,), 10, (20, 40), seeds=range(4))
NAN = math.nan


def slope(v: int, value: float, low: float = NAN, high: float = NAN, theory: float = 5.0) -> dict[str, float]:
    return {"num_classes": v, "slope": value, "low": low, "high": high, "theory": theory, "alpha": 0.9 * theory}


def slopes(*rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=frames.slope_frame(scaling()).columns)


def scaling(*rows: tuple[int, int, float], **others: Any) -> pd.DataFrame:
    """Rows of V, n and capacity / n."""
    table = pd.DataFrame(rows, columns=["num_classes", "input_dim", "per_dim"])
    return table.assign(**{"bound": "", "residual": 0.0, "residual_low": NAN, "num_undecided": 0} | others)


# --- the post's 4 n ---------------------------------------------------------------------------------------------------


def answer(*rows: dict[str, float], by: frames.CapacityKind = "trained") -> str:
    found = words.post_answer(slopes(*rows), by)
    assert found is not None
    return well_said(found)


def test_of_both_v_it_says_what_was_found_and_whether_that_is_4_n() -> None:
    text = answer(slope(10, 4.36, 4.21, 4.48), slope(40, 9.71, 9.52, 9.93))
    assert text.startswith("The post says that a layer memorizes about 4 n labels.")
    assert "For V = 10 we find **4.4 n** (95 % interval 4.2 to 4.5): that is about 4 n." in text
    assert "For V = 40, which the post’s text names, we find **9.7 n** (95 % interval 9.5 to 9.9): that is more" in text
    assert text.endswith("see the page *Capacity*.")


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (3.5, NAN, NAN, "that is about 4 n."),
        (4.49, 4.4, 4.6, "that is about 4 n."),
        (4.5, NAN, NAN, "that is more than 4 n."),
        (4.8, 4.4, 5.2, "within what may be chance, that is about 4 n."),
        (4.8, 4.6, 5.0, "that is more than 4 n."),
        (3.2, 2.9, 3.6, "within what may be chance, that is about 4 n."),
        (1.2, 0.9, 1.5, "that is less than 4 n."),
    ],
)
def test_it_is_4_n_if_it_rounds_to_4_or_may_do_so(value: float, low: float, high: float, verdict: str) -> None:
    assert answer(slope(10, value, low, high)).endswith(verdict)


def test_without_an_interval_none_is_told() -> None:
    assert "we find **4.4 n**: that" in answer(slope(10, 4.36))


def test_of_one_v_it_does_not_compare_with_the_published_figures() -> None:
    assert "published" not in answer(slope(40, 9.7))
    assert "V = 10" not in answer(slope(40, 9.7))


def test_what_could_be_had_is_not_what_the_post_trained() -> None:
    text = answer(slope(10, 4.8), slope(40, 11.0), by="separable")
    assert "by training; here is what could be had without an error" in text
    assert "published" not in text


def test_of_other_v_there_is_no_answer() -> None:
    assert words.post_answer(slopes(slope(2, 2.0), slope(20, 7.0)), "trained") is None
    assert words.post_answer(slopes(), "trained") is None


# --- across V, and across n -------------------------------------------------------------------------------------------


def test_growth_with_v_is_told_beside_theory_and_for_each_weight() -> None:
    text = words.slopes_finding(slopes(slope(2, 2.0, theory=2.07), slope(10, 4.4), slope(40, 10.0, theory=11.21)))
    assert text is not None
    well_said(text)
    assert "From V = 2 to V = 40 capacity grows from 2.00 n to 10.00 n" in text
    assert "2.07 n and 11.21 n" in text
    assert "one sample takes 1.0 of them at V = 2 and 4.0 at V = 40" in text


def test_one_v_does_not_grow() -> None:
    assert words.slopes_finding(slopes(slope(10, 4.4))) is None
    assert words.slopes_finding(slopes()) is None


def bend(table: pd.DataFrame, by: frames.CapacityKind = "trained", *, bias: bool = True) -> str:
    found = words.bend_finding(table, by, bias=bias)
    assert found is not None
    return well_said(found)


def test_the_curve_with_most_n_shows_that_it_is_not_quite_a_line() -> None:
    text = bend(scaling((2, 5, 2.1), (2, 40, 2.0), (10, 40, 4.4), (10, 5, 3.6), (10, 20, 4.2), (40, 5, 6.7)))
    assert "at V = 10 it is 3.60 at n = 5 and 4.40 at n = 40" in text


def test_what_makes_it_smaller_at_small_n_is_told_where_it_is_so() -> None:
    few_inputs, luck = "fewer inputs than classes", "luck differs more"
    assert few_inputs in bend(scaling((10, 5, 3.6), (10, 40, 4.4)))
    assert luck in bend(scaling((10, 5, 3.6), (10, 40, 4.4)))
    assert few_inputs not in bend(scaling((10, 9, 3.6), (10, 40, 4.4)))
    assert few_inputs in bend(scaling((10, 8, 3.6), (10, 40, 4.4)))
    assert luck not in bend(scaling((10, 5, 4.7), (10, 40, 4.8)), "separable")
    assert few_inputs in bend(scaling((10, 5, 4.7), (10, 40, 4.8)), "separable")
    for text in (
        bend(scaling((2, 5, 2.4), (2, 40, 2.0))),  # larger at small n, as a bias makes it
        bend(scaling((2, 5, 2.0), (2, 40, 2.1)), "separable"),
    ):
        assert "smaller" not in text


def test_a_bias_is_spoken_of_only_where_there_is_one() -> None:
    table = scaling((10, 5, 3.6), (10, 40, 4.4))
    assert "The bias counts as one more input" in bend(table)
    assert "bias" not in bend(table, bias=False)
    assert "Yet it is smaller there: with" in bend(table)
    assert "It is smaller there: with" in bend(table, bias=False)


def test_exact_capacities_above_theory_are_explained_if_they_are_no_accident() -> None:
    rows = ((10, 5, 4.7), (10, 20, 4.9), (10, 40, 4.8))
    table = scaling(*rows, residual=[-12.0, 9.0, 3.6], residual_low=[-20.0, -3.0, 1.8])
    assert "Some capacities lie above theory, by up to 4 %: theory holds for n → ∞, and" in bend(table, "separable")
    assert "above theory" not in bend(table.assign(residual_low=NAN), "separable")
    assert "above theory" not in bend(table)


def test_one_n_of_each_v_is_no_curve() -> None:
    assert words.bend_finding(scaling((2, 5, 2.0), (10, 5, 3.6)), "trained", bias=True) is None
    assert words.bend_finding(scaling((2, 5, 2.0), (2, 9, 3.6), bound="at least"), "trained", bias=True) is None
    assert words.bend_finding(scaling(), "trained", bias=True) is None


# --- what is not known ------------------------------------------------------------------------------------------------


def test_bounds_are_named_with_what_may_help() -> None:
    rows = ((2, 3, 2.0), (2, 5, 2.0), (10, 80, 1.0), (10, 5, 4.0))
    found = words.bounds_note(scaling(*rows, bound=["at least", "at least", "at most", ""]), "trained")
    assert found is not None
    first, second = re.split(r"(?<=\.) ", well_said(found))
    assert "larger" in first
    assert "n = 3, V = 2; n = 5, V = 2" in first
    assert "smaller" in second
    assert "n = 80, V = 10: more steps or a larger learning rate may help" in second
    assert words.bounds_note(scaling((2, 3, 2.0)), "trained") is None
    assert words.bounds_note(scaling(), "separable") is None


def test_bounds_of_exact_capacities_say_which_end_is_missing_and_nothing_of_training() -> None:
    found = words.bounds_note(scaling((2, 3, 2.0), (10, 80, 1.0), bound=["at least", "at most"]), "separable")
    assert found is not None
    assert well_said(found) == (
        "Even at the largest N not every data set is known to fail, and the capacity may be larger than shown, for "
        "n = 3, V = 2. Some data sets fail even at the smallest N, or could not be decided, and the capacity may be "
        "smaller than shown, for n = 80, V = 10."
    )


def test_what_was_left_out_is_named() -> None:
    found = words.left_out_note([(40, 40), (80, 20)])
    assert found is not None
    assert "n = 40, V = 40; n = 80, V = 20" in well_said(found)
    assert words.left_out_note([]) is None


@pytest.mark.parametrize(("count", "said"), [(1, "1 data set could not be decided"), (3, "3 data sets could")])
def test_data_sets_without_a_verdict_are_counted(count: int, said: str) -> None:
    found = words.undecided_note(scaling((2, 3, 2.0), (2, 5, 2.0), num_undecided=[count - 1, 1]))
    assert found is not None
    assert well_said(found).startswith(said)
    assert words.undecided_note(scaling((2, 3, 2.0))) is None


def test_who_chose_nothing_or_cannot_see_the_chart_is_told_so() -> None:
    well_said(words.NO_LAYER)
    well_said(words.SCALING_ALT)


# --- the legend -------------------------------------------------------------------------------------------------------


def test_the_legend_says_what_points_bars_and_lines_are() -> None:
    trained, exact = (words.scaling_legend(by, CONFIG) for by in ("trained", "separable"))
    assert "95 % are memorized, on the mean curve of 4 seeds, trained for 2,000 steps" in trained
    assert "pale" not in trained
    assert "completely, on average over 4 seeds" in exact
    assert "Each verdict is proved; where one is missing, only a bound is known. Wide pale bars" in exact
    for text in (trained, exact):
        assert "Thin bars: 95 % interval" in text
        assert "(n + 1)$, the bias being one more input" in text


def test_the_legend_names_no_intervals_of_one_seed_and_no_bias_where_there_is_none() -> None:
    text = words.scaling_legend("trained", SweepConfig((40,), 10, (20,), bias=False))
    assert "mean curve of 1 seed," in text
    assert "Thin bars" not in text
    assert "bias" not in text
    assert "\\alpha_c(V)\\,n$." in text
