"""A real scheduler and real workers: the same results, nothing lost with a worker or left to one, no versions mixed."""

import contextlib
import errno
import functools
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core import IncompleteSweepError, RunConfig, cluster, retry, sweep, workers
from core.bench import cluster as bench
from core.bench.cluster import LocalCluster
from core.cluster import VARIABLE, Cluster, client_of, connect, difference, from_environment, versions
from core.sweep import CHUNKS_PER_WORKER
from core.turns import Turns
from tests.core.test_sweep import HOURS, MIX, RUNS, SHORT, Notebook, same_as_direct, same_as_train

distributed = pytest.importorskip("distributed")

PATIENCE = 60.0  # on a machine that does much else
# Twenty-four chunks of a tenth of a second or so: long enough that a worker dies in the middle.
LONG_RUNS = [
    RunConfig(20, 10, size, num_steps=2_000, learning_rate=0.002 * rate) for rate in range(1, 13) for size in (50, 300)
]


def eventually(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def looked_at(local: LocalCluster, look: Callable[[Any], Any]) -> Any:
    """What `look` finds, which gets a client of its own."""
    url = local.address.replace("dask:", "tcp:")
    with client_of(url, PATIENCE) as client:
        return look(client)


def is_idle(local: LocalCluster, num_workers: int = 2) -> bool:
    """Whether every worker has a thread free, and the scheduler knows of no task."""

    def look(client: Any) -> bool:
        addresses = list(client.nthreads())
        free = [client.submit(len, "free", workers=[address], pure=False) for address in addresses]
        took_other_work = [future.result(PATIENCE) for future in free] == [4] * num_workers
        free.clear()
        return took_other_work and eventually(
            lambda: not client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        )

    return bool(looked_at(local, look))


@pytest.fixture(scope="module")
def forbidden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that no worker opens."""
    return tmp_path_factory.mktemp("workers") / "cache"


@pytest.fixture(scope="module")
def local(forbidden: Path) -> Iterator[LocalCluster]:
    with LocalCluster(environment=os.environ | {"EXPLORER_CACHE_DIR": str(forbidden)}) as running:
        yield running


@pytest.fixture(scope="module")
def executor(local: LocalCluster) -> Iterator[Cluster]:
    with connect(local.address) as connected:
        yield connected


# --- the same results -------------------------------------------------------------------------------------------------


def test_a_mix_gives_each_result_once_and_as_if_it_were_computed_here(executor: Cluster) -> None:
    assert same_as_direct(list(sweep(MIX + MIX[::-1], executor=executor)), MIX)


def test_workers_compute_and_the_callers_thread_alone_keeps(
    local: LocalCluster, executor: Cluster, forbidden: Path
) -> None:
    cache = Notebook()
    assert same_as_train(cast("Any", list(sweep(RUNS, cache=cache, executor=executor))), RUNS)
    assert cache.told == Counter(RUNS)
    assert cache.threads == {threading.get_ident()}
    pids = {executor.submit(os.getpid).result(PATIENCE) for _ in range(20)}
    assert pids <= {worker.pid for worker in local.workers}
    assert not forbidden.exists()


def test_as_many_chunks_are_on_their_way_as_the_cluster_has_workers(
    executor: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for num_workers in (1, 5):
        pending: list[int] = []
        futures: list[Future[Any]] = []

        def submit(fn: Any, *args: Any, futures: Any = futures, pending: Any = pending) -> Any:
            futures.append(Cluster.submit(executor, fn, *args))
            pending.append(sum(not future.done() for future in futures))
            return futures[-1]

        monkeypatch.setattr(executor, "submit", submit)
        monkeypatch.setattr(Cluster, "num_workers", num_workers)
        assert len(list(sweep(RUNS, executor=executor))) == len(RUNS)
        assert max(pending) <= CHUNKS_PER_WORKER * num_workers
        assert max(pending) > CHUNKS_PER_WORKER * (num_workers - 1)  # those of the others


def test_the_number_of_workers_follows_the_cluster(local: LocalCluster, executor: Cluster) -> None:
    assert eventually(lambda: workers.size(executor) == 2)
    assert workers.size(Turns(executor, lambda: 1).party()) == 2
    third = local.start_worker()
    assert eventually(lambda: workers.size(executor) == 3)
    os.kill(third.pid, signal.SIGKILL)
    third.wait(PATIENCE)
    assert eventually(lambda: workers.size(executor) == 2)


def test_the_command_line_works_on_a_cluster(local: LocalCluster, forbidden: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "core", "sweep", "--input-dim", "3", "--num-classes", "4", "--num-samples", "5:20"]
    environment = os.environ | {VARIABLE: local.address, "EXPLORER_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("16 runs, 16 of them trained now")
    assert is_idle(local)
    assert not forbidden.exists()


# --- an early end -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "in turns"])
def test_a_stopped_sweep_leaves_no_work_behind(local: LocalCluster, executor: Cluster, is_shared: bool) -> None:
    hours = [replace(HOURS, data_seed=seed) for seed in range(4)]
    used: Executor = Turns(executor, lambda: 4).party() if is_shared else executor
    stop_at = time.monotonic() + 2
    assert list(sweep(hours, executor=used, should_stop=lambda: time.monotonic() > stop_at)) == []
    assert is_idle(local)


def test_closing_the_generator_leaves_no_work_behind(local: LocalCluster, executor: Cluster) -> None:
    results = cast(
        "Generator[Any]", sweep([SHORT, *(replace(HOURS, data_seed=s) for s in range(4))], executor=executor)
    )
    assert next(results).config == SHORT
    results.close()
    assert is_idle(local)


def test_a_task_of_a_sweep_that_has_ended_is_refused(executor: Cluster) -> None:
    with executor.stop_signal() as ended:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        executor.submit(functools.partial(print, should_stop=ended))


def test_a_client_that_is_killed_leaves_no_work_behind(local: LocalCluster, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "core", "sweep", "--input-dim", "200", "--num-classes", "200"]
    command += ["--num-samples", "5000", "--num-steps", "100000", "--seeds", "4"]
    environment = os.environ | {VARIABLE: local.address, "EXPLORER_CACHE_DIR": str(tmp_path)}

    def at_work(client: Any) -> bool:
        return eventually(lambda: sum(map(len, client.processing().values())) == 4)

    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as client:
        try:
            assert looked_at(local, at_work)
        finally:
            client.kill()
    assert is_idle(local)


# --- workers and schedulers that die ----------------------------------------------------------------------------------


def test_a_worker_killed_in_mid_sweep_loses_nothing(local: LocalCluster, executor: Cluster) -> None:
    victim = local.start_worker()
    assert eventually(lambda: workers.size(executor) == 3)
    results = []
    for result in sweep(LONG_RUNS, executor=executor):
        results.append(result)
        if len(results) == 4:
            os.kill(victim.pid, signal.SIGKILL)
    victim.wait(PATIENCE)
    assert same_as_train(results, LONG_RUNS)


@pytest.fixture
def _leaves_sockets() -> Iterator[None]:
    """A client of dask that loses its scheduler while it connects leaves a socket to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.usefixtures("_leaves_sockets")
def test_a_scheduler_that_dies_is_an_incomplete_sweep_and_one_that_comes_back_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(retry, "PAUSES", (0.1, 0.2))
    with LocalCluster(1) as local, connect(local.address) as executor, ThreadPoolExecutor(1) as aside:
        results = []
        cache = Notebook()
        with pytest.raises(IncompleteSweepError, match=r"no worker could be reached .*other results were"):  # noqa: PT012
            for result in sweep(LONG_RUNS, cache=cache, executor=executor):
                results.append(result)
                local.scheduler.kill()
        assert len(results) == sum(cache.told.values()) < len(LONG_RUNS)
        with pytest.raises(
            ConnectionError, match=rf"^(the connection to the|no|the) scheduler.* {executor.url} .*EXPLORER"
        ):
            executor.submit(len, "nobody")
        assert eventually(lambda: str(executor.problem).startswith(f"no scheduler answered at {executor.url} "))

        def restart() -> None:
            for process in (local.scheduler, *local.workers):
                process.kill()
                process.wait(PATIENCE)
            local.scheduler = local.start_scheduler(port=int(local.address.rpartition(":")[2]))
            local.start_worker()

        monkeypatch.setattr(retry, "PAUSES", (0.5,) * int(2 * PATIENCE))
        restarted = aside.submit(restart)
        assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)
        restarted.result()
        assert executor.problem is None


