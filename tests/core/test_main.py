"""The command line as a shell has it: real processes, a cache of their own, and sentences instead of tracebacks."""

import contextlib
import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import (
    LimitsConfig,
    RunConfig,
    RunResult,
    SweepConfig,
    capacity_per_dim,
    limits,
    memorized_bits,
    most_memorizable_per_dim,
    open_cache,
    optimum_memorized_per_dim,
    train,
)

COLUMNS = ["num_samples", "data_seed", "verdict", "kind", "optimum_memorized", "optimum_loss", "memorizable"]
COLUMNS += ["theory_optimum", "theory_memorizable"]
SMALL = ["--input-dim", "3", "--num-classes", "4", "--num-samples", "5", "40", "12", "--seeds", "2"]


GRID = [
    "--input-dim",
    "3",
    "5",
    "--num-classes",
    "4",
    "--num-samples",
    "4:12:4",
    "40",
    "--learning-rate",
    "0.1",
    "0.01",
]
GRID += ["--seeds", "2", "--num-steps", "50", "--measure-sharpness", "end"]
GRID_CONFIG = SweepConfig((3, 5), 4, (4, 8, 12, 40), (0.1, 0.01), seeds=(0, 1), num_steps=50, measure_sharpness="end")
PATIENCE = 120.0


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "core", *arguments]


def environment(folder: Path, **more: str) -> dict[str, str]:
    return os.environ | {"EXPLORER_CACHE_DIR": str(folder), "EXPLORER_EXECUTOR": ""} | more


