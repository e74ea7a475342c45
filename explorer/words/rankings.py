"""What the predictors of the page Samples say, in sentences."""

import pandas as pd

RANKINGS_ALT = "Bars of how well each statistic that is known before training tells the memorized samples."


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
    rest = (
        f" {num_asked - told:,} more were left out: all or none of their samples are memorized."
        if told < num_asked
        else ""
    )
    return (
        f"{over} the **{best['name'].lower()}** tells best: in {best['auroc']:.0%} of all pairs the memorized sample "
        f"has the larger one{_interval(best)}. The **initial loss** tells {_against_chance(loss)}: "
        f"{loss['auroc']:.0%}{_interval(loss)}, where chance gives {loss['null_low']:.0%} to "
        f"{loss['null_high']:.0%}.{rest}"
    )


def nothing_to_rank(num_samples: int, num_memorized: float) -> str:
    """Why there are no bars: all or none are memorized."""
    which = "All" if num_memorized >= num_samples else "None"
    advice = "raise N past the capacity" if num_memorized >= num_samples else "lower N, or train longer"
    return (
        f"{which} of the {num_samples:,} samples are memorized in every data set, so there is nobody to tell apart, "
        f"and no AUROC: {advice}."
    )


def rankings_legend(num_datasets: int) -> str:
    """How to read the bars."""
    interval = " Grey line: 95 % bootstrap interval of the mean over data sets." if num_datasets > 1 else ""
    return (
        "Bar: mean over data sets of the AUROC, the probability that a memorized sample has the larger value than one "
        f"that is not (of the initial loss: the smaller); ticks: single data sets.{interval} Grey stripe: where the "
        "mean lies with 95 % probability if the memorized samples are drawn at random. All statistics leave out the "
        "sample's own label: in-sample they would hold what they are to tell. **Click a bar** to see its values below."
    )


def _interval(row: pd.Series) -> str:
    return "" if pd.isna(row["low"]) else f" (95 % interval {row['low']:.0%} to {row['high']:.0%})"


def _against_chance(row: pd.Series) -> str:
    """Nothing, where chance or the interval over data sets holds the one or the other."""
    by_chance = row["null_low"] <= row["auroc"] <= row["null_high"]
    return "nothing" if by_chance or row["low"] <= 0.5 <= row["high"] else "little"
