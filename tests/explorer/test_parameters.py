"""The table of parameters: explained, in order, and within what the core allows."""

import re
from typing import Any

import numpy as np
import pytest

from core.config import LIMITS
from explorer.parameters import CLAIM_DIMS, CLAIM_STEPS, MANTISSAS, PARAMETERS, RATES, SCHEDULE_NAMES, Parameter
from explorer.statistics import STATISTICS

every_parameter = pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS)


def texts_of(parameter: Parameter) -> list[str]:
    return [parameter.show(option) for option in parameter.options]


@every_parameter
def test_a_parameter_is_explained_in_sentences(parameter: Parameter) -> None:
    assert len(parameter.help.split()) >= 5
    assert parameter.help[0].isupper() or parameter.help[0].isdigit()
    assert parameter.help.endswith((".", "?"))


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("n", "$n$"),
        ("dim", "$n$"),
        ("ns", "$n$"),
        ("V", "$V$"),
        ("N", "$N$"),
        ("at", "$N$"),
        ("Ns", "$N$"),
        ("lr", "$\\eta$"),
        ("rates", "$\\eta$"),
        ("load", "$N/n$"),
    ],
)
def test_a_label_has_the_symbol_of_the_formulas_and_words(key: str, symbol: str) -> None:
    label = PARAMETERS[key].label
    assert symbol in label
    assert len(label.replace(symbol, "").strip()) > 4


@every_parameter
def test_a_key_is_a_plain_word_in_a_url(parameter: Parameter) -> None:
    assert PARAMETERS[parameter.key] is parameter
    assert re.fullmatch(r"[A-Za-z]+", parameter.key)


@every_parameter
def test_a_default_is_one_of_the_options(parameter: Parameter) -> None:
    values = parameter.default if isinstance(parameter.default, tuple) else (parameter.default,)
    assert set(values) <= set(parameter.options)
    if parameter.kind == "range":
        assert values[0] < values[1]


@every_parameter
def test_options_are_told_apart_in_a_url(parameter: Parameter) -> None:
    """There each is its text, and nobody minds upper and lower case."""
    texts = [text.lower() for text in texts_of(parameter)]
    assert len(set(texts)) == len(texts)


@every_parameter
def test_options_of_numbers_rise(parameter: Parameter) -> None:
    if all(isinstance(option, int | float) for option in parameter.options):
        assert list(parameter.options) == sorted(set(parameter.options))


@every_parameter
def test_what_is_written_of_a_number_is_that_number(parameter: Parameter) -> None:
    """Else the URL would lead elsewhere. Steps and tosses have commas, as in the sentences around them."""
    has_commas = parameter.key in ("step", "tosses")
    for option, text in zip(parameter.options, texts_of(parameter), strict=True):
        if type(option) in (int, float):
            assert float(text.replace(",", "") if has_commas else text) == option


@every_parameter
def test_a_count_and_a_number_have_every_number_from_their_first_to_their_last(parameter: Parameter) -> None:
    if parameter.kind in ("count", "number"):
        assert parameter.options == tuple(range(parameter.options[0], parameter.options[-1] + 1))


@every_parameter
def test_segments_are_few_and_short(parameter: Parameter) -> None:
    """They stand in one row of a narrow sidebar, or beside another control.

    `show` and `figure` stand above the chart alone, in a line of its own, which may break on a phone;
    so do the steps of the lesson and the guesses at one of four things.
    """
    if parameter.kind == "segments":
        most, longest = {"part": (9, 60), "guessShape": (4, 45), "guessSign": (4, 45)}.get(
            parameter.key, (6, 60) if parameter.key in ("show", "figure") else (3, 45)
        )
        assert 2 <= len(parameter.options) <= most
        assert len("".join(texts_of(parameter))) <= longest


@every_parameter
def test_a_menu_has_more_than_segments_could_show(parameter: Parameter) -> None:
    if parameter.kind == "menu":
        assert len(parameter.options) > 3
        assert all(0 < len(text) <= 25 for text in texts_of(parameter))


