"""The page Samples as its visitors meet it: each view from a link to its finding, and from a click to the next."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import jaccard_score, roc_auc_score
from streamlit.testing.v1 import AppTest

from core import RunConfig, RunResult, dataset, predictors, train
from explorer import charts, frames, page, service
from explorer.parameters import PARAMETERS
from tests.explorer.charts.spec import data_of, layers, of_mark
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import (
    click,
    click_chart,
    click_row,
    drawn,
    finished,
    keys,
    own_controls,
    run,
    status,
    switched,
    texts,
    until,
    warnings,
)
from tests.explorer.visiting import opened as opened_at

# Past its knee: 27 of the 60 samples are memorized.
TINY: dict[str, Any] = {"dim": "8", "V": "4", "at": "60", "steps": "200", "lr": "0.05"}
TINY |= {"sets": "3", "starts": "3"}
RUN = RunConfig(8, 4, 60, learning_rate=0.05, num_steps=200, watch_samples=True)
LONG: dict[str, Any] = {"dim": "100", "V": "50", "at": "2000", "steps": "100000", "sets": "2", "starts": "2"}
VIEWS = ("Samples", "Cartography", "Predictors", "Watch", "Other starts", "The coin")
OF_ONE_LAYER = ("Samples", "Cartography", "Watch")  # with the opened sample below
SAMPLES = functions_of("samples/page")
SCATTER = 0  # of the charts of the views Samples and Cartography, the first
LOGITS, ALONG = 1, 2

pytestmark = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


@cache
def trained(run: RunConfig = RUN) -> RunResult:
    [result] = train([run])
    return result


@cache
def samples() -> pd.DataFrame:
    return frames.samples_frame(trained())


def opened(query: dict[str, Any]) -> AppTest:
    return opened_at(query, "samples/page")


def view(show: str = "Samples", **others: Any) -> AppTest:
    return finished(opened(TINY | {"show": show} | others))


def headings(at: AppTest) -> list[str]:
    return [heading.value for heading in at.header]


def param(at: AppTest, name: str) -> dict[str, Any]:
    """What the chart of all samples is told of a selection."""
    return next(each for each in drawn(at)[SCATTER]["params"] if each["name"] == name)


def listed(at: AppTest) -> list[int]:
    """The samples in the table."""
    found: list[int] = at.dataframe[0].value["sample"].tolist()
    download = at.get("download_button")[0].proto.label
    assert re.search(r"[\d,]+", download)[0] == f"{len(found):,}"  # type: ignore[index]
    return found


def marked(at: AppTest) -> int | None:
    """The sample whose row is selected in the table."""
    rows = at.session_state["samples table"]["selection"]["rows"]
    return listed(at)[rows[0]] if rows else None


def assert_opened(at: AppTest, sample: int) -> None:
    """All that shows the opened sample shows this one."""
    assert headings(at) == [f"Sample {sample}"]
    assert at.number_input("sample").value == sample
    assert f"Sample {sample} has label {samples()['label'][sample]} " in texts(at)
    if sample or "sample" in at.query_params:
        assert at.query_params["sample"] == str(sample)


def click_sample(at: AppTest, sample: int, brush: dict[str, list[float]] | None = None) -> AppTest:
    return click_chart(at, {charts.PICK: [{"sample": sample}], charts.BRUSH: brush or {}}, SCATTER)


def drag(at: AppTest, brush: dict[str, list[float]], picked: int = 0) -> AppTest:
    return click_sample(at, picked, brush)


# --- all samples ------------------------------------------------------------------------------------------------------


def test_samples_lead_from_a_link_to_the_posts_third_finding() -> None:
    at = view()
    assert status(at).startswith("**1 network**")
    assert "**27 of 60" in texts(at)
    spec = drawn(at)[SCATTER]
    found = data_of(spec, layers(spec)[0])
    result = trained()
    np.testing.assert_allclose(found["initial_loss"], result.initial_loss, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found["final_loss"], result.final_loss, rtol=0, atol=1e-5)
    assert (found["kind"] == "memorized").tolist() == result.memorized.tolist()
    area = roc_auc_score(result.memorized, -result.initial_loss)
    assert f"**{area:.0%}**" in texts(at)
    assert listed(at) == list(range(60))
    assert_opened(at, 0)
    assert warnings(at) == []
    assert not keys(at) & {"stop", "go_on"}


@pytest.mark.parametrize("x", ["label_count", "least_squares_margin", "first_step", "confidence", "margin"])
def test_any_statistic_can_be_asked_for_in_a_link(x: str) -> None:
    name = PARAMETERS["x"].show(x)
    at = view(x=name, y="Alignment")
    encoding = layers(drawn(at)[SCATTER])[0]["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == (x, "alignment")
    known = x in predictors(RUN)
    assert ("of all such pairs" in texts(at)) == known
    assert ("predicts nothing" in texts(at)) == (not known)
    # Its column stands in front.
    assert list(at.dataframe[0].proto.column_order)[:5] == ["sample", "memorized", "label", x, "alignment"]
    assert warnings(at) == []


def test_the_table_holds_what_the_core_says_of_each_sample() -> None:
    found = view().dataframe[0].value
    for column, values in samples().items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(found[column], values, rtol=1e-5, atol=1e-5, err_msg=str(column))
        else:
            assert found[column].tolist() == values.tolist(), column


@pytest.mark.parametrize(("who", "count"), [("All", 60), ("Memorized", 27), ("Not memorized", 33)])
def test_the_list_can_be_filtered(who: str, count: int) -> None:
    at = view(who=who)
    kept = [True, False] if who == "All" else [who == "Memorized"]
    assert listed(at) == samples()["sample"][samples()["memorized"].isin(kept)].tolist()
    assert len(listed(at)) == count
    assert marked(at) == (0 if samples()["memorized"][0] in kept else None)
    assert headings(at) == ["Sample 0"]  # which may stay open outside of the list


def test_beside_a_pinned_layer_each_samples_fate_is_told() -> None:
    fewer = replace(RUN, num_steps=100)
    at = view(pin=urlencode(TINY | {"steps": "100"}))
    a, b = trained(fewer).memorized, trained().memorized
    found = at.dataframe[0].value["fate"]
    assert list(at.dataframe[0].proto.column_order)[:4] == ["sample", "memorized", "fate", "label"]
    assert (found.isin(["both", "only A"]) == a).all()
    assert (found.isin(["both", "only B"]) == b).all()
    assert f"both memorize **{(a & b).sum()}**, only A **{(a & ~b).sum()}**, only B **{(~a & b).sum()}**" in texts(at)


def test_layers_of_other_samples_have_no_fates() -> None:
    at = view(pin=urlencode(TINY | {"V": "5"}))
    assert "A has other samples than B" in texts(at)
    assert "fate" not in at.dataframe[0].value
    unwatched = view(pin=urlencode(TINY | {"show": "Other starts"}))
    assert "A has other samples" not in texts(unwatched)


def test_where_all_are_memorized_there_is_nothing_to_tell_apart_but_everything_to_see() -> None:
    at = view(dim="60")
    assert "**60 of 60" in texts(at)
    assert "tell apart" in texts(at)
    assert "of all such pairs" not in texts(at)
    assert len(drawn(at)) == 3


def test_the_page_looks_at_the_same_layer_as_train() -> None:
    """With every setting that the page has, each another than its default."""
    link = {"dim": "9", "V": "5", "at": "70", "seed": "3", "lr": "0.5", "steps": "100"}
    at = finished(opened(link | {"bias": "False", "data": "Nested", "optimizer": "GD", "x": "Final margin"}))
    config = RunConfig(9, 5, 70, learning_rate=0.5, num_steps=100, bias=False, optimizer="gd", momentum=0.9)
    result = trained(replace(config, nested_data=True, data_seed=3, init_seed=3, watch_samples=True))
    found = at.dataframe[0].value
    np.testing.assert_allclose(found["margin"], result.margin, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found["initial_loss"], result.initial_loss, rtol=0, atol=1e-5)
    assert found["memorized"].tolist() == result.memorized.tolist()
    assert warnings(at) == []


# --- the chart, the table and the opened sample follow each other -----------------------------------------------------


def test_a_click_on_a_mark_opens_its_sample_everywhere() -> None:
    at = click_sample(view(), 17)
    assert_opened(at, 17)
    assert marked(at) == 17


def test_a_click_on_a_mark_does_not_draw_the_chart_again() -> None:
    """The browser has drawn the ring itself; to draw 20,000 marks again would take a second."""
    at = view()
    before = at.get("vega_lite_chart")[SCATTER].proto.id
    at = click_sample(at, 17)
    assert at.get("vega_lite_chart")[SCATTER].proto.id == before
    at = click_sample(at, 5)
    assert at.get("vega_lite_chart")[SCATTER].proto.id == before
    assert_opened(at, 5)


def test_a_sample_from_elsewhere_is_told_to_a_new_chart() -> None:
    """To the old one a click on the mark that was clicked last would be no news."""
    at = click_sample(view(), 17)
    before = at.get("vega_lite_chart")[SCATTER].proto.id
    at.number_input("sample").set_value(23)
    run(at)
    assert_opened(at, 23)
    assert param(at, charts.PICK)["value"] == [{"sample": 23}]
    assert marked(at) == 23
    assert at.get("vega_lite_chart")[SCATTER].proto.id != before
    at = click_sample(at, 17)
    assert_opened(at, 17)


def test_a_click_on_a_row_opens_its_sample_and_moves_the_ring() -> None:
    at = click_row(view(), 41)
    assert_opened(at, 41)
    assert param(at, charts.PICK)["value"] == [{"sample": 41}]
    assert marked(at) == 41


def test_a_row_is_that_of_the_list_as_it_is_shown() -> None:
    at = view(who="Not memorized")
    wanted = listed(at)[10]
    assert wanted != 10
    assert_opened(click_row(at, 10), wanted)


def test_a_typed_number_stays_though_the_table_repeats_what_was_open_before() -> None:
    """The browser echoes a selection that the page made: that is no click."""
    at = view()
    at.number_input("sample").set_value(30)
    assert_opened(run(at), 30)
    at = click_row(at, 30)  # the echo
    assert_opened(at, 30)
    assert_opened(run(at), 30)


def test_a_rectangle_lists_the_samples_in_it_and_is_in_the_address() -> None:
    at = drag(view(), {"initial_loss": [1.0, 2.0], "final_loss": [0.5, 1.5]})
    inside = samples()["initial_loss"].between(1, 2) & samples()["final_loss"].between(0.5, 1.5)
    assert 0 < inside.sum() < 60
    assert listed(at) == np.flatnonzero(inside).tolist()
    assert f"**{inside.sum()} samples in the rectangle**" in texts(at)
    assert f"{samples()['memorized'][inside].mean():.0%} of them memorized" in texts(at)
    assert at.query_params["box"] == "1,2,0.5,1.5"
    assert_opened(at, 0)
    again = finished(opened({key: at.query_params[key] for key in at.query_params}))  # who is sent the address
    assert listed(again) == listed(at)
    assert param(again, charts.BRUSH)["value"] == {"x": [1, 2], "y": [0.5, 1.5]}
    assert warnings(again) == []


def test_a_rectangle_and_a_filter_go_together() -> None:
    at = drag(view(who="Memorized"), {"initial_loss": [1.0, 2.0], "final_loss": [0.0, 9.0]})
    inside = samples()["initial_loss"].between(1, 2)
    assert listed(at) == np.flatnonzero(inside & samples()["memorized"]).tolist()
    assert f"**{inside.sum()} samples in the rectangle**" in texts(at)


def test_a_rectangle_stays_when_a_row_is_clicked_and_goes_with_its_axes() -> None:
    at = drag(view(), {"initial_loss": [1.0, 2.0], "final_loss": [0.5, 1.5]})
    third = listed(at)[2]
    at = click_row(at, 2)
    assert_opened(at, third)
    assert param(at, charts.BRUSH)["value"] == {"x": [1, 2], "y": [0.5, 1.5]}
    assert "box" in at.query_params
    at.selectbox("x").set_value("alignment")
    run(at)
    assert "box" not in at.query_params
    assert len(listed(at)) == 60
    assert "value" not in param(at, charts.BRUSH)
    assert_opened(at, third)


def test_a_rectangle_that_was_closed_or_is_empty_is_told() -> None:
    at = drag(view(), {"initial_loss": [100.0, 101.0], "final_loss": [0.5, 1.5]})
    assert "No sample lies in the rectangle" in texts(at)
    assert listed(at) == []
    at = click_sample(at, 4)  # a click ends it
    assert "box" not in at.query_params
    assert len(listed(at)) == 60
    assert_opened(at, 4)


def test_a_click_while_the_page_waits_for_the_chart_does_not_matter() -> None:
    """No mark under the pointer: the browser sends an empty selection."""
    at = click_chart(view(sample="3"), {charts.PICK: [], charts.BRUSH: {}}, SCATTER)
    assert_opened(at, 3)


# --- one sample opened ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("show", OF_ONE_LAYER)
def test_a_sample_in_a_link_is_opened_on_every_view_of_one_layer(show: str) -> None:
    at = view(show, sample="17")
    assert_opened(at, 17)
    own = samples().iloc[17]
    assert f"label {own['label']} and is {'memorized' if own['memorized'] else 'not memorized'}" in texts(at)
    found = at.dataframe[-1].value
    assert len(found) == 10
    assert (found["label"][found["same"]] == own["label"]).all()


def test_logits_are_those_of_the_step_on_the_slider() -> None:
    at = view(sample="17")
    steps = at.select_slider("step").options
    assert at.select_slider("step").value == 200  # the end
    inputs, labels = dataset(RUN)
    for step in (200, 0, 10):
        at.select_slider("step").set_value(step)
        run(at)
        spec = drawn(at)[LOGITS]
        weights = trained().weights_at[trained().checkpoint_steps.tolist().index(step)]
        expected = weights[:, :-1] @ inputs[17] + weights[:, -1]
        found = data_of(spec, spec).set_index("class_")
        np.testing.assert_allclose(found["logit"].sort_index(), expected, rtol=0, atol=1e-5)
        assert found["role"][labels[17]] == "its label"
        assert at.query_params.get("step", "200") == f"{step:,}"
        [solid, *_] = of_mark(drawn(at)[ALONG]["vconcat"][0], type="rule")
        assert data_of(drawn(at)[ALONG], solid)["step"].tolist() == [step]
    assert len(steps) == len(trained().checkpoint_steps)


def test_the_probability_along_training_is_that_of_the_core() -> None:
    at = view(sample="17")
    spec = drawn(at)[ALONG]
    [line] = of_mark(spec["vconcat"][0], type="line")
    found = data_of(spec, line)
    assert found["step"].tolist() == trained().checkpoint_steps.tolist()
    assert found["probability"].iloc[-1] == pytest.approx(np.exp(-trained().final_loss[17]), abs=1e-5)


def test_a_click_on_a_neighbour_opens_it() -> None:
    at = view(sample="17")
    neighbour = int(at.dataframe[1].value["sample"].iloc[6])
    at = click_row(at, 6, which=1)
    assert_opened(at, neighbour)
    assert param(at, charts.PICK)["value"] == [{"sample": neighbour}]
    assert marked(at) == neighbour


def test_the_step_that_a_link_names_is_shown_and_one_between_two_is_the_nearest() -> None:
    assert view(step="10").select_slider("step").value == 10
    assert view(step="200").select_slider("step").value == 200


# --- cartography ------------------------------------------------------------------------------------------------------


def test_cartography_is_confidence_against_variability_with_its_corners_and_its_source() -> None:
    at = view("Cartography")
    spec = drawn(at)[SCATTER]
    encoding = layers(spec)[0]["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == ("variability", "confidence")
    assert {"easy", "ambiguous", "hard"} <= set(re.findall(r"easy|ambiguous|hard", json.dumps(spec)))
    assert "2009.10795" in at.caption[0].value
    assert len(at.selectbox) == 0  # the axes are what they are
    at = click_sample(at, 9)
    assert_opened(at, 9)


def test_the_opened_sample_is_the_same_on_the_next_view_and_the_rectangle_is_not() -> None:
    at = click_sample(view(), 9, {"initial_loss": [1.0, 2.0], "final_loss": [0.5, 1.5]})
    for show in ("cartography", "watch", "coin", "predictors", "samples"):
        at.button_group("show").set_value(show)
        finished(run(at))
        if show in ("cartography", "samples"):
            assert_opened(at, 9)
            assert param(at, charts.PICK)["value"] == [{"sample": 9}]
            assert marked(at) == 9
        elif show == "watch":
            assert headings(at) == ["Sample 9"]
    assert len(listed(at)) == 60


# --- predictors -------------------------------------------------------------------------------------------------------


def test_predictors_are_ranked_over_data_sets() -> None:
    at = view("Predictors")
    assert status(at).startswith("**3 networks**")
    spec = drawn(at)[0]
    [bars] = [layer for layer in of_mark(spec, type="bar") if layer["encoding"]["x"]["field"] == "auroc"]
    found = data_of(spec, bars).set_index("statistic")["auroc"]
    results = train([replace(RUN, data_seed=seed, init_seed=seed) for seed in range(3)])
    for name, mean in found.items():
        each = [roc_auc_score(result.memorized, predictors(result.config)[str(name)]) for result in results]
        assert mean == pytest.approx(np.mean(each), abs=1e-6)
    assert f"{found.max():.0%}" in texts(at)
    assert "3 data sets" in texts(at)


def test_a_click_on_a_bar_shows_how_its_statistic_is_spread() -> None:
    at = view("Predictors", sample="17")
    assert layers(drawn(at)[1])[0]["encoding"]["x"]["title"] == "Initial loss, −ln p (nats)"
    at = click_chart(at, {charts.PICK: [{"statistic": "least_squares_margin"}]}, 0)
    assert at.selectbox("x").value == "least_squares_margin"
    assert at.query_params["x"] == "Least-squares margin"
    spec = drawn(at)[1]
    [bars] = of_mark(spec, type="bar")
    assert data_of(spec, bars)["count"].sum() == 60
    [line] = of_mark(spec, type="rule")
    assert data_of(spec, line)["low"].tolist() == pytest.approx([samples()["least_squares_margin"][17]])


def test_one_data_set_has_bars_without_intervals() -> None:
    at = view("Predictors", sets="1")
    assert len(drawn(at)) == 2
    assert "interval" not in texts(at)


@pytest.mark.parametrize(("dim", "lr", "which"), [("60", "0.05", "All of the 60 samples")])
def test_where_all_are_memorized_predictors_are_hidden_with_a_sentence(dim: str, lr: str, which: str) -> None:
    at = view("Predictors", dim=dim, lr=lr)
    assert which in texts(at)
    assert "AUROC" in texts(at)
    assert not any("auroc" in json.dumps(spec) for spec in drawn(at))


# --- watch ------------------------------------------------------------------------------------------------------------


def test_the_film_begins_where_the_step_is() -> None:
    at = view("Watch", step="10", sample="3")
    assert_opened(at, 3)
    [player] = at.get("bidi_component")
    assert at.session_state["player seen"].at == (10, 3)
    assert player is not None
    at.select_slider("step").set_value(200)
    run(at)
    assert at.session_state["player seen"].at == (200, 3)
    at.number_input("sample").set_value(8)
    run(at)
    assert at.session_state["player seen"].at == (200, 8)


@pytest.mark.parametrize("x", ["First memorized", "Label count"])
def test_the_film_shows_every_sample_whatever_lies_across(x: str) -> None:
    assert samples()["first_step"].isna().any()
    at = view("Watch", x=x)
    assert len(at.get("bidi_component")) == 1


# --- other starts -----------------------------------------------------------------------------------------------------


def test_other_starts_are_compared_on_the_same_data() -> None:
    at = view("Other starts")
    spec = drawn(at)[0]
    [line] = [layer for layer in of_mark(spec, type="line") if "strokeDash" not in layer["mark"]]
    found = data_of(spec, line).set_index("num_samples")
    loads = [round(load * 8) for load in PARAMETERS["load"].options]
    assert found.index.tolist() == sorted({*loads, 60})
    results = train([replace(RUN, init_seed=start, watch_samples=False) for start in range(3)])
    one, two, three = (result.memorized for result in results)
    pairs = [jaccard_score(a, b) for a, b in ((one, two), (one, three), (two, three))]
    assert found.loc[60, "mean"] == pytest.approx(np.mean(pairs))
    assert "N = 60" in texts(at)
    [bars] = of_mark(drawn(at)[1], type="bar")
    assert data_of(drawn(at)[1], bars)["count"].sum() == 60
    always = int((one & two & three).sum())
    assert f"{always} samples are memorized from all 3" in texts(at)
    assert "convex" in texts(at)


def test_a_click_on_a_point_looks_closely_at_its_n() -> None:
    at = view("Other starts")
    at = finished(click_chart(at, {charts.PICK: [{"num_samples": 32}]}, 0))
    assert at.session_state["at"] == 32
    assert at.query_params["at"] == "32"
    assert "N = 32" in texts(at)
    [rule] = of_mark(drawn(at)[0], type="rule")
    assert data_of(drawn(at)[0], rule)["num_samples"].tolist() == [32]


def test_lost_results_are_told_and_a_reload_brings_them_back() -> None:
    at = view("Other starts")
    service.cache().clear()
    service.jobs().forget()
    run(at)
    assert warnings(at) == [page.LOST]
    again = view("Other starts")
    assert warnings(again) == []
    assert drawn(again) == drawn(view("Other starts"))
    [line] = [layer for layer in of_mark(drawn(again)[0], type="line") if "strokeDash" not in layer["mark"]]
    assert 60 in data_of(drawn(again)[0], line)["num_samples"].tolist()


# --- the coin ---------------------------------------------------------------------------------------------------------


def test_the_coin_is_tossed_again_by_its_button_and_stands_in_the_address() -> None:
    at = view("The coin")
    assert "52 heads and 48 tails" in texts(at)  # as in the post
    before = re.findall(r"[\d,]+ heads", texts(at))
    seen = set()
    for seed in ("3", "4", "5"):
        at = finished(click(at, "Toss again"))
        assert at.query_params["coin"] == seed
        seen |= set(re.findall(r"[\d,]+ heads", texts(at)))
    assert seen != set(before)
    again = view("The coin", coin="5")
    assert re.findall(r"[\d,]+ heads", texts(again)) == re.findall(r"[\d,]+ heads", texts(at))


def test_the_number_of_tosses_is_that_of_the_link() -> None:
    at = view("The coin", tosses="10000")
    [(heads, tails)] = re.findall(r"([\d,]+) heads and ([\d,]+) tails", texts(at))
    assert int(heads.replace(",", "")) + int(tails.replace(",", "")) == 10_000


def test_class_means_are_those_of_the_opened_data() -> None:
    at = view("The coin")
    aligned = samples()["alignment"] > 0
    assert f"**{aligned.sum()} of 60" in texts(at)
    assert f"**{samples()['memorized'][aligned].mean():.0%}**" in texts(at)
    assert f"**{samples()['memorized'][~aligned].mean():.0%}**" in texts(at)


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("show", VIEWS)
def test_every_view_goes_with_gradient_descent_without_a_bias_and_on_nested_data(show: str) -> None:
    at = view(show, optimizer="GD", bias="False", data="Nested", lr="1")
    assert len(drawn(at)) == 3 - (show not in ("Samples", "Cartography"))
    assert warnings(at) == []


@pytest.mark.parametrize("show", VIEWS)
def test_every_view_goes_with_one_sample_and_with_two_classes(show: str) -> None:
    for changed in ({"at": "1"}, {"at": "2", "V": "2"}, {"V": "2"}, {"dim": "1"}):
        at = view(show, **changed)
        assert warnings(at) == []
        assert not re.search(r"\bnan\b", texts(at).replace("%", " "))


def test_views_of_one_layer_train_it_once_and_predictors_only_the_others() -> None:
    at = view()
    for show, trained_now in (("cartography", 0), ("watch", 0), ("coin", 0), ("predictors", 2)):
        before = service.cache().stats().entries
        at.button_group("show").set_value(show)
        finished(run(at))
        assert service.cache().stats().entries - before == trained_now


@pytest.mark.parametrize("show", VIEWS)
@asleep_workers
def test_a_view_has_the_controls_that_it_needs_and_no_others(show: str) -> None:
    at = opened(LONG | {"show": show})
    aside = {"Predictors": {"sets"}, "Other starts": {"starts"}, "The coin": {"tosses", "coin"}}.get(show, set())
    assert own_controls(at) == {"show", "at", "dim", "V", "seed", "lr", "steps", "bias", "data", "optimizer", *aside}


@asleep_workers
def test_a_link_sets_every_control() -> None:
    link = {"show": "Other starts", "at": "33", "dim": "9", "V": "5", "seed": "7", "lr": "0.5", "steps": "100"}
    at = opened(link | {"bias": "False", "data": "Nested", "optimizer": "GD", "starts": "5"})
    expected = {"show": "starts", "at": 33, "dim": 9, "V": 5, "seed": 7, "lr": 0.5, "steps": 100, "bias": False}
    expected |= {"data": "nested", "optimizer": "gd", "starts": 5}
    assert {key: at.session_state[key] for key in expected} == expected
    assert warnings(at) == []


def test_a_link_sets_what_is_drawn_beside_the_samples_too() -> None:
    at = view(x="Alignment", y="Forgetting count", who="Not memorized", sample="44", step="0")
    found = {key: at.session_state[key] for key in ("x", "y", "who", "sample", "step")}
    assert found == {"x": "alignment", "y": "forgetting_events", "who": "not", "sample": 44, "step": 0}
    assert warnings(at) == []
    for key, value in {"x": "Alignment", "y": "Forgetting count", "who": "Not memorized", "sample": "44"}.items():
        assert at.query_params[key] == value


@asleep_workers
def test_a_link_of_nonsense_gives_sentences_and_the_defaults() -> None:
    at = opened({"show": "<script>", "at": "0", "dim": "61", "seed": "-1", "steps": "7", "W": "1"})
    notes = warnings(at)
    assert len(notes) == 6
    assert all(note.startswith("The link ") for note in notes)
    defaults = {key: PARAMETERS[key].default for key in ("show", "at", "dim", "seed", "steps")}
    assert {key: at.session_state[key] for key in defaults} == defaults


@pytest.mark.parametrize(
    ("asked", "shown"),
    [({"sample": "999"}, 59), ({"sample": "-4"}, 0), ({"sample": "seven"}, 0), ({"sample": "1e3"}, 0)],
)
def test_a_sample_that_there_is_not_is_another_one_that_there_is(asked: dict[str, str], shown: int) -> None:
    at = view(**asked)
    assert at.number_input("sample").value in (0, shown)
    assert len(drawn(at)) == 3
    assert headings(at) == [f"Sample {at.number_input('sample').value}"]


@pytest.mark.parametrize("box", ["1,2", "a,b,c,d", "nan,1,2,3", "1,inf,2,3", "", "1,2,3,4,5", "1e999,2,3,4", "<b>"])
def test_a_rectangle_of_nonsense_is_dropped(box: str) -> None:
    at = view(box=box)
    assert len(listed(at)) == 60
    assert "value" not in param(at, charts.BRUSH)
    assert all("box" in warning for warning in warnings(at))
    assert len(warnings(at)) <= 1


def test_a_layer_that_becomes_smaller_keeps_an_open_sample() -> None:
    at = view(sample="44")
    at.number_input("at").set_value(20)
    finished(run(at))
    assert headings(at) == ["Sample 19"]
    assert listed(at) == list(range(20))


@asleep_workers
def test_no_setting_at_all_is_the_posts_third_finding() -> None:
    [sweep] = opened({}).session_state["sweeps"]
    [config] = sweep.runs()
    assert (config.input_dim, config.num_classes, config.num_steps, config.learning_rate) == (40, 10, 2_000, 0.01)
    assert config.watch_samples


@pytest.mark.parametrize("title", SAMPLES.STARTS)
@asleep_workers
def test_a_start_sets_every_control_whatever_was_set_before(title: str) -> None:
    elsewhere = {"V": "3", "lr": "0.5", "bias": "False", "data": "Nested", "optimizer": "GD", "seed": "5"}
    at = click(opened(elsewhere), title)
    expected = {key: PARAMETERS[key].default for key in SAMPLES.CONTROLS} | SAMPLES.STARTS[title]
    assert {key: at.session_state[key] for key in expected} == expected


@pytest.mark.parametrize("show", VIEWS)
def test_a_layer_that_is_too_large_is_refused_with_a_number_to_lower(show: str) -> None:
    large = {"dim": "512", "V": "1000", "at": "20000", "steps": "100000", "sets": "32", "starts": "16"}
    at = opened(large | {"show": show})
    [warning] = warnings(at)
    assert warning.startswith("Nothing was started: this needs about ")
    assert "lower" in warning
    assert not drawn(at)
    assert service.jobs().running() == []


@pytest.mark.parametrize("show", VIEWS)
@asleep_workers
def test_before_the_first_network_a_view_says_that_it_waits_and_can_be_stopped(show: str) -> None:
    at = opened(LONG | {"show": show})
    if show != "Predictors" or "come" in texts(at):
        assert "as soon as the layer is trained" in texts(at)
    job = at.session_state["job"]
    at = click(at, "stop")
    until(lambda: job.state == "stopped")
    assert "Stopped at **0 of" in texts(run(at))
    assert "go_on" in keys(at)
    click(at, "go_on")
    assert "stop" in keys(at)


def test_a_layer_that_is_gone_from_memory_and_cache_says_so_and_comes_again_with_a_reload() -> None:
    at = view()
    service.cache().clear()
    service.jobs()._whole = type(service.jobs()._whole)()
    run(at)
    [warning] = warnings(at)
    assert "Reload" in warning
    assert not drawn(at)
    again = view()
    assert warnings(again) == []
    assert len(drawn(again)) == 3


def test_a_layer_that_diverged_is_told() -> None:
    """No setting of the controls lets the loss overflow, but another machine's arithmetic may."""
    lost = replace(trained(), final_loss=np.full(60, np.nan, np.float32), memorized=np.zeros(60, bool))
    jobs = service.jobs()
    with jobs._lock:
        jobs._whole.put(lost)
        jobs._recent[RUN] = frames.summarize(lost)
    for show in ("Samples", "Cartography", "Watch", "The coin"):
        at = view(show)
        [warning] = warnings(at)
        assert "1 of 1 networks diverged" in warning
        assert f"learning rate {RUN.learning_rate:g}" in warning
        assert not re.search(r"\bnan\b", texts(at).replace("%", " "))


