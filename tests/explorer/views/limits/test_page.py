"""The page Limits as its visitors meet it: each view from a link to its answer, and from a click to the next N."""

import json
import math
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import LimitsConfig, RunConfig, limits, train
from core.config import INPUTS
from core.tasks import LimitsSweep
from explorer import charts, page, service
from explorer.jobs import Row
from explorer.parameters import PARAMETERS
from explorer.views.limits import closing, curve
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.legal import DEFAULTS
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    chart,
    click,
    click_chart,
    finished,
    is_drawn,
    keys,
    own_controls,
    progress,
    run,
    status,
    texts,
    until,
    warnings,
)
from tests.explorer.visiting import opened as opened_at

# Its threshold is near N = 18.
TINY: dict[str, Any] = {"dim": "5", "V": "4", "N": ["5", "50"], "spots": "10", "seeds": "2", "steps": "300", "at": "40"}
TINY |= {"lr": "0.1"}
LONG: dict[str, Any] = {"dim": "40", "V": "40", "N": ["5", "600"], "spots": "80", "steps": "5000", "at": "300"}
LIMITS = functions_of("limits/page")
SIZES = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


def opened(query: dict[str, Any]) -> AppTest:
    return opened_at(query, "limits/page")


def view(name: str, **others: Any) -> AppTest:
    return finished(opened(TINY | {"limit": name} | others))


def curves(at: AppTest) -> dict[str, dict[int, float]]:
    """What is drawn: name -> N -> mean C."""
    [line] = [layer for layer in of_mark(chart(at), type="line") if "strokeDash" not in layer["mark"]]
    data = data_of(chart(at), line)
    return {
        name: dict(zip(part["num_samples"].astype(int), part["mean"], strict=True))
        for name, part in data.groupby("name")
    }


# --- the limits -------------------------------------------------------------------------------------------------------


def test_the_limits_lead_from_a_link_to_what_training_loses() -> None:
    at = view("The limits")
    assert status(at).startswith("**40 networks and exact limits** in ")
    assert "At **N = 40** Adam memorizes " in texts(at)
    assert re.search(
        r"Without any error \(2 data sets at each N\): every one can be memorized completely up to", texts(at)
    )
    assert "Theory says **N = " in texts(at)
    assert "Grey stripe" in at.caption[0].value
    assert of_mark(chart(at), type="rect")
    assert warnings(at) == []
    assert not keys(at) & {"stop", "go_on"}


def test_the_three_curves_are_those_of_training_of_the_optimum_and_of_the_most() -> None:
    """The same as computed by themselves."""
    drawn = curves(view("The limits"))
    assert drawn.keys() == {charts.REACHED, charts.OPTIMUM, charts.MOST}
    for size in (10, 25, 50):
        runs = [RunConfig(5, 4, size, 0.1, 300, data_seed=seed, init_seed=seed) for seed in (0, 1)]
        exact = limits([LimitsConfig.of(run, most=True) for run in runs])
        assert drawn[charts.REACHED][size] == np.mean([result.num_memorized for result in train(runs)])
        assert drawn[charts.OPTIMUM][size] == np.mean([result.num_memorized for result in exact])
        assert drawn[charts.MOST][size] == np.mean([result.num_most for result in exact])
    for size in SIZES:
        assert drawn[charts.OPTIMUM][size] <= drawn[charts.MOST][size] <= size


def test_the_table_holds_what_the_curves_show() -> None:
    at = view("The limits")
    table, drawn = at.dataframe[0].value.set_index("num_samples"), curves(at)
    assert table["trained"].to_dict() == drawn[charts.REACHED]
    assert table["optimum"].to_dict() == drawn[charts.OPTIMUM]
    assert table["most"].to_dict() == drawn[charts.MOST]
    assert set(table["num_datasets"]) == {2}
    assert (table["loss"] > table["least_loss"] - 1e-6).all()


def test_to_look_at_an_n_changes_no_curve_no_table_and_no_claim() -> None:
    before = view("The limits")
    [threshold] = re.findall(r"Without any error .*", texts(before))
    for looked_at in (33, 60):
        at = view("The limits", at=str(looked_at))
        assert status(at).startswith("**44 networks and exact limits** in ")
        assert f"At **N = {looked_at}** Adam memorizes " in texts(at)
        assert curves(at) == curves(before)
        assert at.dataframe[0].value.equals(before.dataframe[0].value)
        assert threshold in texts(at)
        hollow = [layer for layer in of_mark(chart(at), type="point") if layer["mark"].get("filled") is False]
        assert len(hollow) == (looked_at == 33)  # the other is beyond the axis
        assert all(set(data_of(chart(at), layer)["num_samples"]) == {33} for layer in hollow)


