"""Tables of samples, against the results that they are taken from and against loops over samples and classes."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity

from core import RunConfig, RunResult, dataset, predictors, train
from core.bias import PREDICTORS
from core.trajectory import logits_along, trajectory
from explorer import frames
from explorer.statistics import STATISTICS

# Past its knee: some samples are memorized at the end, some were and were forgotten, some never were.
RUN = RunConfig(6, 5, 60, learning_rate=0.05, num_steps=150, data_seed=3, init_seed=3, watch_samples=True)
MANY_CLASSES = replace(RUN, num_classes=30)


@cache
def trained(run: RunConfig = RUN) -> RunResult:
    [result] = train([run])
    return result


def final_logits(result: RunResult) -> NDArray[np.float64]:
    """(N, V), by a loop."""
    inputs, _ = dataset(result.config)
    weights, bias = result.weights[:, :-1].astype(float), result.weights[:, -1].astype(float)
    return np.array([weights @ x + bias for x in inputs.astype(float)])


# --- all samples ------------------------------------------------------------------------------------------------------


def test_a_table_of_samples_has_a_column_for_every_statistic_and_what_names_a_sample() -> None:
    found = frames.samples_frame(trained())
    assert set(found.columns) == {"sample", "label", "memorized", "competitor", "last_forgotten", *STATISTICS}
    assert found["sample"].tolist() == list(range(60))
    assert found["label"].tolist() == dataset(RUN)[1].tolist()
    assert found.index.tolist() == list(range(60))


def test_what_a_table_says_of_the_end_of_training_is_in_the_logits() -> None:
    result = trained()
    found = frames.samples_frame(result)
    for row, logits in zip(found.itertuples(), final_logits(result), strict=True):
        others = [k for k in range(5) if k != row.label]
        assert row.competitor == max(others, key=lambda k: logits[k])
        assert row.margin == pytest.approx(logits[row.label] - logits[row.competitor], abs=1e-4)
        assert row.final_loss == pytest.approx(np.log(np.exp(logits).sum()) - logits[row.label], abs=1e-4)
        assert row.memorized == (row.margin > 0) == (logits.argmax() == row.label)
    assert 0 < found["memorized"].sum() < 60


def test_what_a_table_says_of_training_is_that_of_a_run_that_was_looked_at_at_every_step() -> None:
    """The same layer stopped after each number of steps, one by one."""
    run = replace(RUN, num_samples=20, num_steps=25)
    found = frames.samples_frame(trained(run))
    _, labels = dataset(run)
    steps = [trained(replace(run, num_steps=step, watch_samples=False)) for step in range(1, 26)]
    start = trajectory(trained(run))
    memorized = np.vstack([start.memorized[:1], *(result.memorized[None] for result in steps)])
    chance = np.vstack([start.probability[:1], *(np.exp(-result.final_loss)[None] for result in steps)])
    for sample in range(20):
        seen = memorized[:, sample].tolist()
        lost = [step for step in range(1, 26) if seen[step - 1] and not seen[step]]
        row = found.iloc[sample]
        assert row["label"] == labels[sample]
        assert row["forgetting_events"] == len(lost)
        for name, step in (
            ("first_step", seen.index(True) if any(seen) else None),
            ("last_forgotten", lost[-1] if lost else None),
        ):
            assert math.isnan(row[name]) if step is None else row[name] == step
        assert row["confidence"] == pytest.approx(chance[:, sample].mean(), abs=1e-5)
        assert row["variability"] == pytest.approx(chance[:, sample].std(), abs=1e-5)
    assert found["first_step"].isna().any()
    assert found["last_forgotten"].notna().any()


def test_never_is_not_a_number_and_not_minus_one() -> None:
    result = trained()
    found = frames.samples_frame(result)
    assert found["first_step"].isna().tolist() == (result.first_step < 0).tolist()
    assert found["last_forgotten"].isna().tolist() == (result.last_forgotten < 0).tolist()
    assert found["first_step"].isna().any()
    assert not (found.drop(columns=["margin", "alignment", "alignment_margin", "least_squares_margin"]) < 0).any(
        axis=None
    )
    assert not found["memorized"][found["first_step"].isna()].any()


def test_predictors_are_those_of_the_core_and_the_initial_loss_is_a_loss() -> None:
    result = trained()
    found, known = frames.samples_frame(result), predictors(RUN)
    for name, values in known.items():
        if name == "initial_loss":  # there it is negated: the higher, the better
            np.testing.assert_allclose(found[name], -values, rtol=0, atol=1e-5)
            assert (found[name] > 0).all()
        else:
            np.testing.assert_array_equal(found[name], values)


# --- where a sample stands --------------------------------------------------------------------------------------------

numbers = st.lists(st.floats(-1e6, 1e6) | st.integers(-2, 2).map(float), min_size=1, max_size=30)


@given(numbers, st.data())
def test_a_place_is_how_many_times_the_usual_distance_from_0_and_the_number_of_larger_ones(
    values: list[float], data: st.DataObject
) -> None:
    sample = data.draw(st.integers(0, len(values) - 1))
    found = frames.place(pd.Series(values), sample)
    usual = math.hypot(*values) / math.sqrt(len(values))
    assert found.rank == 1 + sum(value > values[sample] for value in values)
    if usual > 1e-6:
        assert found.deviations == pytest.approx(values[sample] / usual, rel=1e-9, abs=1e-9)


def test_where_all_are_equal_nobody_is_behind() -> None:
    assert frames.place(pd.Series([2.0, 2.0, 2.0]), 1) == (1, 1)
    assert frames.place(pd.Series([-7.0]), 0) == (-1, 1)
    assert frames.place(pd.Series([0.0, 0.0]), 0) == (0, 1)


# --- how well a statistic tells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", PREDICTORS)
def test_a_separation_is_the_auroc_beside_what_shuffled_memorized_sets_give(statistic: str) -> None:
    samples = frames.samples_frame(trained())
    found = frames.separation(samples, statistic)
    values = -samples[statistic] if statistic == "initial_loss" else samples[statistic]
    assert found.share == pytest.approx(roc_auc_score(samples["memorized"], values), abs=1e-12)
    random = np.random.Generator(np.random.PCG64(0))
    shuffled = [roc_auc_score(random.permutation(samples["memorized"]), values) for _ in range(400)]
    spread = 3 * np.std(shuffled)
    assert (found.low, found.high) == pytest.approx((0.5 - spread, 0.5 + spread), abs=0.15 * spread)


def test_a_separation_by_chance_lies_between_nothing_and_all() -> None:
    few = pd.DataFrame({"alignment": [1.0, 2.0, 3.0], "memorized": [True, False, False]})
    assert frames.separation(few, "alignment") == (0, 0, 1)


@pytest.mark.parametrize("memorized", [True, False])
def test_where_there_is_nobody_to_tell_apart_there_is_no_share(memorized: bool) -> None:
    of = pd.DataFrame({"alignment": [1.0, 2.0, 3.0], "memorized": memorized})
    assert math.isnan(frames.separation(of, "alignment").share)


# --- logits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [0, 7, -1])
@pytest.mark.parametrize("sample", [0, 59])
def test_logits_are_those_of_the_weights_at_the_checkpoint(frame: int, sample: int) -> None:
    result = trained()
    inputs, labels = dataset(RUN)
    weights = result.weights_at[frame].astype(float)
    logits = weights[:, :-1] @ inputs[sample].astype(float) + weights[:, -1]
    found = frames.logits_frame(logits_along(result, inputs[sample])[frame], int(labels[sample]))
    assert found["class_"].tolist() == list(range(5))
    np.testing.assert_allclose(found["logit"], logits, rtol=0, atol=1e-5)
    roles = dict(zip(found["class_"], found["role"], strict=True))
    others = [k for k in range(5) if k != labels[sample]]
    assert roles.pop(labels[sample]) == "label"
    assert roles.pop(max(others, key=lambda k: logits[k])) == "competitor"
    assert set(roles.values()) == {"other"}


def test_of_many_classes_the_largest_are_shown_and_always_the_label() -> None:
    result = trained(MANY_CLASSES)
    _, labels = dataset(MANY_CLASSES)
    behind = 0
    for sample in range(60):
        # At the start the label may be anywhere.
        weights = result.weights_at[0].astype(float)
        logits = weights[:, :-1] @ dataset(MANY_CLASSES)[0][sample].astype(float) + weights[:, -1]
        found = frames.logits_frame(logits, int(labels[sample]))
        largest = set(np.argsort(-logits)[:20].tolist())
        assert set(found["class_"]) == largest | {labels[sample]}
        assert found["class_"].is_monotonic_increasing
        assert found["role"].tolist().count("label") == found["role"].tolist().count("competitor") == 1
        [own] = found[found["role"] == "label"]["class_"]
        assert own == labels[sample]
        behind += own not in largest
    assert behind  # the case was met


# --- along training ---------------------------------------------------------------------------------------------------


def test_one_sample_along_training_begins_before_the_first_step_and_ends_where_the_result_does() -> None:
    result = trained()
    for sample in (0, 17, 59):
        found = frames.sample_along(trajectory(result), sample)
        assert found["step"].tolist() == result.checkpoint_steps.tolist()
        assert found["step"].iloc[0] == 0
        assert found["loss"].iloc[0] == pytest.approx(result.initial_loss[sample], abs=1e-5)
        np.testing.assert_allclose(found["probability"], np.exp(-found["loss"]), rtol=1e-5)
        assert found["loss"].iloc[-1] == pytest.approx(result.final_loss[sample], abs=1e-5)
        assert found["memorized"].iloc[-1] == result.memorized[sample]


# --- neighbours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [0, 31, 59])
def test_neighbours_are_those_of_brute_force(sample: int) -> None:
    result = trained()
    inputs, labels = dataset(RUN)
    found = frames.neighbours_frame(inputs, frames.samples_frame(result), sample)
    cosine = cosine_similarity(inputs.astype(float))[sample]
    for same in (True, False):
        group = [other for other in range(60) if other != sample and (labels[other] == labels[sample]) == same]
        nearest = sorted(group, key=lambda other: -cosine[other])[:5]
        rows = found[found["same"] == same]
        assert rows["sample"].tolist() == nearest
        assert rows["label"].tolist() == labels[nearest].tolist()
        assert rows["memorized"].tolist() == result.memorized[nearest].tolist()
        np.testing.assert_allclose(rows["cosine"], cosine[nearest], rtol=0, atol=1e-12)
    assert found["same"].tolist() == [True] * 5 + [False] * 5


@pytest.mark.parametrize(("num_samples", "neighbours"), [(1, []), (4, [0, 1, 3])])
def test_a_sample_that_is_alone_has_no_neighbours_and_few_have_few(num_samples: int, neighbours: list[int]) -> None:
    run = replace(RUN, num_samples=num_samples, num_steps=3)
    found = frames.neighbours_frame(dataset(run)[0], frames.samples_frame(trained(run)), min(2, num_samples - 1))
    assert sorted(found["sample"]) == neighbours


# --- histogram --------------------------------------------------------------------------------------------------------

values_and_kinds = st.lists(
    st.tuples(st.floats(-1e3, 1e3) | st.integers(-3, 3).map(float) | st.just(float("nan")), st.booleans()),
    min_size=1,
    max_size=60,
)


@given(values_and_kinds)
@example([(1.0, True)])
@example([(2.0, False)] * 30)
def test_every_known_value_is_counted_once_in_the_bin_where_it_lies(of: list[tuple[float, bool]]) -> None:
    values, memorized = pd.Series([value for value, _ in of]), pd.Series([kind for _, kind in of])
    found = frames.histogram_frame(values, memorized)
    known = values[values.notna()]
    for kind, chosen in (("memorized", memorized), ("not memorized", ~memorized)):
        bins = found[found["kind"] == kind]
        own = values[chosen & values.notna()].tolist()
        assert bins["count"].sum() == len(own)
        last = bins["high"].max()
        for row in bins.itertuples():
            assert row.low < row.high
            assert row.count == sum(row.low <= value < row.high or value == row.high == last for value in own)
    assert len(found) <= 2 * 40
    if len(known):
        assert found["low"].min() <= known.min() <= known.max() <= found["high"].max()
    for _, both in found.groupby("low"):
        total, own = both["count"].sum(), both[both["kind"] == "memorized"]["count"].sum()
        assert both["share"].tolist() == pytest.approx([own / max(1, total)] * 2)


@pytest.mark.parametrize(("num_samples", "num_bins"), [(4, 2), (60, 7), (900, 30), (20_000, 40)])
def test_the_more_samples_the_more_bins_but_no_more_than_a_chart_can_show(num_samples: int, num_bins: int) -> None:
    values = pd.Series(np.random.Generator(np.random.PCG64(0)).normal(size=num_samples))
    assert len(frames.histogram_frame(values, values > 0)) == 2 * num_bins


def test_bins_of_whole_numbers_hold_as_many_numbers_each() -> None:
    """60 different numbers, 100 times each, are more than there are bins."""
    values = pd.Series(np.repeat(np.arange(60.0), 100))
    counts = frames.histogram_frame(values, values < 0).groupby("low")["count"].sum()
    assert set(counts) == {200}


def test_whole_numbers_have_no_empty_bins_between_them() -> None:
    values = pd.Series([0, 1, 2, 2, 2, 1, 0, 0, 0] * 100)
    found = frames.histogram_frame(values, values == 2)
    assert found.groupby("low")["count"].sum().tolist() == [400, 200, 300]
    assert found[found["kind"] == "memorized"]["count"].tolist() == [0, 0, 300]
