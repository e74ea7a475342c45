"""Training on its way to the optimum."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.result import RunResult


def closing_frame(results: Sequence[RunResult], optima: Mapping[int, float]) -> pd.DataFrame:
    """How training comes close to the optimum: one row a learning rate and checkpoint, means over data sets.

    Args:
        results: runs of one data set size.
        optima: the least mean loss of each seed's data set.

    Columns: learning_rate, step, memorized, gap (mean loss above the least one, in nats), num_seeds.
    """
    parts = [
        pd.DataFrame(
            {
                "learning_rate": result.config.learning_rate,
                "step": result.checkpoint_steps,
                "memorized": result.num_memorized_at,
                "gap": result.loss_at.astype(np.float64) - optima[result.config.data_seed],
            }
        )
        for result in results
        if result.config.data_seed in optima and not result.diverged
    ]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=["learning_rate", "step", "memorized", "gap"])
    table = table[table["step"] > 0]  # a logarithmic axis has no place for the initial weights
    return table.groupby(["learning_rate", "step"], as_index=False).agg(
        memorized=("memorized", "mean"), gap=("gap", "mean"), num_seeds=("gap", "size")
    )
