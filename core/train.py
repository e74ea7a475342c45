"""Many linear layers trained at once.

`train` is the whole of it: runs of any mix of shapes go through the optimizer together, and each comes out as if it had
been trained alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import softmax
from core.batch import Batch
from core.config import RunConfig
from core.device import captured, one_thread, resolve
from core.history import History
from core.optimizer import Optimizer, make_optimizer
from core.plan import plan
from core.result import RunResult
from core.workers import never

CHECKPOINTS_PER_DECADE = 6


class Stopped(Exception):
    """Training was asked to stop before its last step."""


def train(runs: Sequence[RunConfig], *, device: str = "cpu") -> list[RunResult]:
    """Train every run.

    Args:
        runs: any mix of shapes and settings.
        device: "cpu", "cuda" or "mps".

    Returns:
        One result a run, in the same order.

    Raises:
        ValueError: the device cannot be used here.
    """
    results = {result.config: result for chunk in plan(runs, device) for result in train_chunk(chunk, device=device)}
    return [results[run] for run in runs]


def train_chunk(
    runs: Sequence[RunConfig], *, device: str = "cpu", should_stop: Callable[[], bool] = never
) -> list[RunResult]:
    """Train runs that have one recipe (see `core.plan`) as one batch.

    Args:
        runs: what to train.
        device: "cpu", "cuda" or "mps".
        should_stop: asked before every step.

    Returns:
        One result a run, in no particular order.

    Raises:
        Stopped: `should_stop` said so.
        ValueError: the device cannot be used here.
    """
    with one_thread, torch.inference_mode():
        batch = Batch(runs, resolve(device, runs[0].dtype))
        optimizer = make_optimizer(runs[0], like=batch.weights)
        history = History(like=batch.top_logit)
        step = captured(lambda: _step(batch, optimizer, history), batch.weights.device)

        steps = checkpoint_steps(runs[0].num_steps)
        initial_loss, _, *first_checkpoint = _evaluate(batch)
        checkpoints = [first_checkpoint]
        for num_steps in np.diff(steps):
            for _ in range(num_steps):
                if should_stop():
                    raise Stopped
                step()
            final_loss, margin, *checkpoint = _evaluate(batch)
            checkpoints.append(checkpoint)
        _look(batch, history)

        loss_at, num_memorized_at = (torch.stack(column, dim=1) for column in zip(*checkpoints, strict=True))
        columns: dict[str, Sequence[NDArray[Any]]] = {
            "weights": batch.weights_by_run(),
            "memorized": batch.samples_by_run(margin > 0),
            "initial_loss": batch.samples_by_run(initial_loss),
            "final_loss": batch.samples_by_run(final_loss),
            "margin": batch.samples_by_run(margin),
            "first_step": batch.samples_by_run(history.first_step(num_observed=runs[0].num_steps + 1)),
            "forgetting_events": batch.samples_by_run(history.forgetting_events()),
            "loss_at": list(loss_at.cpu().numpy()),
            "num_memorized_at": list(num_memorized_at.cpu().numpy()),
        }
        return [
            RunResult(config=run, checkpoint_steps=steps, **{name: column[i] for name, column in columns.items()})
            for i, run in enumerate(batch.runs)
        ]


def checkpoint_steps(num_steps: int) -> NDArray[np.int32]:
    """(T,) the steps at which a run is looked at: 0, then log-spaced up to and including `num_steps`."""
    count = round(CHECKPOINTS_PER_DECADE * np.log10(num_steps)) + 1
    return np.unique([0, *np.geomspace(1, num_steps, count).round(), num_steps]).astype(np.int32)


def _look(batch: Batch, history: History) -> None:
    """Compute the logits and note who is memorized."""
    for group in batch.groups:
        torch.bmm(group.weights, group.inputs_t, out=group.logits)
    for band in batch.bands:
        torch.amax(band.logits, 1, keepdim=True, out=band.top_logit)
    history.observe(batch.logits, batch.label_index, batch.top_logit)


def _step(batch: Batch, optimizer: Optimizer, history: History) -> None:
    """One full-batch step of every run."""
    _look(batch, history)
    for band in batch.bands:
        torch.softmax(band.logits, 1, out=band.residual)
    batch.residual.index_add_(0, batch.label_index, batch.minus_one)
    for group in batch.groups:
        torch.bmm(group.residual, group.inputs, out=group.gradient)
    batch.gradient.mul_(batch.gradient_scale)
    optimizer.step(batch.weights, batch.gradient)


def _evaluate(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Loss (M,) and margin (M,) of every sample; mean loss (B,) and number of memorized samples (B,) of every run."""
    for group in batch.groups:
        torch.bmm(group.weights, group.inputs_t, out=group.logits)
    columns: list[list[Tensor]] = [[], [], [], []]
    for band in batch.bands:
        loss, margin = softmax.cross_entropy(band.logits, band.labels)
        mean_loss = (loss * band.sample_weight).sum(1)
        num_memorized = ((margin > 0) & (band.sample_weight > 0)).sum(1, dtype=torch.int32)
        for column, value in zip(columns, (loss.flatten(), margin.flatten(), mean_loss, num_memorized), strict=True):
            column.append(value)
    loss, margin, mean_loss, num_memorized = map(torch.cat, columns)
    return loss, margin, mean_loss, num_memorized
