"""The named sweeps hold the runs of the published figures."""

import csv
from itertools import product
from pathlib import Path

import pytest

from core import PRESETS, RunConfig

PUBLISHED = Path(__file__).resolve().parents[2] / "explorer" / "published"


@pytest.mark.parametrize(("figure", "dims", "measure"), [("fig1", (10, 20, 30, 40), "never"), ("fig2", (40,), "end")])
@pytest.mark.parametrize(("version", "num_classes"), [("plotted", 10), ("written", 40)])
def test_a_figure_is_adam_at_001_for_2000_steps_with_a_bias(
    figure: str, dims: tuple[int, ...], measure: str, version: str, num_classes: int
) -> None:
    recipe = {"learning_rate": 0.01, "num_steps": 2_000, "bias": True, "optimizer": "adam"}
    expected = {
        RunConfig(n, num_classes, samples, **recipe, data_seed=seed, init_seed=seed, measure_sharpness=measure)
        for n, samples, seed in product(dims, range(5, 401, 5), range(4))
    }
    assert set(PRESETS[f"liu-{figure}-as-{version}"].runs()) == expected


@pytest.mark.parametrize("figure", ["fig1", "fig2"])
def test_every_published_point_has_its_run(figure: str) -> None:
    with (PUBLISHED / f"liu2026_memory1_{figure}.csv").open() as file:
        points = {(int(row.get("input_dim", 40)), int(row["num_samples"])) for row in csv.DictReader(file)}
    assert len(points) >= 70
    for version in ("plotted", "written"):
        runs = PRESETS[f"liu-{figure}-as-{version}"].runs()
        assert points <= {(run.input_dim, run.num_samples) for run in runs}
