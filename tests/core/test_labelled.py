"""Labelled samples as anybody may hand them in: what fits comes out as it went in, and the rest gets a sentence."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.labelled import checked
from core.memorizable import most_memorizable
from core.optimum import optimum, separable
from core.verdicts import Floats


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int8])
@pytest.mark.parametrize("bias", [False, True])
def test_what_fits_is_in_float64_with_the_bias_as_one_more_input(kind: type, bias: bool) -> None:
    x, y, num_classes = checked(np.array([[1, 2], [-3, 0]], kind), np.array([2, 0], np.uint8), bias, None)
    assert (x.dtype, y.dtype, num_classes) == (torch.float64, torch.int64, 3)
    assert x.tolist() == ([[1, 2, 1], [-3, 0, 1]] if bias else [[1, 2], [-3, 0]])
    assert y.tolist() == [2, 0]


def test_there_may_be_classes_without_a_sample() -> None:
    assert checked(np.ones((1, 1)), np.array([0]), True, 7)[2] == 7


@pytest.mark.parametrize("of", [optimum, separable, most_memorizable])
@pytest.mark.parametrize(
    ("inputs", "labels", "num_classes", "sentence"),
    [
        (np.ones(3), [0, 1, 0], None, r"expected inputs \(N, n\) and labels \(N,\).* came \(3,\) and \(3,\)"),
        (np.ones((3, 2)), [0, 1], None, r"came \(3, 2\) and \(2,\)"),
        (np.ones((3, 2)), [[0], [1], [0]], None, r"came \(3, 2\) and \(3, 1\)"),
        (np.ones((0, 2)), [], None, "at least one sample"),
        ([[1, 2], [np.nan, 0]], [0, 1], None, "finite inputs.* leave these samples out"),
        ([[1, 2], [np.inf, 0]], [0, 1], None, "finite inputs"),
        (np.ones((2, 2)), [0.0, 1.0], None, "whole numbers as labels, but they are float64"),
        (np.ones((2, 2)), [0.0, np.nan], None, "whole numbers as labels"),
        (np.ones((2, 2)), ["a", "b"], None, "whole numbers as labels"),
        (np.ones((2, 2)), [True, False], None, "whole numbers as labels, but they are bool"),
        (np.ones((2, 2)), [0, 3], 3, "labels from 0 to 2, but they are from 0 to 3"),
        (np.ones((2, 2)), [-1, 1], None, "labels from 0 to 1, but they are from -1 to 1"),
        (np.ones((2, 2)), [0, 10**6], None, "at most 1,000 classes, but they are 1,000,001; number those"),
        (np.ones((2, 2)), [0, 1], 10**7, "at most 1,000 classes"),
        ([[1, 1e-310], [2, 0]], [0, 1], None, "sizes from 1e-100 to 1e.100, but one has values up to 1e-310; measure"),
        ([[1, 1e300], [2, 0]], [0, 1], None, "but one has values up to 1e.300"),
    ],
)
def test_bad_data_are_refused_with_a_sentence(
    of: Callable[..., object], inputs: Floats, labels: list[int], num_classes: int | None, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        of(inputs, labels, bias=True, num_classes=num_classes)
