"""Replication: was the published figure made with the setting that its text says?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explorer import configurations, experiment, keep, page, words
from explorer.views.replication import figure_1, figure_2, misfit

TITLE = "With which setting were the published figures made?"
VIEWS = experiment.Views(
    "figure", {"figure 1": figure_1, "figure 2": figure_2, "memorized": misfit, "sharpness": misfit}
)
CONTROLS = ("figure", *figure_1.CONTROLS)
# The story: each of its steps is a state of the page.
STARTS: dict[str, dict[str, Any]] = {
    "1 As written": {"V": 40},
    "2 Which V?": {"figure": "memorized", "V": 40},
    "3 No bias?": {"figure": "figure 2", "bias": False},
    "4 Sharpness": {"figure": "sharpness", "bias": False},
    "5 Figure 2": {"figure": "figure 2"},
    "6 Figure 1": {},
}


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "Solid lines are ours, hollow diamonds are published. The post's text says $V = 40$ labels; its figures say "
        "$V = 10$, a bias and 2,000 steps. How we know: follow the six steps from left to right, beginning with *1 As "
        "written*, or move $V$, steps and bias yourself.",
        help=words.symbols("n", "N", "V", "C", "\\lambda_1"),
    )
    values = page.settings("replication", CONTROLS, STARTS, aside, above=lambda _: ("figure",))
    shown = [
        told
        for told, step in zip(words.STORY.values(), STARTS.values(), strict=True)
        if page.is_shown(step, CONTROLS, values)
    ]
    st.markdown(shown[0] if shown else words.no_step(apart_from_figure(values)))
    kept = keep.Kept("replication", TITLE, values, lambda: VIEWS.script(values))
    experiment.run(VIEWS.sweeps_of, values, VIEWS.draw, keys=CONTROLS, see=VIEWS.see, kept=kept)


def apart_from_figure(values: Mapping[str, Any]) -> str:
    """The settings that are not those of the figures, in words."""
    of_figures = configurations.defaults(values.keys() - {"figure"})
    return configurations.told_all(values, configurations.different(of_figures, values))


def aside(values: Mapping[str, Any]) -> Sequence[str]:
    """The controls beside a view."""
    controls: Sequence[str] = VIEWS.shown(values).CONTROLS
    return controls


main()
