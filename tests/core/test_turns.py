"""Whose turn it is: with an executor that works only when told to, with threads, and with processes that die."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

import core.turns
from core.turns import PATIENCE_SECONDS, Party, Place, Turns
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
    assert late.place() == Place(position=1, of=3, is_served=False)
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
    assert (b.place(), a.place(), idle.place()) == ((1, 2, False), (2, 2, True), None)
    executor.work()
    assert (a.place(), b.place()) == ((1, 2, False), (2, 2, True))
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


def test_who_has_left_is_in_nobodys_way() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    parties = [turns.party() for _ in range(5)]
    asked = [ask(party, name, 3) for party, name in zip(parties, "abcde", strict=True)]
    assert parties[4].place() == Place(position=4, of=5, is_served=False)
    for future in [future for futures in asked[:4] for future in futures[1:]] + [asked[1][0], asked[2][0]]:
        assert future.cancel()
    assert parties[4].place() == Place(position=2, of=2, is_served=False)
    assert order(executor) == "adeee"


def test_however_many_come_anew_who_waits_has_every_other_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(core.turns.time, "monotonic", lambda: clock)
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    ask(turns.party(), "o", 20)
    served = ""
    for _ in range(40):
        ask(turns.party(), "n", 1)
        clock += 0.3
        served += executor.work()[0]
    assert served[:7] == "onnnnnn"  # as long as that is bearable, those who come anew are first
    longest = max(map(len, served.split("o")))
    assert longest * 0.3 < PATIENCE_SECONDS + 2 * 0.3


def test_long_tasks_leave_a_slot_to_others() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 2, long_slots=lambda: 1, seconds=lambda name, _: 60.0 if name in "LM" else 0.1)
    ask(turns.party(), "L", 2)
    ask(turns.party(), "M", 2)
    assert [task[2][0] for task in executor.tasks] == ["L"]
    ask(turns.party(), "s", 2)
    assert [task[2][0] for task in executor.tasks] == ["L", "s"]
    assert Counter(order(executor)) == {"L": 2, "M": 2, "s": 2}
    turns = Turns(executor, lambda: 2, seconds=lambda *_: 60.0)  # nobody else is there: none is kept free
    ask(turns.party(), "L", 2)
    assert len(executor.tasks) == 2


def test_what_is_worked_on_is_settled_when_the_turn_comes() -> None:
    executor = ByHand()
    turns = Turns(executor, lambda: 1)
    wanted = {"a", "b"}
    party = turns.party()
    party.prepare = lambda names: (sorted(wanted & set(names)),)
    first, second = party.submit(list, ["a"]), party.submit(list, ["a", "b", "c"])
    wanted.remove("a")
    for _ in range(2):
        executor.work()
    assert (first.result(), second.result()) == (["a"], ["b"])


@pytest.mark.parametrize("error", [RuntimeError("closed"), OSError(28, "No space left on device")])
def test_an_executor_that_refuses_a_task_harms_nobody_else(error: Exception) -> None:
    """Not even who is told at that moment that its task is done."""

    class Refusing(ByHand):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if args[0] == "bad":
                raise error
            return super().submit(fn, *args, **kwargs)

    executor = Refusing()
    turns = Turns(executor, lambda: 1)
    good = ask(turns.party(), "good", 2)
    [bad] = ask(turns.party(), "bad", 1)
    for _ in range(2):
        executor.work()
    assert [future.result(5) for future in good] == [("good", 0), ("good", 1)]
    assert bad.exception(5) is error


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


def test_an_executor_that_is_shut_down_cancels_what_waits_for_it_and_is_not_waited_for() -> None:
    """Its own lock is held while it cancels, and so it cannot be handed the task whose turn it would be."""
    go_on = threading.Event()
    executor = ThreadPoolExecutor(1)
    party = Turns(executor, lambda: 2).party()
    at_work, with_the_executor, waiting = (party.submit(go_on.wait, 60) for _ in range(3))
    shutdown = threading.Thread(target=executor.shutdown, kwargs={"wait": False, "cancel_futures": True}, daemon=True)
    shutdown.start()
    shutdown.join(30)
    assert not shutdown.is_alive()
    assert isinstance(with_the_executor.exception(30), CancelledError)
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        waiting.result(30)
    go_on.set()
    assert at_work.result(30)


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
