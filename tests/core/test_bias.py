"""Predictors against loops that literally leave a sample out, autograd's loss, invariances, and trained layers."""

import functools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from core import RunConfig, RunResult, dataset, over_datasets, predictors, rank, train
from core.bias import (
    PREDICTORS,
    alignments,
    class_guesses,
    cosines,
    least_squares_scores,
    margins,
    predictors_of,
)
from core.data import initial_weights
from core.ranking import auroc

Floats = NDArray[np.float64]
BASE = RunConfig(8, 5, 30, dtype="float64")
RUNS = {
    "many samples": replace(BASE, num_samples=80),
    "some more samples than inputs": replace(BASE, num_samples=14),
    "one more sample than inputs": replace(BASE, num_samples=9),
    "as many samples as inputs": replace(BASE, num_samples=8),
    "fewer samples than inputs": replace(BASE, num_samples=5),
    "one sample": replace(BASE, num_samples=1),
    "two samples of one input": replace(BASE, input_dim=1, num_samples=2),
    "one sample of one input": replace(BASE, input_dim=1, num_samples=1),
    "two classes": replace(BASE, num_classes=2),
    "more classes than samples": replace(BASE, num_classes=60, num_samples=20),
    "no bias": replace(BASE, bias=False),
    "nested": replace(BASE, nested_data=True),
    "other data": replace(BASE, data_seed=3),
    "other start": replace(BASE, init_seed=3),
    "float32": replace(BASE, dtype="float32"),
}
every_run = pytest.mark.parametrize("name", RUNS)


def data(run: RunConfig) -> tuple[Floats, NDArray[np.int64]]:
    inputs, labels = dataset(run)
    return inputs.astype(np.float64), labels


def centred(labels: NDArray[np.int64], num_classes: int) -> Floats:
    """(N, V) 1[y_i = k] - 1/V."""
    return np.eye(num_classes)[labels] - 1 / num_classes


# --- oracles ----------------------------------------------------------------------------------------------------------


def alignments_by_loop(inputs: Floats, labels: NDArray[np.int64], num_classes: int) -> Floats:
    """The formula as it stands in `alignments`, term by term."""
    found = np.zeros((len(labels), num_classes))
    for i in range(len(labels)):
        for k in range(num_classes):
            for j in range(len(labels)):
                if j != i:
                    found[i, k] += ((labels[j] == k) - 1 / num_classes) * (inputs[i] @ inputs[j])
    return found


def scores_by_refitting(inputs: Floats, labels: NDArray[np.int64], num_classes: int) -> Floats:
    """One fit for each sample, to the others; with fewer others than inputs, scikit-learn's has the least norm."""
    found = np.zeros((len(labels), num_classes))
    for i in range(len(labels)):
        others = np.arange(len(labels)) != i
        if others.any():  # a fit to nothing says 0
            fit = LinearRegression(fit_intercept=False).fit(inputs[others], centred(labels, num_classes)[others])
            found[i] = fit.predict(inputs[i : i + 1])[0]
    return found


def margins_by_loop(scores: Floats, labels: NDArray[np.int64]) -> Floats:
    return np.array(
        [row[label] - max(row[k] for k in range(len(row)) if k != label) for row, label in zip(scores, labels)]  # noqa: B905
    )


@functools.cache
def expected(name: str) -> dict[str, Floats]:
    run = RUNS[name]
    inputs, labels = data(run)
    layer = torch.nn.Linear(run.input_dim, run.num_classes, bias=run.bias, dtype=torch.float64)
    weights = torch.from_numpy(initial_weights(run)).double()
    with torch.no_grad():
        layer.weight.copy_(weights[:, : run.input_dim])
        if run.bias:
            layer.bias.copy_(weights[:, -1])
    loss = torch.nn.functional.cross_entropy(
        layer(torch.from_numpy(inputs)), torch.from_numpy(labels), reduction="none"
    )
    aligned = alignments_by_loop(inputs, labels, run.num_classes)
    return {
        "initial_loss": -loss.detach().numpy(),
        "label_count": np.array([sum(other == label for other in labels) - 1 for label in labels], float),
        "input_norm": np.array([sum(x**2 for x in row) ** 0.5 for row in inputs]),
        "alignment": np.array([aligned[i, label] for i, label in enumerate(labels)]),
        "alignment_margin": margins_by_loop(aligned, labels),
        "least_squares_margin": margins_by_loop(scores_by_refitting(inputs, labels, run.num_classes), labels),
    }


