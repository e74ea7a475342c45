"""The sentences of the page Limits: each case in which they must say something else."""

import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import SweepConfig
from core.config import INPUTS
from explorer import frames, words
from explorer.frames import Threshold
from tests.explorer.frames.rows import limits_row
from tests.explorer.words.said import well_said

CONFIG = SweepConfig((40,), 10, (5, 100, 200, 400), seeds=range(4))
ONE_SEED = replace(CONFIG, seeds=(0,))
GD = replace(CONFIG, optimizer="gd", momentum=0.9)


def here(
    *,
    at: int = 200,
    trained: float = 136,
    optimum: float = 145.75,
    most: float = 193.5,
    loss: float = 0.5,
    least: float = 0.48,
    **others: float,
) -> pd.Series:
    """A row of `frames.limits_table`."""
    values = {"num_samples": at, "trained": trained, "optimum": optimum, "most": most}
    values |= {"difference": trained - optimum, "largest_difference": abs(trained - optimum)}
    values |= {"tied": 0.0, "most_estimate": 197.6, "loss": loss, "least_loss": least, "separable": 0.0, "finite": 1.0}
    return pd.Series(values | {"num_datasets": 4} | others)


def finding(config: SweepConfig = CONFIG, **values: Any) -> str:
    return well_said(words.limits_finding(here(**values), config))


def all_of(trained: float, **others: Any) -> str:
    """Of data that can be separated."""
    return finding(trained=trained, optimum=200, most=200, least=0.0, separable=1.0, finite=0.0, **others)


# --- one N ------------------------------------------------------------------------------------------------------------


def test_where_all_is_memorized_nothing_more_is_said() -> None:
    text = all_of(200, loss=0.001)
    assert text == "At **N = 200** Adam memorizes 200 samples in 2,000 steps: everything, as an ideal optimizer would."
    assert "gradient descent memorizes" in all_of(200, config=GD)


def test_where_hardly_one_is_missing_it_is_not_said_to_be_everything() -> None:
    assert all_of(199.75).endswith(
        "memorizes 199.8 samples in 2,000 steps: nearly everything. An ideal optimizer would memorize all."
    )


def test_where_training_falls_short_of_everything_it_is_the_optimizers_fault() -> None:
    text = all_of(197.5, loss=0.0213)
    assert "The optimum of its own loss memorizes 200, all of them: **the optimizer is 2.5 samples short**" in text
    assert "with a loss 0.021 nats above the least." in text
    assert "*Closing the gap*" in text
    assert text.count("more") == 0  # no weights memorize more than all


def test_where_training_falls_short_of_the_optimum_both_shares_of_the_loss_are_told() -> None:
    assert finding() == (
        "At **N = 200** Adam memorizes 136 samples in 2,000 steps. The optimum of its own loss memorizes 145.8: **the "
        "optimizer is 9.8 samples short**, with a loss 0.02 nats above the least. More steps usually win them; see "
        "*Closing the gap*. Yet some weights memorize at least **193.5** (the estimate for infinitely many inputs is "
        "198): cross-entropy gets 47.8 fewer, because it spends itself on samples that it cannot win."
    )
    assert "is 1 sample short**" in finding(trained=144.75)
    assert "with a loss within 0.001 nats of the least." in finding(loss=0.4804)


def test_where_training_is_at_the_optimum_the_optimizer_loses_nothing() -> None:
    text = finding(trained=145.75, loss=0.4803)
    assert "memorizes as many, and training ends with a loss within 0.001 nats of the least: " in text
    assert "**the optimizer loses nothing here**. Yet some weights memorize at least **193.5**" in text
    assert "short" not in text


def test_means_that_are_the_same_are_not_said_to_be_so_for_each_data_set() -> None:
    text = finding(trained=145.5, loss=0.4803, largest_difference=3)
    assert (
        "memorizes about as many on average, 145.8, but of single data sets up to 3 samples more or fewer, and "
        "training ends with a loss within 0.001 nats of the least: **on average the optimizer loses next to nothing "
        "here**."
    ) in text
    assert "up to 1 sample more or fewer" in finding(trained=145.75, largest_difference=1)


def test_as_many_samples_are_no_arrival_while_the_loss_is_far() -> None:
    same = finding(trained=145.75, loss=0.98)
    assert "memorizes as many, and training ends with a loss 0.5 nats above the least: **the optimizer has not" in same
    assert "has not arrived, but that costs nothing here**." in same
    other = finding(trained=145.75, loss=0.98, largest_difference=3)
    assert "**the optimizer has not arrived, but on average that costs next to nothing here**." in other
    for text in (same, other):
        assert "loses nothing" not in text