def run(folder: Path, *arguments: str, cwd: Path | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("bias", [True, False])
def test_limits_are_printed_as_csv_with_the_numbers_that_python_gets(tmp_path: Path, bias: bool) -> None:
    done = run(tmp_path, "limits", *SMALL, *([] if bias else ["--no-bias"]))
    assert (done.returncode, done.stderr) == (0, "")
    comment, *lines = done.stdout.splitlines()
    inputs = 3 + bias
    assert comment.startswith("# theory, n -> infinity")
    assert comment.endswith(f" N = {inputs * capacity_per_dim(4):.1f}")
    rows = list(csv.DictReader(lines))
    assert lines[0].split(",") == COLUMNS
    configs = [
        LimitsConfig(3, 4, size, data_seed=seed, bias=bias, most=True) for size in (5, 12, 40) for seed in (0, 1)
    ]
    by_place = {(int(row["num_samples"]), int(row["data_seed"])): row for row in rows}
    assert list(by_place) == [(config.num_samples, config.data_seed) for config in configs]  # by N, then by seed
    assert len(rows) == len(configs)
    for expected in limits(configs):
        size = expected.config.num_samples
        row = by_place[size, expected.config.data_seed]
        assert (row["verdict"], row["kind"]) == (expected.verdict, expected.kind)
        assert int(row["optimum_memorized"]) == expected.num_memorized
        assert float(row["optimum_loss"]) == pytest.approx(expected.mean_loss, rel=1e-8)
        assert int(row["memorizable"]) == expected.num_most
        assert float(row["theory_optimum"]) == pytest.approx(
            inputs * optimum_memorized_per_dim(4, size / inputs), abs=0.051
        )
        assert float(row["theory_memorizable"]) == pytest.approx(
            inputs * most_memorizable_per_dim(4, size / inputs), abs=0.051
        )


def test_the_second_time_the_same_comes_from_the_cache(tmp_path: Path) -> None:
    first, second = (run(tmp_path, "limits", *SMALL) for _ in range(2))
    assert second.stdout == first.stdout
    cache = open_cache(tmp_path)
    try:
        assert cache.stats().entries == 6
        assert cache.get(LimitsConfig(3, 4, 40, data_seed=1, most=True)) is not None
    finally:
        cache.close()


def with_setting(name: str, *values: str) -> list[str]:
    """`SMALL`, but for one setting; of a setting that stands there twice the last one counts."""
    return [*SMALL, name, *values]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (with_setting("--num-samples", "5", "0"), "--num-samples must be a whole number from 1 to 20,000, but it is 0"),
        (with_setting("--input-dim", "513"), "--input-dim must be a whole number from 1 to 512, but it is 513"),
        (with_setting("--num-classes", "1"), "--num-classes must be a whole number from 2 to 1,000, but it is 1"),
        (
            with_setting("--num-samples", "1:5000", "--seeds", "0:999"),
            "a sweep may have 1,000,000 runs, but this one has 5,000,000; split it",
        ),
        (with_setting("--out", ""), "the file of a table must end in .csv or .parquet, but it is ''"),
    ],
)
def test_a_wrong_number_gives_one_sentence_and_a_status(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = run(tmp_path, "limits", *arguments)
    assert done.returncode == 2
    assert (done.stdout, done.stderr.strip()) == ("", sentence)


@pytest.mark.parametrize(
    "arguments", [["limits"], with_setting("--num-samples", "many"), with_setting("--num-samples"), ["nothing"]]
)
def test_what_is_no_number_at_all_is_told_by_the_parser(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *(arguments if arguments[0].isalpha() else ["limits", *arguments]))
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m core")
    assert "Traceback" not in done.stderr


def test_the_cache_counts_limits_among_what_it_keeps(tmp_path: Path) -> None:
    run(tmp_path, "limits", *SMALL)
    assert run(tmp_path, "cache").stdout.startswith("6 ")
    assert run(tmp_path, "cache", "--clear").stdout.startswith("6 ")
    assert run(tmp_path, "cache").stdout.startswith("0 ")


def test_limits_go_to_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "limits.parquet"
    printed = run(tmp_path, "limits", *SMALL)
    done = run(tmp_path, "limits", *SMALL, "--out", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file} is written\n", "")
    table = pd.read_parquet(file)
    assert list(table) == COLUMNS
    rows = list(csv.DictReader(printed.stdout.splitlines()[1:]))
    for name in ("num_samples", "data_seed", "verdict", "kind", "optimum_memorized", "memorizable"):
        assert [str(value) for value in table[name]] == [row[name] for row in rows]


# --- sweeps -----------------------------------------------------------------------------------------------------------


def same_as_trained(table: pd.DataFrame, runs: list[RunConfig]) -> bool:
    """One row a run, in the order of the sweep, with the numbers that Python gets."""
    settings = [{name: row[name] for name in asdict(runs[0])} for row in table.to_dict("records")]
    assert settings == [asdict(run) for run in runs]
    for (_, row), result in zip(table.iterrows(), train(runs), strict=True):
        assert row["num_memorized"] == result.num_memorized
        assert row["diverged"] == result.diverged
        assert row["initial_loss"] == pytest.approx(result.initial_loss.mean(), rel=1e-5)
        assert row["final_loss"] == pytest.approx(result.mean_loss, rel=1e-5)
        assert row["bits_liu"] == pytest.approx(memorized_bits(result, "liu"), rel=1e-4)
        assert row["last_learned"] == result.first_step.max()
        assert row["forgetting_events"] == result.forgetting_events.sum()
        assert same_sharpness(row, result)
    return True


def same_sharpness(row: "pd.Series[Any]", result: RunResult) -> bool:
    if not len(result.sharpness_at):
        return bool(np.isnan(row["sharpness"]) and np.isnan(row["stability"]) and pd.isna(row["sharpness_converged"]))
    assert row["sharpness"] == pytest.approx(result.sharpness_at["value"][-1], rel=1e-4)
    assert row["preconditioned_sharpness"] == pytest.approx(result.preconditioned_sharpness_at["value"][-1], rel=1e-4)
    assert row["stability"] == pytest.approx(result.config.learning_rate * row["preconditioned_sharpness"])
    assert row["sharpness_converged"] == bool(
        result.sharpness_at["converged"][-1] and result.preconditioned_sharpness_at["converged"][-1]
    )
    return bool(row["edge"] == 38)


@pytest.mark.parametrize(("suffix", "read"), [(".csv", pd.read_csv), (".parquet", pd.read_parquet)])
def test_a_grid_becomes_a_table(tmp_path: Path, suffix: str, read: Callable[[Path], pd.DataFrame]) -> None:
    file = tmp_path / f"table{suffix}"
    done = run(tmp_path / "cache", "sweep", *GRID, "--out", str(file))
    assert (done.returncode, done.stderr) == (0, "")  # no bar where nobody watches
    assert "32 runs, 32 of them trained now; kept in" in done.stdout
    assert set(tmp_path.iterdir()) == {file, tmp_path / "cache"}
    assert same_as_trained(read(file), GRID_CONFIG.runs())


def test_a_preset_can_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    change = ["--num-samples", "5", "10", "--input-dim", "4", "--seeds", "5:6", "--num-steps", "20", "--no-bias"]
    done = run(tmp_path, "sweep", "--preset", "liu-fig1-as-plotted", *change, "--out", str(file))
    assert done.returncode == 0
    runs = SweepConfig((4,), 10, (5, 10), seeds=(5, 6), num_steps=20, bias=False).runs()
    assert same_as_trained(pd.read_csv(file), runs)


def test_a_sweep_killed_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    file, cache = tmp_path / "table.csv", tmp_path / "cache"
    # Twenty-four chunks, as runs of different learning rates share none.
    rates = [f"{0.001 * i:g}" for i in range(1, 25)]
    grid = ["--input-dim", "10", "--num-classes", "10", "--num-samples", "50", "--num-steps", "3000"]
    arguments = ["sweep", *grid, "--learning-rate", *rates, "--out", str(file)]
    with subprocess.Popen(command(*arguments), env=environment(cache), stderr=subprocess.PIPE) as killed:
        until = time.monotonic() + PATIENCE
        while entries(cache) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    there = entries(cache)
    assert 3 <= there < 24
    assert not file.exists()
    done = run(cache, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"24 runs, {24 - there} of them trained now" in done.stdout
    config = SweepConfig((10,), 10, (50,), tuple(map(float, rates)), num_steps=3_000)
    assert same_as_trained(pd.read_csv(file), config.runs())


def entries(cache: Path) -> int:
    if not cache.exists():
        return 0
    opened = open_cache(cache)
    try:
        return opened.stats().entries
    finally:
        opened.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_terminal_gets_a_bar_and_ctrl_c_says_how_to_go_on(tmp_path: Path, sent: signal.Signals) -> None:
    arguments = ["sweep", "--input-dim", "10", "--num-classes", "10", "--num-samples", "50", "--seeds", "20000"]
    master, terminal = os.openpty()
    with subprocess.Popen(
        command(*arguments), env=environment(tmp_path), stderr=terminal, start_new_session=True
    ) as stopped:
        os.close(terminal)
        seen = b""
        while b"left" not in seen:  # the time, once there is something to measure
            seen += os.read(master, 1_000)
        if sent == signal.SIGINT:
            os.killpg(stopped.pid, sent)  # a terminal tells the processes that train too
        else:
            stopped.send_signal(sent)
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while more := os.read(master, 1_000):
                seen += more
        assert stopped.wait(PATIENCE) == 130
    os.close(master)
    text = seen.decode()
    assert re.search(r"\r\[#*\.+\] [\d,]+ of 20,000, \S+ a second, \d+ (s|min|h) left", text)
    assert "stopped; what was computed is kept, and the same command goes on from there" in text
    assert "Traceback" not in text
    assert entries(tmp_path) > 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name a --preset, or all of --input-dim, --num-classes, --num-samples; missing: --input-dim, "),
        (
            ["--preset", "liu-fig1-as-plotted", "--optimizer", "sgd"],
            "--optimizer must be one of 'adam', 'gd', but it",
        ),
        ([*GRID, "--out", "table.xls"], "the file of a table must end in .csv or .parquet, but it is 'table.xls'"),
        ([*GRID, "--out", "nowhere/table.csv"], "'nowhere/table.csv' cannot be written: 'nowhere' must be a folder"),
        ([*GRID, "--out", "folder.csv"], "'folder.csv' cannot be written: it is a folder"),
        ([*GRID, "--seeds", "1000000"], "a sweep may have 1,000,000 runs, but this one has 16,000,000; split it"),
        ([*GRID, "--input-dim", "600"], "--input-dim must be a whole number from 1 to 512, but it is 600"),
    ],
)
def test_a_bad_request_gets_one_sentence_and_status_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    done = run(tmp_path / "cache", "sweep", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder of Linux that seems to take files")
def test_a_file_that_cannot_be_written_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    done = run(tmp_path, "sweep", *GRID, "--out", "/proc/table.csv")
    assert (done.returncode, entries(tmp_path)) == (2, 0)
    assert done.stderr.startswith(
        "'/proc/table.csv' cannot be written: '/proc' must be a folder that may be written in"
    )


def test_an_unknown_option_is_told_with_the_usage_of_its_command(tmp_path: Path) -> None:
    done = run(tmp_path, "sweep", *GRID, "--foo")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m core sweep ")
    assert "unrecognized arguments: --foo" in done.stderr


def test_what_is_cached_needs_no_cluster(tmp_path: Path) -> None:
    first = run(tmp_path, "sweep", *GRID, "--out", str(tmp_path / "first.csv"))
    second = run(
        tmp_path, "sweep", *GRID, "--out", str(tmp_path / "second.csv"), EXPLORER_EXECUTOR="dask://localhost:1"
    )
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")
    assert (tmp_path / "first.csv").read_text() == (tmp_path / "second.csv").read_text()


@pytest.mark.parametrize("values", ["5:x", "1:2:3:4", ""])
def test_a_malformed_range_is_told_by_the_parser(tmp_path: Path, values: str) -> None:
    done = run(tmp_path, "sweep", *GRID, "--num-samples", values)
    assert done.returncode == 2
    assert f"write 200, or 5:400:5 for 5, 10, ... 400, but not '{values}'" in done.stderr


def test_a_cluster_that_is_not_there_is_a_bad_request(tmp_path: Path) -> None:
    done = run(tmp_path, "sweep", *GRID, EXPLORER_EXECUTOR="dask:localhost")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("the address of a cluster (EXPLORER_EXECUTOR) must look like dask://host:8786 or")
    assert done.stderr.endswith("but it is 'dask:localhost'\n")


def test_seeds_of_limits_are_those_of_a_sweep(tmp_path: Path) -> None:
    done = run(tmp_path, "limits", *with_setting("--num-samples", "5", "--seeds", "4:5"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["data_seed"] for row in csv.DictReader(done.stdout.splitlines()[1:])] == ["4", "5"]


def test_a_cache_that_cannot_be_used_is_told_once_and_nothing_is_said_to_be_kept(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    done = run(in_the_way, "sweep", *GRID, "--num-samples", "5", "--input-dim", "3", "--learning-rate", "1")
    assert (done.returncode, done.stdout) == (0, "2 runs, 2 of them trained now\n")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"Results are not kept: the cache in {in_the_way} cannot be used")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_who_reads_no_further_gets_no_traceback(tmp_path: Path) -> None:
    arguments = command("limits", *SMALL)
    with subprocess.Popen(
        arguments, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as stopped:
        assert stopped.stdout is not None
        assert stopped.stderr is not None
        stopped.stdout.readline()
        stopped.stdout.close()
        assert stopped.stderr.read() == b""
        assert stopped.wait(PATIENCE) == 1
