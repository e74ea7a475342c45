"""The view Scaling as its visitors meet it, and what it asks for."""

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import LimitsConfig, capacity, capacity_per_dim, cost, limits
from core.config import LIMITS, SweepConfig
from core.tasks import LimitsSweep
from explorer import controls, service
from explorer.views.limits import scaling
from tests.explorer.charts.spec import data_of, of_mark
from tests.explorer.legal import DEFAULTS, combinations
from tests.explorer.visiting import chart, finished, is_drawn, run, status, texts, until, warnings
from tests.explorer.visiting import opened as opened_at

TINY: dict[str, Any] = {"limit": "Scaling", "dims": ["2", "4"], "classes": ["2", "10"], "seeds": "2", "lr": "0.1"}
TINY |= {"steps": "300"}
EXACTLY = {"by": "All, exactly"}

new_app = pytest.mark.usefixtures("new_app")
asleep_workers = pytest.mark.usefixtures("asleep")


def view(**others: Any) -> AppTest:
    return finished(opened_at(TINY | others, "limits/page"))


def captions(at: AppTest) -> str:
    return "\n".join(caption.value for caption in at.caption)


# --- on the page ------------------------------------------------------------------------------------------------------


@new_app
def test_scaling_leads_from_a_link_to_the_posts_claim() -> None:
    at = view()
    assert re.match(r"\*\*\d+ networks\*\* in ", status(at))
    assert "The post says that a layer memorizes about 4 n labels. For V = 10 we find **" in texts(at)
    assert "From V = 2 to V = 10 capacity grows from" in texts(at)
    assert "C / n is not quite the same for all n: at V = 10" in texts(at)
    assert "trained for 300 steps" in captions(at)
    slopes, capacities = (table.value for table in at.dataframe)
    assert slopes["num_classes"].tolist() == [2, 10]
    assert slopes["num_seeds"].tolist() == [2, 2]
    assert capacities[["num_classes", "input_dim"]].values.tolist() == [[2, 2], [2, 4], [10, 2], [10, 4]]
    assert "last_all" not in capacities
    assert warnings(at) == []


@new_app
def test_what_is_said_before_all_is_there_is_marked() -> None:
    at = view()
    sweeps, rows = at.session_state["sweeps"], at.session_state["job"].look(None).rows
    early = [row for row in rows if row["seed"] == 0]
    for some, is_early in ((early, True), (rows, False)):
        findings = scaling.picture(sweeps, "trained", len(some), "n", some).findings
        assert [str(text).startswith(scaling.SO_FAR) for text in findings] == 3 * [is_early]
    assert scaling.picture(sweeps, "trained", 0, "n", []).findings == (None, None, None)
    assert "So far" not in texts(at)


@new_app
def test_each_capacity_is_that_of_the_mean_of_its_layers() -> None:
    at = view()
    job = at.session_state["job"]
    rows = job.look(None).rows
    found = at.dataframe[1].value.set_index(["num_classes", "input_dim"])["capacity"]
    for v, n in ((2, 2), (10, 4)):
        sizes = scaling.grid(n, v, exactly=False, bias=True)
        mean = [
            np.mean([row["num_memorized"] for row in rows if _of(row) == (v, n) and row["num_samples"] == size])
            for size in sizes
        ]
        assert found[v, n] == pytest.approx(capacity(sizes, mean).num_samples)


def _of(row: Any) -> tuple[int, int]:
    return row["num_classes"], row["input_dim"]


@new_app
def test_exact_capacities_count_the_data_sets_that_can_be_separated() -> None:
    at = view(classes=["3"], seeds="3", **EXACTLY)
    assert re.search(r"\*\*\d+ exact limits\*\* in ", texts(at))
    found = at.dataframe[1].value.set_index("input_dim")
    sizes = scaling.grid(4, 3, exactly=True, bias=True)
    verdicts = [
        [each.verdict == "separable" for each in limits([LimitsConfig(4, 3, size, data_seed=seed) for size in sizes])]
        for seed in range(3)
    ]
    share = np.mean(verdicts, axis=0)
    between = np.interp(range(sizes[0] + 1, sizes[-1] + 1), sizes, share)
    assert found["capacity"][4] == pytest.approx(sizes[0] + between.sum())
    assert {"last_all", "first_none"} <= set(found)
    assert "Wide pale bars" in captions(at)


