"""Controls on a page, and the sweeps that they describe.

Streamlit keeps the widgets and the URL in step (`bind="query-params"`); `url_notes` says in words what it could not use
of a link.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.config import SweepConfig
from explorer.charts import MAX_CURVES
from explorer.parameters import BOX, LESSON, MANTISSAS, PARAMETERS, PIN, SEEN, Parameter

GD_MOMENTUM = 0.9
# Who types 64 means 64: not 164, and not all that have it in them.
WHAT_IS_TYPED: dict[str, Any] = {"filter_mode": "prefix", "select_all": False}


def widget(key: str, options: Sequence[Any] | None = None, *, bound: bool = True) -> Any:
    """Draw the control `key` and return its value.

    Args:
        key: of the table of parameters.
        options: those that are possible now, where they depend on other controls: numbers. The nearest takes the place
            of a value, or of the default, that is not among them.
        bound: whether it keeps the URL in step while it is drawn.
    """
    p = PARAMETERS[key]
    if options is not None:
        if key in st.session_state:
            st.session_state[key] = nearest(options, st.session_state[key])
        p = replace(p, options=tuple(options), default=nearest(options, p.default))
    common: dict[str, Any] = {"key": p.key, "help": p.help}
    if bound:
        common["bind"] = _binding(p)
    match p.kind:
        case "set":
            return st.multiselect(
                p.label,
                p.options,
                default=list(p.default),
                max_selections=MAX_CURVES,
                format_func=p.show,
                **WHAT_IS_TYPED,
                **common,
            )
        case "choice" | "range":
            return st.select_slider(p.label, p.options, value=p.default, format_func=p.show, **common)
        case "count":
            return st.slider(p.label, p.options[0], p.options[-1], p.default, **common)
        case "number":
            low, high = p.options[0], p.options[-1]
            common["help"] += f" From {low:,} to {high:,}."  # the widget refuses other numbers without a word
            return st.number_input(p.label, low, high, p.default, **common)
        case "menu":
            return st.selectbox(p.label, p.options, index=p.options.index(p.default), format_func=p.show, **common)
        case "switch":
            return st.toggle(p.label, p.default, **common)
        case "segments":
            return st.segmented_control(
                p.label, p.options, default=p.default, format_func=p.show, required=True, **common
            )


def _binding(p: Parameter) -> str | None:
    """What keeps a control and the URL in step; nothing where the URL holds what Streamlit fails on (as of 1.67)."""
    unbound: set[str] = st.session_state.setdefault("unbound", set())
    texts = st.query_params.get_all(p.key)
    if texts and ((p.kind == "segments" and not any(texts)) or (p.kind == "number" and not _is_finite(texts[-1]))):
        unbound.add(p.key)
    return None if p.key in unbound else "query-params"


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True  # no number at all, which Streamlit tells


def nearest(options: Sequence[Any], value: Any) -> Any:
    """Of some numbers, that which is `value` or lies next to it."""
    return value if value in options else min(options, key=lambda option: abs(option - value))


def values_of(config: SweepConfig) -> dict[str, Any]:
    """The controls' values that describe `config`: the inverse of `sweep_from`."""
    return {
        "n": list(config.input_dims),
        "dim": config.input_dims[-1],
        "V": config.num_classes,
        "N": (config.num_samples[0], config.num_samples[-1]),
        "points": len(config.num_samples),
        "seeds": len(config.seeds),
        "lr": config.learning_rates[0],
        "steps": config.num_steps,
        "bias": config.bias,
        "data": "nested" if config.nested_data else "fresh",
        "optimizer": config.optimizer,
        "inputs": config.inputs,
    }


def sweep_from(values: Mapping[str, Any], **others: Any) -> SweepConfig:
    """The sweep that the controls describe.

    Args:
        values: those of a page's controls.
        others: fields of `SweepConfig` that the controls do not decide.

    Raises:
        ValueError: no dimension is chosen.
    """
    if "n" in values and not values["n"]:
        raise ValueError("Choose at least one input dimension n, and its curve appears here.")
    others.setdefault("input_dims", sorted(values["n"]) if "n" in values else (values.get("dim"),))
    if "num_samples" not in others:
        others["num_samples"] = evenly(values["N"], values["points"]) if "N" in values else (values.get("at"),)
    others.setdefault("learning_rates", (values["lr"],))
    others.setdefault("num_steps", values.get("steps"))
    others.setdefault("seeds", range(values.get("seeds", 0)))
    return SweepConfig(
        num_classes=values["V"],
        bias=values["bias"],
        optimizer=values["optimizer"],
        nested_data=values["data"] == "nested",
        momentum=GD_MOMENTUM if values["optimizer"] == "gd" else 0.0,
        inputs=values.get("inputs", "gaussian"),
        **others,
    )