def growth(inputs: Floats) -> float:
    """How much rounding may grow in a fit to all samples but one: the worst of them all.

    By the condition number of the other inputs, and by 1 / (1 - h_i), which is 1 + x_i (X^T X)^-1 x_i of the others.
    """
    worst = 1.0
    for i, x in enumerate(inputs):
        _, values, directions = np.linalg.svd(np.delete(inputs, i, 0), full_matrices=False)
        if len(values):
            worst = max(worst, values[0] / values[-1], 1 + np.sum((directions @ x / values) ** 2))
    return float(worst)


@pytest.mark.parametrize("predictor", PREDICTORS)
@every_run
def test_a_predictor_is_what_a_loop_without_the_sample_says(name: str, predictor: str) -> None:
    found, wanted = predictors(RUNS[name])[predictor], expected(name)[predictor]
    assert (found.dtype, found.shape) == (np.float64, (RUNS[name].num_samples,))
    tolerance = 1e-13 * (1 + np.abs(wanted).max())
    if predictor == "least_squares_margin":  # near N = n a fit multiplies rounding: 1e5 times is not rare
        tolerance *= growth(data(RUNS[name])[0])
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)


def test_the_names_are_those_of_the_list_in_its_order() -> None:
    assert tuple(predictors(BASE)) == PREDICTORS


@settings(max_examples=60)
@given(st.integers(1, 12), st.integers(2, 6), st.integers(1, 24), st.integers(0, 99))
def test_every_shape_fits_to_the_others_as_a_refit_does(n: int, num_classes: int, samples: int, seed: int) -> None:
    """Above all where N is n - 1, n, n + 1 and n + 2."""
    inputs, labels = data(RunConfig(n, num_classes, samples, data_seed=seed, dtype="float64"))
    wanted = scores_by_refitting(inputs, labels, num_classes)
    tolerance = 1e-13 * (1 + np.abs(wanted).max()) * growth(inputs)
    found = least_squares_scores(inputs, labels, num_classes)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)
    np.testing.assert_allclose(
        alignments(inputs, labels, num_classes), alignments_by_loop(inputs, labels, num_classes), rtol=0, atol=1e-11
    )


# --- leave one out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", [alignments, least_squares_scores])
@given(data=st.data())
def test_a_samples_own_label_never_enters_what_is_said_of_it(statistic, data) -> None:  # type: ignore[no-untyped-def]
    n, num_classes = data.draw(st.integers(2, 8), "n"), data.draw(st.integers(2, 5), "V")
    samples = data.draw(st.integers(3, 16), "N")
    sample = data.draw(st.integers(0, samples - 1), "sample")
    random = np.random.default_rng(data.draw(st.integers(0, 999), "seed"))
    inputs, labels = random.standard_normal((samples, n)), random.integers(num_classes, size=samples)
    before = statistic(inputs, labels, num_classes)
    rounding = 1e-12 * (1 + np.abs(before).max()) * growth(inputs)
    for other in range(num_classes):
        changed = labels.copy()
        changed[sample] = other
        after = statistic(inputs, changed, num_classes)
        np.testing.assert_allclose(after[sample], before[sample], rtol=0, atol=rounding)
        if other != labels[sample]:  # it does enter what is said of the others
            assert np.abs(np.delete(after - before, sample, 0)).max() > 1e-3


