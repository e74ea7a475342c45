"""What can be known of a sample before training, and hints at whether it will be memorized.

The labels are random, so nothing in a sample says what its label should be. But a finite data set is biased by
accident: the inputs that happen to share a label have a mean that is not quite zero, as 100 tosses of a fair coin
seldom show 50 heads. A layer that memorizes past its capacity keeps the samples that agree with the accidents of the
others.

Every statistic here is leave-one-out: a sample's own label never enters what is said of it. In-sample, each would hold
the very label that it is to predict.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core import softmax
from core.config import RunConfig
from core.data import dataset, initial_weights
from core.device import one_thread

PREDICTORS = (
    "initial_loss",
    "label_count",
    "input_norm",
    "alignment",
    "alignment_margin",
    "least_squares_margin",
)

Floats = NDArray[np.float64]


def predictors(run: RunConfig) -> dict[str, Floats]:
    """Six statistics of each sample, known before training; the higher, the more likely memorized, if it tells at all.

    initial_loss: minus the cross-entropy under the initial weights [nats].
    label_count: how many other samples have the sample's label.
    input_norm: |x_i|.
    alignment: how far the others of its class point its way, a_{i,y} of `alignments`.
    alignment_margin: a_{i,y} - max_{k != y} a_ik.
    least_squares_margin: the same margin of `least_squares_scores`.

    Returns:
        `PREDICTORS` -> (N,).

        >>> run = RunConfig(input_dim=3, num_classes=2, num_samples=4)
        >>> {name: values.shape for name, values in predictors(run).items()}["alignment"]
        (4,)
    """
    return predictors_of([run])[0]


def predictors_of(runs: Sequence[RunConfig]) -> list[dict[str, Floats]]:
    """`predictors` of many runs, in the same order, for scripts that ask many: one shape is computed at once.

    In one thread, as all of this file: next to workers at work several would wait for each other, ten times longer.
    """
    together = defaultdict(list)
    for run in dict.fromkeys(runs):
        together[run.input_dim, run.num_classes, run.num_samples, run.bias].append(run)
    found = {}
    for (_, num_classes, _, _), group in together.items():
        data = [dataset(run) for run in group]
        inputs = np.stack([x for x, _ in data]).astype(np.float64)  # (B, N, n)
        labels = np.stack([y for _, y in data])  # (B, N)
        weights = np.stack([initial_weights(run) for run in group]).astype(np.float64)  # (B, V, n + bias)
        aligned = alignments(inputs, labels, num_classes)
        columns = (
            -_initial_loss(inputs, labels, weights),
            _num_others(labels, num_classes),
            np.linalg.norm(inputs, axis=-1),
            _own(aligned, labels),
            margins(aligned, labels),
            margins(least_squares_scores(inputs, labels, num_classes), labels),
        )
        for i, run in enumerate(group):
            found[run] = {name: column[i] for name, column in zip(PREDICTORS, columns, strict=True)}
    return [found[run] for run in runs]


def alignments(inputs: Floats, labels: NDArray[np.int64], num_classes: int) -> Floats:
    """How far the other samples of each class point a sample's way, beyond what they do on average.

    a_ik = sum_{j != i} (1[y_j = k] - 1/V) x_i . x_j. Summed over all j it is x_i . (S_k - S / V), where S_k is the sum
    of the inputs of class k and S that of all; the term j = i, which holds the sample's own label, is taken off.

    Args:
        inputs: (..., N, n).
        labels: (..., N).
        num_classes: V.

    Returns:
        (..., N, V).
    """
    x, centred = torch.from_numpy(inputs), torch.from_numpy(_centred(labels, num_classes))
    with one_thread:
        sums = centred.mT @ x  # (..., V, n): S_k - S / V
        aligned: Floats = (x @ sums.mT).sub_(centred.mul_((x**2).sum(-1, keepdim=True))).numpy()
    return aligned


def least_squares_scores(inputs: Floats, labels: NDArray[np.int64], num_classes: int) -> Floats:
    """What the least-squares fit to all other samples, without an intercept, says of a sample, for each class.

    The targets are T = Y - 1/V with one-hot Y. One fit to all samples gives every fit without one: with the hat matrix
    H = X (X^T X)^-1 X^T and F = H T, the fit without sample i says (F_i - h_i T_i) / (1 - h_i) of it (Allen 1974).
    With N <= n samples many fits go through all of them, and h_i is 1; the fit of least norm, without sample i, says
    T_i - (G^-1 T)_i / (G^-1)_ii, with the Gram matrix G = X X^T.

    Args:
        inputs: (..., N, n).
        labels: (..., N).
        num_classes: V.

    Returns:
        (..., N, V).
    """
    x, targets = torch.from_numpy(inputs), torch.from_numpy(_centred(labels, num_classes))
    num_samples, n = inputs.shape[-2:]
    with one_thread:
        if num_samples > n:
            basis = torch.linalg.qr(x).Q  # (..., N, n): H = Q Q^T
            leverage = (basis**2).sum(-1, keepdim=True)  # h: (..., N, 1)
            fitted = basis @ (basis.mT @ targets)  # F: (..., N, V)
            scores = fitted.sub_(targets.mul_(leverage)).div_(1 - leverage)
        else:
            root = torch.linalg.inv(torch.linalg.qr(x.mT).R)  # (..., N, N): G^-1 = R^-1 R^-T
            scores = targets - root @ (root.mT @ targets) / (root**2).sum(-1, keepdim=True)
    found: Floats = scores.numpy()
    return found


def margins(scores: Floats, labels: NDArray[np.int64]) -> Floats:
    """(..., N, V) -> (..., N): the score of the label minus the largest other."""
    others = scores.copy()
    np.put_along_axis(others, labels[..., None], -np.inf, axis=-1)
    gap: Floats = _own(scores, labels) - others.max(-1)
    return gap


class Guesses(NamedTuple):
    """How many labels are guessed right by the class whose samples, summed up, point most a sample's way.

    Attributes:
        with_itself: where the sum of a sample's own class holds the sample itself.
        without_itself: where it does not: nothing is left but chance.
        toward: (N,) bool, whether the others of its class point a sample's way at all: its alignment is above 0.
    """

    with_itself: int
    without_itself: int
    toward: NDArray[np.bool_]


def class_guesses(inputs: Floats, labels: NDArray[np.int64], num_classes: int) -> Guesses:
    """What the sums of the classes, which are accidents of random data, know of the labels.

    Args:
        inputs: (N, n).
        labels: (N,).
        num_classes: V.
    """
    without = alignments(inputs, labels, num_classes)  # (N, V)
    with_itself = without + (inputs**2).sum(1, keepdims=True) * _centred(labels, num_classes)
    return Guesses(
        int((with_itself.argmax(1) == labels).sum()),
        int((without.argmax(1) == labels).sum()),
        _own(without, labels) > 0,
    )


def cosines(inputs: Floats, sample: int) -> Floats:
    """(N, n) -> (N,): the cosine of the angle between one sample and each."""
    found: Floats = inputs @ inputs[sample] / (np.linalg.norm(inputs, axis=1) * np.linalg.norm(inputs[sample]))
    return found


def _centred(labels: NDArray[np.int64], num_classes: int) -> Floats:
    """(..., N, V): one-hot labels minus their mean under random labels."""
    centred = np.full((*labels.shape, num_classes), -1 / num_classes)
    np.put_along_axis(centred, labels[..., None], 1 - 1 / num_classes, axis=-1)
    return centred


def _own(scores: Floats, labels: NDArray[np.int64]) -> Floats:
    """(..., N, V) -> (..., N): the score of the label."""
    return np.take_along_axis(scores, labels[..., None], axis=-1)[..., 0]


def _num_others(labels: NDArray[np.int64], num_classes: int) -> Floats:
    """(B, N): how many other samples have the sample's label."""
    counts = np.stack([np.bincount(row, minlength=num_classes) for row in labels])
    return (np.take_along_axis(counts, labels, axis=1) - 1).astype(np.float64)


def _initial_loss(inputs: Floats, labels: NDArray[np.int64], weights: Floats) -> Floats:
    """(B, N) nats."""
    with one_thread:
        logits = softmax.logits(torch.from_numpy(inputs), torch.from_numpy(weights))
        loss, _ = softmax.cross_entropy(logits, torch.from_numpy(labels))
    return loss.numpy()
