"""Jobs without a page: one computation whoever asks, nothing left behind whoever leaves, and an end to everything."""

import json
import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

import explorer.jobs
from core import LimitsConfig, RunConfig, cost, limits, train
from core.tasks import Task
from core.turns import Place, Turns
from core.work import Result
from explorer import frames, logs
from explorer.frames import summarize
from explorer.jobs import Job, Jobs, Progress, Row, TooBusyError, Totals

SHORT = RunConfig(input_dim=3, num_classes=3, num_samples=12, num_steps=20)
# Runs of different learning rates never share a chunk (core.plan), so that each of these is trained on its own.
RUNS = [replace(SHORT, learning_rate=0.01 * rate) for rate in range(1, 9)]
LIMITS = [LimitsConfig(3, 3, size, data_seed=seed, most=True) for size in (12, 30) for seed in (0, 1)]
# Minutes of work, and by its learning rate the last of its sweep.
LONG = replace(SHORT, input_dim=100, num_classes=100, num_samples=2_000, num_steps=100_000, learning_rate=1.0)
ALONE = Turns(ThreadPoolExecutor(1), lambda: 1).party()  # for a job that is never started
A_WHILE = 30.0  # seconds after which a test gives up on what should take a moment


class MemoryCache:
    """A cache that keeps results in memory and counts what it is asked and told."""

    def __init__(self) -> None:
        self.asked: Counter[Task] = Counter()
        self.kept: Counter[Task] = Counter()
        self.results: dict[Task, Result] = {}

    def get(self, run: Task, /) -> Result | None:
        self.asked[run] += 1
        return self.results.get(run)

    def put(self, result: Result, /) -> None:
        self.kept[result.config] += 1  # one count a training: a sweep tells its cache only what it has trained
        self.results[result.config] = result


class GatedThreads(ThreadPoolExecutor):
    """Threads that count what they get, start each chunk only when allowed to, and fail on some runs."""

    def __init__(self, num_threads: int = 2, *, is_open: bool = True, fails_on: tuple[Task, ...] = ()) -> None:
        super().__init__(num_threads, thread_name_prefix="train")
        self.submitted: list[list[Task]] = []
        self.fails_on = fails_on
        self._permits = threading.Semaphore(0)
        self._open = threading.Event()
        if is_open:
            self._open.set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if args and isinstance(args[0], list):
            self.submitted.append(args[0])
            if any(run in self.fails_on for run in args[0]):
                failure: Future[Any] = Future()
                failure.set_exception(MemoryError("the worker was killed"))
                return failure
        return super().submit(self._when_allowed, fn, *args, **kwargs)

    def _when_allowed(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        while not self._open.is_set() and not self._permits.acquire(timeout=0.005):
            pass
        return fn(*args, **kwargs)

    def allow_one(self) -> None:
        self._permits.release()

    def allow_all(self) -> None:
        self._open.set()

    def is_idle(self) -> bool:
        """Whether a task that comes now is done at once, on every thread: none has anything else to do."""
        barrier = threading.Barrier(self._max_workers)
        tasks = [ThreadPoolExecutor.submit(self, barrier.wait, A_WHILE) for _ in range(self._max_workers)]
        return all(task.exception(A_WHILE) is None for task in tasks)


class Desk:
    """Jobs with a cache and an executor that a test can see into."""

    def __init__(self, executor: GatedThreads | None = None, patience: float = 20.0, **parts: Any) -> None:
        self.executor = executor or GatedThreads()
        self.cache = parts.pop("cache", None) or MemoryCache()
        self.jobs = Jobs(
            parts.pop("summarize", summarize),
            cache=self.cache,
            executor=self.executor,
            patience=patience,
            **parts,
        )
        self._asked: list[tuple[Job, str]] = []

    def request(self, runs: Sequence[Task], watcher: str) -> Job:
        job = self.jobs.request(runs, watcher)
        self._asked.append((job, watcher))
        return job

    def close(self) -> None:
        for job, watcher in self._asked:
            job.leave(watcher)
        self.executor.allow_all()
        self.executor.shutdown(cancel_futures=True)
        until(lambda: not job_threads())


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(*args: Any, **kwargs: Any) -> Desk:
        made.append(Desk(*args, **kwargs))
        return made[-1]

    yield make
    for each in made:
        each.close()


def job_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "job"]


def until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + A_WHILE
    while not is_so():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)


def finished(job: Job, watcher: str = "ann") -> Progress:
    until(lambda: job.look(watcher, wait=0.2).state != "running")
    return job.look(watcher)


def runs_of(job: Job, rows: Sequence[Row]) -> set[Task]:
    """Which runs the rows stand for, where `summarize` is `whole`."""
    assert len({row["run"] for row in rows}) == len(rows), "a row came twice"
    assert {row["run"] for row in rows} <= set(job.runs)
    return {row["run"] for row in rows}


def whole(result: Result) -> Row:
    return {"run": result.config, "num_memorized": result.num_memorized}


# --- what a job delivers ----------------------------------------------------------------------------------------------


def test_what_shall_come_first_is_trained_first(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1), summarize=whole)
    job = at.jobs.request(RUNS, "ann", first=frozenset(RUNS[-2:]))
    assert runs_of(job, finished(job).rows) == set(RUNS)
    assert at.executor.submitted == [[run] for run in (*RUNS[-2:], *RUNS[:-2])]


