"""Loss, margin, gradient and Hessian, against PyTorch in float64 and closed forms where that rounds."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy as torch_cross_entropy

from core.softmax import Hessian, cross_entropy, gradient


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


# --- derivatives ------------------------------------------------------------------------------------------------------


class Layers:
    """A batch of layers of one shape, of which the second has fewer samples than the others: the rest is padding."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.num_classes, num_inputs = rng.integers(2, 8), rng.integers(1, 6)
        num_samples = int(rng.integers(2, 30))
        self.inputs = torch.from_numpy(rng.standard_normal((3, num_samples, num_inputs)))
        self.labels = torch.from_numpy(rng.integers(self.num_classes, size=(3, num_samples)))
        self.weights = torch.from_numpy(rng.standard_normal((3, self.num_classes, num_inputs)))
        self.direction = torch.from_numpy(rng.standard_normal(self.weights.shape))
        self.other = torch.from_numpy(rng.standard_normal(self.weights.shape))
        self.sizes = [num_samples, int(rng.integers(1, num_samples)), num_samples]
        self.sample_weight = torch.zeros(3, num_samples, dtype=torch.float64)
        for i, size in enumerate(self.sizes):
            self.sample_weight[i, :size] = 1 / size
            self.inputs[i, size:] = 0
        self.probabilities = torch.bmm(self.weights, self.inputs.mT).softmax(1)

    def loss(self, layer: int, weights: Tensor) -> Tensor:
        """The mean loss of one layer, from its own samples alone."""
        own = slice(self.sizes[layer])
        return torch_cross_entropy(self.inputs[layer, own] @ weights.T, self.labels[layer, own])

    def hessian(self) -> Hessian:
        return Hessian(self.inputs, self.probabilities, self.sample_weight)


@given(st.integers(0, 2**32))
def test_gradient_is_that_of_autograd(seed: int) -> None:
    layers = Layers(seed)
    found = gradient(layers.inputs, layers.probabilities, layers.labels, layers.sample_weight)
    for i, weights in enumerate(layers.weights):
        expected = torch.autograd.functional.jacobian(lambda w, i=i: layers.loss(i, w), weights)
        torch.testing.assert_close(found[i], expected, rtol=1e-12, atol=1e-14)


@given(st.integers(0, 2**32))
def test_products_with_the_hessian_are_those_of_autograd(seed: int) -> None:
    layers = Layers(seed)
    found = layers.hessian() @ layers.direction
    for i, weights in enumerate(layers.weights):
        _, expected = torch.autograd.functional.hvp(lambda w, i=i: layers.loss(i, w), weights, layers.direction[i])
        torch.testing.assert_close(found[i], expected, rtol=1e-12, atol=1e-14)


@given(st.integers(0, 2**32))
def test_the_hessian_is_symmetric_and_has_no_slope_where_all_classes_move_alike(seed: int) -> None:
    layers = Layers(seed)
    hessian, u, v = layers.hessian(), layers.direction, layers.other
    torch.testing.assert_close((u * (hessian @ v)).sum(), (v * (hessian @ u)).sum(), rtol=1e-12, atol=1e-13)
    alike = u[:, :1].expand_as(u)
    torch.testing.assert_close(hessian @ alike.contiguous(), torch.zeros_like(u), rtol=0, atol=1e-14)


@given(st.integers(0, 2**32))
def test_some_of_the_layers_and_another_precision(seed: int) -> None:
    layers = Layers(seed)
    expected = layers.hessian() @ layers.direction
    places = torch.tensor([2, 0])
    torch.testing.assert_close(layers.hessian().take(places) @ layers.direction[places], expected[places])
    single = layers.hessian().to(torch.float32) @ layers.direction.float()
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "gap"),
    [(torch.float32, gap) for gap in (1, 20, 80)] + [(torch.float64, gap) for gap in (1, 20, 40, 300)],
)
def test_a_memorized_sample_keeps_its_curvature(dtype: torch.dtype, gap: float) -> None:
    """Two classes, one sample x = 1: p (1 - p) (1, -1; -1, 1), though 1 - p is far below the rounding of p = 1."""
    probabilities = torch.tensor([[[0.0], [-gap]]], dtype=torch.float64).softmax(1).to(dtype)
    one = torch.ones(1, 1, 1, dtype=dtype)
    found = Hessian(one, probabilities, one[0]) @ torch.tensor([[[3.0], [1.0]]], dtype=dtype)
    slope = 2 * np.exp(-gap) / (1 + np.exp(-gap)) ** 2
    expected = torch.tensor([[[slope], [-slope]]], dtype=torch.float64)
    torch.testing.assert_close(found.double(), expected, rtol=10 * torch.finfo(dtype).eps, atol=0)
