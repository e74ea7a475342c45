"""What a run will cost: more for more of anything, and advice that helps whoever follows it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from core import LimitsConfig, RunConfig, capacity_per_dim, softmax
from core.config import MEASURE_SHARPNESS
from core.cost import SweepTooLargeError, check_fits, estimate, peak_bytes, seconds
from core.limits import limits as limits_of
from core.newton import DENSE_WEIGHTS, PROOF_WEIGHTS, Newton
from core.tasks import Task
from core.training import checkpoint_steps

runs = st.builds(
    RunConfig,
    input_dim=st.integers(1, 512),
    num_classes=st.integers(2, 1_000),
    num_samples=st.integers(1, 20_000),
    num_steps=st.integers(1, 100_000),
    bias=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
    measure_sharpness=st.sampled_from(MEASURE_SHARPNESS),
    watch_samples=st.booleans(),
)
limits = st.builds(
    LimitsConfig,
    input_dim=st.integers(1, 512),
    num_classes=st.integers(2, 1_000),
    num_samples=st.integers(1, 20_000),
    bias=st.booleans(),
    most=st.booleans(),
)
ROUNDING = 1 + 1e-9  # a limit that is met exactly may be missed by the last bit
UNLIMITED = {"max_seconds": float("inf"), "max_bytes": 2**60}


@given(runs, st.sampled_from(["input_dim", "num_classes", "num_samples", "num_steps"]), st.floats(1, 100))
def test_more_costs_more(run: RunConfig, size: str, factor: float) -> None:
    larger = min(int(getattr(run, size) * factor) + 1, {"input_dim": 512, "num_classes": 1_000}.get(size, 20_000))
    assume(larger > getattr(run, size))
    more = replace(run, **{size: larger})
    assert seconds(more) > seconds(run)
    if size != "num_steps":
        assert peak_bytes(more) > peak_bytes(run)
    elif run.watch_samples:  # whose weights at checkpoints are kept
        assert peak_bytes(more) >= peak_bytes(run)
    else:
        assert peak_bytes(more) == peak_bytes(run)


@given(runs)
def test_float64_and_a_bias_cost_more(run: RunConfig) -> None:
    plain = replace(run, dtype="float32", bias=False)
    for more in (replace(plain, dtype="float64"), replace(plain, bias=True)):
        assert seconds(more) > seconds(plain)
        assert peak_bytes(more) > peak_bytes(plain)


@given(runs)
def test_measuring_costs_more_the_more_often(run: RunConfig) -> None:
    never, end, checkpoints = (replace(run, measure_sharpness=when) for when in MEASURE_SHARPNESS)
    assert seconds(never) < seconds(end) < seconds(checkpoints)
    assert peak_bytes(never) < peak_bytes(end) == peak_bytes(checkpoints)


@given(runs)
def test_watching_costs_more(run: RunConfig) -> None:
    plain, watched = replace(run, watch_samples=False), replace(run, watch_samples=True)
    assert seconds(plain) < seconds(watched)
    assert peak_bytes(plain) < peak_bytes(watched)


@given(runs)
def test_memory_holds_the_weights_of_every_checkpoint_of_a_watched_run_twice(run: RunConfig) -> None:
    """At the end they lie one by one and stacked, one run's beside its neighbours'."""
    plain, watched = replace(run, watch_samples=False), replace(run, watch_samples=True)
    item_size = 8 if run.dtype == "float64" else 4
    least = 2 * len(checkpoint_steps(watched)) * run.num_weights * item_size
    assert peak_bytes(watched) - peak_bytes(plain) >= least


@given(st.integers(1, 100_000), st.booleans())
def test_no_run_has_more_checkpoints_than_are_counted(num_steps: int, watched: bool) -> None:
    """Each costs as much: what is counted is (checkpoints - never) / (end - never)."""
    run = RunConfig(1, 2, 1, num_steps=num_steps, watch_samples=watched)
    never, end, checkpoints = (seconds(replace(run, measure_sharpness=when)) for when in MEASURE_SHARPNESS)
    counted = (checkpoints - never) / (end - never)
    num_checkpoints = len(checkpoint_steps(run))
    assert num_checkpoints <= counted + 0.5 + 1e-6  # the count is rounded
    # Steps are whole numbers, so that the first ones of many in a decade fall together: 16 in one from 1 to 10 are 9.
    assert counted < (3 if watched else 2) * num_checkpoints


@given(runs)
def test_memory_holds_at_least_what_must_be_held(run: RunConfig) -> None:
    """Inputs, logits, the residual they give, weights, their gradient and Adam's two moments."""
    logits = run.num_classes * run.num_samples
    least = run.num_samples * (run.input_dim + run.bias) + 2 * logits + 4 * run.num_weights
    assert peak_bytes(run) >= least * (8 if run.dtype == "float64" else 4)