def test_the_rows_of_a_job_are_those_of_train(desk: Callable[..., Desk]) -> None:
    short = replace(SHORT, measure_sharpness="end")
    runs = [replace(short, num_samples=n, data_seed=seed, init_seed=seed) for n in (4, 9, 16) for seed in (0, 1)]
    done = finished(desk().request(runs, "ann"))
    assert (done.state, done.problem, done.num_runs, done.num_trained) == ("done", None, 6, 6)
    order = lambda row: (row["num_samples"], row["seed"])  # noqa: E731
    for row, result in zip(sorted(done.rows, key=order), train(runs), strict=True):
        expected = dict(summarize(result))
        for key in ("mean_loss", "sharpness", "stability"):  # which are rounded differently in other company
            assert row[key] == pytest.approx(expected.pop(key), rel=1e-5)
        assert {key: row[key] for key in expected} == expected


def test_a_job_of_runs_and_limits_has_the_rows_of_both_and_tables_keep_them_apart(desk: Callable[..., Desk]) -> None:
    tasks: list[Task] = [*RUNS[:3], *LIMITS, *RUNS[3:]]
    done = finished(desk().request(tasks, "ann"))
    assert (done.state, done.problem, done.num_runs, done.num_trained) == ("done", None, 12, 12)
    assert (done.fraction, done.seconds_left) == (1, 0)
    runs, of_limits = frames.runs_frame(done.rows), frames.limits_frame(done.rows)
    assert (len(runs), len(of_limits)) == (8, 4)
    assert sorted(runs["learning_rate"]) == [run.learning_rate for run in RUNS]
    assert runs["num_memorized"].between(0, 12).all()
    for expected in limits(LIMITS):
        config = expected.config
        [row] = [
            row
            for row in done.rows
            if (row["num_samples"], row["seed"], "verdict" in row) == (config.num_samples, config.data_seed, True)
        ]
        assert row == summarize(expected)


def test_limits_that_two_jobs_want_are_solved_once_whatever_else_they_want(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(is_open=False), summarize=whole)
    wanted: list[list[Task]] = [[*RUNS, *LIMITS], [*LIMITS[1:]], [LIMITS[0], RUNS[0]], [*LIMITS]]
    jobs = [at.request(tasks, "ann") for tasks in wanted]
    at.executor.allow_all()
    done = [finished(job) for job in jobs]
    assert [runs_of(job, look.rows) for job, look in zip(jobs, done, strict=True)] == [set(tasks) for tasks in wanted]
    assert at.cache.kept == Counter([*RUNS, *LIMITS])
    again = at.request([*LIMITS, *RUNS], "bob").look(None)
    assert (again.state, again.num_trained, len(again.rows)) == ("done", 0, 12)


def test_limits_are_not_the_run_on_their_data_though_most_settings_agree(desk: Callable[..., Desk]) -> None:
    """Nor is the optimum alone the most that is memorizable."""
    at = desk(summarize=whole)
    run = RUNS[0]
    tasks: list[Task] = [run, LimitsConfig.of(run), LimitsConfig.of(run, most=True)]
    for task in tasks:
        job = at.request([task], "ann")
        assert runs_of(job, finished(job).rows) == {task}
    assert at.cache.kept == Counter(tasks)
    assert results_in_memory(at) == tasks


def test_limits_whose_worker_fails_leave_the_runs_their_rows(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(fails_on=(LIMITS[0],)), summarize=whole)
    job = at.request([*RUNS, *LIMITS], "ann")
    done = finished(job)
    assert done.state == "failed"
    assert "no result" in str(done.problem)
    assert set(RUNS) <= runs_of(job, done.rows)
    assert LIMITS[0] not in runs_of(job, done.rows)


def test_limits_stop_when_nobody_looks_any_more(desk: Callable[..., Desk]) -> None:
    at = desk(patience=20.0)
    minutes = [LimitsConfig(100, 40, 2_000, data_seed=seed, most=True) for seed in range(4)]
    job = at.request(minutes, "ann")
    until(lambda: len(at.executor.submitted) > 1)
    job.leave("ann")
    until(lambda: not job_threads())
    assert job.state == "stopped"
    assert at.executor.is_idle()


def test_a_run_that_is_asked_for_twice_in_one_request_gives_one_row(desk: Callable[..., Desk]) -> None:
    done = finished(desk().request([RUNS[0], RUNS[1], RUNS[0]], "ann"))
    assert (done.num_runs, len(done.rows), done.fraction) == (2, 2, 1)


def test_what_the_cache_knows_is_delivered_without_training(desk: Callable[..., Desk]) -> None:
    first, second = desk(), desk()
    finished(first.request(RUNS, "ann"))
    second.cache.results = first.cache.results
    done = finished(second.request(RUNS, "ann"))
    assert (done.state, len(done.rows), done.num_trained, done.seconds_left) == ("done", len(RUNS), 0, 0)
    assert second.executor.submitted == []


