"""Controls and sweeps: every combination is a sweep, and no link can say what it should not."""

import itertools
import re
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.config import RunConfig, SweepConfig
from core.presets import PRESETS
from core.tasks import LimitsConfig, LimitsSweep
from explorer.controls import (
    GD_MOMENTUM,
    evenly,
    expected,
    nearest,
    rates_between,
    sweep_from,
    url_notes,
    values_of,
)
from explorer.parameters import MANTISSAS, PARAMETERS, RATES
from explorer.views.limits import closing, curve
from tests.explorer.legal import DEFAULTS, combinations
from tests.explorer.views.scripts import functions_of

CAPACITY, JAMMING, LEARNING_RATE = map(functions_of, ("capacity", "jamming", "learning_rate"))
SAMPLES = functions_of("samples/page")


def controls_of(page: Any, values: dict[str, Any], *above: str) -> dict[str, Any]:
    """The values of the controls that the page draws."""
    return {key: values[key] for key in (*above, *page.controls_of(values))}


def assert_legal(sweep: SweepConfig) -> None:
    """Every run at a corner of the grid; limits are intervals, so that what is between is legal too."""
    for axis in (sweep.input_dims, sweep.num_samples, sweep.learning_rates):
        assert list(axis) == sorted(set(axis))
    for n in {sweep.input_dims[0], sweep.input_dims[-1]}:
        for num_samples in {sweep.num_samples[0], sweep.num_samples[-1]}:
            for rate in {sweep.learning_rates[0], sweep.learning_rates[-1]}:
                RunConfig(  # refuses what is outside the limits
                    n,
                    sweep.num_classes,
                    num_samples,
                    learning_rate=rate,
                    num_steps=sweep.num_steps,
                    optimizer=sweep.optimizer,
                    momentum=sweep.momentum,
                    schedule=sweep.schedule,
                    measure_sharpness=sweep.measure_sharpness,
                    data_seed=sweep.seeds[-1],
                )


def assert_agrees(sweep: SweepConfig, values: dict[str, Any]) -> None:
    """What every page of many seeds asks for in the same way."""
    assert sweep.seeds == tuple(range(values["seeds"]))
    assert_describes(sweep, values)


def assert_describes(sweep: SweepConfig, values: dict[str, Any]) -> None:
    """What every page asks for in the same way."""
    assert sweep.num_classes == values["V"]
    assert sweep.bias == values["bias"]
    assert sweep.optimizer == values["optimizer"]
    assert sweep.momentum == (GD_MOMENTUM if values["optimizer"] == "gd" else 0)
    assert sweep.nested_data == (values["data"] == "nested")
    assert_legal(sweep)


# --- Capacity ---------------------------------------------------------------------------------------------------------


@given(combinations)
@example(DEFAULTS)
def test_every_combination_is_a_sweep_whose_runs_are_legal(values: dict[str, Any]) -> None:
    config = sweep_from({key: values[key] for key in CAPACITY.CONTROLS})
    assert_agrees(config, values)
    assert config.input_dims == tuple(sorted(values["n"]))
    assert (config.num_samples[0], config.num_samples[-1]) == values["N"]
    assert len(config.num_samples) <= values["points"]
    assert config.learning_rates == (values["lr"],)
    assert config.num_steps == values["steps"]
    assert (config.schedule, config.measure_sharpness) == ("constant", "never")


@given(combinations)
def test_a_sweep_leads_back_to_the_controls_that_made_it(values: dict[str, Any]) -> None:
    """As far as it can: a range of 6 samples has no room for 160 points."""
    values = {key: values[key] for key in CAPACITY.CONTROLS}
    config = sweep_from(values)
    found = values_of(config)
    low, high = values["N"]
    expected = {key: values[key] for key in values if key not in ("published", "layers")}
    expected |= {"n": sorted(values["n"]), "points": min(values["points"], high - low + 1)}
    assert {key: found[key] for key in expected} == expected
    assert sweep_from(found) == config


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_setting_of_the_controls(name: str) -> None:
    for key, value in values_of(PRESETS[name]).items():
        options = PARAMETERS[key].options
        assert set(value if isinstance(value, list | tuple) else [value]) <= set(options), key


