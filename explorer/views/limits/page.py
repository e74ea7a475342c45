"""Limits: how far is the optimizer from the exact limit?"""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from explorer import experiment, keep, page, words
from explorer.views.limits import closing, curve, scaling

TITLE = "How far is the optimizer from the exact limit?"
VIEWS = experiment.Views("limit", {"curve": curve, "steps": closing, "scaling": scaling})
CONTROLS = ("limit", *dict.fromkeys(key for view in VIEWS.modules.values() for key in view.CONTROLS))
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
    for key in VIEWS.shown(values).CONTROLS:
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
    kept = keep.Kept("limits", TITLE, values, lambda: VIEWS.script(values))
    experiment.run(VIEWS.sweeps_of, values, VIEWS.draw, keys=CONTROLS, see=VIEWS.see, kept=kept)


main()
