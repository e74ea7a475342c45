"""How far a sweep is, on a terminal."""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from core import cost
from core.tasks import Task

REDRAW_SECONDS = 0.1
LINE_SECONDS = 30.0  # between lines where there is no terminal
BAR_WIDTH = 24


class Progress:
    """A bar with count, rate and time left; where nobody watches, a line now and then.

    Args:
        runs: all there will be.
        stream: where to; None: standard error.
        clock: seconds.
    """

    def __init__(
        self, runs: Sequence[Task], stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count = self.num_computed = 0
        self._stream = stream or sys.stderr
        self._clock = clock
        self._num_runs = len(runs)
        self._left = sum(map(cost.seconds, runs))  # by the estimate, because runs differ
        self._computed = 0.0
        self._began = clock()
        self._is_terminal = self._stream.isatty()
        self._next = self._began + (0.0 if self._is_terminal else LINE_SECONDS)

    def add(self, run: Task, *, computed: bool) -> None:
        """One more is there; `computed`: now, and not found in the cache."""
        self.count += 1
        seconds = cost.seconds(run)
        self._left -= seconds
        now = self._clock()
        if computed:
            self.num_computed += 1
            self._computed += seconds
        else:
            self._began = now  # what comes from the cache comes first, and says nothing of the rest
        if now >= self._next:
            self._next = now + (REDRAW_SECONDS if self._is_terminal else LINE_SECONDS)
            self._show(now)

    def close(self) -> None:
        """Show how it ended."""
        if self._is_terminal:
            self._show(self._clock())
            self._stream.write("\n")

    def _show(self, now: float) -> None:
        words = f"{self.count:,} of {self._num_runs:,}"
        elapsed = now - self._began
        if self._computed and elapsed > 0:
            words += f", {_rate(self.num_computed / elapsed)}"
            if self.count < self._num_runs:
                words += f", {_spoken(self._left * elapsed / self._computed)} left"
        if self._is_terminal:
            done = BAR_WIDTH * self.count // max(1, self._num_runs)
            line = f"[{'#' * done}{'.' * (BAR_WIDTH - done)}] {words}"
            width = shutil.get_terminal_size().columns - 1  # a line that wraps could not be drawn over
            self._stream.write("\r" + line[:width].ljust(min(width, 79)))
        else:
            self._stream.write(words + "\n")
        self._stream.flush()


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f} a second" if per_second >= 10 else f"{per_second:.2g} a second"


def _spoken(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