@pytest.mark.parametrize("name", ["liu-fig1-as-plotted", "liu-fig1-as-written"])
def test_the_first_figure_leads_to_the_controls_of_capacity_and_back(name: str) -> None:
    values = DEFAULTS | values_of(PRESETS[name])
    assert sweep_from({key: values[key] for key in CAPACITY.CONTROLS}) == PRESETS[name]
    assert set(CAPACITY.CONTROLS) - {"published", "layers"} <= values_of(PRESETS[name]).keys()


def test_the_page_starts_with_the_first_published_figure() -> None:
    assert sweep_from({key: DEFAULTS[key] for key in CAPACITY.CONTROLS}) == PRESETS["liu-fig1-as-plotted"]


def test_dimensions_come_in_order_whatever_the_order_in_which_they_were_chosen() -> None:
    assert sweep_from(DEFAULTS | {"n": [30, 5, 20]}) == sweep_from(DEFAULTS | {"n": [5, 20, 30]})


def test_gradient_descent_has_momentum_and_adam_has_none() -> None:
    assert sweep_from(DEFAULTS | {"optimizer": "gd"}).momentum == GD_MOMENTUM
    assert sweep_from(DEFAULTS | {"optimizer": "adam"}).momentum == 0


@pytest.mark.parametrize("law", PARAMETERS["inputs"].options)
def test_the_law_of_the_inputs_reaches_every_run_and_the_controls_again(law: str) -> None:
    sweep = sweep_from(DEFAULTS | {"inputs": law})
    assert {run.inputs for run in sweep.runs()} == {law}
    assert values_of(sweep)["inputs"] == law


def test_a_page_without_that_control_has_gaussian_inputs() -> None:
    values = {key: value for key, value in DEFAULTS.items() if key != "inputs"}
    assert sweep_from(values).inputs == "gaussian"


@pytest.mark.parametrize("nothing", [[], ()])
def test_without_a_dimension_it_says_what_to_do(nothing: Any) -> None:
    with pytest.raises(ValueError, match="Choose at least one input dimension n"):
        sweep_from(DEFAULTS | {"n": nothing})


def test_a_range_of_one_value_is_one_point() -> None:
    assert sweep_from(DEFAULTS | {"N": (50, 50)}).num_samples == (50,)


# --- what a view decides by itself ------------------------------------------------------------------------------------

sizes = st.lists(st.integers(1, 20_000), min_size=1, max_size=5, unique=True).map(sorted)


@given(combinations, sizes)
def test_sizes_that_are_named_take_the_place_of_those_of_the_controls(values: dict[str, Any], sizes: list[int]) -> None:
    """Of whatever controls a page has for them: a range, one N, or none."""
    values = values | {"n": [3]}
    for missing in ((), ("N", "points"), ("at",), ("N", "points", "at")):
        config = sweep_from({key: value for key, value in values.items() if key not in missing}, num_samples=sizes)
        assert config.num_samples == tuple(sizes)
        assert_agrees(config, values)
        assert config.inputs == values["inputs"]
        assert (config.learning_rates, config.num_steps) == ((values["lr"],), values["steps"])


@given(combinations)
def test_rates_and_steps_that_are_named_take_the_place_of_those_of_the_controls(values: dict[str, Any]) -> None:
    config = sweep_from(values, num_samples=(7,), learning_rates=(0.1, 0.2), num_steps=12)
    assert (config.num_samples, config.learning_rates, config.num_steps) == ((7,), (0.1, 0.2), 12)
    assert_agrees(config, values)


# --- Limits -----------------------------------------------------------------------------------------------------------


def assert_limits_of(sweeps: tuple[Any, ...], values: dict[str, Any]) -> SweepConfig:
    """The page trains layers and solves for the limits of just their data sets."""
    config, limits = sweeps
    assert limits.sweep == config
    assert_agrees(config, values)
    assert config.input_dims == (values["dim"],)
    assert config.inputs == values["inputs"]
    data_sets = {LimitsConfig.of(run, most=limits.most) for run in config.runs()}
    assert set(limits.runs()) == data_sets
    assert len(limits.runs()) == len(data_sets) == len(config.num_samples) * len(config.seeds)
    return config


