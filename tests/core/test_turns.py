"""Whose turn it is: with an executor that works only when told to, with threads, and with processes that die."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from core.turns import Party, Place, Turns
from core.workers import Processes


class ByHand(Executor):
    """Does the oldest task when told to."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks.append((future, fn, args))
        return future

    def work(self) -> Any:
        future, fn, args = self.tasks.pop(0)
        try:
            future.set_result(fn(*args))
        except ValueError as error:
            future.set_exception(error)
        return args


def ask(party: Party, name: str, count: int) -> list[Future[Any]]:
    return [party.submit(lambda name, i: (name, i), name, i) for i in range(count)]


def order(executor: ByHand) -> str:
    done = []
    while executor.tasks:
        done.append(executor.work()[0])
    return "".join(done)


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_each_party_has_one_task_in_turn(slots: int) -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: slots)
    a, b, c = (turns.party() for _ in range(3))
    futures = ask(a, "a", 6) + ask(b, "b", 3) + ask(c, "c", 2)
    assert len(executor.tasks) == slots
    done = order(executor)
    assert Counter(done) == {"a": 6, "b": 3, "c": 2}
    after_all_came = done[slots:]
    for round_ in range(2):  # as long as all three wait
        assert sorted(after_all_came[3 * round_ : 3 * round_ + 3]) == ["a", "b", "c"]
    assert [future.result() for future in futures[:6]] == [("a", i) for i in range(6)]  # each party's in its order


def test_who_comes_anew_is_next_but_once_only() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    a, b, late = (turns.party() for _ in range(3))
    ask(a, "a", 9)
    ask(b, "b", 9)
    for _ in range(3):
        executor.work()
    before = executor.tasks[0][2][0]
    ask(late, "c", 9)
    assert late.place() == Place(position=1, of=3)
    done = order(executor)
    assert done[0] == before
    assert done[1] == "c"
    first = done[:10]
    assert first.count("c") in (3, 4)


def test_those_who_come_anew_are_served_in_their_order() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    old = turns.party()
    ask(old, "o", 9)
    executor.work()
    executor.work()
    for name in "abcd":
        ask(turns.party(), name, 3)
    assert order(executor)[1:5] == "abcd"


def test_its_place_is_told_to_who_waits() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    a, b, idle = (turns.party() for _ in range(3))
    ask(a, "a", 2)
    ask(b, "b", 2)
    assert (b.place(), a.place(), idle.place()) == ((1, 2), (2, 2), None)
    executor.work()
    assert (a.place(), b.place()) == ((1, 2), (2, 2))
    order(executor)
    assert (a.place(), b.place()) == (None, None)


def test_a_task_that_is_cancelled_takes_no_turn() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    a, b = turns.party(), turns.party()
    futures = ask(a, "a", 3)
    ask(b, "b", 2)
    assert all(future.cancel() for future in futures[1:])
    assert not futures[0].cancel()  # the executor has it
    assert order(executor) == "abb"
    assert all(future.cancelled() for future in futures[1:])


def test_an_executor_that_grows_is_given_more() -> None:
    executor, slots = ByHand(), 1
    turns = Turns(executor, lambda: slots)
    ask(turns.party(), "a", 6)
    assert len(executor.tasks) == 1
    slots = 3
    executor.work()
    assert len(executor.tasks) == 3


def test_an_error_is_its_own_partys_only() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    a, b = turns.party(), turns.party()

    def fail(name: str) -> None:
        raise ValueError(name)

    bad = a.submit(fail, "no")
    good = ask(b, "b", 2)
    order(executor)
    with pytest.raises(ValueError, match="no"):
        bad.result()
    assert [future.result() for future in good] == [("b", 0), ("b", 1)]


def test_an_executor_that_is_closed_or_drops_its_tasks_holds_up_nobody() -> None:
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    turns = Turns(closed, lambda: 1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            turns.party().submit(int).result(5)
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    dropped, next_one = ask(turns.party(), "a", 2)
    executor.tasks.pop(0)[0].cancel()
    with pytest.raises(CancelledError):
        dropped.result(5)
    order(executor)
    assert next_one.result(5) == ("a", 1)


def test_many_threads_hand_in_at_once_and_nothing_is_lost() -> None:
    busy, most, lock = 0, 0, threading.Lock()

    def work(i: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.0005)
        with lock:
            busy -= 1
        return i

    with ThreadPoolExecutor(8) as executor:
        turns = Turns(executor, lambda: 3)
        found: list[list[int]] = []

        def hand_in() -> None:
            party = turns.party()
            futures = [party.submit(work, i) for i in range(100)]
            found.append([future.result(30) for future in futures])

        threads = [threading.Thread(target=hand_in) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [list(range(100))] * 8
    assert most == 3


def test_after_a_worker_was_killed_the_others_have_their_turns() -> None:
    with Processes() as processes:
        turns = Turns(processes, lambda: 2)
        killer, other = turns.party(), turns.party()
        assert killer.submit(abs, -1).result(60) == 1
        killed = killer.submit(os._exit, 1)
        futures = [other.submit(abs, -i) for i in range(20)]
        assert wait([killed, *futures], timeout=60).not_done == set()
        assert killed.exception() is not None
        # What was with the pool when it broke is lost, and `sweep` hands it in again.
        lost = [i for i, future in enumerate(futures) if future.exception() is not None]
        assert len(lost) <= 2
        assert [other.submit(abs, -i).result(60) for i in lost] == lost