@pytest.mark.parametrize(
    ("key", "setting"),
    [
        ("n", "input_dim"),
        ("dim", "input_dim"),
        ("ns", "input_dim"),
        ("V", "num_classes"),
        ("N", "num_samples"),
        ("at", "num_samples"),
        ("Ns", "num_samples"),
        ("lr", "learning_rate"),
        ("rates", "learning_rate"),
        ("steps", "num_steps"),
        ("seed", "data_seed"),
        ("starts", "init_seed"),
    ],
)
def test_options_lie_within_the_limits_of_the_core(key: str, setting: str) -> None:
    low, high = LIMITS[setting]
    assert low <= min(PARAMETERS[key].options) <= max(PARAMETERS[key].options) <= high


@pytest.mark.parametrize(
    ("key", "setting"), [("n", "input_dim"), ("dim", "input_dim"), ("N", "num_samples"), ("at", "num_samples")]
)
def test_options_go_as_far_as_the_core(key: str, setting: str) -> None:
    assert PARAMETERS[key].options[-1] == LIMITS[setting].high


# --- learning rates ---------------------------------------------------------------------------------------------------


def test_learning_rates_are_as_many_a_decade_as_they_say() -> None:
    for a_decade, mantissas in MANTISSAS.items():
        assert len(mantissas) == a_decade
        assert mantissas[0] == 1
        assert list(mantissas) == sorted(set(mantissas))
        assert all(1 <= mantissa < 10 for mantissa in mantissas)


def test_every_learning_rate_of_a_map_is_one_that_the_slider_has() -> None:
    """A click on a cell of the map moves the slider there."""
    assert PARAMETERS["lr"].options == PARAMETERS["rates"].options == RATES
    for mantissas in MANTISSAS.values():
        for mantissa in mantissas:
            for exponent in range(-4, 1):
                assert float(f"{mantissa}e{exponent}") in RATES


# --- the post's claim -------------------------------------------------------------------------------------------------


def test_the_claim_is_tested_at_settings_that_are_offered() -> None:
    assert set(CLAIM_DIMS) <= set(PARAMETERS["dim"].options)
    assert set(CLAIM_STEPS) <= set(PARAMETERS["steps"].options)
    low, high = LIMITS["num_samples"]
    sizes = [round(load * n) for load in PARAMETERS["load"].options for n in CLAIM_DIMS]
    assert low <= min(sizes) <= max(sizes) <= high


def test_schedules_have_names() -> None:
    schedule = PARAMETERS["schedule"]
    shown: dict[Any, str] = {option: schedule.show(option) for option in schedule.options}
    assert shown == SCHEDULE_NAMES


# --- samples ----------------------------------------------------------------------------------------------------------


def test_every_statistic_can_be_on_either_axis() -> None:
    for key in ("x", "y"):
        menu = PARAMETERS[key]
        assert menu.options == tuple(STATISTICS)
        assert texts_of(menu) == [told.name for told in STATISTICS.values()]
    # As in the post's third finding.
    assert (PARAMETERS["x"].default, PARAMETERS["y"].default) == ("initial_loss", "final_loss")


def test_every_sample_and_every_step_of_any_layer_can_be_opened() -> None:
    assert PARAMETERS["sample"].options == tuple(range(int(LIMITS["num_samples"].high)))  # they count from 0
    step = PARAMETERS["step"]
    assert step.options == tuple(range(int(LIMITS["num_steps"].high) + 1))  # 0: before the first
    assert step.default == step.options[-1]  # the end, of whatever layer


def test_every_data_set_of_the_predictors_can_be_drawn() -> None:
    """They begin with the opened one."""
    last = PARAMETERS["seed"].options[-1] + PARAMETERS["sets"].options[-1]
    assert last <= LIMITS["data_seed"].high


def test_the_coin_lands_as_in_the_post() -> None:
    coin, tosses = PARAMETERS["coin"].default, PARAMETERS["tosses"].default
    assert np.random.Generator(np.random.PCG64(coin)).binomial(tosses, 0.5) == 52
