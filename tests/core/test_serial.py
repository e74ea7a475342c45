"""Results as bytes: bit for bit there and back, and nothing else is taken for a result."""

import dataclasses
import hashlib
import io
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diskcache.core import MODE_BINARY, MODE_PICKLE, MODE_RAW, MODE_TEXT
from hypothesis import given
from hypothesis import strategies as st

from core.config import MEASURE_SHARPNESS, RunConfig
from core.limits import ALL_VERDICTS, KINDS, LimitsResult, limits
from core.result import RunResult
from core.serial import MAGIC, BytesDisk, ForeignValue, from_bytes, to_bytes
from core.sharpness import SHARPNESS_RECORD
from core.tasks import LimitsConfig, Task
from core.work import Result

RUN = RunConfig(input_dim=3, num_classes=2, num_samples=5)
LIMITS = LimitsConfig.of(RUN, most=True)


def make_result(run: RunConfig, num_checkpoints: int = 4) -> RunResult:
    """A result of random bits (so also NaN of every kind, infinities and -0.0), the same for equal runs."""
    rng = np.random.default_rng(int(run.key(), 16))

    def draw(dtype: str, *shape: int) -> Any:
        return np.frombuffer(rng.bytes(np.dtype(dtype).itemsize * int(np.prod(shape))), dtype).reshape(shape)

    def draw_sharpness() -> Any:
        count = {"never": 0, "end": 1, "checkpoints": num_checkpoints}[run.measure_sharpness]
        records = np.zeros(count, SHARPNESS_RECORD)
        for name in ("value", "residual", "lower", "upper"):
            records[name] = draw("float64", count)
        records["converged"] = rng.random(count) < 0.5
        return records

    samples, checkpoints = run.num_samples, num_checkpoints
    weights = (run.num_classes, run.input_dim + run.bias)
    watched = samples if run.watch_samples else 0
    return RunResult(
        config=run,
        memorized=rng.random(samples) < 0.5,
        initial_loss=draw(run.dtype, samples),
        final_loss=draw(run.dtype, samples),
        margin=draw(run.dtype, samples),
        weights=draw(run.dtype, *weights),
        second_moment=draw(run.dtype, *weights),
        checkpoint_steps=draw("int32", checkpoints),
        num_memorized_at=draw("int32", checkpoints),
        loss_at=draw(run.dtype, checkpoints),
        first_step=draw("int32", samples),
        forgetting_events=draw("int32", samples),
        sharpness_at=draw_sharpness(),
        preconditioned_sharpness_at=draw_sharpness(),
        weights_at=draw(run.dtype, checkpoints if run.watch_samples else 0, *weights),
        confidence=draw(run.dtype, watched),
        variability=draw(run.dtype, watched),
        last_forgotten=draw("int32", watched),
    )


def make_limits(config: LimitsConfig) -> LimitsResult:
    """The same of limits."""
    rng = np.random.default_rng(int(config.key(), 16))

    def draw(*shape: int) -> Any:
        return np.frombuffer(rng.bytes(8 * int(np.prod(shape))), "float64").reshape(shape)

    samples, inputs = config.num_samples, config.input_dim + config.bias
    return LimitsResult(
        config=config,
        memorized=rng.random(samples) < 0.5,
        final_loss=draw(samples),
        weights=draw(config.num_classes, inputs),
        gradient_norm=np.float64(draw(1)[0]),
        kind_index=np.int8(rng.integers(len(KINDS))),
        verdict_index=np.int8(rng.integers(len(ALL_VERDICTS))),
        most_memorized=rng.random(samples * config.most) < 0.5,
        most_weights=draw(config.num_classes * config.most, inputs),
    )


def identical(one: Result, other: Result) -> bool:
    """Whether two results are the same to the last bit."""

    def exact(value: Any) -> Any:
        is_array = isinstance(value, np.ndarray | np.generic)
        return (type(value), value.dtype, value.shape, value.tobytes()) if is_array else value

    names = [field.name for field in dataclasses.fields(one)]
    return type(one) is type(other) and all(exact(getattr(one, name)) == exact(getattr(other, name)) for name in names)


