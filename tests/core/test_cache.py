"""The cache of results, against all that can happen to a folder: real files, real processes, real databases."""

import dataclasses
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import diskcache
import numpy as np
import pytest
from diskcache.core import MODE_BINARY, MODE_NONE, MODE_PICKLE, MODE_RAW, MODE_TEXT

import core.cache
from core.cache import ResultCache, open_cache
from core.config import RunConfig
from core.limits import LimitsResult, limits
from core.serial import to_bytes
from core.tasks import LimitsConfig
from tests.core.test_serial import Bait, identical, make_limits, make_result

ROOT = Path(__file__).parents[2]
NOBODY = 65534
RUN = RunConfig(input_dim=10, num_classes=5, num_samples=20)  # 2 KB: two fit a page of the database
RUNS = [dataclasses.replace(RUN, data_seed=seed) for seed in range(30)]
BIG = RunConfig(input_dim=100, num_classes=20, num_samples=500)  # 26 KB


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> Iterator[ResultCache]:
    with closing(open_cache(folder)) as cache:
        yield cache


def fill(cache: ResultCache, runs: list[RunConfig] = RUNS) -> None:
    for run in runs:
        cache.put(make_result(run))


def num_right(cache: ResultCache, runs: list[RunConfig] = RUNS) -> int:
    """How many of `runs` the cache has; what it has must be right."""
    found = [result for run in runs if (result := cache.get(run)) is not None]
    assert all(identical(result, make_result(result.config)) for result in found)
    return len(found)


def works(cache: ResultCache) -> bool:
    fill(cache)
    return num_right(cache) == len(RUNS)


def sql(folder: Path, statement: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        return connection.execute(statement, values).fetchall()


def start(role: Callable[..., None], *arguments: object) -> subprocess.Popen[str]:
    """Run a function of this module in a process of its own."""
    code = f"import sys; from tests.core.test_cache import *; {role.__name__}(*sys.argv[1:])"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_to_end(*children: subprocess.Popen[str]) -> list[str]:
    """What each child printed, once it ended without an error."""
    outputs = [child.communicate(timeout=120) for child in children]
    for child, (_, errors) in zip(children, outputs, strict=True):
        assert child.returncode == 0, errors
    return [output for output, _ in outputs]


# What a cache is for


def test_a_result_comes_back_as_it_was_put(cache: ResultCache) -> None:
    assert cache.get(RUN) is None
    cache.put(make_result(RUN))
    result = cache.get(RUN)
    assert result is not None
    assert identical(result, make_result(RUN))
    assert cache.get(dataclasses.replace(RUN, dtype="float64")) is None
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses, stats.dropped, stats.problem) == (1, 1, 2, 0, None)
    assert 0 < stats.bytes < 100_000


def test_limits_come_back_as_they_were_put_beside_the_runs_on_their_data(cache: ResultCache, folder: Path) -> None:
    configs = [LimitsConfig.of(RUN, most=most) for most in (False, True)]
    assert [cache.get(config) for config in configs] == [None, None]
    cache.put(make_result(RUN))
    assert [cache.get(config) for config in configs] == [None, None], "a run is not its limits"
    for config in configs:
        cache.put(make_limits(config))
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses, stats.dropped, stats.problem) == (3, 0, 4, 0, None)
    with closing(open_cache(folder)) as another:
        for config in configs:
            found = another.get(config)
            assert found is not None
            assert identical(found, make_limits(config))
        assert num_right(another, [RUN]) == 1


def test_limits_that_were_solved_need_not_be_solved_again(cache: ResultCache) -> None:
    [solved] = limits([LimitsConfig(3, 3, 40, most=True)])
    cache.put(solved)
    found = cache.get(solved.config)
    assert isinstance(found, LimitsResult)
    assert identical(found, solved)
    assert (found.verdict, found.num_memorized, found.num_most) == (
        solved.verdict,
        solved.num_memorized,
        solved.num_most,
    )


