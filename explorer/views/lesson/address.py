"""What the address keeps of the lesson: every guess, and which steps were revealed, for a reload or a friend."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import configurations, controls
from explorer.parameters import GUESSES, LESSON, PARAMETERS, PARTS, SEEN

# --- guesses ----------------------------------------------------------------------------------------------------------


def guessed(key: str) -> Any:
    """A guess, whether its control is drawn or not."""
    parameter = PARAMETERS[key]
    value = controls.taken(parameter, parameter.options, st.query_params.get_all(key))
    return parameter.default if value is None else value


def guess(key: str, place: DeltaGenerator) -> Any:
    """Draw the control of a guess in its place and return its value.

    It is not bound to the address as others are: Streamlit takes out what belongs to a control that is no longer drawn,
    and a guess is to stay while another step is looked at.
    """
    state, written, told = st.session_state, f"{key} written", guessed(key)
    if key not in state or told != state.get(written):  # the browser went back to an earlier address
        state[key] = told
    with place:
        value = state[written] = controls.widget(key, bound=False)
    _write(key, value)
    return value


def _write(key: str, value: Any) -> None:
    if value == PARAMETERS[key].default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = PARAMETERS[key].show(value)


# --- revealed steps, as `seen=labels-layer` ---------------------------------------------------------------------------


def revealed() -> list[str]:
    """The steps that were revealed, in the lesson's order; says in a sentence what the address names besides."""
    if unknown := [name for name in _named() if name not in PARTS]:
        st.warning(
            f"The link names {controls.quoted(unknown)} as revealed, which is no step of the lesson; it was ignored.",
            icon=":material/link_off:",
        )
    return [part for part in PARTS if part in _named()]


def reveal(part: str, guesses: Iterable[str]) -> None:
    """From the callback of a button; a guess may have been moved in the same moment."""
    for key in guesses:
        _write(key, st.session_state[key])
    _keep([each for each in PARTS if each in {part, *_named()}])


def hide(part: str) -> None:
    """Let a step be guessed anew."""
    _keep([each for each in PARTS if each in _named() and each != part])


def _named() -> list[str]:
    return [name for name in st.query_params.get(SEEN, "").split("-") if name]


def _keep(parts: list[str]) -> None:
    if parts:
        st.query_params[SEEN] = "-".join(parts)
    else:
        st.query_params.pop(SEEN, None)


def kept(part: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What a link to another step takes along: values of controls, and what is none."""
    guesses = {key: guessed(key) for key in GUESSES}
    seen = "-".join(each for each in PARTS if each in _named())
    return {**guesses, "part": part}, {SEEN: seen} if seen else {}


def left_at(part: str) -> str:
    """Where the lesson stands, as a query: a free page leads back to it."""
    values, besides = kept(part)
    return configurations.joined(configurations.query(values), urlencode(besides))


def come_back() -> None:
    """Who comes by the names of the pages goes on where the lesson was left in this session."""
    text, keys = st.session_state.get(LESSON, ""), ("part", *GUESSES)
    if any(key in st.query_params for key in (*keys, SEEN)):
        return  # the link says where
    values, _ = configurations.read(text, keys)
    st.session_state["part"] = values["part"]
    seen = {key: value for key, value in parse_qsl(text) if key == SEEN}
    # All at once: each writing of the address is a step of the browser's way back.
    st.query_params.update(dict(parse_qsl(configurations.query(values))) | seen)
