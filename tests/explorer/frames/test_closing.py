"""How training closes the gap to the optimum, against means made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core import LimitsConfig, RunConfig, limits, train
from explorer import frames


def test_the_gap_closes_along_training() -> None:
    """Against means made by hand; no loss is below the least one, but for float32."""
    configs = [RunConfig(3, 3, 30, lr, 300, data_seed=seed, init_seed=seed) for lr in (0.01, 0.1) for seed in (0, 1)]
    results = train(configs)
    exact = limits([LimitsConfig.of(config) for config in configs[:2]])
    optima = {found.config.data_seed: found.mean_loss for found in exact}
    found = frames.closing_frame(results, optima)
    assert list(found.columns) == ["learning_rate", "step", "memorized", "gap", "num_seeds"]
    assert set(found["num_seeds"]) == {2}
    assert found["step"].min() == 1  # not the initial weights, which a logarithmic axis cannot show
    assert found["step"].max() == 300
    assert (found["gap"] > -1e-6).all()
    for rate, pair in ((0.01, results[:2]), (0.1, results[2:])):
        last = found[(found["learning_rate"] == rate) & (found["step"] == 300)].iloc[0]
        assert last["memorized"] == np.mean([result.num_memorized for result in pair])
        losses = [float(result.loss_at[-1]) - optima[result.config.data_seed] for result in pair]
        assert last["gap"] == pytest.approx(np.mean(losses))
    early = found[found["step"] <= 30].groupby("learning_rate")["gap"].min()
    assert early[0.1] < early[0.01]


def test_a_run_counts_once_its_optimum_is_known_and_never_if_it_diverged() -> None:
    configs = [RunConfig(3, 3, 30, num_steps=20, data_seed=seed) for seed in (0, 1)]
    one, other = train(configs)
    assert frames.closing_frame([one, other], {}).empty
    only = frames.closing_frame([one, other], {0: 0.5})
    assert set(only["num_seeds"]) == {1}
    assert only["gap"].tolist() == (one.loss_at[1:].astype(float) - 0.5).tolist()
    lost = replace(other, final_loss=np.full_like(other.final_loss, np.nan))
    assert lost.diverged
    assert frames.closing_frame([one, lost], {0: 0.5, 1: 0.5}).equals(only)
    assert frames.closing_frame([], {0: 0.5}).empty
