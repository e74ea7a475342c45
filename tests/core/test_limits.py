"""The limits of data sets are those of the functions that find them, whatever stands beside them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from core import LimitsConfig, dataset
from core.limits import KINDS, LimitsResult, limits, tied
from core.memorizable import most_memorizable
from core.optimum import optimum, separable
from core.verdicts import EXISTS
from core.workers import Stopped

BASE = LimitsConfig(8, 5, 60)
CONFIGS = {
    "finite": BASE,
    "split": LimitsConfig(10, 10, 64, data_seed=1),
    "separable": replace(BASE, num_samples=14),
    "no bias": replace(BASE, bias=False),
    "nested": replace(BASE, nested_data=True),
    "other data": replace(BASE, data_seed=3),
    "signs": replace(BASE, inputs="signs"),
    "spheres": replace(BASE, inputs="sphere"),
    "correlated": replace(BASE, inputs="correlated"),
    "tied otherwise": LimitsConfig(2, 10, 24, inputs="signs"),
    "a class without samples": LimitsConfig(3, 12, 10),
    "one sample": replace(BASE, num_samples=1),
    "smallest": LimitsConfig(1, 2, 1, bias=False),
    "most": replace(BASE, most=True),
    "most, split": LimitsConfig(10, 10, 64, data_seed=1, most=True),
    "most, separable": replace(BASE, num_samples=14, most=True),
}
every_config = pytest.mark.parametrize("name", CONFIGS)


def alone(config: LimitsConfig) -> LimitsResult:
    [result] = limits([config])
    return result


# --- results ----------------------------------------------------------------------------------------------------------


@every_config
def test_a_result_is_the_optimum_of_its_data(name: str) -> None:
    config = CONFIGS[name]
    inputs, labels = dataset(config)
    assert inputs.dtype == np.float32
    found = optimum(inputs, labels, bias=config.bias, num_classes=config.num_classes)
    result = alone(config)
    assert result.config == config
    for have, expected in [
        (result.weights, found.weights),
        (result.final_loss, found.sample_loss),
        (result.memorized, found.memorized),
    ]:
        np.testing.assert_array_equal(have, expected)
        assert have.dtype == expected.dtype
    assert (result.kind, result.num_memorized, result.mean_loss) == (found.kind, found.num_memorized, found.loss)
    assert result.gradient_norm == found.gradient_norm
    assert result.weights.size == config.num_weights


@every_config
def test_the_verdict_is_that_on_the_data(name: str) -> None:
    config = CONFIGS[name]
    inputs, labels = dataset(config)
    answer = separable(inputs, labels, bias=config.bias, num_classes=config.num_classes)
    assert alone(config).verdict == answer.verdict


def test_every_kind_is_among_them() -> None:
    kinds = {name: alone(config).kind for name, config in CONFIGS.items()}
    assert set(kinds.values()) == set(KINDS) == set(EXISTS)
    for kind in ("finite", "split", "separable"):
        assert kinds[kind] == kind
    assert kinds["tied otherwise"] == "undecided"


@every_config
def test_the_most_memorizable_samples_are_sought_only_if_asked(name: str) -> None:
    config = CONFIGS[name]
    result = alone(config)
    shape = (config.num_classes, config.input_dim + config.bias)
    assert (result.most_memorized.dtype, result.most_weights.dtype) == (np.bool_, np.float64)
    if not config.most:
        assert result.most_memorized.shape == (0,)
        assert result.most_weights.shape == (0, shape[1])
        assert result.num_most == 0
        return
    inputs, labels = dataset(config)
    found = most_memorizable(inputs, labels, bias=config.bias, num_classes=config.num_classes)
    np.testing.assert_array_equal(result.most_memorized, found.memorized)
    np.testing.assert_array_equal(result.most_weights, found.weights)
    assert result.most_weights.shape == shape
    assert result.num_memorized <= result.num_most == found.num_memorized <= config.num_samples


@pytest.mark.parametrize("bias", [False, True])
def test_of_signs_some_samples_are_tied_at_the_optimum(bias: bool) -> None:
    """By the probabilities of the classes: that of the label is the largest, and so is another."""
    num_tied = 0
    for seed in range(6):
        config = LimitsConfig(1, 4, 12, bias=bias, inputs="signs", data_seed=seed)
        result = alone(config)
        inputs, labels = dataset(config)
        augmented = np.column_stack([inputs, np.ones(12)]) if bias else inputs
        chance = softmax(augmented @ result.weights.T, axis=1)
        own = chance[np.arange(12), labels]
        expected = np.isclose(own, chance.max(1), atol=1e-9) & (np.sort(chance, axis=1)[:, -2] > own - 1e-9)
        np.testing.assert_array_equal(tied(result), expected)
        assert not (expected & result.memorized).any()
        num_tied += expected.sum()
    assert num_tied > 0


@pytest.mark.parametrize("name", ["finite", "split", "separable", "spheres"])
def test_of_inputs_from_a_continuous_law_none_is_tied(name: str) -> None:
    found = tied(alone(CONFIGS[name]))
    assert (found.dtype, found.shape, found.sum()) == (np.bool_, (CONFIGS[name].num_samples,), 0)


def test_to_seek_the_most_changes_nothing_else() -> None:
    for name in ("finite", "split", "separable"):
        one, other = alone(CONFIGS[name]), alone(replace(CONFIGS[name], most=True))
        for field in ("weights", "final_loss", "memorized", "gradient_norm", "kind_index", "verdict_index"):
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_neighbours_do_not_matter_and_order_is_kept() -> None:
    order = np.random.default_rng(0).permutation(list(CONFIGS))
    results = limits([CONFIGS[name] for name in order])
    assert [result.config for result in results] == [CONFIGS[name] for name in order]
    for result in results:
        np.testing.assert_array_equal(result.weights, alone(result.config).weights)
    assert limits([]) == []


def test_the_law_of_inputs_matters_but_not_their_correlation() -> None:
    """But for rounding, of inputs in float64."""
    of = {law: alone(replace(CONFIGS[law], dtype="float64")) for law in ("finite", "correlated", "signs", "spheres")}
    assert of["correlated"].mean_loss == pytest.approx(of["finite"].mean_loss, rel=1e-12)
    np.testing.assert_array_equal(of["correlated"].memorized, of["finite"].memorized)
    assert len({round(result.mean_loss, 6) for result in of.values()}) == 3


@every_config
def test_size_in_bytes_counts_every_array(name: str) -> None:
    config, result = CONFIGS[name], alone(CONFIGS[name])
    expected = config.num_samples * 9 + 8 * config.num_weights
    if config.most:
        expected += config.num_samples + 8 * config.num_weights
    assert expected == result.num_bytes


# --- stopping ---------------------------------------------------------------------------------------------------------


def asked_until(count: int) -> Callable[[], bool]:
    asked = iter(range(count))
    return lambda: next(asked, None) is None


@pytest.mark.parametrize("name", ["finite", "split", "separable", "most"])
def test_it_stops_when_told_to(name: str) -> None:
    for count in (0, 1):
        with pytest.raises(Stopped):
            limits([CONFIGS[name]], should_stop=asked_until(count))
    with pytest.raises(Stopped):
        limits([CONFIGS["separable"], CONFIGS[name]], should_stop=asked_until(4))


def test_it_is_asked_before_each_step_of_both_searches() -> None:
    asked = {"finite": 0, "most": 0}
    for name in asked:

        def never(name: str = name) -> bool:
            asked[name] += 1
            return False

        limits([CONFIGS[name]], should_stop=never)
    assert 4 < asked["finite"] < asked["most"]
