"""Results as a table in a file: one row a run, its settings and the numbers that charts are drawn from."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from core.config import RunConfig
from core.memorization import BITS, memorized_bits
from core.result import RunResult
from core.schedule import learning_rates
from core.sharpness import edge_of_stability

SUFFIXES = (".csv", ".parquet")
# Dtype and words of each number. They are kept as arrays: of 100,000 runs they take 10 MB.
NUMBERS = {
    "num_memorized": ("i8", "C, samples that the final weights classify as labelled"),
    "initial_loss": ("f8", "mean cross-entropy before training [nats]"),
    "final_loss": ("f8", "mean cross-entropy after training [nats]"),
    "diverged": ("?", "whether final_loss is no finite number"),
    **{f"bits_{name}": ("f8", f"bits in memory by the definition {name!r}") for name in BITS},
    "last_learned": ("i8", "the last step at which a sample was memorized for the first time; -1: none ever was"),
    "forgetting_events": ("i8", "how often samples were forgotten, all together"),
    "sharpness": ("f8", "largest eigenvalue of the loss's Hessian at the end; empty (NaN) if not measured"),
    "preconditioned_sharpness": ("f8", "the same in the optimizer's own metric"),
    "sharpness_converged": ("?", "whether both were measured and converged"),
    "stability": ("f8", "last learning rate times preconditioned_sharpness"),
    "edge": ("f8", "the largest stability at which a quadratic can be trained"),
}
_SETTINGS = tuple(field.name for field in fields(RunConfig))


def checked_path(name: str) -> Path:
    """Where a table may be written.

    Raises:
        ValueError: the name ends in neither of `SUFFIXES`, or there is no such folder to write in.
    """
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise ValueError(f"the file of a table must end in {' or '.join(SUFFIXES)}, but it is {name!r}")
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ValueError(f"{name!r} cannot be written: {str(path.parent)!r} must be a folder that may be written in")
    return path


def write(columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], path: Path) -> None:
    """A table to a file, which is there whole or not at all.

    Args:
        columns: all of one length.
        path: ends in one of `SUFFIXES`.

    Raises:
        OSError: the file cannot be written.
    """
    import pandas as pd  # which takes half a second to import, and is needed here alone

    frame = pd.DataFrame(columns)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.suffix == ".csv":
            frame.to_csv(unfinished, index=False)
        else:
            frame.to_parquet(unfinished, index=False)
        os.replace(unfinished, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()


class RunTable:
    """The rows of a sweep, filled in as results come, in whatever order.

    Args:
        runs: one row each, in this order; no two are equal.
    """

    def __init__(self, runs: Sequence[RunConfig]) -> None:
        self._runs = runs
        self._row_of = {run: row for row, run in enumerate(runs)}
        self._numbers = np.zeros(len(runs), np.dtype([(name, kind) for name, (kind, _) in NUMBERS.items()]))

    def add(self, result: RunResult) -> None:
        """Keep the numbers of a result, and not the result."""
        run = result.config
        sharpness, preconditioned = result.sharpness_at, result.preconditioned_sharpness_at
        nan = float("nan")
        last = float(preconditioned["value"][-1]) if len(preconditioned) else nan
        self._numbers[self._row_of[run]] = (
            result.num_memorized,
            result.initial_loss.mean(),
            result.mean_loss,
            result.diverged,
            *(memorized_bits(result, definition) for definition in BITS),
            result.first_step.max(),
            result.forgetting_events.sum(),
            float(sharpness["value"][-1]) if len(sharpness) else nan,
            last,
            bool(len(sharpness)) and bool(sharpness["converged"][-1] and preconditioned["converged"][-1]),
            float(learning_rates(run)[-1]) * last,
            edge_of_stability(run),
        )

    def columns(self) -> dict[str, Any]:
        """By name: the settings of the runs, as in `RunConfig`, then `NUMBERS`."""
        settings = {name: [getattr(run, name) for run in self._runs] for name in _SETTINGS}
        return settings | {name: self._numbers[name] for name in NUMBERS}
