"""The table of parameters: every combination it allows is a sweep, and no link can say what it should not."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config import LIMITS, RunConfig
from core.presets import PRESETS
from explorer.charts import MAX_CURVES
from explorer.controls import GD_MOMENTUM, PARAMETERS, Parameter, sweep_from, url_notes, values_of

DEFAULTS: dict[str, Any] = {key: parameter.default for key, parameter in PARAMETERS.items()}
every_parameter = pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS)


def legal_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """What the widget of a parameter may return."""
    one = st.sampled_from(parameter.options)
    match parameter.kind:
        case "set":
            return st.lists(one, min_size=1, max_size=MAX_CURVES, unique=True)
        case "range":
            return st.tuples(one, one).map(lambda ends: (min(ends), max(ends)))
        case _:
            return one


combinations = st.fixed_dictionaries({key: legal_values(parameter) for key, parameter in PARAMETERS.items()})


# --- the table --------------------------------------------------------------------------------------------------------


@every_parameter
def test_a_parameter_is_explained_in_sentences(parameter: Parameter) -> None:
    assert len(parameter.help.split()) >= 5
    assert parameter.help[0].isupper()
    assert parameter.help.endswith(".")


@pytest.mark.parametrize(
    ("key", "symbol"), [("n", "$n$"), ("V", "$V$"), ("N", "$N$"), ("lr", "$\\eta$")], ids=["n", "V", "N", "lr"]
)
def test_a_label_has_the_symbol_of_the_formulas_and_words(key: str, symbol: str) -> None:
    label = PARAMETERS[key].label
    assert symbol in label
    assert len(label.replace(symbol, "").strip()) > 4


@every_parameter
def test_a_default_is_one_of_the_options(parameter: Parameter) -> None:
    values = parameter.default if isinstance(parameter.default, tuple) else (parameter.default,)
    assert set(values) <= set(parameter.options)


@every_parameter
def test_options_are_told_apart_in_a_url(parameter: Parameter) -> None:
    """There each is its text, and nobody minds upper and lower case."""
    texts = [parameter.show(option).lower() for option in parameter.options]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("key", ["V", "N", "points", "seeds", "lr", "steps", "n"])
def test_options_on_a_slider_rise(key: str) -> None:
    options = PARAMETERS[key].options
    assert list(options) == sorted(set(options))


def test_a_count_has_every_number_from_its_first_to_its_last() -> None:
    for parameter in PARAMETERS.values():
        if parameter.kind == "count":
            assert parameter.options == tuple(range(parameter.options[0], parameter.options[-1] + 1))


@pytest.mark.parametrize(
    ("key", "setting"),
    [("n", "input_dim"), ("V", "num_classes"), ("N", "num_samples"), ("lr", "learning_rate"), ("steps", "num_steps")],
)
def test_options_lie_within_the_limits_of_the_core(key: str, setting: str) -> None:
    low, high = LIMITS[setting]
    assert low <= min(PARAMETERS[key].options) <= max(PARAMETERS[key].options) <= high


# --- from the controls to a sweep, and back ---------------------------------------------------------------------------


@given(combinations)
@example(DEFAULTS)
def test_every_combination_is_a_sweep_whose_runs_are_legal(values: dict[str, Any]) -> None:
    config = sweep_from(values)
    assert config.input_dims == tuple(sorted(values["n"]))
    assert (config.num_samples[0], config.num_samples[-1]) == values["N"]
    assert list(config.num_samples) == sorted(set(config.num_samples))
    assert len(config.num_samples) <= values["points"]
    assert len(config.seeds) == values["seeds"]
    for n in config.input_dims:
        for num_samples in values["N"]:
            RunConfig(  # refuses what is outside the limits
                n,
                config.num_classes,
                num_samples,
                learning_rate=config.learning_rates[0],
                num_steps=config.num_steps,
                optimizer=config.optimizer,
                momentum=config.momentum,
                data_seed=config.seeds[-1],
            )


@given(combinations)
def test_a_sweep_leads_back_to_the_controls_that_made_it(values: dict[str, Any]) -> None:
    """As far as it can: a range of 6 samples has no room for 160 points."""
    config = sweep_from(values)
    found = values_of(config)
    low, high = values["N"]
    expected = {key: values[key] for key in values if key != "published"}
    expected |= {"n": sorted(values["n"]), "points": min(values["points"], high - low + 1)}
    assert found == expected
    assert sweep_from(found) == config


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_setting_of_the_controls(name: str) -> None:
    values = values_of(PRESETS[name])
    assert sweep_from(values) == PRESETS[name]
    for key, value in values.items():
        options = PARAMETERS[key].options
        assert set(value if isinstance(value, list | tuple) else [value]) <= set(options), key
    assert values.keys() == PARAMETERS.keys() - {"published"}


def test_the_page_starts_with_the_first_published_figure() -> None:
    assert sweep_from(DEFAULTS) == PRESETS["liu-fig1-as-plotted"]


def test_dimensions_come_in_order_whatever_the_order_in_which_they_were_chosen() -> None:
    assert sweep_from(DEFAULTS | {"n": [30, 5, 20]}) == sweep_from(DEFAULTS | {"n": [5, 20, 30]})


def test_gradient_descent_has_momentum_and_adam_has_none() -> None:
    assert sweep_from(DEFAULTS | {"optimizer": "gd"}).momentum == GD_MOMENTUM
    assert sweep_from(DEFAULTS | {"optimizer": "adam"}).momentum == 0


@pytest.mark.parametrize("nothing", [[], ()])
def test_without_a_dimension_it_says_what_to_do(nothing: Any) -> None:
    with pytest.raises(ValueError, match="Choose at least one input dimension n"):
        sweep_from(DEFAULTS | {"n": nothing})


def test_a_range_of_one_value_is_one_point() -> None:
    assert sweep_from(DEFAULTS | {"N": (50, 50)}).num_samples == (50,)


def test_points_lie_as_evenly_as_whole_numbers_can() -> None:
    assert sweep_from(DEFAULTS | {"N": (5, 50), "points": 10}).num_samples == tuple(range(5, 51, 5))
    assert sweep_from(DEFAULTS | {"N": (5, 10), "points": 160}).num_samples == tuple(range(5, 11))


# --- what a link asked for and did not get ----------------------------------------------------------------------------


def texts_of(values: dict[str, Any]) -> dict[str, list[str]]:
    """The query of a URL that names these values."""
    return {
        key: [PARAMETERS[key].show(item) for item in (value if isinstance(value, list | tuple) else [value])]
        for key, value in values.items()
    }


@given(combinations)
def test_a_link_that_got_all_it_asked_for_gives_no_note(values: dict[str, Any]) -> None:
    assert url_notes(texts_of(values), values) == []


def test_upper_and_lower_case_are_one() -> None:
    assert url_notes({"optimizer": ["adam"], "data": ["FRESH"], "bias": ["TRUE"]}, DEFAULTS) == []


def test_no_link_gives_no_note() -> None:
    assert url_notes({}, DEFAULTS) == []


def test_an_unknown_name_is_told() -> None:
    [note] = url_notes({"W": ["3"]}, DEFAULTS)
    assert note == "The link names `W`, which this page does not know; it was ignored."


def test_a_value_that_is_not_offered_is_told_with_the_one_that_is_shown() -> None:
    [note] = url_notes({"V": ["51"], "steps": ["2000"]}, DEFAULTS)
    assert note == "The link asks for V = `51`, which this page does not offer; it shows V = 10."


def test_only_the_part_of_a_set_that_is_not_offered_is_told() -> None:
    [note] = url_notes({"n": ["10", "20", "999"]}, DEFAULTS | {"n": [10, 20]})
    assert "`999`" in note
    assert note.endswith("it shows n = 10, 20.")


HOSTILE = [
    "**bold** _soft_ ~~gone~~ # heading",
    "[click](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "http://evil.example www.evil.example a@evil.example",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "`code` ``` ```` \\` \\",
    "$\\frac{1}{0}$ :red[alarm] :material/delete: :smile: <- -> --",
    "line\nbreak\r\n\n# heading\n\n- item\n\t1. item",
    "\u202egnp.exe \u200b\u0000\x1b[31m",
    "ÄöΩ中文العربية🙂",
    "é" * 10_000,
    "9" * 10_000,
    "-" * 10_000,
    "<" * 10_000,
    "",
    " ",
    "1; DROP TABLE Cache",
    "../../etc/passwd",
    "1e400",
    "NaN",
]
CODE = re.compile(r"`([^`\n]+)`")


def assert_harmless(notes: list[str]) -> None:
    """What comes from outside stands between two backticks, where Markdown means nothing; all else is ours."""
    assert len(notes) <= len(PARAMETERS) + 1
    for note in notes:
        assert len(note) < 300
        ours, theirs = CODE.sub("§", note), CODE.findall(note)
        assert re.fullmatch(
            r"The link names §(, §)*( and [\d,]+ more)?, which this page does not know; it was ignored\."
            r"|The link asks for \w+ = §(, §)*( and [\d,]+ more)?, which this page does not offer; "
            r"it shows \w+ = [\w., -]+\.",
            ours,
        ), note
        assert len(theirs) <= 3
        assert all(len(text) <= 25 and text.strip() == text and text.isprintable() for text in theirs)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_text_ends_in_a_short_harmless_sentence(text: str) -> None:
    notes = url_notes({"V": [text], "n": [text, text], text: ["1"], "bias": [text]}, DEFAULTS)
    assert len(notes) == 4
    assert_harmless(notes)


@given(st.dictionaries(st.text() | st.sampled_from(list(PARAMETERS)), st.lists(st.text())), combinations)
def test_no_text_whatever_has_power_over_the_page(asked: dict[str, list[str]], values: dict[str, Any]) -> None:
    assert_harmless(url_notes(asked, values))


def test_a_thousand_faults_are_not_a_thousand_sentences() -> None:
    asked = {f"key{i}": ["1"] for i in range(1000)} | {"V": [f"v{i}" for i in range(1000)]}
    notes = url_notes(asked, DEFAULTS)
    assert len(notes) == 2
    assert all("and 997 more" in note for note in notes)
    assert_harmless(notes)
