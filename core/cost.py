"""What a run will cost, before it is run: seconds of one CPU core and bytes.

An estimate, good to a factor of two on today's machines (`python -m core bench` prints it beside the measurement); of
exact limits to a factor of five in nine of ten cases, because it is the data that decide how many steps they take. It
decides which runs share a chunk, and refuses a sweep that would not fit; time left is measured, not estimated.
"""

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from core.config import LIMITS, RunConfig
from core.duration import duration
from core.newton import DENSE_WEIGHTS, HARD_WEIGHTS, MAX_PRODUCTS, PROOF_WEIGHTS, SUM_VALUES
from core.tasks import LimitsConfig, Task
from core.theory import capacity_per_dim
from core.training import checkpoints_per_decade

SECONDS_PER_FLOP = 1 / 50e9  # matrix products of these sizes, float32
SECONDS_PER_LOGIT = 0.9e-9  # softmax, its maximum and the residual
SECONDS_PER_WEIGHT = 1.2e-9  # Adam
SECONDS_PER_SAMPLE = 2e-9  # first step and forgetting events
WATCHED_FACTOR = 4  # so much more for each sample that is watched
SECONDS_PER_CALL = 2e-6  # a run's share of the calls into PyTorch
FLOAT64_FACTOR = 2.5
STEPS_PER_MEASUREMENT = 80  # both sharpnesses cost as much as so many steps in float32: 24 products each, bounds, data
NEWTON_STEPS = 7  # to the optimum, far from the threshold
HARD_STEPS = 25  # more of them at the threshold, where classes split off, and each is as long as it can be
FADES_BELOW, FADES_ABOVE = 0.08, 0.2  # shares of the threshold over which these become fewer by e
SECONDS_PER_NEWTON_STEP = 3e-4  # calls into PyTorch
SECONDS_PER_PRODUCT = 2e-5  # the same
PRODUCTS_A_STEP = 20  # of conjugate gradients, far from the threshold
MOST_FACTOR = 0.9  # the most memorizable, beside the optimum: times ln(1 + N / inputs) squared, as samples are dropped
KRYLOV_VECTORS = 64  # more than most searches for the sharpness need; they take memory one by one
MIN_USEFUL_STEPS = 100  # with fewer, lowering the steps is no advice


def seconds(run: Task) -> float:
    """Seconds of one core."""
    if isinstance(run, LimitsConfig):
        drops = math.log1p(run.num_samples / (run.input_dim + run.bias)) ** 2
        return _solving_seconds(run) * (1 + MOST_FACTOR * drops * run.most)
    return _training_seconds(run) + _measuring_seconds(run)


def _training_seconds(run: RunConfig) -> float:
    return run.num_steps * _step_seconds(run) * (FLOAT64_FACTOR if run.dtype == "float64" else 1)


def _measuring_seconds(run: RunConfig) -> float:
    num_measurements = {"never": 0, "end": 1, "checkpoints": _num_checkpoints(run)}[run.measure_sharpness]
    return num_measurements * STEPS_PER_MEASUREMENT * _step_seconds(run)


def _num_checkpoints(run: RunConfig) -> float:
    """Not rounded."""
    return checkpoints_per_decade(run) * math.log10(run.num_steps) + 2


def _step_seconds(run: RunConfig) -> float:
    """Of one step in float32."""
    logits = run.num_classes * run.num_samples
    return (
        4 * logits * (run.input_dim + run.bias) * SECONDS_PER_FLOP
        + logits * SECONDS_PER_LOGIT
        + run.num_weights * SECONDS_PER_WEIGHT
        + run.num_samples * SECONDS_PER_SAMPLE * (1 + WATCHED_FACTOR * run.watch_samples)
        + SECONDS_PER_CALL
    )


def _solving_seconds(run: LimitsConfig) -> float:
    """Of the optimum: Newton's method, dense or by products.

    How hard it is depends on how far the data are from the threshold of separability. Measured for n = 5 to 300, V = 2
    to 100 and N = 0.2 to 5 thresholds.
    """
    inputs, logits = run.input_dim + run.bias, run.num_classes * run.num_samples
    free = (run.num_classes - 1) * inputs
    dense = (2 * run.num_samples * free**2 + free**3 / 3) * FLOAT64_FACTOR * SECONDS_PER_FLOP
    product = 4 * logits * inputs * FLOAT64_FACTOR * SECONDS_PER_FLOP + 3 * logits * SECONDS_PER_LOGIT
    product += SECONDS_PER_PRODUCT
    easy = dense if free <= DENSE_WEIGHTS else PRODUCTS_A_STEP * product
    hard = dense if free <= HARD_WEIGHTS else MAX_PRODUCTS * product
    beyond = run.num_samples / _threshold(run) - 1
    hard_steps = HARD_STEPS * math.exp(-max(beyond / FADES_ABOVE, -beyond / FADES_BELOW))
    evaluation = 10 * logits * SECONDS_PER_LOGIT + SECONDS_PER_NEWTON_STEP
    return NEWTON_STEPS * (easy + evaluation) + hard_steps * (hard + evaluation)


