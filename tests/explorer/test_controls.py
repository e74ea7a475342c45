"""The table of parameters: what it promises, it keeps in both directions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import LIMITS
from core.presets import PRESETS
from explorer import controls
from explorer.charts import MAX_CURVES
from explorer.controls import PARAMETERS, sweep_from, url_notes, values_of

DEFAULTS = {key: parameter.default for key, parameter in PARAMETERS.items()}


def legal(key: str) -> st.SearchStrategy[Any]:
    """Any value that the widget of a parameter may have."""
    parameter = PARAMETERS[key]
    one = st.sampled_from(parameter.options)
    if parameter.kind == "set":
        return st.lists(one, min_size=1, max_size=MAX_CURVES, unique=True)
    if parameter.kind == "range":
        return st.tuples(one, one).map(sorted).map(tuple)
    return one


legal_values = st.fixed_dictionaries({key: legal(key) for key in PARAMETERS})


@given(legal_values)
def test_whatever_the_widgets_say_is_a_sweep_within_the_limits(values: dict[str, Any]) -> None:
    config = sweep_from(values)
    assert set(config.input_dims) == set(values["n"])
    assert (config.num_samples[0], config.num_samples[-1]) == values["N"]
    assert len(config.num_samples) <= values["points"]
    assert len(config.seeds) == values["seeds"]
    assert config.num_samples[-1] <= LIMITS["num_samples"].high


@pytest.mark.parametrize("name", [name for name in PRESETS if "fig1" in name or "fig2" in name])
def test_a_preset_can_be_said_in_controls(name: str) -> None:
    assert sweep_from({**DEFAULTS, **values_of(PRESETS[name])}) == PRESETS[name]


@given(legal_values)
def test_controls_and_sweep_say_the_same(values: dict[str, Any]) -> None:
    config = sweep_from(values)
    again = values_of(config)
    # Few whole numbers lie between close ends: the grid then has fewer points than were asked for.
    assert sweep_from({**again, "points": values["points"]}) == config


def test_no_dimension_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="Choose at least one input dimension"):
        sweep_from({**DEFAULTS, "n": []})


@pytest.mark.parametrize("key", PARAMETERS)
def test_a_parameter_explains_itself_and_starts_where_it_may(key: str) -> None:
    parameter = PARAMETERS[key]
    assert parameter.help.count(".") >= 1
    assert len(parameter.help) > 40
    defaults = parameter.default if isinstance(parameter.default, tuple) else (parameter.default,)
    assert set(defaults) <= set(parameter.options)
    texts = [parameter.show(option) for option in parameter.options]
    assert len(set(texts)) == len(texts)  # they are the values in the URL


@given(legal_values)
def test_a_link_to_what_is_offered_is_followed_in_silence(values: dict[str, Any]) -> None:
    asked = {}
    for key, value in values.items():
        parameter = PARAMETERS[key]
        asked[key] = [parameter.show(item) for item in (value if isinstance(value, list | tuple) else (value,))]
    assert url_notes(asked, values) == []


@given(st.dictionaries(st.text(max_size=200), st.lists(st.text(max_size=2_000), min_size=1, max_size=50), max_size=20))
def test_whatever_a_link_says_the_notes_are_few_short_and_harmless(asked: dict[str, list[str]]) -> None:
    notes = url_notes(asked, DEFAULTS)
    assert len(notes) <= 1 + len(set(asked) & set(PARAMETERS))
    for note in notes:
        assert len(note) < 400
        assert not set("<>[]()*$!\\") & set(note)  # nothing that HTML, Markdown or KaTeX would act on


def test_what_a_link_could_not_get_is_named() -> None:
    [note] = url_notes({"V": ["seventeen"]}, DEFAULTS)
    assert "V = `seventeen`" in note
    assert "V = 10" in note
    [note] = url_notes({"depth": ["3"]}, DEFAULTS)
    assert "`depth`" in note


def test_gradient_descent_comes_with_momentum_and_adam_without() -> None:
    assert sweep_from({**DEFAULTS, "optimizer": "gd"}).momentum == controls.GD_MOMENTUM
    assert sweep_from({**DEFAULTS, "optimizer": "adam"}).momentum == 0
