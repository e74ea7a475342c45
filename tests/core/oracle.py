"""A layer trained the ordinary way: one run, autograd, PyTorch's own loss and optimizers, all in float64."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from core import RunConfig, dataset
from core.data import initial_weights


@dataclass(frozen=True)
class Reference:
    """What `core.train` must arrive at. S counts the steps: from 0, the initial weights, to the last."""

    weights: NDArray[np.float64]  # (V, n + bias), final
    second_moment: NDArray[np.float64]  # (V, n + bias), final
    loss: NDArray[np.float64]  # (S, N)
    memorized: NDArray[np.bool_]  # (S, N)
    margin: NDArray[np.float64]  # (N,), final

    @property
    def first_step(self) -> NDArray[np.int64]:
        return np.where(self.memorized.any(0), self.memorized.argmax(0), -1)

    @property
    def last_forgotten(self) -> NDArray[np.int64]:
        """A loop over all steps, for each sample."""
        last = np.full(self.memorized.shape[1], -1)
        for step in range(1, len(self.memorized)):
            for sample in range(len(last)):
                if self.memorized[step - 1, sample] and not self.memorized[step, sample]:
                    last[sample] = step
        return last

    @property
    def forgetting_events(self) -> NDArray[np.int64]:
        return (self.memorized[:-1] & ~self.memorized[1:]).sum(0)


def reference(run: RunConfig) -> Reference:
    """`run` from its own data and initial weights, which may be float32: only the arithmetic is always float64."""
    inputs, labels = (torch.from_numpy(array) for array in dataset(run))
    inputs = inputs.double()
    start = torch.from_numpy(initial_weights(run)).double()
    layer = torch.nn.Linear(run.input_dim, run.num_classes, bias=run.bias, dtype=torch.float64)
    with torch.no_grad():
        for parameter, value in zip(
            layer.parameters(), start.split([run.input_dim, 1][: 1 + run.bias], 1), strict=True
        ):
            parameter.copy_(value.view_as(parameter))
    if run.optimizer == "adam":
        optimizer: torch.optim.Optimizer = torch.optim.Adam(layer.parameters(), run.learning_rate)
    else:
        optimizer = torch.optim.SGD(layer.parameters(), run.learning_rate, run.momentum)
    scheduler = _scheduler(run, optimizer)

    losses, memorized = [], []
    for step in range(run.num_steps + 1):
        logits = layer(inputs)  # (N, V)
        loss = cross_entropy(logits, labels, reduction="none")
        losses.append(loss.detach().numpy())
        memorized.append((logits.argmax(1) == labels).numpy())
        if step < run.num_steps:
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
            scheduler.step()

    own = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
    best_other = logits.scatter(1, labels.unsqueeze(1), -torch.inf).amax(1)
    weights = [parameter.detach() for parameter in layer.parameters()]
    second_moment = [
        optimizer.state[parameter].get("exp_avg_sq", torch.zeros_like(parameter)).detach()
        for parameter in layer.parameters()
    ]
    return Reference(
        *(torch.cat([part.view(run.num_classes, -1) for part in kind], 1).numpy() for kind in (weights, second_moment)),
        np.array(losses),
        np.array(memorized),
        (own - best_other).detach().numpy(),
    )


def _scheduler(run: RunConfig, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    if run.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, run.num_steps)

    def share(step: int) -> float:
        """Of the learning rate, at a step counted from 0."""
        warmup, decay = min(100, run.num_steps // 10), run.num_steps // 5
        if run.schedule == "wsd" and step < warmup:
            return (step + 1) / warmup
        if run.schedule == "wsd" and step > run.num_steps - decay:
            return (run.num_steps - step) / decay
        return 1.0

    return torch.optim.lr_scheduler.LambdaLR(optimizer, share)


def largest_error(found: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """The largest difference, relative to the largest number that was expected."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())
