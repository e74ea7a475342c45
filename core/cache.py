"""Results kept on disk, so that no run is trained twice.

diskcache pickles what it is given and unpickles what it finds, so that whoever can write its folder can run code
(CVE-2025-69872). Here a key is text, a value is bytes (`core.serial`), and anything else is refused unread.

No fault of the disk leaves this module: what cannot be read is a miss, what cannot be written is computed again, and
`ResultCache.stats` says why.
"""

import logging
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import diskcache
import platformdirs
from diskcache.core import DBNAME, METADATA

from core.serial import BytesDisk, ForeignValue, from_bytes, to_bytes
from core.tasks import Task
from core.work import Result

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

LOCK_TIMEOUT_S = 2.0  # for another process to finish its write
REST_S = 5.0  # after a write or an opening failed: no sweep shall wait for each of its runs anew
BROKEN = ".broken"  # behind the name of a database that was set aside

_SETTINGS = {
    **diskcache.DEFAULT_SETTINGS,  # all of them: those left out would be taken from whatever database lies there
    "eviction_policy": "least-recently-stored",  # "least-recently-used" makes every read a write; see `get`
    "cull_limit": 0,  # evicting is done by `_store`
    "sqlite_mmap_size": 0,  # a mapped file that another process truncates ends this one with SIGBUS
    "sqlite_cache_size": 1024,  # pages for each thread; a value is read once, and the system keeps its file in memory
}

