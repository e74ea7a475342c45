"""A batch of runs on its way from the first step to the last."""

import copy
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import softmax
from core.batch import Batch
from core.config import RunConfig
from core.device import captured, resolve
from core.history import History, SampleWatch
from core.optimizer import Optimizer, make_optimizer
from core.result import RunResult
from core.schedule import learning_rates
from core.sharpness import SHARPNESS_RECORD, measure
from core.workers import Stopped


def checkpoints_per_decade(run: RunConfig) -> int:
    """How close the checkpoints lie: those of watched samples are the frames of a film."""
    return 16 if run.watch_samples else 6


def checkpoint_steps(run: RunConfig) -> NDArray[np.int32]:
    """(T,) the steps at which a run is looked at: 0, then log-spaced up to and including the last."""
    count = round(checkpoints_per_decade(run) * np.log10(run.num_steps)) + 1
    return np.unique([0, *np.geomspace(1, run.num_steps, count).round(), run.num_steps]).astype(np.int32)


class State(NamedTuple):
    """One run on its way, for `core.sharpness`."""

    config: RunConfig
    step: int
    weights: NDArray[np.floating]
    second_moment: NDArray[np.floating]


class _Checkpoint(NamedTuple):
    """What is kept of a batch at one step: an entry a run."""

    mean_loss: Tensor  # (B,)
    num_memorized: Tensor  # (B,)
    sharpness: NDArray[np.void] | None  # (2, B), plain and preconditioned, if asked for at checkpoints
    weights: list[NDArray[np.floating]]  # (V, n + bias) each, if samples are watched