@settings(max_examples=30)  # whole sweeps are made
@given(combinations)
@example(DEFAULTS)
@example(DEFAULTS | {"N": (5, 5), "at": 20_000})
def test_every_combination_of_the_limits_is_a_sweep_with_the_n_that_is_looked_at(values: dict[str, Any]) -> None:
    """Which is a sweep of its own unless the curve has it: what is looked at changes no curve."""
    sweeps = curve.sweeps_of({key: values[key] for key in curve.CONTROLS})
    config = assert_limits_of(sweeps[:2], values)
    assert config.num_samples == evenly(values["N"], values["spots"])
    if values["at"] in config.num_samples:
        assert len(sweeps) == 2
    else:
        assert assert_limits_of(sweeps[2:], values).num_samples == (values["at"],)
    assert all(limits.most for limits in sweeps[1::2])


@settings(max_examples=30)
@given(combinations)
@example(DEFAULTS | {"steps": 100_000})
def test_every_combination_of_closing_the_gap_is_of_one_n_and_has_the_rate_that_is_asked_about(
    values: dict[str, Any],
) -> None:
    sweeps = closing.sweeps_of({key: values[key] for key in closing.CONTROLS})
    config = assert_limits_of(sweeps, values)
    assert config.num_samples == (values["at"],)
    assert {values["lr"], 0.01, 0.1} <= set(config.learning_rates)
    assert values["steps"] <= config.num_steps <= 10 * values["steps"]
    assert config.num_steps == min(10 * values["steps"], 100_000)
    assert not sweeps[1].most


@pytest.mark.parametrize("layers", [[], ["theory"], ["optimum"], ["optimum", "theory"]])
def test_capacity_solves_for_the_optimum_only_where_it_is_asked_for(layers: list[str]) -> None:
    """Of the same data, without the most that is memorizable; theory costs no sweep."""
    sweeps = CAPACITY.sweeps_of(DEFAULTS | {"layers": layers})
    assert sweeps[0] == sweep_from(DEFAULTS)
    assert sweeps[1:] == ((LimitsSweep(sweeps[0]),) if "optimum" in layers else ())


# --- Jamming ----------------------------------------------------------------------------------------------------------


@given(combinations)
@example(DEFAULTS)
@example(DEFAULTS | {"look": "training"})
def test_every_combination_of_jamming_is_one_dimension_measured_where_the_view_needs_it(values: dict[str, Any]) -> None:
    sweep = JAMMING.sweep_of(controls_of(JAMMING, values, "look", "at"))
    assert_agrees(sweep, values)
    assert sweep.input_dims == (values["dim"],)
    assert sweep.learning_rates == (values["lr"],)
    assert sweep.num_steps == values["steps"]
    if values["look"] == "training":
        assert (sweep.num_samples, sweep.measure_sharpness) == ((values["at"],), "checkpoints")
    else:
        assert sweep.num_samples == evenly(values["N"], values["points"])
        assert sweep.measure_sharpness == "end"


def test_two_views_of_one_sweep_train_it_once() -> None:
    jump, edge = (controls_of(JAMMING, DEFAULTS | {"look": look}, "look", "at") for look in ("jump", "edge"))
    assert JAMMING.sweep_of(jump) == JAMMING.sweep_of(edge)


@pytest.mark.parametrize("name", ["liu-fig2-as-plotted", "liu-fig2-as-written"])
def test_the_second_figure_leads_to_the_controls_of_jamming_and_back(name: str) -> None:
    values = DEFAULTS | values_of(PRESETS[name])
    sweep = JAMMING.sweep_of(controls_of(JAMMING, values, "look", "at"))
    assert sweep == PRESETS[name]
    assert sweep.measure_sharpness == "end"


def test_jamming_starts_with_the_second_published_figure() -> None:
    assert JAMMING.sweep_of(controls_of(JAMMING, DEFAULTS, "look", "at")) == PRESETS["liu-fig2-as-plotted"]


# --- Learning rate ----------------------------------------------------------------------------------------------------


@given(combinations)
@example(DEFAULTS)
@example(DEFAULTS | {"across": "n"})
def test_every_combination_of_the_map_has_the_asked_cell_in_it(values: dict[str, Any]) -> None:
    values = values | {"ask": "map"}
    [sweep] = LEARNING_RATE.map_sweeps(controls_of(LEARNING_RATE, values, "ask"))
    assert_agrees(sweep, values)
    assert values["at"] in sweep.num_samples
    assert values["dim"] in sweep.input_dims
    assert values["lr"] in sweep.learning_rates
    columns, others = sweep.num_samples, sweep.input_dims
    if values["across"] == "n":
        columns, others = others, columns
    assert len(others) == 1
    assert len(columns) <= values["columns"] + 1
    assert sweep.num_steps == values["steps"]
    assert (sweep.schedule, sweep.measure_sharpness) == (values["schedule"], "end")


