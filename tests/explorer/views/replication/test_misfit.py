"""The map of misfits, from runs that nobody trained."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from core.tasks import Sweep
from explorer import words
from explorer.jobs import Row
from explorer.views.replication import misfit
from tests.explorer.frames.rows import row
from tests.explorer.legal import DEFAULTS

MAP: dict[str, Any] = DEFAULTS | {"figure": "memorized"}


@pytest.fixture(autouse=True)
def small_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfit, "CLASSES", (5, 10))
    monkeypatch.setattr(misfit, "STEPS", (500, 1000))
    monkeypatch.setattr(misfit, "NUM_SAMPLES", dict.fromkeys(misfit.NUM_SAMPLES, (50, 200)))
    misfit.picture.clear()


def rows(sweeps: Sequence[Sweep], share: float, diverging: Sequence[int] = ()) -> list[Row]:
    """All runs of a map; each memorizes that share of its samples, and those of some V diverge."""
    return [
        row(
            run.input_dim,
            run.num_samples,
            run.data_seed,
            int(share * run.num_samples),
            num_classes=run.num_classes,
            num_steps=run.num_steps,
            bias=run.bias,
            diverged=run.num_classes in diverging,
        )
        for sweep in sweeps
        for run in sweep.runs()
    ]


def picture(values: dict[str, Any], share: float, diverging: Sequence[int] = (), *, lost: int = 0) -> misfit.Picture:
    """Of the map of these values, of which some runs are not yet there."""
    sweeps = misfit.sweeps_of(values)
    there = rows(sweeps, share, diverging)
    progress: Any = SimpleNamespace(rows=there[: len(there) - lost])
    return misfit.picture_of(sweeps, progress, values)


@pytest.mark.parametrize("other", [{"data": "nested"}, {"optimizer": "gd"}, {"inputs": "signs"}])
def test_a_map_of_other_data_or_another_optimizer_is_another_map(other: dict[str, Any]) -> None:
    first = picture(MAP, 1.0)
    second = picture(MAP | other, 0.5)
    assert first.numbers != second.numbers
    assert picture(MAP, 1.0) == first


def test_once_all_runs_ended_the_settings_that_did_not_diverge_are_judged() -> None:
    assert picture(MAP, 1.0, (5,), lost=1).finding is None
    now = picture(MAP, 1.0, (5,))
    assert "at V = 10, " in str(now.finding)
    assert str(now.finding).endswith("Not judged: 4 settings, with a point at which all runs diverged.")
    assert all(name.startswith("V = 10, ") for name in now.numbers)
    assert "diverged" in str(now.warning)


def test_where_all_diverged_the_map_does_not_wait_for_more() -> None:
    now = picture(MAP, 1.0, (5, 10))
    assert str(now.finding).startswith("**No setting can be judged:")
    assert now.numbers == {}
    assert now.finding != words.MAP_WAITS
