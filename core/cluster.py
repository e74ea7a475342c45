"""Workers on other machines, by dask.distributed; all that knows of it is here.

The scheduler gives a task that was lost with its worker to another one. What it does not do by itself is here: workers
whose results could be others than ours are refused, a task that nobody waits for any more ends in mid-chunk, and a
connection that was lost is made anew. Results come back over the wire, and only this process keeps them: a worker never
sees the cache.
"""

import asyncio
import contextlib
import functools
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import numpy as np
import torch

from core.config import SCHEMA_VERSION
from core.serial import MAGIC
from core.workers import Seldom

VARIABLE = "EXPLORER_EXECUTOR"
CONNECT_SECONDS = 5.0  # for the scheduler to answer
VERSIONS_SECONDS = 60.0  # for the workers to do so, which have to import PyTorch first
REFRESH_SECONDS = 1.0  # how often the size of the cluster is asked for
GUARD = "memorization-explorer"

_PROTOCOLS = {"dask": "tcp", "dask+tls": "tls"}
_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def from_environment(*, patiently: bool = False) -> "Cluster | None":
    """The cluster that the variable EXPLORER_EXECUTOR names; None where it names none.

    Args:
        patiently: as in `connect`.

    Raises:
        ValueError: as `connect`.
    """
    address = os.environ.get(VARIABLE, "").strip()
    return connect(address, patiently=patiently) if address else None


def connect(address: str, *, patiently: bool = False) -> "Cluster":
    """The cluster of the scheduler at `address`, once its versions are known to be ours.

    Args:
        address: dask://host:port, or dask+tls://host:port with the certificates that dask's own configuration names.
        patiently: a scheduler that does not answer, or has other versions, is no error: see `Cluster.problem`.

    Raises:
        ValueError: the address is malformed, `distributed` is not installed, no scheduler answers, or versions differ;
            the sentence says which, and what to do.
    """
    return Cluster(_url(address), patiently=patiently)


def versions() -> dict[str, str]:
    """All that results may depend on besides their settings, and what they are sent in."""
    return {
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "torch": torch.__version__.partition("+")[0],  # builds for CPU and CUDA are one version
        "numpy": np.__version__,
        "results of schema": str(SCHEMA_VERSION),
        "cache format": MAGIC.decode(),
    }


def difference(where: str, found: dict[str, str] | BaseException, here: str, expected: dict[str, str]) -> str | None:
    """A sentence on the versions that differ in two places; None if none does.

    Args:
        where: where `found` was found: its versions, or the error in asking for them.
        here: where `expected` is.
    """
    if isinstance(found, BaseException):
        return f"{where} cannot run this project ({found}): install there what is installed on {here}"
    names = [name for name in expected if found.get(name) != expected[name]]
    if not names:
        return None
    theirs = " and ".join(f"{name} {found.get(name, 'unknown')}" for name in names)
    ours = " and ".join(f"{name} {expected[name]}" for name in names)
    return f"{where} has {theirs}, but {here} has {ours}: install the same on both"


