"""The random numbers of a run: their law, what each stream depends on, and that they are the same everywhere."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn.linear_model import LogisticRegression

from core import RunConfig, dataset
from core.config import INPUTS
from core.data import CORRELATION, initial_weights

Floats = NDArray[np.float64]
RUN = RunConfig(6, 5, 40)
BIG = RunConfig(20, 10, 20_000, dtype="float64")
# Seeds are fixed: a p-value below this says that the law is wrong, and not that the draw was unlucky.
UNLIKELY = 1e-4

small_runs = st.builds(
    RunConfig,
    input_dim=st.integers(1, 12),
    num_classes=st.integers(2, 12),
    num_samples=st.integers(1, 60),
    bias=st.booleans(),
    data_seed=st.integers(0, 2**32 - 1),
    init_seed=st.integers(0, 2**32 - 1),
    nested_data=st.booleans(),
)
laws = st.sampled_from(INPUTS)
every_law = pytest.mark.parametrize("law", INPUTS)


def checksum(run: RunConfig) -> str:
    """Of the numbers to 1e-6, so that the last bit of a platform's logarithm does not matter, but its stream does."""
    inputs, labels = dataset(run)
    whole = [np.rint(array * 1e6).astype("<i8") for array in (inputs, labels, initial_weights(run))]
    return hashlib.sha256(b"".join(array.tobytes() for array in whole)).hexdigest()[:16]


def covariance(input_dim: int) -> Floats:
    """Of correlated inputs."""
    return CORRELATION ** np.abs(np.subtract.outer(np.arange(input_dim), np.arange(input_dim)))


# --- the same numbers everywhere --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (RunConfig(10, 10, 100, dtype="float64"), "fef2f5836453405c"),
        (
            RunConfig(10, 10, 100, dtype="float64", nested_data=True, data_seed=3, init_seed=4, bias=False),
            "790e23844f8413df",
        ),
        (RunConfig(10, 10, 100, dtype="float64", inputs="signs"), "9a08ec00443402f5"),
        (RunConfig(10, 10, 100, dtype="float64", inputs="sphere"), "18cd37ab68a88cd7"),
        (RunConfig(10, 10, 100, dtype="float64", inputs="correlated"), "0b17d64374bfd8d1"),
    ],
    ids=["fresh", "nested", "signs", "sphere", "correlated"],
)
def test_numbers_are_those_of_every_other_machine(run: RunConfig, expected: str) -> None:
    """If they change on purpose, raise `core.config.SCHEMA_VERSION`: old results are then no longer theirs."""
    assert checksum(run) == expected


