"""What is tried again, and the one sentence for who waits in vain. That a sweep goes by it is in `test_sweep.py`."""

from concurrent.futures import BrokenExecutor, CancelledError

import pytest
from loky.process_executor import TerminatedWorkerError

from core import retry
from core.config import RunConfig
from core.retry import Chunk, Retries, sentence
from core.tasks import LimitsConfig, Task

RUNS: list[Task] = [RunConfig(20, 10, 5), RunConfig(20, 10, 400), LimitsConfig(20, 10, 1_000)]
LOST = TerminatedWorkerError("A worker process managed by the executor was unexpectedly terminated.\n\nEXIT(-9)")


def test_runs_that_raised_are_tried_once_more_one_by_one() -> None:
    retries = Retries()
    again = retries.after(Chunk(RUNS), ZeroDivisionError())
    assert again == [Chunk([run], errors=1) for run in RUNS]
    assert [retries.after(chunk, ZeroDivisionError()) for chunk in again] == [[], [], []]
    assert not retries.is_pausing


def test_who_lost_a_process_is_tried_alone_whatever_happened_before_and_then_no_more() -> None:
    retries = Retries()
    for errors in (0, 1):
        [alone] = retries.after(Chunk(RUNS, errors), LOST)
        assert alone == Chunk(RUNS, errors, is_alone=True)
        assert retries.after(alone, LOST) == []
    assert retries.after(Chunk(RUNS, is_alone=True), ValueError()) == [Chunk([run], errors=1) for run in RUNS]
    assert not retries.is_pausing


def test_what_was_lost_together_shares_a_pause_and_the_next_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(retry.time, "monotonic", lambda: now)
    retries, chunk = Retries(), Chunk(RUNS, errors=1)
    for errors in (ConnectionError(), CancelledError(), OSError(24, "Too many open files")):
        assert retries.after(chunk, errors) == [chunk]
    for pause in retry.PAUSES:
        assert retries.after(chunk, ConnectionError()) == [chunk]
        now += pause - 0.01
        assert retries.is_pausing
        now += 0.02
        assert not retries.is_pausing
    assert retries.after(chunk, ConnectionError()) == []
    assert not retries.is_pausing
    retries.succeeded()  # from then on it is another outage
    assert retries.after(chunk, ConnectionError()) == [chunk]
    assert 30 <= sum(retry.PAUSES) < 60


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            LOST,
            "their process was ended twice, most likely because memory ran out (close other programs, or choose a "
            "smaller n, V or N) or because they took many times longer than estimated",
        ),
        (BrokenExecutor(), "their process was ended twice"),
        (ConnectionError("it is lost"), "for 31 seconds no worker could be reached or started (ConnectionError: it is"),
        (CancelledError(), "for 31 seconds no worker could be reached or started (CancelledError)"),
        (MemoryError(), "memory ran out twice (MemoryError); close other programs, or choose a smaller n, V or N"),
        (ValueError("no\nTraceback"), "computing them failed twice, the last time with ValueError: no;"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_one_sentence_says_what_is_missing_why_and_what_to_do(error: BaseException, reason: str) -> None:
    told = sentence(RUNS, 1_200, error)
    assert told.startswith(f"3 of 1,200 runs have no result (n = 20, V = 10, N = 5 to 1,000): {reason}")
    assert told.endswith("; all other results were delivered, and a new start computes only what is missing")
    assert "\n" not in told
    assert "worker process managed" not in told
