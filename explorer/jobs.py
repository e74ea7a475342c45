"""Sweeps in the background, shared by all sessions of the app.

A page never computes: it asks `Jobs` for the rows of some runs, gets a `Job`, and looks at it again and again while it
fills. Whoever asks for a run, it is computed once: a job takes for itself the runs that no worker has begun for another
job, and waits for the rest. A job works as long as somebody looks at it. Jobs take turns (`core.turns`): who asks for
little waits for little, however much others have asked for. There is an end to what all together may ask for.

Nothing here knows Streamlit.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence, Set
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

from core import cost
from core.config import RunConfig
from core.result import RunResult
from core.sweep import Cache, IncompleteSweepError, RecordingCache, sweep
from core.tasks import Task
from core.turns import Party, Place, Turns
from core.work import Result
from core.workers import size
from explorer import logs

PATIENCE_SECONDS = 10.0  # a job that nobody has looked at for so long stops; browsers slow down hidden tabs to 1 Hz
RECENT_BYTES = 64 * 2**20  # of whole results in memory, for pages that look into them
RECENT_ROWS = 100_000  # rows kept in memory, 30 to 140 MB: a slider moved back shows its points without the disk
WAIT_SECONDS = 0.05
PRIOR_SECONDS = 2.0  # of a core: an estimate of the pace counts as much as so much work that was measured
SHORT_NAME = 8  # digits of a watcher's name, in logs
CHUNK_ARRIVES_SECONDS = 0.03  # results come by the chunk: its others are right behind the first
MAX_JOBS = 300  # each is a thread, and some memory
MAX_HOURS = 8.0  # of the machine, that all jobs together may have before them
LITTLE_SECONDS = 60.0  # of the machine: so little may be asked for even then
COMPANY_SECONDS = 300.0  # who was here so lately may come back at any moment: not all workers are to be at long work

Row = Mapping[str, Any]
State = Literal["running", "done", "stopped", "failed"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """A look at a job.

    Attributes:
        state: "stopped" if nobody looked at it any more, "failed" if some runs have no result.
        tasks: the runs that are there, in the order in which they came.
        rows: what is there of them, one a run.
        num_runs: how many rows there will be.
        fraction: how much of the work is done, in (estimated) seconds of computing.
        seconds_left: measured from what was computed so far; the less that is, the more an estimate counts.
        elapsed: seconds since the job began, or which it took.
        num_trained: rows that had to be computed; the others were known.
        place: where it stands among the jobs that wait for a worker; None if it waits for none.
        problem: what went wrong, as a sentence.
    """

    state: State
    tasks: Sequence[Task]
    rows: Sequence[Row]
    num_runs: int
    fraction: float
    seconds_left: float
    elapsed: float
    num_trained: int
    place: Place | None
    problem: str | None

    def of(self, tasks: Set[Task]) -> "Progress":
        """The same look at some of the job's runs alone."""
        there = [(task, row) for task, row in zip(self.tasks, self.rows, strict=True) if task in tasks]
        return replace(self, tasks=[task for task, _ in there], rows=[row for _, row in there], num_runs=len(tasks))


class Totals(NamedTuple):
    """What all jobs did since the app started.

    Attributes:
        jobs: how many there were.
        known: results that were in memory or in the cache.
        computed: results that had to be computed.
    """

    jobs: int = 0
    known: int = 0
    computed: int = 0


class TooBusyError(ValueError):
    """All jobs together would be too much; the sentence says what to do."""


