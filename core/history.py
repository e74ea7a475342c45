"""What happened to each sample over training, observed at every step."""

import torch
from torch import Tensor


class History:
    """First step memorized and forgetting events of M samples.

    The counts are kept as floats, exact to 2^24: they are then as fast as any other elementwise work, where booleans
    and integers are several times slower.
    """

    def __init__(self, like: Tensor) -> None:
        """`like`: (M,), of the dtype and device of the logits to come."""
        self.lost = torch.zeros_like(like)  # 1 where the last step forgot a sample, else 0
        self._own_logit = torch.zeros_like(like)
        self._now, self._before, self._ever = (torch.zeros_like(like) for _ in range(3))
        self._steps_since_first = torch.zeros_like(like)
        self._forgetting_events = torch.zeros_like(like)

    def observe(self, logits: Tensor, label_index: Tensor, top_logit: Tensor) -> None:
        """Look at one step.

        Args:
            logits: all logits, flat.
            label_index: (M,) where in `logits` a sample's own label stands.
            top_logit: (M,) each sample's largest logit.
        """
        torch.index_select(logits, 0, label_index, out=self._own_logit)
        torch.ge(self._own_logit, top_logit, out=self._now)
        torch.gt(self._before, self._now, out=self.lost)
        self._forgetting_events.add_(self.lost)
        torch.maximum(self._ever, self._now, out=self._ever)
        self._steps_since_first.add_(self._ever)
        self._before.copy_(self._now)

    def first_step(self, num_observed: int) -> Tensor:
        """(M,) int32: the first of `num_observed` looks, counted from 0, that found a sample memorized; -1 if none."""
        first = num_observed - self._steps_since_first.to(torch.int64)
        return torch.where(self._ever > 0, first, -1).to(torch.int32)

    def forgetting_events(self) -> Tensor:
        """(M,) int32: how often a sample was memorized at one step and not at the next."""
        return self._forgetting_events.to(torch.int32)


class SampleWatch:
    """Mean and spread over the steps of the probability of each sample's label, and when it was last forgotten.

    By Welford's updates (1962): the sum of squares would leave nothing of a small spread in float32. The mean is
    compensated (Kahan 1965): 100,000 steps would else take four of its seven digits.
    """

    def __init__(self, like: Tensor) -> None:
        """`like`: (M,), of the dtype and device of the probabilities to come."""
        self._mean, self._squares, self._change, self._share, self._lost_digits, self._before = (
            torch.zeros_like(like) for _ in range(6)
        )
        self._last_forgotten = torch.full_like(like, -1)
        self._step = like.new_full((), -1)  # on the device: a captured step cannot count in Python

    def observe(self, probability: Tensor, lost: Tensor) -> None:
        """Look at one step.

        Args:
            probability: (M,) of each sample's label.
            lost: (M,) 1 where the sample was forgotten at this step, else 0.
        """
        self._step.add_(1)
        torch.sub(probability, self._mean, out=self._change)
        # A step's share of the mean may be too small for a float32 beside it: what is lost is added to the next.
        torch.div(self._change, self._step + 1, out=self._share)
        self._share.sub_(self._lost_digits)
        self._before.copy_(self._mean)
        self._mean.add_(self._share)
        torch.sub(self._mean, self._before, out=self._lost_digits)
        self._lost_digits.sub_(self._share)
        self._squares.addcmul_(self._change, probability - self._mean)
        self._last_forgotten.copy_(torch.where(lost > 0, self._step, self._last_forgotten))

    def confidence(self) -> Tensor:
        """(M,) the mean over the steps that were seen."""
        return self._mean

    def variability(self) -> Tensor:
        """(M,) the standard deviation over the steps that were seen."""
        return (self._squares / (self._step + 1)).sqrt()

    def last_forgotten(self) -> Tensor:
        """(M,) int32: the last step, counted from 0, that forgot a sample; -1 if none."""
        return self._last_forgotten.to(torch.int32)
