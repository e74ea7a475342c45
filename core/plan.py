"""Which runs train together, and in which order.

A chunk is a list of runs with one recipe: the same optimizer with the same settings, steps and dtype. It should be
large enough that calls into PyTorch do not matter, and small enough that the first points of a chart come soon.

The order is coarse to fine: first a few N of every curve from one seed, then the N between them, then other seeds.
Runs that a question is about may come before all others.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, TypeVar

from core import cost
from core.config import RunConfig
from core.tasks import LimitsConfig, Task

_T = TypeVar("_T", bound=Task)


class Budget(NamedTuple):
    """How large a chunk should be: seconds of one CPU core, as `core.cost` estimates them; at most: bytes, runs."""

    first_seconds: float
    seconds: float
    bytes: int
    runs: int


# A CPU's chunk should fit its cache. A GPU runs a chunk's small kernels one after the other, whatever its size.
_CPU_BUDGET = Budget(first_seconds=0.05, seconds=0.9, bytes=64 * 2**20, runs=512)
_GPU_BUDGET = Budget(first_seconds=20.0, seconds=200.0, bytes=4 * 2**30, runs=8192)
REFINEMENT = 16  # each stage of a curve has so many times the points of the one before
COARSEST = 4  # points of a curve at its first stage, at least


def plan(runs: Iterable[_T], device: str = "cpu", first: Collection[_T] = frozenset()) -> list[list[_T]]:
    """Chunks that hold each distinct run once, the first to be trained first; before all others those of `first`."""
    budget = _CPU_BUDGET if device == "cpu" else _GPU_BUDGET
    stages = _stages(dict.fromkeys(runs))

    # The first ones in one stage: their answer waits for all of them.
    def together(run: _T) -> tuple[Any, ...]:
        return () if run in first else stages[run], recipe(run)

    # Next to each other in N, so that a chunk has few shapes, and those that it has are full; the rest, so that the
    # order in which the runs come does not matter.
    def place(run: _T) -> tuple[Any, ...]:
        shape = (run.num_samples, run.input_dim, run.num_classes, run.bias)
        return *together(run), *shape, *_seeds(run), run.nested_data, run.inputs

    ordered = sorted(stages, key=place)
    chunks: list[list[_T]] = []
    for _, part in itertools.groupby(ordered, key=together):
        chunks += _split(list(part), budget.seconds if chunks else budget.first_seconds, budget)
    return chunks


def recipe(run: Task) -> tuple[Any, ...]:
    """What the runs of a chunk share: all that the optimizer and the dtype are made from, and what is measured."""
    if isinstance(run, LimitsConfig):
        return True, run.most  # after the runs, which come faster
    return (
        False,
        run.dtype,
        run.optimizer,
        run.momentum,
        run.schedule,
        run.learning_rate,
        run.num_steps,
        run.measure_sharpness,
        run.watch_samples,
    )


def _stages(runs: Iterable[_T]) -> dict[_T, tuple[bool, int]]:
    """When each run's turn comes: after the first seed or not, and how fine its N stands in its curve."""
    curves = defaultdict(list)
    for run in runs:
        curves[recipe(run), run.input_dim, run.num_classes, run.bias, run.nested_data, run.inputs].append(run)
    stages = {}
    for curve in curves.values():
        first_seed = min(map(_seeds, curve))
        num_samples = sorted({run.num_samples for run in curve})
        stage_of = {n: _stage(i, len(num_samples)) for i, n in enumerate(num_samples)}
        for run in curve:
            stages[run] = (_seeds(run) != first_seed, stage_of[run.num_samples])
    return stages


def _seeds(run: Task) -> tuple[int, int]:
    return run.data_seed, run.init_seed if isinstance(run, RunConfig) else 0


def _stage(index: int, count: int) -> int:
    """0 for the coarsest points among `count` (the first and the last with them), 1 for those between, and so on."""
    stride = 1
    while count // (stride * REFINEMENT) >= COARSEST:
        stride *= REFINEMENT
    stage = 0
    while (index + 1) % stride and index not in (0, count - 1):
        stride //= REFINEMENT
        stage += 1
    return stage


def _split(runs: list[_T], seconds: float, at_most: Budget) -> list[list[_T]]:
    """Consecutive runs in parts of about `seconds` each, of equal cost unless another limit binds; none is empty."""
    costs = [cost.seconds(run) for run in runs]
    num_parts = max(1, 2 * round(sum(costs) / seconds / 2))  # even: two workers then end together
    part_cost = sum(costs) / num_parts
    parts: list[list[_T]] = [[]]
    before, part_bytes = 0.0, 0
    for run, run_cost in zip(runs, costs, strict=True):
        run_bytes = cost.peak_bytes(run)
        has_its_share = before + run_cost / 2 > part_cost * len(parts)
        is_full = len(parts[-1]) == at_most.runs or part_bytes + run_bytes > at_most.bytes
        if parts[-1] and (has_its_share or is_full):
            parts.append([])
            part_bytes = 0
        parts[-1].append(run)
        before += run_cost
        part_bytes += run_bytes
    return parts
