"""The exact limits of the data sets of a sweep: what an ideal optimizer reaches on each, and whether all can be had."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.data import dataset
from core.device import one_thread
from core.labelled import checked
from core.memorizable import more_memorizable
from core.optimum import TIED, margins, optimum
from core.tasks import LimitsConfig
from core.verdicts import VERDICTS, Kind, Verdict
from core.workers import Stopped, never

KINDS: tuple[Kind, ...] = ("finite", "split", "separable", "undecided")
ALL_VERDICTS = tuple(VERDICTS.values())


@dataclass(frozen=True, eq=False)
class LimitsResult:
    """The limits of one data set.

    Attributes:
        config: the data set.
        memorized: (N,) bool, which samples the optimum of the cross-entropy memorizes.
        final_loss: (N,) cross-entropy of each sample there [nats].
        weights: (V, n + bias); see `core.verdicts.Optimum`.
        gradient_norm: there.
        kind_index: which of `KINDS`.
        verdict_index: which of `ALL_VERDICTS`.
        most_memorized: (N,) bool, a set of samples that some weights memorize, as large as the construction found; this
            and the next are empty, (0, ...), unless `config.most`.
        most_weights: (V, n + bias), which memorize it.
    """

    config: LimitsConfig
    memorized: NDArray[np.bool_]
    final_loss: NDArray[np.float64]
    weights: NDArray[np.float64]
    gradient_norm: np.float64
    kind_index: np.int8
    verdict_index: np.int8
    most_memorized: NDArray[np.bool_]
    most_weights: NDArray[np.float64]

    @cached_property
    def num_memorized(self) -> int:
        """C at the optimum."""
        return int(self.memorized.sum())

    @cached_property
    def mean_loss(self) -> float:
        """The infimum of the mean cross-entropy [nats]."""
        return float(self.final_loss.mean())

    @cached_property
    def num_most(self) -> int:
        """A lower bound on the most that any weights memorize; 0 if it was not sought."""
        return int(self.most_memorized.sum())

    @property
    def kind(self) -> Kind:
        """Of the optimum; see `core.verdicts.Optimum`."""
        return KINDS[int(self.kind_index)]

    @property
    def verdict(self) -> Verdict:
        """Whether the data can be separated."""
        return ALL_VERDICTS[int(self.verdict_index)]

    @property
    def num_bytes(self) -> int:
        """Of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))


def limits(configs: Sequence[LimitsConfig], *, should_stop: Callable[[], bool] = never) -> list[LimitsResult]:
    """The limits of each data set, in the same order.

    Args:
        configs: any mix.
        should_stop: asked before every step of Newton's method.

    Raises:
        Stopped: `should_stop` said so.
    """

    def check() -> None:
        if should_stop():
            raise Stopped

    return [_limits(config, check) for config in configs]


def _limits(config: LimitsConfig, check: Callable[[], None]) -> LimitsResult:
    inputs, labels = dataset(config)
    found = optimum(inputs, labels, bias=config.bias, num_classes=config.num_classes, check=check)
    shape = found.weights.shape
    most_memorized, most_weights = np.empty(0, np.bool_), np.empty((0, *shape[1:]))
    if config.most:
        most = more_memorizable(found, inputs, labels, bias=config.bias, check=check)
        most_memorized, most_weights = most.memorized, most.weights
    return LimitsResult(
        config=config,
        memorized=found.memorized,
        final_loss=found.sample_loss,
        weights=found.weights,
        gradient_norm=np.float64(found.gradient_norm),
        kind_index=np.int8(KINDS.index(found.kind)),
        verdict_index=np.int8(ALL_VERDICTS.index(found.verdict)),
        most_memorized=most_memorized,
        most_weights=most_weights,
    )


def tied(result: LimitsResult) -> NDArray[np.bool_]:
    """(N,) bool: samples that the optimum misses only because another class has the same logit as their label.

    Of inputs from a continuous law there are none.
    """
    config = result.config
    if config.inputs != "signs":
        return np.zeros_like(result.memorized)
    with one_thread:
        x, y, _ = checked(*dataset(config), config.bias, config.num_classes)
        margin = margins(x, y, torch.tensor(result.weights)).numpy()
    return ~result.memorized & (margin >= -TIED)
