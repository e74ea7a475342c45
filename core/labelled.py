"""Labelled samples from anywhere, checked, as the searches for their limits take them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.config import LIMITS

SMALLEST, LARGEST = 1e-100, 1e100  # of inputs, so that no square of them is lost


def checked(
    inputs: NDArray[np.floating], labels: NDArray[np.integer], bias: bool, num_classes: int | None
) -> tuple[Tensor, Tensor, int]:
    """Inputs (N, n + bias), labels (N,) and V, in float64.

    Args:
        inputs: (N, n).
        labels: (N,) whole numbers in [0, V).
        bias: whether each class has a bias: one more input that is always 1.
        num_classes: V; None: as many as the labels show.

    Raises:
        ValueError: the shapes do not fit, a value is not finite or of a size whose square is lost, or a label is not a
            class; the sentence says what was expected.
    """
    inputs, labels = np.asarray(inputs, np.float64), np.asarray(labels)
    if inputs.ndim != 2 or labels.shape != inputs.shape[:1] or inputs.size == 0:
        raise ValueError(
            f"expected inputs (N, n) and labels (N,), with at least one sample, but came {inputs.shape} and "
            f"{labels.shape}"
        )
    if not np.isfinite(inputs).all():
        raise ValueError("expected finite inputs, but some are infinite or not a number; leave these samples out")
    size = np.abs(inputs).max(0)
    if ((size > 0) & ((size < SMALLEST) | (size > LARGEST))).any():
        raise ValueError(
            f"expected inputs of sizes from {SMALLEST:g} to {LARGEST:g}, but one has values up to "
            f"{size[(size < SMALLEST) | (size > LARGEST)].max():g}; measure it in another unit"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"expected whole numbers as labels, but they are {labels.dtype}")
    smallest, largest = int(labels.min()), int(labels.max())
    num_classes = largest + 1 if num_classes is None else num_classes
    if num_classes > LIMITS["num_classes"].high:
        raise ValueError(
            f"expected at most {LIMITS['num_classes'].high:,} classes, but they are {num_classes:,}; number those that "
            "there are from 0 on"
        )
    if smallest < 0 or largest >= num_classes:
        raise ValueError(f"expected labels from 0 to {num_classes - 1}, but they are from {smallest} to {largest}")
    columns = [inputs, np.ones((len(inputs), 1))] if bias else [inputs]
    return torch.from_numpy(np.concatenate(columns, axis=1)), torch.from_numpy(labels.astype(np.int64)), num_classes
