"""A grid of runs on the command line: a preset, settings of one's own, or a preset with some of them changed."""

import argparse
from collections.abc import Iterable
from dataclasses import MISSING, fields, replace
from typing import Any

from core.config import DTYPES, INPUTS, LIMITS, MEASURE_SHARPNESS, OPTIMIZERS, SCHEDULES, SweepConfig
from core.presets import PRESETS

MOST_RUNS = 1_000_000  # what is more than that is a slip of the keyboard

# The fields of `SweepConfig` by their options. An axis that is named in the plural there has here the name of what it
# is an axis of, as in `RunConfig`.
_AXES = {"input_dim": "input_dims", "num_samples": "num_samples", "learning_rate": "learning_rates"}
_SEEDS = ("seeds", "init_seeds")
SEEDS_HELP = "4 for the seeds 0 to 3, 4:7 for those"
SAMPLES_HELP = "N, how many samples are to be memorized"
_NUMBERS: dict[str, type] = {"num_classes": int, "num_steps": int, "momentum": float}
_WORDS = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "dtype": DTYPES,
    "measure_sharpness": MEASURE_SHARPNESS,
    "inputs": INPUTS,
}
_SWITCHES = ("bias", "nested_data", "watch_samples")
_REQUIRED = ("input_dims", "num_classes", "num_samples")
_SEED_OPTIONS = {"data_seed": "--seeds", "init_seed": "--init-seeds"}
_DEFAULTS = {field.name: field.default for field in fields(SweepConfig)}
_HELP = {
    "input_dim": "n, the dimension of the inputs",
    "num_classes": "V, the number of labels",
    "num_samples": SAMPLES_HELP,
    "learning_rate": "step sizes",
    "seeds": f"repetitions: {SEEDS_HELP}",
    "init_seeds": f"initial weights for each data set, in the same way; else those of the data's seed ({SEEDS_HELP})",
    "num_steps": "steps of training",
    "momentum": "of gradient descent (--optimizer gd)",
    "optimizer": "Adam or gradient descent",
    "schedule": "of the learning rate; wsd: warmup, stable, decay",
    "dtype": "float64 is for reference values",
    "measure_sharpness": "when; 'checkpoints' takes two to four times as long",
    "inputs": "the law of their entries",
    "bias": "whether each class has a bias",
    "nested_data": "whether the samples are the first N of one data set, else each N has its own",
    "watch_samples": "whether to keep each sample's course too",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options from which `config_of` makes a sweep; those that are not given are not in the namespace."""
    parser.add_argument("--preset", choices=sorted(PRESETS), help="a published figure; the settings below change it")
    settings = parser.add_argument_group(
        "settings",
        "without a preset, --input-dim, --num-classes, --num-samples are required; 5:400:5 stands for 5, 10, ... 400",
    )
    given = argparse.SUPPRESS
    for name, field in _AXES.items():
        kind = float if name == "learning_rate" else whole_numbers
        words = _words(name, field)
        settings.add_argument(
            _option(name), dest=field, type=kind, nargs="+", default=given, metavar="VALUE", help=words
        )
    for name in _SEEDS:
        settings.add_argument(_option(name), type=seeds, default=given, metavar="COUNT", help=_words(name))
    for name, number in _NUMBERS.items():
        settings.add_argument(_option(name), type=number, default=given, metavar="VALUE", help=_words(name))
    for name, choices in _WORDS.items():
        metavar = "{" + ",".join(choices) + "}"
        settings.add_argument(_option(name), default=given, metavar=metavar, help=_words(name))
    for name in _SWITCHES:
        settings.add_argument(_option(name), action=argparse.BooleanOptionalAction, default=given, help=_words(name))


def _words(name: str, field: str = "") -> str:
    """What an option is, and its default."""
    default = _DEFAULTS[field or name]
    if default is MISSING or default == () or name == "momentum":
        return _HELP[name]
    if isinstance(default, bool):
        default = _option(name if default else f"no_{name}")
    elif isinstance(default, tuple):
        default = len(default) if name in _SEEDS else default[0]
    return f"{_HELP[name]} (default: {default})"


def config_of(args: argparse.Namespace) -> SweepConfig:
    """The sweep that was asked for.

    Raises:
        ValueError: a setting is missing or wrong, or there are too many runs; the sentence says which.
    """
    names = (*_AXES.values(), *_SEEDS, *_NUMBERS, *_WORDS, *_SWITCHES)
    settings: dict[str, Any] = {name: getattr(args, name) for name in names if hasattr(args, name)}
    for axis in ("input_dims", "num_samples"):
        if axis in settings:
            settings[axis] = flattened(settings[axis])
    if args.preset:
        config = replace(PRESETS[args.preset], **settings)
    elif missing := [name for name in _REQUIRED if name not in settings]:
        options = {field: _option(name) for name, field in _AXES.items()}
        every, lacking = (
            ", ".join(options.get(name, _option(name)) for name in names) for names in (_REQUIRED, missing)
        )
        raise ValueError(f"name a --preset, or all of {every}; missing: {lacking}")
    else:
        config = SweepConfig(**settings)
    check_size(config)
    return config


def check_size(config: SweepConfig) -> None:
    """See that there are not too many runs.

    Raises:
        ValueError: there are.
    """
    if len(config) > MOST_RUNS:
        raise ValueError(f"a sweep may have {MOST_RUNS:,} runs, but this one has {len(config):,}; split it")


def as_typed(sentence: str) -> str:
    """A sentence that begins with the name of a setting, with the option that was typed instead.

    >>> as_typed("input_dim must be a whole number")
    '--input-dim must be a whole number'
    """
    name, space, rest = sentence.partition(" ")
    is_setting = name in LIMITS or name in _WORDS
    return (_SEED_OPTIONS.get(name) or _option(name) if is_setting else name) + space + rest


def whole_numbers(text: str) -> range:
    """ "200", or "5:400:5" for 5, 10, ... 400.

    >>> list(whole_numbers("5:20:5"))
    [5, 10, 15, 20]
    """
    return _range(text, "200, or 5:400:5 for 5, 10, ... 400")


def seeds(text: str) -> tuple[int, ...]:
    """ "4" for the seeds 0 to 3, or "4:7" for 4 to 7.

    >>> seeds("4"), seeds("4:7")
    ((0, 1, 2, 3), (4, 5, 6, 7))
    """
    form = "4 for the seeds 0 to 3, or 4:7 for the seeds 4 to 7"
    values = _range(text, form)
    is_count = ":" not in text
    if values[0] < is_count:
        raise argparse.ArgumentTypeError(f"write {form}, but not {text!r}")
    return tuple(range(_checked_count(values[0], text)) if is_count else values)


def _range(text: str, form: str) -> range:
    """Of FIRST, FIRST:LAST or FIRST:LAST:STEP; what is none of them, is empty or goes on for too long is refused."""
    try:
        first, *rest = map(int, text.split(":"))
        last, step = (*rest, 1)[:2] if rest else (first, 1)
    except ValueError:
        rest = [0] * 3
    if len(rest) > 2:
        raise argparse.ArgumentTypeError(f"write {form}, but not {text!r}")
    if step < 1:
        raise argparse.ArgumentTypeError(f"the step of {text!r} must be 1 or more, but it is {step}")
    if first > last:
        raise argparse.ArgumentTypeError(f"{text!r} goes from {first} down to {last}; write the smaller number first")
    _checked_count((last - first) // step + 1, text)
    return range(first, last + 1, step)


def _checked_count(count: int, text: str) -> int:
    if count > MOST_RUNS:
        raise argparse.ArgumentTypeError(f"{text!r} stands for {count:,} numbers, but {MOST_RUNS:,} are the most")
    return count


def flattened(parts: Iterable[Iterable[int]]) -> tuple[int, ...]:
    """What several values of an option stand for together."""
    return tuple(value for part in parts for value in part)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
