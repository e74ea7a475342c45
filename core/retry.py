"""What becomes of work that failed: whether it is tried again, when and beside whom, and what is said if it is not.

Three things go wrong, and none counts as another. Work that raised may be to blame itself: its runs are tried once
more, one by one. A process that died took all with it that was at work beside it: whose fault it was shows when each is
tried alone. And workers that cannot be reached or started are no run's fault: they have half a minute to come back.
"""

import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from typing import NamedTuple

from core.tasks import Task

ATTEMPTS = 2  # of work that raises
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds, between attempts to reach workers

_LESS_MEMORY = "close other programs, or choose a smaller n, V or N"


class Chunk(NamedTuple):
    """Runs that are computed together.

    Attributes:
        runs: of one recipe; see `core.plan`.
        errors: how often computing them raised.
        is_alone: whether they have lost a process, so that nobody else's work may be where they are.
    """

    runs: list[Task]
    errors: int = 0
    is_alone: bool = False


class Retries:
    """What one sweep tries again."""

    def __init__(self) -> None:
        self._resume_at = 0.0
        self._pauses = list(PAUSES)

    @property
    def is_pausing(self) -> bool:
        """Whether workers that were lost are given time, so that nothing should be handed to them."""
        return time.monotonic() < self._resume_at

    def succeeded(self) -> None:
        """Take note that workers work: if they are lost again, they have as much time again."""
        self._pauses = list(PAUSES)

    def after(self, chunk: Chunk, error: BaseException) -> list[Chunk]:
        """In which parts to try again what failed with `error`; none if it has had its chances."""
        if isinstance(error, BrokenExecutor):
            return [] if chunk.is_alone else [chunk._replace(is_alone=True)]
        if _is_outage(error):
            if not self.is_pausing and self._pauses:  # else it was lost together with another
                self._resume_at = time.monotonic() + self._pauses.pop(0)
            return [chunk] if self.is_pausing else []
        errors = chunk.errors + 1
        return [Chunk([run], errors) for run in chunk.runs] if errors < ATTEMPTS else []


def sentence(failed: Sequence[Task], num_runs: int, error: BaseException) -> str:
    """What to tell whoever waits for `num_runs` runs of which some `failed`, the last one with `error`."""
    return (
        f"{len(failed):,} of {num_runs:,} runs have no result ({_shapes(failed)}): {_reason(error)}; all other results "
        "were delivered, and a new start computes only what is missing"
    )


def _is_outage(error: BaseException) -> bool:
    """No worker could be reached or started. (Nothing that is computed reads a file or a connection.)"""
    return isinstance(error, OSError | CancelledError)


def _shapes(runs: Sequence[Task]) -> str:
    values = {
        "n": {run.input_dim for run in runs},
        "V": {run.num_classes for run in runs},
        "N": {run.num_samples for run in runs},
    }
    return ", ".join(
        f"{name} = {min(found):,}" + (f" to {max(found):,}" if len(found) > 1 else "") for name, found in values.items()
    )


def _reason(error: BaseException) -> str:
    told = str(error).strip().partition("\n")[0]
    what = f"{type(error).__name__}: {told}" if told else type(error).__name__
    if isinstance(error, BrokenExecutor):  # what it says is for programmers
        return (
            f"their process was ended twice, most likely because memory ran out ({_LESS_MEMORY}) or because they took "
            "many times longer than estimated"
        )
    if _is_outage(error):
        return f"for {sum(PAUSES):.0f} seconds no worker could be reached or started ({what})"
    if isinstance(error, MemoryError):
        return f"memory ran out twice ({what}); {_LESS_MEMORY}"
    return f"computing them failed twice, the last time with {what}"
