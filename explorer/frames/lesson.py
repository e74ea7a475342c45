"""What only the lesson shows: a few samples as they are, how a layer does on new ones, one training."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.config import RunConfig
from core.data import dataset
from core.result import RunResult

NUM_NEW = 100  # samples that a layer has never seen
FAR = 100_000  # seeds further on: data that no page trains on


def strips_frame(run: RunConfig, count: int) -> pd.DataFrame:
    """The first samples of a data set, one row for each number of an input: name, place, value, label, told."""
    inputs, labels = dataset(run)
    return pd.DataFrame(
        [
            {
                "name": f"sample {sample}",
                "place": place,
                "value": float(value),
                "label": int(label),
                "told": f"label {label}",
            }
            for sample, (numbers, label) in enumerate(zip(inputs[:count], labels[:count], strict=True))
            for place, value in enumerate(numbers, start=1)
        ]
    )


def right_of_new(result: RunResult) -> int:
    """How many labels of `NUM_NEW` new samples of the same law a layer gets right."""
    run = result.config
    inputs, labels = dataset(replace(run, num_samples=NUM_NEW, data_seed=run.data_seed + FAR))
    return int((_logits(result, inputs).argmax(1) == labels).sum())


def _logits(result: RunResult, inputs: NDArray[np.floating]) -> NDArray[np.floating]:
    """(N, V), of inputs (N, n)."""
    bias = [np.ones((len(inputs), 1), inputs.dtype)] if result.config.bias else []
    logits: NDArray[np.floating] = np.concatenate([inputs, *bias], axis=1) @ result.weights.T
    return logits


def seen_and_new_frame(results: Sequence[RunResult]) -> pd.DataFrame:
    """Labels that are right of 100, one row a kind of samples: kind, mean (over layers), num_layers."""
    if not results:
        return pd.DataFrame({"kind": [], "mean": [], "num_layers": []})
    run = results[0].config
    learned = float(np.mean([100 * result.num_memorized / result.config.num_samples for result in results]))
    new = float(np.mean([100 * right_of_new(result) / NUM_NEW for result in results]))
    means = {"learned": learned, "new": new, "blind guess": 100 / run.num_classes}
    return pd.DataFrame({"kind": list(means), "mean": list(means.values()), "num_layers": len(results)})


def learning_frame(results: Sequence[RunResult]) -> pd.DataFrame:
    """One training from its first step on, one row a checkpoint: step, memorized, loss; empty without a result."""
    if not results:
        return pd.DataFrame({"step": [], "memorized": [], "loss": []})
    [result] = results
    along = {"step": result.checkpoint_steps, "memorized": result.num_memorized_at, "loss": result.loss_at}
    return pd.DataFrame(along).iloc[1:]  # a logarithmic axis has no place for the initial weights
