"""How much memory a sweep takes, each in a process of its own."""

import multiprocessing
import re
import resource
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from core.bench.speed import FIGURES, figure_1
from core.config import RunConfig
from core.sweep import sweep

MANY = 20_000


def report() -> None:
    """Print the figures."""
    (peak,) = _in_a_process(_figure_1_growth)
    print(f"Peak memory of Figure 1 (V = 10) above the imports: {peak / 1e6:.0f} MB")
    quarter, end = _in_a_process(_many_runs_growth)
    print(
        f"A sweep of {MANY:,} small runs, each result dropped as it comes: peak {quarter / 1e6:.0f} MB above the "
        f"imports after a quarter, {end / 1e6:.0f} MB at the end"
    )


def _figure_1_growth(answer: Connection) -> None:
    before = _peak()
    for _ in sweep(figure_1(next(iter(FIGURES.values())))):
        pass
    answer.send((_peak() - before,))


def _many_runs_growth(answer: Connection) -> None:
    run = RunConfig(input_dim=10, num_classes=10, num_samples=50, num_steps=20)
    runs = [replace(run, data_seed=seed) for seed in range(MANY)]
    before, quarter = _peak(), 0
    for i, _ in enumerate(sweep(runs)):
        if i == MANY // 4:
            quarter = _peak() - before
    answer.send((quarter, _peak() - before))


def _peak() -> int:
    """The most memory that this process has had [bytes]."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where a new process inherits its parent's ru_maxrss
        return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS: in bytes


def _in_a_process(work: Callable[[Connection], None]) -> tuple[int, ...]:
    receive, send = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=work, args=(send,))
    process.start()
    send.close()
    answer: tuple[int, ...] = receive.recv()
    process.join()
    return answer