class Cluster(Executor):
    """The workers of a scheduler, as many as there are at the moment. Made by `connect`.

    Attributes:
        url: of the scheduler, as dask writes it.
        problem: why nothing can be computed at the moment, as a sentence; it is tried again and again. None: it can.
    """

    def __init__(self, url: str, *, patiently: bool = False) -> None:
        self.url = url
        self.problem: str | None = None
        self._client: Any = None
        self._num_threads = 0
        self._lock = threading.Lock()
        self._signals: set[_Cancelled] = set()  # of the sweeps that go on
        # What is on its way, and for which sweep. Dask's executor does not keep them all, and forgets some when the
        # connection is lost: these would never be done.
        self._pending: dict[Future[Any], object] = {}
        self._is_over = threading.Event()
        try:
            self._take(_checked_client(url))
        except ValueError as error:
            if not patiently:
                raise
            self._tell(error)
        self._watcher = threading.Thread(target=self._watch, name="cluster", daemon=True)
        self._watcher.start()

    @property
    def num_workers(self) -> int:
        """How many tasks the cluster works on at a time: threads of all workers, as of a second ago; 1 if there are
        none, for then a task waits for the first.
        """
        return max(1, self._num_threads)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """A future of `fn(*args, **kwargs)`, as computed on some worker.

        Raises:
            ConnectionError: the connection is lost. It is being made anew, for later tasks.
            RuntimeError: after `shutdown`, or after the end of the block of the `stop_signal` that `fn` asks.
        """
        from distributed.client import ClosedClientError

        signal = getattr(fn, "keywords", {}).get("should_stop")  # a sweep sends the signal of `stop_signal` along
        with self._lock:
            if isinstance(signal, _Cancelled) and signal not in self._signals:
                raise RuntimeError("the sweep that this task belongs to has ended")
            if self._is_over.is_set():
                raise RuntimeError("the cluster has been let go of")
            if not self._is_connected():
                raise ConnectionError(self.problem or self._loss())
            try:
                # As a partial, because dask would look through all arguments for futures of its own.
                future: Future[_T] = self._executor.submit(functools.partial(fn, *args, **kwargs))
            except ClosedClientError as error:  # just now
                raise ConnectionError(self._loss()) from error
            self._pending[future] = signal
        future.add_done_callback(lambda done: self._pending.pop(done, None))
        return future

    @contextlib.contextmanager
    def stop_signal(self) -> "Iterator[Callable[[], bool]]":
        """What a task asks on its worker. Tasks that were sent with it are cancelled at the end of this block."""
        signal = _Cancelled()
        with self._lock:
            self._signals.add(signal)
        try:
            yield signal
        finally:
            with self._lock:
                self._signals.remove(signal)
                left = [future for future, its in list(self._pending.items()) if its is signal]
            for future in left:
                future.cancel()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster, which lives on.

        Args:
            wait: for the tasks that are on their way; else they are cancelled.
            cancel_futures: cancel them, and do not wait.
        """
        with self._lock:
            if self._is_over.is_set():
                return
            self._is_over.set()
        self._watcher.join(CONNECT_SECONDS)
        if self._is_connected():
            self._executor.shutdown(wait=wait and not cancel_futures)
            with contextlib.suppress(OSError):  # a scheduler that is gone has no guard either
                self._client.unregister_worker_plugin(_guard_name(self._client))
        self._close()

    def _take(self, client: Any) -> None:
        """Work with this client from now on."""
        num_threads = sum(client.nthreads().values())
        with self._lock:
            self._client = client
            self._connection = client.scheduler_comm
            self._num_threads = num_threads
            self.problem = None
            # Not `pure`: equal tasks of two sweeps would be one, and whoever cancels it would cancel it for both.
            self._executor = client.get_executor(pure=False)
        if not num_threads:
            _log.warning("the cluster at %s has no workers yet; tasks wait for the first", self.url)

    def _is_connected(self) -> bool:
        """Over one connection: a scheduler that was started anew knows of no task, and may have other versions."""
        client = self._client
        return client is not None and client.status == "running" and client.scheduler_comm is self._connection

    def _loss(self) -> str:
        return f"the connection to the scheduler at {self.url} is lost: see whether it runs, or correct {VARIABLE}"

    def _watch(self) -> None:
        """Look after the connection, and how many workers there are, until the end."""
        while not self._is_over.wait(REFRESH_SECONDS):
            try:
                if self._is_connected():
                    counts = self._client.sync(self._client.nthreads, callback_timeout=CONNECT_SECONDS)
                    self._num_threads = sum(counts.values())
                    self.problem = None
                else:
                    self._close()
                    self._take(_checked_client(self.url))
                    if self._is_over.is_set():  # meanwhile
                        self._close()
            except ValueError as error:
                self._tell(error)
            except Exception:  # the connection was lost just now; whatever it is, it is tried again
                self._tell(ValueError(self._loss()))

    def _tell(self, error: ValueError) -> None:
        """Whoever hands in tasks is told what is wrong, and once in a row the log."""
        if self.problem is None and not self._is_over.is_set():
            _log.warning("%s", error)
        self.problem = str(error)

    def _close(self) -> None:
        """The client, and what is still on its way there: it will not come."""
        if self._client is not None:
            with contextlib.suppress(OSError, TimeoutError):
                self._client.close()
        for future in list(self._pending):
            with contextlib.suppress(InvalidStateError):  # done after all
                future.set_exception(ConnectionError(self._loss()))


class _Cancelled(Seldom):
    """Whether the scheduler wants the task no more that asks: the client has cancelled it, or is gone."""

    def look(self) -> bool:
        from distributed import get_worker

        worker = get_worker()
        task = worker.state.tasks.get(worker.get_current_task())
        return task is None or task.state == "cancelled"


def _url(address: str) -> str:
    """Of dask://host:port, as dask writes it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # a port that is none, a bracket that does not close
        parts, port = urlsplit(""), None
    rest = parts.path or parts.query or parts.fragment or parts.username
    if parts.scheme not in _PROTOCOLS or not parts.hostname or not port or rest:
        raise ValueError(
            f"the address of a cluster ({VARIABLE}) must look like dask://host:8786 or dask+tls://host:8786, but it is "
            f"{address!r}"
        )
    return f"{_PROTOCOLS[parts.scheme]}://{parts.netloc}"


