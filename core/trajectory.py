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
    inputs, labels = map(torch.from_numpy, dataset(result.config))
    losses, margins = [], []
    with one_thread:  # small pieces of work: on a busy machine threads wait for each other thirty times longer
        for weights in torch.tensor(result.weights_at):
            logits = softmax.logits(inputs, weights)
            loss, margin = softmax.cross_entropy(logits[None], labels[None])
            losses.append(loss[0].numpy())
            margins.append(margin[0].numpy())
    loss_at = np.stack(losses)
    return Trajectory(result.checkpoint_steps, loss_at, np.exp(-loss_at), np.stack(margins) > 0)


def logits_along(result: RunResult, sample: NDArray[np.floating]) -> NDArray[np.floating]:
    """The logits of one input at every checkpoint.

    Args:
        result: of a watched run.
        sample: (n,) the input, in the dtype of the run.

    Returns:
        (T, V).

    Raises:
        ValueError: the run was not watched.
    """
    _check_watched(result)
    with one_thread:
        return softmax.logits(torch.tensor(sample)[None], torch.tensor(result.weights_at))[..., 0].numpy()


def nearest_competitor(result: RunResult) -> NDArray[np.int64]:
    """(N,) of the classes that are not a sample's label, that with the largest logit after training."""
    inputs, labels = map(torch.from_numpy, dataset(result.config))
    with one_thread:
        logits = softmax.logits(inputs, torch.tensor(result.weights))
        return logits.scatter_(0, labels[None], -torch.inf).argmax(0).numpy()


def _check_watched(result: RunResult) -> None:
    if not result.config.watch_samples:
        raise ValueError(
            "expected a run that was watched, but came one without weights at its checkpoints; train it with "
            "RunConfig(..., watch_samples=True)"
        )
