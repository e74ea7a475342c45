"""Many linear layers trained at once.

`train` is the whole of it: runs of any mix of shapes go through the optimizer together, and each comes out as if it had
been trained alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from core import schedule
from core.config import RunConfig
from core.device import one_thread
from core.plan import plan
from core.result import RunResult
from core.training import Training, checkpoint_steps
from core.workers import never


def train(runs: Sequence[RunConfig], *, device: str = "cpu") -> list[RunResult]:
    """Train every run.

    Args:
        runs: any mix of shapes and settings.
        device: "cpu", "cuda" or "mps".

    Returns:
        One result a run, in the same order.

    Raises:
        ValueError: the device cannot be used here.
    """
    results = {result.config: result for chunk in plan(runs, device) for result in train_chunk(chunk, device=device)}
    return [results[run] for run in runs]


def train_chunk(
    runs: Sequence[RunConfig], *, device: str = "cpu", should_stop: Callable[[], bool] = never
) -> list[RunResult]:
    """Train runs that have one recipe (see `core.plan`) as one batch.

    Args:
        runs: what to train.
        device: "cpu", "cuda" or "mps".
        should_stop: asked before every step.

    Returns:
        One result a run, in no particular order.

    Raises:
        Stopped: `should_stop` said so.
        ValueError: the device cannot be used here.
    """
    with one_thread, torch.inference_mode():
        training = Training(runs, device, should_stop)
        training.advance(runs[0].num_steps, set(checkpoint_steps(runs[0]).tolist()))
        return training.results()


def train_branches(run: RunConfig, num_steps: Sequence[int], *, device: str = "cpu") -> list[RunResult]:
    """Train a "wsd" run to several lengths, for the price of the longest and the decays of the others.

    Runs of this schedule are one and the same until the first of them decays: each shorter one branches off there, from
    a copy of the weights and of the optimizer's memory.

    Args:
        run: any "wsd" run; its own number of steps does not count.
        num_steps: any number of lengths, each 1,000 or more: shorter runs have a warmup of their own.
        device: "cpu", "cuda" or "mps".

    Returns:
        One result a length, in the same order: bit for bit those of `train`.

    Raises:
        ValueError: the schedule is another one, or a length is too short.
    """
    if not num_steps:
        return []
    shortest = round(schedule.WARMUP_STEPS / schedule.WARMUP_SHARE)
    if run.schedule != "wsd" or min(num_steps) < shortest:
        raise ValueError(
            f'expected a run with schedule="wsd" and at least {shortest:,} steps for each branch, but came '
            f"schedule={run.schedule!r} and {min(num_steps):,} steps; use train for what does not branch"
        )
    branches = {length: replace(run, num_steps=length) for length in sorted(num_steps)}
    checkpoints = set().union(*(checkpoint_steps(branch).tolist() for branch in branches.values()))
    results = {}
    with one_thread, torch.inference_mode():
        trunk = Training([branches[max(num_steps)]], device, never)
        for length, run_of_length in branches.items():
            trunk.advance(schedule.decay_start(length), checkpoints)
            branch = trunk.branch(run_of_length)
            branch.advance(length, checkpoints)
            results[length] = branch.results()[0]
    return [results[length] for length in num_steps]