def test_a_request_that_repeats_is_answered_at_once_from_memory_alone(desk: Callable[..., Desk]) -> None:
    at = desk()
    finished(at.request(RUNS, "ann"))
    asked, submitted = at.cache.asked.copy(), list(at.executor.submitted)
    for runs in (RUNS, RUNS[::-1], RUNS[2:5]):
        again = at.request(runs, "bob").look(None)
        assert (again.state, len(again.rows), again.num_trained, again.fraction) == ("done", len(runs), 0, 1)
    assert (at.cache.asked, at.executor.submitted, at.jobs.running()) == (asked, submitted, [])


def test_after_forget_the_cache_is_asked_again(desk: Callable[..., Desk]) -> None:
    at = desk()
    finished(at.request(RUNS, "ann"))
    at.jobs.forget()
    assert finished(at.request(RUNS, "ann")).num_trained == 0
    assert set(at.cache.asked.values()) == {2}


def test_memory_holds_only_the_most_recent_rows(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer.jobs, "RECENT_ROWS", 3)
    at = desk(GatedThreads(1))
    for run in RUNS:
        finished(at.request([run], "ann"))
    finished(at.request(RUNS, "ann"))
    asked_twice = {run for run, times in at.cache.asked.items() if times == 2}
    assert asked_twice == set(RUNS[:-3])  # the last three came from memory
    assert set(at.cache.kept.values()) == {1}


def test_a_row_that_was_used_lately_outlives_an_older_one(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer.jobs, "RECENT_ROWS", 2)
    at = desk(GatedThreads(1))
    for run in (RUNS[0], RUNS[1], RUNS[0], RUNS[2], RUNS[0]):
        finished(at.request([run], "ann"))
    assert at.cache.asked[RUNS[0]] == 1


# --- whole results ----------------------------------------------------------------------------------------------------


class Forgetful(MemoryCache):
    """A cache that has thrown everything away, as a full one may."""

    def get(self, run: Task, /) -> Result | None:
        super().get(run)
        return None


def results_in_memory(at: Desk) -> list[Task]:
    return list(at.jobs._whole._results)


def test_a_whole_result_comes_from_memory_when_it_was_trained_a_moment_ago(desk: Callable[..., Desk]) -> None:
    at = desk()
    finished(at.request(RUNS, "ann"))
    asked = at.cache.asked.copy()
    for run in RUNS:
        result = at.jobs.result(run)
        assert result is at.cache.results[run]
        assert at.jobs.result(run) is result
    assert at.cache.asked == asked


def test_a_whole_result_that_memory_has_not_comes_from_the_cache_once(desk: Callable[..., Desk]) -> None:
    first, second = desk(), desk()
    finished(first.request(RUNS[:2], "ann"))
    second.cache.results = first.cache.results
    assert second.jobs.result(RUNS[0]) is first.cache.results[RUNS[0]]
    assert second.jobs.result(RUNS[0]) is not None
    assert second.cache.asked == Counter([RUNS[0]])
    assert second.executor.submitted == []  # whoever asks for a result never waits for a training


def test_a_result_that_the_cache_delivered_to_a_job_is_in_memory_too(desk: Callable[..., Desk]) -> None:
    first, second = desk(), desk()
    finished(first.request(RUNS[:2], "ann"))
    second.cache.results = first.cache.results
    finished(second.request(RUNS[:2], "bob"))
    asked = second.cache.asked.copy()
    assert all(second.jobs.result(run) is not None for run in RUNS[:2])
    assert second.cache.asked == asked


