"""Loss and margin of given logits, against PyTorch in float64 and closed forms where that rounds."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy as torch_cross_entropy

from core.softmax import cross_entropy


def random_case(seed: int, scale: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Logits (B, V, N) and labels (B, N)."""
    generator = torch.Generator().manual_seed(seed)
    num_runs, num_classes, num_samples = (int(torch.randint(low, 9, (), generator=generator)) for low in (1, 2, 1))
    logits = torch.randn(num_runs, num_classes, num_samples, generator=generator, dtype=torch.float64) * scale
    return logits.to(dtype), torch.randint(num_classes, (num_runs, num_samples), generator=generator)


@given(st.integers(0, 2**32), st.sampled_from([1e-6, 1.0, 30.0, 1e4]), st.sampled_from([torch.float32, torch.float64]))
def test_loss_is_that_of_torch_in_float64(seed: int, scale: float, dtype: torch.dtype) -> None:
    logits, labels = random_case(seed, scale, dtype)
    loss, _ = cross_entropy(logits, labels)
    oracle = torch_cross_entropy(logits.double(), labels, reduction="none")
    # Relative: a few roundings, and that of a gap of up to 88 (further ones vanish) inside an exponential.
    rtol = 100 * torch.finfo(dtype).eps
    # Absolute: the oracle's own rounding, logits being up to 4 scales large.
    torch.testing.assert_close(loss.double(), oracle, rtol=rtol, atol=1e-15 * max(1, scale))


@pytest.mark.parametrize("gap", [0.0, 1.0, 10.0, 20.0, 27.6, 80.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("others", [1, 9, 39])
def test_a_tiny_loss_keeps_its_relative_precision(gap: float, dtype: torch.dtype, others: int) -> None:
    """log(1 + (V - 1) e^-gap), which is 1e-12 at a gap of 27.6 and V = 2, and 0 if read off a float32 softmax."""
    logits = torch.zeros(1, others + 1, 16, dtype=dtype)
    logits[:, 0] = gap
    loss, margin = cross_entropy(logits, torch.zeros(1, 16, dtype=torch.int64))
    rounded_gap = float(margin[0, 0])
    assert rounded_gap == pytest.approx(gap, rel=1e-7)  # float32 has no 27.6
    exact = np.log1p(others * np.exp(-rounded_gap))
    np.testing.assert_allclose(loss.numpy(), exact, rtol=100 * torch.finfo(dtype).eps)
    assert (loss > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_huge_loss_is_the_gap(dtype: torch.dtype) -> None:
    logits = torch.tensor([[[-1e4], [1e4], [0.0]]], dtype=dtype)
    for label, expected in [(0, 2e4), (1, 0.0), (2, 1e4)]:
        loss, margin = cross_entropy(logits, torch.tensor([[label]]))
        assert (loss.item(), margin.item()) == (expected, -expected if expected else 1e4)


@given(st.integers(0, 2**32), st.sampled_from([1.0, 1e4]))
def test_margin_is_positive_exactly_where_the_label_has_the_largest_logit(seed: int, scale: float) -> None:
    logits, labels = random_case(seed, scale, torch.float64)
    _, margin = cross_entropy(logits, labels)
    torch.testing.assert_close(margin > 0, logits.argmax(1) == labels)
    for run, sample in np.ndindex(*labels.shape):
        own = int(labels[run, sample])
        column = logits[run, :, sample].tolist()
        assert margin[run, sample].item() == column.pop(own) - max(column)


def test_a_tie_is_no_memory() -> None:
    loss, margin = cross_entropy(torch.zeros(1, 4, 1), torch.tensor([[2]]))
    assert margin.item() == 0
    assert loss.item() == pytest.approx(np.log(4))


@given(st.integers(0, 2**32))
def test_a_shift_of_all_logits_changes_nothing(seed: int) -> None:
    logits, labels = random_case(seed, 1.0, torch.float64)
    logits = (logits * 2**20).round() / 2**20  # so that the shifted logits are exact
    for value, shifted in zip(cross_entropy(logits, labels), cross_entropy(logits + 1024, labels), strict=True):
        torch.testing.assert_close(value, shifted, rtol=0, atol=0)
