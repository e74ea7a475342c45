"""What a step of the lesson runs, and what it is asked."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.result import RunResult
from core.tasks import Sweep
from explorer.jobs import Row

Values = Mapping[str, Any]  # of a page's controls
Spec = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What is there of an experiment at one moment.

    Attributes:
        rows: of the runs that have ended; none before it is revealed.
        results: the whole results of these, for an experiment that looks into them.
        is_complete: whether all are there.
    """

    rows: Sequence[Row] = ()
    results: Sequence[RunResult] = ()
    is_complete: bool = False


@dataclass(frozen=True)
class Experiment:
    """An experiment.

    A class moves its guesses all at once: what does not depend on them is made once for everybody.

    Attributes:
        sweeps: what it runs, for the values of the free page that its step leads to.
        charts: what it looks like without the guess. The last argument is what `depends_on` says.
        guessed: the same charts with the guess drawn in; before it is revealed there is nothing else in them.
        found: the numbers that a guess is held against; asked only when all is there.
        depends_on: what of a guess changes the charts beneath it.
        looks_inside: whether it needs the whole results.
    """

    sweeps: Callable[[Values], tuple[Sweep, ...]]
    charts: Callable[[Values, Seen, Any], list[Spec]]
    guessed: Callable[[list[Spec], Values, Seen, Values], list[Spec]]
    found: Callable[[Values, Seen, Values], tuple[float, ...]]
    depends_on: Callable[[Values], Hashable] = lambda guess: None
    looks_inside: bool = False