def test_memory_holds_as_many_whole_results_as_fit_the_latest_used(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = train([RUNS[0]])
    monkeypatch.setattr(explorer.jobs, "RECENT_BYTES", int(3.5 * one.num_bytes))
    at = desk(GatedThreads(1))
    for run in RUNS[:3]:
        finished(at.request([run], "ann"))
    assert results_in_memory(at) == RUNS[:3]
    at.jobs.result(RUNS[0])  # used once more
    finished(at.request([RUNS[3]], "ann"))
    assert results_in_memory(at) == [RUNS[2], RUNS[0], RUNS[3]]
    at.jobs.result(RUNS[1])  # back from the cache, in place of the one that was not used for longest
    assert results_in_memory(at) == [RUNS[0], RUNS[3], RUNS[1]]
    assert at.jobs._whole._bytes == 3 * one.num_bytes


def test_bytes_are_counted_and_not_results(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one takes the place of many; the same one again takes no more; and one is kept however large it is."""
    small, large = RUNS[:4], replace(RUNS[4], num_samples=5_000)
    at = desk(GatedThreads(1))
    finished(at.request([*small, large], "ann"))
    sizes = {run: at.cache.results[run].num_bytes for run in (*small, large)}
    monkeypatch.setattr(explorer.jobs, "RECENT_BYTES", sum(sizes[run] for run in small))
    at.jobs.forget()
    for run in (*small, *small, *small):
        at.jobs.result(run)
    assert results_in_memory(at) == small
    assert at.jobs._whole._bytes == sum(sizes[run] for run in small)
    assert sizes[large] > explorer.jobs.RECENT_BYTES
    at.jobs.result(large)
    assert results_in_memory(at) == [large]
    assert at.jobs._whole._bytes == sizes[large]
    at.jobs.result(small[0])
    assert results_in_memory(at) == [small[0]]


def test_a_result_that_is_gone_from_memory_and_cache_is_trained_again_at_the_next_request(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer.jobs, "RECENT_BYTES", 1)  # so that only the last stays
    at = desk(GatedThreads(1), cache=Forgetful())
    finished(at.request(RUNS[:3], "ann"))
    again = at.request(RUNS[:3], "ann").look(None)
    assert (again.state, again.num_trained) == ("done", 0)  # its rows are known
    [kept] = results_in_memory(at)
    gone = [run for run in RUNS[:3] if run != kept]
    assert at.jobs.result(kept) is not None
    assert at.jobs.result(gone[0]) is None
    done = finished(at.request(RUNS[:3], "ann"))
    assert (done.state, done.num_trained) == ("done", 1)
    assert at.jobs.result(gone[0]) is not None


def test_a_result_of_a_run_that_nobody_asked_for_is_none(desk: Callable[..., Desk]) -> None:
    at = desk()
    assert at.jobs.result(RUNS[0]) is None
    assert at.executor.submitted == []


def test_after_forget_whole_results_come_from_the_cache_or_not_at_all(desk: Callable[..., Desk]) -> None:
    at = desk()
    finished(at.request(RUNS[:2], "ann"))
    at.jobs.forget()
    assert results_in_memory(at) == []
    assert at.jobs.result(RUNS[0]) is not None  # the cache was not cleared after all
    at.jobs.forget()
    at.cache.results.clear()
    assert at.jobs.result(RUNS[0]) is None
    assert finished(at.request(RUNS[:2], "ann")).num_trained == 2


def test_whole_results_may_be_asked_for_by_many_at_once(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk()
    finished(at.request(RUNS, "ann"))
    size = at.cache.results[RUNS[0]].num_bytes
    monkeypatch.setattr(explorer.jobs, "RECENT_BYTES", 3 * size)
    at.jobs.forget()
    problems: list[object] = []

    def visitor(number: int) -> None:
        dice = random.Random(number)
        for _ in range(200):
            run = dice.choice(RUNS)
            result = at.jobs.result(run)
            if result is None or result.config != run:
                problems.append((run, result))

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(A_WHILE)
    assert problems == []
    assert len(results_in_memory(at)) == 3
    assert at.jobs._whole._bytes == 3 * size


# --- one computation, whoever asks ------------------------------------------------------------------------------------


def test_two_requests_for_the_same_runs_get_one_job_while_it_runs(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(is_open=False))
    job = at.request(RUNS, "ann")
    assert at.request(RUNS, "bob") is job
    assert at.jobs.running() == [job]
    at.executor.allow_all()
    assert finished(job).state == "done"
    assert at.jobs.running() == []
    assert at.request(RUNS, "cem") is not job


def test_overlapping_jobs_train_each_run_once(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(is_open=False), summarize=whole)
    parts = [RUNS[:5], RUNS[2:7], RUNS[4:], RUNS[::2]]
    jobs = [at.request(part, "ann") for part in parts]
    assert len(at.jobs.running()) == 4
    at.executor.allow_all()
    done = [finished(job) for job in jobs]
    assert [runs_of(job, look.rows) for job, look in zip(jobs, done, strict=True)] == [set(part) for part in parts]
    assert at.cache.kept == Counter(RUNS)
    assert sum(look.num_trained for look in done) == len(RUNS)


def test_thirty_threads_at_once_train_each_run_once(desk: Callable[..., Desk]) -> None:
    at = desk(summarize=whole)
    start = threading.Barrier(30)
    problems: list[object] = []

    def student(number: int) -> None:
        dice = random.Random(number % 10)  # three students each on the same link
        wanted = dice.sample(RUNS, dice.randint(1, len(RUNS)))
        start.wait(A_WHILE)
        job = at.request(wanted, f"student {number}")
        done = finished(job, f"student {number}")
        if done.state != "done" or runs_of(job, done.rows) != set(wanted):
            problems.append((number, done))

    threads = [threading.Thread(target=student, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(A_WHILE)
    assert problems == []
    assert set(at.cache.kept.values()) == {1}


def test_a_job_gets_the_rows_of_another_while_that_one_still_works(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False), summarize=whole)
    at.request([*RUNS[:3], LONG], "ann")
    until(lambda: len(at.jobs._begun) == 1)
    waiting = at.request(RUNS[:2], "bob")
    for _ in range(3):
        at.executor.allow_one()
    done = finished(waiting, "bob")
    assert runs_of(waiting, done.rows) == set(RUNS[:2])
    assert (done.state, done.num_trained) == ("done", 1)  # the one that a worker had not begun
    assert len(at.jobs.running()) == 1


def test_when_a_job_is_stopped_the_one_that_waits_for_it_takes_over(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False), summarize=whole)
    first = at.request(RUNS[:4], "ann")
    until(lambda: len(at.executor.submitted) > 0)
    second = at.request(RUNS[:5], "bob")
    first.leave("ann")
    until(lambda: first.state == "stopped")
    at.executor.allow_all()
    done = finished(second, "bob")
    assert runs_of(second, done.rows) == set(RUNS[:5])
    assert (done.state, done.num_trained) == ("done", 5)
    assert at.cache.kept == Counter(RUNS[:5])


def test_a_job_that_waits_is_stopped_too_when_nobody_looks(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False))
    at.request(RUNS[:4], "ann")
    until(lambda: len(at.executor.submitted) > 0)
    waiting = at.request(RUNS[:2], "bob")
    waiting.leave("bob")
    until(lambda: waiting.state == "stopped")
    assert len(at.jobs.running()) == 1


# --- as long as somebody looks ----------------------------------------------------------------------------------------


def test_a_job_that_nobody_looks_at_stops_and_a_later_request_goes_on(desk: Callable[..., Desk]) -> None:
    at = desk(patience=0.5, summarize=whole)
    wanted = [*RUNS, LONG]
    job = at.request(wanted, "ann")
    until(lambda: len(job.look("ann").rows) == len(RUNS))
    until(lambda: job.state == "stopped")
    assert runs_of(job, job.look(None).rows) == set(RUNS)
    again = at.request(wanted, "ann")
    assert again is not job
    assert runs_of(again, again.look("ann").rows) == set(RUNS)  # at once
    assert again.look("ann").state == "running"
    assert at.cache.kept == Counter(RUNS)


def test_a_look_keeps_a_job_alive_far_beyond_its_patience(desk: Callable[..., Desk]) -> None:
    job = desk(patience=0.5).request([LONG], "ann")
    began = time.monotonic()
    while time.monotonic() < began + 1.5:
        assert job.look("ann").state == "running"
        time.sleep(0.02)


def test_a_look_without_a_name_does_not_keep_a_job_alive(desk: Callable[..., Desk]) -> None:
    job = desk(patience=0.3).request([LONG], "ann")
    until(lambda: job.look(None).state == "stopped")


def test_one_watcher_that_leaves_does_not_disturb_another(desk: Callable[..., Desk]) -> None:
    at = desk()
    job = at.request([LONG], "ann")
    assert at.request([LONG], "bob") is job
    job.leave("ann")
    job.leave("somebody who never came")
    assert job.look(None, wait=0.3).state == "running"
    job.leave("bob")
    until(lambda: job.state == "stopped")


def test_the_last_watcher_to_leave_stops_even_a_chunk_of_a_hundred_thousand_steps(desk: Callable[..., Desk]) -> None:
    at = desk()
    longs = [replace(LONG, learning_rate=0.01 * rate) for rate in range(1, 9)]
    job = at.request(longs, "ann")
    until(lambda: len(at.executor.submitted) >= 2)
    time.sleep(0.2)  # into the middle of it
    job.leave("ann")
    until(lambda: job.state == "stopped")
    assert at.executor.is_idle()
    assert len(at.executor.submitted) < len(longs)
    assert at.cache.kept == Counter()
    assert at.jobs.running() == []
    until(lambda: not job_threads())


def test_a_request_that_comes_while_a_job_stops_is_served(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a job's decision to stop and its end there is a moment; who asks in it must not get the dying job."""
    at = desk(GatedThreads(1, is_open=False), summarize=whole)
    at.request(RUNS[:2], "ann")
    until(lambda: len(at.executor.submitted) > 0)
    dying = at.request(
        RUNS[:2][::-1], "bob"
    )  # it waits for ann's, so that nothing but itself asks whether it is wanted
    late: list[Job] = []
    asks = threading.Thread(target=lambda: late.append(at.request(RUNS[:2][::-1], "cem")))
    is_wanted = Job.is_wanted

    def cem_asks_before_the_answer(job: Job) -> bool:
        wanted = is_wanted(job)
        if job is dying and not wanted and asks.ident is None:
            asks.start()
            asks.join(0.3)
        return wanted

    monkeypatch.setattr(Job, "is_wanted", cem_asks_before_the_answer)
    dying.leave("bob")
    until(lambda: len(late) > 0)
    at.executor.allow_all()
    done = finished(late[0], "cem")
    assert done.state == "done"
    assert len(done.rows) == 2


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_worker_that_fails_costs_only_its_own_rows_and_is_told_in_a_sentence(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(fails_on=(RUNS[3],)), summarize=whole)
    job = at.request(RUNS, "ann")
    done = finished(job)
    assert done.state == "failed"
    assert runs_of(job, done.rows) == set(RUNS) - {RUNS[3]}
    assert done.problem is not None
    assert done.problem.startswith("1 of 8 runs have no result")
    assert "the worker was killed" in done.problem
    assert done.fraction < 1
    assert at.jobs.running() == []


def test_a_failed_job_can_be_asked_for_again(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(fails_on=(RUNS[3],)))
    finished(at.request(RUNS, "ann"))
    at.executor.fails_on = ()
    done = finished(at.request(RUNS, "ann"))
    assert (done.state, done.problem, done.num_trained) == ("done", None, 1)


class Unreadable(MemoryCache):
    def get(self, run: Task, /) -> Result | None:
        raise OSError("the disk is gone")


class Unwritable(MemoryCache):
    def put(self, result: Result, /) -> None:
        raise OSError("the disk is gone")


def fails(result: Result) -> Row:
    raise ArithmeticError("cannot be summarized")


def fails_without_a_word(result: Result) -> Row:
    raise AssertionError


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"cache": Unreadable()}, "the disk is gone"),
        ({"cache": Unwritable()}, "the disk is gone"),
        ({"summarize": fails}, "cannot be summarized"),
        ({"summarize": fails_without_a_word}, "AssertionError"),
    ],
    ids=["the cache cannot be read", "the cache cannot be written", "summarize raises", "summarize raises wordlessly"],
)
def test_a_job_whose_part_fails_ends_and_says_so(desk: Callable[..., Desk], parts: dict[str, Any], word: str) -> None:
    at = desk(**parts)
    done = finished(at.request(RUNS, "ann"))
    assert done.state == "failed"
    assert word in str(done.problem)
    assert at.jobs.running() == []
    until(lambda: not job_threads())


