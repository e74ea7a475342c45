"""What linear programs, solved by HiGHS, say of a data set: whether it can be separated, and what stays tied.

Every condition is on the margins m_ik = (w_{y_i} - w_k) . x_i of a sample i over another class k, which are linear in
the weights.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
TOLERANCE = 1e-7  # of HiGHS


def margins_of(inputs: Floats, labels: NDArray[np.int64], num_classes: int, bias: bool) -> Floats:
    """(N (V - 1), V (n + bias)): times the weights, all margins, sample after sample."""
    x = np.column_stack([inputs, np.ones(len(inputs))]) if bias else inputs
    eye = np.eye(num_classes)
    rows = [
        np.kron(eye[y] - eye[k], sample) for sample, y in zip(x, labels, strict=True) for k in others(y, num_classes)
    ]
    return np.array(rows).reshape(-1, num_classes * x.shape[1])


def others(label: int, num_classes: int) -> list[int]:
    return [k for k in range(num_classes) if k != label]


def largest_margin(inputs: Floats, labels: NDArray[np.int64], num_classes: int, bias: bool) -> float:
    """The largest smallest margin of weights of which none is larger than 1: 0 where the data cannot be separated."""
    margins = margins_of(inputs, labels, num_classes, bias)
    found = linprog(
        np.append(np.zeros(margins.shape[1]), -1),
        A_ub=np.column_stack([-margins, np.ones(len(margins))]),
        b_ub=np.zeros(len(margins)),
        bounds=[(-1, 1)] * margins.shape[1] + [(0, None)],
        method="highs",
    )
    assert found.status == 0, found.message
    return float(-found.fun)


def ties(inputs: Floats, labels: NDArray[np.int64], num_classes: int, bias: bool) -> NDArray[np.bool_]:
    """(N (V - 1),) which margins are 0 whatever the weights, if no margin may be negative.

    The largest sum of margins, each counted up to 1: any that can be above 0 is 1 there, for weights can be added up
    and scaled. A finite minimum of the cross-entropy exists just where all are tied.
    """
    margins = margins_of(inputs, labels, num_classes, bias)
    count, size = margins.shape
    found = linprog(
        np.append(np.zeros(size), -np.ones(count)),
        A_ub=np.column_stack([-margins, np.eye(count)]),
        b_ub=np.zeros(count),
        bounds=[(None, None)] * size + [(0, 1)] * count,
        method="highs",
    )
    assert found.status == 0, found.message
    counted = found.x[size:]
    assert np.minimum(counted, 1 - counted).max(initial=0) < 1e-5
    return counted < 0.5
