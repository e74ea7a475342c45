"""A grid of runs on the command line: a preset, settings of one's own, or a preset with some of them changed."""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.config import SweepConfig
from core.presets import PRESETS

MOST_RUNS = 1_000_000  # what is more than that is a slip of the keyboard

# The fields of `SweepConfig` by their options. An axis that is named in the plural there has here the name of what it
# is an axis of, as in `RunConfig`.
_AXES = {"input_dim": "input_dims", "num_samples": "num_samples", "learning_rate": "learning_rates"}
_SEEDS = {
    "seeds": "repetitions: 4 for the seeds 0 to 3, 4:7 for those",
    "init_seeds": "initial weights for each data set",
}
_NUMBERS: dict[str, type] = {"num_classes": int, "num_steps": int, "momentum": float}
_WORDS = ("optimizer", "schedule", "dtype", "measure_sharpness", "inputs")
_SWITCHES = ("bias", "nested_data", "watch_samples")
_REQUIRED = ("input_dims", "num_classes", "num_samples")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options from which `config_of` makes a sweep; those that are not given are not in the namespace."""
    parser.add_argument("--preset", choices=sorted(PRESETS), help="a published figure; the settings below change it")
    settings = parser.add_argument_group("settings", "as in core.SweepConfig; 5:400:5 stands for 5, 10, ... 400")
    given = argparse.SUPPRESS
    for name, field in _AXES.items():
        kind = float if name == "learning_rate" else whole_numbers
        settings.add_argument(_option(name), dest=field, type=kind, nargs="+", default=given, metavar="VALUE")
    for name, words in _SEEDS.items():
        settings.add_argument(_option(name), type=seeds, default=given, metavar="COUNT", help=words)
    for name, number in _NUMBERS.items():
        settings.add_argument(_option(name), type=number, default=given, metavar="VALUE")
    for name in _WORDS:
        settings.add_argument(_option(name), default=given, metavar="WORD")
    for name in _SWITCHES:
        settings.add_argument(_option(name), action=argparse.BooleanOptionalAction, default=given)


def config_of(args: argparse.Namespace) -> SweepConfig:
    """The sweep that was asked for.

    Raises:
        ValueError: a setting is missing or wrong, or there are too many runs; the sentence says which.
    """
    fields = (*_AXES.values(), *_SEEDS, *_NUMBERS, *_WORDS, *_SWITCHES)
    settings: dict[str, Any] = {name: getattr(args, name) for name in fields if hasattr(args, name)}
    for axis in ("input_dims", "num_samples"):
        if axis in settings:
            settings[axis] = flattened(settings[axis])
    if args.preset:
        config = replace(PRESETS[args.preset], **settings)
    elif missing := [name for name in _REQUIRED if name not in settings]:
        options = {field: _option(name) for name, field in _AXES.items()} | {"num_classes": "--num-classes"}
        raise ValueError(
            f"name a --preset, or all of {', '.join(options[name] for name in _REQUIRED)}; "
            f"missing: {', '.join(options[name] for name in missing)}"
        )
    else:
        config = SweepConfig(**settings)
    if len(config) > MOST_RUNS:
        raise ValueError(f"a sweep may have {MOST_RUNS:,} runs, but this one has {len(config):,}; split it")
    return config


def whole_numbers(text: str) -> range:
    """ "200", or "5:400:5" for 5, 10, ... 400.

    >>> list(whole_numbers("5:20:5"))
    [5, 10, 15, 20]
    """
    try:
        first, *rest = map(int, text.split(":"))
        last, step = (*rest, 1)[:2] if rest else (first, 1)
        values = range(first, last + 1, step)
    except ValueError:
        values = range(0)
    if not values or text.count(":") > 2 or len(values) > MOST_RUNS:
        raise argparse.ArgumentTypeError(f"write 200, or 5:400:5 for 5, 10, ... 400, but not {text!r}")
    return values


def seeds(text: str) -> tuple[int, ...]:
    """ "4" for the seeds 0 to 3, or "4:7" for 4 to 7."""
    values = whole_numbers(text if ":" in text else f"0:{int(text) - 1}" if text.isdecimal() else text)
    return tuple(values)


def flattened(parts: Iterable[Iterable[int]]) -> tuple[int, ...]:
    """What several values of an option stand for together."""
    return tuple(value for part in parts for value in part)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