def test_a_job_that_failed_leaves_no_work_behind_though_its_page_is_still_open(desk: Callable[..., Desk]) -> None:
    at = desk(summarize=fails)
    job = at.request([RUNS[0], LONG], "ann")
    finished(job)
    looks = threading.Event()

    def page() -> None:
        while not looks.wait(0.05):
            job.look("ann")

    watcher = threading.Thread(target=page)
    watcher.start()
    try:
        assert at.executor.is_idle()
    finally:
        looks.set()
        watcher.join()


def test_runs_that_a_failed_job_had_taken_are_free_for_others(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False, fails_on=(RUNS[0],)), summarize=whole)
    first = at.request(RUNS[:3], "ann")
    second = at.request(RUNS[1:4], "bob")
    at.executor.allow_all()
    assert finished(first).state == "failed"
    done = finished(second, "bob")
    assert done.state == "done"
    assert runs_of(second, done.rows) == set(RUNS[1:4])


def test_a_job_that_loses_a_run_still_gets_the_rows_that_others_compute_for_it(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False, fails_on=(RUNS[0],)), summarize=whole)
    at.request(RUNS[1:4], "ann")
    until(lambda: len(at.executor.submitted) > 0)
    losing = at.request(RUNS[:3], "bob")
    until(lambda: losing.look("bob").place is not None)
    at.executor.allow_one()
    until(lambda: [RUNS[0]] in at.executor.submitted)
    at.executor.allow_all()
    done = finished(losing, "bob")
    assert done.state == "failed"
    assert runs_of(losing, done.rows) == {RUNS[1], RUNS[2]}