class Job:
    """The rows of some runs, as they come.

    Args:
        runs: what to compute.
        patience: seconds after which nobody wants it any more.
        party: who computes them, among other jobs.
        num_workers: how many there are, for the time that it will take.
        first: those of the runs that are computed before all others.
    """

    def __init__(
        self,
        runs: tuple[Task, ...],
        patience: float,
        party: Party,
        num_workers: int,
        first: frozenset[Task] = frozenset(),
    ) -> None:
        self.runs = runs
        self.first = first
        self.party = party
        self._patience = patience
        self._num_workers = num_workers
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._rows: dict[Task, Row] = {}
        self._seen_by: dict[str, float] = {}
        self._watchers: set[str] = set()
        self._state: State = "running"
        self._problem: str | None = None
        self._began = time.monotonic()
        self._ended: float | None = None
        self._cost = {run: cost.seconds(run) for run in runs}
        self._total_cost = sum(self._cost.values())
        self._done_cost = 0.0
        self._trained_cost = 0.0
        self._num_trained = 0
        self.is_new = True  # it has not yet taken anything for itself

    @property
    def state(self) -> State:
        """Whether it still works, or how it ended."""
        return self._state

    def look(self, watcher: str | None, *, wait: float = 0.0) -> Progress:
        """What is there now; tells the job that `watcher` is still interested.

        Args:
            watcher: any name of who looks; None: look without asking the job to go on.
            wait: wait up to so many seconds for the job to end, or else for the first results that it trains.
        """
        with self._news:
            if watcher is not None:
                self._seen_by[watcher] = time.monotonic()
                self._watchers.add(watcher)
            if wait > 0 and self._news.wait_for(lambda: self._state != "running" or self._num_trained > 0, wait):
                self._news.wait_for(lambda: self._state != "running", CHUNK_ARRIVES_SECONDS)
        place = self.party.place()  # not within the lock, which others take within that of the turns
        with self._lock:
            elapsed = (self._ended or time.monotonic()) - self._began
            left_cost = self._left_cost()
            # Before the first results stand things that will not come again, such as workers that start.
            measured = elapsed if self._trained_cost else 0.0
            pace = (measured + PRIOR_SECONDS / self._num_workers) / (self._trained_cost + PRIOR_SECONDS)
            return Progress(
                state=self._state,
                tasks=list(self._rows),
                rows=list(self._rows.values()),
                num_runs=len(self.runs),
                fraction=1 - left_cost / self._total_cost,
                seconds_left=left_cost * pace,
                elapsed=elapsed,
                num_trained=self._num_trained,
                place=place,
                problem=self._problem,
            )

    def _left_cost(self) -> float:
        return max(0.0, self._total_cost - self._done_cost)  # sums are rounded

    def hours_left(self) -> float:
        """Of the machine, as estimated."""
        with self._lock:
            return self._left_cost() / self._num_workers / 3600

    def join(self, watcher: str) -> None:
        """`watcher` is interested from now on."""
        with self._lock:
            self._seen_by[watcher] = time.monotonic()
            self._watchers.add(watcher)

    def leave(self, watcher: str) -> None:
        """`watcher` is no longer interested; without any other the job stops."""
        with self._lock:
            self._seen_by.pop(watcher, None)

    def sessions(self) -> list[str]:
        """Who looked at it, by the first digits of their names."""
        with self._lock:
            return sorted(name[:SHORT_NAME] for name in self._watchers)

    def num_watching(self) -> int:
        """How many look at it now."""
        with self._lock:
            return sum(time.monotonic() - seen < self._patience for seen in self._seen_by.values())

    @cached_property
    def described(self) -> dict[str, Any]:
        """What it computes; see `logs.described`."""
        return logs.described(self.runs)

    def is_wanted(self) -> bool:
        """Whether anybody still looks, and the program still runs."""
        with self._lock:
            latest = max(self._seen_by.values(), default=-float("inf"))
        return time.monotonic() - latest < self._patience and threading.main_thread().is_alive()

    def missing(self) -> list[Task]:
        """Runs that have no row yet."""
        with self._lock:
            return [run for run in self.runs if run not in self._rows]

    def add(self, run: Task, row: Row, *, trained: bool) -> None:
        """Take a row in."""
        with self._news:
            if run in self._rows:
                return
            self._rows[run] = row
            self._done_cost += self._cost[run]
            if trained:
                self._trained_cost += self._cost[run]
                self._num_trained += 1
                self._news.notify_all()

    def end(self, state: State, problem: str | None = None) -> None:
        """No more rows will come."""
        with self._news:
            self._state, self._problem, self._ended = state, problem, time.monotonic()
            self._news.notify_all()


