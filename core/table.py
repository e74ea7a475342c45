"""Results as a table in a file: one row a run, its settings and the numbers that charts are drawn from."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from core.config import RunConfig
from core.limits import LimitsResult
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
    "sharpness_converged": ("i1", "whether both converged; empty if not measured"),
    "stability": ("f8", "last learning rate times preconditioned_sharpness"),
    "edge": ("f8", "the largest stability at which a quadratic can be trained"),
}
_NOT_MEASURED = -1  # in `sharpness_converged`, which is true, false or empty outside
_EDGE_DIGITS = 12  # its binary fractions would show as 38.00000000000001
_SETTINGS = tuple(field.name for field in fields(RunConfig))


def limits_numbers(result: LimitsResult) -> dict[str, Any]:
    """The numbers of a data set's limits, by the names that they have in a table.

    verdict: whether the data can be separated; kind: of the optimum of the cross-entropy; optimum_memorized,
    optimum_loss: C and the mean loss [nats] there; memorizable: a lower bound on the most that any weights memorize, 0
    if it was not sought.
    """
    return {
        "verdict": result.verdict,
        "kind": result.kind,
        "optimum_memorized": result.num_memorized,
        "optimum_loss": result.mean_loss,
        "memorizable": result.num_most,
    }


def checked_path(name: str) -> Path:
    """Where a table may be written.

    Raises:
        ValueError: the name ends in neither of `SUFFIXES`, or there is no such folder to write in.
    """
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise ValueError(f"the file of a table must end in {' or '.join(SUFFIXES)}, but it is {name!r}")
    if path.is_dir():
        raise ValueError(f"{name!r} cannot be written: it is a folder")
    try:
        _unfinished(path).touch()
        _unfinished(path).unlink()
    except OSError as error:
        what = f"{str(path.parent)!r} must be a folder that may be written in ({error.strerror})"
        raise ValueError(f"{name!r} cannot be written: {what}") from error
    return path


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def write(columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], path: Path) -> None:
    """A table to a file, which is there whole or not at all.

    Args:
        columns: all of one length.
        path: ends in one of `SUFFIXES`.

    Raises:
        OSError: the file cannot be written.
    """
    import pandas as pd  # which takes half a second to import, and is needed for tables alone

    frame = pd.DataFrame(columns)
    unfinished = _unfinished(path)
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
            sharpness["converged"][-1] and preconditioned["converged"][-1] if len(sharpness) else _NOT_MEASURED,
            float(learning_rates(run)[-1]) * last,
            round(edge_of_stability(run), _EDGE_DIGITS),
        )

    def columns(self) -> dict[str, Any]:
        """By name: the settings of the runs, as in `RunConfig`, then `NUMBERS`."""
        import pandas as pd

        settings = {name: [getattr(run, name) for run in self._runs] for name in _SETTINGS}
        numbers: dict[str, Any] = {name: self._numbers[name] for name in NUMBERS}
        converged = numbers["sharpness_converged"]
        numbers["sharpness_converged"] = pd.arrays.BooleanArray(converged == 1, converged == _NOT_MEASURED)
        return settings | numbers