def _threshold(run: LimitsConfig) -> float:
    """Samples up to which all can be memorized, by theory."""
    return capacity_per_dim(run.num_classes) * (run.input_dim + run.bias)


def peak_bytes(run: Task) -> int:
    """Memory at work. Of a run: inputs, logits and residuals, weights with Adam's moments, per-sample history.

    And what its sharpness takes: inputs, probabilities and two arrays of their size, in float64 and float32, and the
    vectors of the search. Of limits: inputs, a few arrays of logits, the Hessian and what it is summed up from.
    """
    inputs = run.num_samples * (run.input_dim + run.bias)
    logits = run.num_classes * run.num_samples
    if isinstance(run, LimitsConfig):
        summed = min(SUM_VALUES, run.num_weights * run.num_samples)
        return 8 * (3 * inputs + 8 * logits + 5 * min(run.num_weights, PROOF_WEIGHTS) ** 2 + 3 * summed)
    values = inputs + 3 * logits + 16 * run.num_samples + 6 * run.num_weights
    if run.watch_samples:
        values += 2 * math.ceil(_num_checkpoints(run)) * run.num_weights  # and once more, stacked
    measuring = (8 + 4) * (inputs + 3 * logits) + 4 * KRYLOV_VECTORS * run.num_weights
    return values * (8 if run.dtype == "float64" else 4) + (0 if run.measure_sharpness == "never" else measuring)


class Estimate(NamedTuple):
    """What a sweep will cost on this machine."""

    seconds: float
    peak_bytes: int


class SweepTooLargeError(ValueError):
    """A sweep that would not fit; the sentence says which number to lower."""


def estimate(runs: Sequence[Task], workers: int = 1) -> Estimate:
    """Time on `workers` cores, and memory when each of them holds the largest run."""
    total = sum(map(seconds, runs)) / max(1, min(workers, len(runs)))
    return Estimate(total, workers * max(map(peak_bytes, runs), default=0))


def check_fits(runs: Sequence[Task], *, max_seconds: float, max_bytes: int, workers: int = 1) -> Estimate:
    """The estimate of `runs`, if it is within bounds.

    Raises:
        SweepTooLargeError: it is not.
    """
    expected = estimate(runs, workers)
    if expected.peak_bytes > max_bytes:
        largest = max(runs, key=peak_bytes)
        needs = f"{expected.peak_bytes / 2**30:.1f} GiB of memory, and {max_bytes / 2**30:.1f} GiB"
        advice = _smaller(largest, lambda run: workers * peak_bytes(run) <= max_bytes)
        raise SweepTooLargeError(f"this needs about {needs} are allowed: {advice}")
    if expected.seconds > max_seconds:
        needs = f"{duration(expected.seconds)}, and {duration(max_seconds)}"
        share = max_seconds / expected.seconds
        trained = [run for run in runs if isinstance(run, RunConfig)]
        steps = max((run.num_steps for run in trained), default=0)
        training = sum(map(_training_seconds, trained)) / sum(map(seconds, runs))  # the rest is not lowered with them
        fewer_steps = int(steps * (share - (1 - training)) / training) if trained else 0
        if fewer_steps >= MIN_USEFUL_STEPS:
            advice = f"lower the steps from {steps:,} to {fewer_steps:,} or fewer"
        elif len(runs) * share >= 1:
            advice = (
                f"lower the number of runs from {len(runs):,} to about {int(len(runs) * share):,} "
                "(fewer seeds, or fewer numbers of samples)"
            )
        else:
            advice = _smaller(max(runs, key=seconds), lambda run: _longest_up_to(run) <= max_seconds)
        raise SweepTooLargeError(f"this needs about {needs} are allowed: {advice}")
    return expected


def _longest_up_to(run: Task) -> float:
    """Seconds that a run of no more samples may take: limits are hardest at the threshold."""
    longest = seconds(run)
    if isinstance(run, LimitsConfig):
        threshold = _threshold(run)
        for num_samples in (math.floor(threshold), math.ceil(threshold)):
            if 1 <= num_samples < run.num_samples:
                longest = max(longest, seconds(replace(run, num_samples=num_samples)))
    return longest


def _smaller(run: Task, fits: Callable[[Task], bool]) -> str:
    """Which size of a run to lower, and to what, so that it fits."""
    for name, words in (("num_samples", "samples"), ("num_classes", "classes"), ("input_dim", "input dimensions")):

        def too_large(size: int, name: str = name) -> bool:
            change: dict[str, Any] = {name: size}
            return not fits(replace(run, **change))

        low, high = int(LIMITS[name].low), getattr(run, name)
        if not too_large(low):
            first_too_large = low + bisect.bisect_left(range(low, high), True, key=too_large)
            return f"lower the number of {words} from {high:,} to {first_too_large - 1:,} or fewer"
    return "lower the numbers of samples, classes and input dimensions together"