class Jobs:
    """All jobs of the app.

    Args:
        summarize: the row of a result: what most pages need of it. Whole results stay in the cache.
        cache: where results are kept between starts of the app.
        executor: where to train, shared by all jobs, which take turns.
        device: "cpu", "cuda" or "mps".
        patience: seconds after which a job stops that nobody looks at.
    """

    def __init__(
        self,
        summarize: Callable[[Result], Row],
        *,
        cache: Cache,
        executor: Executor,
        device: str = "cpu",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._summarize = summarize
        self._cache = cache
        self._executor = executor
        self._turns = Turns(executor, self._slots, self._long_slots, _seconds)
        self._device = device
        self._patience = patience
        self._lock = threading.Lock()
        self._jobs: dict[tuple[Task, ...], Job] = {}  # the running ones
        self._training: dict[Task, Job] = {}  # who computes a run
        self._begun: set[Task] = set()  # those of them that a worker has
        self._here: dict[str, float] = {}  # who asked for something, and when for the last time
        self._recent: OrderedDict[Task, Row] = OrderedDict()
        self._whole = _RecentResults()
        self._totals = Totals()

    def request(self, runs: Iterable[Task], watcher: str, first: frozenset[Task] = frozenset()) -> Job:
        """The job for `runs`: a running one, if there is one for the same runs, which has an order of its own.

        Else one that computes `first` before all others.

        Raises:
            TooBusyError: it would be too much, with all that others have asked for.
        """
        key = tuple(dict.fromkeys(runs))
        with self._lock:
            self._here[watcher] = time.monotonic()
            job = self._jobs.get(key)
            if job is not None:
                job.join(watcher)
                return job
            job = Job(key, self._patience, self._turns.party(), self._slots(), first)
            job.party.prepare = lambda chunk: (self._begin(job, chunk),)
            job.join(watcher)  # before it starts: a job that nobody looks at ends
            self._add_what_is_known(job)
            is_done = not job.missing()
            if is_done:
                job.end("done")
            else:
                self._check_room(job)
                self._start(job)
        if is_done:
            self._tell(job)
        return job

    def running(self) -> list[Job]:
        """The jobs that are at work."""
        with self._lock:
            return list(self._jobs.values())

    @property
    def totals(self) -> Totals:
        """Of all jobs that have ended."""
        return self._totals

    def result(self, run: RunConfig) -> RunResult | None:
        """The whole result of a run that has a row, from memory or from the cache.

        None where neither has it any more: its row is then forgotten too, so that the next request trains it again.
        """
        with self._lock:
            found = self._whole.get(run)
        if found is None:
            found = self._cache.get(run)
            with self._lock:
                if found is None:
                    self._recent.pop(run, None)
                else:
                    self._whole.put(found)
        return cast("RunResult | None", found)

    def forget(self) -> None:
        """Drop what is in memory, after the cache was cleared."""
        with self._lock:
            self._recent.clear()
            self._whole = _RecentResults()

    def _add_what_is_known(self, job: Job) -> None:
        for run in job.runs:
            if run in self._recent:
                self._recent.move_to_end(run)
                job.add(run, self._recent[run], trained=False)

    def _check_room(self, job: Job) -> None:
        hours, asked = sum(other.hours_left() for other in self._jobs.values()), job.hours_left()
        if len(self._jobs) >= MAX_JOBS:
            problem = f"already {len(self._jobs):,} sweeps are at work for others"
        elif hours + asked > MAX_HOURS and asked * 3600 > LITTLE_SECONDS:
            problem = f"the machine already has {hours:.1f} hours of work before it, and this is about {asked:.1f} more"
        else:
            return
        raise TooBusyError(f"{problem}: ask for less, or come back later.")

    def _start(self, job: Job) -> None:
        self._jobs[job.runs] = job
        try:
            threading.Thread(target=self._work, args=(job,), name="job", daemon=True).start()
        except RuntimeError as error:  # the system has no thread for it
            del self._jobs[job.runs]
            raise TooBusyError("the machine can do no more at the moment: come back later.") from error

    def _slots(self) -> int:
        return size(self._executor, self._device)

    def _long_slots(self) -> int:
        """How many workers may be at long work: one is kept for others, if any were here lately."""
        latest = time.monotonic() - COMPANY_SECONDS
        with self._lock:
            self._here = {watcher: seen for watcher, seen in self._here.items() if seen > latest}
            return self._slots() - (len(self._here) > 1)

    def _work(self, job: Job) -> None:
        problem = None
        lost: set[Task] = set()  # runs whose workers failed: the job ends without them
        try:
            while self._goes_on(job, lost):
                mine = self._claim(job, lost)
                try:
                    self._compute(mine, job)
                except IncompleteSweepError as error:
                    problem = str(error)
                    lost |= self._owned(mine, job) & set(job.missing())
                finally:
                    self._release(mine, job)
                if job.missing():
                    time.sleep(WAIT_SECONDS)  # somebody else computes the rest
        except Exception as error:  # whatever it is, the page must say it instead of waiting forever
            _log.exception("a job failed")
            problem = str(error) or repr(error)
            with self._lock:
                del self._jobs[job.runs]
        job.end("failed" if problem else "stopped" if job.missing() else "done", problem)
        self._tell(job)

    def _tell(self, job: Job) -> None:
        """Count and log a job that has ended."""
        look = job.look(None)
        known = len(look.rows) - look.num_trained
        with self._lock:
            before = self._totals
            self._totals = Totals(before.jobs + 1, before.known + known, before.computed + look.num_trained)
        logs.event(
            _log,
            "job",
            sessions=job.sessions(),
            state=look.state,
            seconds=round(look.elapsed, 3),
            known=known,
            computed=look.num_trained,
            missing=look.num_runs - len(look.rows),
            **job.described,
            **({"problem": look.problem} if look.problem else {}),
        )

    def _goes_on(self, job: Job, lost: set[Task]) -> bool:
        """Whether there is more to do. If not, whoever asks from now on gets another job than this one, which ends."""
        with self._lock:
            goes_on = job.is_wanted() and any(run not in lost for run in job.missing())
            if not goes_on:
                del self._jobs[job.runs]
        return goes_on

    def _compute(self, runs: list[Task], job: Job) -> None:
        cache = RecordingCache(self._cache)
        results = sweep(
            runs,
            cache=cache,
            executor=job.party,
            device=self._device,
            should_stop=lambda: not job.is_wanted(),
            first=job.first,
        )
        with closing(cast("Generator[Result]", results)):  # whatever goes wrong here, no worker goes on for nobody
            for result in results:
                row = self._summarize(result)
                with self._lock:
                    self._whole.put(result)
                    self._recent[result.config] = row
                    if len(self._recent) > RECENT_ROWS:
                        self._recent.popitem(last=False)
                job.add(result.config, row, trained=result.config in cache.computed)

    def _claim(self, job: Job, lost: set[Task]) -> list[Task]:
        """The missing runs that are from now on the business of this job.

        Those that no other has. And at first those too that another has and no worker has begun: else who asks for one
        run of somebody's long sweep would wait for all of that. In the end both have all; only once, lest two jobs take
        from each other for ever.
        """
        missing = [run for run in job.missing() if run not in lost]
        with self._lock:
            for run in missing:
                if run in self._recent:
                    job.add(run, self._recent[run], trained=False)
            takes, job.is_new = job.is_new, False
            free = [run for run in missing if run not in self._training or (takes and run not in self._begun)]
            mine = [run for run in free if run not in self._recent]
            self._training.update(dict.fromkeys(mine, job))
        return mine

    def _begin(self, job: Job, runs: list[Task]) -> list[Task]:
        """Which runs are still the job's, now that it is their turn."""
        with self._lock:
            mine = [run for run in runs if self._training.get(run) is job]
            self._begun.update(mine)
        return mine

    def _owned(self, runs: list[Task], job: Job) -> set[Task]:
        with self._lock:
            return {run for run in runs if self._training.get(run) is job}

    def _release(self, runs: list[Task], job: Job) -> None:
        mine = self._owned(runs, job)
        with self._lock:
            for run in mine:
                del self._training[run]
            self._begun -= mine


def _seconds(runs: Sequence[Task]) -> float:
    """How long a worker will have some runs."""
    return sum(map(cost.seconds, runs))


class _RecentResults:
    """The whole results that were used last, as many as `RECENT_BYTES` hold, and one at least."""

    def __init__(self) -> None:
        self._results: OrderedDict[Task, Result] = OrderedDict()
        self._bytes = 0

    def get(self, run: Task) -> Result | None:
        if run in self._results:
            self._results.move_to_end(run)
        return self._results.get(run)

    def put(self, result: Result) -> None:
        if result.config not in self._results:
            self._bytes += result.num_bytes
        self._results[result.config] = result
        self._results.move_to_end(result.config)
        while self._bytes > RECENT_BYTES and len(self._results) > 1:
            self._bytes -= self._results.popitem(last=False)[1].num_bytes
