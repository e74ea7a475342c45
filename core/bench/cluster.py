"""What a cluster costs beside threads and processes of this machine, and from what size of a chunk it pays."""

import contextlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from core import cluster, workers
from core.bench import speed
from core.config import RunConfig
from core.plan import _CPU_BUDGET
from core.sweep import CHUNKS_PER_WORKER
from core.train import train
from core.work import compute

NUM_WORKERS = 2
START_SECONDS = 60.0
STOP_SECONDS = 10.0
TASKS = 200  # empty ones
ROUNDS = 5
RUN = RunConfig(input_dim=40, num_classes=10, num_samples=200, num_steps=200)
CHUNK_SIZES = (1, 2, 4, 8, 16, 32, 64)  # runs
SHARE = 0.1  # that the cluster may take more


class LocalCluster:
    """A real scheduler and real workers, processes of their own on this machine, that end with this block.

    Args:
        num_workers: with one thread each.
        environment: of all of them; None: as here.

    Attributes:
        address: of the scheduler, as EXPLORER_EXECUTOR has it.
        scheduler, workers: the processes.
    """

    def __init__(self, num_workers: int = NUM_WORKERS, environment: Mapping[str, str] | None = None) -> None:
        self._num_workers = num_workers
        self._environment = dict(environment or os.environ) | {"OMP_NUM_THREADS": "1"}
        self._folder = tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True)
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "LocalCluster":
        try:
            self.scheduler = self.start_scheduler()
            for _ in range(self._num_workers):
                self.start_worker()
            self.wait_for(self._num_workers)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def start_scheduler(self, *options: str, port: int = 0) -> "subprocess.Popen[bytes]":
        """A scheduler that answers, on any free port."""
        file = Path(self._folder.name, "scheduler.json")
        file.unlink(missing_ok=True)
        options = ("--host", "127.0.0.1", "--port", str(port), "--scheduler-file", str(file), *options)
        process = self._started("distributed.cli.dask_scheduler", *options)
        until = time.monotonic() + START_SECONDS
        while True:
            # The file is there before it is written.
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                self.address = json.loads(file.read_text())["address"].replace("tcp:", "dask:")
                return process
            if process.poll() is not None or time.monotonic() > until:
                _end([process])
                raise RuntimeError(f"the scheduler did not start; its log ends with {self.log()[-2000:]!r}")
            time.sleep(0.05)

    def start_worker(self, *options: str) -> "subprocess.Popen[bytes]":
        """One more worker."""
        address = self.address.replace("dask:", "tcp:")
        options = (address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--memory-limit", "0", *options)
        worker = self._started("distributed.cli.dask_worker", *options, "--local-directory", self._folder.name)
        self.workers.append(worker)
        return worker

    def wait_for(self, num_workers: int) -> None:
        """Until so many workers have come, or are left."""
        from distributed import Client

        with Client(self.address.replace("dask:", "tcp:"), timeout=START_SECONDS, set_as_default=False) as client:
            until = time.monotonic() + START_SECONDS
            while (found := len(client.nthreads())) != num_workers:
                if time.monotonic() > until:
                    raise RuntimeError(f"there are {found} workers instead of {num_workers}: {self.log()[-2000:]!r}")
                time.sleep(0.05)

    def log(self) -> str:
        """What all of them have said so far."""
        return "".join(path.read_text(errors="replace") for path in sorted(Path(self._folder.name).glob("*.log")))

    def close(self) -> None:
        """End all of them."""
        _end([*self.workers, *([self.scheduler] if hasattr(self, "scheduler") else [])])
        self._folder.cleanup()

    def _started(self, module: str, *options: str) -> "subprocess.Popen[bytes]":
        name = f"{module.rpartition('_')[2]}-{time.monotonic_ns()}.log"
        with Path(self._folder.name, name).open("wb") as log:
            command = [sys.executable, "-m", module, *options, "--no-dashboard"]
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _end(processes: "Sequence[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        process.kill()  # nobody misses what they would tidy up
    for process in processes:
        process.wait(STOP_SECONDS)


def report() -> None:
    """Print the figures."""
    if find_spec("distributed") is None:
        print("Cluster: skipped, because dask.distributed is not installed: pip install -e '.[cluster]'")
        return
    print(
        f"Cluster: a scheduler and {NUM_WORKERS} workers on this machine, beside {NUM_WORKERS} processes and "
        f"{NUM_WORKERS} threads"
    )
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(LocalCluster())
        executors: dict[str, Executor] = {
            "cluster": stack.enter_context(cluster.connect(local.address)),
            "processes": stack.enter_context(workers.Processes()),
            "threads": stack.enter_context(ThreadPoolExecutor(NUM_WORKERS)),
        }
        for executor in executors.values():  # which imports what it needs
            list(executor.map(partial(compute, device="cpu"), [[RUN]] * 2 * NUM_WORKERS))
        overheads = _report_overheads(executors)
        _report_chunks(executors, overheads["cluster"])


def _report_overheads(executors: Mapping[str, Executor]) -> dict[str, float]:
    """What an empty task takes [s], with as many on their way as in a sweep."""
    overheads = {}
    print(f"{'an empty task, in ms':30}{'one alone':>12}{'in a stream':>14}")
    for name, executor in executors.items():
        alone = median(_seconds(executor, [0], at_once=1) for _ in range(50))
        overheads[name] = min(_seconds(executor, [0] * TASKS, at_once=4) for _ in range(ROUNDS)) / TASKS
        print(f"{name:30}{1e3 * alone:12.2f}{1e3 * overheads[name]:14.2f}")
    results = train([replace(RUN, data_seed=seed) for seed in range(16)])
    arrays = sum(result.num_bytes for result in results) / len(results)
    sent = len(pickle.dumps(results, protocol=5)) / len(results)
    print(f"back come {sent:,.0f} bytes a run of N = {RUN.num_samples}, {arrays:,.0f} of them its arrays")
    return overheads


def _empty(task: object) -> None:
    pass


def _seconds(
    executor: Executor, tasks: Sequence[object], at_once: int, work: Callable[[Any], object] = _empty
) -> float:
    """Until the results of all `tasks` are here, with so many on their way at any time."""
    left = deque(tasks)
    pending: set[Future[object]] = set()
    start = time.perf_counter()
    while left or pending:
        while left and len(pending) < at_once:
            pending.add(executor.submit(work, left.popleft()))
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
    return time.perf_counter() - start


def _chunk_seconds(
    executors: Mapping[str, Executor], chunks: Sequence[Sequence[RunConfig]]
) -> tuple[float, dict[str, float]]:
    """Of a chunk in this thread alone, and with each executor; in turns, so that all are disturbed alike."""
    work = partial(compute, device="cpu")
    here, wall = float("inf"), dict.fromkeys(executors, float("inf"))
    for _ in range(ROUNDS):
        here = min(here, speed.seconds(lambda: [work(chunk) for chunk in chunks[:8]]) / 8)
        for name, executor in executors.items():
            seconds = _seconds(executor, chunks, CHUNKS_PER_WORKER * NUM_WORKERS, work)
            wall[name] = min(wall[name], seconds / len(chunks))
    return here, wall


def _report_chunks(executors: Mapping[str, Executor], overhead: float) -> None:
    print(f"{'ms a chunk':22}{'one core':>12}" + "".join(f"{name:>12}" for name in executors))
    pays: dict[str, str] = {}
    ended: set[str] = set()
    for size in reversed(CHUNK_SIZES):
        num_chunks = max(8, 64 // size)
        chunks = [[replace(RUN, data_seed=seed) for seed in range(i * size, (i + 1) * size)] for i in range(num_chunks)]
        here, wall = _chunk_seconds(executors, chunks)
        holds = {"core": wall["cluster"] < here, "processes": wall["cluster"] <= (1 + SHARE) * wall["processes"]}
        for beside, does in holds.items():
            # From that size on: a smaller one counts only if all larger ones do.
            if not does:
                ended.add(beside)
            elif beside not in ended:
                pays[beside] = f"{size} runs, {1e3 * here:.0f} ms of work"
        figures = "".join(f"{1e3 * seconds:12.2f}" for seconds in wall.values())
        print(f"{f'{size} runs':22}{1e3 * here:12.2f}{figures}")
    beside_core, beside_processes = (pays.get(beside, "no size that was tried") for beside in ("core", "processes"))
    print(f"faster than this thread alone from a chunk of: {beside_core}")
    print(f"at most {SHARE:.0%} slower than processes from a chunk of: {beside_processes}")
    print(f"an empty task takes {SHARE:.0%} of a chunk of {1e3 * overhead / SHARE:.0f} ms")
    print(
        f"at {1e3 * overhead:.1f} ms a task, a scheduler keeps about {_CPU_BUDGET.seconds / overhead:,.0f} workers "
        f"busy with a sweep's chunks of {_CPU_BUDGET.seconds:g} s"
    )
