"""Limits: how far is the optimizer from the exact limit?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import streamlit as st

from core.tasks import Sweep
from explorer import experiment, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress
from explorer.views.limits import closing, curve, scaling

TITLE = "How far is the optimizer from the exact limit?"
VIEWS = {"curve": curve, "steps": closing, "scaling": scaling}
CONTROLS = ("limit", *dict.fromkeys(key for view in VIEWS.values() for key in view.CONTROLS))
STARTS: dict[str, dict[str, Any]] = {
    "n = 40, V = 10": {},
    "a small layer": {"dim": 10, "N": (5, 120), "at": 60},
    "V = 40, as the post says": {"V": 40, "N": (5, 600), "at": 300, "dim": 20, "spots": 16},
    "close the gap at the threshold": {"limit": "steps", "at": 175},
    "does the law of inputs matter?": {"inputs": "correlated"},
    "4 n?": {"limit": "scaling"},
}


def aside(values: Mapping[str, Any]) -> Iterator[str]:
    """The controls beside a view: exact capacities ask for no training."""
    for key in VIEWS[values["limit"]].CONTROLS:
        if not (values.get("by") == "separable" and key in scaling.TRAINING):
            yield key


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "Beside the curve that training reaches: what an ideal optimizer would reach, the most that any weights could "
        "memorize, and how many samples can be memorized without an error at all.",
        help=words.symbols("n", "N", "V", "C", "\\alpha_c"),
    )
    values = page.settings("limits", CONTROLS, STARTS, aside, above=lambda _: ("limit",))
    kept = keep.Kept("limits", TITLE, values, lambda: VIEWS[values["limit"]].script(values))
    experiment.run(sweeps_of, values, draw, keys=CONTROLS, see=see, kept=kept)


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Those of the view."""
    sweeps: tuple[Sweep, ...] = VIEWS[values["limit"]].sweeps_of(values)
    return sweeps


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The view."""
    VIEWS[values["limit"]].draw(sweeps, progress, values)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """Its chart, for a comparison."""
    seen: dict[str, Seen] = VIEWS[values["limit"]].see(sweeps, progress, values)
    return seen


main()