PRINT_DIGEST = """
import hashlib
from core import RunConfig, dataset
from core.data import initial_weights
for run in (RunConfig(6, 5, 40), RunConfig(6, 5, 40, nested_data=True, data_seed=9, init_seed=9)):
    arrays = *dataset(run), initial_weights(run)
    print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def test_a_fresh_process_draws_the_same_bits(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", PRINT_DIGEST]
    there = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    np.random.Generator(np.random.PCG64(1)).normal(size=3)  # nor does what was drawn before matter
    exec(PRINT_DIGEST, {})
    assert capsys.readouterr().out == there


# --- what they depend on ----------------------------------------------------------------------------------------------


@given(small_runs, st.integers(1, 60), laws)
def test_nested_data_are_a_prefix_of_more_nested_data(run: RunConfig, num_samples: int, law: str) -> None:
    run = replace(run, nested_data=True, inputs=law)
    fewer, more = sorted((run, replace(run, num_samples=num_samples)), key=lambda run: run.num_samples)
    for few, many in zip(dataset(fewer), dataset(more), strict=True):
        np.testing.assert_array_equal(few, many[: len(few)])


@given(small_runs)
def test_data_sets_of_other_names_share_no_number(run: RunConfig) -> None:
    """Fresh data are named by seed, n, V and N; the neighbours of a name are the likeliest to be confused with it."""
    run = replace(run, nested_data=False, dtype="float64")
    neighbours = [
        replace(run, num_samples=run.num_samples + 1),
        replace(run, num_classes=run.num_classes + 1),
        replace(run, input_dim=run.input_dim + 1),
        replace(run, data_seed=(run.data_seed + 1) % 2**32),
        replace(run, nested_data=True),
    ]
    inputs, _ = dataset(run)
    for neighbour in neighbours:
        assert np.intersect1d(inputs, dataset(neighbour)[0]).size == 0


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_labels_of_other_names_differ(seed: int, nested: bool) -> None:
    """Of 50 labels in 1,000 classes hardly one agrees by chance, where one stream for both would give them all."""
    run = RunConfig(2, 1_000, 50, data_seed=seed, nested_data=nested)
    neighbours = [replace(run, input_dim=3), replace(run, data_seed=(seed + 1) % 2**32), replace(run, num_classes=999)]
    neighbours += [replace(run, nested_data=not nested)] if nested else [replace(run, num_samples=51)]
    for neighbour in neighbours:
        assert (dataset(run)[1] == dataset(neighbour)[1][:50]).sum() < 5


@given(small_runs, small_runs, laws)
def test_data_depend_on_nothing_else(run: RunConfig, other: RunConfig, law: str) -> None:
    run = replace(run, inputs=law)
    same = replace(
        other,
        input_dim=run.input_dim,
        num_classes=run.num_classes,
        num_samples=run.num_samples,
        data_seed=run.data_seed,
        nested_data=run.nested_data,
        inputs=run.inputs,
        learning_rate=0.5,
        num_steps=7,
        optimizer="gd",
        momentum=0.5,
    )
    for mine, theirs in zip(dataset(run), dataset(same), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@given(small_runs, small_runs)
def test_initial_weights_depend_on_shape_and_init_seed_alone(run: RunConfig, other: RunConfig) -> None:
    same = replace(other, input_dim=run.input_dim, num_classes=run.num_classes, init_seed=run.init_seed, bias=True)
    weights = initial_weights(same)
    # With and without a bias the first n columns agree.
    np.testing.assert_array_equal(weights[:, : run.input_dim + run.bias], initial_weights(run))
    next_seed = replace(same, init_seed=(run.init_seed + 1) % 2**32)
    assert np.intersect1d(weights, initial_weights(next_seed)).size == 0


@given(small_runs, laws)
def test_dtype_only_rounds(run: RunConfig, law: str) -> None:
    run = replace(run, inputs=law)
    exact = replace(run, dtype="float64")
    (inputs, labels), (exact_inputs, exact_labels) = dataset(run), dataset(exact)
    np.testing.assert_array_equal(inputs, exact_inputs.astype(np.float32))
    np.testing.assert_array_equal(labels, exact_labels)
    np.testing.assert_array_equal(initial_weights(run), initial_weights(exact).astype(np.float32))
    assert (inputs.dtype, exact_inputs.dtype, labels.dtype) == (np.float32, np.float64, np.int64)


# --- their law --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nested", [False, True])
def test_inputs_are_standard_normal(nested: bool) -> None:
    inputs, _ = dataset(replace(BIG, nested_data=nested))
    assert inputs.shape == (20_000, 20)
    assert stats.kstest(inputs.ravel(), "norm").pvalue > UNLIKELY


@given(small_runs)
def test_gaussian_inputs_are_what_the_generator_draws(run: RunConfig) -> None:
    """Bit for bit, as before there were other laws."""
    sizes = [run.input_dim, run.num_classes] + [run.num_samples] * (not run.nested_data)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([1, run.data_seed, *sizes])))
    drawn = generator.standard_normal((run.num_samples, run.input_dim))
    np.testing.assert_array_equal(dataset(replace(run, dtype="float64"))[0], drawn)
    np.testing.assert_array_equal(dataset(run)[0], drawn.astype(np.float32))


@given(small_runs)
def test_other_laws_are_made_of_the_same_numbers_with_the_same_labels(run: RunConfig) -> None:
    run = replace(run, dtype="float64")
    normal, labels = dataset(run)
    of_law = {law: dataset(replace(run, inputs=law)) for law in INPUTS}
    for _, others in of_law.values():
        np.testing.assert_array_equal(others, labels)

    signs, sphere, correlated = (of_law[law][0] for law in ("signs", "sphere", "correlated"))
    np.testing.assert_array_equal(signs, np.sign(normal))
    np.testing.assert_allclose(np.linalg.norm(sphere, axis=1), np.sqrt(run.input_dim), rtol=1e-14)
    # Of the same direction: the inner product with it is the length.
    np.testing.assert_allclose((sphere * normal).sum(1), np.sqrt(run.input_dim) * np.linalg.norm(normal, axis=1))
    np.testing.assert_allclose(correlated, normal @ np.linalg.cholesky(covariance(run.input_dim)).T, atol=1e-13)


@every_law
def test_inputs_of_every_law_have_its_mean_and_covariance(law: str) -> None:
    """Sums over independent samples are nearly normal, so that their squares over their variances are chi-squared.

    That takes the distance of Mahalanobis of the means of all products: they are correlated.
    """
    inputs, _ = dataset(replace(BIG, input_dim=8, inputs=law))
    upper = np.triu_indices(8, k=law == "signs")  # a sign's square is always 1
    products = inputs[:, upper[0]] * inputs[:, upper[1]]
    told = covariance(8) if law == "correlated" else np.eye(8)
    columns, means = np.hstack([inputs, products]), np.concatenate([np.zeros(8), told[upper]])
    if law == "sphere":
        columns, means = columns[:, :-1], means[:-1]  # the squares add up to n
    off = columns.mean(0) - means
    distance = len(inputs) * off @ np.linalg.solve(np.cov(columns.T), off)
    assert stats.chi2(len(means)).sf(distance) > UNLIKELY


@every_law
def test_the_entries_of_every_law_have_unit_variance_whatever_their_place(law: str) -> None:
    inputs, _ = dataset(replace(BIG, inputs=law))
    # The variance of a square is at most that of a Gaussian's, 2; 5 standard errors.
    np.testing.assert_allclose((inputs**2).mean(0), 1, atol=5 * np.sqrt(2 / len(inputs)))


def test_signs_are_fair_coins_and_the_sphere_has_no_preferred_direction() -> None:
    signs, _ = dataset(replace(BIG, inputs="signs"))
    assert set(np.unique(signs)) == {-1.0, 1.0}
    # An entry of a uniform direction in n dimensions: (1 + x / sqrt(n)) / 2 is beta((n - 1) / 2, (n - 1) / 2).
    sphere, _ = dataset(replace(BIG, inputs="sphere"))
    law = stats.beta(9.5, 9.5, loc=-np.sqrt(20), scale=2 * np.sqrt(20))
    assert stats.kstest(sphere[:, 7], law.cdf).pvalue > UNLIKELY


@pytest.mark.parametrize("bias", [False, True])
def test_correlation_changes_no_optimum(bias: bool) -> None:
    """Every sample's probabilities there are those of the Gaussian data, as those of the signs are not."""
    run = RunConfig(6, 3, 60, data_seed=5, dtype="float64")
    gaussian, signs, correlated = (
        optimal_probabilities(replace(run, inputs=law), bias) for law in ("gaussian", "signs", "correlated")
    )
    np.testing.assert_allclose(correlated, gaussian, atol=1e-6)
    assert np.abs(signs - gaussian).max() > 0.1