# --- versions ---------------------------------------------------------------------------------------------------------


def preload(folder: Path, code: str) -> list[str]:
    """Options with which a worker or a scheduler runs `code` before anything else."""
    file = folder / "changed.py"
    file.write_text(code)
    return ["--preload", str(file)]


OTHER_SCHEMA = "import core.config; core.config.SCHEMA_VERSION = 3"
OTHER_TORCH = "import torch; torch.__version__ = '2.5.1+cu124'"
NO_PROJECT = "import sys; sys.modules['core'] = None"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            OTHER_SCHEMA,
            r"^worker tcp://\S+ has results of schema 3, but this computer has results of schema \d+: install",
        ),
        (
            OTHER_TORCH,
            rf"^worker tcp://\S+ has torch 2\.5\.1, but this computer has torch {versions()['torch']}: install",
        ),
        (
            NO_PROJECT,
            r"^worker tcp://\S+ cannot run this project \(.*core.*\): install there what is installed on this",
        ),
    ],
    ids=["schema", "torch", "no project"],
)
def test_a_worker_of_other_versions_is_refused(code: str, sentence: str, local: LocalCluster, tmp_path: Path) -> None:
    # Before the first client, so that there is no guard to send it away.
    with LocalCluster(0) as own:
        worker = own.start_worker(*preload(tmp_path, code))
        own.wait_for(1)
        with pytest.raises(ValueError, match=sentence):
            connect(own.address)
        assert worker.poll() is None  # it is somebody's