def test_where_training_is_above_the_optimum_it_says_how_that_can_be() -> None:
    text = finding(trained=150, loss=0.53)
    assert (
        "The optimum of its own loss memorizes 4.2 fewer, 145.8. Training ends with a loss 0.05 nats above the least. "
        "The loss does not count samples, and short of its optimum more of them can be right than there." in text
    )
    assert "tied" not in text
    assert "cross-entropy gets 43.5 fewer" in text  # than the best of the two
    assert "short**" not in text


@pytest.mark.parametrize(("tied", "is_all"), [(4.25, True), (9.0, True), (1.0, False)])
def test_where_samples_are_tied_at_the_optimum_that_is_the_reason_as_far_as_it_goes(tied: float, is_all: bool) -> None:
    text = finding(trained=150, loss=0.53, tied=tied)
    begin = "At the optimum 1 sample is" if tied == 1 else f"At the optimum {words.limits.mean_count(tied)} samples are"
    assert f"{begin} exactly tied: another class has the same logit as the label" in text
    assert ("The loss does not count samples" in text) == (not is_all)
    assert "tied" not in finding(tied=tied)  # where training memorizes no more than the optimum


@pytest.mark.parametrize(("most", "found"), [(145.75, False), (146.2, False), (146.3, True)])
def test_the_most_is_told_only_where_it_is_more(most: float, found: bool) -> None:
    text = finding(most=most)
    assert ("Yet some weights memorize" in text) == found
    assert text.endswith("We found no weights that memorize more.") == (not found)


def test_of_some_data_sets_that_can_be_separated_and_some_that_cannot_no_all_is_said() -> None:
    text = finding(trained=199, optimum=199.75, most=199.75, separable=0.75)
    assert "everything" not in text
    assert "all of them" not in text
    assert "**the optimizer is 0.8 samples short**" in text
    assert text.endswith("We found no weights that memorize more.")


def test_an_estimate_for_infinitely_many_inputs_may_lie_below_what_was_found() -> None:
    """At n = 5 it does; the sentence must not take it for a bound."""
    text = finding(most=199.0)
    assert "at least **199** (the estimate for infinitely many inputs is 198)" in text


counts = st.integers(0, 16).map(lambda sixteenths: sixteenths / 16)


@given(
    st.integers(1, 20_000),
    counts,
    counts,
    counts,
    st.floats(0, 50),
    st.floats(0, 50),
    st.sampled_from([0.0, 0.25, 1.0]),
    st.sampled_from([CONFIG, GD, ONE_SEED]),
    st.integers(0, 9),
)
def test_every_finding_is_whole_sentences(
    at: int,
    one: float,
    two: float,
    three: float,
    loss: float,
    least: float,
    separable: float,
    config: SweepConfig,
    more: int,
) -> None:
    trained, optimum, most = (share * at for share in (one, *sorted((two, three))))
    if separable == 1:
        optimum, most, least = at, at, 0.0
    row = here(at=at, trained=trained, optimum=optimum, most=most, loss=loss, least=least, separable=separable)
    row["largest_difference"] += more
    row["tied"] = more / 4
    text = well_said(words.limits_finding(row, config))
    if "**the optimizer loses nothing here**" in text:
        assert trained == optimum
        assert more == 0
        assert loss - least < 1e-3
    assert text.startswith(f"At **N = {at:,}** ")
    assert not re.search(r"(?<![\d.,])1 samples|\b0 samples short|−0|-0", text), text
    assert "everything" not in text or separable == 1


# --- the threshold ----------------------------------------------------------------------------------------------------


def threshold(
    last_all: float,
    first_none: float,
    config: SweepConfig = CONFIG,
    num_datasets: int = 4,
    undecided: int = 0,
    ends: tuple[bool, bool] = (True, True),
) -> str:
    found = Threshold(last_all, first_none, *ends, num_datasets, undecided)
    return well_said(words.threshold_finding(found, 185.24, config))


PROVED = "Each verdict is proved: by weights that do it, or by a least loss that is above 0."