def _checked_client(url: str) -> Any:
    """A `distributed.Client` of a scheduler whose versions, and those of all its workers, are ours."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "a cluster needs dask.distributed, which is not installed: pip install -e '.[cluster]'"
        ) from error
    # What it has to say of a scheduler that is gone are pages of calls; here it is one sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        # In a thread of its own, because there may be an event loop in this one, as in a notebook.
        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(asyncio.wait_for(_greet(url), CONNECT_SECONDS))).result()
        client = client_of(url, CONNECT_SECONDS, name=GUARD)
    except Exception as error:  # whatever another kind of server makes of it
        raise ValueError(_no_scheduler(url, error)) from error
    try:
        _check_versions(client)
        client.subscribe_topic(GUARD, lambda event: _log.warning("%s", event[1]))
        client.register_plugin(_guard(versions()), name=_guard_name(client))
    except BaseException:
        client.close()
        raise
    return client


def client_of(url: str, timeout: float, **options: Any) -> Any:
    """A `distributed.Client` of the scheduler at `url`, which nobody else uses by accident."""
    from distributed import Client

    try:
        return Client(url, timeout=timeout, set_as_default=False, **options)
    except AssertionError:  # dask's own (as of 2026.8): a busy scheduler's greeting came together with other messages
        return Client(url, timeout=timeout, set_as_default=False, **options)


def _no_scheduler(url: str, error: BaseException) -> str:
    """A sentence on why no scheduler could be talked to, and on what to do."""
    if isinstance(error, TypeError) and url.startswith("tls:"):  # which dask says of a context that is none
        return (
            f"{VARIABLE} asks for TLS, but dask has no certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, and "
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and ..._KEY"
        )
    match _knock(url):
        case socket.gaierror():
            return f"nothing is known of the host in {url}: correct {VARIABLE}"
        case ConnectionRefusedError():
            why = "nothing listens there"
        case TimeoutError():
            why = "it says nothing"
        case OSError(strerror=reason):  # no way leads there
            why = reason or "no connection can be made"
        case None if any(isinstance(each, TimeoutError) for each in _causes(error)):
            why = "it says nothing"
        case None:
            why = "something else than a scheduler is there, or one with another protocol"
    return (
        f"no scheduler answered at {url} within {CONNECT_SECONDS:.0f} seconds ({why}): start it, or correct {VARIABLE}"
    )


def _knock(url: str) -> OSError | None:
    """What a bare connection meets. Dask tells of its last try alone, which its limit of time may have cut short."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), CONNECT_SECONDS).close()
    except OSError as error:
        return error
    return None


def _causes(error: BaseException) -> "Iterator[BaseException]":
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


async def _greet(url: str) -> None:
    """See whether a scheduler is there. A client waits forever for one that takes a connection and says nothing."""
    from distributed import Security
    from distributed.core import connect

    comm = await connect(url, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
    await comm.close()


def _check_versions(client: Any) -> None:
    url = client.scheduler.address

    # By `sync`, which alone has a limit of time: in its event loop these calls give something to wait for.
    def answer(ask: Callable[..., Any], function: Callable[..., Any], **options: Any) -> Any:
        return client.sync(lambda: ask(function, **options), callback_timeout=VERSIONS_SECONDS)

    try:
        of_workers = answer(client.run, versions, on_error="return")
        places = {f"worker {name}": found for name, found in of_workers.items()}
    except (OSError, TimeoutError) as error:
        raise ValueError(
            f"the scheduler at {url} or its workers went away, or said nothing for {VERSIONS_SECONDS:.0f} seconds: see "
            f"whether they run, or correct {VARIABLE}"
        ) from error
    try:
        places[f"the scheduler at {url}"] = answer(client.run_on_scheduler, _scheduler_versions)
    except Exception as error:  # whatever it could not import
        places[f"the scheduler at {url}"] = error
    for where, found in places.items():
        if sentence := difference(where, found, "this computer", versions()):
            raise ValueError(sentence)


def _scheduler_versions(dask_scheduler: Any) -> dict[str, str]:
    """Versions of the scheduler, which at this chance forgets the guards of clients that were killed."""
    alive = {f"{GUARD}-{name}" for name in dask_scheduler.clients}
    for name in [name for name in dask_scheduler.worker_plugins if name.startswith(GUARD)]:
        if name not in alive:
            del dask_scheduler.worker_plugins[name]
    return versions()


def _guard_name(client: Any) -> str:
    return f"{GUARD}-{client.id}"


def _guard(expected: dict[str, str]) -> Any:
    """A plugin for workers, of today and tomorrow, that sends away one whose versions are not `expected`."""
    from distributed import WorkerPlugin  # here, because whoever has no cluster has no dask

    class Guard(WorkerPlugin):  # type: ignore[misc]  # distributed is optional
        def setup(self, worker: Any) -> None:
            sentence = difference(f"worker {worker.address}", versions(), "the client", expected)
            if sentence:
                worker.log_event(GUARD, f"{sentence}; it was sent away")
                _log.error("%s", sentence)
                worker.loop.add_callback(worker.close, reason=GUARD)

        def __reduce__(self) -> tuple[Any, ...]:
            return _guard, (expected,)  # by name: code of one Python would not run in another

    return Guard()