class Training:
    """Runs of one recipe (see `core.plan`), as far as they have come.

    Args:
        runs: what to train.
        device: "cpu", "cuda" or "mps".
        should_stop: asked before every step.
    """

    def __init__(self, runs: Sequence[RunConfig], device: str, should_stop: Callable[[], bool]) -> None:
        self._batch = Batch(runs, resolve(device, runs[0].dtype))
        self._optimizer = make_optimizer(runs[0], like=self._batch.weights)
        self._history = History(like=self._batch.top_logit)
        self._watch = SampleWatch(like=self._batch.top_logit) if runs[0].watch_samples else None
        self._should_stop = should_stop
        self._done = 0
        self._initial_loss, *_ = _evaluate(self._batch)
        self._checkpoints = {0: self._checkpoint()}

    def advance(self, num_steps: int, checkpoints: Collection[int]) -> None:
        """Go on until `num_steps` steps are done, with a look at the `checkpoints` among them.

        Raises:
            Stopped: `should_stop` said so.
        """
        step = captured(
            lambda: _step(self._batch, self._optimizer, self._history, self._watch), self._batch.weights.device
        )
        while self._done < num_steps:
            self._check()
            step()
            self._done += 1
            if self._done in checkpoints:
                self._checkpoints[self._done] = self._checkpoint()

    def branch(self, run: RunConfig) -> "Training":
        """A copy that goes on as `run`, from where this one, of a single run, stands; they share nothing."""
        twin = copy.deepcopy(self)
        twin._batch.runs = [run]
        twin._optimizer.follow(learning_rates(run))
        return twin

    def results(self) -> list[RunResult]:
        """One a run, in no particular order, after the last step."""
        batch, history = self._batch, self._history
        _look(batch, history)
        final_loss, margin, *_ = _evaluate(batch)
        steps = checkpoint_steps(batch.runs[0])
        at = [self._checkpoints[step] for step in steps.tolist()]
        sharpness_at, preconditioned_at = self._sharpness_over(at)  # (B, K) each
        columns: dict[str, Sequence[NDArray[Any]]] = {
            "weights": batch.weights_by_run(batch.weights),
            "second_moment": batch.weights_by_run(self._optimizer.second_moment),
            "memorized": batch.samples_by_run(margin > 0),
            "initial_loss": batch.samples_by_run(self._initial_loss),
            "final_loss": batch.samples_by_run(final_loss),
            "margin": batch.samples_by_run(margin),
            "first_step": batch.samples_by_run(history.first_step(num_observed=self._done + 1)),
            "forgetting_events": batch.samples_by_run(history.forgetting_events()),
            "loss_at": list(torch.stack([look.mean_loss for look in at], dim=1).cpu().numpy()),
            "num_memorized_at": list(torch.stack([look.num_memorized for look in at], dim=1).cpu().numpy()),
            "sharpness_at": sharpness_at,
            "preconditioned_sharpness_at": preconditioned_at,
            **self._watched(at, torch.exp(-final_loss)),
        }
        return [
            RunResult(config=run, checkpoint_steps=steps, **{name: column[i] for name, column in columns.items()})
            for i, run in enumerate(batch.runs)
        ]

    def _check(self) -> None:
        if self._should_stop():
            raise Stopped

    def _checkpoint(self) -> _Checkpoint:
        _, _, mean_loss, num_memorized = _evaluate(self._batch)
        at_checkpoints = self._batch.runs[0].measure_sharpness == "checkpoints"
        return _Checkpoint(
            mean_loss,
            num_memorized,
            self._sharpness() if at_checkpoints else None,
            self._batch.weights_by_run(self._batch.weights) if self._watch else [],
        )

    def _watched(self, checkpoints: Sequence[_Checkpoint], final_probability: Tensor) -> dict[str, Any]:
        """What is told of watched samples: a column a field, empty arrays where they were not watched."""
        batch = self._batch
        if self._watch is None:
            weights = batch.weights_by_run(batch.weights)
            return {
                "weights_at": [np.empty((0, *each.shape), each.dtype) for each in weights],
                "confidence": [np.empty(0, each.dtype) for each in weights],
                "variability": [np.empty(0, each.dtype) for each in weights],
                "last_forgotten": [np.empty(0, np.int32) for _ in weights],
            }
        self._watch.observe(final_probability, self._history.lost)
        return {
            "weights_at": [np.stack(run) for run in zip(*(look.weights for look in checkpoints), strict=True)],
            "confidence": batch.samples_by_run(self._watch.confidence()),
            "variability": batch.samples_by_run(self._watch.variability()),
            "last_forgotten": batch.samples_by_run(self._watch.last_forgotten()),
        }

    def _sharpness(self) -> NDArray[np.void]:
        """(2, B): plain and preconditioned, of every run."""
        batch = self._batch
        weights = batch.weights_by_run(batch.weights)
        second_moments = batch.weights_by_run(self._optimizer.second_moment)
        states = [State(run, self._done, w, v) for run, w, v in zip(batch.runs, weights, second_moments, strict=True)]
        return np.stack([np.array(kind, SHARPNESS_RECORD) for kind in measure(states, before_product=self._check)])

    def _sharpness_over(self, checkpoints: Sequence[_Checkpoint]) -> NDArray[np.void]:
        """(2, B, K), as often as the runs want it."""
        match self._batch.runs[0].measure_sharpness:
            case "checkpoints":
                return np.stack([look.sharpness for look in checkpoints if look.sharpness is not None], axis=2)
            case "end":
                return self._sharpness()[:, :, None]
            case _:
                return np.empty((2, len(self._batch.runs), 0), SHARPNESS_RECORD)


def _look(batch: Batch, history: History) -> None:
    """Compute the logits and note who is memorized."""
    for group in batch.groups:
        torch.bmm(group.weights, group.inputs_t, out=group.logits)
    for band in batch.bands:
        torch.amax(band.logits, 1, keepdim=True, out=band.top_logit)
    history.observe(batch.logits, batch.label_index, batch.top_logit)


def _step(batch: Batch, optimizer: Optimizer, history: History, watch: SampleWatch | None) -> None:
    """One full-batch step of every run."""
    _look(batch, history)
    for band in batch.bands:
        torch.softmax(band.logits, 1, out=band.residual)
    if watch is not None:
        watch.observe(batch.residual.index_select(0, batch.label_index), history.lost)
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
