"""Ours beside the published figures, point by point, and how far a setting is from them."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from explorer.frames.published import published_figure_1, published_figure_2
from explorer.frames.runs import band_frame

Quantity = Literal["num_memorized", "sharpness"]

READING_ERROR: dict[Quantity, float] = {"num_memorized": 1.0, "sharpness": 0.002}  # of the published points, at most
# A published point so far from the median of the four around it, in samples, is no run's: the next largest distance of
# any point is 26.
ODD_DISTANCE = 50.0
NEIGHBOURS = 9  # points over which the scatter of single runs is averaged: four seeds alone do not know theirs
REACH = 2.0  # standard deviations: within so many lie 95 % of what scatters
CELL = ["bias", "num_classes", "num_steps"]
NUM_DRAWS = 2_000


@cache
def published_points(quantity: Quantity) -> pd.DataFrame:
    """Figure 1 (C for four n) or the sharpness of Figure 2: input_dim, num_samples, published, is_odd."""
    figure = _named(quantity)
    around = [_around(curve["published"].to_numpy(float)) for _, curve in figure.groupby("input_dim", sort=False)]
    is_far = np.abs(figure["published"] - np.concatenate(around)) > ODD_DISTANCE
    return figure.assign(is_odd=is_far)


@cache
def published_memorized_again() -> pd.DataFrame:
    """C of Figure 2, which is of another run than the n = 40 of Figure 1: as `published_points`."""
    figure = published_figure_2().dropna(subset=["memorized"]).rename(columns={"memorized": "published"})
    return figure[["num_samples", "published"]].assign(input_dim=40, is_odd=False)


def _named(quantity: Quantity) -> pd.DataFrame:
    if quantity == "num_memorized":
        figure = published_figure_1()[["input_dim", "num_samples", "memorized"]]
        return figure.rename(columns={"memorized": "published"})
    figure = published_figure_2()[["num_samples", "sharpness"]].assign(input_dim=40)
    return figure.rename(columns={"sharpness": "published"})


def _around(curve: np.ndarray) -> np.ndarray:
    """The median of the two points before and the two after each point."""
    padded = np.pad(curve, 2, constant_values=np.nan)
    shifted = [padded[shift : shift + len(curve)] for shift in (0, 1, 3, 4)]
    return np.asarray(np.nanmedian(shifted, axis=0))


def published_twice() -> float:
    """How far the two published runs of n = 40 are from each other: root mean square of their difference in C."""
    first = published_points("num_memorized").query("input_dim == 40")
    both = first.merge(published_memorized_again(), on="num_samples")
    return float(np.sqrt(np.mean((both["published_x"] - both["published_y"]) ** 2)))


# --- one setting ------------------------------------------------------------------------------------------------------


def residual_frame(runs: pd.DataFrame, quantity: Quantity, published: pd.DataFrame) -> pd.DataFrame:
    """One row a point (input_dim, num_samples) that we have and that is published.

    Args:
        runs: `runs_frame` of one setting.
        quantity: what is compared.
        published: such as `published_points`.

    Columns: those of `band_frame`; published, is_odd; residual (ours - published); scatter (s.d. of the residual that
    one more run of our own setting would have: of a single run, averaged over the points around, and of our mean;
    NaN for one seed); reach (within so much lie 95 % of such residuals, with the reading error); is_explained (by it).
    """
    points = band_frame(runs, ["input_dim", "num_samples"], quantity).merge(published, on=["input_dim", "num_samples"])
    points = points.sort_values(["input_dim", "num_samples"], ignore_index=True)
    if quantity == "num_memorized":
        points["high"] = np.minimum(points["high"], points["num_samples"])
    spread = points["sd"].where(points["num_seeds"] > 1) ** 2 * (1 + 1 / points["num_seeds"])
    rolled = spread.groupby(points["input_dim"]).rolling(NEIGHBOURS, center=True, min_periods=1).mean()
    points["residual"] = points["mean"] - points["published"]
    points["scatter"] = np.sqrt(rolled.droplevel(0)) if len(points) else spread
    points["reach"] = REACH * points["scatter"] + READING_ERROR[quantity]
    points["is_explained"] = points["residual"].abs() <= points["reach"]
    return points


class Fit(NamedTuple):
    """How well some points are met.

    Attributes:
        num_points: that count: odd ones do not.
        mean: of the residuals, ours - published.
        rms: their root mean square.
        another: the same that one more run of our own setting would have; NaN for one seed.
        most: and that it exceeds once in twenty times.
        num_explained: residuals that are no larger than those of one more run.
    """

    num_points: int
    mean: float
    rms: float
    another: float
    most: float
    num_explained: int

    @property
    def is_reached(self) -> bool:
        """Whether the published run may be one more of this setting, as far as its distance tells."""
        return self.rms <= self.most


def fit(points: pd.DataFrame) -> Fit:
    """Of a `residual_frame`.

    Raises:
        ValueError: no point counts.
    """
    counted = points[~points["is_odd"].astype(bool)]
    if counted.empty:
        raise ValueError("No point counts, so nothing says how well the published run is met.")
    residual = counted["residual"].to_numpy(float)
    another, most = _another(counted[["scatter"]].to_numpy(float).T ** 2, int(counted["num_seeds"].min()))
    return Fit(
        num_points=len(counted),
        mean=float(residual.mean()),
        rms=float(np.sqrt(np.mean(residual**2))),
        another=float(another[0]),
        most=float(most[0]),
        num_explained=int(counted["is_explained"].sum()),
    )


def fits_table(fits: Mapping[Any, Fit]) -> pd.DataFrame:
    """One row a fit: name, num_points, mean, rms, another, most, explained (share)."""
    rows = [
        (
            str(name),
            found.num_points,
            found.mean,
            found.rms,
            found.another,
            found.most,
            found.num_explained / found.num_points,
        )
        for name, found in fits.items()
    ]
    return pd.DataFrame(rows, columns=["name", "num_points", "mean", "rms", "another", "most", "explained"])


def _another(variances: np.ndarray, num_seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Root mean square of the residuals that one more run has, and what it exceeds once in twenty times.

    The residuals scatter, and so does what a few seeds know of their variance: both are drawn.

    Args:
        variances: (K, P) of the residuals of K settings at P points; NaN where they are not known.
        num_seeds: from which they are known.
    """
    residual, known = (draws @ variances.T for draws in _draws(variances.shape[1], max(1, num_seeds - 1)))
    with np.errstate(invalid="ignore"):  # where nothing scatters
        ratio = np.where(known > 0, residual / known, np.where(np.isnan(known), np.nan, 1.0))
    another = np.sqrt(variances.mean(1))
    return another, another * np.sqrt(np.quantile(ratio, 0.95, axis=0))