def test_where_everything_is_memorized_the_optimizer_is_not_blamed() -> None:
    at = view("The limits", dim="40", at="20", steps="1000")
    assert "At **N = 20** Adam memorizes 20 samples in 1,000 steps: everything, as an ideal optimizer would." in texts(
        at
    )
    assert "every one can be memorized completely, up to N = 50, the largest here" in texts(at)


def test_where_the_optimizer_has_not_arrived_it_is_blamed() -> None:
    at = view("The limits", lr="0.0001", at="15")
    assert re.search(r"\*\*the optimizer is [\d.]+ samples short\*\*", texts(at))


def test_one_seed_has_no_band() -> None:
    assert of_mark(chart(view("The limits", seeds="1")), type="area") == []
    assert of_mark(chart(view("The limits")), type="area")


@pytest.mark.parametrize("law", INPUTS)
def test_every_law_of_inputs_has_its_limits_and_its_note(law: str) -> None:
    at = view("The limits", inputs=PARAMETERS["inputs"].show(law))
    assert at.session_state["inputs"] == law
    assert "At **N = 40** Adam memorizes " in texts(at)
    assert ("universality" in texts(at)) == (law != "gaussian")


def test_what_an_invertible_map_does_to_the_inputs_moves_no_limit_but_training() -> None:
    plain, mapped = (
        curves(view("The limits", inputs=PARAMETERS["inputs"].show(law), lr="0.01", steps="100"))
        for law in ("gaussian", "correlated")
    )
    assert mapped[charts.OPTIMUM] == plain[charts.OPTIMUM]
    assert mapped[charts.REACHED] != plain[charts.REACHED]


# --- closing the gap --------------------------------------------------------------------------------------------------


def test_closing_the_gap_leads_from_a_link_to_what_the_optimum_costs() -> None:
    at = view("Closing the gap", steps="200")
    assert status(at).startswith("**10 networks and exact limits** in ")  # four rates and the limits, of two data sets
    exact = limits([LimitsConfig(5, 4, 40, data_seed=seed) for seed in (0, 1)])
    optimum = np.mean([result.num_memorized for result in exact])
    assert re.search(
        rf"The optimum memorizes {optimum:g} of 40\. At η = 0\.1, after about \d+ steps, training memorizes", texts(at)
    )
    spec = chart(at)
    [rule] = of_mark(spec["vconcat"][0], type="rule")
    assert data_of(spec, rule)["memorized"].tolist() == [optimum]
    [line] = of_mark(spec["vconcat"][1], type="line")
    drawn = data_of(spec, line)
    assert set(drawn["learning_rate"]) == {0.003, 0.01, 0.03, 0.1}
    assert drawn["step"].max() == 2000  # ten times as long
    assert "Grey dashes" in at.caption[0].value


def test_the_loss_that_is_drawn_is_that_of_the_runs_above_their_optimum() -> None:
    at = view("Closing the gap", steps="100", lr="0.05", seeds="1")
    [result] = train([RunConfig(5, 4, 40, 0.05, 1000)])
    [exact] = limits([LimitsConfig(5, 4, 40)])
    spec = chart(at)
    [line] = of_mark(spec["vconcat"][1], type="line")
    drawn = data_of(spec, line).query("learning_rate == 0.05")
    assert drawn["step"].tolist() == result.checkpoint_steps[1:].tolist()
    expected = result.loss_at[1:] - exact.mean_loss
    np.testing.assert_allclose(drawn["gap"], expected, rtol=1e-4, atol=1e-6)
    assert drawn["memorized"].tolist() == result.num_memorized_at[1:].tolist()


def test_the_asked_rate_is_among_the_curves_whatever_it_is() -> None:
    at = view("Closing the gap", lr="0.5", steps="100")
    [line] = of_mark(chart(at)["vconcat"][0], type="line")
    assert 0.5 in set(data_of(chart(at), line)["learning_rate"])
    assert "At η = 0.5, after about 100 steps, training memorizes" in texts(at)


@pytest.mark.parametrize("name", ["The limits", "Closing the gap"])
def test_every_view_goes_with_gradient_descent_with_one_seed_and_on_nested_data(name: str) -> None:
    at = view(name, optimizer="GD", seeds="1", data="Nested", lr="0.5", bias="False", steps="100")
    assert is_drawn(at)
    assert warnings(at) == []
    assert "Adam" not in texts(at)


