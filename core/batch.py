"""Where the numbers of many runs live while they train together.

Runs of any shape share one batch. Elementwise work (Adam, who is memorized) sees one long vector of everything, so that
its cost in calls does not grow with the number of runs. Work that needs shapes sees views on that vector: a `Group`
holds the runs of one (V, N, d) for the matrix products, a `Band` those of one (V, N) for the softmax.

Runs join a group when their shapes agree after padding. How far a shape is padded depends on that shape alone, never on
the neighbours, so neither do weights and losses. (Sharpness has batches of its own, and depends on them by rounding.)
Padded inputs are zero: they add nothing to a gradient, and padded weights stay zero.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.config import RunConfig
from core.data import dataset, initial_weights


class Shape(NamedTuple):
    """The padded shape of a run, in the order in which runs lie in memory."""

    num_classes: int
    num_samples: int
    num_inputs: int  # n + bias


@dataclass(frozen=True)
class Group:
    """Runs of one padded shape: B of them, with views on the batch."""

    inputs: Tensor  # (B, N, d)
    inputs_t: Tensor  # (B, d, N), the same memory
    weights: Tensor  # (B, V, d)
    gradient: Tensor  # (B, V, d)
    logits: Tensor  # (B, V, N)
    residual: Tensor  # (B, V, N)


@dataclass(frozen=True)
class Band:
    """Runs with one number of classes and padded number of samples: views on the batch."""

    labels: Tensor  # (B, N)
    sample_weight: Tensor  # (B, N): 1 / N of the run, 0 where padded
    logits: Tensor  # (B, V, N)
    residual: Tensor  # (B, V, N)
    top_logit: Tensor  # (B, 1, N)


def padded_shape(run: RunConfig, device: torch.device) -> Shape:
    """The shape that a run is padded to.

    On a CPU the matrix products are up to twice as fast for multiples of 8 inputs (measured at n = 30), and a
    finer grid wastes less. A GPU has arithmetic to spare and pays for each launch: few, coarse shapes.
    """
    steps_per_octave = 1 if device.type == "cuda" else 8
    return Shape(
        run.num_classes,
        _padded(run.num_samples, 16, steps_per_octave),
        _padded(run.input_dim + run.bias, 8, steps_per_octave),
    )


def _padded(size: int, multiple: int, steps_per_octave: int) -> int:
    """The next multiple of `multiple`, and past a few of them of an ever larger power of two."""
    octave = 1 << max(size - 1, 1).bit_length() - 1  # the largest power of two below size
    step = max(multiple, octave // steps_per_octave)
    return -(-size // step) * step


class Batch:
    """The data, weights and workspace of `runs` on one device, in one dtype.

    The batch keeps its runs in an order of its own: `runs[i]` is the i-th in memory.

    Attributes:
        weights, gradient: flat, of all runs.
        gradient_scale: 1 / N of the run that a weight belongs to, so that the gradient is of the mean loss.
        logits, residual: flat, of all runs.
        top_logit: (M,) the largest logit of each sample, padded ones included.
        label_index: (M,) where in `logits` each sample's own label stands.
        minus_one: (M,) to be added there.
        groups, bands: the views.
    """

    def __init__(self, runs: Sequence[RunConfig], device: torch.device) -> None:
        self.runs = sorted(runs, key=lambda run: padded_shape(run, device))
        self.shapes = [padded_shape(run, device) for run in self.runs]
        self._weight_sizes = [shape.num_classes * shape.num_inputs for shape in self.shapes]
        self._sample_sizes = [shape.num_samples for shape in self.shapes]
        num_weights, num_samples = sum(self._weight_sizes), sum(self._sample_sizes)
        num_logits = sum(shape.num_classes * shape.num_samples for shape in self.shapes)

        like = torch.empty(0, dtype=getattr(torch, self.runs[0].dtype), device=device)
        self.weights = like.new_zeros(num_weights)
        self.gradient = like.new_zeros(num_weights)
        self.gradient_scale = like.new_empty(num_weights)
        self.logits = like.new_zeros(num_logits)
        self.residual = like.new_zeros(num_logits)
        self.top_logit = like.new_zeros(num_samples)
        self._labels = torch.zeros(num_samples, dtype=torch.int64, device=device)
        self._sample_weight = like.new_zeros(num_samples)

        self.groups = self._grouped()
        self.bands = self._banded()
        self.label_index = self._where_labels_stand()
        self.minus_one = like.new_full(self.label_index.shape, -1)

    def _grouped(self) -> list[Group]:
        """Views for the matrix products, filled with each run's data and initial weights."""
        groups = []
        weights = _Cursor(self.weights, self.gradient, self.gradient_scale)
        samples = _Cursor(self._labels, self._sample_weight)
        scores = _Cursor(self.logits, self.residual)
        for shape, members in itertools.groupby(zip(self.shapes, self.runs, strict=True), key=lambda member: member[0]):
            runs = [run for _, run in members]
            v, n, d = shape
            inputs = self.weights.new_zeros(len(runs), n, d)
            group_weights, gradient, gradient_scale = weights.take(len(runs), v, d)
            labels, sample_weight = samples.take(len(runs), n)
            logits, residual = scores.take(len(runs), v, n)
            for i, run in enumerate(runs):
                x, y = dataset(run)
                start = initial_weights(run)
                inputs[i, : run.num_samples, : run.input_dim] = torch.from_numpy(x)
                inputs[i, : run.num_samples, run.input_dim : start.shape[1]] = 1  # the bias, if there is one
                group_weights[i, :, : start.shape[1]] = torch.from_numpy(start)
                gradient_scale[i] = 1 / run.num_samples
                labels[i, : run.num_samples] = torch.from_numpy(y)
                sample_weight[i, : run.num_samples] = 1 / run.num_samples
            groups.append(Group(inputs, inputs.mT, group_weights, gradient, logits, residual))
        return groups

    def _banded(self) -> list[Band]:
        """Views for the softmax."""
        bands = []
        samples = _Cursor(self._labels, self._sample_weight, self.top_logit)
        scores = _Cursor(self.logits, self.residual)
        for (v, n), members in itertools.groupby(self.shapes, key=lambda shape: shape[:2]):
            size = len(list(members))
            labels, sample_weight, top_logit = samples.take(size, n)
            logits, residual = scores.take(size, v, n)
            bands.append(Band(labels, sample_weight, logits, residual, top_logit.unsqueeze(1)))
        return bands

    def _where_labels_stand(self) -> Tensor:
        indices, first = [], 0
        for band in self.bands:
            size, v, n = band.logits.shape
            runs = first + v * n * torch.arange(size, device=band.labels.device).unsqueeze(1)  # (B, 1)
            samples = torch.arange(n, device=band.labels.device)  # (N,)
            indices.append((runs + n * band.labels + samples).flatten())
            first += band.logits.numel()
        return torch.cat(indices)

    def weights_by_run(self, values: Tensor) -> list[NDArray[np.floating]]:
        """(V, n + bias) for each of `runs`, of `values` (W,), such as `weights`: a copy on the CPU."""
        parts = values.cpu().split(self._weight_sizes)
        return [
            part.view(shape.num_classes, -1)[:, : run.input_dim + run.bias].numpy().copy()
            for part, shape, run in zip(parts, self.shapes, self.runs, strict=True)
        ]

    def samples_by_run(self, values: Tensor) -> list[NDArray[Any]]:
        """(N,) for each of `runs`, of `values` (M,): a copy on the CPU."""
        parts = values.cpu().split(self._sample_sizes)
        return [part[: run.num_samples].numpy().copy() for part, run in zip(parts, self.runs, strict=True)]


class _Cursor:
    """Hands out consecutive views on some vectors of equal length."""

    def __init__(self, *vectors: Tensor) -> None:
        self.position = 0
        self._vectors = vectors

    def take(self, *shape: int) -> list[Tensor]:
        start = self.position
        self.position += torch.Size(shape).numel()
        return [vector[start : self.position].view(shape) for vector in self._vectors]