def optimal_probabilities(run: RunConfig, bias: bool) -> Floats:
    """(N, V) at the cross-entropy optimum."""
    inputs, labels = dataset(run)
    fit = LogisticRegression(C=np.inf, fit_intercept=bias, tol=1e-10, max_iter=10_000).fit(inputs, labels)
    return fit.predict_proba(inputs)


@pytest.mark.parametrize("num_classes", [2, 7, 10, 1_000])
def test_labels_are_uniform_over_all_classes(num_classes: int) -> None:
    _, labels = dataset(replace(BIG, num_classes=num_classes))
    assert stats.chisquare(np.bincount(labels, minlength=num_classes)).pvalue > UNLIKELY
    assert labels.max() < num_classes


def test_labels_know_nothing_of_the_inputs() -> None:
    """Given labels that are independent of them, sum_k N_k |mean of class k|^2 is chi-squared with V n degrees."""
    inputs, labels = dataset(BIG)
    one_hot = np.eye(10)[labels]  # (N, V)
    sums = one_hot.T @ inputs  # (V, n)
    statistic = (sums**2 / one_hot.sum(0)[:, None]).sum()
    assert min(stats.chi2(200).cdf(statistic), stats.chi2(200).sf(statistic)) > UNLIKELY


def test_small_data_sets_of_consecutive_seeds_are_independent() -> None:
    runs = [RunConfig(4, 3, 5, data_seed=seed, dtype="float64") for seed in range(2_000)]
    drawn = [dataset(run) for run in runs]
    inputs = np.array([inputs.ravel() for inputs, _ in drawn])  # (seeds, 20)
    labels = np.array([labels for _, labels in drawn])  # (seeds, 5)
    assert stats.kstest(inputs.ravel(), "norm").pvalue > UNLIKELY
    # Sums of products of independent standard normals: nearly normal, after the central limit theorem.
    products = (inputs[1:] * inputs[:-1]).sum() / np.sqrt(inputs[1:].size)
    assert abs(products) < stats.norm.isf(UNLIKELY / 2)
    pairs = np.bincount((3 * labels[1:] + labels[:-1]).ravel(), minlength=9)
    assert stats.chisquare(pairs).pvalue > UNLIKELY


@pytest.mark.parametrize("input_dim", [1, 10, 40])
def test_initial_weights_have_the_law_of_nn_linear(input_dim: int) -> None:
    """Uniform in +-1 / sqrt(n), so of variance 1 / (3 n), biases too."""
    runs = [RunConfig(input_dim, 1_000, 1, init_seed=seed, dtype="float64") for seed in range(4)]
    weights = np.array([initial_weights(run) for run in runs])  # (seeds, V, n + 1)
    bound = input_dim**-0.5
    assert np.abs(weights).max() <= bound
    for part in (weights[..., :-1], weights[..., -1]):
        assert stats.kstest(part.ravel(), stats.uniform(-bound, 2 * bound).cdf).pvalue > UNLIKELY
        # The variance of u^2 is 4/45 of bound^4; 5 standard errors.
        assert part.var() == pytest.approx(1 / (3 * input_dim), abs=5 * bound**2 * np.sqrt(4 / 45 / part.size))