@lru_cache(maxsize=8)  # up to 10 MB each
def _draws(num_points: int, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """(NUM_DRAWS, P) twice: squares of standard normals, and variances of that many degrees of freedom."""
    dice = np.random.default_rng(0)
    size = (NUM_DRAWS, num_points)
    return dice.chisquare(1, size), dice.chisquare(freedom, size) / freedom


# --- the map ----------------------------------------------------------------------------------------------------------


def misfit_frame(runs: pd.DataFrame, quantity: Quantity, published: pd.DataFrame, num_points: int) -> pd.DataFrame:
    """One row a setting (bias, num_classes, num_steps) that has all its points.

    Args:
        runs: `runs_frame`.
        quantity: what is compared.
        published: such as `published_points`; odd ones do not count.
        num_points: of a setting.

    Columns: bias, num_classes, num_steps; misfit (root mean square residual); another, most (as in `Fit`; the scatter
    of single runs is averaged over all N of an n); is_reached; num_seeds (the fewest of a point).
    """
    points = band_frame(runs, [*CELL, "input_dim", "num_samples"], quantity)
    points = points.merge(published[~published["is_odd"]], on=["input_dim", "num_samples"])
    points["residual"] = points["mean"] - points["published"]
    spread = points["sd"].where(points["num_seeds"] > 1) ** 2 * (1 + 1 / points["num_seeds"])
    points["variance"] = spread.groupby([points[name] for name in (*CELL, "input_dim")]).transform("mean")
    points["square"] = points["residual"] ** 2
    is_whole = points.groupby(CELL)["square"].transform("size") == num_points
    cells = points[is_whole].sort_values([*CELL, "input_dim"])
    found = cells.groupby(CELL, as_index=False).agg(misfit=("square", "mean"), num_seeds=("num_seeds", "min"))
    found["misfit"] = np.sqrt(found["misfit"])
    num_seeds = int(found["num_seeds"].max()) if len(found) else 1
    another, most = _another(cells["variance"].to_numpy(float).reshape(len(found), num_points), num_seeds)
    return found.assign(another=another, most=most, is_reached=found["misfit"] <= most)


def num_points_of(published: pd.DataFrame, num_samples: Sequence[int]) -> int:
    """How many published points that count there are at these N."""
    return int((published["num_samples"].isin(num_samples) & ~published["is_odd"]).sum())