@new_app
def test_another_axis_shows_the_same_from_the_side() -> None:
    at = view()
    before, job = at.dataframe[1].value, at.session_state["job"]
    at.segmented_control("scale").set_value("V")
    run(at)
    assert at.session_state["job"] is job
    assert at.dataframe[1].value.equals(before)
    [names] = of_mark(chart(at), type="text")
    assert data_of(chart(at), names)["curve"].tolist() == ["n = 2", "n = 4"]


def chart_points(at: AppTest) -> int:
    return len(data_of(chart(at), of_mark(chart(at), type="point")[0]))


@new_app
def test_one_layer_and_one_seed_are_enough() -> None:
    at = view(dims=["4"], classes=["10"], seeds="1")
    assert chart_points(at) == 1
    assert "**: that is" in texts(at)  # no interval
    assert "interval" not in texts(at) + captions(at)
    assert "C / n is not quite" not in texts(at)


@new_app
def test_where_training_gets_nowhere_it_says_so() -> None:
    at = view(dims=["40"], classes=["2"], steps="100", lr="0.0001", seeds="1")
    assert (
        "the capacity is smaller than shown, for n = 40, V = 2: more steps or a larger learning rate may help."
        in captions(at)
    )
    assert at.dataframe[0].value["bound"].tolist() == ["at most"]
    assert len(at.dataframe) == 1  # there is no line


@new_app
def test_diverged_networks_are_counted_and_left_out() -> None:
    """No setting of the controls lets the loss overflow, but another machine's arithmetic may."""
    at = view()
    rows = [{**row, "diverged": row["seed"] == 1} for row in at.session_state["job"].look(None).rows]
    now = scaling.picture(at.session_state["sweeps"], "trained", 1, "n", rows)
    assert now.warning is not None
    assert "networks diverged" in now.warning
    assert set(now.scaling["num_seeds"]) == {1}


@asleep_workers
def test_before_anything_is_known_theory_is_drawn() -> None:
    at = opened_at(TINY, "limits/page")
    until(lambda: is_drawn(run(at)))
    theory = of_mark(chart(at), type="line")[0]
    assert data_of(chart(at), theory)["theory"].max() == pytest.approx(capacity_per_dim(10) * 5)
    assert chart_points(at) == 0
    assert not at.dataframe
    assert "Fine dashes: theory" in captions(at)


@asleep_workers
def test_what_cannot_be_had_is_refused_with_a_sentence() -> None:
    assert warnings(opened_at(TINY | {"dims": [""]}, "limits/page")) == [
        "Nothing was started: Choose at least one input dimension n and one number of classes V, and their capacities "
        "appear here."
    ]
    [too_many] = warnings(opened_at(TINY | {"dims": ["512"], "classes": ["1000"]}, "limits/page"))
    assert "at most 20,000 are allowed" in too_many
    [too_long] = warnings(
        opened_at(TINY | {"dims": ["400"], "classes": ["200"], "seeds": "16"} | EXACTLY, "limits/page")
    )
    assert "this needs about" in too_long