# The last three are what diskcache raises where its table of settings is not as it left it.
_FAULTS = (sqlite3.Error, diskcache.Timeout, OSError, AttributeError, TypeError, ValueError)
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_UNUSABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
_PROBLEMS = {
    "locked": "New results are not kept for now: another process is busy with the cache in {directory}.",
    "full": "New results are not kept: there is no room left for the cache in {directory}.",
    "unusable": "Results are not kept: the cache in {directory} cannot be used ({error}).",
    "damaged": "Results are not kept: the database of the cache in {directory} is damaged ({error}).",
    "set aside": "The database of the cache in {directory} was damaged ({error}). A new one was begun.",
}


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What a cache holds, and how it did since it was opened.

    Attributes:
        directory: its folder.
        entries: results in it; 0 if it cannot be used.
        bytes: what they take on disk, of `size_limit`.
        hits, misses: of this process.
        dropped: values that were damaged or not ours, and were removed.
        problem: a sentence on what is wrong; None if nothing is.
    """

    directory: Path
    entries: int
    bytes: int
    size_limit: int
    hits: int
    misses: int
    dropped: int
    problem: str | None


def open_cache(directory: str | os.PathLike[str] | None = None, *, size_limit: int = 2 * 2**30) -> "ResultCache":
    """Open the cache of results; one that cannot be opened keeps nothing, and its `stats` say why.

    Args:
        directory: its folder, made if need be, and closed to other users. None: the environment variable
            EXPLORER_CACHE_DIR, or else the folder that this system has for caches.
        size_limit: bytes; beyond it, the results that were least recently used are dropped.
    """
    directory = (
        directory
        or os.environ.get("EXPLORER_CACHE_DIR")
        or platformdirs.user_cache_path("memorization-explorer", appauthor=False)
    )
    # Expanded as diskcache expands it, so that both mean one folder.
    return ResultCache(Path(os.path.expandvars(os.path.expanduser(directory))).absolute(), size_limit)


class _Opened(NamedTuple):
    cache: Any  # diskcache.Cache
    identity: tuple[int, int] | None


class ResultCache:
    """Results of runs on disk. Threads may share one, and processes its folder. Made by `open_cache`."""

    def __init__(self, directory: Path, size_limit: int) -> None:
        self._directory = directory
        self._database = directory / DBNAME
        self._size_limit = size_limit
        self._opened: _Opened | None = None
        self._lock = threading.RLock()  # held while writing or opening
        self._open_after = self._write_after = 0.0
        self._count_lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._problems: dict[str, str] = {}
        self._warned: set[str] = set()
        self._attempt(lambda cache: None, None)

    def get(self, run: Task, /) -> Result | None:
        """The result of `run`, or None where there is none that can be trusted."""
        key = run.key()
        result: Result | None = None
        nothing: tuple[bytes | None, object] = None, None
        value, hour = self._attempt(lambda cache: _fetch(cache, key), nothing)
        if value is not None:
            try:
                result = from_bytes(value, run)
            except ForeignValue as error:
                self._count("dropped")
                self._warn("dropped", f"A value in the cache in {self._directory} was dropped: {error}.")
                self._write(lambda cache: cache.delete(key))
            else:
                if hour != _this_hour():  # stored again, it is the last to be evicted: least recently used, to the hour
                    self._write(lambda cache: _store(cache, key, value))
        self._count("misses" if result is None else "hits")
        return result

    def put(self, result: Result, /) -> None:
        """Keep a result, if the disk lets it.

        Raises:
            ValueError: an array of the result has not the dtype or shape that its run must have.
        """
        key, value = result.config.key(), to_bytes(result)
        self._write(lambda cache: _store(cache, key, value))

    def stats(self) -> CacheStats:
        """What the cache holds, and how it did so far."""
        entries, size = self._attempt(lambda cache: (len(cache), int(cache.volume())), (0, 0))
        with self._count_lock:
            hits, misses, dropped = (self._counts[name] for name in ("hits", "misses", "dropped"))
            problem = " ".join(self._problems.values()) or None
        return CacheStats(self._directory, entries, size, self._size_limit, hits, misses, dropped, problem)

    def clear(self) -> int:
        """Remove every result, and a database that was set aside.

        Returns:
            How many results were removed.
        """
        with self._lock:
            entries = self.stats().entries
            removed: int | None = self._attempt(lambda cache: cache.clear(), None)
            if removed is None:  # to delete rows takes room, which a full disk has not
                removed = entries if self._set_aside() else 0
            for file in self._directory.glob(f"{DBNAME}{BROKEN}*"):
                with suppress(OSError):
                    file.unlink()
            self._write_after = 0.0
            return removed

    def close(self) -> None:
        """Let go of the folder. A later call opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.cache.close()  # other threads' connections close with the last reference to it
                self._opened = None

    def _write(self, operation: Callable[[Any], object]) -> None:
        with self._lock:
            if time.monotonic() < self._write_after:
                return
            if self._attempt(lambda cache: (operation(cache),), None) is None:
                self._write_after = time.monotonic() + REST_S
                return
        with self._count_lock:  # what was wrong is so no more, but what was lost stays lost
            self._problems = {kind: problem for kind, problem in self._problems.items() if kind == "set aside"}

    def _attempt(self, operation: Callable[[Any], _T], default: _T) -> _T:
        """`operation(diskcache.Cache)`, tried again where a fault could be mended, or `default` where not."""
        for try_again in (True, False):
            opened = None
            try:
                opened = self._connected()
                if opened is None:
                    break
                return operation(opened.cache)
            except _FAULTS as error:
                if not (try_again and self._mended(opened, error)):
                    self._note(_kind(error), error)
                    break
        return default

    def _connected(self) -> _Opened | None:
        """The open database: another one where the file is no longer that which was opened; None while resting."""
        opened = self._opened
        if opened is not None and opened.identity == _identity(self._database):
            return opened
        with self._lock:
            opened = self._opened
            if opened is None or opened.identity != _identity(self._database):
                if time.monotonic() < self._open_after:
                    return None
                self._open_after = time.monotonic() + REST_S
                _make_private(self._directory)
                opened = self._opened = _open(self._directory, self._size_limit)
                self._open_after = 0.0
            return opened

    def _mended(self, opened: _Opened | None, error: Exception) -> bool:
        """Whether there is a sound database now, so that what failed with `error` may be tried again."""
        with self._lock:
            if opened is not None:
                opened.cache.close()  # a commit that failed leaves its transaction open, and the database locked
                if opened.identity != _identity(self._database):
                    return True  # removed or replaced by another process
            if _kind(error) != "damaged":
                return False
            if not self._set_aside():
                return False
            self._note("set aside", error)
            return True

    def _set_aside(self) -> bool:
        """Rename the database, so that the next call begins a new one; whether that worked.

        One that was set aside before is replaced: each can be as large as the limit.
        """
        self.close()
        self._open_after = 0.0
        for suffix in ("-wal", "-shm", ""):  # the log first: left behind, it would be taken for the new database's
            try:
                os.replace(f"{self._database}{suffix}", f"{self._database}{BROKEN}{suffix}")
            except FileNotFoundError:
                continue
            except OSError:
                return False
        return True

    def _note(self, kind: str, error: BaseException) -> None:
        problem = _PROBLEMS[kind].format(directory=self._directory, error=error)
        with self._count_lock:
            self._problems[kind] = problem
        self._warn(kind, problem)

    def _warn(self, kind: str, message: str) -> None:
        """Log a warning, once for each kind."""
        with self._count_lock:
            is_new = kind not in self._warned
            self._warned.add(kind)
        if is_new:
            _log.warning(message)

    def _count(self, name: str) -> None:
        with self._count_lock:
            self._counts[name] += 1