# --- how far, and how long --------------------------------------------------------------------------------------------


def test_progress_grows_from_nothing_to_all(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False))
    job = at.request(RUNS, "ann")
    looks = [job.look("ann")]
    for there in range(1, len(RUNS) + 1):
        at.executor.allow_one()
        until(lambda there=there: len(job.look("ann").rows) == there)
        looks.append(job.look("ann"))
    looks.append(finished(job))
    assert (looks[0].fraction, looks[0].num_trained) == (0, 0)
    fractions = [look.fraction for look in looks]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert [look.num_trained for look in looks] == [*range(len(RUNS) + 1), len(RUNS)]
    assert all(math.isfinite(look.seconds_left) and look.seconds_left >= 0 for look in looks)
    assert looks[-1].seconds_left == pytest.approx(0)
    elapsed = [look.elapsed for look in looks]
    assert elapsed == sorted(elapsed)


@pytest.mark.parametrize("seed", range(5))
def test_progress_never_leaves_its_bounds(seed: int) -> None:
    """In whatever order the rows come: sums of fractions are rounded."""
    dice = random.Random(seed)
    runs = [replace(SHORT, num_samples=dice.randint(1, 400), input_dim=dice.randint(1, 400)) for _ in range(300)]
    job = Job(tuple(dict.fromkeys(runs)), 1, ALONE, 1)
    for run in sorted(job.runs, key=lambda run: dice.random()):
        job.add(run, {}, trained=True)
        look = job.look(None)
        assert 0 <= look.fraction <= 1
        assert look.seconds_left >= 0
    assert job.look(None).fraction == pytest.approx(1)


def test_a_look_at_some_of_the_runs_has_their_rows_alone() -> None:
    job = Job(tuple(RUNS), 1, ALONE, 1)
    for run in (RUNS[3], RUNS[0], RUNS[1]):
        job.add(run, {"num_samples": run.num_samples, "rate": run.learning_rate}, trained=True)
    look = job.look(None)
    assert list(look.tasks) == [RUNS[3], RUNS[0], RUNS[1]]
    some = look.of({RUNS[0], RUNS[2], RUNS[3]})
    assert [row["rate"] for row in some.rows] == [RUNS[3].learning_rate, RUNS[0].learning_rate]
    assert (list(some.tasks), some.num_runs) == ([RUNS[3], RUNS[0]], 3)
    assert (some.state, some.elapsed) == (look.state, look.elapsed)


