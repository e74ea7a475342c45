"""One executor for several sweeps at once: a task of each in turn.

An executor serves first whoever came first. A sweep that comes later would wait for all that others have already handed
in, and who hands in more at a time would get more of the machine. Here every party has a queue of its own, and no more
tasks are with the executor than it works on: the next is taken from the party whose turn it is. Parties that come anew
have theirs before those that had one, in the order in which they come: for their first task is what somebody waits for.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, NamedTuple, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Place(NamedTuple):
    """A place in the queue.

    Attributes:
        position: 1 for who has the next turn.
        of: how many wait.
    """

    position: int
    of: int


class Turns:
    """Shares an executor.

    Args:
        executor: who works.
        slots: how many tasks it works on at a time: asked again and again, for a cluster may grow.
    """

    def __init__(self, executor: Executor, slots: Callable[[], int]) -> None:
        self.executor = executor
        self._slots = slots
        self._busy = 0
        self._lock = threading.RLock()  # a future that is done at once calls back from within `submit`
        # Those that had a turn before, and those that come anew; of each the first has the next turn.
        self._waiting: OrderedDict[Party, deque[_Task]] = OrderedDict()
        self._new: OrderedDict[Party, deque[_Task]] = OrderedDict()

    def party(self) -> "Party":
        """An executor for one of those who share this one."""
        return Party(self)

    def _submit(self, party: "Party", task: "_Task") -> None:
        with self._lock:
            queue = self._waiting if party.had_a_turn else self._new
            queue.setdefault(party, deque()).append(task)
        self._serve()

    def _serve(self) -> None:
        """Hand over as many tasks as there are free slots."""
        with self._lock:
            while (queue := self._new or self._waiting) and self._busy < self._slots():
                party, tasks = queue.popitem(last=False)
                task = tasks.popleft()
                party.had_a_turn = True
                if tasks:
                    self._waiting[party] = tasks  # behind all others
                if task.outer.set_running_or_notify_cancel():
                    self._busy += 1
                    self._start(task)

    def _start(self, task: "_Task") -> None:
        try:
            inner = self.executor.submit(task.function, *task.args, **task.kwargs)
        except RuntimeError as error:  # it takes no more work; BrokenExecutor is one
            self._busy -= 1
            task.outer.set_exception(error)
            return
        inner.add_done_callback(lambda inner: self._finished(task.outer, inner))

    def _finished(self, outer: "Future[Any]", inner: "Future[Any]") -> None:
        with self._lock:
            self._busy -= 1
        self._serve()  # before the party hears of it, whose answer may take a while
        if inner.cancelled():
            outer.set_exception(CancelledError())
        elif (error := inner.exception()) is not None:
            outer.set_exception(error)
        else:
            outer.set_result(inner.result())


class Party(Executor):
    """One of those who share an executor. Made by `Turns.party`."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.had_a_turn = False

    def place(self) -> Place | None:
        """Where it stands among those who wait for a turn; None if it waits for nothing."""
        with self.turns._lock:
            waiting = [*self.turns._new, *self.turns._waiting]
        return Place(waiting.index(self) + 1, len(waiting)) if self in waiting else None

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        outer: Future[_T] = Future()
        self.turns._submit(self, _Task(outer, fn, args, kwargs))
        return outer


class _Task(NamedTuple):
    outer: "Future[Any]"
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
