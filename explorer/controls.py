"""The parameters of the app, in one table: it makes the widgets, the URL and the help.

A parameter's key is its name in the URL. Streamlit keeps the two in step (`bind="query-params"`); `url_notes` says in
words what it could not use of a link.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st

from core.config import LIMITS, SweepConfig
from explorer.charts import MAX_CURVES

Kind = Literal["set", "choice", "range", "count", "switch", "segments"]


@dataclass(frozen=True)
class Parameter:
    """One control.

    Attributes:
        key: its name in the URL and in the session's state.
        label: symbol and words.
        kind: which widget: "set" of options, one "choice" or a "range" of ordered options on a slider, a "count" on a
            slider from the first to the last option, a "switch", or one of a few "segments".
        options: the values it may take.
        default: where it starts.
        help: what it does, and what to expect of it.
        show: how an option is written, on the page and in the URL.
    """

    key: str
    label: str
    kind: Kind
    options: tuple[Any, ...]
    default: Any
    help: str
    show: Callable[[Any], str] = str


PARAMETERS = {
    parameter.key: parameter
    for parameter in (
        Parameter(
            key="n",
            label="Input dimensions $n$",
            kind="set",
            options=tuple(range(1, int(LIMITS["input_dim"].high) + 1)),
            default=(10, 20, 30, 40),
            help="One curve for each. The layer has V (n + 1) weights with a bias: more inputs, more room. "
            "Expect the knee of the curve to move in proportion to n.",
        ),
        Parameter(
            key="V",
            label="Classes $V$",
            kind="choice",
            options=(*range(2, 51), 60, 80, 100, 150, 200, 300, 500, 1000),
            default=10,
            help="How many labels there are to choose from, at random. The published text says 40; its figures fit 10. "
            "More classes, more weights: expect a larger capacity.",
        ),
        Parameter(
            key="N",
            label="Samples $N$, from and to",
            kind="range",
            options=(*range(5, 400, 5), *range(400, 1000, 20), *range(1000, 3000, 100), *range(3000, 20001, 500)),
            default=(5, 400),
            help="How many random labels the layer is asked to memorize: the horizontal axis.",
        ),
        Parameter(
            key="points",
            label="Points a curve",
            kind="choice",
            options=(10, 20, 40, 80, 160),
            default=80,
            help="How many values of N between the two ends. They are computed coarse to fine.",
        ),
        Parameter(
            key="seeds",
            label="Seeds",
            kind="count",
            options=tuple(range(1, 17)),
            default=4,
            help="Repetitions with other data and other initial weights. The line is their mean, the band ± 1 standard "
            "deviation. With one seed there is no band, and the curves are as rough as the published ones.",
        ),
        Parameter(
            key="lr",
            label="Learning rate $\\eta$",
            kind="choice",
            options=(*(float(f"{m}e{e}") for e in range(-4, 1) for m in ("1", "1.5", "2", "3", "5", "7")), 10.0),
            default=0.01,
            help="Step size of the optimizer, on a logarithmic scale. Near the knee, a larger one memorizes more in "
            "the same number of steps; near 1 and above the steps themselves cost samples.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="steps",
            label="Training steps",
            kind="choice",
            options=(100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000, 20000, 30000, 50000, 100000),
            default=2000,
            help="Each step sees all N samples. Time grows in proportion. Far past the knee more steps change little; "
            "near it they still win samples.",
        ),
        Parameter(
            key="bias",
            label="Bias",
            kind="switch",
            options=(False, True),
            default=True,
            help="One more input that is always 1: V more weights. PyTorch's nn.Linear has it by default.",
        ),
        Parameter(
            key="data",
            label="Data",
            kind="segments",
            options=("fresh", "nested"),
            default="fresh",
            help="Fresh: each N has its own random data, as in the published figures: rougher curves. Nested: the N "
            "samples are the first N of one data set, so that moving along the curve only adds samples: smoother.",
            show={"fresh": "Fresh", "nested": "Nested"}.__getitem__,
        ),
        Parameter(
            key="optimizer",
            label="Optimizer",
            kind="segments",
            options=("adam", "gd"),
            default="adam",
            help="Adam with its usual settings, or plain gradient descent with momentum 0.9 (which needs a learning "
            "rate some ten times larger).",
            show={"adam": "Adam", "gd": "GD"}.__getitem__,
        ),
        Parameter(
            key="published",
            label="Show the published curves",
            kind="switch",
            options=(False, True),
            default=True,
            help="Figure 1 of Liu (2026) as hollow diamonds, for n = 10, 20, 30 and 40. It fits V = 10, not the V = 40 "
            "of its text.",
        ),
    )
}
GD_MOMENTUM = 0.9


def widget(key: str) -> Any:
    """Draw the control `key` and return its value."""
    p = PARAMETERS[key]
    common: dict[str, Any] = {"key": p.key, "help": p.help, "bind": "query-params"}
    match p.kind:
        case "set":
            return st.multiselect(
                p.label, p.options, default=list(p.default), max_selections=MAX_CURVES, format_func=p.show, **common
            )
        case "choice" | "range":
            return st.select_slider(p.label, p.options, value=p.default, format_func=p.show, **common)
        case "count":
            return st.slider(p.label, p.options[0], p.options[-1], p.default, **common)
        case "switch":
            return st.toggle(p.label, p.default, **common)
        case "segments":
            return st.segmented_control(
                p.label, p.options, default=p.default, format_func=p.show, required=True, **common
            )


def values_of(config: SweepConfig) -> dict[str, Any]:
    """The controls' values that describe `config`: the inverse of `sweep_from`."""
    return {
        "n": list(config.input_dims),
        "V": config.num_classes,
        "N": (config.num_samples[0], config.num_samples[-1]),
        "points": len(config.num_samples),
        "seeds": len(config.seeds),
        "lr": config.learning_rates[0],
        "steps": config.num_steps,
        "bias": config.bias,
        "data": "nested" if config.nested_data else "fresh",
        "optimizer": config.optimizer,
    }