def test_a_scheduler_of_other_versions_is_refused(tmp_path: Path) -> None:
    with LocalCluster(0) as own:
        own.scheduler.kill()
        own.scheduler.wait(PATIENCE)
        own.scheduler = own.start_scheduler(*preload(tmp_path, OTHER_SCHEMA))
        with pytest.raises(
            ValueError, match=r"^the scheduler at tcp://\S+ has results of schema 3, but this computer has"
        ):
            connect(own.address)


def test_a_worker_of_other_versions_that_comes_later_is_sent_away(
    local: LocalCluster, executor: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert eventually(lambda: workers.size(executor) == 2)
    with caplog.at_level(logging.WARNING, logger="core.cluster"):
        late = local.start_worker(*preload(tmp_path, OTHER_SCHEMA))
        late.wait(PATIENCE)
        assert eventually(lambda: "it was sent away" in caplog.text)
    assert "has results of schema 3, but the client has results of schema" in caplog.text
    assert same_as_train(list(sweep(RUNS, executor=executor)), RUNS)


def test_all_differences_are_named_and_the_same_versions_are_none() -> None:
    here = versions()
    assert difference("there", here, "here", here) is None
    assert difference("there", here | {"Python": "3.9", "numpy": "1.0"}, "here", here) == (
        f"there has Python 3.9 and numpy 1.0, but here has Python {here['Python']} and numpy {here['numpy']}: "
        "install the same on both"
    )


# --- the way there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "host:8786", "dask://", "dask://host", "dask://:8786", "dask://host:x", "dask://host:99999", "tcp://host:8786",
        "dask://host:8786/path", "dask://user@host:8786", "dask://[::1:8786", "processes",
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(
        ValueError, match=r"^the address of a cluster \(EXPLORER_EXECUTOR\) must look like .*, but it is '"
    ):
        connect(address)


def test_an_unreachable_scheduler_is_refused_after_a_bounded_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(
            ValueError,
            match=rf"^no scheduler answered at tcp://127.0.0.1:{port} within 1 seconds \(it says nothing\): start",
        ):
            connect(f"dask://127.0.0.1:{port}")
    with pytest.raises(ValueError, match=r"^no scheduler answered .* \(nothing listens there\): .*EXPLORER_EXECUTOR$"):
        connect(f"dask://127.0.0.1:{port}")
    assert time.monotonic() - began < 20


def test_why_no_scheduler_answers_does_not_hang_on_how_the_last_try_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut_short(url: str) -> None:
        raise TimeoutError

    monkeypatch.setattr(cluster, "_greet", cut_short)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"dask://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ValueError, match=r"^no scheduler answered .* \(nothing listens there\): "):
        connect(url)

    def no_way(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", no_way)
    with pytest.raises(ValueError, match=r"^no scheduler answered .* \(Network is unreachable\): "):
        connect(url)


def test_something_else_than_a_scheduler_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs_up:

        def serve() -> None:
            with contextlib.suppress(OSError):  # it is closed
                while True:
                    hangs_up.accept()[0].close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(ValueError, match=r"^no scheduler answered .* \(something else than a scheduler is there, "):
            connect(f"dask://127.0.0.1:{hangs_up.getsockname()[1]}")


def test_what_is_wrong_with_an_address_is_told_by_the_name_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # a network may be slow to say so
    with pytest.raises(
        ValueError, match=r"^nothing is known of the host in tcp://nowhere\.invalid:1: correct EXPLORER_"
    ):
        connect("dask://nowhere.invalid:1")
    with pytest.raises(ValueError, match=r"^EXPLORER_EXECUTOR asks for TLS, but dask has no certificates: set DASK_"):
        connect("dask+tls://127.0.0.1:1")


def test_who_is_patient_has_a_cluster_that_says_what_is_wrong_until_a_scheduler_is_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with LocalCluster(1) as local:
        local.scheduler.kill()
        local.scheduler.wait(PATIENCE)
        with caplog.at_level(logging.WARNING), connect(local.address, patiently=True) as executor:
            assert str(executor.problem).startswith("no scheduler answered at ")
            with pytest.raises(ConnectionError, match=r"^no scheduler answered at "):
                executor.submit(len, "nobody")
            assert workers.size(executor) == 1
            local.scheduler = local.start_scheduler(port=int(local.address.rpartition(":")[2]))
            assert eventually(lambda: executor.problem is None)
            local.start_worker()
            assert executor.submit(len, "abc").result(PATIENCE) == 3
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_without_the_package_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"not installed: pip install -e '\.\[cluster\]'$"):
        connect("dask://localhost:8786")


def test_the_environment_names_the_cluster(local: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert from_environment() is None
    monkeypatch.setenv(VARIABLE, " ")
    assert from_environment() is None
    monkeypatch.setenv(VARIABLE, local.address)
    found = from_environment()
    assert found is not None
    with found:
        assert found.submit(len, "abc").result(PATIENCE) == 3
    found.shutdown()  # once more is no matter
    with pytest.raises(RuntimeError, match="let go"):
        found.submit(len, "abc")


def test_a_client_that_leaves_takes_its_guard_along(local: LocalCluster, executor: Cluster) -> None:
    def guards(client: Any) -> int:
        return int(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.worker_plugins)))

    before = looked_at(local, guards)
    with connect(local.address):
        assert looked_at(local, guards) == before + 1
    assert looked_at(local, guards) == before


def test_the_benchmark_is_skipped_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    bench.report()
    assert capsys.readouterr().out.startswith("Cluster: skipped, because dask.distributed is not installed")


def test_a_greeting_that_came_with_other_messages_is_asked_for_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    num_failures = 1

    def client(url: str, **options: Any) -> dict[str, Any]:
        asked.append(url)
        assert len(asked) > num_failures
        return options

    monkeypatch.setattr(distributed, "Client", client)
    assert client_of("tcp://there", 5, name="us") == {"timeout": 5, "set_as_default": False, "name": "us"}
    assert asked == ["tcp://there"] * 2
    asked.clear()
    num_failures = 2
    with pytest.raises(AssertionError):
        client_of("tcp://there", 5)