@given(combinations)
def test_every_cell_of_the_map_can_be_asked_about(values: dict[str, Any]) -> None:
    """A click on it sets the controls, which must offer it."""
    values = values | {"ask": "map"}
    [sweep] = LEARNING_RATE.map_sweeps(controls_of(LEARNING_RATE, values, "ask"))
    assert set(sweep.learning_rates) <= set(PARAMETERS["lr"].options)
    assert set(sweep.input_dims) <= set(PARAMETERS["dim"].options)
    assert set(sweep.num_samples) <= set(PARAMETERS["at"].options)


@given(combinations)
@example(DEFAULTS)
def test_schedules_are_compared_at_equal_steps_on_the_same_data(values: dict[str, Any]) -> None:
    values = values | {"ask": "schedules"}
    sweeps = LEARNING_RATE.schedule_sweeps(controls_of(LEARNING_RATE, values, "ask"))
    assert [sweep.schedule for sweep in sweeps] == ["constant", "cosine", "wsd"]
    for sweep in sweeps:
        assert_agrees(sweep, values)
        assert (sweep.input_dims, sweep.num_samples) == ((values["dim"],), (values["at"],))
        assert sweep.num_steps == values["steps"]
        assert values["lr"] in sweep.learning_rates
    assert len({(sweep.learning_rates, sweep.seeds, sweep.num_steps) for sweep in sweeps}) == 1


@given(combinations)
@example(DEFAULTS)
def test_the_claim_is_tested_on_two_layers_that_are_equally_full(values: dict[str, Any]) -> None:
    values = values | {"ask": "steps"}
    sweeps = LEARNING_RATE.claim_sweeps(controls_of(LEARNING_RATE, values, "ask"))
    assert {(sweep.input_dims, sweep.num_steps) for sweep in sweeps} == {
        ((n,), steps) for n in (10, 40) for steps in (500, 1000, 2000, 5000)
    }
    assert len(sweeps) == 8
    for sweep in sweeps:
        assert_agrees(sweep, values)
        [n], [num_samples] = sweep.input_dims, sweep.num_samples
        assert abs(num_samples - values["load"] * n) <= 0.5
        assert values["lr"] in sweep.learning_rates


@pytest.mark.parametrize("title", LEARNING_RATE.STARTS)
def test_a_start_sets_controls_to_what_they_offer(title: str) -> None:
    start = LEARNING_RATE.STARTS[title]
    for key, value in start.items():
        assert set(value if isinstance(value, tuple) else [value]) <= set(PARAMETERS[key].options), key
    values = DEFAULTS | start
    if values["ask"] == "map":
        [sweep] = LEARNING_RATE.map_sweeps(controls_of(LEARNING_RATE, values, "ask"))
        assert (values["dim"], values["at"], values["lr"]) in [
            (run.input_dim, run.num_samples, run.learning_rate) for run in sweep.runs()
        ]


# --- Samples ----------------------------------------------------------------------------------------------------------


def samples_sweep(values: dict[str, Any], show: str) -> SweepConfig:
    """What the page asks for of the values of the controls that it draws above and beside the chart."""
    drawn = {*SAMPLES.ABOVE, *SAMPLES.ASIDE.get(show, SAMPLES.TASK)}
    [sweep] = SAMPLES.sweeps_of({key: values[key] for key in drawn} | {"show": show})
    assert_describes(sweep, values)
    assert sweep.input_dims == (values["dim"],)
    assert sweep.learning_rates == (values["lr"],)
    assert sweep.num_steps == values["steps"]
    assert (sweep.schedule, sweep.measure_sharpness) == ("constant", "never")
    return sweep


@given(combinations)
@example(DEFAULTS)
def test_views_of_one_layer_look_at_the_same_one(values: dict[str, Any]) -> None:
    [one] = {samples_sweep(values, show) for show in ("samples", "cartography", "watch", "coin")}
    [run] = one.runs()
    assert (run.num_samples, run.data_seed, run.init_seed) == (values["at"], values["seed"], values["seed"])
    assert run.watch_samples


