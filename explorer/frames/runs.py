"""One row a run, and what is the same for every page: means over seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.memorization import BITS, memorized_bits
from core.ranking import rank
from core.result import RunResult
from core.schedule import learning_rates
from core.sharpness import edge_of_stability
from explorer.jobs import Row

RUN_COLUMNS = [
    "input_dim",
    "num_classes",
    "num_samples",
    "learning_rate",
    "schedule",
    "num_steps",
    "bias",
    "seed",
    "init_seed",
    "num_memorized",
    "mean_loss",
    "bits",
    "diverged",
    "sharpness",
    "stability",
    "edge",
    "is_exact",
    "training",
    "rankings",
]


def summarize_run(result: RunResult) -> Row:
    """What the charts need of a run.

    `bits`: what is memorized, by definition (`core.memorization.BITS`).
    `sharpness`: lambda_1 after training; `stability`: the learning rate of the last step times the preconditioned
    sharpness, which is `edge` at the edge of stability; NaN where they were not measured. `is_exact`: whether all of
    its sharpnesses converged. `training`: the same along training, as columns over its steps; None where not measured.
    `rankings`: how well each predictor tells who is memorized (`core.ranking.rank`), of runs whose samples are watched;
    None for others, and where all or none are memorized.
    """
    run = result.config
    rates = learning_rates(run)
    sharpness = result.sharpness_at["value"]
    steps = result.checkpoint_steps[-len(sharpness) :] if len(sharpness) else result.checkpoint_steps[:0]
    stability = rates[np.minimum(steps, run.num_steps - 1)] * result.preconditioned_sharpness_at["value"]
    return {
        "input_dim": run.input_dim,
        "num_classes": run.num_classes,
        "num_samples": run.num_samples,
        "learning_rate": run.learning_rate,
        "schedule": run.schedule,
        "num_steps": run.num_steps,
        "bias": run.bias,
        "seed": run.data_seed,
        "init_seed": run.init_seed,
        "num_memorized": result.num_memorized,
        "mean_loss": result.mean_loss,
        "bits": {definition: memorized_bits(result, definition) for definition in BITS},
        "diverged": result.diverged,
        "sharpness": float(sharpness[-1]) if len(sharpness) else float("nan"),
        "stability": float(stability[-1]) if len(sharpness) else float("nan"),
        "edge": edge_of_stability(run),
        "is_exact": bool(
            result.sharpness_at["converged"].all() and result.preconditioned_sharpness_at["converged"].all()
        ),
        "training": _training(result, sharpness, stability) if run.measure_sharpness == "checkpoints" else None,
        "rankings": rank(result) if run.watch_samples and not result.diverged else None,
    }


def _training(result: RunResult, sharpness: Any, stability: Any) -> dict[str, list[float]]:
    return {
        "step": result.checkpoint_steps.tolist(),
        "num_memorized": result.num_memorized_at.tolist(),
        "mean_loss": result.loss_at.tolist(),
        "sharpness": sharpness.tolist(),
        "stability": stability.tolist(),
    }


def runs_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a run, columns `RUN_COLUMNS`; rows of limits are left out."""
    return pd.DataFrame([row for row in rows if "verdict" not in row], columns=RUN_COLUMNS)


def training_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a run and checkpoint of the runs that were measured along training.

    Columns: seed, diverged, step, num_memorized, mean_loss, sharpness, stability.
    """
    measured = runs[runs["training"].notna()]
    parts = [
        pd.DataFrame(row.training).assign(seed=row.seed, diverged=row.diverged)  # type: ignore[arg-type]
        for row in measured.itertuples()
    ]
    columns = ["seed", "diverged", "step", "num_memorized", "mean_loss", "sharpness", "stability"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def band_frame(runs: pd.DataFrame, by: Sequence[str], value: str) -> pd.DataFrame:
    """One row for each combination of the columns `by`: what its seeds say of `value`, without runs that diverged.

    Columns: those of `by`, mean, sd (over seeds; 0 for one), low and high (mean -+ sd, not below 0), num_seeds.
    """
    # In NumPy, ten times faster than pandas: pages that fill ask for this several times a second for each who looks.
    values = runs[value].to_numpy(float)
    seen = np.flatnonzero(~runs["diverged"].to_numpy(bool) & ~np.isnan(values))
    values = values[seen]
    group, first = _groups([runs[name].to_numpy()[seen] for name in by])
    count = np.bincount(group, minlength=len(first))
    mean = np.bincount(group, values, len(first)) / count
    squares = np.bincount(group, (values - mean[group]) ** 2, len(first))
    sd = np.sqrt(squares / np.maximum(count - 1, 1))
    columns = {name: runs[name].array[seen[first]] for name in by}
    spread = {"low": np.maximum(mean - sd, 0), "high": mean + sd}
    return pd.DataFrame({**columns, "mean": mean, "sd": sd, **spread, "num_seeds": count})


def _groups(keys: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Which group each row is in, groups being sorted by their keys, the first foremost; and a row of each group."""
    codes = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        options, code = np.unique(key, return_inverse=True)
        codes = codes * max(len(options), 1) + code
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    return group, first
