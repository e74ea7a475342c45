"""The page Bits as its visitors meet it: curves, layers of several sizes, and the way between them."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig, memorized_bits, train
from core.tasks import LimitsSweep
from explorer import charts, service
from explorer.parameters import PARAMETERS
from explorer.views.bits import curve, parameters
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.legal import DEFAULTS
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    chart,
    click,
    click_chart,
    finished,
    is_drawn,
    own_controls,
    run,
    status,
    texts,
    until,
    warnings,
)
from tests.explorer.visiting import opened as opened_at

# Past its threshold, which is near N = 14.
TINY: dict[str, Any] = {"dim": "4", "V": "4", "N": ["5", "50"], "points": "10", "seeds": "2", "steps": "300"}
TINY |= {"lr": "0.1"}
LAYERS: dict[str, Any] = TINY | {"bits": "Against parameters", "dims": ["3", "6"], "classes": ["2", "4"]}
LONG: dict[str, Any] = {"dim": "30", "V": "40", "points": "80", "steps": "3000"}
STARTS = functions_of("bits/page").STARTS
CONTROLS = functions_of("bits/page").CONTROLS

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


def opened(query: dict[str, Any]) -> AppTest:
    return opened_at(query, "bits/page")


def view(query: dict[str, Any], **others: Any) -> AppTest:
    return finished(opened(query | others))


def means(at: AppTest) -> list[float]:
    """What the curves are drawn through, by definition and N."""
    spec = chart(at)
    [line] = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
    return [float(mean) for mean in data_of(spec, line).sort_values(["definition", "num_samples"])["mean"]]


# --- against N --------------------------------------------------------------------------------------------------------


def test_a_link_leads_to_the_most_bits_by_each_definition() -> None:
    at = view(TINY)
    assert status(at).startswith("**20 networks**")
    assert re.search(
        r"From N = 5 to 50, the maximum by Liu’s definition is \*\*[\d.]+ bits per parameter\*\*", texts(at)
    )
    assert "by Fano’s it is" in texts(at)
    assert "95 % intervals, over 2 seeds" in texts(at)
    assert "An ideal optimizer" not in texts(at)
    assert at.dataframe[0].value["definition"].tolist() == ["Liu", "Morris", "Fano"]
    assert warnings(at) == []


def test_the_curves_are_those_of_runs_trained_by_themselves_and_divided_by_their_parameters() -> None:
    at = view(TINY, N=["20", "20"], seeds="1")
    [result] = train([RunConfig(4, 4, 20, learning_rate=0.1, num_steps=300)])
    alone = [memorized_bits(result, name) for name in ("fano", "liu", "morris")]
    np.testing.assert_allclose(means(at), np.array(alone) / 20, rtol=1e-6)
    at.button_group("unit").set_value("total")
    np.testing.assert_allclose(means(run(at)), alone, rtol=1e-6)


def test_a_unit_changes_chart_words_and_nothing_that_is_trained() -> None:
    at = view(TINY)
    at.button_group("unit").set_value("weight")
    assert "bits per weight**" in texts(run(at))
    assert "Bits per weight" in json.dumps(chart(at))
    at.button_group("unit").set_value("total")
    assert re.search(r"\*\*\d+ bits\*\*", texts(run(at)))
    assert "transformers" not in json.dumps(chart(at))  # no total to compare
    assert service.cache().stats().entries == 20


def test_exact_limits_are_solved_and_drawn_when_they_are_asked_for() -> None:
    at = view(TINY, layers=["Theory", "Exact optimum"])
    assert status(at).startswith("**40 networks and exact limits**")
    assert "An ideal optimizer reaches, on the same data and by Liu’s definition," in texts(at)
    [squares] = of_mark(chart(at), shape="square")
    assert len(data_of(chart(at), squares)) == 30
    assert "Squares" in at.caption[0].value
    assert "blue dashes" in at.caption[0].value
    assert at.dataframe[0].value["of"].tolist() == ["trained"] * 3 + ["optimum"] * 3


def test_a_layer_that_memorizes_everything_holds_at_least_so_much() -> None:
    at = view(TINY, dim="60")
    assert "**at least " in texts(at)
    assert "move the end of N to the right" in texts(at)


def test_two_classes_and_one_seed_are_told_too() -> None:
    at = view(TINY, V="2", seeds="1")
    assert "(one seed)" in texts(at)
    assert of_mark(chart(at), type="area") == []


def test_a_far_axis_is_logarithmic_in_its_marks_and_in_its_n() -> None:
    at = view(TINY, N=["5", "3000"], steps="100", seeds="1")
    sizes = at.session_state["sweeps"][0].num_samples
    assert sizes[0] == 5
    assert sizes[-1] == 3000
    np.testing.assert_allclose(np.diff(np.log(sizes)), np.log(600) / 9, rtol=0.1)
    assert "(logarithmic)" in json.dumps(chart(at))
    assert curve.FAR < 3000


def test_training_that_goes_wrong_has_negative_bits_and_says_so() -> None:
    assert "Liu’s bits are negative" in texts(view(TINY, lr="10"))


# --- against the number of parameters ---------------------------------------------------------------------------------


def test_layers_of_several_n_have_a_mark_each_a_line_and_a_caveat() -> None:
    at = view(LAYERS)
    num_samples = [parameters.around(n, 4, {"bias": True}) for n in (3, 6)]
    assert status(at).startswith(f"**{2 * sum(map(len, num_samples))} networks**")
    assert "By Liu’s definition a parameter holds **" in texts(at)
    assert "at n = 3" in texts(at)
    assert (
        "**Why bits per parameter are no constant of nature.** They depend on *the definition*: at n = 6 and V = 4"
        in texts(at)
    )
    table = at.dataframe[0].value
    assert table["input_dim"].tolist() == [3] * 3 + [6] * 3
    assert table["num_parameters"].tolist() == [16] * 3 + [28] * 3
    np.testing.assert_allclose(table["bits"] - table["fit"], table["residual"])
    np.testing.assert_allclose(table["bits"] / table["num_parameters"], table["per_parameter"])


def test_layers_of_several_v_differ_in_their_classes_only() -> None:
    at = view(LAYERS, scale="Classes V", bias="False")
    assert [(each.input_dims, each.num_classes) for each in at.session_state["sweeps"]] == [((4,), 2), ((4,), 4)]
    assert "V = 2" in texts(at)
    assert "Parameters, V n" in json.dumps(chart(at))
    assert "biases are not counted" not in texts(at)


def test_the_values_of_n_lie_around_the_threshold() -> None:
    """At V = 2 it is twice the number of inputs, with a bias as one more."""
    assert parameters.around(9, 2, {"bias": True}) == tuple(round(20 * load) for load in parameters.LOADS)
    assert parameters.around(10, 2, {"bias": False}) == parameters.around(9, 2, {"bias": True})
    assert min(parameters.around(1, 2, {"bias": False})) == 1  # however small the layer


def link_of(at: AppTest) -> dict[str, list[str]]:
    """The query of the link that a click on a mark brought."""
    [address] = re.findall(r'href="bits\?([^"]*)"', texts(at))
    return parse_qs(address)


def test_a_click_on_a_mark_brings_a_link_to_the_curve_of_its_layer() -> None:
    at = view(LAYERS, unit="Total bits", optimizer="GD")
    assert "Click a mark to see its curve." in texts(at)
    click_chart(at, {charts.PICK: [{"input_dim": 6, "num_classes": 4}]})
    assert "<b>See the curve of n = 6, V = 4</b>" in texts(at)
    query = link_of(at)
    assert query.pop("N")[0] == "5"
    assert query == {"dim": ["6"], "V": ["4"], "unit": ["Total bits"], "seeds": ["2"], "lr": ["0.1"]} | {
        "steps": ["300"],
        "optimizer": ["GD"],
    }
    there = opened(link_of(at))
    assert (there.session_state["bits"], there.session_state["dim"]) == ("curve", 6)
    assert 14 < there.session_state["N"][1] <= 60  # some thresholds
    assert warnings(there) == []


def test_a_layer_that_no_slider_has_leads_to_the_next() -> None:
    at = view(LAYERS, dims=["3", "61"], steps="100", seeds="1")
    click_chart(at, {charts.PICK: [{"input_dim": 61, "num_classes": 4}]})
    assert link_of(at)["dim"] == ["60"]


def test_a_click_beside_all_marks_or_on_one_that_is_gone_brings_no_link() -> None:
    at = view(LAYERS)
    for selection in ([], [{"input_dim": 9, "num_classes": 4}]):
        click_chart(at, {charts.PICK: selection})
        assert "Click a mark to see its curve." in texts(at)
        assert "href" not in texts(at)


@asleep_workers
@pytest.mark.parametrize(("key", "scale"), [("dims", "Dimension n"), ("classes", "Classes V")])
def test_without_a_layer_the_page_says_what_to_do(key: str, scale: str) -> None:
    at = opened(LAYERS | {"scale": scale})
    at.multiselect(key).set_value([])
    assert warnings(run(at)) == ["Nothing was started: Choose at least one layer, and its mark appears here."]
    assert not is_drawn(at)


@asleep_workers
def test_a_layer_that_needs_too_many_samples_is_refused_in_a_sentence() -> None:
    [warning] = warnings(opened(LAYERS | {"dims": ["512"], "V": "1000"}))
    assert re.search(r"n = 512 inputs and V = 1,000 classes .* up to N = \d\d,\d\d\d samples would", warning)


# --- settings ---------------------------------------------------------------------------------------------------------


@asleep_workers
@pytest.mark.parametrize("title", STARTS)
def test_a_start_sets_every_control(title: str) -> None:
    everything_else = {"lr": "0.05", "bias": "False", "data": "Nested", "optimizer": "GD", "unit": "Per weight"}
    at = click(opened(TINY | everything_else | {"inputs": "Sphere", "layers": "Theory"}), title)
    wanted = {key: DEFAULTS[key] for key in CONTROLS} | STARTS[title]
    for key in CONTROLS:
        if key in at.session_state:
            value = at.session_state[key]
            assert (tuple(value) if isinstance(value, list) else value) == wanted[key], key
    assert at.session_state["sweeps"][0].learning_rates == (0.01,)


@asleep_workers
def test_every_start_names_what_the_controls_offer() -> None:
    for values in STARTS.values():
        for key, value in values.items():
            asked = value if isinstance(value, tuple) else (value,)
            assert set(asked) <= set(PARAMETERS[key].options), (key, value)


@asleep_workers
@pytest.mark.parametrize(
    ("query", "others"),
    [
        ({}, {"dim", "V", "N", "points", "layers"}),
        ({"bits": "Against parameters"}, {"scale", "dims", "V"}),
        ({"bits": "Against parameters", "scale": "Classes V"}, {"scale", "classes", "dim"}),
    ],
)
def test_a_view_has_the_controls_that_it_needs_and_no_others(query: dict[str, Any], others: set[str]) -> None:
    at = opened(query)
    assert own_controls(at) == others | {"bits", "unit", "seeds", "inputs", "lr", "steps", "bias", "data", "optimizer"}


@asleep_workers
@pytest.mark.parametrize("query", [LONG, LONG | {"bits": "Against parameters"}, LONG | {"layers": "Exact optimum"}])
def test_before_the_first_network_there_is_a_chart_and_no_finding(query: dict[str, Any]) -> None:
    at = opened(query)
    assert is_drawn(at)
    assert len(texts(at).splitlines()) <= 3  # what the page is about, the row of starts
    assert len(at.dataframe) == 0
    click(at, "stop")
    job = at.session_state["job"]
    until(lambda: job.state == "stopped")
    assert status(run(at)).startswith("Stopped at **0 of ")


@asleep_workers
def test_the_optimum_is_of_the_same_data() -> None:
    config, limits = opened(LONG | {"layers": "Exact optimum"}).session_state["sweeps"]
    assert limits == LimitsSweep(config)


@asleep_workers
def test_a_sweep_that_is_too_large_is_refused_with_a_number_to_lower() -> None:
    [warning] = warnings(opened({"dim": "512", "V": "1000", "N": ["5", "20000"], "steps": "100000", "seeds": "16"}))
    assert warning.startswith("Nothing was started: this needs about ")


def test_diverged_networks_are_counted_and_left_out() -> None:
    """No setting of the controls lets the loss overflow, but another machine's arithmetic may."""
    for query, picture, more in (
        (TINY, curve.picture, ((), "parameter")),
        (LAYERS, parameters.picture, ("input_dim", "parameter")),
    ):
        at = view(query)
        rows = [{**row, "diverged": row["seed"] == 1} for row in at.session_state["job"].look(None).rows]
        sweeps = tuple(at.session_state["sweeps"])
        now = picture(sweeps[0] if query is TINY else sweeps, 1, *more, rows)
        assert now.warning is not None
        assert "networks diverged" in now.warning
        assert now.finding is not None
        assert "one seed" in now.finding


def test_a_sweep_that_fills_is_drawn_from_its_first_results_on() -> None:
    at = view(LAYERS)
    rows = at.session_state["job"].look(None).rows
    sweeps = tuple(at.session_state["sweeps"])
    for count in range(1, len(rows), 7):
        now = parameters.picture(sweeps, count, "input_dim", "total", rows[:count])
        assert len(now.table)
        assert (now.finding is None) == (now.caveat is None)
    assert parameters.picture(sweeps, 0, "input_dim", "total", rows[:5]).finding is None