@asleep_workers
def test_exact_limits_that_take_too_long_all_together_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The easiest come first."""
    values = values_of(by="separable", seeds=int(TINY["seeds"]))
    easiest = [LimitsSweep(scaling._config(values, *layer)) for layer in ((4, 2), (40, 2), (4, 40))]
    seconds = [cost.estimate(each.runs(), service.limits()["workers"]).seconds for each in easiest]
    monkeypatch.setattr(scaling, "LONGEST_SECONDS", 1.01 * sum(seconds))
    at = opened_at(TINY | {"dims": ["4", "40"], "classes": ["2", "40"]} | EXACTLY, "limits/page")
    assert "the more so the larger the layer: n = 40, V = 40. Choose fewer layers" in captions(at)
    assert {(run.input_dim, run.num_classes) for run in at.session_state["job"].runs} == {(4, 2), (40, 2), (4, 40)}


# --- what is asked for ------------------------------------------------------------------------------------------------


def values_of(**others: Any) -> dict[str, Any]:
    return {key: DEFAULTS[key] for key in scaling.CONTROLS} | others


def test_by_default_there_is_one_sweep_for_each_layer() -> None:
    sweeps = scaling.sweeps_of(values_of())
    layers = [(n, v) for v in DEFAULTS["classes"] for n in DEFAULTS["dims"]]
    assert [(sweep.input_dims[0], sweep.num_classes) for sweep in sweeps if isinstance(sweep, SweepConfig)] == layers
    assert {len(sweep.seeds) for sweep in sweeps if isinstance(sweep, SweepConfig)} == {DEFAULTS["seeds"]}


@given(combinations, st.sampled_from([(1, 2), (3, 100), (512, 2), (40, 40)]))
def test_every_combination_is_sweeps_that_agree_with_the_controls(
    values: dict[str, Any], layer: tuple[int, int]
) -> None:
    values = {key: values[key] for key in scaling.CONTROLS} | {"dims": [layer[0]], "classes": [layer[1]]}
    [sweep] = scaling.sweeps_of(values)
    assert isinstance(sweep, LimitsSweep) == (values["by"] == "separable")
    config = sweep.sweep if isinstance(sweep, LimitsSweep) else sweep
    assert config == controls.sweep_from(
        values | {"V": layer[1]},
        input_dims=layer[:1],
        num_samples=scaling.grid(*layer, exactly=values["by"] == "separable", bias=values["bias"]),
    )


def test_exact_capacities_ask_for_no_training() -> None:
    """Of which they do not depend: no control that would do nothing."""
    of_training = set(scaling.TRAINING)
    assert of_training <= set(view().session_state)
    exact = view(**EXACTLY)
    assert not of_training & set(exact.session_state)
    assert warnings(exact) == []
    settings = [values_of(by="separable", lr=lr, steps=steps) for lr, steps in ((0.01, 2000), (0.1, 500))]
    one, other = ([sweep.runs() for sweep in scaling.sweeps_of(values)] for values in settings)
    assert one == other


def test_a_layer_that_alone_takes_minutes_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "LONGEST_SECONDS", 0.0)
    values = values_of(by="separable", dims=[40, 80], classes=[40])
    assert len(scaling.sweeps_of(values)) == 2


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("exactly", [False, True])
def test_the_n_of_a_layer_lie_around_what_theory_says(exactly: bool, bias: bool) -> None:
    for n in (1, 2, 3, 10, 40, 100):
        for v in (2, 5, 10, 40, 100):
            sizes = scaling.grid(n, v, exactly=exactly, bias=bias)
            theory = capacity_per_dim(v) * (n + bias)
            assert list(sizes) == sorted(set(sizes))
            assert 1 <= sizes[0] < theory
            assert len(sizes) <= (scaling.NUM_LOADS if exactly else len(scaling.LOADS) + 1)
            assert sizes[-1] <= LIMITS["num_samples"].high
            if not exactly:
                assert sizes[-1] == max(round(1.3 * theory), round(theory + 2.5 * math.sqrt(theory)))


@pytest.mark.parametrize(("n", "v"), [(1, 2), (3, 2), (3, 10), (3, 40), (10, 5), (10, 20), (30, 2), (100, 2)])
def test_exact_capacities_lie_well_inside_their_n(n: int, v: int) -> None:
    """Most data sets can be separated at the smallest N, and hardly any at the largest."""
    sizes = scaling.grid(n, v, exactly=True, bias=True)
    for size, share in ((sizes[0], 0.8), (sizes[-1], 0.2)):
        found = [each.verdict for each in limits([LimitsConfig(n, v, size, data_seed=seed) for seed in range(10)])]
        separable = np.mean([verdict == "separable" for verdict in found])
        assert separable >= share if size == sizes[0] else separable <= share
