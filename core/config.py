"""What a run is: its settings, their limits, and the key under which its result is kept.

A run is one linear layer trained on one data set. `RunConfig` names everything that its result depends on, and
nothing else, so that two equal configs have one result. `SweepConfig` is a grid of runs.
"""

import hashlib
import itertools
import json
import math
import operator
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

# Raised whenever the same config would give another result (data streams, initial weights, optimizer, stored fields):
# it is part of every cache key, so that old results are never mistaken for new ones.
SCHEMA_VERSION = 4

INPUTS = ("gaussian", "signs", "sphere", "correlated")
OPTIMIZERS = ("adam", "gd")
SCHEDULES = ("constant", "cosine", "wsd")
MEASURE_SHARPNESS = ("never", "end", "checkpoints")
DTYPES = ("float32", "float64")


class Limit(NamedTuple):
    """The smallest and the largest value that a setting may take, both included."""

    low: float
    high: float


LIMITS = {
    "input_dim": Limit(1, 512),
    "num_classes": Limit(2, 1_000),
    "num_samples": Limit(1, 20_000),
    "learning_rate": Limit(1e-6, 1e3),
    "num_steps": Limit(1, 100_000),
    "momentum": Limit(0.0, 0.999),
    "data_seed": Limit(0, 2**32 - 1),
    "init_seed": Limit(0, 2**32 - 1),
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "inputs": INPUTS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "dtype": DTYPES,
    "measure_sharpness": MEASURE_SHARPNESS,
    "bias": (False, True),
    "nested_data": (False, True),
    "watch_samples": (False, True),
}
_FRACTIONS = ("learning_rate", "momentum")


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One linear layer, trained by full-batch descent on N random labels of N random inputs.

    Args:
        input_dim: n, the dimension of the inputs.
        num_classes: V, the number of labels to choose from.
        num_samples: N, how many samples the layer is asked to memorize.
        learning_rate: eta, the step size.
        num_steps: full-batch steps of the optimizer.
        bias: whether each class has a bias: one more input that is always 1.
        optimizer: "adam" (`torch.optim.Adam` with its defaults) or "gd" (gradient descent, `torch.optim.SGD`).
        schedule: how the learning rate changes over the steps: "constant", "cosine" or "wsd" (warmup, stable, decay);
            see `core.schedule`. `learning_rate` is its largest.
        data_seed: seed of the inputs and labels.
        init_seed: seed of the initial weights.
        nested_data: True: the samples are the first N of one endless data set, whatever N. False: each N has data of
            its own, as in the published figures.
        momentum: of gradient descent; Adam has its own and takes none.
        dtype: "float32", or "float64" for reference values.
        measure_sharpness: when the result tells the sharpness: "never", at the "end", or at the "checkpoints". Of a run
            of 2,000 steps, "end" costs a few per cent more time, and "checkpoints" takes 1.9 to 3.5 times as long; both
            cost a larger share of shorter runs.
        watch_samples: whether the result also tells of each sample along training: the weights at checkpoints that lie
            closer, mean and spread of the probability of its label, when it was last forgotten. It takes about a fifth
            more time.
        inputs: their law: "gaussian", each entry standard normal; "signs", each entry -1 or 1; "sphere", each input of
            length sqrt(n), in any direction; "correlated", Gaussian with neighbouring entries alike. See `core.data`.

    Raises:
        ValueError: a setting is outside `LIMITS`; the sentence says which one and what was expected.
    """

    input_dim: int
    num_classes: int
    num_samples: int
    learning_rate: float = 0.01
    num_steps: int = 2_000
    bias: bool = True
    optimizer: str = "adam"
    schedule: str = "constant"
    data_seed: int = 0
    init_seed: int = 0
    nested_data: bool = False
    momentum: float = 0.0
    dtype: str = "float32"
    measure_sharpness: str = "never"
    watch_samples: bool = False
    inputs: str = "gaussian"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = _checked(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        if self.optimizer == "adam" and self.momentum != 0:
            raise ValueError(
                f'momentum is for optimizer="gd" (Adam has its own), but it is {self.momentum:g} with '
                'optimizer="adam"; leave momentum out or choose "gd"'
            )

    @property
    def num_weights(self) -> int:
        """Weights of the layer, biases included: V (n + bias)."""
        return self.num_classes * (self.input_dim + self.bias)

    def key(self) -> str:
        """The name of this run's result in the cache: 64 hexadecimal digits, the same on every machine."""
        canonical = json.dumps({"schema": SCHEMA_VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SweepConfig:
    """A grid of runs: each input dimension with each number of samples, learning rate, seed and initial weights.

    A seed seeds both the data and the initial weights, unless `init_seeds` are named. Other fields are those of
    `RunConfig`.

    Args:
        input_dims: the values of n.
        num_classes: V.
        num_samples: the values of N.
        learning_rates: the values of eta.
        seeds: one repetition each.
        init_seeds: seeds of initial weights, from each of which every layer is trained on the data of each seed; empty:
            from those of the data's own seed.

    Raises:
        ValueError: an axis of the grid is empty, or one of its values is not a legal setting of a run.
    """

    input_dims: tuple[int, ...]
    num_classes: int
    num_samples: tuple[int, ...]
    learning_rates: tuple[float, ...] = (0.01,)
    seeds: tuple[int, ...] = (0,)
    num_steps: int = 2_000
    bias: bool = True
    optimizer: str = "adam"
    schedule: str = "constant"
    nested_data: bool = False
    momentum: float = 0.0
    dtype: str = "float32"
    measure_sharpness: str = "never"
    watch_samples: bool = False
    init_seeds: tuple[int, ...] = ()
    inputs: str = "gaussian"

    def __post_init__(self) -> None:
        for axis, setting in _AXES.items():
            object.__setattr__(self, axis, _checked_axis(axis, setting, getattr(self, axis)))
        init_seeds = _checked_axis("init_seeds", "init_seed", self.init_seeds, may_be_empty=True)
        object.__setattr__(self, "init_seeds", init_seeds)
        next(self._grid())  # a wrong setting is told now, not when the sweep starts

    def __len__(self) -> int:
        return math.prod(len(getattr(self, axis)) for axis in _AXES) * max(1, len(self.init_seeds))

    def runs(self) -> list[RunConfig]:
        """Every run of the grid, in the order of dimension, learning rate, seed, number of samples, initial weights."""
        return list(self._grid())

    def _grid(self) -> Iterator[RunConfig]:
        for n, rate, seed, samples in itertools.product(
            self.input_dims, self.learning_rates, self.seeds, self.num_samples
        ):
            for init_seed in self.init_seeds or (seed,):
                yield RunConfig(
                    input_dim=n,
                    num_classes=self.num_classes,
                    num_samples=samples,
                    learning_rate=rate,
                    num_steps=self.num_steps,
                    bias=self.bias,
                    optimizer=self.optimizer,
                    schedule=self.schedule,
                    data_seed=seed,
                    init_seed=init_seed,
                    nested_data=self.nested_data,
                    momentum=self.momentum,
                    dtype=self.dtype,
                    measure_sharpness=self.measure_sharpness,
                    watch_samples=self.watch_samples,
                    inputs=self.inputs,
                )


_AXES = {
    "input_dims": "input_dim",
    "num_samples": "num_samples",
    "learning_rates": "learning_rate",
    "seeds": "data_seed",
}


def _checked_axis(axis: str, setting: str, values: Any, *, may_be_empty: bool = False) -> tuple[Any, ...]:
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise ValueError(f"{axis} must be a sequence, but it is {values!r}; write ({values!r},) for one value")
    checked = tuple(dict.fromkeys(_checked(setting, value) for value in values))
    if not checked and not may_be_empty:
        raise ValueError(f"{axis} is empty; name at least one value")
    return checked


def _checked(name: str, value: Any) -> Any:
    """`value` as the plain Python type of setting `name`, so that equal settings have equal keys."""
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            options = ", ".join(repr(choice) for choice in _CHOICES[name])
            raise ValueError(f"{name} must be one of {options}, but it is {value!r}")
        return type(_CHOICES[name][0])(value)
    limit, fraction = LIMITS[name], name in _FRACTIONS
    try:
        number = float(value) + 0.0 if fraction else operator.index(value)  # + 0.0: of the two zeros, the positive
        if limit.low <= number <= limit.high:  # also refuses NaN
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        given = repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        given = "a number of thousands of digits"
    kind = "a number" if fraction else "a whole number"
    raise ValueError(f"{name} must be {kind} from {limit.low:,g} to {limit.high:,.10g}, but it is {given}")