def evenly(ends: tuple[int, int], count: int, *, is_logarithmic: bool = False) -> tuple[int, ...]:
    """`count` whole numbers from end to end, as evenly as they can lie; fewer where there are not so many."""
    spaced = (np.geomspace if is_logarithmic else np.linspace)(*ends, count)
    return tuple(dict.fromkeys(spaced.round().astype(int).tolist()))


def rates_between(ends: tuple[float, float], a_decade: int, asked: float) -> tuple[float, ...]:
    """The learning rates of a map from end to end, these two and `asked` among them."""
    low, high = ends
    offered = {float(f"{mantissa}e{e}") for mantissa in MANTISSAS[a_decade] for e in range(-4, 2)}
    return tuple(sorted({rate for rate in offered if low <= rate <= high} | {*ends, asked}))


def expected(asked: Mapping[str, list[str]], offer: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The values that controls will take from a link once they are drawn: those it asks for, or else their defaults.

    Args:
        asked: the query of the URL: key -> texts.
        offer: key -> options, of the controls to come.
    """
    values = {}
    for key, options in offer.items():
        parameter = PARAMETERS[key]
        texts = asked.get(key, ())
        values[key] = taken(parameter, options, texts) if texts else None
        if values[key] is None:
            values[key] = nearest(options, parameter.default)
    return values


def taken(parameter: Parameter, options: Sequence[Any], texts: Sequence[str]) -> Any:
    """What Streamlit's widget takes of the texts of a link: each kind has its rule. None: nothing."""
    if parameter.kind == "number":
        try:
            number = int(float(texts[-1]))
        except (ValueError, OverflowError):
            return None
        return number if number in options else None
    by_text = {parameter.show(option): option for option in options}
    if parameter.kind == "menu":
        return by_text.get(texts[-1])
    known = [by_text[text] for text in texts if text in by_text]
    if parameter.kind == "set":
        is_whole = len(known) == len(texts) and len(set(known)) == len(known) <= MAX_CURVES
        return known if is_whole else [] if list(texts) == [""] else None
    if parameter.kind == "range":
        return tuple(known) if len(known) == len(texts) == 2 and known[0] <= known[1] else None
    return known[0] if known and (parameter.kind == "segments" or len(texts) == 1) else None


def url_notes(asked: Mapping[str, list[str]], values: Mapping[str, Any]) -> list[str]:
    """What a link asked for and did not get, a sentence each.

    Args:
        asked: the query of the URL as it came: key -> texts.
        values: the values of the page's controls that it led to.
    """
    notes = []
    unknown = [key for key in asked if key not in PARAMETERS and key not in (BOX, LESSON, PIN, SEEN)]
    if unknown:
        notes.append(f"The link names {quoted(unknown)}, which this page does not know; it was ignored.")
    for key, value in values.items():
        parameter, texts = PARAMETERS[key], asked.get(key, ())
        used = [parameter.show(item) for item in (value if isinstance(value, list | tuple) else (value,))]
        offered = {text.lower() for text in used or [""]}  # an empty set is written as "n="
        unused = [text for text in texts if text.lower() not in offered]
        takes = {"set": len(texts), "range": 2}.get(parameter.kind, 1)
        shown = f"it shows {key} = {', '.join(used) or 'nothing'}."
        if texts and len(texts) != takes:
            count = f"{len(texts):,} value{'' if len(texts) == 1 else 's'}"
            notes.append(f"The link gives {key} {count}, {quoted(texts)}, instead of {takes}; {shown}")
        elif unused:
            notes.append(f"The link asks for {key} = {quoted(unused)}, which this page does not offer; {shown}")
    return notes


def quoted(texts: Sequence[str]) -> str:
    """Texts from a URL, short and few. As code, else Markdown would make a link of www.example.com."""
    plain = ["".join(c for c in text if c.isalnum() or c in " .,-+_").strip() for text in texts[:3]]
    quoted = ", ".join(f"`{text[:24]}{'…' if len(text) > 24 or not text else ''}`" for text in plain)
    return quoted if len(texts) <= 3 else f"{quoted} and {len(texts) - 3:,} more"
