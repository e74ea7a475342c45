"""A sweep as a stream: every run once, on any executor, stopped at once, and complete or said to be incomplete."""

import errno
import multiprocessing
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core import (
    IncompleteSweepError,
    LimitsConfig,
    LimitsResult,
    RunConfig,
    RunResult,
    limits,
    retry,
    sweep,
    train,
    workers,
)
from core.plan import plan
from core.sweep import CHUNKS_PER_WORKER
from core.tasks import Task
from core.work import Result
from core.workers import Processes, Stopped, num_workers, size

SHORT = RunConfig(3, 3, 12, num_steps=20)
# Runs of different learning rates never share a chunk: twelve chunks of two runs.
RUNS = [replace(SHORT, learning_rate=0.01 * rate, num_samples=samples) for rate in range(1, 13) for samples in (12, 5)]
LIMITS = [
    LimitsConfig(3, 3, size, data_seed=seed, most=most)
    for size in (12, 40)
    for seed in (0, 1)
    for most in (False, True)
]
MIX: list[Task] = [task for pair in zip(RUNS, LIMITS, strict=False) for task in pair] + RUNS[len(LIMITS) :]
# Hours of work for whoever does not stop; the estimate of the second is low enough for threads.
HOURS = replace(SHORT, input_dim=200, num_classes=200, num_samples=5_000, num_steps=100_000)
ENDLESS = replace(SHORT, num_steps=100_000)


def training_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("train")]


class Notebook:
    """A cache in memory that notes who asks it."""

    def __init__(self, *results: Result) -> None:
        self.results: dict[Task, Result] = {result.config: result for result in results}
        self.asked: Counter[Task] = Counter()
        self.told: Counter[Task] = Counter()
        self.threads: set[int] = set()

    def get(self, run: Task, /) -> Result | None:
        self.asked[run] += 1
        self.threads.add(threading.get_ident())
        return self.results.get(run)

    def put(self, result: Result, /) -> None:
        self.told[result.config] += 1
        self.threads.add(threading.get_ident())
        self.results[result.config] = result