def test_results_outlive_the_cache_that_kept_them(cache: ResultCache, folder: Path) -> None:
    fill(cache)
    cache.close()
    with closing(open_cache(folder)) as another:
        assert num_right(another) == len(RUNS)
    assert num_right(cache) == len(RUNS), "a closed cache opens again when used"


def test_a_result_put_again_replaces_the_first(cache: ResultCache) -> None:
    cache.put(dataclasses.replace(make_result(RUN), first_step=np.zeros(20, np.int32)))
    cache.put(make_result(RUN))
    assert num_right(cache, [RUN]) == 1
    assert cache.stats().entries == 1


def test_clear_removes_every_result(cache: ResultCache) -> None:
    fill(cache)
    assert cache.clear() == len(RUNS)
    assert cache.clear() == 0
    assert num_right(cache) == 0
    assert cache.stats().entries == 0


def test_the_least_recently_used_results_go_when_the_size_limit_is_reached(folder: Path) -> None:
    runs = [dataclasses.replace(BIG, data_seed=seed) for seed in range(60)]
    with closing(open_cache(folder, size_limit=1_000_000)) as cache:
        fill(cache, runs[:25])
        sql(folder, "UPDATE Cache SET tag = tag - 1")  # an hour passes
        assert cache.get(runs[0]) is not None
        for run in runs[25:]:
            cache.put(make_result(run))
            stats = cache.stats()
            assert stats.bytes <= stats.size_limit == 1_000_000
            if stats.entries < 25:
                break
        assert [cache.get(run) is not None for run in runs[:4]] == [True, False, False, False]
        fill(cache, runs)
        assert 20 <= cache.stats().entries == num_right(cache, runs) < 40
        assert num_right(cache, runs[-20:]) == 20


def test_threads_share_a_cache(cache: ResultCache) -> None:
    def put_and_get(seed: int) -> int:
        fill(cache, RUNS[seed:] + RUNS[:seed])
        return num_right(cache)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(put_and_get, range(8))) == [len(RUNS)] * 8
    stats = cache.stats()
    assert (stats.hits, stats.misses, stats.problem) == (8 * len(RUNS), 0, None)


# Where it lies, and who may look


def test_the_folder_is_the_one_named_or_of_the_environment_or_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def where(directory: str | None = None) -> Path:
        with closing(open_cache(directory)) as cache:
            assert cache.stats().problem is None
            return cache.stats().directory

    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "system"))
    monkeypatch.delenv("EXPLORER_CACHE_DIR", raising=False)
    assert where().is_relative_to(tmp_path / "system")
    assert "memorization-explorer" in where().parts
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path / "environment"))
    assert where() == tmp_path / "environment"
    assert where(str(tmp_path / "named")) == tmp_path / "named"
    assert where("~/home") == tmp_path / "system" / "home"
    monkeypatch.chdir(tmp_path)
    assert where("relative") == tmp_path / "relative"


def test_the_folder_is_closed_to_others(folder: Path) -> None:
    open_cache(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    for mode in (0o755, 0o777):
        folder.chmod(mode)
        open_cache(folder).close()
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o1777])  # a home folder, and one like /tmp
def test_a_folder_with_other_things_in_it_is_left_open(folder: Path, mode: int) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("not ours")
    folder.chmod(mode)
    open_cache(folder).close()
    assert folder.stat().st_mode & 0o7777 == mode


# Values that are damaged or not ours


