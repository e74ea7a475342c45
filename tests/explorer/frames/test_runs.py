"""Rows and tables of runs, against the results that they are taken from and against numpy."""

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from core import RunConfig, RunResult, dataset, preconditioned_sharpness, sharpness, train
from core.bias import PREDICTORS, predictors
from core.memorization import BITS, memorized_bits
from core.schedule import learning_rates
from explorer import frames
from tests.explorer.frames.rows import row, table

# Past its knee: it is sharp at the end.
RUN = RunConfig(3, 4, 30, num_steps=150, data_seed=7, init_seed=7)


def trained(**changes: Any) -> RunResult:
    [result] = train([dataclasses.replace(RUN, **changes)])
    return result


# --- rows -------------------------------------------------------------------------------------------------------------


def test_a_row_says_what_its_run_was_and_what_it_memorized() -> None:
    result = trained(schedule="wsd", learning_rate=0.02, init_seed=5)
    found = dict(frames.summarize(result))
    assert math.isnan(found.pop("sharpness"))  # not measured
    assert math.isnan(found.pop("stability"))
    assert found == {
        "input_dim": 3,
        "num_classes": 4,
        "num_samples": 30,
        "learning_rate": 0.02,
        "schedule": "wsd",
        "num_steps": 150,
        "bias": True,
        "seed": 7,
        "init_seed": 5,
        "num_memorized": int((result.margin > 0).sum()),
        "mean_loss": pytest.approx(result.final_loss.mean()),
        "bits": {name: pytest.approx(memorized_bits(result, name)) for name in BITS},
        "diverged": False,
        "edge": pytest.approx(38.0),
        "is_exact": True,
        "training": None,
        "rankings": None,
    }


def test_a_row_has_a_value_for_each_column_of_the_table() -> None:
    assert list(frames.summarize(trained())) == frames.RUN_COLUMNS
    assert list(row(3, 10, 0, 10)) == frames.RUN_COLUMNS  # those of these tests too


def test_a_row_says_that_its_run_diverged() -> None:
    result = trained(num_steps=5)
    lost = dataclasses.replace(result, final_loss=np.full_like(result.final_loss, np.nan))
    assert frames.summarize(lost)["diverged"] is True


@pytest.mark.parametrize("measured", ["never", "end", "checkpoints"])
def test_a_row_is_made_of_plain_values(measured: str) -> None:
    """They stay in memory by the hundred thousand: an array among them would hold on to a whole result."""
    found = dict(frames.summarize(trained(num_steps=5, measure_sharpness=measured)))
    training = found.pop("training")
    assert found.pop("rankings") is None
    assert {type(value) for value in found.pop("bits").values()} == {float}
    assert {type(value) for value in found.values()} <= {int, float, bool, str}
    if measured == "checkpoints":
        assert {type(column) for column in training.values()} == {list}
        assert {type(value) for column in training.values() for value in column} <= {int, float}
    else:
        assert training is None


def test_the_row_of_a_watched_run_says_how_well_each_predictor_ranks_its_samples() -> None:
    result = trained(watch_samples=True)
    rankings = frames.summarize(result)["rankings"]
    assert tuple(rankings) == PREDICTORS
    known = predictors(result.config)
    for name, ranking in rankings.items():
        assert {type(value) for value in ranking} == {float}  # no array of a result is held on to
        assert ranking.auroc == pytest.approx(roc_auc_score(result.memorized, known[name]), abs=1e-12)
        assert ranking.spearman == pytest.approx(spearmanr(known[name], result.final_loss).statistic, abs=1e-12)


def test_where_there_is_nobody_to_tell_apart_a_row_has_no_rankings() -> None:
    assert frames.summarize(trained(watch_samples=True, num_samples=3, learning_rate=0.1))["rankings"] is None
    result = trained(watch_samples=True, num_steps=5)
    assert 0 < result.num_memorized < 30
    lost = dataclasses.replace(result, final_loss=np.full_like(result.final_loss, np.nan))
    assert frames.summarize(lost)["rankings"] is None  # it diverged
    assert frames.summarize(trained())["rankings"] is None  # nobody watched it


