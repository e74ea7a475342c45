"""A sweep as a stream of results, from any executor."""

import functools
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from typing import Protocol, overload

from core import cost, retry, workers
from core.config import RunConfig
from core.device import resolve
from core.limits import LimitsResult
from core.plan import plan
from core.result import RunResult
from core.retry import Chunk
from core.tasks import LimitsConfig, Task
from core.work import Result, compute

CHUNKS_PER_WORKER = 2  # one at work and one waiting
LONG_SECONDS = 10.0  # core-seconds from which processes pay for their start
POLL_SECONDS = 0.05  # how often should_stop is asked while nothing finishes

_log = logging.getLogger(__name__)


class Cache(Protocol):
    """What a sweep needs of a cache."""

    def get(self, task: Task, /) -> Result | None:
        """The result of `task`, or None."""

    def put(self, result: Result, /) -> None:
        """Keep a result."""


class RecordingCache:
    """A cache that remembers which results it was told: those had to be computed."""

    def __init__(self, cache: Cache) -> None:
        self.get = cache.get
        self._cache = cache
        self.computed: set[Task] = set()

    def put(self, result: Result, /) -> None:
        self.computed.add(result.config)
        self._cache.put(result)


class IncompleteSweepError(RuntimeError):
    """Some runs have no result, because the workers that had them failed; all the others were delivered."""


@overload
def sweep(
    runs: Iterable[RunConfig],
    *,
    cache: Cache | None = ...,
    executor: Executor | None = ...,
    device: str = ...,
    should_stop: Callable[[], bool] | None = ...,
    first: Collection[Task] = ...,
) -> Iterator[RunResult]: ...


@overload
def sweep(
    runs: Iterable[LimitsConfig],
    *,
    cache: Cache | None = ...,
    executor: Executor | None = ...,
    device: str = ...,
    should_stop: Callable[[], bool] | None = ...,
    first: Collection[Task] = ...,
) -> Iterator[LimitsResult]: ...


@overload
def sweep(
    runs: Iterable[Task],
    *,
    cache: Cache | None = ...,
    executor: Executor | None = ...,
    device: str = ...,
    should_stop: Callable[[], bool] | None = ...,
    first: Collection[Task] = ...,
) -> Iterator[Result]: ...


def sweep(
    runs: Iterable[Task],
    *,
    cache: Cache | None = None,
    executor: Executor | None = None,
    device: str = "cpu",
    should_stop: Callable[[], bool] | None = None,
    first: Collection[Task] = frozenset(),
) -> Iterator[Result]:
    """Train `runs`, coarse to fine, and yield each result as soon as it is there.

    Args:
        runs: any mix, of limits to be solved too; what stands there twice is computed once and yielded once.
        cache: asked before a run is trained, and told afterwards, always from the caller's thread.
        executor: where to train, any `concurrent.futures.Executor`; None: threads for a short sweep and processes for a
            long one, which live as long as it does. Memory stays flat: only `CHUNKS_PER_WORKER` chunks a worker are on
            their way at any time; see `core.workers.size`.
        device: "cpu", "cuda" or "mps".
        should_stop: asked every few milliseconds; the sweep then ends early. Workers of `core.workers`
            and `core.cluster` stop in mid-chunk, others with the chunk at hand.
        first: those of `runs` that are trained before all others.

    Yields:
        One result a distinct run: first those of the cache.

    Raises:
        ValueError: the device cannot be used here.
        IncompleteSweepError: after all other results, if some failed for good; see `core.retry`.
    """
    runs = list(dict.fromkeys(runs))
    for dtype in {run.dtype for run in runs if isinstance(run, RunConfig)}:
        resolve(device, dtype)
    missing = []
    for run in runs:
        if should_stop is not None and should_stop():
            return
        result = cache.get(run) if cache is not None else None
        if result is None:
            missing.append(run)
        else:
            yield result
    if not missing:
        return
    for result in _trained(missing, executor, device, should_stop or workers.never, first):
        if cache is not None:
            cache.put(result)
        yield result


def _trained(
    runs: list[Task],
    executor: Executor | None,
    device: str,
    should_stop: Callable[[], bool],
    first: Collection[Task],
) -> Iterator[Result]:
    if executor is not None:
        yield from _collected(runs, executor, device, should_stop, first)
        return
    is_long = sum(map(cost.seconds, runs)) > LONG_SECONDS
    own: Executor = workers.Processes() if is_long and device == "cpu" else workers.threads(device)
    with own:
        yield from _collected(runs, own, device, should_stop, first)


def _collected(
    runs: list[Task], executor: Executor, device: str, should_stop: Callable[[], bool], first: Collection[Task]
) -> Iterator[Result]:
    abandoned = False
    queue = deque(Chunk(part) for part in plan(runs, device, first))
    pending: dict[Future[Sequence[Result]], Chunk] = {}
    retries = retry.Retries()
    failed: list[Task] = []
    failure: BaseException | None = None
    with workers.stop_signal(executor, lambda: abandoned or should_stop()) as signal:
        work = functools.partial(compute, device=device, should_stop=signal)
        try:
            while queue or pending:
                at_most = CHUNKS_PER_WORKER * workers.size(executor, device)
                while queue and len(pending) < at_most and not retries.is_pausing:
                    chunk = queue.popleft()
                    pending[_submitted(executor, work, chunk)] = chunk
                for future in _done(pending):
                    chunk = pending.pop(future)
                    error = CancelledError("the executor cancelled it") if future.cancelled() else future.exception()
                    if error is None:
                        retries.succeeded()
                        yield from future.result()
                    elif should_stop():
                        return
                    elif again := retries.after(chunk, error):
                        _log.warning("computing %d runs failed (%r); trying once more", len(chunk.runs), error)
                        queue.extendleft(reversed(again))
                    else:
                        failed += chunk.runs
                        failure = error
                if should_stop():
                    return
        finally:
            abandoned = True
            for future in pending:
                future.cancel()
    if failure is not None:
        raise IncompleteSweepError(retry.sentence(failed, len(runs), failure)) from failure


def _done(pending: Collection[Future[Sequence[Result]]]) -> Iterable[Future[Sequence[Result]]]:
    """What is done within a moment."""
    if not pending:  # during a pause
        time.sleep(POLL_SECONDS)
    return wait(pending, POLL_SECONDS, FIRST_COMPLETED).done


def _submitted(
    executor: Executor, work: Callable[[list[Task]], Sequence[Result]], chunk: Chunk
) -> Future[Sequence[Result]]:
    """A future even from an executor that takes no more work, or cannot start anew: it then holds its error."""
    try:
        submit = workers.submit_alone(executor) if chunk.is_alone else executor.submit
        return submit(workers.limited(executor, work, sum(map(cost.seconds, chunk.runs))), chunk.runs)
    except Exception as error:
        refused: Future[Sequence[Result]] = Future()
        refused.set_exception(error)
        return refused