@pytest.mark.parametrize(
    ("last_all", "first_none", "place"),
    [
        (100, 200, "every one can be memorized completely up to N = 100, and none from N = 200 on"),
        (5, 400, "every one can be memorized completely up to N = 5, and none from N = 400 on"),
        (400, math.inf, "every one can be memorized completely, up to N = 400, the largest here"),
        (
            100,
            math.inf,
            "every one can be memorized completely up to N = 100, but some still at N = 400, the largest here",
        ),
        (0, 5, "not one can be memorized completely, from N = 5, the smallest here"),
        (
            0,
            200,
            "not every one can be memorized completely even at N = 5, the smallest here, and none from N = 200 on",
        ),
        (
            0,
            math.inf,
            "not every one can be memorized completely even at N = 5, the smallest here, but some still at N = 400, "
            "the largest here",
        ),
    ],
)
def test_the_threshold_is_told_beside_that_of_theory(last_all: float, first_none: float, place: str) -> None:
    assert threshold(last_all, first_none) == (
        f"Without any error (4 data sets at each N): {place}. Theory says **N = 185**, for infinitely many inputs. "
        + PROVED
    )
    alone = threshold(last_all, first_none, ONE_SEED, num_datasets=1)
    assert alone.startswith(f"Without any error (one data set at each N): {place}.")


def test_what_could_not_be_decided_is_counted_and_not_said_to_be_proved() -> None:
    text = threshold(100, 200, undecided=3)
    assert "from N = 200 on (3 could not be decided). Theory" in text
    assert text.endswith(" Every other verdict is proved: by weights that do it, or by a least loss that is above 0.")
    assert "decided" not in threshold(100, 200)


def test_of_what_could_not_be_decided_it_says_perhaps() -> None:
    text = threshold(100, math.inf, undecided=1, ends=(False, False))
    assert "up to N = 100, but perhaps some still at N = 400, the largest here" in text
    text = threshold(0, math.inf, undecided=1, ends=(False, True))
    assert "perhaps not every one can be memorized completely even at N = 5, the smallest here, but some still" in text


VERDICTS = st.lists(
    st.lists(st.sampled_from(["separable", "not separable", "undecided"]), min_size=2, max_size=2),
    min_size=1,
    max_size=4,
)


@given(VERDICTS)
def test_whatever_was_found_the_threshold_is_told_in_whole_sentences(verdicts: list[list[str]]) -> None:
    sizes = CONFIG.num_samples[: len(verdicts)]
    rows = [
        limits_row(40, n, seed, 1, each) for n, of in zip(sizes, verdicts, strict=True) for seed, each in enumerate(of)
    ]
    found = frames.empirical_threshold(frames.limits_frame(rows))
    text = well_said(words.threshold_finding(found, 185.24, replace(CONFIG, num_samples=sizes)))
    every = all(verdict == "separable" for of in verdicts for verdict in of)
    none = all(verdict == "not separable" for of in verdicts for verdict in of)
    assert ("every one can be memorized completely, up to" in text) == every
    assert ("not one can" in text) == none
    assert (f"but some still at N = {sizes[-1]}," in text) == ("separable" in verdicts[-1] and not every)
    if not none:
        proved = "not separable" in verdicts[0]
        assert (": not every one can" in text) == proved
        assert (": perhaps not every one can" in text) == (not proved and "undecided" in verdicts[0])
    assert ("Every other verdict" in text) == any("undecided" in of for of in verdicts)


# --- legends and notes ------------------------------------------------------------------------------------------------


def test_the_legend_names_everything_that_is_drawn() -> None:
    text = well_said(words.limits_legend(CONFIG).replace("**", ""))
    for word in (
        "mean of 4 seeds; band",
        "Blue",
        "Orange",
        "Green",
        "Fine dashes",
        "Grey stripe",
        "Long dashes",
        "C = N",
        "Solid grey line",
        "hollow",
    ):
        assert word in text
    assert "Click a point" in text
    assert "replica-symmetric" in text  # which is no proof
    alone = words.limits_legend(ONE_SEED)
    assert "one seed" in alone
    assert "band" not in alone


@pytest.mark.parametrize("law", INPUTS)
def test_every_law_of_inputs_but_the_gaussian_is_told_with_what_to_expect(law: str) -> None:
    text = words.inputs_note(law)
    if law == "gaussian":
        assert text is None
    else:
        assert text is not None
        assert "arXiv:2205.13303" in well_said(text)


def test_of_signs_it_says_that_ties_do_not_count() -> None:
    assert "tied at the optimum" in str(words.inputs_note("signs"))


def test_what_is_said_of_a_law_is_its_own() -> None:
    assert len({words.inputs_note(law) for law in INPUTS}) == len(INPUTS)


def test_who_cannot_see_the_chart_is_told_what_it_is() -> None:
    assert "Chart" in well_said(words.LIMITS_ALT)
