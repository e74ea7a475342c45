"""One row a sample of a trained layer, and what is known of a single one."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bias import cosines, predictors
from core.data import dataset
from core.ranking import auroc, null_sd
from core.result import RunResult
from core.trajectory import Trajectory, nearest_competitor

NUM_NEIGHBOURS = 5
MOST_CLASSES = 20  # that a chart of logits shows
NUM_BINS = 40


def samples_frame(result: RunResult) -> pd.DataFrame:
    """One row a sample: sample (its number), label, memorized, competitor, last_forgotten, and `STATISTICS`.

    NaN where a sample was never memorized (first_step) or never forgotten (last_forgotten).
    """
    _, labels = dataset(result.config)
    return pd.DataFrame(
        {
            "sample": np.arange(result.config.num_samples),
            "label": labels,
            "memorized": result.memorized,
            "competitor": nearest_competitor(result),
            **predictors(result.config),
            "initial_loss": result.initial_loss.astype(float),  # there it is negated
            "first_step": _seen(result.first_step),
            "forgetting_events": result.forgetting_events,
            "last_forgotten": _seen(result.last_forgotten),
            "confidence": result.confidence.astype(float),
            "variability": result.variability.astype(float),
            "final_loss": result.final_loss.astype(float),
            "margin": result.margin.astype(float),
        }
    )


def _seen(steps: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.where(steps < 0, np.nan, steps)


class Place(NamedTuple):
    """Where a sample stands among all in one statistic.

    Attributes:
        deviations: from 0, in standard deviations of all samples from 0.
        rank: 1 for the largest.
    """

    deviations: float
    rank: int


def place(values: pd.Series, sample: int) -> Place:
    """Where a sample stands; 0 deviations where all are 0."""
    own, spread = float(values.iloc[sample]), float(np.sqrt((values**2).mean()))
    return Place(own / spread if spread > 0 else 0.0, int((values > own).sum()) + 1)


class Separation(NamedTuple):
    """How well a statistic tells the memorized samples of one data set.

    Attributes:
        share: of the pairs of a memorized sample and one that is not, in how many the memorized one has the larger
            value (of the initial loss: the smaller); ties count half.
        low, high: where `share` lies in 99.7 % of all random draws of who is memorized, by the normal approximation.
    """

    share: float
    low: float
    high: float


def separation(samples: pd.DataFrame, statistic: str) -> Separation:
    """How well a statistic that is known before training tells who is memorized; NaN where all or none are."""
    values = -samples[statistic] if statistic == "initial_loss" else samples[statistic]
    memorized = samples["memorized"].to_numpy()
    by_chance = 3 * null_sd(values, memorized)
    return Separation(auroc(values, memorized), max(0.0, 0.5 - by_chance), min(1.0, 0.5 + by_chance))


def logits_frame(logits: NDArray[np.floating], label: int) -> pd.DataFrame:
    """The logits of one sample, the largest of them where there are too many to show.

    Columns: class_, logit, role ("label", "competitor": the largest other, "other"), in the order of classes.

    Args:
        logits: (V,).
        label: of the sample.
    """
    order = np.argsort(-logits, kind="stable")
    competitor = int(order[0] if order[0] != label else order[1])
    shown = sorted({label, competitor, *order[:MOST_CLASSES].tolist()})
    role = {label: "label", competitor: "competitor"}
    return pd.DataFrame(
        {"class_": shown, "logit": logits[shown].astype(float), "role": [role.get(k, "other") for k in shown]}
    )


def sample_along(along: Trajectory, sample: int) -> pd.DataFrame:
    """One sample along training: step, loss, probability, memorized."""
    return pd.DataFrame(
        {
            "step": along.steps,
            "loss": along.loss[:, sample].astype(float),
            "probability": along.probability[:, sample].astype(float),
            "memorized": along.memorized[:, sample],
        }
    )


def neighbours_frame(inputs: NDArray[np.floating], samples: pd.DataFrame, sample: int) -> pd.DataFrame:
    """The samples whose inputs point most the same way, of the same label and of others, nearest first.

    Columns: sample, label, cosine, memorized, same (whether the label is).

    Args:
        inputs: (N, n).
        samples: `samples_frame`.
        sample: whose neighbours.
    """
    labels = samples["label"].to_numpy()
    cosine = cosines(inputs.astype(np.float64), sample)
    order = np.argsort(-cosine, kind="stable")
    order = order[order != sample]
    same = labels[order] == labels[sample]
    nearest = np.concatenate([order[same][:NUM_NEIGHBOURS], order[~same][:NUM_NEIGHBOURS]])
    return pd.DataFrame(
        {
            "sample": nearest,
            "label": labels[nearest],
            "cosine": cosine[nearest],
            "memorized": samples["memorized"].to_numpy()[nearest],
            "same": labels[nearest] == labels[sample],
        }
    )


def histogram_frame(values: pd.Series, memorized: pd.Series) -> pd.DataFrame:
    """How many samples have which value: one row for each bin and kind.

    Columns: low, high (of the bin), kind ("memorized", "not memorized"), count, share (memorized in the bin).
    """
    known = values.notna()
    edges = _edges(values[known].to_numpy())
    counts = {
        kind: np.histogram(values[known & chosen], edges)[0]
        for kind, chosen in (("memorized", memorized), ("not memorized", ~memorized))
    }
    share = counts["memorized"] / np.maximum(1, sum(counts.values()))
    return pd.concat(
        [
            pd.DataFrame({"low": edges[:-1], "high": edges[1:], "kind": kind, "count": count, "share": share})
            for kind, count in counts.items()
        ],
        ignore_index=True,
    )


def _edges(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Of about as many bins as the square root of the number of samples, each of as many whole numbers, if all are."""
    num_bins = int(np.clip(np.sqrt(len(values)), 1, NUM_BINS))
    if len(values) and (values == values.round()).all():
        low, high = values.min() - 0.5, values.max() + 0.5
        width = np.ceil((high - low) / num_bins)
        return np.arange(low, high + width, width)
    return np.histogram_bin_edges(values, bins=num_bins)
