"""The table of statistics: complete, explained, and in the order in which they become known."""

import re

import pytest

from core import RunConfig, train
from core.bias import PREDICTORS
from explorer import frames
from explorer.statistics import STATISTICS, Statistic

every_statistic = pytest.mark.parametrize(("key", "told"), STATISTICS.items(), ids=STATISTICS)


def test_what_is_known_before_training_is_what_the_core_predicts_from() -> None:
    assert tuple(key for key, told in STATISTICS.items() if told.when == "before") == PREDICTORS


def test_statistics_stand_in_the_order_in_which_they_become_known() -> None:
    order = ["before", "during", "after"]
    assert [told.when for told in STATISTICS.values()] == sorted(
        (told.when for told in STATISTICS.values()), key=order.index
    )
    assert {told.when for told in STATISTICS.values()} == set(order)


def test_every_statistic_is_a_column_of_samples() -> None:
    [result] = train([RunConfig(3, 3, 12, num_steps=5, watch_samples=True)])
    samples = frames.samples_frame(result)
    for key in STATISTICS:
        assert samples[key].dtype.kind in "fi", key


@every_statistic
def test_a_statistic_is_explained_in_a_sentence(key: str, told: Statistic) -> None:
    assert len(told.help.split()) >= 5
    assert told.help[0].isupper()
    assert told.help.endswith(".")
    assert told.axis[0].isupper()
    assert 3 < len(told.name) <= 25  # a menu, and the head of a column


def test_no_two_statistics_have_one_name() -> None:
    """In a URL nobody minds upper and lower case."""
    assert len({told.name.lower() for told in STATISTICS.values()}) == len(STATISTICS)
    assert len({told.axis for told in STATISTICS.values()}) == len(STATISTICS)


@every_statistic
def test_a_table_can_write_it(key: str, told: Statistic) -> None:
    assert re.fullmatch(r"%(\.\d)?[df]", told.shown)
    assert (told.shown % 12.3456).startswith("12")


@every_statistic
def test_losses_have_their_unit(key: str, told: Statistic) -> None:
    if "loss" in key:
        assert "nats" in told.axis


def test_steps_are_on_a_logarithmic_axis_as_they_are_wherever_else() -> None:
    assert {key for key, told in STATISTICS.items() if told.is_logarithmic} == {"first_step"}