# --- from other pages -------------------------------------------------------------------------------------------------


def link_of(at: AppTest) -> str:
    """Where the link to the samples leads, from the root."""
    [markdown] = [text.value for text in at.markdown if "<a href" in text.value]
    [href] = re.findall(r'href="([^"]+)"', markdown)
    assert 'target="_self"' in markdown
    return str(href)


SETTINGS = {"V": "4", "lr": "0.05", "steps": "200", "bias": "false", "data": "Nested", "optimizer": "GD"}


def assert_leads_to_the_layer(href: str, dim: int, num_samples: int) -> None:
    """The page that is opened by the link looks at the layer of the point."""
    address = urlparse(href)
    assert address.path == "samples"
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    assert query == {"dim": str(dim), "at": str(num_samples), **SETTINGS}
    at = finished(opened(dict(query)))
    assert warnings(at) == []
    [sweep] = at.session_state["sweeps"]
    [config] = sweep.runs()
    expected = RunConfig(dim, 4, num_samples, learning_rate=0.05, num_steps=200, bias=False, optimizer="gd")
    assert config == replace(expected, momentum=0.9, nested_data=True, watch_samples=True)
    assert len(listed(at)) == num_samples


def test_a_point_of_capacity_has_a_link_to_its_samples() -> None:
    at = finished(opened_at(SETTINGS | {"n": ["8", "16"], "N": ["5", "50"], "points": "10", "seeds": "1"}))
    assert "<a href" not in texts(at)
    [pick] = [param["name"] for param in drawn(at)[0]["params"] if param["name"].startswith(charts.PICK)]
    at = click_chart(at, {pick: [{"input_dim": 16, "num_samples": 35}]})
    assert "n = 16, N = 35" in texts(at)
    assert_leads_to_the_layer(link_of(at), 16, 35)