def sealed(npz: bytes, run: Task = RUN) -> bytes:
    """A value of any content, under a right checksum."""
    content = run.key().encode() + npz
    return MAGIC + hashlib.sha256(content).digest() + content


def npz(**members: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **members)
    return file.getvalue()


class Bait:
    """Unpickled, it makes a file: whoever finds that file knows that a pickle was run."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@given(
    run=st.builds(
        RunConfig,
        input_dim=st.integers(1, 12),
        num_classes=st.integers(2, 6),
        num_samples=st.integers(1, 30),
        bias=st.booleans(),
        dtype=st.sampled_from(["float32", "float64"]),
        measure_sharpness=st.sampled_from(MEASURE_SHARPNESS),
        watch_samples=st.booleans(),
    ),
    num_checkpoints=st.integers(1, 40),
)
def test_bytes_give_the_result_back_bit_for_bit(run: RunConfig, num_checkpoints: int) -> None:
    result = make_result(run, num_checkpoints)
    assert identical(from_bytes(to_bytes(result), run), result)


def test_a_diverged_run_stays_diverged() -> None:
    result = dataclasses.replace(make_result(RUN), final_loss=np.array([1, np.nan, 2, np.inf, -np.inf], np.float32))
    again = from_bytes(to_bytes(result), RUN)
    assert identical(again, result)
    assert again.diverged


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros((2, 3), np.float32)),
        ("final_loss", np.zeros(5, np.float64)),
        ("first_step", np.zeros(5, np.int64)),
        ("loss_at", np.zeros(7, np.float32)),
        ("sharpness_at", np.zeros(1, SHARPNESS_RECORD)),
        ("preconditioned_sharpness_at", np.zeros(0, np.float64)),
        ("weights_at", np.zeros((4, 2, 4), np.float32)),  # as it would be of a watched run
        ("confidence", np.zeros(5, np.float32)),
        ("last_forgotten", np.zeros(0, np.int64)),
    ],
)
def test_arrays_that_do_not_fit_the_run_are_refused_when_written(name: str, array: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be .* but it is {re.escape(str(array.dtype))}"):
        to_bytes(dataclasses.replace(make_result(RUN), **{name: array}))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights_at", np.zeros((0, 2, 4), np.float32)),
        ("weights_at", np.zeros((3, 2, 4), np.float32)),  # a checkpoint is missing
        ("confidence", np.zeros(0, np.float32)),
        ("variability", np.zeros(5, np.float64)),
        ("last_forgotten", np.zeros(5, np.int64)),
    ],
)
def test_a_watched_run_must_tell_of_its_samples(name: str, array: Any) -> None:
    watched = make_result(dataclasses.replace(RUN, watch_samples=True))
    with pytest.raises(ValueError, match=f"{name} must be .* but it is {re.escape(str(array.dtype))}"):
        to_bytes(dataclasses.replace(watched, **{name: array}))


def test_a_value_cut_anywhere_is_refused() -> None:
    value = to_bytes(make_result(RUN))
    for length in range(len(value)):
        with pytest.raises(ForeignValue):
            from_bytes(value[:length], RUN)


def test_a_value_with_any_one_bit_flipped_is_refused() -> None:
    value = bytearray(to_bytes(make_result(RUN)))
    for bit in range(8 * len(value)):
        value[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ForeignValue):
            from_bytes(bytes(value), RUN)
        value[bit // 8] ^= 1 << bit % 8


def test_the_result_of_another_run_is_refused() -> None:
    other = dataclasses.replace(RUN, data_seed=1)  # of the same shape
    with pytest.raises(ForeignValue, match="another run"):
        from_bytes(to_bytes(make_result(other)), RUN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip file",
        npz(),
        npz(something=np.zeros(3)),
        npz(result=np.zeros(3)),
        npz(result=np.zeros((), [("checkpoint_steps", "<i4", (4,))])),
        npz(result=np.zeros((), [("checkpoint_steps", "<i4")])),
        pickle.dumps("a pickle"),
    ],
)
def test_content_that_is_no_result_is_refused_for_all_its_right_checksum(content: bytes) -> None:
    with pytest.raises(ForeignValue):
        from_bytes(sealed(content), RUN)


def test_the_result_of_other_shapes_is_refused_under_the_key_of_the_run() -> None:
    for change in ({"bias": False}, {"dtype": "float64"}, {"measure_sharpness": "end"}, {"watch_samples": True}):
        other = dataclasses.replace(RUN, **change)
        content = to_bytes(make_result(other)).partition(other.key().encode())[2]
        with pytest.raises(ForeignValue, match="expected"):
            from_bytes(sealed(content), RUN)


def test_a_pickle_in_the_npz_is_not_run(tmp_path: Path) -> None:
    bait = np.array(Bait(tmp_path / "marker"), dtype=object)
    for content in (npz(result=bait), pickle.dumps(Bait(tmp_path / "marker"))):
        with pytest.raises(ForeignValue):
            from_bytes(sealed(content), RUN)
    assert not (tmp_path / "marker").exists()


def test_a_sound_value_is_read_while_other_threads_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 then fails now and then, in `ast` with a SystemError: here three times in a row."""
    failures, ordinary = iter(range(3)), np.load

    def disturbed(*args: Any, **kwargs: Any) -> Any:
        for _ in failures:
            raise SystemError("AST constructor recursion depth mismatch (before=45, after=40)")
        return ordinary(*args, **kwargs)

    result = make_result(RUN)
    monkeypatch.setattr(np, "load", disturbed)
    assert identical(from_bytes(to_bytes(result), RUN), result)
    assert next(failures, None) is None


