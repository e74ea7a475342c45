"""What a player shows, checked and packed as one run of bytes, which is the lightest that Streamlit sends."""

import hashlib
import json
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

ROUNDING = 1e-6  # a softmax in single precision may pass 1 by this much
ACROSS_LEVELS = 65_535  # finer than any screen
TOPS = (0.2, 0.4, 0.6, 0.8, 1.0)  # where the axis of the probabilities may end


class Frames(NamedTuple):
    """The picture of a run without the place where it is stopped: the same for the same training.

    Attributes:
        steps: (T,) int64, ascending from 0.
        head: what the bytes mean, as the player's script reads it.
        body: the N positions across as uint16, the T × N probabilities as uint8 (255 is the top of their axis), then
            T rows of N bits.
    """

    steps: npt.NDArray[np.int64]
    num_samples: int
    head: dict[str, Any]
    body: bytes


def pack(
    steps: npt.ArrayLike,
    probability: npt.ArrayLike,
    memorized: npt.ArrayLike,
    across: npt.ArrayLike,
    across_title: str,
) -> Frames:
    """Check and pack; shapes as in `explorer.player.player`.

    Raises:
        ValueError: something is not as it should be; one sentence says what was expected and what came.
    """
    step, chance, known, place = (np.asarray(values) for values in (steps, probability, memorized, across))
    if step.ndim != 1 or not np.issubdtype(step.dtype, np.integer):
        raise ValueError(f"expected steps as one row of integers; got {step.dtype} of shape {step.shape}")
    if not len(step) or step[0] != 0 or np.any(np.diff(step) <= 0):
        raise ValueError(f"expected steps that begin at 0 and ascend; got {brief(step)}")
    if place.ndim != 1 or not len(place):
        raise ValueError(f"expected across as one row of at least one sample; got shape {place.shape}")
    shape = (len(step), len(place))
    for name, values in (("probability", chance), ("memorized", known)):
        if values.shape != shape:
            raise ValueError(f"expected {name} of shape {shape}, frames by samples; got {values.shape}")
    if known.dtype != np.bool_:
        raise ValueError(f"expected memorized as booleans; got {known.dtype}")
    lowest, highest = float(chance.min()), float(chance.max())
    if not (lowest >= -ROUNDING and highest <= 1 + ROUNDING):  # nan is refused too
        raise ValueError(f"expected probabilities from 0 to 1; got {lowest:g} to {highest:g}")
    low, high = float(place.min()), float(place.max())
    if not np.isfinite(high - low):
        raise ValueError(f"expected finite across; got {brief(place[~np.isfinite(place)])}")

    if low == high:  # one place: in the middle of an axis around it
        margin = max(abs(low), 1) / 2
        low, high = low - margin, high + margin
    level = np.rint((place.astype(np.float64) - low) / (high - low) * ACROSS_LEVELS).astype("<u2")
    top = next((top for top in TOPS if highest <= top), 1.0)
    shade = np.rint(np.clip(chance, 0, top) / top * 255).astype(np.uint8)
    body = level.tobytes() + shade.tobytes() + np.packbits(known, axis=1, bitorder="little").tobytes()
    head = {
        "steps": step.tolist(),
        "counts": known.sum(axis=1).tolist(),
        "samples": len(place),
        "title": across_title,
        "low": low,
        "high": high,
        "top": top,
    }
    run = hashlib.blake2b(json.dumps(head).encode() + body, digest_size=8).hexdigest()
    return Frames(step.astype(np.int64), len(place), head | {"run": run}, body)


def message(frames: Frames, **where: int) -> bytes:
    """What the player is sent: the length of the head (uint32), the head as JSON, the body."""
    head = json.dumps(frames.head | where).encode()
    return len(head).to_bytes(4, "little") + head + frames.body


def brief(values: npt.NDArray[Any]) -> str:
    """The first few."""
    return ", ".join(str(value) for value in values[:5].tolist()) + (", …" if len(values) > 5 else "")
