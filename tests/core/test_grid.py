"""Ranges and seeds as they are typed, against lists written out; what is none gets a sentence with the text itself."""

import argparse
import re
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import DTYPES, INPUTS, MEASURE_SHARPNESS, OPTIMIZERS, SCHEDULES, SweepConfig
from core.grid import MOST_RUNS, add_arguments, as_typed, seeds, whole_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [("200", [200]), ("5:20:5", [5, 10, 15, 20]), ("5:19:5", [5, 10, 15]), ("7:9", [7, 8, 9]), ("-5", [-5])],
)
def test_a_range_has_both_its_ends(text: str, expected: list[int]) -> None:
    assert list(whole_numbers(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1", (0,)), ("4", (0, 1, 2, 3)), ("4:7", (4, 5, 6, 7)), ("4:4", (4,)), ("0:6:3", (0, 3, 6))]
)
def test_seeds_are_a_count_or_a_range(text: str, expected: tuple[int, ...]) -> None:
    assert seeds(text) == expected


WRONG = ["", "x", ":", "1:", "1:2:3:4", "1.5", "1e3", "9" * 5_000]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_range_is_told_with_what_was_typed(text: str) -> None:
    for read, example in ((whole_numbers, "write 200, or 5:400:5"), (seeds, "write 4 for the seeds 0 to 3")):
        with pytest.raises(argparse.ArgumentTypeError, match=f"^{example}.*, but not {re.escape(repr(text))}$"):
            read(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("50:5:5", "'50:5:5' goes from 50 down to 5; write the smaller number first"),
        ("5:50:0", "the step of '5:50:0' must be 1 or more, but it is 0"),
        ("9:1:-1", "the step of '9:1:-1' must be 1 or more, but it is -1"),
        ("1:999999999", "'1:999999999' stands for 999,999,999 numbers, but 1,000,000 are the most"),
        (f"1:{10**30}", f"'1:{10**30}' stands for {10**30:,} numbers, but 1,000,000 are the most"),
    ],
)
def test_a_range_in_the_right_form_is_told_what_is_wrong_with_it(text: str, sentence: str) -> None:
    for read in (whole_numbers, seeds):
        with pytest.raises(argparse.ArgumentTypeError, match=f"^{re.escape(sentence)}$"):
            read(text)


@pytest.mark.parametrize("text", ["0", "-1", "-1:3"])
def test_no_seeds_and_fewer_than_none_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^write 4 for the seeds .*, but not '{text}'$"):
        seeds(text)


def test_more_seeds_than_a_sweep_may_have_are_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^'1000001' stands for 1,000,001 numbers, but"):
        seeds(str(MOST_RUNS + 1))


def test_a_setting_is_named_as_it_was_typed() -> None:
    assert as_typed("num_steps must be 1 to 2") == "--num-steps must be 1 to 2"
    assert as_typed("data_seed must be 1 to 2") == "--seeds must be 1 to 2"
    assert as_typed("'table.xls' cannot be written") == "'table.xls' cannot be written"


def test_every_option_is_explained_with_its_words_and_its_default() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    text = " ".join(parser.format_help().split())
    for field in fields(SweepConfig):
        default = {"learning_rates": 0.01, "seeds": 1, "bias": "--bias"}.get(field.name, field.default)
        if isinstance(default, int | float | str) and not isinstance(default, bool) and field.name != "momentum":
            assert f"(default: {default})" in text, field.name
    for words in (INPUTS, OPTIMIZERS, SCHEDULES, DTYPES, MEASURE_SHARPNESS):
        assert "{" + ",".join(words) + "}" in text
    assert all(action.help for action in parser._actions)


@given(st.one_of(st.text(max_size=12), st.text("0123456789:-", max_size=9)))
def test_whatever_is_typed_is_numbers_or_a_sentence(text: str) -> None:
    for read in (whole_numbers, seeds):
        values: Any
        try:
            values = read(text)
        except argparse.ArgumentTypeError:
            continue
        assert 0 < len(values) <= MOST_RUNS
        assert read is whole_numbers or values[0] >= 0
