"""Who computes what: runs are trained and limits are solved, both until they are told to stop."""

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core import LimitsConfig, RunConfig, dataset, limits, train
from core.limits import LimitsResult
from core.plan import plan
from core.result import RunResult
from core.tasks import Task
from core.work import compute
from core.workers import Stopped

RUNS = [RunConfig(3, 3, size, num_steps=20) for size in (12, 5)]
LIMITS = [LimitsConfig(3, 3, size) for size in (40, 12, 5)]


def test_runs_are_trained() -> None:
    found = {result.config: result for result in compute(RUNS)}
    assert found.keys() == set(RUNS)
    for expected in train(RUNS):
        result = found[expected.config]
        assert isinstance(result, RunResult)
        np.testing.assert_allclose(result.final_loss, expected.final_loss, rtol=1e-5)


@pytest.mark.parametrize("most", [False, True])
def test_limits_are_solved_and_their_weights_do_what_is_said(most: bool) -> None:
    configs = [replace(config, most=most) for config in LIMITS]
    for result, config in zip(compute(configs), configs, strict=True):
        assert isinstance(result, LimitsResult)
        assert result.config == config
        inputs, labels = dataset(config)
        inputs = np.column_stack([inputs, np.ones(len(inputs))])
        np.testing.assert_array_equal((inputs @ result.weights.T).argmax(1) == labels, result.memorized)
        if most:
            np.testing.assert_array_equal((inputs @ result.most_weights.T).argmax(1) == labels, result.most_memorized)
            assert result.num_memorized <= result.num_most <= config.num_samples


def test_limits_do_not_depend_on_their_company() -> None:
    """So that what one sweep has cached is what another would compute."""
    alone = [limits([config])[0] for config in LIMITS]
    for one, other in zip(alone, compute(LIMITS), strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.final_loss, other.final_loss)


def test_a_device_is_for_runs_alone() -> None:
    """Whatever the machine has, limits are solved on its CPU."""
    assert [result.config for result in compute(LIMITS, device="cuda")] == LIMITS
    with pytest.raises(ValueError, match=r"^device must be one that PyTorch can use"):
        compute(RUNS, device="tpu")


@pytest.mark.parametrize("tasks", [RUNS, [replace(config, most=True) for config in LIMITS]], ids=["runs", "limits"])
@pytest.mark.parametrize("patience", [0, 3])
def test_either_stops_in_the_middle(tasks: Sequence[Task], patience: int) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > patience

    with pytest.raises(Stopped):
        compute(tasks, should_stop=should_stop)
    assert asked == patience + 1  # and it is asked no more


def test_what_is_planned_together_can_be_computed_together_and_sent_to_another_process() -> None:
    tasks: list[Task] = [*RUNS, *LIMITS, *(replace(config, most=True) for config in LIMITS)]
    found = [result for chunk in plan(tasks) for result in compute(pickle.loads(pickle.dumps(chunk)))]  # noqa: S301
    assert {result.config for result in found} == set(tasks)
    assert len(found) == len(tasks)
    for result in found:
        again = pickle.loads(pickle.dumps(result))  # noqa: S301
        np.testing.assert_array_equal(again.weights, result.weights)
        assert again.config == result.config
