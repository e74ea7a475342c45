"""The command line as a shell has it: real processes, a cache of their own, and sentences instead of tracebacks."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import (
    LimitsConfig,
    capacity_per_dim,
    limits,
    most_memorizable_per_dim,
    open_cache,
    optimum_memorized_per_dim,
)

COLUMNS = ["num_samples", "data_seed", "verdict", "optimum_memorized", "optimum_loss", "memorizable"]
COLUMNS += ["theory_optimum", "theory_memorizable"]
SMALL = ["--input-dim", "3", "--num-classes", "4", "--num-samples", "5", "40", "12", "--seeds", "2"]


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"EXPLORER_CACHE_DIR": str(folder)}
    command = [sys.executable, "-m", "core", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


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
    assert len(rows) == len(by_place) == len(configs)
    for expected in limits(configs):
        size = expected.config.num_samples
        row = by_place[size, expected.config.data_seed]
        assert row["verdict"] == expected.verdict
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
    assert sorted(second.stdout.splitlines()) == sorted(first.stdout.splitlines())
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
        (with_setting("--num-samples", "5", "0"), "num_samples must be a whole number from 1 to 20,000, but it is 0"),
        (with_setting("--input-dim", "513"), "input_dim must be a whole number from 1 to 512, but it is 513"),
        (with_setting("--num-classes", "1"), "num_classes must be a whole number from 2 to 1,000, but it is 1"),
        (with_setting("--seeds", "0"), "seeds must be a whole number from 1 to 1,000, but it is 0"),
        (with_setting("--seeds", "-3"), "seeds must be a whole number from 1 to 1,000, but it is -3"),
        (with_setting("--seeds", "9" * 15), f"seeds must be a whole number from 1 to 1,000, but it is {'9' * 15}"),
    ],
)
def test_a_wrong_number_gives_one_sentence_and_a_status(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = run(tmp_path, "limits", *arguments)
    assert done.returncode != 0
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
