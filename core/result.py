"""What is known of a run once it was trained."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig


@dataclass(frozen=True, eq=False)
class RunResult:
    """A trained run, down to the single sample.

    Steps count from 0 (the initial weights) to `config.num_steps` (the final ones).

    Attributes:
        config: the run.
        memorized: (N,) bool, whether the final weights give a sample's label the largest logit.
        initial_loss, final_loss: (N,) cross-entropy of each sample before and after training [nats].
        margin: (N,) final logit of the label minus the largest other logit; positive exactly where memorized.
        weights: (V, n + bias) final weights; the last column is the bias, if there is one.
        second_moment: (V, n + bias) Adam's v after the last step; zeros from gradient descent, which keeps none.
        checkpoint_steps: (T,) int, log-spaced steps from 0 to num_steps at which the run was looked at.
        num_memorized_at: (T,) int, C at these steps.
        loss_at: (T,) mean cross-entropy at these steps [nats].
        first_step: (N,) int, the first step at which a sample was memorized; -1 where it never was.
        forgetting_events: (N,) int, how often a sample went from memorized to not memorized from one step to the
            next (Toneva et al., arXiv:1812.05159, section 2).
        sharpness_at, preconditioned_sharpness_at: (K,) records with the fields of `core.sharpness.Sharpness`, measured
            when `config.measure_sharpness` says: K = 0 for "never", 1 at the "end", T at the "checkpoints".
        weights_at: (T, V, n + bias) weights at `checkpoint_steps`; this and what follows is empty, (0, ...), unless
            `config.watch_samples`.
        confidence, variability: (N,) mean and standard deviation, over all steps from 0 to the last, of the probability
            that the layer gives to a sample's label (Swayamdipta et al., arXiv:2009.10795, section 2, where they are
            over epochs; here a step is an epoch).
        last_forgotten: (N,) int, the last step at which a sample was no longer memorized, having been so one step
            before; -1 where it was never forgotten.
    """

    config: RunConfig
    memorized: NDArray[np.bool_]
    initial_loss: NDArray[np.floating]
    final_loss: NDArray[np.floating]
    margin: NDArray[np.floating]
    weights: NDArray[np.floating]
    second_moment: NDArray[np.floating]
    checkpoint_steps: NDArray[np.int32]
    num_memorized_at: NDArray[np.int32]
    loss_at: NDArray[np.floating]
    first_step: NDArray[np.int32]
    forgetting_events: NDArray[np.int32]
    sharpness_at: NDArray[np.void]
    preconditioned_sharpness_at: NDArray[np.void]
    weights_at: NDArray[np.floating]
    confidence: NDArray[np.floating]
    variability: NDArray[np.floating]
    last_forgotten: NDArray[np.int32]

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.config.num_steps

    @cached_property
    def num_memorized(self) -> int:
        """C, the number of memorized samples."""
        return int(self.memorized.sum())

    @cached_property
    def mean_loss(self) -> float:
        """Mean final cross-entropy [nats]; NaN or infinite if the run diverged."""
        return float(self.final_loss.mean())

    @cached_property
    def num_bytes(self) -> int:
        """Of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    @property
    def diverged(self) -> bool:
        """Whether the loss is no longer a finite number, as it may be after steps far too large."""
        return not np.isfinite(self.mean_loss)