def _open(directory: Path, size_limit: int) -> _Opened:
    # A look before diskcache's own: it waits a minute for a lock, and takes whatever settings it finds in the database
    # for attributes and pragmas of its own.
    with closing(sqlite3.connect(directory / DBNAME, timeout=LOCK_TIMEOUT_S, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'Settings'").fetchone():
            found = {name for name, _ in connection.execute("SELECT key, value FROM Settings")}
            if foreign := found - _SETTINGS.keys() - METADATA.keys():
                raise ValueError(f"unknown settings {sorted(map(str, foreign))}")
    settings = {**_SETTINGS, "size_limit": size_limit}
    cache = diskcache.Cache(directory, timeout=LOCK_TIMEOUT_S, disk=BytesDisk, **settings)
    return _Opened(cache, _identity(directory / DBNAME))


def _fetch(cache: Any, key: str) -> tuple[bytes | None, object]:
    """The value at `key` and the hour in which it was last stored; b"" where the row is not ours."""
    try:
        value, hour = cache.get(key, tag=True)
    except ForeignValue:
        return b"", None
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):
            raise
        return b"", None  # not from SQLite but from Python: text that is not UTF-8, one flipped bit away from bytes
    return value, hour


def _store(cache: Any, key: str, value: bytes) -> None:
    cache.set(key, value, tag=_this_hour())
    # diskcache's own evicting removes a fixed number of rows for each one that comes, be it larger than all of these.
    if cache.volume() > cache.size_limit:
        cache.cull()


def _this_hour() -> int:
    return int(time.time() // 3600)


def _make_private(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    ours = hasattr(os, "geteuid") and status.st_uid == os.geteuid()
    alone = all(path.name.startswith("cache.db") for path in directory.iterdir())  # never close somebody's home folder
    if ours and alone and status.st_mode & 0o077:
        with suppress(OSError):  # not every file system has permissions
            directory.chmod(0o700)


def _identity(database: Path) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None where there is none."""
    try:
        status = database.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _kind(error: BaseException) -> str:
    """Which of `_PROBLEMS` an error stands for."""
    # diskcache says "timeout" whatever kept it from beginning a transaction, and fails to roll back one that SQLite
    # has rolled back itself: the cause stands behind these.
    while error.__context__ and (isinstance(error, diskcache.Timeout) or "cannot rollback" in str(error)):
        error = error.__context__
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the rest of it says more than we need
    if code in _LOCKED:
        return "locked"
    if code == sqlite3.SQLITE_FULL:
        return "full"
    return "unusable" if isinstance(error, OSError) or code in _UNUSABLE else "damaged"
