"""Which runs train together, and in which order.

A chunk is a list of runs with one recipe: the same optimizer with the same settings, steps and dtype. It should be large
enough that calls into PyTorch do not matter, and small enough that the first points of a chart come soon.

The order is coarse to fine: first a few N of every curve from one seed, then the N between them, then the other seeds.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core import cost
from core.config import RunConfig

FIRST_CHUNK_SECONDS = 0.1  # of one core, as `core.cost` estimates it
CHUNK_SECONDS = 0.6
CHUNK_BYTES = 64 * 2**20
REFINEMENT = 4  # each stage of a curve has so many times the points of the one before
COARSEST = 4  # points of a curve at its first stage, at least


def plan(runs: Iterable[RunConfig]) -> list[list[RunConfig]]:
    """Chunks that hold each distinct run once, the first to be trained first."""
    stages = _stages(dict.fromkeys(runs))

    def together(run: RunConfig) -> tuple[object, ...]:
        return stages[run], recipe(run)

    ordered = sorted(stages, key=lambda run: (*together(run), run.num_samples, run.input_dim, run.data_seed))
    chunks: list[list[RunConfig]] = []
    budget = FIRST_CHUNK_SECONDS
    for _, part in itertools.groupby(ordered, key=together):
        for chunk in _filled(part, budget):
            chunks.append(chunk)
            budget = min(budget * 1.5, CHUNK_SECONDS)
    return chunks


def recipe(run: RunConfig) -> tuple[object, ...]:
    """What the runs of a chunk share: all that the optimizer and the number type are made from."""
    return run.dtype, run.optimizer, run.momentum, run.schedule, run.learning_rate, run.num_steps


def _stages(runs: Iterable[RunConfig]) -> dict[RunConfig, tuple[bool, int]]:
    """When each run's turn comes: after the first seed or not, and how fine its N stands in its curve."""
    curves: dict[RunConfig, list[RunConfig]] = {}
    for run in runs:
        curves.setdefault(replace(run, num_samples=1, data_seed=0, init_seed=0), []).append(run)
    stages = {}
    for curve in curves.values():
        first_seed = min((run.data_seed, run.init_seed) for run in curve)
        num_samples = sorted({run.num_samples for run in curve})
        stage_of = {n: _stage(i, len(num_samples)) for i, n in enumerate(num_samples)}
        for run in curve:
            stages[run] = ((run.data_seed, run.init_seed) != first_seed, stage_of[run.num_samples])
    return stages


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


def _filled(runs: Iterable[RunConfig], seconds: float) -> Iterator[list[RunConfig]]:
    """Consecutive runs of about `seconds` each; at least one run."""
    chunk: list[RunConfig] = []
    total_seconds, total_bytes = 0.0, 0
    for run in runs:
        run_seconds, run_bytes = cost.seconds(run), cost.peak_bytes(run)
        if chunk and (total_seconds + run_seconds > seconds or total_bytes + run_bytes > CHUNK_BYTES):
            yield chunk
            chunk, total_seconds, total_bytes = [], 0.0, 0
        chunk.append(run)
        total_seconds += run_seconds
        total_bytes += run_bytes
    yield chunk