class Recorder(ThreadPoolExecutor):
    """Threads that remember what was submitted, and how much of it was on its way at once."""

    def __init__(self) -> None:
        super().__init__(2, thread_name_prefix="recorded")
        self.futures: list[Future[Any]] = []
        self.chunks: list[list[Task]] = []
        self.delivered = 0
        self.most_on_their_way = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = self._future(fn, *args)
        self.futures.append(future)
        self.chunks.append(args[0])
        on_their_way = sum(map(len, self.chunks)) - self.delivered
        self.most_on_their_way = max(self.most_on_their_way, on_their_way)
        return future

    def _future(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        return super().submit(fn, *args)


class Unreliable(Recorder):
    """Fails the first `failures` submissions of the chunk that holds `victim`."""

    def __init__(self, victim: Task, failures: int) -> None:
        super().__init__()
        self._victim = victim
        self._failures_left = failures

    def _future(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        if self._victim not in args[0] or not self._failures_left:
            return super()._future(fn, *args)
        self._failures_left -= 1
        future: Future[Any] = Future()
        future.set_exception(RuntimeError("the worker was lost"))
        return future


class Inline(Executor):
    """The least that an executor can be: at once, here."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def same_as_train(results: list[RunResult], runs: list[RunConfig]) -> bool:
    found = {result.config: result for result in results}
    assert len(found) == len(results)
    assert found.keys() == set(runs)
    for expected in train(runs):
        result = found[expected.config]
        np.testing.assert_array_equal(result.memorized, expected.memorized)
        np.testing.assert_allclose(result.final_loss, expected.final_loss, rtol=1e-5)  # the contract of core
        np.testing.assert_allclose(result.loss_at, expected.loss_at, rtol=1e-5)
    return True


# --- every run, once --------------------------------------------------------------------------------------------------


def test_a_sweep_gives_what_train_gives() -> None:
    assert same_as_train(list(sweep(RUNS)), RUNS)
    assert list(sweep([])) == []


@pytest.mark.parametrize(
    "make_executor",
    [
        Inline,
        lambda: ThreadPoolExecutor(3),
        lambda: ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")),
    ],
    ids=["inline", "threads", "processes"],
)
def test_any_executor_will_do(make_executor: Callable[[], Executor]) -> None:
    with make_executor() as executor:
        assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)


def test_a_run_that_stands_there_twice_is_trained_once() -> None:
    with Recorder() as executor:
        assert same_as_train(list(sweep(RUNS + RUNS[::-1], executor=executor)), RUNS)
    assert Counter(run for chunk in executor.chunks for run in chunk) == Counter(RUNS)


def test_work_is_given_out_in_the_order_of_the_plan() -> None:
    with Recorder() as executor:
        list(sweep(RUNS[::-1], executor=executor))
    assert executor.chunks == plan(RUNS[::-1])


def test_runs_that_shall_come_first_do() -> None:
    last = plan(RUNS)[-1]
    with Recorder() as executor:
        assert same_as_train(list(sweep(RUNS, executor=executor, first=last)), RUNS)
    assert executor.chunks == plan(RUNS, first=last)
    assert executor.chunks[0][0] in last


def test_only_a_few_runs_are_on_their_way_at_any_time() -> None:
    """So memory stays flat: results wait in the consumer's hands, not in the sweep's."""
    with Recorder() as executor:
        for result in sweep(RUNS, executor=executor):
            executor.delivered += 1
            assert result.config in RUNS
    largest_chunk = max(map(len, executor.chunks))
    assert len(executor.chunks) > CHUNKS_PER_WORKER * size(executor)
    # A chunk leaves one run after another, and its place is taken before its last run was counted here.
    assert executor.most_on_their_way <= (CHUNKS_PER_WORKER * size(executor) + 1) * largest_chunk


def test_as_much_is_on_its_way_as_the_executor_has_workers_at_the_moment() -> None:
    class Growing(Recorder):
        num_workers = 1

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            on_their_way.append(1 + sum(not future.done() for future in self.futures))
            if len(on_their_way) == len(RUNS) // 4:
                self.num_workers = 3
            return super().submit(fn, *args, **kwargs)

    on_their_way: list[int] = []
    slow = [replace(run, num_steps=500) for run in RUNS]
    with Growing() as executor:
        assert same_as_train(list(sweep(slow, executor=executor)), slow)
    small = len(RUNS) // 4
    assert max(on_their_way[:small]) <= CHUNKS_PER_WORKER < max(on_their_way[small:]) <= 3 * CHUNKS_PER_WORKER


# --- limits beside runs -----------------------------------------------------------------------------------------------


def same_as_direct(results: list[Result], tasks: list[Task]) -> bool:
    """Each once, runs as of `train` and limits as of `limits`, which are the same to the last bit wherever solved."""
    assert Counter(result.config for result in results) == Counter(set(tasks))
    trained = [result for result in results if isinstance(result, RunResult)]
    solved = {result.config: result for result in results if isinstance(result, LimitsResult)}
    assert len(trained) + len(solved) == len(results)
    for expected in limits(list(solved)):
        result = solved[expected.config]
        for name in ("memorized", "final_loss", "weights", "gradient_norm", "most_memorized", "most_weights"):
            np.testing.assert_array_equal(getattr(result, name), getattr(expected, name), err_msg=name)
        assert (result.kind, result.verdict) == (expected.kind, expected.verdict)
    return same_as_train(trained, [task for task in dict.fromkeys(tasks) if isinstance(task, RunConfig)])


@pytest.mark.parametrize(
    "make_executor",
    [
        Inline,
        lambda: ThreadPoolExecutor(3),
        Processes,
        lambda: ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")),
    ],
    ids=["inline", "threads", "processes of ours", "processes of the library"],
)
def test_a_mix_gives_each_result_once_and_as_if_it_were_alone(make_executor: Callable[[], Executor]) -> None:
    with make_executor() as executor:
        assert same_as_direct(list(sweep(MIX + MIX[::-1], executor=executor)), MIX)


def test_a_sweep_of_limits_alone_needs_nothing_of_runs() -> None:
    assert same_as_direct(list(sweep(LIMITS)), list(LIMITS))


def test_a_device_that_cannot_be_used_is_no_matter_to_limits() -> None:
    assert {result.config for result in sweep(LIMITS, device="tpu")} == set(LIMITS)
    with pytest.raises(ValueError, match=r"^device must be one that PyTorch can use"):
        list(sweep(MIX, device="tpu"))


def test_a_mix_comes_from_the_cache_the_second_time() -> None:
    cache = Notebook()
    first = {result.config: result for result in sweep(MIX, cache=cache)}
    assert cache.told == Counter(MIX)
    with Recorder() as executor:
        again = list(sweep(MIX, cache=cache, executor=executor))
    assert again == [first[task] for task in MIX]  # these very objects
    assert executor.futures == []
    # The most that is memorizable is another question than the optimum, on the same data.
    other = LimitsConfig(3, 3, 13)
    list(sweep([other], cache=cache))
    with Recorder() as executor:
        list(sweep([LimitsConfig(3, 3, 13, most=True)], cache=cache, executor=executor))
    assert len(executor.futures) == 1


@pytest.mark.parametrize("make_executor", [workers.threads, Processes], ids=["threads", "processes"])
def test_solving_stops_in_mid_chunk(make_executor: Callable[[], Executor]) -> None:
    """A second into minutes of it, and the workers take other work at once."""
    minutes = [LimitsConfig(100, 40, 2_000, data_seed=seed, most=True) for seed in range(2 * num_workers())]
    with make_executor() as executor:
        began = time.monotonic()
        assert list(sweep(minutes, executor=executor, should_stop=lambda: time.monotonic() > began + 1)) == []
        assert same_as_direct(list(sweep(MIX, executor=executor)), MIX)
        assert time.monotonic() - began < 30


def test_limits_that_fail_twice_are_counted_and_the_runs_delivered() -> None:
    """Of its chunk the one that fails: the others are computed without it."""
    cache = Notebook()
    with (
        Unreliable(LIMITS[0], failures=2) as executor,
        pytest.raises(IncompleteSweepError, match=rf"^1 of {len(MIX)} runs .*the worker was lost"),
    ):
        list(sweep(MIX, cache=cache, executor=executor))
    assert cache.told == Counter([task for task in MIX if task != LIMITS[0]])


# --- the cache --------------------------------------------------------------------------------------------------------


def test_what_the_cache_has_comes_first_and_is_not_trained() -> None:
    known = train(RUNS[10:14])
    cache = Notebook(*known)
    with Recorder() as executor:
        results = list(sweep(RUNS, cache=cache, executor=executor))
    assert results[:4] == known  # these very objects
    assert same_as_train(results, RUNS)
    missing = [run for run in RUNS if run not in RUNS[10:14]]
    assert Counter(run for chunk in executor.chunks for run in chunk) == Counter(missing)
    assert cache.asked == Counter(RUNS)
    assert cache.told == Counter(missing)


def test_a_second_sweep_trains_nothing() -> None:
    cache = Notebook()
    first = {result.config: result for result in sweep(RUNS, cache=cache)}
    with Recorder() as executor:
        assert list(sweep(RUNS, cache=cache, executor=executor)) == [first[run] for run in RUNS]
    assert executor.futures == []


def test_the_cache_is_used_from_the_callers_thread_alone() -> None:
    cache = Notebook(*train(RUNS[:2]))
    list(sweep(RUNS, cache=cache, executor=ThreadPoolExecutor(3)))
    assert cache.threads == {threading.get_ident()}


def test_what_was_delivered_before_a_stop_is_kept() -> None:
    cache = Notebook()
    delivered: list[RunConfig] = []
    results = sweep(RUNS, cache=cache, executor=Inline(), should_stop=lambda: len(delivered) >= 5)
    delivered.extend(result.config for result in results)
    assert 5 <= len(delivered) < len(RUNS)
    assert cache.told == Counter(delivered)


# --- an early end -----------------------------------------------------------------------------------------------------


def test_threads_stop_in_mid_chunk() -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += threading.current_thread().name.startswith("train")
        return asked >= 50  # steps into the training

    assert list(sweep([ENDLESS, replace(ENDLESS, learning_rate=0.1)], should_stop=should_stop)) == []
    assert training_threads() == []
    assert 50 <= asked < 100  # of 100,000 steps


def test_a_sweep_told_to_stop_before_it_began_does_nothing() -> None:
    cache = Notebook(*train(RUNS[:2]))
    with Recorder() as executor:
        assert list(sweep(RUNS, cache=cache, executor=executor, should_stop=lambda: True)) == []
    assert executor.futures == []


def test_closing_the_generator_leaves_no_thread() -> None:
    results = sweep([*RUNS, replace(ENDLESS, learning_rate=1)])
    next(results)
    results.close()
    assert training_threads() == []


def test_closing_the_generator_leaves_no_work_to_the_executor() -> None:
    first = RUNS[0]  # planned before the others: its learning rate is the smallest
    with Recorder() as executor:
        results = sweep([first, *(replace(HOURS, learning_rate=rate) for rate in (0.1, 0.2, 0.3))], executor=executor)
        assert next(results).config == first
        while not any(future.running() for future in executor.futures):
            time.sleep(0.01)
        results.close()
        wait(executor.futures)
        ends = {"cancelled" if future.cancelled() else type(future.exception()) for future in executor.futures}
        assert Stopped in ends
        assert ends <= {type(None), Stopped, "cancelled"}
        assert executor.submit(len, RUNS).result() == len(RUNS)  # it is the caller's, and goes on


def test_an_executor_of_ones_own_is_not_shut_down() -> None:
    with ThreadPoolExecutor(1) as executor:
        list(sweep(RUNS, executor=executor))
        assert executor.submit(len, "abc").result() == 3


# --- workers that fail ------------------------------------------------------------------------------------------------


def test_a_lost_worker_is_tried_once_more(caplog: pytest.LogCaptureFixture) -> None:
    with Unreliable(RUNS[0], failures=1) as executor:
        assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)
    assert Counter(run for chunk in executor.chunks for run in chunk)[RUNS[0]] == 2
    assert "the worker was lost" in caplog.text


def test_runs_that_fail_twice_are_named_after_all_others_were_delivered() -> None:
    cache = Notebook()
    results = []
    with (
        Unreliable(RUNS[0], failures=2) as executor,
        pytest.raises(IncompleteSweepError, match=r"^1 of 24 runs .*the worker was lost") as error,
    ):
        results.extend(sweep(RUNS, cache=cache, executor=executor))
    # `extend` was cut short by the error, so the cache is who knows.
    assert cache.told == Counter(RUNS[1:])
    assert isinstance(error.value.__cause__, RuntimeError)


def test_a_new_start_trains_only_what_is_missing() -> None:
    cache = Notebook()
    with Unreliable(RUNS[0], failures=2) as executor, pytest.raises(IncompleteSweepError):
        list(sweep(RUNS, cache=cache, executor=executor))
    missing = [run for run in RUNS if not cache.told[run]]
    with Recorder() as executor:
        assert same_as_train(list(sweep(RUNS, cache=cache, executor=executor)), RUNS)
    assert Counter(run for chunk in executor.chunks for run in chunk) == Counter(missing)


class Broken(Executor):
    """As the standard library's process pool once one of its processes was killed: every later submission raises."""

    def __init__(self) -> None:
        self._is_broken = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._is_broken:
            raise BrokenExecutor("a process was killed")
        self._is_broken = True
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("a process was killed"))
        return future


def test_an_executor_that_is_gone_leaves_an_incomplete_sweep() -> None:
    with pytest.raises(IncompleteSweepError, match=r"^24 of 24 runs .*their process was ended twice") as error:
        list(sweep(RUNS, executor=Broken()))
    assert str(error.value.__cause__) == "a process was killed"


class Scripted(Recorder):
    """Ends what is submitted as a script says: with an error, or, where it says None and when it is over, well."""

    def __init__(self, *script: Exception | None) -> None:
        super().__init__()
        self._script = list(script)
        self.alone: list[list[Task]] = []

    def submit_alone(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        self.alone.append(args[0])
        return self.submit(fn, *args)

    def _future(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        error = self._script.pop(0) if self._script else None
        if error is None:
            return super()._future(fn, *args)
        future: Future[Any] = Future()
        future.set_exception(error)
        return future


KILLED = BrokenExecutor("a process was killed")
RAISED = ZeroDivisionError("a fault")


def test_a_run_that_raised_once_may_lose_its_worker_to_others_besides() -> None:
    """Nor does the loss count as an error, or an error as a loss."""
    pair = RUNS[:2][::-1]  # one chunk as it is planned, whose runs are tried one by one once it has raised
    singles = [pair[:1], pair[1:]]
    assert plan(pair) == [pair]
    with Scripted(RAISED, KILLED, KILLED) as executor:
        assert same_as_train(list(sweep(pair, executor=executor)), pair)
    assert Counter(map(tuple, executor.alone)) == Counter(map(tuple, singles))
    with Scripted(KILLED, RAISED, KILLED, KILLED) as executor:  # alone, the chunk raised
        assert same_as_train(list(sweep(pair, executor=executor)), pair)
    assert Counter(map(tuple, executor.alone)) == Counter(map(tuple, [pair, *singles]))
    with Scripted(KILLED, KILLED) as executor, pytest.raises(IncompleteSweepError, match=r"^2 of 2 .*memory"):
        list(sweep(pair, executor=executor))
    with (
        Scripted(*[RAISED] * 3) as executor,
        pytest.raises(IncompleteSweepError, match=r"^2 of 2 .*ZeroDivision.*fault"),
    ):
        list(sweep(pair, executor=executor))


class Refusing(Recorder):
    """Raises from `submit` itself, as often as told."""

    def __init__(self, error: Exception, times: int) -> None:
        super().__init__()
        self._error = error
        self._times_left = times
        self.refused = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._times_left:
            self._times_left -= 1
            self.refused += 1
            raise self._error
        return super().submit(fn, *args, **kwargs)


OUTAGES = [OSError(errno.EMFILE, "Too many open files"), ConnectionError("the connection to the scheduler is lost")]


@pytest.mark.parametrize("error", OUTAGES, ids=["no means to start", "no connection"])
def test_workers_that_are_out_of_reach_for_a_while_cost_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than any number of retries at once: each attempt that fails is followed by a pause for all chunks."""
    monkeypatch.setattr(retry, "PAUSES", (0.05,) * 40)
    with Refusing(error, times=4 * CHUNKS_PER_WORKER * 2) as executor:
        assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)
    assert executor.refused == 4 * CHUNKS_PER_WORKER * 2


@pytest.mark.parametrize("error", OUTAGES, ids=["no means to start", "no connection"])
def test_workers_that_never_come_back_are_waited_for_once(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES", (0.02, 0.04, 0.08))
    with (
        Refusing(error, times=1_000_000) as executor,
        pytest.raises(IncompleteSweepError, match=re.escape(str(error))) as told,
    ):
        list(sweep(RUNS, executor=executor))
    assert re.match(r"24 of 24 runs have no result .* no worker could be reached or started", str(told.value))
    first, num_chunks = CHUNKS_PER_WORKER * size(executor), len(plan(RUNS))
    # Those that were there first are tried once more after each pause; who comes after them does not wait at all.
    assert num_chunks + 3 <= executor.refused <= num_chunks + 3 * first


def test_a_sweep_stops_while_it_waits_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES", (3_600.0,))
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > len(RUNS) + 10

    with Refusing(OUTAGES[1], times=1_000_000) as executor:
        assert list(sweep(RUNS, executor=executor, should_stop=should_stop)) == []


def test_what_the_executor_itself_cancels_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """As dask does with all that is on its way when it loses its scheduler."""

    class Cancelling(Recorder):
        def _future(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
            if len(self.futures) >= times:
                return super()._future(fn, *args)
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    monkeypatch.setattr(retry, "PAUSES", (0.02, 0.04))
    times = 1
    with Cancelling() as executor:
        assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)
    times = 1_000
    with Cancelling() as executor, pytest.raises(IncompleteSweepError, match="the executor cancelled it"):
        list(sweep(RUNS, executor=executor))


def test_a_stopped_sweep_just_ends_whatever_had_failed_before() -> None:
    delivered: list[RunResult] = []
    with Unreliable(RUNS[0], failures=2) as executor:
        delivered.extend(sweep(RUNS, executor=executor, should_stop=lambda: len(executor.chunks) > 8))


# --- devices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "device",
    [
        "tpu",
        "",
        pytest.param("cuda", marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")),
        pytest.param("mps", marks=pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is one")),
    ],
)
def test_a_device_that_is_not_there_is_refused_before_anything_starts(device: str) -> None:
    sentence = rf"^device must be one that PyTorch can use on this machine \(cpu.*\), but it is '{device}'$"
    cache = Notebook()
    with Recorder() as executor, pytest.raises(ValueError, match=sentence):
        list(sweep(RUNS, cache=cache, executor=executor, device=device))
    assert (executor.futures, cache.asked) == ([], Counter())
    with pytest.raises(ValueError, match=sentence):
        train(RUNS, device=device)