@given(combinations)
@example(DEFAULTS)
def test_predictors_are_judged_on_the_opened_layer_and_on_those_of_the_next_seeds(values: dict[str, Any]) -> None:
    runs = samples_sweep(values, "predictors").runs()
    assert len(runs) == values["sets"]
    assert runs[0] == samples_sweep(values, "samples").runs()[0]
    assert [run.data_seed for run in runs] == list(range(values["seed"], values["seed"] + values["sets"]))
    assert all(run.init_seed == run.data_seed and run.watch_samples for run in runs)


@given(combinations)
@example(DEFAULTS)
@example(DEFAULTS | {"dim": 512})
@example(DEFAULTS | {"dim": 1, "at": 1})
def test_other_starts_train_one_data_set_below_and_past_capacity_and_at_the_chosen_n(values: dict[str, Any]) -> None:
    sweep = samples_sweep(values, "starts")
    assert sweep.seeds == (values["seed"],)
    assert sweep.init_seeds == tuple(range(values["starts"]))
    assert values["at"] in sweep.num_samples
    assert set(sweep.num_samples) <= set(PARAMETERS["at"].options)  # a click on any of them sets the control
    assert min(sweep.num_samples) <= values["dim"] < 10 * values["dim"] <= max(sweep.num_samples)


@pytest.mark.parametrize("title", SAMPLES.STARTS)
def test_a_start_of_samples_sets_controls_to_what_they_offer(title: str) -> None:
    start = SAMPLES.STARTS[title]
    assert set(start) <= set(SAMPLES.CONTROLS)
    for key, value in start.items():
        assert value in PARAMETERS[key].options, key
    samples_sweep(DEFAULTS | start, "samples")


def test_no_control_of_samples_is_drawn_twice_or_forgotten_by_the_starts() -> None:
    for keys in (SAMPLES.TASK, *SAMPLES.ASIDE.values()):
        drawn = [*SAMPLES.ABOVE, *keys, *SAMPLES.BELOW]
        assert len(set(drawn)) == len(drawn)
        assert set(drawn) <= set(SAMPLES.CONTROLS)
    assert set(SAMPLES.SHOWN) == set(PARAMETERS["show"].options)


def test_the_rectangle_of_a_link_is_no_unknown_name() -> None:
    assert url_notes({"box": ["1,2,3,4"]}, DEFAULTS) == []


# --- points and rates between two ends --------------------------------------------------------------------------------


def test_points_lie_as_evenly_as_whole_numbers_can() -> None:
    assert evenly((5, 50), 10) == tuple(range(5, 51, 5))
    assert evenly((5, 10), 160) == tuple(range(5, 11))
    assert evenly((7, 7), 10) == (7,)
    assert evenly((1, 1000), 4, is_logarithmic=True) == (1, 10, 100, 1000)


