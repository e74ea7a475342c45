"""Undo, redo, reset, and the settings that a page had in this session."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from explorer import shortcuts
from explorer.configurations import Configuration, changes, defaults, different

LENGTH, LISTED = 50, 12  # entries that are kept, and shown
TOGETHER_SECONDS = 2.0  # a slider on its way stops so often: what it passes is no entry of its own


@dataclass(frozen=True)
class History:
    """The configurations of a page, oldest first.

    Attributes:
        entries: at least one; each also keeps the settings of controls that are not drawn now.
        place: which of them is shown.
        changed_at: when the last change came, in seconds of a monotonic clock.
    """

    entries: tuple[Configuration, ...]
    place: int = 0
    changed_at: float = -float("inf")

    def seen(self, values: Configuration, now: float) -> "History":
        """After the page was drawn with these values: a new entry if they differ from the present one.

        What was undone is then forgotten. A control that goes on moving stays one change.
        """
        before, after = self.present, {**self.present, **values}
        keys = different(before, after)
        kept = self.entries[: self.place]
        if not keys:
            return replace(self, entries=(*kept, after, *self.entries[self.place + 1 :]))
        is_soon = now - self.changed_at < TOGETHER_SECONDS
        goes_on = kept and is_soon and len(keys) == 1 and different(kept[-1], before) == keys
        if not goes_on:
            kept = (*kept, before)
        is_back = goes_on and not different(kept[-1], after)
        entries = kept if is_back else (*kept, after)
        return History(entries[-LENGTH:], min(len(entries), LENGTH) - 1, now)

    def moved(self, place: int) -> "History":
        """With another entry shown; with the nearest, if there is none at this place."""
        return History(self.entries, min(max(place, 0), len(self.entries) - 1))

    @property
    def present(self) -> Configuration:
        """What is shown."""
        return self.entries[self.place]

    def change(self, place: int) -> str:
        """What the entry at a place changed, in words."""
        if place:
            return changes(self.entries[place - 1], self.entries[place])
        return "As the page was opened" if len(self.entries) < LENGTH else "The earliest that is kept"


def note(name: str, values: Configuration) -> History:
    """Take the page's values into the history that this session has of it."""
    histories: dict[str, History] = st.session_state.setdefault("histories", {})
    last = histories.get(name)
    histories[name] = last.seen(values, time.monotonic()) if last else History((values,))
    return histories[name]


def now(name: str) -> Configuration:
    """The page's settings, in the callback of a button: also of controls that were moved since the page was drawn."""
    state = st.session_state
    known = state["histories"][name].present
    return note(name, {key: state[key] for key in known if key in state}).present


def bar(name: str, keys: Iterable[str], history: History) -> None:
    """One row of buttons, for the head of the sidebar.

    Args:
        name: of the page.
        keys: its controls, which are all reset.
        history: that of the page.
    """
    place, last = history.place, len(history.entries) - 1
    undone = history.change(place) if place else "nothing yet"
    redone = history.change(place + 1) if place < last else "nothing"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="history"):
        _button("undo", "Undo", f"Takes back: {undone}.", _move, (name, -1), disabled=place == 0)
        _button("redo", "Redo", f"Does again what was undone: {redone}.", _move, (name, 1), disabled=place == last)
        _button("reset", "Reset", "Sets all controls of this page to their defaults.", _set, (defaults(keys),))
        with st.popover("History", type="tertiary", help="The settings of this visit to the page, the latest first."):
            for at in range(last, max(last - LISTED, -1), -1):
                icon = ":material/check:" if at == place else None
                st.button(
                    history.change(at), key=f"history {at}", type="tertiary", icon=icon, on_click=_go, args=(name, at)
                )


def _button(
    key: str, label: str, text: str, does: Callable[..., None], args: tuple[Any, ...], *, disabled: bool = False
) -> None:
    st.button(
        label,
        key=key,
        type="tertiary",
        help=text + shortcuts.told(key),
        shortcut=shortcuts.key(key),
        on_click=does,
        args=args,
        disabled=disabled,
    )


def _set(values: Mapping[str, Any]) -> None:
    st.session_state.update(values)


def _move(name: str, by: int) -> None:
    now(name)
    _go(name, st.session_state["histories"][name].place + by)


def _go(name: str, place: int) -> None:
    histories = st.session_state["histories"]
    histories[name] = histories[name].moved(place)
    _set(histories[name].present)
