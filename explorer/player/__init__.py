"""Watch one layer learn: a player that shows each sample at each checkpoint of a training.

All motion is the browser's own: while it plays, the server does nothing and hears nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.player.encoding import message, pack

HERE = Path(__file__).parent
FILES = ("player.html", "player.css", "picture.js", "player.js")
HTML, CSS, *SCRIPTS = ((HERE / name).read_text("utf-8") for name in FILES)


class Played(NamedTuple):
    """Where a player was left: at a training step, with one sample chosen."""

    step: int
    sample: int


class Seen(NamedTuple):
    """What the last rerun knew of a player: which run, what the page asked for, what was shown, the last word heard."""

    run: str
    asked: Played
    at: Played
    turn: int


def player(
    steps: npt.ArrayLike,
    probability: npt.ArrayLike,
    memorized: npt.ArrayLike,
    across: npt.ArrayLike,
    *,
    across_title: str,
    step: int,
    sample: int,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> Played:
    """Draw a player and return where it was left.

    `step` and `sample` are where it begins. After that the last change counts, whoever made it: the viewer's, or the
    page's by calling with another `step` or `sample` than the time before. A page may therefore pass constants, or
    what it got back. With other data the player begins again.

    Args:
        steps: (T,) int: training steps of the frames, ascending from 0.
        probability: (T, N) float: each sample's true-class probability at each frame, from 0 to 1.
        memorized: (T, N) bool: whether the label has the largest logit.
        across: (N,) float, finite: what lies on the horizontal axis.
        across_title: what that is, in words.
        step: a training step; between two frames it shows the earlier.
        sample: the chosen one, from 0.
        key: the player's own, as with any widget of Streamlit's.
        on_change: called before the rerun that follows when the viewer has paused, stepped, let go of the slider,
            chosen a sample or played to the end; may read `st.session_state[key]["played"]["step"]` and `["sample"]`.

    Raises:
        ValueError: something is not as it should be; one sentence says what was expected and what came.
    """
    frames = pack(steps, probability, memorized, across, across_title)
    if step < 0:
        raise ValueError(f"expected a step from 0; got {step}")
    if not 0 <= sample < frames.num_samples:
        raise ValueError(f"expected a sample from 0 to {frames.num_samples - 1}; got {sample}")
    frame = int(np.searchsorted(frames.steps, step, side="right")) - 1
    seen = latest(key, frames.head["run"], Played(int(frames.steps[frame]), int(sample)))
    st.session_state[f"{key} seen"] = seen
    # At each call: an app that starts anew in the same process (as tests do) knows no components yet, and to register
    # the same one twice is free.
    mount = st.components.v2.component("memorization_player", html=HTML, css=CSS, js="\n".join(SCRIPTS))
    mount(
        key=key,
        data=message(frames, **seen.at._asdict(), heard=seen.turn),
        on_played_change=on_change or (lambda: None),
    )
    return seen.at


def latest(key: str, run: str, asked: Played) -> Seen:
    """Where the player stands by the last word of either side."""
    # One value for step and sample, with the count of all that was told: Streamlit would else lose a word that says
    # the same as the one before, and mix a new step with the sample of before the page chose another.
    told = st.session_state.get(key, {}).get("played") or {"run": "", "turn": 0}
    before: Seen | None = st.session_state.get(f"{key} seen")
    if before is None or before.run != run:
        return Seen(run, asked, asked, told["turn"])
    at = before.at
    if told["turn"] != before.turn and told["run"] == run:
        at = Played(told["step"], told["sample"])
    if asked.step != before.asked.step:
        at = at._replace(step=asked.step)
    if asked.sample != before.asked.sample:
        at = at._replace(sample=asked.sample)
    return Seen(run, asked, at, told["turn"])
