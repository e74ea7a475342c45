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
"""

import torch
from torch import Tensor


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
