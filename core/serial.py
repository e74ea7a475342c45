"""What lies in the cache: results as bytes, and nothing else.

A value is `MAGIC | sha256 of the rest | key of the run | npz`. The npz has one member, "result": a single record whose
fields are those of `RunResult` or of `LimitsResult`. One member is read several times faster than one for each array,
and its dtype states every shape at once, to be held against the shapes that the run must have.
"""

import contextlib
import hashlib
import io
from typing import Any

import diskcache
import numpy as np
from diskcache.core import MODE_RAW, UNKNOWN
from numpy.typing import NDArray

from core.config import RunConfig
from core.limits import LimitsResult
from core.result import RunResult
from core.sharpness import SHARPNESS_RECORD
from core.tasks import LimitsConfig, Task
from core.work import Result

MAGIC = b"linear-3"  # counts up when the format changes: values of another format are then foreign
READ_ATTEMPTS = 20
_KEY_AT = len(MAGIC) + hashlib.sha256().digest_size
_NPZ_AT = _KEY_AT + 64


class ForeignValue(Exception):
    """Bytes that are not the result asked for: damaged, of another run, or never a result."""


def to_bytes(result: Result) -> bytes:
    """The bytes that `from_bytes` turns into `result` again, bit for bit.

    Raises:
        ValueError: an array has not the dtype or shape that the run must have.
    """
    num_checkpoints = len(result.checkpoint_steps) if isinstance(result, RunResult) else 0
    record = np.zeros((), _layout(result.config, num_checkpoints))
    for name, (field, *_) in (record.dtype.fields or {}).items():
        array = getattr(result, name)
        if (array.dtype, array.shape) != (field.base, field.shape):  # numpy would convert it without a word
            raise ValueError(f"{name} must be {field.base} {field.shape}, but it is {array.dtype} {array.shape}")
        record[name] = array
    npz = io.BytesIO()
    np.savez(npz, result=record)
    content = result.config.key().encode() + npz.getvalue()
    return MAGIC + hashlib.sha256(content).digest() + content


def from_bytes(value: bytes, run: Task) -> Result:
    """The result of `run` that `value` holds.

    Raises:
        ForeignValue: it does not hold one; the sentence says why.
    """
    if not value.startswith(MAGIC):
        raise ForeignValue("it does not begin like a result")
    if hashlib.sha256(value[_KEY_AT:]).digest() != value[len(MAGIC) : _KEY_AT]:
        raise ForeignValue("its checksum is wrong")
    if value[_KEY_AT:_NPZ_AT] != run.key().encode():
        raise ForeignValue("it is the result of another run")
    try:
        record = _record(value[_NPZ_AT:])
        layout = _layout(run, len(record["checkpoint_steps"]) if isinstance(run, RunConfig) else 0)
    except Exception as error:  # the checksum was right: made by hand, it can make numpy and zipfile raise anything
        raise ForeignValue(f"it cannot be read: {error}") from error
    if record.shape != () or record.dtype != layout:
        raise ForeignValue(f"it is {record.dtype} {record.shape}, where one {layout} was expected")
    members: dict[str, Any] = {name: record[name][()] for name in layout.names or ()}  # numbers, not arrays of shape ()
    return RunResult(config=run, **members) if isinstance(run, RunConfig) else LimitsResult(config=run, **members)


def _record(npz: bytes) -> NDArray[np.void]:
    """The one member of an npz."""
    for _ in range(READ_ATTEMPTS):
        # numpy parses headers with `ast`, which in CPython 3.11 and 3.12 fails for no reason when another thread parses
        # at the same time: "AST constructor recursion depth mismatch".
        with contextlib.suppress(SystemError), np.load(io.BytesIO(npz), allow_pickle=False) as members:
            record: NDArray[np.void] = members["result"]
            return record
    raise ValueError(f"numpy failed {READ_ATTEMPTS} times to parse its header")


def _layout(task: Task, num_checkpoints: int) -> np.dtype[np.void]:
    """The fields of a record, largest items first, so that each is aligned."""
    return np.dtype(_limits_fields(task) if isinstance(task, LimitsConfig) else _run_fields(task, num_checkpoints))


def _limits_fields(config: LimitsConfig) -> list[tuple[str, Any, tuple[int, ...]]]:
    weights = (config.num_classes, config.input_dim + config.bias)
    return [
        ("final_loss", "<f8", (config.num_samples,)),
        ("weights", "<f8", weights),
        ("most_weights", "<f8", (config.num_classes * config.most, weights[1])),
        ("gradient_norm", "<f8", ()),
        ("memorized", np.bool_, (config.num_samples,)),
        ("most_memorized", np.bool_, (config.num_samples * config.most,)),
        ("kind_index", np.int8, ()),
        ("verdict_index", np.int8, ()),
    ]


def _run_fields(run: RunConfig, num_checkpoints: int) -> list[tuple[str, Any, tuple[int, ...]]]:
    num_measured = {"never": 0, "end": 1, "checkpoints": num_checkpoints}[run.measure_sharpness]
    real, whole = {"float32": "<f4", "float64": "<f8"}[run.dtype], "<i4"
    by_sample, by_checkpoint = (run.num_samples,), (num_checkpoints,)
    weights = (run.num_classes, run.input_dim + run.bias)
    watched = (run.num_samples * run.watch_samples,)
    return [
        ("initial_loss", real, by_sample),
        ("final_loss", real, by_sample),
        ("margin", real, by_sample),
        ("weights", real, weights),
        ("second_moment", real, weights),
        ("loss_at", real, by_checkpoint),
        ("weights_at", real, (num_checkpoints * run.watch_samples, *weights)),
        ("confidence", real, watched),
        ("variability", real, watched),
        ("checkpoint_steps", whole, by_checkpoint),
        ("num_memorized_at", whole, by_checkpoint),
        ("first_step", whole, by_sample),
        ("forgetting_events", whole, by_sample),
        ("last_forgotten", whole, watched),
        ("sharpness_at", SHARPNESS_RECORD, (num_measured,)),
        ("preconditioned_sharpness_at", SHARPNESS_RECORD, (num_measured,)),
        ("memorized", np.bool_, by_sample),
    ]


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Has diskcache keep text keys and bytes values, all inside its database: no pickle, and no file beside it.

    A row that names a file is foreign, wherever that file may lie. And unlike files, values in the database are written
    whole or not at all.
    """

    def put(self, key: str) -> tuple[str, bool]:
        if type(key) is not str:
            raise TypeError(f"a key must be str, but it is {type(key).__name__}")
        return key, True

    def get(self, key: object, raw: object) -> str:
        if type(key) is not str or not raw:
            raise ForeignValue("its key is not text")
        return key

    def store(self, value: bytes, read: bool, key: object = UNKNOWN) -> tuple[int, int, None, bytes]:
        if type(value) is not bytes or read:
            raise TypeError(f"a value must be bytes, but it is {type(value).__name__}")
        return 0, MODE_RAW, None, value  # 0 bytes outside the database

    def fetch(self, mode: object, filename: object, value: object, read: bool) -> bytes:
        if mode != MODE_RAW or filename is not None or type(value) is not bytes or read:
            raise ForeignValue("its row is not one of ours")
        return value

    def remove(self, file_path: object) -> None:
        """Leave the file of a foreign row alone. diskcache would delete it with the row, be it /etc/passwd."""
