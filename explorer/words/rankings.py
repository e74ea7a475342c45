"""What the predictors of the page Samples say, in sentences."""

import pandas as pd

from explorer.words.shared import counted, lower

LITTLE = 0.1  # of the AUROC, beyond a half


def rankings_finding(rankings: pd.DataFrame, num_asked: int) -> str:
    """Which statistic tells most, what the initial loss tells, and how many data sets were left out.

    Args:
        rankings: `explorer.frames.rankings_frame`, not empty.
        num_asked: data sets that were trained.
    """
    best = rankings.iloc[0]
    told = int(best["num_datasets"])
    loss = rankings[rankings["statistic"] == "initial_loss"].iloc[0]
    over = f"Over {told:,} data sets" if told > 1 else "In one data set"
    if best["auroc"] <= best["null_high"]:
        finding = f"{over} no statistic tells more than chance would."
    else:
        finding = (
            f"{over} the **{lower(best['name'])}** tells best: it is {_side(best)} for the memorized sample in "
            f"{best['auroc']:.0%} of all pairs{_interval(best)}."
        )
    if best["statistic"] != "initial_loss" or best["auroc"] <= best["null_high"]:
        finding += (
            f" The **initial loss** {_tells(loss)}: it is {_side(loss)} in {loss['auroc']:.0%}{_interval(loss)}, where "
            f"chance gives {loss['null_low']:.0%} to {loss['null_high']:.0%}."
        )
    else:
        finding += " Training has not forgotten where it began: raise the steps or the learning rate."
    for _, row in rankings[rankings["high"] < rankings["null_low"]].iterrows():
        other = {"larger": "smaller", "smaller": "larger"}[_side(row)]
        finding += f" The **{lower(row['name'])}** tells the other way: it is {other} for the memorized sample."
    left_out = num_asked - told
    if left_out:
        finding += f" {counted(left_out, 'data set')} left out: all or none of the samples are memorized."
    return finding


def nothing_to_rank(num_samples: int, num_memorized: int, num_datasets: int) -> str:
    """Why there are no bars: all or none are memorized.

    Args:
        num_samples: N.
        num_memorized: the largest C of a data set.
        num_datasets: how many were looked at.
    """
    which, advice = ("All", "raise N") if num_memorized == num_samples else ("None", "lower N, or train longer")
    return (
        f"{which} of the {counted(num_samples, 'sample')} are memorized in {counted(num_datasets, 'data set')}: there "
        f"is nobody to tell apart, and no AUROC. To see one, {advice}."
    )


def rankings_legend(num_datasets: int) -> str:
    """How to read the bars."""
    interval = " Grey line: 95 % interval of the mean over data sets." if num_datasets > 1 else ""
    return (
        "Bar: mean over data sets of the AUROC, the probability that a memorized sample has the larger value than one "
        f"that is not (of the initial loss: the smaller); ticks: single data sets.{interval} Grey stripe: where the "
        "mean lies with 95 % probability if the memorized samples are drawn at random. All statistics leave out the "
        "sample's own label: in-sample they would hold what they are to tell. **Click a bar** to see its values below."
    )


def _interval(row: pd.Series) -> str:
    return "" if pd.isna(row["low"]) else f" (95 % interval {row['low']:.0%} to {row['high']:.0%})"


def _side(row: pd.Series) -> str:
    return "smaller" if row["statistic"] == "initial_loss" else "larger"


def _tells(row: pd.Series) -> str:
    """How much, in words: what lies within chance, or whose interval holds a half, may tell nothing."""
    if row["null_low"] <= row["auroc"] <= row["null_high"] or row["low"] <= 0.5 <= row["high"]:
        return "cannot be told from chance"
    return "tells little" if abs(row["auroc"] - 0.5) < LITTLE else "tells too"