def test_known_rows_do_not_make_the_rest_look_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came from the cache took no time, so it says nothing about the time of the rest."""
    monkeypatch.setattr(explorer.jobs, "PRIOR_SECONDS", 1e-12)  # all is measured
    job = Job(tuple(RUNS), 1, ALONE, 1)
    before = job.look(None).seconds_left
    for run in RUNS[:4]:
        job.add(run, {}, trained=False)
    assert job.look(None).seconds_left == pytest.approx(before / 2)
    time.sleep(0.01)
    job.add(RUNS[4], {}, trained=True)
    job.end("stopped")
    look = job.look(None)
    assert look.seconds_left == pytest.approx(3 * look.elapsed)  # one was trained, three are left


def test_a_slow_start_is_not_taken_for_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers take five seconds to start, and then are as quick as estimated."""
    clock = 0.0
    monkeypatch.setattr(explorer.jobs.time, "monotonic", lambda: clock)
    runs = [replace(LONG, data_seed=seed, num_steps=100) for seed in range(200)]
    each = cost.seconds(runs[0])
    job = Job(tuple(runs), 1, ALONE, 2)
    clock = 5.0
    for done, run in enumerate(runs[:-1], start=1):
        clock += each / 2
        job.add(run, {}, trained=True)
        left = (len(runs) - done) * each / 2
        assert left <= job.look(None).seconds_left < left * (2 + 5 / (explorer.jobs.PRIOR_SECONDS / 2))
    assert job.look(None).seconds_left < 1.5 * left


def test_time_stands_still_when_a_job_has_ended(desk: Callable[..., Desk]) -> None:
    job = desk().request(RUNS, "ann")
    before = finished(job).elapsed
    time.sleep(0.05)
    assert job.look("ann").elapsed == before


def test_a_look_can_wait_for_the_first_rows_that_are_trained(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False))
    job = at.request(RUNS, "ann")
    assert job.look("ann", wait=0.05).rows == []
    threading.Timer(0.05, at.executor.allow_one).start()
    look = job.look("ann", wait=A_WHILE)
    assert (look.state, len(look.rows)) == ("running", 1)


def test_a_look_can_wait_for_the_end(desk: Callable[..., Desk]) -> None:
    first, second = desk(), desk()
    finished(first.request(RUNS, "ann"))
    second.cache.results = first.cache.results
    assert second.request(RUNS, "ann").look("ann", wait=A_WHILE).state == "done"


