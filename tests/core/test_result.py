"""What a result says of itself."""

from dataclasses import replace

import numpy as np
import pytest

from core import RunConfig, train


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_result_has_diverged_as_soon_as_one_loss_is_no_number(value: float) -> None:
    [result] = train([RunConfig(3, 3, 7, num_steps=3)])
    assert not result.diverged
    assert result.mean_loss == pytest.approx(result.final_loss.mean())
    loss = result.final_loss.copy()
    loss[4] = value
    assert replace(result, final_loss=loss).diverged