def last_rate(run: RunConfig) -> float:
    """The rate of the last of T steps, in closed form."""
    last, eta = run.num_steps - 1, run.learning_rate
    return {
        "constant": eta,
        "cosine": eta * (1 + math.cos(math.pi * last / run.num_steps)) / 2,
        "wsd": eta / int(0.2 * run.num_steps),  # one step before the rate is 0
    }[run.schedule]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "wsd"])
@pytest.mark.parametrize(("optimizer", "momentum", "edge"), [("adam", 0.0, 38.0), ("gd", 0.9, 3.8), ("gd", 0.0, 2.0)])
@pytest.mark.parametrize("measured", ["end", "checkpoints"])
def test_stability_is_the_last_rate_times_the_preconditioned_sharpness(
    schedule: str, optimizer: str, momentum: float, edge: float, measured: str
) -> None:
    result = trained(schedule=schedule, optimizer=optimizer, momentum=momentum, measure_sharpness=measured)
    found = frames.summarize(result)
    [plain], [preconditioned] = sharpness([result]), preconditioned_sharpness([result])
    assert found["sharpness"] == pytest.approx(plain.value, rel=1e-5)
    assert found["stability"] == pytest.approx(last_rate(result.config) * preconditioned.value, rel=1e-5)
    assert found["edge"] == pytest.approx(edge)
    assert found["is_exact"] is True
    if optimizer == "gd":  # no preconditioner
        assert preconditioned.value == pytest.approx(plain.value, rel=1e-5)


def test_one_sharpness_that_did_not_converge_makes_a_row_inexact() -> None:
    result = trained(num_steps=20, measure_sharpness="checkpoints")
    for name in ("sharpness_at", "preconditioned_sharpness_at"):
        doubtful = getattr(result, name).copy()
        doubtful["converged"][1] = False
        assert frames.summarize(dataclasses.replace(result, **{name: doubtful}))["is_exact"] is False


# --- along training ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["constant", "cosine", "wsd"])
def test_along_training_each_step_has_the_rate_that_is_taken_there(schedule: str) -> None:
    result = trained(schedule=schedule, measure_sharpness="checkpoints")
    training = frames.summarize(result)["training"]
    rates = learning_rates(result.config).tolist()
    rates.append(rates[-1])  # after the last step there is no other to come
    steps = result.checkpoint_steps.tolist()
    assert training["step"] == steps
    assert steps[0] == 0
    assert steps[-1] == result.config.num_steps
    expected = np.array(rates)[steps] * result.preconditioned_sharpness_at["value"]
    np.testing.assert_allclose(training["stability"], expected, rtol=1e-12)
    np.testing.assert_array_equal(training["sharpness"], result.sharpness_at["value"])
    assert training["num_memorized"] == result.num_memorized_at.tolist()
    np.testing.assert_array_equal(training["mean_loss"], result.loss_at)


def test_training_ends_where_the_row_says() -> None:
    found = frames.summarize(trained(measure_sharpness="checkpoints"))
    for name in ("num_memorized", "sharpness", "stability"):
        assert found["training"][name][-1] == found[name]
    assert found["training"]["mean_loss"][-1] == pytest.approx(found["mean_loss"], rel=1e-6)


def test_a_training_begins_at_the_sharpness_of_a_layer_that_knows_nothing() -> None:
    """With a gradient descent that takes no preconditioner; at weights so small the classes are nearly equally likely,
    where the Hessian is G (x) (I - 11^T / V) / V, whose largest eigenvalue is lambda_max(X^T X / N) / V."""
    result = trained(input_dim=200, num_samples=50, optimizer="gd", num_steps=2, measure_sharpness="checkpoints")
    inputs, _ = dataset(result.config)
    inputs = np.hstack([inputs, np.ones((50, 1))])
    expected = np.linalg.norm(inputs, 2) ** 2 / 50 / result.config.num_classes
    training = frames.summarize(result)["training"]
    assert training["sharpness"][0] == pytest.approx(expected, rel=0.3)  # nn.Linear's weights are not quite 0
    assert training["stability"][0] == pytest.approx(0.01 * training["sharpness"][0], rel=1e-5)


