"""Settings: what is refused and with which words, and that a key names a run and nothing but the run."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import LIMITS, RunConfig, SweepConfig
from core.config import INPUTS, MEASURE_SHARPNESS, SCHEDULES

RUN = RunConfig(10, 10, 100)

legal = {
    "input_dim": st.integers(1, 512),
    "num_classes": st.integers(2, 1_000),
    "num_samples": st.integers(1, 20_000),
    "learning_rate": st.floats(1e-6, 1e3),
    "num_steps": st.integers(1, 100_000),
    "bias": st.booleans(),
    "schedule": st.sampled_from(SCHEDULES),
    "data_seed": st.integers(0, 2**32 - 1),
    "init_seed": st.integers(0, 2**32 - 1),
    "nested_data": st.booleans(),
    "dtype": st.sampled_from(["float32", "float64"]),
    "measure_sharpness": st.sampled_from(MEASURE_SHARPNESS),
    "watch_samples": st.booleans(),
    "inputs": st.sampled_from(INPUTS),
}
runs = st.builds(RunConfig, **legal, optimizer=st.just("adam")) | st.builds(
    RunConfig, **legal, optimizer=st.just("gd"), momentum=st.floats(0, 0.999)
)


def with_setting(name: str, value: Any) -> RunConfig:
    return replace(RUN, optimizer="gd" if name == "momentum" else "adam", **{name: value})


# --- limits -----------------------------------------------------------------------------------------------------------

BAD = {
    "input_dim": [0, -1, 513, 10.0, "10", None],
    "num_classes": [1, 1_001, 2.5],
    "num_samples": [0, 20_001, 1e2],
    "learning_rate": [0, 0.9e-6, 1001, -0.01, float("nan"), float("inf"), "fast", None],
    "num_steps": [0, 100_001, 0.5],
    "momentum": [-0.1, 1, 0.9991, float("nan")],
    "data_seed": [-1, 2**32, 0.5],
    "init_seed": [-1, 2**32, None],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_number_past_its_limit_is_refused_in_words(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be ") as refusal:
        with_setting(name, value)
    sentence = str(refusal.value)
    low, high = LIMITS[name]
    assert f"from {low:,g} to {high:,.10g}, but it is {value!r}" in sentence


@pytest.mark.parametrize("name", BAD)
def test_the_limits_themselves_are_allowed(name: str) -> None:
    for value in LIMITS[name]:
        assert getattr(with_setting(name, value), name) == value


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("optimizer", "sgd", "'adam', 'gd'"),
        ("schedule", "cosine!", "'constant', 'cosine', 'wsd'"),
        ("dtype", "float16", "'float32', 'float64'"),
        ("bias", "yes", "False, True"),
        ("nested_data", None, "False, True"),
        ("measure_sharpness", True, "'never', 'end', 'checkpoints'"),
        ("watch_samples", "end", "False, True"),
        ("inputs", "normal", "'gaussian', 'signs', 'sphere', 'correlated'"),
    ],
)
def test_an_unknown_choice_is_refused_with_the_known_ones(name: str, value: Any, options: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be one of {options}.*but it is {value!r}$"):
        replace(RUN, **{name: value})


def test_momentum_with_adam_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^momentum is for optimizer="gd".*0\.9'):
        replace(RUN, momentum=0.9)


def test_every_number_has_a_limit() -> None:
    numbers = {field.name for field in fields(RunConfig) if field.type in (int, float)}
    assert numbers == LIMITS.keys() == BAD.keys()


# --- whatever a setting is given --------------------------------------------------------------------------------------

anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.complex_numbers()
    | st.decimals()
    | st.fractions()
    | st.text()
    | st.sampled_from(
        ["1", "0.01", "NaN", "inf", "1e400", "１２", "1_000", "adam", "float64", "never", "True", "9" * 500]
    )
    | st.binary()
    | st.dates()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.integers(), max_size=2)
    | st.sampled_from([int, object(), RUN, range(3), np.float32(0.1), np.int8(1), np.bool_(True), np.datetime64("nat")])
)


@given(st.sampled_from([field.name for field in fields(RunConfig)]), anything)
def test_whatever_a_setting_is_given_it_is_legal_or_refused_by_name(name: str, value: Any) -> None:
    settings = {"optimizer": "gd"} if name == "momentum" else {}
    try:
        run = replace(RUN, **settings | {name: value})
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert refusal.startswith(f"{name} ")
        return
    kept = getattr(run, name)
    assert type(kept) in (int, float, bool, str)
    if name in LIMITS:
        assert LIMITS[name].low <= kept <= LIMITS[name].high
    assert RunConfig(**{field.name: getattr(run, field.name) for field in fields(run)}).key() == run.key()


@given(st.sampled_from(["input_dims", "num_samples", "learning_rates", "seeds", "init_seeds"]), st.lists(anything))
def test_whatever_an_axis_is_given_it_is_legal_or_refused_by_name(axis: str, values: list[Any]) -> None:
    setting = {"input_dims": "input_dim", "learning_rates": "learning_rate", "seeds": "data_seed"}.get(axis, axis)
    try:
        sweep = replace(SweepConfig((10,), 10, (5,)), **{axis: values})
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert refusal.startswith((axis, setting.removesuffix("s")))
        return
    low, high = LIMITS[setting if setting in LIMITS else "init_seed"]
    assert all(low <= value <= high for value in getattr(sweep, axis))
    assert len(sweep) == len(sweep.runs())


@pytest.mark.parametrize("name", ["learning_rate", "momentum"])
def test_a_number_larger_than_any_float_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a number from"):
        with_setting(name, 10**400)


def test_a_number_of_thousands_of_digits_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^num_samples must be a whole number from"):
        with_setting("num_samples", 10**5_000)


# --- keys -------------------------------------------------------------------------------------------------------------


@given(runs, runs, st.sampled_from([field.name for field in fields(RunConfig)]))
def test_keys_are_equal_exactly_where_runs_are(run: RunConfig, other: RunConfig, name: str) -> None:
    """Whole runs hardly ever agree by chance, so each is also held against its neighbours in a single setting."""
    assert (run.key() == other.key()) == (run == other)
    if name in ("optimizer", "momentum"):  # they depend on each other
        neighbour = replace(run, optimizer=other.optimizer, momentum=other.momentum)
    else:
        neighbour = replace(run, **{name: getattr(other, name)})
    assert (run.key() == neighbour.key()) == (run == neighbour)


@given(runs)
def test_numbers_of_numpy_name_the_same_run(run: RunConfig) -> None:
    kinds = {int: np.int64, float: np.float64, bool: np.bool_, str: np.str_}
    values = {field.name: getattr(run, field.name) for field in fields(run)}
    same = RunConfig(**{name: kinds[type(value)](value) for name, value in values.items()})
    assert same == run
    assert same.key() == run.key()
    assert [type(getattr(same, name)) for name in values] == [type(value) for value in values.values()]


@pytest.mark.parametrize("one", [1, True, np.uint8(1)])
def test_every_kind_of_one_names_the_same_run(one: Any) -> None:
    run = RunConfig(one, 2, one, learning_rate=one, num_steps=one, bias=one, data_seed=one, init_seed=one)
    assert run.key() == RunConfig(1, 2, 1, learning_rate=1.0, num_steps=1, bias=True, data_seed=1, init_seed=1).key()


@given(runs)
def test_whether_samples_are_watched_and_where_training_starts_are_part_of_the_key(run: RunConfig) -> None:
    changes = [{"watch_samples": not run.watch_samples}, {"init_seed": run.init_seed ^ 1}]
    changes.append(changes[0] | changes[1])
    assert len({run.key(), *(replace(run, **change).key() for change in changes)}) == 4


def test_minus_zero_is_zero() -> None:
    run = RunConfig(10, 10, 100, optimizer="gd", momentum=-0.0)
    assert run.key() == replace(run, momentum=0.0).key()


def test_a_key_is_a_sha256_and_the_same_in_every_process() -> None:
    code = "from core import RunConfig; print(RunConfig(10, 10, 100).key())"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code]
        there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
        assert there.strip() == RUN.key()
    assert len(bytes.fromhex(RUN.key())) == 32


# --- sweeps -----------------------------------------------------------------------------------------------------------

axes = {
    "input_dims": st.lists(legal["input_dim"], min_size=1, max_size=3),
    "num_samples": st.lists(legal["num_samples"], min_size=1, max_size=3),
    "learning_rates": st.lists(legal["learning_rate"], min_size=1, max_size=3),
    "seeds": st.lists(legal["data_seed"], min_size=1, max_size=3),
}
init_seeds = st.lists(st.integers(0, 3) | legal["init_seed"], max_size=4)  # small ones come twice


@given(st.fixed_dictionaries(axes), init_seeds, runs)
def test_a_sweep_is_the_product_of_its_axes(values: dict[str, list[Any]], starts: list[int], run: RunConfig) -> None:
    """In the order of dimension, learning rate, seed, number of samples, initial weights.

    Without initial weights of its own, a sweep takes those of the data's seed.
    """
    of_all_runs = {field.name for field in fields(SweepConfig)} & {field.name for field in fields(RunConfig)}
    of_all_runs -= {"num_samples"}  # the one axis that has the name of its setting
    sweep = SweepConfig(**values, init_seeds=tuple(starts), **{name: getattr(run, name) for name in of_all_runs})
    expected = [
        replace(run, input_dim=n, learning_rate=rate, data_seed=seed, init_seed=start, num_samples=samples)
        for n, rate, seed, samples in product(
            *(dict.fromkeys(values[axis]) for axis in ("input_dims", "learning_rates", "seeds", "num_samples"))
        )
        for start in dict.fromkeys(starts or [seed])
    ]
    assert sweep.runs() == expected
    assert len(sweep) == len(expected)
    assert hash(sweep) == hash(replace(sweep))
    assert len({run.key() for run in expected}) == len(expected)


def test_every_data_set_is_trained_from_each_of_the_initial_weights_that_are_named() -> None:
    sweep = SweepConfig((10,), 10, (5, 7), seeds=(1, 2), init_seeds=(9, 1, 9))
    assert [(run.data_seed, run.num_samples, run.init_seed) for run in sweep.runs()] == [
        (1, 5, 9), (1, 5, 1), (1, 7, 9), (1, 7, 1),
        (2, 5, 9), (2, 5, 1), (2, 7, 9), (2, 7, 1),
    ]  # fmt: skip
    assert len(sweep) == 8
    assert sweep.init_seeds == (9, 1)
    # The run from a data set's own seed is the same run, with the same key, whether that seed was named or not.
    assert replace(sweep, init_seeds=()).runs()[0].key() == sweep.runs()[1].key()


@pytest.mark.parametrize("none", [(), [], range(0), np.empty(0, int)])
def test_no_initial_weights_named_are_those_of_the_data(none: Any) -> None:
    sweep = SweepConfig((10,), 10, (5,), seeds=(1, 2), init_seeds=none)
    assert [run.init_seed for run in sweep.runs()] == [1, 2]
    assert len(sweep) == 2
    assert sweep == SweepConfig((10,), 10, (5,), seeds=(1, 2))
    hash(sweep)


def test_wrong_initial_weights_are_refused_by_name() -> None:
    sweep = SweepConfig((10,), 10, (5,))
    for value in (7, "123", None, ""):
        with pytest.raises(ValueError, match=r"^init_seeds must be a sequence, but it is .*; write \(.*,\) for one"):
            replace(sweep, init_seeds=value)
    for value in ((1, -1), (2**32,), (0.5,), (None,)):
        with pytest.raises(ValueError, match=r"^init_seed must be a whole number from 0 to 4,294,967,295, but it is "):
            replace(sweep, init_seeds=value)


def test_the_axes_of_a_sweep_may_be_any_iterable() -> None:
    from_ranges = SweepConfig(range(10, 30, 10), 10, (n for n in (5, 10)), np.array([0.1, 0.2]), {3: "c", 4: "d"})
    assert from_ranges == SweepConfig((10, 20), 10, (5, 10), (0.1, 0.2), (3, 4))


@pytest.mark.parametrize("starts", [[5, 6], range(5, 7), np.array([5, 6]), {5: "c", 6: "d"}, iter((5, 6))])
def test_so_may_the_initial_weights(starts: Any) -> None:
    sweep = SweepConfig((10,), 10, (5,), init_seeds=starts)
    assert sweep == SweepConfig((10,), 10, (5,), init_seeds=(5, 6))
    assert [run.init_seed for run in sweep.runs()] == [5, 6]


@pytest.mark.parametrize("axis", axes)
def test_a_wrong_axis_is_refused_by_name(axis: str) -> None:
    sweep = SweepConfig((10,), 10, (5,))
    for value, words in [((), "is empty"), (7, "must be a sequence,"), ("123", "must be a sequence,")]:
        with pytest.raises(ValueError, match=f"^{axis} {words}"):
            replace(sweep, **{axis: value})
    with pytest.raises(ValueError, match=r"must be a .*number from .*, but it is -1$"):
        replace(sweep, **{axis: (1, -1)})


def test_what_came_before_the_inputs_keeps_its_place() -> None:
    """Settings may be named by place; new ones come last."""
    assert [config.__match_args__[-1] for config in (RunConfig, SweepConfig)] == ["inputs", "inputs"]
    assert RUN.inputs == SweepConfig((10,), 10, (5,)).inputs == "gaussian"


def test_a_wrong_setting_of_all_runs_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"^num_steps must be a whole number from 1 to 100,000, but it is 0$"):
        SweepConfig((10,), 10, (5,), num_steps=0)


def test_a_run_cannot_be_changed() -> None:
    """Else its key would no longer be that of its result."""
    with pytest.raises(AttributeError):
        RUN.input_dim = 3  # type: ignore[misc]
