"""Tables to take away: the same as those of `python -m core sweep --out`, with the limits beside them."""

import io

import pandas as pd
import pytest

from core import LimitsConfig, RunConfig, SweepConfig, limits, sweep
from core.sweep import sweep as any_sweep
from core.table import NUMBERS, RunTable
from core.tasks import LimitsSweep
from explorer.keep import downloads

CONFIG = SweepConfig((2,), 3, (4, 12), seeds=(0, 1), num_steps=30)


@pytest.fixture(scope="module")
def found() -> dict[object, object]:
    tasks = [*CONFIG.runs(), *LimitsSweep(CONFIG).runs()]
    return {result.config: result for result in any_sweep(tasks)}


def test_runs_are_those_of_the_command_line(found: dict[object, object]) -> None:
    runs = CONFIG.runs()
    expected = RunTable(runs)
    for result in sweep(runs):
        expected.add(result)
    pd.testing.assert_frame_equal(downloads.runs_table(runs, found.get), pd.DataFrame(expected.columns()))  # type: ignore[arg-type]


def test_limits_stand_beside_the_runs_of_their_data(found: dict[object, object]) -> None:
    table = downloads.runs_table([*CONFIG.runs(), *LimitsSweep(CONFIG).runs()], found.get)  # type: ignore[arg-type]
    assert len(table) == len(CONFIG)
    for row in table.itertuples():
        [exact] = limits([LimitsConfig(2, 3, row.num_samples, data_seed=row.data_seed)])
        assert (row.optimum_memorized, row.verdict, row.kind) == (exact.num_memorized, exact.verdict, exact.kind)
        [own] = [run for run in CONFIG.runs() if (run.num_samples, run.data_seed) == (row.num_samples, row.data_seed)]
        assert row.num_memorized == found[own].num_memorized  # type: ignore[attr-defined]


def test_limits_that_come_alone(found: dict[object, object]) -> None:
    exact = LimitsSweep(CONFIG).runs()
    alone = downloads.runs_table(exact, found.get)  # type: ignore[arg-type]
    assert len(alone) == len(exact)
    assert not set(NUMBERS) & set(alone)
    some = downloads.runs_table([CONFIG.runs()[0], *exact], found.get)  # type: ignore[arg-type]
    assert len(some) == len(exact)  # as while a sweep fills
    assert some["num_memorized"].notna().sum() == 1
    assert some["optimum_memorized"].notna().all()


def test_a_lost_result_is_told() -> None:
    with pytest.raises(downloads.LostError, match="reload the page"):
        downloads.runs_table([RunConfig(2, 3, 4)], lambda _: None)


def test_both_files_hold_the_table(found: dict[object, object]) -> None:
    table = downloads.runs_table([*CONFIG.runs(), *LimitsSweep(CONFIG).runs()], found.get)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(downloads.as_parquet(table))), table)
    read = pd.read_csv(io.BytesIO(downloads.as_csv(table)))
    assert list(read) == list(table)
    known = table.dropna(axis=1, how="all")
    pd.testing.assert_frame_equal(read[list(known)], known, check_dtype=False)
