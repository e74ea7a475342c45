"""One executor for several sweeps at once: a task of each in turn.

An executor serves first whoever came first. A sweep that comes later would wait for all that others have already handed
in, and who hands in more at a time would get more of the machine. Here every party has a queue of its own, and no more
tasks are with the executor than it works on: the next is taken from the party whose turn it is. Parties that come anew
have theirs before those that had one, in the order in which they come: for their first task is what somebody waits for.
But whoever has waited for `PATIENCE_SECONDS` has every other turn, however many come anew. And tasks that take long may
be kept from taking all of the executor, for none of them gives way before it has ended.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, NamedTuple, ParamSpec, TypeVar

PATIENCE_SECONDS = 5.0
LONG_SECONDS = 5.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Place(NamedTuple):
    """A place in the queue.

    Attributes:
        position: 1 for who has the next turn.
        of: how many wait.
        is_served: whether the executor is at work on another task of the same party.
    """

    position: int
    of: int
    is_served: bool


class Turns:
    """Shares an executor.

    Args:
        executor: who works.
        slots: how many tasks it works on at a time: asked again and again, for a cluster may grow.
        long_slots: how many of them may be long ones; None: all. One is allowed in any case.
        seconds: how long a task will take, from its arguments.
    """

    def __init__(
        self,
        executor: Executor,
        slots: Callable[[], int],
        long_slots: Callable[[], int] | None = None,
        seconds: Callable[..., float] = lambda *_: 0.0,
    ) -> None:
        self.executor = executor
        self.seconds = seconds
        self._slots = slots
        self._long_slots = long_slots or slots
        self._busy = 0
        self._long = 0  # of those at work
        self._lock = threading.RLock()  # a future that is done at once calls back from within `submit`
        # Those that had a turn before, and those that come anew; of each the first has the next turn.
        self._waiting: OrderedDict[Party, deque[_Task]] = OrderedDict()
        self._new: OrderedDict[Party, deque[_Task]] = OrderedDict()
        self._last_was_new = False

    def party(self) -> "Party":
        """An executor for one of those who share this one."""
        return Party(self)

    def _submit(self, party: "Party", task: "_Task") -> None:
        with self._lock:
            queue = self._waiting if party.had_a_turn else self._new
            if party not in queue:
                queue[party], party.waits_since = deque(), time.monotonic()
            queue[party].append(task)
        task.outer.add_done_callback(lambda outer: self._forget(party, task) if outer.cancelled() else None)
        self._serve()

    def _forget(self, party: "Party", task: "_Task") -> None:
        """Take a task out that was cancelled while it waited: who has no other waits no more."""
        with self._lock:
            for queue in (self._new, self._waiting):
                if task in queue.get(party, ()):
                    queue[party].remove(task)
                    if not queue[party]:
                        del queue[party]

    def _serve(self) -> None:
        """Hand over as many tasks as there are free slots."""
        with self._lock:
            while self._busy < self._slots() and (party := self._next()) is not None:
                queue = self._new if party in self._new else self._waiting
                self._last_was_new = queue is self._new
                tasks = queue.pop(party)
                task = tasks.popleft()
                party.had_a_turn, party.waits_since = True, time.monotonic()
                if tasks:
                    self._waiting[party] = tasks  # behind all others
                if task.outer.set_running_or_notify_cancel():
                    self._start(party, task)

    def _next(self) -> "Party | None":
        """Whose turn it is: nobody's, if all that wait have long tasks, and the slots for those are taken."""
        may_be_long = self._long < max(1, self._long_slots())
        new, waiting = (
            next((party for party, tasks in queue.items() if may_be_long or not tasks[0].is_long), None)
            for queue in (self._new, self._waiting)
        )
        if new is None or waiting is None:
            return new or waiting
        is_tired = time.monotonic() - waiting.waits_since > PATIENCE_SECONDS
        return waiting if is_tired and self._last_was_new else new

    def _start(self, party: "Party", task: "_Task") -> None:
        self._busy += 1
        self._long += task.is_long
        party.num_served += 1
        try:
            inner = self.executor.submit(task.function, *party.prepare(*task.args), **task.kwargs)
        except Exception as error:  # it takes no more work, or has no means to: no other party's business
            inner = Future()
            inner.set_exception(error)
        inner.add_done_callback(lambda inner: self._hear(party, task, inner))

    def _hear(self, party: "Party", task: "_Task", inner: "Future[Any]") -> None:
        if inner.cancelled():
            # By the executor, which may hold a lock meanwhile that it needs to take the next task (as the standard
            # library's threads do in `shutdown`), and whoever hands it one right now holds ours.
            threading.Thread(target=self._finished, args=(party, task, inner), name="turns", daemon=True).start()
        else:
            self._finished(party, task, inner)

    def _finished(self, party: "Party", task: "_Task", inner: "Future[Any]") -> None:
        with self._lock:
            self._busy -= 1
            self._long -= task.is_long
            party.num_served -= 1
        self._serve()  # before the party hears of it, whose answer may take a while
        if inner.cancelled():
            task.outer.set_exception(CancelledError())
        elif (error := inner.exception()) is not None:
            task.outer.set_exception(error)
        else:
            task.outer.set_result(inner.result())


class Party(Executor):
    """One of those who share an executor. Made by `Turns.party`.

    Attributes:
        prepare: gets the arguments of a task when its turn comes, and returns those with which it is worked on.
    """

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.prepare: Callable[..., tuple[Any, ...]] = lambda *args: args
        self.had_a_turn = False
        self.waits_since = 0.0
        self.num_served = 0

    def place(self) -> Place | None:
        """Where it stands among those who wait for a turn; None if it waits for nothing."""
        with self.turns._lock:
            waiting = [*self.turns._new, *self.turns._waiting]
            if self not in waiting:
                return None
            return Place(waiting.index(self) + 1, len(waiting), self.num_served > 0)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        outer: Future[_T] = Future()
        is_long = self.turns.seconds(*args) > LONG_SECONDS
        self.turns._submit(self, _Task(outer, fn, args, kwargs, is_long))
        return outer


class _Task(NamedTuple):
    outer: "Future[Any]"
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_long: bool
