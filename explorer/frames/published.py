"""The published curves of Liu (2026), and how far ours are from them."""

from functools import cache
from pathlib import Path

import pandas as pd

from core.config import SweepConfig

PUBLISHED = Path(__file__).parents[1] / "published"


@cache
def published_figure_1() -> pd.DataFrame:
    """Figure 1 of Liu (2026), read off marker by marker: input_dim, num_samples, memorized, how."""
    return pd.read_csv(PUBLISHED / "liu2026_memory1_fig1.csv")


def published_curves(config: SweepConfig) -> pd.DataFrame:
    """The part of Figure 1 that has a place beside a sweep: its dimensions, up to its largest N."""
    figure = published_figure_1()
    return figure[figure["input_dim"].isin(config.input_dims) & (figure["num_samples"] <= config.num_samples[-1])]


@cache
def published_figure_2() -> pd.DataFrame:
    """Figure 2 of Liu (2026), n = 40: num_samples, memorized (NaN under another marker), sharpness."""
    return pd.read_csv(PUBLISHED / "liu2026_memory1_fig2.csv")


def published_sharpness(config: SweepConfig) -> pd.DataFrame:
    """The part of Figure 2 that has a place beside a sweep: up to its largest N, and none if n is not 40."""
    figure = published_figure_2()
    return figure[(figure["num_samples"] <= config.num_samples[-1]) & (40 in config.input_dims)]


def published_difference(points: pd.DataFrame, published: pd.DataFrame, from_num_samples: int = 200) -> pd.DataFrame:
    """One row a dimension: the mean of (ours - published) C over the N >= `from_num_samples` that both have.

    Columns: input_dim, difference, num_points.
    """
    both = points.merge(published, on=["input_dim", "num_samples"])
    both = both[both["num_samples"] >= from_num_samples]
    differences = (both["mean"] - both["memorized"]).groupby(both["input_dim"])
    return pd.DataFrame({"difference": differences.mean(), "num_points": differences.size()}).reset_index()