@every_run
def test_predictors_change_with_a_samples_own_label_only_by_which_class_is_its_own(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So every predictor of a relabelled sample can be told from the scores before: nothing else may change."""
    run = RUNS[name]
    inputs, labels = data(run)
    aligned = alignments(inputs, labels, run.num_classes)
    fitted = least_squares_scores(inputs, labels, run.num_classes)
    for sample in range(min(3, run.num_samples)):
        relabelled = labels.copy()
        relabelled[sample] = (labels[sample] + 1) % run.num_classes
        monkeypatch.setattr("core.bias.dataset", lambda _, now=relabelled: (inputs, now))
        found = predictors(run)
        own = relabelled[sample]
        told = {
            "alignment": aligned[sample, own],
            "alignment_margin": margins(aligned, relabelled)[sample],
            "least_squares_margin": margins(fitted, relabelled)[sample],
            "input_norm": np.linalg.norm(inputs[sample]),
            "label_count": np.sum(np.delete(labels, sample) == own),
        }
        for predictor, value in told.items():
            rounding = 1e-13 * (1 + np.abs(aligned).max() + np.abs(fitted).max()) * growth(inputs)
            assert found[predictor][sample] == pytest.approx(value, rel=0, abs=rounding)


def test_with_the_sample_in_its_own_mean_its_label_would_be_told_from_nothing() -> None:
    """Why leave-one-out: random labels cannot be predicted, and the in-sample statistic would seem to do it."""
    in_sample, left_out = [], []
    for seed in range(8):
        inputs, labels = data(RunConfig(40, 10, 400, data_seed=seed))
        with_own = inputs @ (centred(labels, 10).T @ inputs).T
        without = alignments(inputs, labels, 10)
        in_sample += [auroc(with_own[:, k], labels == k) for k in range(10)]
        left_out += [auroc(without[:, k], labels == k) for k in range(10)]
    # The own term is |x|^2 = 40, the others' sum has the standard deviation sqrt(400 * 0.09 * 40) = 38: were both
    # normal, AUROC would be Phi(40 / (sqrt(2) * 38)) = 0.77. A class of 40 has a null standard deviation of 0.048, and
    # the mean of 80 classes one of 0.048 / sqrt(80).
    assert np.mean(in_sample) > 0.7
    assert np.mean(left_out) == pytest.approx(0.5, abs=4 * 0.048 / 80**0.5)


# --- invariances ------------------------------------------------------------------------------------------------------

shapes = st.tuples(st.integers(1, 10), st.integers(2, 5), st.integers(2, 20), st.integers(0, 999))
statistics = pytest.mark.parametrize("statistic", [alignments, least_squares_scores])


def drawn(n: int, num_classes: int, samples: int, seed: int) -> tuple[Floats, NDArray[np.int64], np.random.Generator]:
    random = np.random.default_rng(seed)
    return random.standard_normal((samples, n)), random.integers(num_classes, size=samples), random


@statistics
@given(shape=shapes)
def test_the_order_of_samples_and_the_names_of_classes_do_not_matter(statistic, shape) -> None:  # type: ignore[no-untyped-def]
    inputs, labels, random = drawn(*shape)
    num_classes = shape[1]
    order, names = random.permutation(len(labels)), random.permutation(num_classes)
    scores = statistic(inputs, labels, num_classes)
    rounding = 1e-12 * (1 + np.abs(scores).max()) * growth(inputs)
    np.testing.assert_allclose(
        statistic(inputs[order], labels[order], num_classes), scores[order], rtol=0, atol=rounding
    )
    renamed = statistic(inputs, names[labels], num_classes)
    np.testing.assert_allclose(renamed[:, names], scores, rtol=0, atol=rounding)


@statistics
@given(shape=shapes, scale=st.floats(0.1, 10))
def test_turning_the_space_of_inputs_changes_nothing(statistic, shape, scale: float) -> None:  # type: ignore[no-untyped-def]
    inputs, labels, random = drawn(*shape)
    turn, _ = np.linalg.qr(random.standard_normal((shape[0], shape[0])))
    scores = statistic(inputs, labels, shape[1])
    rounding = 1e-12 * (1 + np.abs(scores).max()) * growth(inputs)
    np.testing.assert_allclose(statistic(inputs @ turn, labels, shape[1]), scores, rtol=0, atol=rounding)
    stretched = statistic(scale * inputs, labels, shape[1])
    power = 2 if statistic is alignments else 0
    np.testing.assert_allclose(stretched, scale**power * scores, rtol=0, atol=scale**power * rounding)


@statistics
@given(shape=shapes)
def test_scores_of_a_sample_sum_to_nothing_over_classes(statistic, shape) -> None:  # type: ignore[no-untyped-def]
    inputs, labels, _ = drawn(*shape)
    scores = statistic(inputs, labels, shape[1])
    rounding = 1e-12 * (1 + np.abs(scores).max()) * growth(inputs)
    np.testing.assert_allclose(scores.sum(1), np.zeros(len(labels)), rtol=0, atol=rounding)


# --- many runs at once ------------------------------------------------------------------------------------------------


def test_many_runs_together_are_what_they_are_one_by_one() -> None:
    """In their order, of mixed shapes, one of them twice."""
    runs = [*RUNS.values(), *(replace(BASE, data_seed=seed, init_seed=9 - seed) for seed in range(8)), BASE]
    runs = [*runs[::2], *runs[1::2], runs[3]]
    together = predictors_of(runs)
    assert len(together) == len(runs)
    for run, found in zip(runs, together, strict=True):
        for name, alone in predictors(run).items():
            assert found[name].shape == (run.num_samples,)
            # The same arithmetic: only the library's choice of a kernel for the batch could round otherwise.
            np.testing.assert_allclose(
                found[name], alone, rtol=0, atol=1e-12 * (1 + np.abs(alone).max()), err_msg=str(run)
            )
    assert predictors_of([]) == []


def test_what_training_does_to_a_run_does_not_change_its_predictors() -> None:
    """They are known before: only data and initial weights count."""
    before = predictors(BASE)
    for later in (
        replace(BASE, learning_rate=0.3, num_steps=7, schedule="cosine"),
        replace(BASE, optimizer="gd", momentum=0.9),
        replace(BASE, measure_sharpness="end", watch_samples=True),
    ):
        for name, values in predictors(later).items():
            np.testing.assert_array_equal(values, before[name])
    for name, values in predictors(replace(BASE, init_seed=1)).items():
        assert np.array_equal(values, before[name]) == (name != "initial_loss")


@pytest.mark.parametrize("bias", [False, True])
def test_the_initial_loss_is_that_of_the_trained_run(bias: bool) -> None:
    run = RunConfig(12, 6, 50, bias=bias, num_steps=1)
    [result] = train([run])
    # Logits of float32, sums of 13 products: some 1e-6.
    np.testing.assert_allclose(predictors(run)["initial_loss"], -result.initial_loss, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sample", [0, 7])
def test_cosines_are_of_the_angles(sample: int) -> None:
    inputs, _ = data(BASE)
    found = cosines(inputs, sample)
    assert found[sample] == pytest.approx(1, abs=1e-15)
    for other, row in enumerate(inputs):
        between = inputs[sample] / np.linalg.norm(inputs[sample]) - row / np.linalg.norm(row)
        assert found[other] == pytest.approx(1 - between @ between / 2, abs=1e-14)  # the law of cosines


def test_margins_are_those_of_a_loop_and_leave_the_scores_alone() -> None:
    random = np.random.default_rng(0)
    scores, labels = random.standard_normal((3, 20, 4)), random.integers(4, size=(3, 20))
    before = scores.copy()
    found = margins(scores, labels)
    np.testing.assert_array_equal(found, [margins_by_loop(s, y) for s, y in zip(scores, labels, strict=True)])
    np.testing.assert_array_equal(scores, before)


# --- what they predict ------------------------------------------------------------------------------------------------

NUM_DATASETS = 16


@functools.cache
def converged() -> list[RunResult]:
    """Past capacity (4.4 samples for each input), where about 147 of 400 samples are memorized."""
    run = RunConfig(40, 10, 400)
    return train([replace(run, data_seed=seed, init_seed=seed) for seed in range(NUM_DATASETS)])


@pytest.mark.parametrize(
    ("predictor", "low", "high"),
    [
        # If it told nothing, the mean AUROC of 16 data sets would have a standard deviation of sqrt((N + 1) / (12 P
        # (N - P))) / 4 = 0.0075 with P = 147 memorized; samples of a class share some of their accident, which widens
        # it a little (0.009 measured). Within 4 of these:
        ("initial_loss", 0.46, 0.54),
        # A larger class pulls a little more bias its way: measured 0.521, standard error 0.006, 4 of them either side.
        ("label_count", 0.495, 0.545),
        # A long input has a larger say in the weights, and larger logits: 0.542, standard error 0.0055.
        ("input_norm", 0.52, 0.565),
        # The same for those that tell: 0.904, 0.927, 0.963 with standard errors of 0.0024, 0.0035, 0.002.
        ("alignment", 0.89, 0.915),
        ("alignment_margin", 0.91, 0.945),
        ("least_squares_margin", 0.95, 0.975),
    ],
)
def test_chance_geometry_tells_who_is_memorized_and_the_start_does_not(predictor: str, low: float, high: float) -> None:
    rankings = [ranking[predictor] for result in converged() if (ranking := rank(result)) is not None]
    assert len(rankings) == NUM_DATASETS
    found = over_datasets(rankings)
    assert low < found.auroc.mean < high
    assert found.auroc.num_values == NUM_DATASETS
    if low > 0.85:  # far above chance in each single data set, and the loss is the lower the higher the statistic
        assert min(ranking.auroc for ranking in rankings) > 0.85
        assert found.auroc.low > found.null_high
        assert found.spearman.high < -0.75
    if predictor == "initial_loss":
        assert found.auroc.low < 0.5 < found.auroc.high
        assert abs(found.spearman.mean) < 0.06  # 4 / sqrt(16 * 400), and a little more as above


# --- guessing by the classes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "num_classes", "samples"), [(3, 2, 20), (8, 5, 40), (2, 3, 4)])
def test_guesses_by_the_classes_are_those_of_a_loop(n: int, num_classes: int, samples: int) -> None:
    inputs, labels, _ = drawn(n, num_classes, samples, seed=1)
    found = class_guesses(inputs, labels, num_classes)
    right = {True: 0, False: 0}
    for i in range(samples):
        for with_itself in right:
            others = [j for j in range(samples) if with_itself or j != i]
            scores = [
                sum(((labels[j] == k) - 1 / num_classes) * (inputs[i] @ inputs[j]) for j in others)
                for k in range(num_classes)
            ]
            right[with_itself] += int(np.argmax(scores)) == labels[i]
            if not with_itself:
                assert found.toward[i] == (scores[labels[i]] > 0)
    assert (found.with_itself, found.without_itself) == (right[True], right[False])


def test_without_the_sample_itself_the_classes_know_no_more_than_chance() -> None:
    """Over 20 data sets, of 8,000 guesses: V = 10, so a tenth is right, more or less 27."""
    data = [dataset(RunConfig(40, 10, 400, data_seed=seed)) for seed in range(20)]
    found = [class_guesses(inputs.astype(np.float64), labels, 10) for inputs, labels in data]
    assert sum(guesses.without_itself for guesses in found) == pytest.approx(800, abs=4 * 27)
    assert min(guesses.with_itself for guesses in found) > 100
