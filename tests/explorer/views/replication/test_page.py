"""The page Replication as its visitors meet it: the story step by step, each view to its answer, a click on the map."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig, train
from explorer import frames, words
from explorer.parameters import PARAMETERS
from explorer.views.replication import misfit
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.legal import DEFAULTS
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import chart, click, click_chart, finished, opened, run, texts

PAGE = functions_of("replication/page")
SMALL: dict[str, Any] = {"V": "3", "steps": "100", "seeds": "2", "lr": "0.1"}
asleep_workers = pytest.mark.usefixtures("asleep")


def page(query: dict[str, Any]) -> AppTest:
    return opened(query, "replication/page")


@pytest.fixture
def small_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfit, "CLASSES", (3, 5))
    monkeypatch.setattr(misfit, "STEPS", (100, 200))
    monkeypatch.setattr(misfit, "NUM_SAMPLES", dict.fromkeys(misfit.NUM_SAMPLES, (50, 200)))


# --- what is computed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["figure 1", "figure 2"])
def test_a_figure_is_trained_at_every_published_point(view: str) -> None:
    [sweep] = PAGE.VIEWS.modules[view].sweeps_of(DEFAULTS)
    quantity: Any = "num_memorized" if view == "figure 1" else "sharpness"
    points = frames.published_points(quantity)
    assert {(run.input_dim, run.num_samples) for run in sweep.runs()} >= set(
        zip(points["input_dim"], points["num_samples"], strict=True)
    )
    assert sweep.measure_sharpness == ("end" if view == "figure 2" else "never")


@pytest.mark.parametrize("view", ["memorized", "sharpness"])
def test_a_map_trains_each_of_its_settings_at_published_points(view: str) -> None:
    sweeps = misfit.sweeps_of(DEFAULTS | {"figure": view})
    settings = {(sweep.bias, sweep.num_steps, sweep.num_classes) for sweep in sweeps}
    assert len(settings) == len(sweeps) == 2 * len(misfit.STEPS) * len(misfit.CLASSES)
    published = frames.published_points(misfit.quantity_of({"figure": view}))
    for sweep in sweeps:
        assert len(sweep.seeds) == misfit.NUM_SEEDS
        assert set(sweep.input_dims) == set(published["input_dim"])
        assert set(sweep.num_samples) <= set(published["num_samples"])


def test_every_cell_of_a_map_can_be_set_by_the_controls() -> None:
    assert set(misfit.CLASSES) <= set(PARAMETERS["V"].options)
    assert set(misfit.STEPS) <= set(PARAMETERS["steps"].options)
    assert {"figure 1", "figure 2"} == set(misfit.VIEW_OF.values())


# --- the story --------------------------------------------------------------------------------------------------------


@asleep_workers
def test_each_step_of_the_story_is_a_button_that_tells_it() -> None:
    at = page({"V": "7"})
    assert not any(told in texts(at) for told in words.STORY.values())
    assert "*This is none of the six steps: V = 7, set here, by the link or on the page before." in texts(at)
    for step, told in zip(PAGE.STARTS, words.STORY.values(), strict=True):
        click(at, step)
        assert told in texts(at)
        assert sum(other in texts(at) for other in words.STORY.values()) == 1
        assert "none of the six steps" not in texts(at)


# --- the views --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("new_app")
def test_figure_1_says_of_each_n_how_far_ours_is_from_the_diamonds() -> None:
    at = finished(page(SMALL))
    table = at.dataframe[0].value.set_index("name")
    figure = frames.published_points("num_memorized").query("input_dim == 10 and num_samples in (300, 305)")
    runs = [
        RunConfig(10, 3, size, learning_rate=0.1, num_steps=100, data_seed=seed, init_seed=seed)
        for size in figure["num_samples"]
        for seed in (0, 1)
    ]
    mean = sum(result.num_memorized for result in train(runs)) / 2
    [bars] = [
        data_of(chart(at), layer)
        for layer in of_mark(chart(at), type="rule")
        if "y2" in layer["encoding"] and data_of(chart(at), layer)["input_dim"].iloc[0] == 10
    ]
    shown = bars[bars["num_samples"].isin(figure["num_samples"])]["residual"].sum()
    assert shown == pytest.approx(mean - figure["published"].sum())
    assert table.loc["n = 10", "mean"] == pytest.approx(bars["residual"].mean())
    worst = table["rms"].idxmax()
    assert f"**C: the published run was not made with this setting, least of all at {worst}.**" in texts(at)
    assert "n = 30, N = 280, where C = 17" in texts(at)


@pytest.mark.usefixtures("new_app")
def test_figure_2_judges_the_sharpness_and_c_and_tells_how_far_the_post_is_from_itself() -> None:
    at = finished(page(SMALL | {"figure": "Figure 2"}))
    assert "**The sharpness: the published run was not made with this setting.**" in texts(at)
    assert "**C: the published run was not made with this setting.**" in texts(at)
    assert f"{frames.published_twice():.1f} samples apart" in texts(at)


@pytest.mark.usefixtures("new_app", "small_map")
@pytest.mark.parametrize(("view", "figure"), [("Misfit of C", "figure 1"), ("Misfit of sharpness", "figure 2")])
def test_the_map_ends_with_its_smallest_and_a_click_on_a_cell_shows_it_beside_the_figure(
    view: str, figure: str
) -> None:
    at = finished(page(SMALL | {"figure": view}))
    drawn = chart(at)
    [cells] = [
        data_of(drawn, layer)
        for layer in of_mark(drawn, type="rect")
        if "color" in layer["encoding"] and data_of(drawn, layer)["bias"].all()
    ]
    assert len(cells) == 4
    assert "**Smallest misfit of " in texts(at)
    assert len(of_mark(drawn, type="point", filled=False)) == 2  # the ring, light on dark
    click_chart(at, {"pick_1": [{"bias": True, "num_classes": 5, "num_steps": 200}]})
    run(at)
    state = at.session_state
    assert (state["V"], state["steps"], state["bias"], state["figure"]) == (5, 200, True, figure)


@asleep_workers
def test_while_it_fills_the_map_has_its_axes_and_says_how_it_fills() -> None:
    at = page({"figure": "Misfit of C"})
    assert words.MAP_WAITS in texts(at)
    assert "Smallest" not in texts(at)
