"""What a page of experiments takes over from the one before it."""

import contextlib
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qs

import streamlit as st
from streamlit.errors import StreamlitAPIException

from explorer import charts, configurations, controls
from explorer.parameters import PARAMETERS, Parameter


def carry(name: str, keys: Collection[str]) -> None:
    """Let a page show what the one before it showed, as far as both can.

    Streamlit does so only for what was moved there, not for what a link had set. Both must be told: the state, of which
    controls take their values, and the address, which is not always seen to follow them.
    """
    state, told = st.session_state, st.query_params
    last, keys_there = state.get("page", (None, ()))
    state["page"] = name, tuple(keys)
    if last == name:
        return
    both = [key for key in keys if key in keys_there and key in state and key not in told]
    carried = {key: state[key] for key in both} | _dimension(keys, keys_there)
    state.update(carried)
    for key, texts in parse_qs(configurations.query(carried), keep_blank_values=True).items():
        with contextlib.suppress(StreamlitAPIException):  # it was moved there, and Streamlit writes it itself
            told[key] = texts


def _dimension(keys: Collection[str], keys_there: Collection[str]) -> dict[str, Any]:
    """Between a page of several n and one that looks at one: two controls, but who set the one has seen both."""
    one, several = PARAMETERS["dim"], PARAMETERS["n"]
    state, told = st.session_state, st.query_params
    if "dim" in keys and "n" not in keys and "dim" not in told:  # else the link says which is meant
        there = _said(several, keys_there)
        if there and state.get("dim", one.default) not in there:
            return {"dim": controls.nearest(one.options, max(there))}
    elif "n" in keys and "dim" not in keys and "n" not in told:
        there, chosen = _said(one, keys_there), state.get("n", [])
        if there is not None and there not in (chosen or several.default) and len(chosen) < charts.MAX_CURVES:
            return {"n": sorted([*chosen, there])}  # beside what was chosen, not beside what nobody asked for
    return {}


def _said(parameter: Parameter, keys_there: Collection[str]) -> Any:
    """What the page before, or else the link, says of a control that this page does not have; None: nothing.

    A link is then rid of it: a reload must not say it again, whatever is chosen here.
    """
    if parameter.key in keys_there:
        return st.session_state.get(parameter.key)
    texts = st.query_params.get_all(parameter.key)
    if texts:
        del st.query_params[parameter.key]
    return controls.taken(parameter, parameter.options, texts)