def test_a_dimension_that_samples_does_not_offer_leads_to_the_nearest() -> None:
    at = finished(opened_at(SETTINGS | {"n": ["63"], "N": ["5", "50"], "points": "10", "seeds": "1"}))
    [pick] = [param["name"] for param in drawn(at)[0]["params"] if param["name"].startswith(charts.PICK)]
    at = click_chart(at, {pick: [{"input_dim": 63, "num_samples": 35}]})
    assert "dim=64&" in link_of(at).replace("&amp;", "&")
    assert "n = 64" in texts(at)  # and says so


def test_along_training_has_a_link_to_the_samples_of_its_n() -> None:
    at = finished(opened_at(SETTINGS | {"look": "Along training", "dim": "8", "at": "35", "seeds": "1"}, "jamming"))
    assert "n = 8, N = 35" in texts(at)
    assert_leads_to_the_layer(link_of(at), 8, 35)


@pytest.mark.parametrize("look", ["The jump", "Edge of stability"])
def test_the_views_of_jamming_over_n_have_no_link(look: str) -> None:
    at = finished(
        opened_at(SETTINGS | {"look": look, "dim": "8", "N": ["5", "50"], "points": "10", "seeds": "1"}, "jamming")
    )
    assert "<a href" not in texts(at)


def test_pages_keep_what_samples_was_set_to() -> None:
    at = view(x="Alignment", sample="17", who="Memorized")
    click_sample(at, 19)
    for name in ("storage", "samples/page"):
        switched(at, name)
    at = finished(at)
    assert_opened(at, 19)
    assert param(at, charts.PICK)["value"] == [{"sample": 19}]
    assert at.selectbox("x").value == "alignment"
    assert at.button_group("who").value == "memorized"
