"""Each sample along training: what the weights at the checkpoints of a watched run say of it."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core import softmax
from core.data import dataset
from core.device import one_thread
from core.result import RunResult


class Trajectory(NamedTuple):
    """N samples at the T checkpoints of a run.

    Attributes:
        steps: (T,) int.
        loss: (T, N) cross-entropy [nats].
        probability: (T, N) of a sample's own label.
        memorized: (T, N) bool.
    """

    steps: NDArray[np.int32]
    loss: NDArray[np.floating]
    probability: NDArray[np.floating]
    memorized: NDArray[np.bool_]


def trajectory(result: RunResult) -> Trajectory:
    """Loss, probability and memorized of every sample at every checkpoint.

    Raises:
        ValueError: the run was not watched.
    """
    _check_watched(result)
    inputs, labels = dataset(result.config)
    own = torch.from_numpy(labels)[None]
    losses, margins = [], []
    with one_thread:  # small pieces of work: on a busy machine threads wait for each other thirty times longer
        for weights in result.weights_at:
            logits = torch.from_numpy(_logits(weights, inputs))[None]
            loss, margin = softmax.cross_entropy(logits, own)
            losses.append(loss[0].numpy())
            margins.append(margin[0].numpy())
    loss_at = np.stack(losses)
    return Trajectory(result.checkpoint_steps, loss_at, np.exp(-loss_at), np.stack(margins) > 0)


def logits_at(result: RunResult, frame: int) -> NDArray[np.floating]:
    """(V, N) logits of a watched run at its checkpoint number `frame`.

    Raises:
        ValueError: the run was not watched.
    """
    _check_watched(result)
    inputs, _ = dataset(result.config)
    return _logits(result.weights_at[frame], inputs)


def nearest_competitor(result: RunResult) -> NDArray[np.int64]:
    """(N,) of the classes that are not a sample's label, that with the largest logit after training."""
    inputs, labels = dataset(result.config)
    logits = _logits(result.weights, inputs)
    np.put_along_axis(logits, labels[None], -np.inf, axis=0)
    nearest: NDArray[np.int64] = logits.argmax(0)
    return nearest


def _logits(weights: NDArray[np.floating], inputs: NDArray[np.floating]) -> NDArray[np.floating]:
    """(V, n + bias) and (N, n) -> (V, N); the bias, if there is one, is the last column."""
    n = inputs.shape[1]
    logits: NDArray[np.floating] = weights[:, :n] @ inputs.T + weights[:, n:].sum(1, keepdims=True)
    return logits


def _check_watched(result: RunResult) -> None:
    if not result.config.watch_samples:
        raise ValueError(
            "expected a run that was watched, but came one without weights at its checkpoints; train it with "
            "RunConfig(..., watch_samples=True)"
        )