@given(st.integers(1, 20_000), st.integers(0, 20_000), st.integers(2, 200))
def test_gaps_between_points_differ_by_no_more_than_rounding(low: int, width: int, count: int) -> None:
    points = evenly((low, low + width), count)
    assert (points[0], points[-1]) == (low, low + width)
    assert len(points) == min(count, width + 1)
    gaps = [after - before for before, after in itertools.pairwise(points)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(st.sampled_from(RATES), st.sampled_from(RATES), st.sampled_from(list(MANTISSAS)), st.sampled_from(RATES))
def test_rates_have_both_ends_and_the_asked_one_and_all_between_that_are_offered(
    one: float, other: float, a_decade: int, asked: float
) -> None:
    low, high = min(one, other), max(one, other)
    rates = rates_between((low, high), a_decade, asked)
    assert list(rates) == sorted(set(rates))
    assert {low, high, asked} <= set(rates) <= set(RATES)
    others = set(rates) - {low, high, asked}
    offered = {rate for rate in RATES if float(f"{rate:e}".split("e")[0]) in MANTISSAS[a_decade]}
    assert others == {rate for rate in offered if low < rate < high} - {asked}


@given(st.sampled_from(list(MANTISSAS)), st.integers(-4, 0), st.integers(1, 4))
def test_whole_decades_have_as_many_rates_as_they_say(a_decade: int, power: int, decades: int) -> None:
    assume(power + decades <= 1)
    low, high = float(f"1e{power}"), float(f"1e{power + decades}")
    rates = rates_between((low, high), a_decade, low)
    assert len(rates) == a_decade * decades + 1
    ratios = [after / before for before, after in itertools.pairwise(rates)]
    assert max(ratios) <= 10 ** (1 / a_decade) * 1.17  # as evenly on a logarithmic axis as short numbers lie


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


def test_one_end_of_a_range_is_told_to_be_too_few() -> None:
    [note] = url_notes({"N": ["5"]}, DEFAULTS)
    assert note == "The link gives N 1 value, `5`, instead of 2; it shows N = 5, 400."


@pytest.mark.parametrize("shown", [40, 10])
def test_a_value_that_is_given_twice_is_told_to_be_too_many(shown: int) -> None:
    [note] = url_notes({"dim": ["40", "10"]}, DEFAULTS | {"dim": shown})
    assert note == f"The link gives dim 2 values, `40`, `10`, instead of 1; it shows dim = {shown}."


def test_the_range_of_every_number_is_in_its_help() -> None:
    """The box takes no other, and does not say so."""
    app = AppTest.from_string("from explorer import controls\nfor key in ('at', 'seed', 'coin'): controls.widget(key)")
    found = {each.key: each.help for each in app.run().number_input}
    assert found["at"] == f"{PARAMETERS['at'].help} From 1 to 20,000."
    for key in ("seed", "coin"):
        assert found[key].endswith(" From 0 to 999.")
    narrow = AppTest.from_string("from explorer import controls\ncontrols.widget('sample', range(40))").run()
    assert narrow.number_input[0].help.endswith(" From 0 to 39.")


def test_of_a_set_that_ends_up_empty_nothing_is_shown_and_said_to_be() -> None:
    [note] = url_notes({"layers": ["Magic"]}, DEFAULTS | {"layers": []})
    assert note == "The link asks for layers = `Magic`, which this page does not offer; it shows layers = nothing."


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
            r"|The link gives \w+ [\d,]+ values?, §(, §)*( and [\d,]+ more)?, instead of [12]; it shows \w+ = "
            r"[\w., '±%-]+\."
            r"|The link asks for \w+ = §(, §)*( and [\d,]+ more)?, which this page does not offer; "
            r"it shows \w+ = [\w., '±%-]+\.",
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


# --- what controls will take from a link that are not yet drawn -------------------------------------------------------

OFFERED = st.sampled_from([key for key in PARAMETERS if key not in ("step", "sample")])  # these have too many options
queries = st.dictionaries(
    OFFERED | st.sampled_from(["W", "", "box"]), st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=3)
)


@given(queries, st.lists(OFFERED, unique=True, max_size=4))
def test_whatever_a_link_asks_for_a_control_to_come_has_a_value_that_it_offers(
    asked: dict[str, list[str]], keys: list[str]
) -> None:
    offer = {key: PARAMETERS[key].options for key in keys if PARAMETERS[key].kind not in ("set", "range")}
    values = expected(asked, offer)
    assert values.keys() == offer.keys()
    for key, value in values.items():
        assert value in offer[key]
        if key not in asked:
            assert value == PARAMETERS[key].default
    assert_harmless(url_notes({key: asked[key] for key in asked if key in offer}, values))


@given(st.data(), OFFERED)
def test_a_control_to_come_has_what_a_link_asks_for_if_it_is_offered(data: st.DataObject, key: str) -> None:
    parameter = PARAMETERS[key]
    assume(parameter.kind not in ("set", "range"))
    option = data.draw(st.sampled_from(parameter.options))
    asked = {key: [parameter.show(option)]}
    values = expected(asked, {key: parameter.options})
    assert values == {key: option}
    assert url_notes(asked, values) == []


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.data())
def test_the_nearest_option_is_an_option_and_none_is_nearer(value: float, data: st.DataObject) -> None:
    options = PARAMETERS[data.draw(st.sampled_from(["V", "dim", "seed", "steps", "lr"]))].options
    found = nearest(options, value)
    assert found in options
    assert all(abs(found - value) <= abs(option - value) for option in options)
