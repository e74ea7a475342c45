"""What the lesson shows, against a layer of PyTorch's own and against counting."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core import RunConfig, dataset, train
from core.result import RunResult
from explorer import frames
from explorer.frames.lesson import FAR, NUM_NEW
from explorer.parameters import PARAMETERS

TINY = RunConfig(6, 5, 12, learning_rate=0.05, num_steps=200)


@pytest.fixture(scope="module")
def results() -> list[RunResult]:
    return train([replace(TINY, data_seed=seed, init_seed=seed) for seed in range(3)])


def test_strips_are_the_first_samples_number_by_number() -> None:
    strips = frames.strips_frame(TINY, 4)
    inputs, labels = dataset(TINY)
    table = strips.pivot_table(index="name", columns="place", values="value")
    np.testing.assert_allclose(table.to_numpy(), inputs[:4], rtol=1e-6)
    assert table.index.tolist() == [f"sample {number}" for number in range(4)]
    assert strips.groupby("name")["label"].first().tolist() == labels[:4].tolist()


@pytest.mark.parametrize("bias", [True, False])
def test_new_samples_are_judged_as_by_a_linear_layer_of_pytorch(bias: bool) -> None:
    [result] = train([replace(TINY, bias=bias)])
    layer = torch.nn.Linear(6, 5, bias=bias)
    weights = torch.tensor(np.asarray(result.weights))
    with torch.no_grad():
        layer.weight.copy_(weights[:, :6])
        if bias:
            layer.bias.copy_(weights[:, 6])
        inputs, labels = dataset(replace(TINY, num_samples=NUM_NEW, data_seed=FAR))
        right = int((layer(torch.tensor(inputs)).argmax(1).numpy() == labels).sum())
    assert frames.right_of_new(result) == right


def test_new_samples_are_none_of_those_that_any_page_trains_on() -> None:
    assert PARAMETERS["seed"].options[-1] + PARAMETERS["sets"].options[-1] < FAR


def test_what_is_learned_is_no_help_with_new_samples() -> None:
    """The mean of many layers is that of blind guesses, within four standard errors."""
    many = train([replace(TINY, data_seed=seed, init_seed=seed) for seed in range(40)])
    table = frames.seen_and_new_frame(many).set_index("kind")
    share, shown = 1 / TINY.num_classes, 40 * NUM_NEW
    assert table.loc["blind guess", "mean"] == 100 * share
    assert abs(table.loc["new", "mean"] / 100 - share) < 4 * np.sqrt(share * (1 - share) / shown)
    assert table.loc["learned", "mean"] > 95


def test_seen_and_new_are_means_over_the_layers(results: list[RunResult]) -> None:
    table = frames.seen_and_new_frame(results).set_index("kind")
    assert table.loc["learned", "mean"] == pytest.approx(np.mean([100 * each.num_memorized / 12 for each in results]))
    assert table.loc["new", "mean"] == pytest.approx(np.mean([frames.right_of_new(each) for each in results]))
    assert set(table["num_layers"]) == {3}


def test_learning_is_told_from_the_first_step_on(results: list[RunResult]) -> None:
    table = frames.learning_frame(results[:1])
    assert table["step"].iloc[0] == 1
    assert table["step"].iloc[-1] == TINY.num_steps
    assert table["memorized"].iloc[-1] == results[0].num_memorized
    assert table["loss"].iloc[-1] == pytest.approx(results[0].mean_loss, rel=1e-5)


def test_before_there_is_a_result_there_is_nothing_to_draw() -> None:
    assert frames.seen_and_new_frame([]).empty
    assert frames.learning_frame([]).empty
