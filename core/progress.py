"""How far a sweep is, on a terminal."""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from core import cost
from core.duration import duration
from core.tasks import Task

REDRAW_SECONDS = 0.1
LINE_SECONDS = 30.0  # between lines where there is no terminal
SETTLING_SECONDS = 1.0  # from the first result: workers start one after the other, and results come by the chunk
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
        self._num_measured, self._measured = 0, 0.0  # runs and their cost, as computed from `_since` to `_latest`
        self._first: float | None = None
        self._since = self._latest = 0.0
        self._is_terminal = self._stream.isatty()
        self._next = clock() + (0.0 if self._is_terminal else LINE_SECONDS)

    def add(self, run: Task, *, computed: bool) -> None:
        """One more is there; `computed`: now, and not found in the cache."""
        self.count += 1
        seconds = cost.seconds(run)
        self._left -= seconds
        now = self._clock()
        if now >= self._next:  # before it is measured: it may be the first of many that come together
            self._next = now + (REDRAW_SECONDS if self._is_terminal else LINE_SECONDS)
            self._show()
        if computed:
            self.num_computed += 1
            self._measure(seconds, now)

    def _measure(self, seconds: float, now: float) -> None:
        self._first = self._first or now
        if now - self._first < SETTLING_SECONDS:
            self._since = now
        else:
            self._num_measured += 1
            self._measured += seconds
        self._latest = now

    def close(self) -> None:
        """Show how it ended."""
        if self._is_terminal:
            self._show()
            self._stream.write("\n")

    def _show(self) -> None:
        words = f"{self.count:,} of {self._num_runs:,}"
        elapsed = self._latest - self._since
        if self._num_measured and elapsed >= SETTLING_SECONDS:
            words += f", {_rate(self._num_measured / elapsed)}"
            if self.count < self._num_runs:
                words += f", {duration(self._left * elapsed / self._measured)} left"
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
