"""The page Learning rate as its visitors meet it: each question from a link to its answer, and clicks on the map."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig, train
from core.tuning import judge
from explorer import service, words
from explorer.parameters import PARAMETERS
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    chart,
    click,
    click_chart,
    drawn,
    finished,
    is_drawn,
    keys,
    own_controls,
    run,
    status,
    texts,
    until,
    warnings,
)
from tests.explorer.visiting import opened as opened_at

TINY: dict[str, Any] = {"dim": "4", "at": "20", "lr": "0.1", "Ns": ["20", "80"], "ns": ["2", "5"], "columns": "4"}
TINY |= {"rates": ["0.001", "0.1"], "dense": "2", "V": "4", "seeds": "3", "steps": "100", "load": "1"}
RATES = [0.001, 0.003, 0.01, 0.03, 0.1]
LEARNING_RATE = functions_of("learning_rate")

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


def opened(query: dict[str, Any]) -> AppTest:
    return opened_at(query, "learning_rate")


def question(name: str = "The map", **others: Any) -> AppTest:
    return finished(opened(TINY | {"ask": name} | others))


def answer(at: AppTest) -> str:
    return next(text.value for text in at.markdown if text.value.startswith("At n = "))


# --- the map ----------------------------------------------------------------------------------------------------------


def test_the_map_leads_from_a_link_to_its_answer() -> None:
    at = question()
    assert status(at).startswith("**60 networks**")
    assert answer(at).startswith("At n = 4, N = 20 and 100 steps, a learning rate of 0.1 is **")
    cells = data_of(chart(at), of_mark(chart(at), type="rect")[0])
    assert sorted(set(cells["num_samples"])) == [20, 40, 60, 80]
    assert sorted(set(cells["learning_rate"])) == RATES
    assert at.caption[0].value == words.map_legend(at.session_state["sweeps"][0])
    assert warnings(at) == []
    assert not keys(at) & {"stop", "go_on"}


def test_the_answer_is_what_runs_by_themselves_say() -> None:
    at = question(lr="0.001", seeds="6")
    found = train(
        [
            RunConfig(4, 4, 20, learning_rate=rate, num_steps=100, data_seed=seed, init_seed=seed)
            for rate in RATES
            for seed in range(6)
        ]
    )
    told = judge(RATES, [[result.num_memorized for result in found[6 * i : 6 * i + 6]] for i in range(5)])
    assert told.word(0) == "too small"
    assert answer(at) == words.answer(told, 0.001, dim=4, num_samples=20, num_steps=100)


def test_the_table_has_a_verdict_for_each_column() -> None:
    at = question()
    table = at.dataframe[0].value
    assert table["num_samples"].tolist() == [20, 40, 60, 80]
    assert table["best"].isin(RATES).all()
    assert (table["lowest"] <= table["best"]).all()
    assert (table["best"] <= table["highest"]).all()
    dots = data_of(chart(at), of_mark(chart(at), type="point")[0])
    assert dots["best"].tolist() == table["best"].tolist()


def test_across_dimensions_the_map_has_a_column_for_each_n() -> None:
    at = question(across="Dimension n")
    cells = data_of(chart(at), of_mark(chart(at), type="rect")[0])
    assert sorted(set(cells["input_dim"])) == [2, 3, 4, 5]
    assert answer(at).startswith("At n = 4, N = 20 and 100 steps")
    assert at.dataframe[0].value["input_dim"].tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize(("across", "column"), [("N", ("num_samples", 20)), ("Dimension n", ("input_dim", 4))])
def test_the_column_that_the_answer_is_about_is_trained_first(across: str, column: tuple[str, int]) -> None:
    job = question(across=across).session_state["job"]
    key, value = column
    assert job.first == {run for run in job.runs if getattr(run, key) == value}
    assert len(job.first) == len(RATES) * int(TINY["seeds"])


@pytest.mark.parametrize(
    ("field", "title"),
    [("fraction", "Memorized, C / N"), ("loss", "Mean loss (nats)"), ("stability", "η λ (edge of stability: 38)")],
)
def test_the_colour_shows_what_was_chosen_and_trains_nothing_again(field: str, title: str) -> None:
    at = question()
    entries = service.cache().stats().entries
    at.button_group("color").set_value(field)
    at = finished(run(at))
    encoding = of_mark(chart(at), type="rect")[0]["encoding"]["color"]
    assert (encoding["field"], encoding["legend"]["title"]) == (field, title)
    assert service.cache().stats().entries == entries


@pytest.mark.parametrize("schedule", ["Cosine", "WSD"])
def test_a_map_can_be_of_any_schedule(schedule: str) -> None:
    at = question(schedule=schedule)
    assert at.session_state["sweeps"][0].schedule == schedule.lower()
    assert "a learning rate of 0.1 is **" in answer(at)


def test_the_map_goes_with_gradient_descent_and_nested_data() -> None:
    at = question(optimizer="GD", data="Nested")
    assert "a learning rate of 0.1 is **" in answer(at)


def test_one_seed_says_that_nothing_can_be_told_apart() -> None:
    at = question(seeds="1")
    assert words.ONE_SEED in texts(at)
    assert of_mark(chart(at), type="text") == []
    assert list(at.dataframe) == []
    at = question("The post's claim", seeds="1", rates=["0.01", "0.1"])
    assert words.ONE_SEED in texts(at)
    assert "We find" not in texts(at)


@asleep_workers
def test_before_the_first_network_the_map_has_its_axes_and_the_frame() -> None:
    at = opened(TINY)
    assert LEARNING_RATE.WAITING in texts(at)
    [frame] = [layer for layer in of_mark(chart(at), type="rect") if layer["mark"].get("stroke")]
    assert data_of(chart(at), frame).values.tolist() == [[20, 0.1]]
    assert frame["encoding"]["x"]["scale"]["domain"] == [20, 40, 60, 80]


# --- clicks on the map ------------------------------------------------------------------------------------------------


def test_a_click_on_a_cell_moves_the_frame_and_changes_the_answer() -> None:
    at = question()
    click_chart(at, {"pick": [{"num_samples": 60, "learning_rate": 0.003}]})
    assert (at.session_state["at"], at.session_state["lr"]) == (60, 0.003)
    assert answer(at).startswith("At n = 4, N = 60 and 100 steps, a learning rate of 0.003 is **")
    [frame] = [layer for layer in of_mark(chart(at), type="rect") if layer["mark"].get("stroke")]
    assert data_of(chart(at), frame)[["num_samples", "learning_rate"]].values.tolist() == [[60, 0.003]]
    assert (at.query_params["at"], at.query_params["lr"]) == ("60", "0.003")
    assert status(at).startswith("**60 networks**")
    assert service.cache().stats().entries == 60  # nothing is trained for it


def test_a_click_on_a_dimension_asks_about_it() -> None:
    at = question(across="Dimension n")
    click_chart(at, {"pick": [{"input_dim": 3, "learning_rate": 0.01}]})
    assert (at.session_state["dim"], at.session_state["lr"]) == (3, 0.01)
    assert answer(at).startswith("At n = 3, N = 20 and 100 steps, a learning rate of 0.01 is **")


def test_a_click_beside_all_cells_changes_nothing() -> None:
    at = question()
    before = texts(at)
    click_chart(at, {"pick": []})
    assert texts(at) == before


@pytest.mark.parametrize("dense", ["2", "3", "6"])
def test_every_cell_can_be_clicked(dense: str) -> None:
    """The slider must have the rate, or the page would break."""
    at = question(dense=dense, rates=["0.0001", "10"], columns="4", Ns=["20", "20"], seeds="1", steps="100")
    cells = data_of(chart(at), of_mark(chart(at), type="rect")[0])
    for rate in cells["learning_rate"].iloc[[0, len(cells) // 2, -1]]:
        click_chart(at, {"pick": [{"num_samples": 20, "learning_rate": rate}]})
        assert at.session_state["lr"] == rate


def test_an_asked_cell_that_is_not_on_the_grid_is_added_to_it() -> None:
    at = question(at="33", lr="0.05")
    cells = data_of(chart(at), of_mark(chart(at), type="rect")[0])
    assert sorted(set(cells["num_samples"])) == [20, 33, 40, 60, 80]
    assert 0.05 in set(cells["learning_rate"])
    assert answer(at).startswith("At n = 4, N = 33 and 100 steps, a learning rate of 0.05 is **")


# --- schedules --------------------------------------------------------------------------------------------------------


def test_schedules_lead_from_a_link_to_their_answer() -> None:
    at = question("Schedules")
    assert status(at).startswith("**45 networks**")
    assert "Of 20 samples, after 100 steps at η = 0.1, each memorizes: Constant **" in texts(at)
    table = at.dataframe[0].value
    assert table["schedule"].tolist() == ["Constant", "Cosine", "WSD"]
    points = data_of(chart(at), of_mark(chart(at), type="line")[0])
    for row in table.itertuples():
        assert f"{row.schedule} {row.mean:.1f} (at {row.best:g})" in texts(at)
        assert row.mean == points[points["name"] == row.schedule]["mean"].max()


@asleep_workers
def test_schedules_wait_for_all_of_them() -> None:
    at = opened(TINY | {"ask": "Schedules"})
    assert LEARNING_RATE.WAITING in texts(at)
    assert is_drawn(at)
    assert list(at.dataframe) == []


# --- the post's claim -------------------------------------------------------------------------------------------------


def test_the_claim_leads_from_a_link_to_what_we_find() -> None:
    at = question("The post's claim", lr="0.01", rates=["0.01", "0.03"])
    assert "The post says that a learning rate of 0.01 is too small for $n = 10$ and too large for $n = 40$." in texts(
        at
    )
    assert re.search(r"\*\*We find:\*\* At n = 10, a learning rate of 0.01 is \*\*.* At n = 40, ", texts(at))
    assert "(*Fine*: 3 seeds do not tell it from the best rate.)" in texts(at)
    ten, forty = drawn(at)
    for spec, n in ((ten, 10), (forty, 40)):
        points = data_of(spec, of_mark(spec, type="line")[0])
        assert set(points["input_dim"]) == {n}
        assert set(points["num_samples"]) == {n}  # one sample for each input
        assert set(points["num_steps"]) == {500, 1000, 2000, 5000}
    table = at.dataframe[0].value
    assert table[["input_dim", "num_steps"]].values.tolist() == [
        [n, steps] for n in (10, 40) for steps in (500, 1000, 2000, 5000)
    ]


@asleep_workers
def test_the_claim_waits_for_all_of_them() -> None:
    at = opened(TINY | {"ask": "The post's claim"})
    assert LEARNING_RATE.WAITING in texts(at)
    assert len(drawn(at)) == 2
    assert list(at.dataframe) == []


# --- settings ---------------------------------------------------------------------------------------------------------


@asleep_workers
@pytest.mark.parametrize("title", LEARNING_RATE.STARTS)
@pytest.mark.parametrize("before", ["The map", "Schedules", "The post's claim"])
def test_a_start_sets_its_controls_from_wherever_it_is_pressed(title: str, before: str) -> None:
    at = click(opened({"ask": before, "lr": "1", "across": "Samples N"}), title)
    for key, value in LEARNING_RATE.STARTS[title].items():
        assert at.session_state[key] == value, key


@asleep_workers
@pytest.mark.parametrize("before", ["The map", "Schedules"])
def test_the_start_near_the_knee_is_of_the_layer_and_the_question_that_are_there(before: str) -> None:
    layer = {"dim": "20", "V": "5", "bias": "False"}
    at = click(opened(layer | {"ask": before, "lr": "1"}), "n = 20, near its knee")
    state = at.session_state
    assert (state["dim"], state["V"], state["bias"], state["lr"]) == (20, 5, False, 0.01)
    assert at.button_group("ask").value == ("map" if before == "The map" else "schedules")
    assert state["at"] == pytest.approx(2.8 * 20, abs=6)  # by theory 2.99 for infinitely many inputs
    if before == "The map":
        assert state["Ns"][0] < state["at"] < state["Ns"][1]


@asleep_workers
def test_the_start_near_a_knee_that_the_page_does_not_reach_goes_as_far_as_it_can() -> None:
    at = click(opened({"dim": "512", "V": "1000"}), "n = 512, near its knee")
    assert at.number_input("at").value == PARAMETERS["at"].options[-1]


@pytest.mark.parametrize(
    ("name", "drawn_"),
    [
        ("The map", {"dim", "at", "across", "Ns", "columns", "steps", "schedule", "color"}),
        ("Schedules", {"dim", "at", "steps"}),
        ("The post's claim", {"load"}),
    ],
)
@asleep_workers
def test_a_question_has_the_controls_that_it_needs_and_no_others(name: str, drawn_: set[str]) -> None:
    at = opened(TINY | {"ask": name})
    assert own_controls(at) == drawn_ | {"ask", "lr", "rates", "dense", "V", "seeds", "bias", "data", "optimizer"}


@asleep_workers
def test_the_columns_are_chosen_by_what_goes_across() -> None:
    at = opened(TINY)
    at.button_group("across").set_value("n")
    run(at)
    assert {"ns", "Ns"} & {slider.key for slider in at.select_slider} == {"ns"}


@pytest.mark.parametrize("name", ["The map", "Schedules", "The post's claim"])
def test_a_sweep_that_is_too_large_is_refused_with_a_number_to_lower(name: str) -> None:
    large = {"dim": "512", "V": "1000", "Ns": ["20", "20000"], "at": "20000", "steps": "100000", "seeds": "16"}
    at = opened(large | {"ask": name, "dense": "6", "rates": ["0.0001", "10"], "load": "10", "columns": "24"})
    [warning] = warnings(at)
    assert warning.startswith("Nothing was started: this needs about ")
    assert re.search(r" are allowed: lower the [a-z ]+ from [\d,]+ to (about )?[\d,]+ or fewer", warning)
    assert not is_drawn(at)
    assert service.jobs().running() == []


@asleep_workers
@pytest.mark.parametrize("name", ["The map", "Schedules", "The post's claim"])
def test_stop_stops_every_question(name: str) -> None:
    at = click(opened(TINY | {"ask": name}), "stop")
    job = at.session_state["job"]
    until(lambda: job.state == "stopped")
    assert status(run(at)).startswith("Stopped at **0 of ")
    assert is_drawn(at)
    click(at, "go_on")
    assert "stop" in keys(at)


def test_diverged_networks_are_counted() -> None:
    at = question()
    rows = [
        {**row, "diverged": row["learning_rate"] == 0.1, "mean_loss": float("nan"), "stability": float("nan")}
        for row in at.session_state["job"].look(None).rows
    ]
    [config] = at.session_state["sweeps"]
    picture = LEARNING_RATE.map_picture(config, 1, "num_samples", "stability", (20, 0.1), rows)
    assert str(picture.warning).startswith("12 of 60 networks diverged")
    assert "is **too large** (unstable)" in str(picture.answer)
    assert "NaN" not in json.dumps(picture.charts)
