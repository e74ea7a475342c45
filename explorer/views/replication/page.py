"""Replication: was the published figure made with the setting that its text says?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.tasks import Sweep
from explorer import experiment, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress
from explorer.views.replication import figure_1, figure_2, misfit

TITLE = "With which setting were the published figures made?"
VIEWS: Mapping[str, Any] = {"figure 1": figure_1, "figure 2": figure_2, "memorized": misfit, "sharpness": misfit}
CONTROLS = ("figure", *figure_1.CONTROLS)
# The story: each of its steps is a state of the page.
STARTS: dict[str, dict[str, Any]] = {
    "1 Text": {"V": 40},
    "2 Search": {"figure": "memorized", "V": 40},
    "3 No bias": {"figure": "figure 2", "bias": False},
    "4 Search again": {"figure": "sharpness", "bias": False},
    "5 Figure 2": {"figure": "figure 2"},
    "6 Figure 1": {},
}


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "Solid lines are ours, hollow diamonds are published. The post's text says $V = 40$ labels. Do its figures say "
        "the same? Follow the six steps from left to right, or move $V$, steps and bias yourself.",
        help=words.symbols("n", "N", "V", "C", "\\lambda_1"),
    )
    values = page.settings("replication", CONTROLS, STARTS, aside, above=lambda _: ("figure",))
    for told, step in zip(words.STORY.values(), STARTS.values(), strict=True):
        if page.is_shown(step, CONTROLS, values):
            st.markdown(told)
    kept = keep.Kept("replication", TITLE, values, lambda: VIEWS[values["figure"]].script(values))
    experiment.run(sweeps_of, values, draw, keys=CONTROLS, see=see, kept=kept)


def aside(values: Mapping[str, Any]) -> Sequence[str]:
    """The controls beside a view."""
    controls: Sequence[str] = VIEWS[values["figure"]].CONTROLS
    return controls


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Those of the view."""
    sweeps: tuple[Sweep, ...] = VIEWS[values["figure"]].sweeps_of(values)
    return sweeps


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The view."""
    VIEWS[values["figure"]].draw(sweeps, progress, values)


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """Its chart, for a comparison."""
    seen: dict[str, Seen] = VIEWS[values["figure"]].see(sweeps, progress, values)
    return seen


main()