# --- clicks -----------------------------------------------------------------------------------------------------------


def test_a_click_on_a_point_looks_at_its_n() -> None:
    at = view("The limits")
    job = at.session_state["job"]
    click_chart(at, {charts.PICK: [{"num_samples": 25}]})
    assert at.session_state["at"] == 25
    assert "At **N = 25** Adam memorizes " in texts(finished(at))
    assert at.query_params["at"] == "25"
    assert at.session_state["job"] is job  # nothing is computed again
    [rule] = [layer for layer in of_mark(chart(at), type="rule") if "strokeDash" not in layer["mark"]]
    assert data_of(chart(at), rule)["num_samples"].tolist() == [25]


def test_a_click_beside_all_points_changes_nothing() -> None:
    at = view("The limits")
    before = texts(at)
    click_chart(at, {charts.PICK: []})
    assert at.session_state["at"] == 40
    assert texts(at) == before


def test_the_n_that_was_clicked_is_that_whose_gap_is_closed() -> None:
    at = view("The limits", steps="100")
    click_chart(at, {charts.PICK: [{"num_samples": 25}]})
    at.button_group("limit").set_value("steps")
    at = finished(run(at))
    assert re.search(r"The optimum memorizes [\d.]+ of 25\.", texts(at))


# --- settings ---------------------------------------------------------------------------------------------------------


@asleep_workers
@pytest.mark.parametrize(("name", "of"), [("The limits", curve), ("Closing the gap", closing)])
def test_a_view_has_the_controls_that_it_needs_and_no_others(name: str, of: Any) -> None:
    at = opened(TINY | {"limit": name})
    assert own_controls(at) == {"limit", *of.CONTROLS}


@asleep_workers
def test_no_setting_at_all_is_the_layer_of_the_published_figure_with_its_limits() -> None:
    config, exact, looked_at, _ = opened({}).session_state["sweeps"]
    assert exact == LimitsSweep(config, most=True)
    assert looked_at.num_samples == (200,)
    assert (config.input_dims, config.num_classes, config.bias, config.learning_rates) == ((40,), 10, True, (0.01,))
    assert (config.num_samples[0], config.num_samples[-1], config.num_steps) == (5, 400, 2000)
    assert 200 not in config.num_samples


STARTS = {title: values for title, values in LIMITS.STARTS.items() if values.get("limit") in (None, "curve", "steps")}


@asleep_workers
@pytest.mark.parametrize("title", STARTS)
def test_a_start_sets_every_control_to_something_that_is_offered_and_fits(title: str) -> None:
    at = opened(TINY | {"bias": "False", "data": "Nested", "optimizer": "GD"})
    at = click(at, title)
    expected = DEFAULTS | STARTS[title]
    view = LIMITS.VIEWS.modules[expected["limit"]]
    assert {key: at.session_state[key] for key in view.CONTROLS} == {key: expected[key] for key in view.CONTROLS}
    assert at.session_state["limit"] == expected["limit"]
    for key, value in STARTS[title].items():
        parts = value if isinstance(value, tuple) else (value,)
        assert set(parts) <= set(PARAMETERS[key].options), key
    assert warnings(at) == []  # it fits
    assert "job" in at.session_state


@asleep_workers
def test_a_link_of_nonsense_gives_sentences_and_the_defaults() -> None:
    nonsense = {"limit": "everything", "spots": "11", "at": "0", "dim": "nan", "inputs": "<b>", "V": "-1", "W": "1"}
    at = opened(nonsense)
    assert len(warnings(at)) == len(nonsense)
    assert all(note.startswith("The link ") for note in warnings(at))
    assert {key: at.session_state[key] for key in ("limit", "spots", "dim", "inputs", "V")} == {
        key: DEFAULTS[key] for key in ("limit", "spots", "dim", "inputs", "V")
    }
    assert is_drawn(at)


@pytest.mark.parametrize("name", ["The limits", "Closing the gap"])
def test_a_sweep_that_is_too_large_is_refused_with_a_number_to_lower(name: str) -> None:
    large = {"dim": "512", "V": "1000", "N": ["5", "20000"], "at": "20000", "steps": "100000", "seeds": "16"}
    at = opened(large | {"limit": name})
    [warning] = warnings(at)
    assert warning.startswith("Nothing was started: this needs about ")
    assert re.search(r" are allowed: lower the [a-z ]+ from [\d,]+ to (about )?[\d,]+ or fewer", warning)
    assert not is_drawn(at)
    assert service.jobs().running() == []


