"""What can be asked for: limits of a data set have a name of their own, and no two tasks have the same."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import LimitsConfig, LimitsSweep, RunConfig, SweepConfig, dataset
from core.config import INPUTS
from tests.core.test_config import runs

CONFIG = LimitsConfig(10, 5, 40)
OF_THE_DATA = [field.name for field in fields(LimitsConfig) if field.name != "most"]

limits = st.builds(LimitsConfig.of, runs, most=st.booleans())


# --- the data set of a run --------------------------------------------------------------------------------------------


@given(runs, st.booleans())
def test_the_limits_of_a_run_are_those_of_its_data_set(run: RunConfig, most: bool) -> None:
    config = LimitsConfig.of(run, most=most)
    assert {name: getattr(config, name) for name in OF_THE_DATA} == {name: getattr(run, name) for name in OF_THE_DATA}
    assert config.most is most
    assert config.num_weights == run.num_weights


@pytest.mark.parametrize("law", INPUTS)
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_limits_are_computed_on_the_very_numbers_that_a_run_is_trained_on(law: str, nested: bool, dtype: str) -> None:
    run = RunConfig(3, 4, 20, data_seed=7, nested_data=nested, inputs=law, dtype=dtype)
    for one, other in zip(dataset(LimitsConfig.of(run)), dataset(run), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@given(runs, runs)
def test_how_a_layer_is_trained_does_not_matter_to_its_limits(run: RunConfig, other: RunConfig) -> None:
    elsewhere = replace(other, **{name: getattr(run, name) for name in OF_THE_DATA})
    assert LimitsConfig.of(elsewhere) == LimitsConfig.of(run)
    assert LimitsConfig.of(elsewhere).key() == LimitsConfig.of(run).key()


def test_every_setting_of_the_data_is_one_of_the_limits() -> None:
    """A new law, a new stream: whatever `dataset` comes to read of a run, its limits must be told."""
    asked = set()

    class Listening:
        def __getattr__(self, name: str) -> Any:
            asked.add(name)
            return getattr(CONFIG, name)

    dataset(Listening())  # type: ignore[arg-type]  # it has every name
    assert asked <= {*OF_THE_DATA, "dtype"}


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("input_dim", 0),
        ("num_classes", 1),
        ("num_samples", 20_001),
        ("num_samples", 1.5),
        ("data_seed", -1),
        ("bias", "yes"),
        ("nested_data", 2),
        ("inputs", "normal"),
        ("most", "no"),
        ("most", None),
    ],
)
def test_a_wrong_setting_is_refused_in_words(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be .* but it is {value!r}$"):
        replace(CONFIG, **{name: value})


@given(limits)
def test_numbers_of_numpy_name_the_same_data_set(config: LimitsConfig) -> None:
    kinds = {int: np.int64, bool: np.bool_, str: np.str_}
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    same = LimitsConfig(**{name: kinds[type(value)](value) for name, value in values.items()})
    assert same == config
    assert same.key() == config.key()
    assert [type(getattr(same, name)) for name in values] == [type(value) for value in values.values()]


# --- keys -------------------------------------------------------------------------------------------------------------


@given(limits, limits, st.sampled_from([field.name for field in fields(LimitsConfig)]))
def test_keys_are_equal_exactly_where_limits_are(config: LimitsConfig, other: LimitsConfig, name: str) -> None:
    """Whole data sets hardly ever agree by chance, so each is also held against its neighbours in a single setting."""
    neighbour = replace(config, **{name: getattr(other, name)})
    for each in (other, neighbour):
        assert (config.key() == each.key()) == (config == each)


@given(runs, st.booleans())
def test_a_run_and_its_limits_are_never_taken_for_each_other(run: RunConfig, most: bool) -> None:
    """Neither in a cache, nor in a table of a program."""
    config = LimitsConfig.of(run, most=most)
    assert config.key() != run.key()
    assert config != run
    assert len({config, run}) == 2


def test_a_key_is_a_sha256_and_the_same_in_every_process() -> None:
    code = "from core import LimitsConfig; print(LimitsConfig(10, 5, 40).key())"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code]
        there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
        assert there.strip() == CONFIG.key()
    assert len(bytes.fromhex(CONFIG.key())) == 32


# --- sweeps -----------------------------------------------------------------------------------------------------------


def test_a_sweep_of_limits_has_each_data_set_once_in_the_order_of_its_runs() -> None:
    """However many rates are trained on it, and from however many initial weights."""
    grid = SweepConfig((3, 2), 4, (5, 7), (0.1, 0.01), seeds=(1, 0), init_seeds=(4, 5), bias=False, inputs="signs")
    found = LimitsSweep(grid, most=True).runs()
    assert [(each.input_dim, each.data_seed, each.num_samples) for each in found] == [
        (3, 1, 5), (3, 1, 7), (3, 0, 5), (3, 0, 7),
        (2, 1, 5), (2, 1, 7), (2, 0, 5), (2, 0, 7),
    ]  # fmt: skip
    assert {(each.num_classes, each.bias, each.inputs, each.most) for each in found} == {(4, False, "signs", True)}
    assert set(found) == {LimitsConfig.of(run, most=True) for run in grid.runs()}


def test_sweeps_of_limits_are_told_apart_as_a_page_tells_them() -> None:
    grid = SweepConfig((3,), 4, (5, 7))
    sweeps = {grid, LimitsSweep(grid), LimitsSweep(grid, most=True), LimitsSweep(replace(grid, bias=False))}
    assert len(sweeps) == 4
    assert LimitsSweep(replace(grid)) in sweeps
