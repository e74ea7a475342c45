"""What became of each sample in two layers that were trained on the same samples."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FATES = ("both", "only A", "only B", "neither")


def fates(
    a: pd.DataFrame, b: pd.DataFrame, inputs_a: NDArray[np.floating], inputs_b: NDArray[np.floating]
) -> pd.Series | None:
    """By whom each sample is memorized, one of `FATES`, for the samples of B; missing for those that A does not have.

    Args:
        a, b: `explorer.frames.samples_frame`.
        inputs_a, inputs_b: theirs, (N, n).

    Returns:
        None where the two have other samples. Of nested data the smaller one is the beginning of the larger one.
    """
    num = min(len(a), len(b))
    has_same_labels = np.array_equal(a["label"].iloc[:num], b["label"].iloc[:num])
    if not has_same_labels or not np.array_equal(inputs_a[:num], inputs_b[:num]):
        return None
    in_a, in_b = a["memorized"].to_numpy()[:num], b["memorized"].to_numpy()[:num]
    told = np.select([in_a & in_b, in_a, in_b], FATES[:3], FATES[3])
    return pd.Series(pd.Categorical(told, FATES), index=b.index[:num]).reindex(b.index)