def test_damaged_values_are_dropped_counted_and_kept_anew(
    cache: ResultCache, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    value = to_bytes(make_result(RUN))
    flipped = bytearray(value)
    flipped[len(value) // 2] ^= 4
    damaged = [b"", *(value[:end] for end in (1, 8, 9, 40, 104, 200, len(value) - 1)), value + b"x", bytes(flipped)]
    for number, bad in enumerate(damaged, start=1):
        cache.put(make_result(RUN))
        sql(folder, "UPDATE Cache SET value = ?", bad)
        assert cache.get(RUN) is None
        assert (cache.stats().dropped, cache.stats().entries) == (number, 0)
    cache.put(make_result(RUN))
    assert num_right(cache, [RUN]) == 1
    assert cache.stats().problem is None
    assert len(caplog.records) == 1, "one warning is enough"


def test_a_value_under_the_key_of_another_run_is_dropped(cache: ResultCache, folder: Path) -> None:
    cache.put(make_result(RUNS[1]))
    sql(folder, "UPDATE Cache SET key = ?", RUNS[2].key())
    assert cache.get(RUNS[2]) is None
    assert (cache.stats().dropped, cache.stats().entries) == (1, 0)


def test_damaged_limits_and_a_run_in_their_place_are_dropped_counted_and_kept_anew(
    cache: ResultCache, folder: Path
) -> None:
    config = LimitsConfig.of(RUN)
    value = to_bytes(make_limits(config))
    for number, bad in enumerate([value[:-1], value[:104], b"", value + b"x", to_bytes(make_result(RUN))], start=1):
        cache.put(make_limits(config))
        sql(folder, "UPDATE Cache SET value = ?", bad)
        assert cache.get(config) is None
        assert (cache.stats().dropped, cache.stats().entries) == (number, 0)
    cache.put(make_limits(config))
    found = cache.get(config)
    assert found is not None
    assert identical(found, make_limits(config))


def test_rows_that_are_not_ours_are_dropped_unread(cache: ResultCache, folder: Path, tmp_path: Path) -> None:
    marker, outside = tmp_path / "marker", tmp_path / "outside.val"
    bait, value = pickle.dumps(Bait(marker)), to_bytes(make_result(RUN))
    outside.write_bytes(value)  # if it were read, it would be a hit
    (folder / "inside.val").write_bytes(value)
    (folder / "bait.val").write_bytes(bait)
    rows: list[tuple[Any, ...]] = [
        (MODE_PICKLE, None, bait),
        (MODE_PICKLE, "bait.val", None),
        (MODE_PICKLE, None, pickle.dumps(value)),
        (MODE_RAW, "bait.val", bait),
        (MODE_BINARY, "inside.val", None),
        (MODE_BINARY, "../outside.val", None),
        (MODE_BINARY, str(outside), None),
        (MODE_RAW, str(outside), value),
        (MODE_TEXT, "../../../etc/passwd", None),
        (MODE_BINARY, "/dev/zero", None),
        (MODE_BINARY, None, None),
        (MODE_NONE, None, value),
        (MODE_RAW, None, "text"),
        (MODE_RAW, None, 7),
        (MODE_RAW, None, 0.5),
        (MODE_RAW, None, None),
        ("mode", b"name", value),
    ]
    for number, row in enumerate(rows, start=1):
        cache.put(make_result(RUN))
        sql(folder, "UPDATE Cache SET mode = ?, filename = ?, value = ?", *row)
        assert cache.get(RUN) is None, row
        assert (cache.stats().dropped, cache.stats().entries) == (number, 0), row
    cache.put(make_result(RUN))
    sql(folder, "UPDATE Cache SET filename = ?", str(outside))
    cache.put(make_result(RUN))
    assert num_right(cache, [RUN]) == 1
    sql(folder, "UPDATE Cache SET filename = ?", str(outside))
    assert cache.clear() == 1
    assert outside.exists(), "a file that a foreign row named was removed with it"
    assert not marker.exists(), "a pickle was run"


def test_text_that_is_not_utf8_costs_one_value_and_not_the_database(cache: ResultCache, folder: Path) -> None:
    fill(cache)
    sql(folder, "UPDATE Cache SET value = CAST(x'ff' AS TEXT) WHERE key = ?", RUN.key())
    assert num_right(cache) == len(RUNS) - 1
    assert (cache.stats().dropped, cache.stats().problem) == (1, None)


def test_the_baits_of_these_tests_would_catch_diskcache_itself(tmp_path: Path) -> None:
    bait = pickle.dumps(Bait(tmp_path / "marker"))
    with closing(diskcache.Cache(tmp_path)) as cache:
        cache["key"] = b""
        sql(tmp_path, "UPDATE Cache SET mode = ?, value = ?", MODE_PICKLE, bait)
        cache.get("key")
    assert (tmp_path / "marker").exists()


def test_keys_that_are_pickles_are_not_loaded(cache: ResultCache, folder: Path, tmp_path: Path) -> None:
    cache.put(make_result(RUN))
    sql(folder, "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bait(tmp_path / "marker")))
    assert num_right(cache) == 0
    assert works(cache)
    assert cache.clear() == len(RUNS) + 1
    assert not (tmp_path / "marker").exists()


def test_a_database_with_settings_that_diskcache_would_obey_is_set_aside(cache: ResultCache, folder: Path) -> None:
    for key, value in [("get", 1), ("disk_evil", 1), ("sqlite_writable_schema", 1), (b"bytes", 1)]:
        fill(cache)
        cache.close()
        sql(folder, "INSERT INTO Settings VALUES (?, ?)", key, value)
        assert num_right(cache) == 0
        assert "unknown settings" in (cache.stats().problem or "")
        assert works(cache)


def test_settings_that_are_no_numbers_do_no_harm(cache: ResultCache, folder: Path) -> None:
    for statement in ("UPDATE Settings SET value = 'many' WHERE key = 'size'", "DELETE FROM Settings"):
        fill(cache)
        sql(folder, statement)
        assert works(cache)
        assert cache.stats().entries == len(RUNS)


# A database that is damaged


def pages(folder: Path) -> bytearray:
    return bytearray((folder / "cache.db").read_bytes())


def garbage(database: bytearray) -> bytes:
    return np.random.default_rng(0).bytes(len(database))


def with_garbage_inside(database: bytearray) -> bytes:
    database[4096:] = garbage(database[4096:])
    return bytes(database)


DAMAGES: dict[str, Callable[[bytearray], bytes]] = {
    "text": lambda database: b"This is no database." * 500,
    "garbage": garbage,
    "garbage behind the header": with_garbage_inside,
    "zeros": lambda database: bytes(len(database)),
    "empty": lambda database: b"",
    "cut in the header": lambda database: bytes(database[:50]),
    "cut in a page": lambda database: bytes(database[:10_000]),
    "cut in half": lambda database: bytes(database[: len(database) // 2]),
    "one page short": lambda database: bytes(database[:-4096]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("is_open", [False, True], ids=["closed", "in use"])
def test_a_damaged_database_is_replaced(
    cache: ResultCache, folder: Path, damage: Callable[[bytearray], bytes], is_open: bool
) -> None:
    fill(cache)
    cache.close()
    damaged = damage(pages(folder))
    if is_open:
        assert num_right(cache, RUNS[:3]) == 3
        (folder / "cache.db").write_bytes(damaged)
    else:
        (folder / "cache.db").write_bytes(damaged)
        cache = open_cache(folder)
    num_right(cache)  # raises nothing, and what it still finds is right
    fill(cache)
    assert works(cache)
    assert cache.stats().entries == len(RUNS)
    cache.close()


def test_a_damaged_database_is_set_aside_and_said_so(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.mkdir()
    for text in ("first", "second"):
        (folder / "cache.db").write_text(text * 1000)
        with closing(open_cache(folder)) as cache:
            assert works(cache)
            assert "was damaged (file is not a database). A new one was begun" in (cache.stats().problem or "")
            assert "was damaged" in caplog.text
        assert (folder / "cache.db.broken").read_text().startswith(text), "the last one is kept, and no other"
    cache.clear()
    assert not (folder / "cache.db.broken").exists()
    cache.close()


def test_flipped_bits_in_the_database_cost_values_and_nothing_else(cache: ResultCache, folder: Path) -> None:
    fill(cache)
    cache.close()
    sound, rng = pages(folder), np.random.default_rng(0)
    for number in range(60):
        database = bytearray(sound)
        for bit in rng.integers(8 * (4096 if number % 2 else len(database)), size=1 + 4 * (number % 3)):
            database[bit // 8] ^= 1 << bit % 8
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "cache.db").write_bytes(database)
        with closing(open_cache(folder)) as damaged:
            num_right(damaged)
            fill(damaged)  # what is damaged may only now be noticed, and what was put before is lost with it
            assert works(damaged)


def test_a_log_that_is_garbage_does_no_harm(cache: ResultCache, folder: Path) -> None:
    fill(cache)
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)  # as a process leaves it that was killed: the log holds what the database does not
    assert (copy / "cache.db-wal").stat().st_size > 0
    for suffix in ("-wal", "-shm"):
        file = copy / f"cache.db{suffix}"
        file.write_bytes(garbage(bytearray(file.read_bytes())))
    with closing(open_cache(copy)) as another:
        num_right(another)
        assert works(another)


# A disk that does not do its part


def test_a_folder_that_cannot_be_made_means_no_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/no such folder")):
        caplog.clear()
        cache = open_cache(folder)
        fill(cache)
        assert num_right(cache) == 0
        stats = cache.stats()
        assert "cannot be used" in (stats.problem or "")
        assert (stats.entries, stats.bytes, stats.misses) == (0, 0, len(RUNS))
        assert cache.clear() == 0
        cache.close()
        assert len(caplog.records) == 1, "one warning is enough"


def use_as_nobody(folder: str) -> None:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    else:
        Path(folder).chmod(0o500)
    cache = open_cache(folder)
    fill(cache)
    assert num_right(cache) == 0
    print(cache.stats().problem)


def test_a_read_only_folder_means_no_cache() -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path, which nobody may enter
        folder = Path(name)
        with closing(open_cache(folder)) as cache:
            fill(cache)
        folder.chmod(0o755)
        before = pages(folder)
        [problem] = run_to_end(start(use_as_nobody, folder))
        assert "cannot be used" in problem
        assert pages(folder) == before
        folder.chmod(0o700)
        with closing(open_cache(folder)) as cache:
            assert num_right(cache) == len(RUNS)


def fill_a_disk(folder: str, file_size_limit: str = "") -> None:
    if file_size_limit:
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_size_limit), int(file_size_limit)))
    core.cache.REST_S = 0
    cache = open_cache(folder)
    runs = [dataclasses.replace(BIG, data_seed=seed) for seed in range(60)]
    fill(cache, runs)
    kept = num_right(cache, runs)
    assert 0 < kept < len(runs)
    problem = cache.stats().problem
    assert cache.clear() == kept
    fill(cache, RUNS[:5])
    assert num_right(cache, RUNS[:5]) == 5, "clearing makes room"
    print(problem)


def test_a_file_that_may_not_grow_stops_no_one(folder: Path) -> None:
    [problem] = run_to_end(start(fill_a_disk, folder, 1_000_000))
    assert "not kept" in problem


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("NOT TESTED: a full disk. It takes the right to mount a small one.")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_no_one(small_disk: Path) -> None:
    [problem] = run_to_end(start(fill_a_disk, small_disk))
    assert "no room left" in problem


def test_a_full_disk_that_was_emptied_is_used_again(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.cache, "REST_S", 0)
    with closing(open_cache(small_disk)) as cache:
        fill(cache, RUNS[:3])
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free))
        fill(cache, [dataclasses.replace(BIG, data_seed=seed) for seed in range(20)])
        assert "no room left" in (cache.stats().problem or "")
        assert num_right(cache, RUNS[:3]) == 3, "a full disk can still be read"
        ballast.unlink()
        few = RUNS[:10]  # each adds some 32 KB to SQLite's log, which is emptied into the database only after 4 MB
        fill(cache, few)
        assert num_right(cache, few) == len(few)
        assert cache.stats().problem is None


def test_a_locked_database_can_be_read_and_is_written_once_it_is_free(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(core.cache, "LOCK_TIMEOUT_S", 0.05)
    with closing(open_cache(folder)) as cache, closing(sqlite3.connect(folder / "cache.db")) as other:
        cache.put(make_result(RUNS[0]))
        other.execute("BEGIN IMMEDIATE")
        fill(cache)
        assert num_right(cache) == 1
        assert "another process is busy" in (cache.stats().problem or "")
        with closing(open_cache(folder)) as late:
            assert late.get(RUNS[0]) is None
            assert "another process is busy" in (late.stats().problem or "")
        other.rollback()
        assert num_right(cache) == 1, "it does not try again at once"
        monkeypatch.setattr(cache, "_write_after", 0.0)  # some seconds pass
        assert works(cache)
        assert cache.stats().problem is None
    assert len(caplog.records) == 2, "one warning of each cache"


def test_a_folder_removed_while_in_use_is_made_again(cache: ResultCache, folder: Path) -> None:
    fill(cache)
    shutil.rmtree(folder)
    assert num_right(cache) == 0
    assert works(cache)
    shutil.rmtree(folder)
    assert works(cache)
    assert folder.stat().st_mode & 0o777 == 0o700
    with closing(open_cache(folder)) as another:
        assert num_right(another) == len(RUNS), "what was kept since is in the new folder"
    assert cache.stats().problem is None


def test_threads_notice_that_the_folder_was_removed(cache: ResultCache, folder: Path) -> None:
    barrier = threading.Barrier(4)

    def use_before_and_after(seed: int) -> int:
        fill(cache)
        if barrier.wait() == 0:
            shutil.rmtree(folder)
        barrier.wait()
        fill(cache)
        return num_right(cache)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(use_before_and_after, range(4))) == [len(RUNS)] * 4


def test_a_folder_in_place_of_the_database_means_no_cache(folder: Path) -> None:
    (folder / "cache.db").mkdir(parents=True)
    cache = open_cache(folder)
    fill(cache)
    assert num_right(cache) == 0
    assert "cannot be used" in (cache.stats().problem or "")


# Several processes


def put_forever(folder: str) -> None:
    cache = open_cache(folder, size_limit=3_000_000)
    for seed in count():
        cache.put(make_result(dataclasses.replace(BIG, data_seed=seed % 100)))
        print(seed, flush=True)


def test_a_process_killed_while_it_writes_leaves_only_sound_values(folder: Path) -> None:
    runs = [dataclasses.replace(BIG, data_seed=seed) for seed in range(100)]
    for last in (3, 40, 200):
        with start(put_forever, folder) as child:
            assert child.stdout is not None
            while int(child.stdout.readline()) < last:
                pass
            child.send_signal(signal.SIGKILL)
        with closing(open_cache(folder)) as cache:
            assert num_right(cache, runs) >= min(last, len(runs))
            stats = cache.stats()
            assert (stats.dropped, stats.problem) == (0, None)
            assert works(cache)


def put_some_and_get_all(folder: str, first: str) -> None:
    cache = open_cache(folder)
    mine = [dataclasses.replace(RUN, data_seed=seed) for seed in range(int(first), 300, 2)]
    everyones = [dataclasses.replace(RUN, data_seed=seed) for seed in range(300)]
    for run in mine:
        cache.put(make_result(run))
        cache.put(make_result(everyones[0]))
        num_right(cache, everyones[run.data_seed - 5 : run.data_seed + 5])
    deadline = time.monotonic() + 60
    while num_right(cache, everyones) < len(everyones):
        assert time.monotonic() < deadline, "what the other process put does not arrive"
    stats = cache.stats()
    assert (stats.entries, stats.dropped, stats.problem) == (300, 0, None)
    cache.close()


def test_two_processes_share_a_folder(folder: Path) -> None:
    run_to_end(start(put_some_and_get_all, folder, 0), start(put_some_and_get_all, folder, 1))


def test_a_database_set_aside_by_one_cache_is_left_by_the_other(folder: Path) -> None:
    with closing(open_cache(folder)) as one, closing(open_cache(folder)) as other:
        fill(one)
        assert num_right(other) == len(RUNS)
        (folder / "cache.db").write_bytes(garbage(pages(folder)))
        assert works(one)
        assert num_right(other) == len(RUNS), "the new database is not thrown away with the old one"
        assert works(other)
        assert num_right(one) == len(RUNS)