# --- limits -----------------------------------------------------------------------------------------------------------


def is_dense(config: LimitsConfig) -> bool:
    return (config.num_classes - 1) * (config.input_dim + config.bias) <= DENSE_WEIGHTS


@given(limits, st.sampled_from(["input_dim", "num_classes", "num_samples"]), st.floats(1, 100))
def test_more_takes_more_memory_to_solve(config: LimitsConfig, size: str, factor: float) -> None:
    larger = min(int(getattr(config, size) * factor) + 1, {"input_dim": 512, "num_classes": 1_000}.get(size, 20_000))
    assume(larger > getattr(config, size))
    more: dict[str, Any] = {size: larger}
    assert peak_bytes(replace(config, **more)) > peak_bytes(config)


@given(st.integers(1, 250), st.sampled_from([2, 3, 10, 40]), st.integers(1, 40), st.booleans())
def test_more_inputs_take_longer_as_far_from_the_threshold(n: int, v: int, samples_per_dim: int, most: bool) -> None:
    smaller, larger = (LimitsConfig(dim, v, samples_per_dim * dim, bias=False, most=most) for dim in (n, 2 * n))
    if is_dense(smaller) == is_dense(larger):
        assert seconds(larger) > seconds(smaller)


def multiplications(config: LimitsConfig) -> float:
    """What Newton's method does: products with the Hessian, and Hessians that are formed."""
    done = 0.0
    product, dense = softmax.Hessian.__matmul__, Newton._hessian

    def count_product(self: softmax.Hessian, direction: Tensor) -> Tensor:
        nonlocal done
        done += 4 * direction.numel() * config.num_samples
        return product(self, direction)

    def count_dense(self: Newton) -> Tensor:
        nonlocal done
        done += 2 * config.num_samples * ((config.num_classes - 1) * (config.input_dim + config.bias)) ** 2
        return dense(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(softmax.Hessian, "__matmul__", count_product)
        patch.setattr(Newton, "_hessian", count_dense)
        limits_of([config])
    return done


@pytest.mark.parametrize(("n", "v"), [(40, 10), (60, 20), (20, 40)])
def test_limits_are_hardest_at_the_threshold(n: int, v: int) -> None:
    loads = (0.5, 1.0, 2.5)
    below, at, beyond = (LimitsConfig(n, v, round(load * capacity_per_dim(v) * (n + 1))) for load in loads)
    for cost_of in (multiplications, seconds):
        assert cost_of(at) > 4 * max(cost_of(below), cost_of(beyond))


@given(limits)
def test_to_seek_the_most_takes_longer_and_no_more_memory(config: LimitsConfig) -> None:
    optimum, most = replace(config, most=False), replace(config, most=True)
    assert 0 < seconds(optimum) < seconds(most)
    assert peak_bytes(optimum) == peak_bytes(most)


@given(limits)
def test_how_the_inputs_are_drawn_costs_nothing(config: LimitsConfig) -> None:
    other = replace(config, inputs="correlated", data_seed=7, nested_data=True)
    assert (seconds(other), peak_bytes(other)) == (seconds(config), peak_bytes(config))


@given(limits)
def test_memory_holds_at_least_what_must_be_held_to_solve(config: LimitsConfig) -> None:
    """Inputs, logits, probabilities, in float64; and the Hessian with its factor, where it is formed."""
    inputs, logits = config.input_dim + config.bias, config.num_classes * config.num_samples
    free = (config.num_classes - 1) * inputs
    hessians = 2 * free**2 if free <= PROOF_WEIGHTS else 0
    assert peak_bytes(config) >= 8 * (config.num_samples * inputs + 2 * logits + hessians)


# --- sweeps -----------------------------------------------------------------------------------------------------------


@given(st.lists(runs | limits, min_size=1, max_size=8), st.integers(1, 16))
def test_an_estimate_is_time_shared_and_memory_held_by_every_worker(sweep: list[Task], workers: int) -> None:
    alone, together = estimate(sweep), estimate(sweep, workers)
    assert alone.seconds == pytest.approx(sum(map(seconds, sweep)))
    assert together.seconds == pytest.approx(alone.seconds / min(workers, len(sweep)))
    assert together.peak_bytes == workers * max(map(peak_bytes, sweep))
    assert check_fits(sweep, **UNLIMITED, workers=workers) == together


def suggested(sweep: list[Task], what: str, **limits: float) -> int:
    """The number that the refusal says to go down to."""
    with pytest.raises(SweepTooLargeError) as refusal:
        check_fits(sweep, **{**UNLIMITED, **limits})
    sentence = str(refusal.value)
    found = re.search(rf": lower the {what} from ([\d,]+) to (?:about )?([\d,]+)", sentence)
    assert found, sentence
    now, then = (int(number.replace(",", "")) for number in found.groups())
    assert then < now, sentence
    return then


@given(runs, st.integers(1, 8), st.integers(1, 4), st.floats(0.01, 0.99))
def test_the_steps_that_it_suggests_fit(run: RunConfig, num_runs: int, workers: int, share: float) -> None:
    """Fewer steps are less to train and, at the end, as much to measure."""
    assume(run.num_steps * share > 101)  # with fewer steps it speaks of runs
    sweep = [replace(run, data_seed=seed) for seed in range(num_runs)]
    to_train = estimate([replace(run, measure_sharpness="never") for run in sweep], workers).seconds
    limit = estimate(sweep, workers).seconds - (1 - share) * to_train
    steps = suggested(sweep, "steps", max_seconds=limit, workers=workers)

    def with_steps(steps: int) -> list[RunConfig]:
        return [replace(run, num_steps=steps) for run in sweep]

    check_fits(with_steps(steps), max_seconds=limit * ROUNDING, max_bytes=2**60, workers=workers)
    if run.measure_sharpness != "checkpoints":  # of which fewer steps have fewer
        with pytest.raises(SweepTooLargeError):
            check_fits(with_steps(steps + 2), max_seconds=limit, max_bytes=2**60, workers=workers)


@given(runs, st.integers(2, 500), st.integers(1, 4), st.floats(0.01, 0.99))
def test_the_number_of_runs_that_it_suggests_fits(run: RunConfig, num_runs: int, workers: int, share: float) -> None:
    sweep = [replace(run, num_steps=100, data_seed=seed) for seed in range(num_runs)]
    assume(num_runs * share >= workers)  # with fewer runs than that, some workers have none
    limit = estimate(sweep, workers).seconds * share
    fitting = suggested(sweep, "number of runs", max_seconds=limit, workers=workers)
    check_fits(sweep[:fitting], max_seconds=limit * ROUNDING, max_bytes=2**60, workers=workers)


def test_a_single_run_that_takes_too_long_gets_advice_that_helps() -> None:
    run = RunConfig(512, 1_000, 20_000, num_steps=2_000)
    with pytest.raises(SweepTooLargeError) as refusal:
        check_fits([run], max_seconds=60, max_bytes=2**60)
    assert "number of runs" not in str(refusal.value)


@given(runs, st.integers(1, 4), st.floats(0.01, 0.99))
def test_the_number_of_samples_that_it_suggests_fits(run: RunConfig, workers: int, share: float) -> None:
    least = peak_bytes(replace(run, num_samples=1))
    limit = int(workers * (least + share * (peak_bytes(run) - least)))
    assume(limit < workers * peak_bytes(run))
    samples = suggested([run], "number of samples", max_bytes=limit, workers=workers)
    check_fits([replace(run, num_samples=samples)], **{**UNLIMITED, "max_bytes": limit}, workers=workers)


@given(st.lists(limits, min_size=1, max_size=6), st.floats(0.001, 0.99))
def test_a_sweep_of_limits_alone_is_refused_without_a_word_of_steps(sweep: list[Task], share: float) -> None:
    """They have none."""
    with pytest.raises(SweepTooLargeError) as refusal:
        check_fits(sweep, max_seconds=share * estimate(sweep).seconds, max_bytes=2**60)
    sentence = str(refusal.value)
    assert re.fullmatch(
        r"this needs about [\d,.]+ \w+, and [\d,.]+ \w+ are allowed: lower the "
        r"(number of (runs|samples|classes|input dimensions) from [\d,]+ to .*|numbers of samples, classes and .*)",
        sentence,
    ), sentence
    assert "steps" not in sentence


@given(runs, limits, st.integers(1, 6), st.floats(0.01, 0.99))
def test_the_steps_that_it_suggests_for_a_mix_leave_time_for_its_limits(
    run: RunConfig, config: LimitsConfig, num_runs: int, share: float
) -> None:
    run = replace(run, measure_sharpness="never")
    assume(run.num_steps * share > 101)

    def sweep(steps: int) -> list[Task]:
        return [config, *(replace(run, data_seed=seed, num_steps=steps) for seed in range(num_runs))]

    limit = seconds(config) + share * num_runs * seconds(run)
    assume(limit < estimate(sweep(run.num_steps)).seconds)  # beside days of solving, training may be lost in rounding
    assume(num_runs * seconds(run) > 1e-6 * seconds(config))
    steps = suggested(sweep(run.num_steps), "steps", max_seconds=limit)
    check_fits(sweep(steps), max_seconds=limit * ROUNDING, max_bytes=2**60)
    with pytest.raises(SweepTooLargeError):
        check_fits(sweep(steps + 2), max_seconds=limit, max_bytes=2**60)


def test_where_it_is_the_limits_that_take_too_long_no_steps_are_suggested() -> None:
    sweep = [RunConfig(40, 40, 400), *(LimitsConfig(40, 40, 400, data_seed=seed, most=True) for seed in range(19))]
    fitting = suggested(sweep, "number of runs", max_seconds=estimate(sweep).seconds / 2)
    assert fitting == 10
    with pytest.raises(SweepTooLargeError, match=r": lower the number of samples from 400 to \d+ or fewer$"):
        check_fits(sweep[1:2], max_seconds=seconds(sweep[1]) / 2, max_bytes=2**60)


@given(limits, st.floats(0.01, 0.99))
def test_the_number_of_samples_that_it_suggests_can_be_solved(config: LimitsConfig, share: float) -> None:
    least, all_of_it = seconds(replace(config, num_samples=1)), seconds(config)
    limit = least + share * (all_of_it - least)
    assume(least < limit < all_of_it)
    samples = suggested([config], "number of samples", max_seconds=limit)
    check_fits([replace(config, num_samples=samples)], max_seconds=limit, max_bytes=2**60)
    with pytest.raises(SweepTooLargeError):
        check_fits([replace(config, num_samples=samples + 1)], max_seconds=limit, max_bytes=2**60)


def test_a_refusal_says_what_it_needs_and_what_is_allowed() -> None:
    run = RunConfig(100, 100, 20_000, num_steps=100_000)
    with pytest.raises(SweepTooLargeError, match=r"^this needs about [\d,]+ h, and 30 s are allowed: lower"):
        check_fits([run] * 10, max_seconds=30, max_bytes=2**60)
    with pytest.raises(SweepTooLargeError, match=r"needs about \d\.\d GiB of memory, and 0\.0 GiB are allowed: lower"):
        check_fits([run] * 10, max_seconds=1e9, max_bytes=2**20)
