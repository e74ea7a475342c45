"""What can be asked for: a run to be trained, or the exact limits of a data set."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields

from core.config import SCHEMA_VERSION, RunConfig, SweepConfig


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """A data set whose limits are asked for. All fields but the last are those of `RunConfig`; `of` takes them over.

    Args:
        dtype: in which the inputs are kept, and trained on. Their limits are computed in float64.
        most: whether the most memorizable samples are sought too, which takes several times longer.

    Raises:
        ValueError: a setting is outside `core.config.LIMITS`; the sentence says which one and what was expected.
    """

    input_dim: int
    num_classes: int
    num_samples: int
    bias: bool = True
    data_seed: int = 0
    nested_data: bool = False
    inputs: str = "gaussian"
    dtype: str = "float32"
    most: bool = False

    def __post_init__(self) -> None:
        settings = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "most"}
        run = RunConfig(**settings)  # says what is wrong, and makes plain numbers of NumPy's
        for name in settings:
            object.__setattr__(self, name, getattr(run, name))
        if self.most not in (False, True):
            raise ValueError(f"most must be one of False, True, but it is {self.most!r}")
        object.__setattr__(self, "most", bool(self.most))

    @classmethod
    def of(cls, run: RunConfig, *, most: bool = False) -> "LimitsConfig":
        """The data set that a run was trained on."""
        names = [field.name for field in fields(cls) if field.name != "most"]
        return cls(**{name: getattr(run, name) for name in names}, most=most)

    @property
    def num_weights(self) -> int:
        """Weights of the layer, biases included: V (n + bias)."""
        return self.num_classes * (self.input_dim + self.bias)

    def key(self) -> str:
        """The name of the result in the cache: 64 hexadecimal digits, the same on every machine."""
        canonical = json.dumps({"schema": SCHEMA_VERSION, "limits": asdict(self)}, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LimitsSweep:
    """The limits of every data set of a sweep."""

    sweep: SweepConfig
    most: bool = False

    def runs(self) -> list[LimitsConfig]:
        """One a data set, in the order of the sweep."""
        return list(dict.fromkeys(LimitsConfig.of(run, most=self.most) for run in self.sweep.runs()))


Task = RunConfig | LimitsConfig
Sweep = SweepConfig | LimitsSweep