def test_the_training_of_several_runs_is_one_table_with_a_row_a_checkpoint() -> None:
    results = train([dataclasses.replace(RUN, data_seed=seed, measure_sharpness="checkpoints") for seed in (0, 1)])
    runs = table([row(3, 30, 5, 1), *map(frames.summarize, results)])  # the first was not measured
    found = frames.training_frame(runs)
    assert list(found.columns) == [
        "seed",
        "diverged",
        "step",
        "num_memorized",
        "mean_loss",
        "sharpness",
        "stability",
    ]
    for result in results:
        own = found[found["seed"] == result.config.data_seed]
        assert own["step"].tolist() == result.checkpoint_steps.tolist()
        assert own["num_memorized"].tolist() == result.num_memorized_at.tolist()
        assert own["sharpness"].tolist() == result.sharpness_at["value"].tolist()
    assert set(found["seed"]) == {0, 1}


def test_what_was_not_measured_along_training_gives_an_empty_table() -> None:
    for rows in ([], [row(3, 30, 0, 9)]):
        found = frames.training_frame(table(rows))
        assert found.empty
        # It goes on into a band without another thought.
        assert frames.band_frame(found[found["step"] > 0], ["step"], "sharpness").empty


# --- tables -----------------------------------------------------------------------------------------------------------


def test_there_are_tables_before_there_are_rows() -> None:
    runs = table([])
    assert list(runs.columns) == frames.RUN_COLUMNS
    points = frames.curve_frame(runs)
    assert len(points) == 0
    assert {"mean", "sd", "low", "high", "fraction", "num_seeds", "loss"} <= set(points.columns)
    assert len(frames.capacity_frame(frames.curve_frame(runs), runs, 3)) == 0
    assert len(frames.published_difference(points, frames.published_figure_1())) == 0
    assert len(frames.cell_frame(runs, "num_samples")) == 0
    assert len(frames.cell_frame(runs, "input_dim")) == 0
    assert len(frames.rate_frame(runs, ["schedule"])) == 0
    assert frames.verdicts(runs, "num_samples", 4) == {}
    assert frames.jump(runs) is None


measurements = st.lists(
    st.tuples(
        st.integers(1, 3),  # N
        st.sampled_from([0.01, 0.1]),
        st.floats(0, 1e6) | st.just(float("nan")),  # a sharpness, or none
        st.booleans(),  # diverged
    ),
    max_size=25,
)


@given(measurements)
def test_a_band_agrees_with_numpy(measured: list[tuple[int, float, float, bool]]) -> None:
    rows = [
        row(3, size, seed, 1, learning_rate=rate, sharpness=value, diverged=diverged)
        for seed, (size, rate, value, diverged) in enumerate(measured)
    ]
    found = frames.band_frame(table(rows), ["num_samples", "learning_rate"], "sharpness")
    known: dict[tuple[int, float], list[float]] = {}
    for size, rate, value, diverged in measured:
        if not diverged and not math.isnan(value):
            known.setdefault((size, rate), []).append(value)
    assert list(zip(found["num_samples"], found["learning_rate"], strict=True)) == sorted(known)
    for point in found.itertuples():
        values = known[point.num_samples, point.learning_rate]
        mean, sd = np.mean(values), np.std(values, ddof=1) if len(values) > 1 else 0.0
        close = {"rel": 1e-6, "abs": 1e-6 * max(1.0, mean)}
        assert point.num_seeds == len(values)
        assert point.mean == pytest.approx(mean, **close)
        assert point.sd == pytest.approx(sd, **close)
        assert point.low == pytest.approx(max(0, mean - sd), **close)
        assert point.high == pytest.approx(mean + sd, **close)


@given(measurements, st.randoms())
def test_the_order_of_the_runs_does_not_move_a_band(measured: list[Any], rng: Any) -> None:
    rows = [
        row(3, size, seed, 1, learning_rate=rate, sharpness=value, diverged=diverged)
        for seed, (size, rate, value, diverged) in enumerate(measured)
    ]
    by = ["num_samples", "learning_rate"]
    shuffled = frames.band_frame(table(rng.sample(rows, len(rows))), by, "sharpness")
    pd.testing.assert_frame_equal(frames.band_frame(table(rows), by, "sharpness"), shuffled)