def test_jumps_of_the_clock_do_not_matter(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop wakes up, a time server answers: the time of day leaps by years, in both directions."""
    dice = random.Random(1)
    monkeypatch.setattr(time, "time", lambda: dice.uniform(0, 4e9))
    at = desk(GatedThreads(1, is_open=False), patience=5.0)
    job = at.request(RUNS, "ann")
    for there in range(1, len(RUNS) + 1):
        at.executor.allow_one()
        until(lambda there=there: len(job.look("ann").rows) == there)
        look = job.look("ann")
        assert 0 <= look.elapsed < 2 * A_WHILE
        assert 0 <= look.seconds_left < 1e4
    assert finished(job).state == "done"


# --- everything at once -----------------------------------------------------------------------------------------------


def test_whatever_many_visitors_do_nothing_is_trained_twice_and_nothing_is_left(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(fails_on=(RUNS[7],)), patience=0.2, summarize=whole)
    end = time.monotonic() + 2
    problems: list[object] = []

    def visitor(number: int) -> None:
        dice, name = random.Random(number), f"visitor {number}"
        while time.monotonic() < end:
            wanted = dice.sample([*RUNS, LONG], dice.randint(1, 6))
            job = at.request(wanted, name)
            fraction = 0.0
            for _ in range(dice.randint(0, 6)):
                look = job.look(name if dice.random() < 0.8 else None, wait=dice.choice([0, 0, 0.02]))
                there = runs_of(job, look.rows)
                complete = there == set(wanted)
                sound = {
                    "running": look.problem is None,
                    "done": complete and look.problem is None,
                    "stopped": not complete and look.problem is None,
                    "failed": RUNS[7] in wanted and RUNS[7] not in there and bool(look.problem),
                }[look.state]
                if not sound or not fraction <= look.fraction <= 1:
                    problems.append((wanted, look, fraction))
                fraction = look.fraction
            if dice.random() < 0.7:
                job.leave(name)
            else:
                time.sleep(0.3 * dice.random())

    def guarded(number: int) -> None:
        try:
            visitor(number)
        except BaseException as error:
            problems.append(error)
            raise

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(A_WHILE)
    assert problems == []
    until(lambda: not job_threads())
    assert at.jobs.running() == []
    assert at.jobs._training == {}
    assert set(at.cache.kept.values()) <= {1}
    assert set(at.cache.kept) <= set(RUNS[:7])
    assert at.executor.is_idle()


# --- turns, and what is told ------------------------------------------------------------------------------------------


def test_who_asks_for_little_does_not_wait_for_who_asks_for_much(desk: Callable[..., Desk]) -> None:
    """One worker. The second sweep has its turn after one chunk of the first, and then every other."""
    at = desk(GatedThreads(1, is_open=False))
    much = [replace(SHORT, learning_rate=0.001 * rate) for rate in range(1, 31)]
    first = at.request(much, "ann")
    until(lambda: len(at.executor.submitted) == 1)
    second = at.request(RUNS[5:], "bob")  # others, at rates of their own
    until(lambda: second.look("bob").place == Place(1, 2, is_served=False))
    assert first.look("ann").place == Place(2, 2, is_served=True)
    for _ in range(6):
        at.executor.allow_one()
    until(lambda: second.look("bob").state == "done")
    assert second.look(None).place is None
    assert len(first.look("ann").rows) <= 4
    at.executor.allow_all()
    assert len(finished(first).rows) == 30


def test_who_asks_for_one_run_of_a_long_sweep_does_not_wait_for_its_end(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(1, is_open=False), summarize=whole)
    much = [replace(SHORT, learning_rate=0.001 * rate) for rate in range(1, 31)]
    first = at.request(much, "ann")
    until(lambda: len(at.executor.submitted) == 1)
    second = at.request(much[-2:], "bob")
    until(lambda: second.look("bob").place is not None)
    for _ in range(6):
        at.executor.allow_one()
    until(lambda: second.look("bob").state == "done")
    assert len(first.look("ann").rows) <= 6
    at.executor.allow_all()
    assert finished(first).state == "done"
    assert runs_of(first, first.look(None).rows) == set(much)
    assert at.cache.kept == Counter(much)
    assert at.jobs._training == {}
    assert at.jobs._begun == set()


def test_there_is_an_end_to_what_all_together_may_ask_for(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk(GatedThreads(1, is_open=False))
    hour = cost.seconds(LONG) / 3600
    monkeypatch.setattr(explorer.jobs, "MAX_HOURS", 2.5 * hour)
    monkeypatch.setattr(explorer.jobs, "MAX_JOBS", 4)
    for rate, watcher in ((1.0, "ann"), (2.0, "bob")):
        at.request([replace(LONG, learning_rate=rate)], watcher)
    with pytest.raises(TooBusyError, match=r"the machine already has .* hours of work before it, and this is about"):
        at.request([replace(LONG, learning_rate=3.0)], "cem")
    assert len(at.jobs.running()) == 2
    at.request([LONG], "dan")  # for the same as somebody else one may always ask
    little = at.request(RUNS[:1], "eve")  # and for little
    at.request(RUNS[1:2], "fay")
    with pytest.raises(TooBusyError, match="already 4 sweeps are at work for others"):
        at.request(RUNS[2:3], "gus")
    at.executor.allow_one()
    assert little.state == "running"


def test_a_job_for_which_there_is_no_thread_is_refused_and_leaves_nothing(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk()

    def fail(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        with pytest.raises(TooBusyError, match="the machine can do no more at the moment"):
            at.request(RUNS, "ann")
    assert at.jobs.running() == []
    assert finished(at.request(RUNS, "ann")).state == "done"


def test_where_others_were_lately_long_runs_leave_them_a_worker(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(2, is_open=False))
    long = [replace(LONG, learning_rate=rate) for rate in (1.0, 2.0, 3.0)]
    at.executor.allow_one()
    assert finished(at.request(RUNS[:1], "eve"), "eve").state == "done"
    at.request(long, "ann")
    little = at.request(RUNS[1:2], "bob")
    at.executor.allow_one()
    at.executor.allow_one()
    until(lambda: little.look("bob").state == "done")
    assert sum(chunk[0] in long for chunk in at.executor.submitted) == 1


def test_who_is_alone_has_all_workers_for_long_runs(desk: Callable[..., Desk]) -> None:
    at = desk(GatedThreads(2, is_open=False))
    at.request([replace(LONG, learning_rate=rate) for rate in (1.0, 2.0, 3.0)], "ann")
    until(lambda: len(at.executor.submitted) == 2)


def test_each_job_that_ends_is_one_line_of_json(desk: Callable[..., Desk], caplog: pytest.LogCaptureFixture) -> None:
    at = desk()
    with caplog.at_level("INFO", logger="explorer"):
        for runs, watcher in ((RUNS[:3], "0123456789abcdef"), (RUNS[:5], "bob"), (RUNS[:5], "eve")):
            job = at.request(runs, watcher)
            until(lambda job=job: job.look(None).state == "done")
            until(lambda: not job_threads())
    lines = [json.loads(logs._Lines().format(record)) for record in caplog.records if record.name == "explorer.jobs"]
    assert [line["event"] for line in lines] == ["job"] * 3
    assert [line["sessions"] for line in lines] == [["01234567"], ["bob"], ["eve"]]
    assert [(line["networks"], line["known"], line["computed"]) for line in lines] == [(3, 0, 3), (5, 3, 2), (5, 5, 0)]
    assert {line["state"] for line in lines} == {"done"}
    assert lines[0]["input_dim"] == 3
    assert lines[0]["learning_rate"] == [0.01, 0.02, 0.03]
    assert all(line["seconds"] >= 0 and line["missing"] == 0 for line in lines)
    assert at.jobs.totals == Totals(jobs=3, known=8, computed=5)


def test_a_job_that_fails_says_why_in_its_line(desk: Callable[..., Desk], caplog: pytest.LogCaptureFixture) -> None:
    at = desk(GatedThreads(fails_on=(RUNS[0],)))
    with caplog.at_level("INFO", logger="explorer"):
        finished(at.request(RUNS[:2], "ann"))
        until(lambda: not job_threads())  # it tells when it has ended
    [line] = [json.loads(logs._Lines().format(record)) for record in caplog.records if record.name == "explorer.jobs"]
    assert (line["state"], line["computed"], line["missing"]) == ("failed", 1, 1)
    assert "the worker was killed" in line["problem"]
