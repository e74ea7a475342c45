"""Lines through capacities: one row a V, C = a(V) n."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.theory import capacity_per_dim
from explorer.frames.scaling import interval_around

SLOPE_COLUMNS = ["num_classes", "slope", "low", "high", "theory", "residual", "alpha", "num_dims", "num_seeds"]
NUM_POINTS = 40  # of a line


def slope_frame(scaling: pd.DataFrame) -> pd.DataFrame:
    """The lines C = a(V) n through the origin (least squares): one row a V with a known capacity, `SLOPE_COLUMNS`.

    low and high are the 95 % interval of a(V), from each seed's own, once all seeds have all its n; theory is the line
    through what theory says of these n, which a bias makes steeper than alpha; residual what a(V) is more than that, in
    per cent.
    """
    rows = []
    known = scaling[scaling["bound"] == ""]
    for v in sorted(known["num_classes"].unique().tolist()):
        layers = known[known["num_classes"] == v]
        n = layers["input_dim"].to_numpy(float)
        weights = n / (n @ n)
        slope = float(weights @ layers["capacity"].to_numpy(float))
        own = pd.DataFrame(layers["own"].tolist())  # (n, seeds)
        slopes = weights @ own.to_numpy(float) if own.notna().all(axis=None) else []
        interval = interval_around(slope, slopes)
        theory = float(weights @ layers["theory"].to_numpy(float))
        rows.append(
            {
                "num_classes": v,
                "slope": slope,
                "low": np.nan if interval is None else interval.low,
                "high": np.nan if interval is None else interval.high,
                "theory": theory,
                "alpha": capacity_per_dim(v),
                "residual": 100 * (slope / theory - 1),
                "num_dims": len(layers),
                "num_seeds": int(layers["num_seeds"].min()),
            }
        )
    return pd.DataFrame(rows, columns=SLOPE_COLUMNS)


def line_frame(
    slopes: pd.DataFrame, input_dims: Sequence[int], classes: Sequence[int], *, along: str, bias: bool
) -> pd.DataFrame:
    """What to draw through the points of each curve: one row a place on the axis.

    Columns: num_classes, input_dim, theory (alpha_c(V) (n + bias)), fit (a(V) n, or NaN where there is no a(V)).

    Args:
        slopes: `slope_frame`; may be empty.
        input_dims, classes: all values of n and V.
        along: the column that grows along the axis, "input_dim" or "num_classes".
        bias: whether the layers have one.
    """
    if along == "input_dim":
        input_dims = _places(input_dims)
    else:
        classes = _places(classes)
    table = pd.DataFrame(itertools.product(classes, input_dims), columns=["num_classes", "input_dim"])
    alphas = {v: capacity_per_dim(v) for v in classes}
    fits = table["num_classes"].map(dict(zip(slopes["num_classes"], slopes["slope"], strict=True)))
    return table.assign(
        theory=table["num_classes"].map(alphas) * (table["input_dim"] + bias),
        fit=fits.astype(float) * table["input_dim"],
    )


def _places(sizes: Sequence[int]) -> list[int]:
    """From the smallest to the largest size, evenly on a logarithmic axis, and all sizes."""
    evenly = np.geomspace(min(sizes), max(sizes), NUM_POINTS).round().astype(int).tolist()
    return sorted({*evenly, *sizes})
