r"""Softmax regression in closed form, for a whole batch of independent layers at once.

Conventions (B layers, N samples, d = n + bias inputs, V classes):

    X = inputs   (B, N, d)    a bias is one more input that is always 1
    W = weights  (B, V, d)
    Z = logits   (B, V, N)    Z_ki = w_k . x_i;  samples are contiguous, so that the softmax over the short class
                              dimension runs over long vectors (about 5 times faster than (B, N, V))
    P = softmax(Z) over k
    R = residual (B, V, N)    R_ki = p_ki - [k = y_i]

The mean cross-entropy is L = -(1/N) sum_i log p_{y_i, i}, and its gradient is dL/dW = R X / N: derived with
dp_ki / dz_li = p_ki ([k = l] - p_li), hence d(-log p_{y_i, i}) / dz_ki = p_ki - [k = y_i].

Deriving once more, the labels drop out: the Hessian is H = (1/N) sum_i S_i (x) x_i x_i^T with
S_i = diag(p_i) - p_i p_i^T. Applied to a direction U (V, d), with A = U X^T the change of the logits, it gives
H U = (1/N) (B - P * (1^T B)) X with B = P * A, where * is elementwise and 1^T sums over the classes: two products, as
a gradient, and no V d by V d matrix anywhere.
"""

import torch
from torch import Tensor


def logits(inputs: Tensor, weights: Tensor) -> Tensor:
    """Z = W X^T, and the bias, if the weights have one, added to each class.

    Args:
        inputs: (..., N, n).
        weights: (..., V, n + bias).

    Returns:
        (..., V, N).
    """
    n = inputs.shape[-1]
    return weights[..., :n] @ inputs.mT + weights[..., n:].sum(-1, keepdim=True)


def cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Loss and margin of every sample.

    With g_k = z_k - z_y, the loss is log(1 + sum_{k != y} e^{g_k}): written so, a small loss keeps its relative
    precision, which -log p_y loses once p_y rounds to 1.

    Args:
        logits: (B, V, N).
        labels: (B, N) int64.

    Returns:
        loss: (B, N) -log p_y [nats].
        margin: (B, N) z_y - max_{k != y} z_k; positive where the label has the largest logit.
    """
    index = labels.unsqueeze(1)  # (B, 1, N)
    gap = logits - logits.gather(1, index)  # (B, V, N)
    gap.scatter_(1, index, -torch.inf)
    loss = torch.logaddexp(gap.logsumexp(1), gap.new_zeros(()))
    return loss, -gap.amax(1)


def gradient(inputs: Tensor, probabilities: Tensor, labels: Tensor, sample_weight: Tensor) -> Tensor:
    """The gradient of the mean cross-entropy with respect to the weights.

    Args:
        inputs: (B, N, d).
        probabilities: (B, V, N).
        labels: (B, N) int64.
        sample_weight: (B, N) 1 / N of the run, 0 where a sample is padding.

    Returns:
        (B, V, d).
    """
    index = labels.unsqueeze(1)  # (B, 1, N)
    residual = probabilities.scatter_add(1, index, probabilities.new_full(index.shape, -1))  # (B, V, N)
    return torch.bmm(residual * sample_weight.unsqueeze(1), inputs)


class Hessian:
    """The Hessian of the mean cross-entropy, by its products with directions in the space of weights.

    S_i does not change when one number is added to all of a column of A, since its rows sum to 0. So each column is
    first shifted to be 0 where p is largest: else 1 - p, which is all that is left of a sample once it is memorized,
    would come out as a difference of two numbers near 1.

    Args:
        inputs: (B, N, d).
        probabilities: (B, V, N).
        sample_weight: (B, N) 1 / N of the run, 0 where a sample is padding.
    """

    def __init__(self, inputs: Tensor, probabilities: Tensor, sample_weight: Tensor) -> None:
        self._inputs = inputs
        self._probabilities = probabilities
        self._sample_weight = sample_weight
        self._weighted = probabilities * sample_weight.unsqueeze(1)  # P / N: (B, V, N)
        self._likeliest = probabilities.max(1, keepdim=True).indices  # (B, 1, N)
        self._change = torch.empty_like(probabilities)
        self._by_sample = torch.empty_like(probabilities[:, :1])

    def __matmul__(self, direction: Tensor) -> Tensor:
        """(B, V, d) -> (B, V, d)."""
        torch.bmm(direction, self._inputs.mT, out=self._change)  # A
        torch.gather(self._change, 1, self._likeliest, out=self._by_sample)
        self._change.sub_(self._by_sample).mul_(self._weighted)  # B / N
        torch.sum(self._change, 1, keepdim=True, out=self._by_sample)
        self._change.addcmul_(self._probabilities, self._by_sample, value=-1)
        return torch.bmm(self._change, self._inputs)

    def take(self, places: Tensor) -> "Hessian":
        """That of the layers at `places` (K,)."""
        return Hessian(self._inputs[places], self._probabilities[places], self._sample_weight[places])

    def to(self, dtype: torch.dtype) -> "Hessian":
        """The same in another precision."""
        return Hessian(self._inputs.to(dtype), self._probabilities.to(dtype), self._sample_weight.to(dtype))