def sweep_from(values: Mapping[str, Any]) -> SweepConfig:
    """The sweep that the controls describe.

    Raises:
        ValueError: no dimension is chosen.
    """
    if not values["n"]:
        raise ValueError("Choose at least one input dimension n, and its curve appears here.")
    low, high = values["N"]
    grid = np.linspace(low, high, values["points"]).round().astype(int)
    return SweepConfig(
        input_dims=tuple(sorted(values["n"])),
        num_classes=values["V"],
        num_samples=tuple(dict.fromkeys(grid.tolist())),
        learning_rates=(values["lr"],),
        seeds=tuple(range(values["seeds"])),
        num_steps=values["steps"],
        bias=values["bias"],
        optimizer=values["optimizer"],
        nested_data=values["data"] == "nested",
        momentum=GD_MOMENTUM if values["optimizer"] == "gd" else 0.0,
    )


def url_notes(asked: Mapping[str, list[str]], values: Mapping[str, Any]) -> list[str]:
    """What a link asked for and did not get, a sentence each.

    Args:
        asked: the query of the URL as it came: key -> texts.
        values: the controls' values that it led to.
    """
    notes = []
    unknown = [key for key in asked if key not in PARAMETERS]
    if unknown:
        notes.append(f"The link names {_quoted(unknown)}, which this page does not know; it was ignored.")
    for key, parameter in PARAMETERS.items():
        value = values[key]
        used = [parameter.show(item) for item in (value if isinstance(value, list | tuple) else (value,))]
        offered = {text.lower() for text in used or [""]}  # an empty set is written as "n="
        unused = [text for text in asked.get(key, ()) if text.lower() not in offered]
        if unused:
            notes.append(
                f"The link asks for {key} = {_quoted(unused)}, which this page does not offer; "
                f"it shows {key} = {', '.join(used)}."
            )
    return notes


def _quoted(texts: Sequence[str]) -> str:
    """Texts from a URL, short and few. As code, else Markdown would make a link of www.example.com."""
    plain = ["".join(c for c in text if c.isalnum() or c in " .,-+_").strip() for text in texts[:3]]
    quoted = ", ".join(f"`{text[:24]}{'…' if len(text) > 24 or not text else ''}`" for text in plain)
    return quoted if len(texts) <= 3 else f"{quoted} and {len(texts) - 3:,} more"
