"""Tables of exact limits: what a row says, where data sets cease to be separable, and what training loses."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from core import (
    LimitsConfig,
    RunConfig,
    SweepConfig,
    dataset,
    limits,
    most_memorizable_per_dim,
    train,
)
from core.limits import tied
from core.memorization import BITS, memorized_bits
from explorer import frames
from explorer.frames import LIMITS_COLUMNS, RUN_COLUMNS, summarize
from tests.explorer.frames.rows import limits_row, row, table

CONFIG = SweepConfig((3,), 10, (20, 40, 60), seeds=(0, 1))


# --- rows -------------------------------------------------------------------------------------------------------------


def test_a_row_says_which_data_set_it_was_and_what_an_ideal_fit_of_it_memorizes() -> None:
    config = LimitsConfig(3, 4, 60, data_seed=5, most=True)
    [result] = limits([config])
    found = dict(summarize(result))
    inputs, labels = dataset(config)
    fit = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(inputs, labels)
    loss = -fit.predict_log_proba(inputs)[np.arange(60), labels]
    bits = found.pop("bits")
    assert bits == {name: pytest.approx(memorized_bits(result, name)) for name in BITS}
    assert bits["liu"] == pytest.approx(60 * (2 - loss.mean() / math.log(2)), rel=1e-5)
    assert found.pop("num_most") >= found["num_memorized"]
    assert found == {
        "input_dim": 3,
        "num_classes": 4,
        "num_samples": 60,
        "seed": 5,
        "num_memorized": int((fit.predict(inputs) == labels).sum()),
        "num_tied": 0,
        "mean_loss": pytest.approx(loss.mean(), rel=1e-6),
        "verdict": "not separable",
        "exists": True,
    }


def test_a_row_of_data_that_can_be_separated_says_so() -> None:
    [result] = limits([LimitsConfig(20, 4, 10)])
    found = summarize(result)
    assert (found["verdict"], found["exists"], found["num_memorized"], found["mean_loss"]) == (
        "separable",
        False,
        10,
        0,
    )
    assert found["num_most"] == 0  # it was not asked for
    assert found["bits"] == {name: pytest.approx(20) for name in BITS}


def test_a_row_is_made_of_plain_values() -> None:
    for result in limits([LimitsConfig(3, 4, size, most=most) for size in (5, 60) for most in (False, True)]):
        found = dict(summarize(result))
        assert {type(value) for value in found.pop("bits").values()} == {float}
        assert {type(value) for value in found.values()} <= {int, float, bool, str}
        assert found.keys() | {"bits"} == set(LIMITS_COLUMNS)


def test_samples_of_signs_that_are_tied_at_the_optimum_are_counted() -> None:
    laws = ("signs", "gaussian")
    of_signs, of_gaussian = limits([LimitsConfig(2, 3, 16, bias=False, inputs=law) for law in laws])
    assert summarize(of_signs)["num_tied"] == tied(of_signs).sum() > 0
    assert summarize(of_gaussian)["num_tied"] == 0


def test_of_runs_and_limits_each_table_takes_its_own() -> None:
    [run] = train([RunConfig(3, 10, 20, num_steps=5)])
    [solved] = limits([LimitsConfig(3, 10, 20)])
    rows = [summarize(run), summarize(solved), row(3, 20, 1, 9), limits_row(3, 20, 1, 9)]
    runs, exact = frames.runs_frame(rows), frames.limits_frame(rows)
    assert (list(runs.columns), list(exact.columns)) == (RUN_COLUMNS, LIMITS_COLUMNS)
    assert runs["num_memorized"].tolist() == [run.num_memorized, 9]
    assert exact["num_memorized"].tolist() == [solved.num_memorized, 9]
    assert frames.limits_frame([]).empty
    assert list(frames.limits_frame(rows[:1]).columns) == LIMITS_COLUMNS


def test_rows_made_by_hand_are_as_those_of_real_ones() -> None:
    """What other tests rely on."""
    [solved] = limits([LimitsConfig(3, 10, 20)])
    assert limits_row(3, 20, 0, 9).keys() == summarize(solved).keys()
    assert table([row(3, 20, 0, 9)]).shape == (1, len(RUN_COLUMNS))


# --- points -----------------------------------------------------------------------------------------------------------


def test_points_are_means_over_data_sets_with_a_band_that_ends_at_n() -> None:
    rows = [limits_row(3, 20, seed, c, num_most=most) for seed, (c, most) in enumerate([(19, 20), (20, 20), (15, 18)])]
    [point] = frames.limit_points(frames.limits_frame(rows)).to_dict("records")
    sd = np.std([19, 20, 15], ddof=1)
    assert (point["input_dim"], point["num_samples"], point["mean"], point["num_seeds"]) == (3, 20, 18, 3)
    assert (point["sd"], point["low"], point["high"]) == (pytest.approx(sd), pytest.approx(18 - sd), 20)
    [most] = frames.limit_points(frames.limits_frame(rows), "num_most").to_dict("records")
    assert most["mean"] == pytest.approx(58 / 3)
    assert frames.limit_points(frames.limits_frame([])).empty


# --- the threshold ----------------------------------------------------------------------------------------------------

YES, NO, UNKNOWN = "separable", "not separable", "undecided"


def threshold_of(verdicts: dict[int, list[str]]) -> frames.Threshold:
    rows = [limits_row(3, n, seed, 1, verdict) for n, each in verdicts.items() for seed, verdict in enumerate(each)]
    return frames.empirical_threshold(frames.limits_frame(rows))


@pytest.mark.parametrize(
    ("verdicts", "last_all", "first_none"),
    [
        ({10: [YES, YES], 20: [YES, NO], 30: [NO, NO]}, 10, 30),
        ({10: [YES, YES], 20: [NO, NO]}, 10, 20),
        ({10: [YES], 20: [YES]}, 20, math.inf),
        ({10: [NO], 20: [NO]}, 0, 10),
        ({10: [YES, NO], 20: [NO, NO]}, 0, 20),
        ({10: [YES, YES], 20: [YES, NO]}, 10, math.inf),
        # Each N has data of its own: a larger one may be separable where a smaller is not.
        ({10: [YES], 20: [NO], 30: [YES], 40: [NO]}, 10, 40),
        # What is undecided may be either.
        ({10: [YES, YES], 20: [UNKNOWN, YES], 30: [NO, UNKNOWN], 40: [NO, NO]}, 10, 40),
    ],
)
def test_the_band_lies_between_where_all_can_be_separated_and_where_none_can(
    verdicts: dict[int, list[str]], last_all: float, first_none: float
) -> None:
    found = threshold_of(verdicts)
    assert (found.last_all, found.first_none) == (last_all, first_none)
    assert threshold_of(dict(reversed(verdicts.items()))) == found
    assert found.num_undecided == sum(each.count(UNKNOWN) for each in verdicts.values())
    assert found.num_datasets == len(next(iter(verdicts.values())))


@given(
    st.dictionaries(
        st.integers(1, 99), st.lists(st.sampled_from([YES, NO, UNKNOWN]), min_size=3, max_size=3), min_size=1
    )
)
def test_the_band_says_what_its_verdicts_say(verdicts: dict[int, list[str]]) -> None:
    found = threshold_of(verdicts)
    sizes = sorted(verdicts)
    assert found.last_all == max(
        (n for n in sizes if all(set(verdicts[m]) == {YES} for m in sizes if m <= n)), default=0
    )
    assert found.first_none == min(
        (n for n in sizes if all(set(verdicts[m]) == {NO} for m in sizes if m >= n)), default=math.inf
    )
    assert found.last_all < found.first_none
    assert found.some_fail == (NO in verdicts[sizes[0]])
    assert found.some_hold == (YES in verdicts[sizes[-1]])


def test_the_threshold_of_real_data_sets_is_where_linear_programs_put_it() -> None:
    """Cover: of 2 n samples in 2 classes half of the data sets can be separated, of n all, of 4 n next to none."""
    configs = [LimitsConfig(12, 2, size, bias=False, data_seed=seed) for size in (12, 24, 48) for seed in range(8)]
    found = frames.empirical_threshold(frames.limits_frame([summarize(result) for result in limits(configs)]))
    assert found == (12, 48, False, False, 8, 0)


# --- beside training --------------------------------------------------------------------------------------------------

ROWS = [
    *(row(3, 20, seed, 20, mean_loss=0.01) for seed in (0, 1)),
    *(row(3, 40, seed, c, mean_loss=0.5 + seed) for seed, c in enumerate((30, 33))),
    *(limits_row(3, 20, seed, 20, YES) for seed in (0, 1)),
    *(limits_row(3, 40, seed, c, num_most=most) for seed, (c, most) in enumerate([(31, 37), (35, 38)])),
]


def limits_table(rows: list[Any], config: SweepConfig = CONFIG) -> pd.DataFrame:
    return frames.limits_table(frames.runs_frame(rows), frames.limits_frame(rows), config)


def test_training_is_held_against_the_limits_of_its_own_data() -> None:
    few, many = limits_table(ROWS).to_dict("records")
    assert few == {
        "num_samples": 20,
        "trained": 20,
        "optimum": 20,
        "difference": 0,
        "largest_difference": 0,
        "tied": 0,
        "most": 20,
        "most_estimate": pytest.approx(4 * most_memorizable_per_dim(10, 5.0)),
        "loss": pytest.approx(0.01),
        "least_loss": 0,
        "separable": 1,
        "finite": 0,
        "num_datasets": 2,
    }
    assert (many["trained"], many["optimum"], many["difference"], many["most"]) == (31.5, 33, -1.5, 37.5)
    assert many["largest_difference"] == 2  # of 1 and 2 samples too few
    assert (many["loss"], many["least_loss"]) == (pytest.approx(1.0), pytest.approx(0.75))
    assert (many["separable"], many["finite"]) == (0, 1)


def test_differences_that_cancel_in_the_mean_are_seen() -> None:
    rows = [row(3, 20, seed, c) for seed, c in enumerate((15, 18))] + [limits_row(3, 20, seed, 16) for seed in (0, 1)]
    [found] = limits_table([*rows, row(3, 20, 2, 15), limits_row(3, 20, 2, 16)]).to_dict("records")
    assert (found["difference"], found["largest_difference"]) == (0, 2)


def test_without_a_bias_a_layer_has_one_input_less_and_its_estimate_with_it() -> None:
    table = limits_table(ROWS, replace(CONFIG, bias=False))
    assert table["most_estimate"].tolist() == pytest.approx(
        [3 * most_memorizable_per_dim(10, size / 3) for size in (20, 40)]
    )


def test_only_data_sets_of_which_both_are_there_are_compared() -> None:
    """Else a table that fills would hold the run of one data set against the optimum of another."""
    without_a_run = [r for r in ROWS if (r["num_samples"], r["seed"], "verdict" in r) != (40, 1, False)]
    [_, many] = limits_table(without_a_run).to_dict("records")
    assert (many["trained"], many["optimum"], many["difference"], many["num_datasets"]) == (30, 31, -1, 1)
    assert many["loss"] - many["least_loss"] == pytest.approx(0.25)
    without_limits = [r for r in ROWS if not (r["num_samples"] == 40 and "verdict" in r)]
    assert limits_table(without_limits)["num_samples"].tolist() == [20]
    diverged = [*without_a_run, row(3, 40, 1, 0, mean_loss=np.nan, diverged=True)]
    assert limits_table(diverged).equals(limits_table(without_a_run))


@pytest.mark.parametrize("rows", [[], ROWS[:4], ROWS[4:]], ids=["nothing", "runs alone", "limits alone"])
def test_until_both_are_there_the_table_is_empty(rows: list[Any]) -> None:
    found = limits_table(rows)
    assert found.empty
    assert list(found.columns) == list(limits_table(ROWS).columns)


def test_shares_of_the_data_sets_do_not_count_what_is_undecided() -> None:
    rows = [row(3, 20, seed, 20) for seed in range(4)]
    rows += [
        limits_row(3, 20, 0, 20, YES),
        limits_row(3, 20, 1, 19),
        limits_row(3, 20, 2, 19, exists=False),  # classes split
        limits_row(3, 20, 3, 19, UNKNOWN, exists=None),
    ]
    [found] = limits_table(rows).to_dict("records")
    assert (found["separable"], found["finite"], found["num_datasets"]) == (0.25, 0.25, 4)
