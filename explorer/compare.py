"""Two settings of a page at once: A is pinned, and stands in the address; B is what the controls say."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import streamlit as st

from explorer import charts, configurations, history, shortcuts, words
from explorer.configurations import Configuration
from explorer.jobs import Progress
from explorer.parameters import NEW_PAGE, PIN


@dataclass(frozen=True)
class Seen:
    """A chart of some settings, and what is said of it.

    Attributes:
        spec: Vega-Lite.
        alt: what who cannot see it is told.
        title: what the main numbers of the page are.
        numbers: what each is of -> number; "" for a page that has but one.
    """

    spec: dict[str, Any]
    alt: str
    title: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


# The charts of some settings so far, by the key that the page gives them; draws nothing.
See = Callable[[tuple[Any, ...], Progress, Mapping[str, Any]], Mapping[str, Seen]]


@dataclass(frozen=True)
class Pinned:
    """A.

    Attributes:
        values: of all controls of the page.
        notes: what its link could not have, a sentence each.
    """

    values: Configuration
    notes: Sequence[str] = ()


def pinned(keys: Iterable[str]) -> Pinned | None:
    """What the address pins; None for nothing.

    Args:
        keys: the page's controls; whatever else it names is refused.
    """
    text = st.query_params.get(PIN)
    if text is None:
        return None
    a = _read(text[: configurations.LONGEST_QUERY + 1], tuple(sorted(keys)))  # the rest would only be kept
    return replace(a, values=deepcopy(a.values))


@lru_cache(maxsize=256)  # every rerun of a page asks
def _read(text: str, keys: tuple[str, ...]) -> Pinned:
    return Pinned(*configurations.read(text, keys))


def come_back(name: str) -> None:
    """A page that is visited again has what was pinned on it: the address of another page does not hold that."""
    pins: dict[str, str] = st.session_state.setdefault("pins", {})
    if st.session_state[NEW_PAGE] and PIN not in st.query_params and name in pins:
        st.query_params[PIN] = pins[name]
    elif PIN in st.query_params:
        pins[name] = st.query_params[PIN]
    else:
        pins.pop(name, None)


def buttons(name: str, a: Pinned | None, b: Configuration) -> None:
    """To pin what is shown; or, where something is pinned, what, and to take it away or to change places with it.

    Args:
        name: of the page.
        a: what is pinned.
        b: what its controls say.
    """
    if a is None:
        help_ = "Keeps what is shown now as A. Then change a setting: A stays beside it, and the link shows both."
        _button("pin", "Pin as A", ":material/keep:", help_, _pin, (name,))
    else:
        _button("pin", "Unpin A", ":material/keep_off:", "Takes A away; the settings stay.", _unpin, ())
        help_ = "What is pinned becomes what the controls say, and what they say is pinned."
        _button("swap", "Swap A and B", ":material/swap_horiz:", help_, _swap, (name, a.values))
        st.markdown(words.pinned_heading(*differences(a.values, b)), width="content")


def _button(key: str, label: str, icon: str, help_: str, does: Callable[..., None], args: tuple[Any, ...]) -> None:
    st.button(
        label,
        key=key,
        icon=icon,
        help=help_ + shortcuts.told(key),
        shortcut=shortcuts.key(key),
        on_click=does,
        args=args,
    )


def _pin(name: str) -> None:
    st.query_params[PIN] = configurations.query(history.now(name))


def _unpin() -> None:
    st.query_params.pop(PIN, None)


def _swap(name: str, a: Configuration) -> None:
    _pin(name)
    st.session_state.update(a)


# --- what stands beside what is drawn ---------------------------------------------------------------------------------


@dataclass
class Beside:
    """A while B is drawn.

    Attributes:
        sweeps: what it runs.
        charts: by their keys.
        settings: those that differ from B's, in words.
        settings_of_b: the same of B.
        behind, aside: keys of those that lie behind one of B's, and of those that stand beside it.
    """

    sweeps: Sequence[Any]
    charts: Mapping[str, Seen]
    settings: str
    settings_of_b: str
    behind: set[str] = field(default_factory=set)
    aside: set[str] = field(default_factory=set)


_beside: ContextVar[Beside | None] = ContextVar("beside", default=None)


@contextlib.contextmanager
def beside(a: Beside) -> Iterator[None]:
    """While this lasts, the charts that a page draws have those of `a` behind or beside them."""
    token = _beside.set(a)
    try:
        yield
    finally:
        _beside.reset(token)


def of_a() -> Beside | None:
    """A, if the page is drawn beside it."""
    return _beside.get()


def with_a(a: Beside, key: str, spec: dict[str, Any], alt: str) -> tuple[dict[str, Any], str] | None:
    """A chart of the page and its alternative text, with the curves of A behind it; None if it has no such curves."""
    seen = a.charts[key]
    both = charts.overlaid(spec, seen.spec, name="A")
    if both is None:
        return None
    a.behind.add(key)
    return both, alt + words.pinned_alt(a.settings, seen.alt)


def differences(a: Configuration, b: Configuration) -> tuple[str, str]:
    """The settings that differ, of A and of B, in words; empty if none does."""
    keys = configurations.different(a, b)
    return configurations.told_all(a, keys), configurations.told_all(b, keys)
