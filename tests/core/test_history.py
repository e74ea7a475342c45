"""First steps and forgetting events, against a plain loop over what was seen."""

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.history import History


@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=12))
def test_what_is_noted_is_what_was_seen(seen: list[list[bool]]) -> None:
    """`seen[step][sample]`: whether the sample's own logit, the first of three, was the largest."""
    history = History(like=torch.zeros(5))
    for row in seen:
        logits = torch.tensor([[2.0 if memorized else 0.0, 1.0, -1.0] for memorized in row])
        history.observe(logits.flatten(), torch.arange(0, 15, 3), logits.amax(1))

    for sample, column in enumerate(zip(*seen, strict=True)):
        first = column.index(True) if True in column else -1
        forgotten = sum(before and not after for before, after in pairwise(column))
        assert history.first_step(num_observed=len(seen))[sample] == first
        assert history.forgetting_events()[sample] == forgotten
