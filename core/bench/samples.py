"""How fast the predictors of who is memorized are found, beside a loop that leaves out one sample after the other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.bench.speed import seconds
from core.bias import alignments, least_squares_scores, predictors
from core.config import RunConfig
from core.data import dataset
from core.ranking import auroc
from core.train import train

RUN = RunConfig(input_dim=100, num_classes=50, num_samples=2_000)
LOOP_SAMPLES = 100  # the samples that the loops leave out; their time is scaled to all of them
FILM = RunConfig(input_dim=40, num_classes=10, num_samples=400)
NUM_FILMS = 16
ROUNDS = 5

Floats = NDArray[np.float64]


def report() -> None:
    """Print the tables."""
    try:
        import sklearn  # type: ignore[import-untyped]  # noqa: F401
        import threadpoolctl  # type: ignore[import-untyped]  # comes with scikit-learn
    except ImportError:
        print("The loops are scikit-learn's, which is not installed: pip install -e '.[test]' brings it.")
        return
    # For fits so small two threads of OpenBLAS are no faster, and many times slower as soon as anything else runs.
    with threadpoolctl.threadpool_limits(1):
        _predictors()
    _auroc()
    _watching()


def _predictors() -> None:
    n, v, samples = RUN.input_dim, RUN.num_classes, RUN.num_samples
    print(
        f"Leave-one-out statistics of N = {samples:,} samples, n = {n}, V = {v}. The loops are timed on "
        f"{LOOP_SAMPLES} samples, and scaled. All with one thread."
    )
    drawn, labels = dataset(RUN)
    inputs = drawn.astype(np.float64)
    left_out = np.linspace(0, samples - 1, LOOP_SAMPLES).round().astype(int)
    targets = np.eye(v)[labels] - 1 / v
    fast, slow = "ours", "leaving out one by one"
    print(f"{'':32}{fast:>10}{slow:>24}{'times':>8}{'largest difference':>20}")
    for name, ours, loop in [
        ("alignments", alignments, _alignments_one_by_one),
        ("least squares, numpy.linalg.lstsq", least_squares_scores, _lstsq_one_by_one),
        ("least squares, scikit-learn", least_squares_scores, _scikit_one_by_one),
    ]:
        found = ours(inputs, labels, v)  # which also warms up
        took = min(seconds(lambda: ours(inputs, labels, v)) for _ in range(ROUNDS))  # noqa: B023
        answers: list[Floats] = []
        scale = samples / len(left_out)
        looped = scale * seconds(lambda: answers.append(loop(inputs, targets, left_out)))  # noqa: B023
        difference = np.abs(found[left_out] - answers[0]).max() / np.abs(answers[0]).max()
        print(f"{name:33}{took:8.4f} s{looped:22.2f} s{looped / took:8.0f}{difference:20.1e}")
    took = min(seconds(lambda: predictors(RUN)) for _ in range(ROUNDS))
    print(f"{'all six predictors, data drawn':33}{took:8.4f} s")


def _alignments_one_by_one(inputs: Floats, targets: Floats, left_out: NDArray[np.int64]) -> Floats:
    """(N, n), (N, V) -> the scores of the samples that are `left_out`, one row each."""
    found = []
    for i in left_out:
        others = np.arange(len(inputs)) != i
        found.append(inputs[i] @ inputs[others].T @ targets[others])
    return np.array(found)


def _lstsq_one_by_one(inputs: Floats, targets: Floats, left_out: NDArray[np.int64]) -> Floats:
    found = []
    for i in left_out:
        others = np.arange(len(inputs)) != i
        weights, *_ = np.linalg.lstsq(inputs[others], targets[others])
        found.append(inputs[i] @ weights)
    return np.array(found)


def _scikit_one_by_one(inputs: Floats, targets: Floats, left_out: NDArray[np.int64]) -> Floats:
    from sklearn.linear_model import LinearRegression  # type: ignore[import-untyped]

    found = []
    for i in left_out:
        others = np.arange(len(inputs)) != i
        fit = LinearRegression(fit_intercept=False).fit(inputs[others], targets[others])
        found.append(fit.predict(inputs[i : i + 1])[0])
    return np.array(found)


def _auroc() -> None:
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    random = np.random.Generator(np.random.PCG64(0))
    print("AUROC, microseconds")
    print(f"{'':12}{'ours':>8}{'scikit-learn':>14}{'times':>8}{'difference':>12}")
    for size in (400, 20_000):
        scores = random.standard_normal(size)
        positive = random.random(size) < 0.4
        ours, theirs = (
            1e6 * _each(lambda of=of: of(scores, positive))  # type: ignore[misc]  # noqa: B023
            for of in (auroc, lambda scores, positive: roc_auc_score(positive, scores))
        )
        difference = abs(auroc(scores, positive) - roc_auc_score(positive, scores))
        print(f"N = {size:<8,}{ours:8.0f}{theirs:14.0f}{theirs / ours:8.1f}{difference:12.1e}")


def _each(work: Callable[[], object], calls: int = 50) -> float:
    """Seconds of a call, the best of some rounds: noise only adds."""

    def some() -> None:
        for _ in range(calls):
            work()

    some()
    return min(seconds(some) for _ in range(ROUNDS)) / calls


def _watching() -> None:
    runs = [replace(FILM, data_seed=seed, init_seed=seed) for seed in range(NUM_FILMS)]
    watched = [replace(run, watch_samples=True) for run in runs]
    train(runs)  # warm up
    pairs = [(seconds(lambda: train(runs)), seconds(lambda: train(watched))) for _ in range(ROUNDS)]
    plain, film = (min(times) for times in zip(*pairs, strict=True))
    [result] = train(watched[:1])
    frames, size = len(result.checkpoint_steps), result.weights_at.nbytes
    print(
        f"{NUM_FILMS} runs of n = {FILM.input_dim}, V = {FILM.num_classes}, N = {FILM.num_samples}, "
        f"{FILM.num_steps:,} steps, on one core: {plain:.3f} s; with every sample watched: {film:.3f} s, "
        f"{film / plain - 1:.0%} more, and {frames} frames of {size / frames / 1e3:.1f} KB a run"
    )
