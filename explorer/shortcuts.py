"""Keys that press buttons, in one table: it gives the buttons their keys, and is what the page lists of them."""

from dataclasses import dataclass

import streamlit as st

MOST_STARTS = 9  # buttons of a row that have a digit


@dataclass(frozen=True)
class Shortcut:
    """A key, and what it does."""

    key: str
    does: str


# With Alt, for Streamlit takes no plain letter while a slider has the focus, which is when one wants to undo or to pin.
# It keeps C and R for itself; F, E, V, S, B, T, H and D open menus or the address bar of common browsers.
SHORTCUTS = {
    "undo": Shortcut("Alt+Z", "Undo the last change of a setting"),
    "redo": Shortcut("Alt+Y", "Redo it"),
    "reset": Shortcut("Alt+0", "Reset: set everything to its default"),
    **{f"start {digit}": Shortcut(f"Alt+{digit}", f"Start from preset {digit}") for digit in range(1, MOST_STARTS + 1)},
    "pin": Shortcut("Alt+P", "Pin what is shown as A, to compare with; unpin it"),
    "swap": Shortcut("Alt+X", "Swap A and B"),
    "stop": Shortcut("Alt+G", "Stop the computation; let it go on"),
    "keys": Shortcut("Alt+K", "Show or hide this list"),
}
OPEN = "shortcuts shown"  # in the session's state
TITLE = "Keyboard"
# Streamlit would write each key on its button, and a row of them would be twice as long.
QUIET = "<style>[data-has-shortcut] kbd { display: none }</style>"


def quiet() -> None:
    """Leave the keys off the buttons of a page."""
    st.html(QUIET)


def key(name: str) -> str | None:
    """The key of a button, if it has one."""
    return SHORTCUTS[name].key if name in SHORTCUTS else None


def told(name: str) -> str:
    """The key, as the end of a button's help; empty if it has none."""
    return f" Key: {written(SHORTCUTS[name].key)}." if name in SHORTCUTS else ""


def written(keys: str) -> str:
    """Keys that are pressed together, as one reads them."""
    return keys.replace("+", " + ")


def listed() -> str:
    """All of them, as a table in Markdown."""
    first, last = SHORTCUTS["start 1"], SHORTCUTS[f"start {MOST_STARTS}"]
    rows = {name: (f"`{written(each.key)}`", each.does) for name, each in SHORTCUTS.items()}
    keys = f"`{written(first.key)}…{last.key.removeprefix('Alt+')}`"
    rows["start 1"] = (keys, "Start from the first, second, … preset")
    shown = [row for name, row in rows.items() if not name.startswith("start ") or name == "start 1"]
    return "\n".join(["| Keys | What they do |", "| --- | --- |", *(f"| {keys} | {does} |" for keys, does in shown)])


def button() -> None:
    """The button that shows the list, and the list while it is wanted: it outlives the reruns of a page that fills."""
    st.button(
        TITLE,
        key="shortcuts",
        type="tertiary",
        icon=":material/keyboard:",
        help=f"Lists the keys that press buttons.{told('keys')}",
        shortcut=key("keys"),
        on_click=_toggle,
    )
    if st.session_state.get(OPEN):
        _dialog()


def _toggle() -> None:
    st.session_state[OPEN] = not st.session_state.get(OPEN)


@st.dialog(TITLE, on_dismiss=_toggle)
def _dialog() -> None:
    st.markdown(listed())
    st.caption("On a Mac, Alt is ⌥. They work wherever the focus is, in a field that you type into too.")