# Limits of data sets


@given(
    st.builds(
        LimitsConfig,
        input_dim=st.integers(1, 12),
        num_classes=st.integers(2, 6),
        num_samples=st.integers(1, 30),
        bias=st.booleans(),
        most=st.booleans(),
    )
)
def test_bytes_give_limits_back_bit_for_bit(config: LimitsConfig) -> None:
    result = make_limits(config)
    assert identical(from_bytes(to_bytes(result), config), result)


@pytest.mark.parametrize("most", [False, True])
@pytest.mark.parametrize("num_samples", [4, 60])  # all can be memorized, and far from all
def test_limits_that_were_solved_say_the_same_when_they_come_back(num_samples: int, most: bool) -> None:
    config = LimitsConfig(3, 3, num_samples, most=most)
    [result] = limits([config])
    again = from_bytes(to_bytes(result), config)
    assert isinstance(again, LimitsResult)
    assert identical(again, result)
    for name in ("kind", "verdict", "num_memorized", "mean_loss", "num_most", "num_bytes"):
        assert getattr(again, name) == getattr(result, name), name


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros((2, 3))),
        ("weights", np.zeros((2, 4), np.float32)),
        ("final_loss", np.zeros(6)),
        ("memorized", np.zeros(5, np.int8)),
        ("most_memorized", np.zeros(0, np.bool_)),  # as it would be where the most was not sought
        ("most_weights", np.zeros((0, 4))),
        ("gradient_norm", np.float32(0)),
        ("kind_index", np.int64(0)),
        ("verdict_index", np.int64(0)),
    ],
)
def test_arrays_that_do_not_fit_the_data_set_are_refused_when_written(name: str, array: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be .* but it is {re.escape(str(array.dtype))}"):
        to_bytes(dataclasses.replace(make_limits(LIMITS), **{name: array}))


def test_limits_cut_anywhere_or_with_any_one_bit_flipped_are_refused() -> None:
    value = bytearray(to_bytes(make_limits(LIMITS)))
    for length in range(len(value)):
        with pytest.raises(ForeignValue):
            from_bytes(bytes(value[:length]), LIMITS)
    for bit in range(8 * len(value)):
        value[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ForeignValue):
            from_bytes(bytes(value), LIMITS)
        value[bit // 8] ^= 1 << bit % 8


def test_the_limits_of_another_data_set_are_refused() -> None:
    value = to_bytes(make_limits(LIMITS))
    for change in ({"data_seed": 1}, {"inputs": "signs"}, {"nested_data": True}, {"most": False}):
        with pytest.raises(ForeignValue, match="another run"):
            from_bytes(value, dataclasses.replace(LIMITS, **change))


def test_a_run_is_not_taken_for_its_limits_nor_these_for_it() -> None:
    """Even if somebody wrote the one under the key of the other."""
    run, limits_of_it = to_bytes(make_result(RUN)), to_bytes(make_limits(LIMITS))
    for value, task in ((run, LIMITS), (limits_of_it, RUN)):
        with pytest.raises(ForeignValue, match="another run"):
            from_bytes(value, task)
    for value, written, asked in ((run, RUN, LIMITS), (limits_of_it, LIMITS, RUN)):
        content = value.partition(written.key().encode())[2]
        with pytest.raises(ForeignValue, match=r"expected|cannot be read"):
            from_bytes(sealed(content, asked), asked)


@pytest.mark.parametrize(
    "content", [b"", npz(), npz(result=np.zeros(3)), npz(result=np.zeros((), [("weights", "<f8", (2, 4))]))]
)
def test_content_that_is_no_limits_is_refused_for_all_its_right_checksum(content: bytes) -> None:
    with pytest.raises(ForeignValue):
        from_bytes(sealed(content, LIMITS), LIMITS)


def test_a_pickle_in_place_of_limits_is_not_run(tmp_path: Path) -> None:
    bait = np.array(Bait(tmp_path / "marker"), dtype=object)
    for content in (npz(result=bait), pickle.dumps(Bait(tmp_path / "marker"))):
        with pytest.raises(ForeignValue):
            from_bytes(sealed(content, LIMITS), LIMITS)
    assert not (tmp_path / "marker").exists()


# The disk


def test_the_disk_takes_text_keys_and_bytes_values_only() -> None:
    disk = BytesDisk("/nowhere")
    assert disk.put("key") == ("key", True)
    assert disk.get("key", 1) == "key"
    assert disk.store(b"value", read=False) == (0, MODE_RAW, None, b"value")
    assert disk.fetch(MODE_RAW, None, b"value", read=False) == b"value"
    for key in (b"key", 1, ("key",), None):
        with pytest.raises(TypeError, match="must be str"):
            disk.put(key)  # type: ignore[arg-type]
    for value, read in ((["value"], False), ("value", False), (io.BytesIO(), True)):
        with pytest.raises(TypeError, match="must be bytes"):
            disk.store(value, read)  # type: ignore[arg-type]


def test_the_disk_unpickles_nothing(tmp_path: Path) -> None:
    disk, bait = BytesDisk(str(tmp_path)), pickle.dumps(Bait(tmp_path / "marker"))
    (tmp_path / "bait.val").write_bytes(bait)
    with pytest.raises(ForeignValue):
        disk.get(bait, raw=False)
    for mode in (MODE_RAW, MODE_BINARY, MODE_TEXT, MODE_PICKLE):
        with pytest.raises(ForeignValue):
            disk.fetch(mode, "bait.val", None, read=False)
    with pytest.raises(ForeignValue):
        disk.fetch(MODE_PICKLE, None, bait, read=False)
    disk.remove("bait.val")
    assert (tmp_path / "bait.val").exists()
    assert not (tmp_path / "marker").exists()
    pickle.loads(bait)  # noqa: S301  # the bait would have been noticed
    assert (tmp_path / "marker").exists()
