"""How well each statistic that is known before training tells the memorized samples, over data sets."""

from collections.abc import Sequence

import pandas as pd

from core.bias import PREDICTORS
from core.ranking import over_datasets
from explorer.jobs import Row
from explorer.statistics import STATISTICS


def rankings_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a predictor, the best first, over the data sets of which some samples but not all are memorized.

    Columns: statistic, name, auroc, low, high (95 % interval; NaN for one data set), null_low, null_high, spearman
    (with the final loss), num_datasets. Empty where there is no such data set.
    """
    told = [row["rankings"] for row in rows if row["rankings"] is not None]
    if not told:
        return pd.DataFrame(columns=["statistic", "name", "auroc", "low", "high", "null_low", "null_high"])
    found = []
    for statistic in PREDICTORS:
        over = over_datasets([each[statistic] for each in told])
        found.append(
            {
                "statistic": statistic,
                "name": STATISTICS[statistic].name,
                "auroc": over.auroc.mean,
                "low": over.auroc.low,
                "high": over.auroc.high,
                "null_low": over.null_low,
                "null_high": over.null_high,
                "spearman": over.spearman.mean if over.spearman else float("nan"),
                "num_datasets": over.auroc.num_values,
            }
        )
    frame = pd.DataFrame(found).sort_values("auroc", ascending=False, ignore_index=True)
    unknown = frame["num_datasets"] < 2
    frame.loc[unknown, ["low", "high"]] = float("nan")
    return frame


def datasets_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a data set and predictor: seed, statistic, name, auroc, num_memorized."""
    return pd.DataFrame(
        [
            {
                "seed": row["seed"],
                "statistic": statistic,
                "name": STATISTICS[statistic].name,
                "auroc": ranking.auroc,
                "num_memorized": row["num_memorized"],
            }
            for row in rows
            if row["rankings"] is not None
            for statistic, ranking in row["rankings"].items()
        ],
        columns=["seed", "statistic", "name", "auroc", "num_memorized"],
    )