@asleep_workers
@pytest.mark.parametrize(("name", "total"), [("The limits", 648), ("Closing the gap", 20)])
def test_stop_stops_every_view(name: str, total: int) -> None:
    at = opened(LONG | {"limit": name})
    assert re.match(rf"0 of {total} networks and exact limits computed, about ", progress(at))
    at = click(at, "stop")
    job = at.session_state["job"]
    until(lambda: job.state == "stopped")
    assert status(run(at)) == f"Stopped at **0 of {total}** networks and exact limits. What is there is kept."
    assert "go_on" in keys(at)
    click(at, "go_on")
    assert "stop" in keys(at)


@asleep_workers
def test_before_the_first_result_there_are_theory_and_no_finding() -> None:
    at = opened(LONG)
    assert "params" not in chart(at)
    assert of_mark(chart(at), type="rule")
    assert "Adam memorizes" not in texts(at)
    assert "Without any error" not in texts(at)
    assert len(at.dataframe) == 0
    other = opened(LONG | {"limit": "Closing the gap"})
    assert "The answer comes when everything that it needs is computed." in texts(other)


# --- a sweep that is half done ----------------------------------------------------------------------------------------


def rows_of(at: AppTest) -> list[Any]:
    return list(at.session_state["job"].look(None).rows)


def test_an_n_is_spoken_of_as_soon_as_a_run_and_its_limits_are_there() -> None:
    at = view("The limits")
    config, rows = at.session_state["sweeps"][0], rows_of(at)
    runs = [row for row in rows if "verdict" not in row]
    exact = [row for row in rows if "verdict" in row]
    for some in ([], runs, exact):
        picture = curve.picture(config, page.fingerprint(some), 40, some)
        assert picture.findings[0] is None
        assert picture.table.empty
    first = [row for row in rows if (row["num_samples"], row["seed"]) == (40, 0)]
    early = curve.picture(config, page.fingerprint(first), 40, first)
    assert str(early.findings[0]).startswith("*So far, from 1 of 2 data sets:* At **N = 40** Adam memorizes")
    whole = curve.picture(config, page.fingerprint(rows), 40, rows)
    assert str(whole.findings[0]).startswith("At **N = 40** Adam memorizes")
    assert early.findings[1] is None  # of the threshold nothing is said before all verdicts are there
    assert of_mark(early.chart, type="rect") == []
    assert curve.picture(config, page.fingerprint(rows), 41, rows).findings[0] is None  # an N that is not among them


def test_the_answer_of_closing_the_gap_waits_for_all_runs_and_all_limits() -> None:
    at = view("Closing the gap", steps="100")
    config, rows = at.session_state["sweeps"][0], rows_of(at)

    def shown(some: list[Row]) -> closing.Picture:
        done = {(row["learning_rate"], row["seed"]) for row in some if "verdict" not in row}
        results = train([run for run in config.runs() if (run.learning_rate, run.data_seed) in done])
        return closing.picture(config, page.fingerprint(some), len(results), 0.1, 100, some, results)

    assert shown(rows).finding is not None
    for missing in (0, -1):
        some = [row for index, row in enumerate(rows) if index != missing % len(rows)]
        assert shown(some).finding is None
    runs = [row for row in rows if "verdict" not in row]
    assert shown(runs).chart is None  # without an optimum there is no gap
    exact = [row for row in rows if "verdict" in row]
    assert "NaN" not in json.dumps(shown(exact).chart)


def test_diverged_networks_are_counted_and_left_out() -> None:
    at = view("The limits")
    config, rows = at.session_state["sweeps"][0], rows_of(at)
    lost = [
        row | {"diverged": True, "mean_loss": math.nan} if "verdict" not in row and row["num_samples"] == 40 else row
        for row in rows
    ]
    picture = curve.picture(config, 11, 40, lost)
    assert str(picture.warning).startswith("2 of 20 networks diverged")
    assert picture.findings[0] is None
    assert 40 not in picture.table["num_samples"].tolist()
    assert "NaN" not in json.dumps(picture.chart)


def test_results_that_are_lost_are_not_taken_for_runs_that_diverged() -> None:
    at = view("Closing the gap")
    service.cache().clear()
    service.jobs().forget()
    run(at)
    assert warnings(at) == [page.LOST]
    assert "*The answer comes when everything that it needs is computed.*" in texts(at)
