"""Watch: training as a film, samples lighting up as they are memorized."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.config import SweepConfig
from explorer import controls, keep, words
from explorer.jobs import Progress
from explorer.player import player
from explorer.statistics import STATISTICS
from explorer.views.samples import opened

PLAYER = "player"


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """The player, and the opened sample at the step where it was left."""
    layer = opened.layer_of(config, progress)
    if layer is None:
        return
    with st.container(horizontal=True):
        x = controls.widget("x")
        sample = opened.chosen(len(layer.samples))
    film = st.container()
    keep.here()
    step = opened.draw(layer, sample)
    with film:
        _play(layer, x, sample, step)


def _play(layer: opened.Layer, x: str, sample: int, step: int) -> None:
    def follow() -> None:
        left = st.session_state[PLAYER]["played"]
        st.session_state.update(step=int(left["step"]), sample=int(left["sample"]))

    along = layer.along
    across = layer.samples[x].fillna(layer.result.config.num_steps)  # never memorized: at the right end
    player(
        along.steps,
        along.probability,
        along.memorized,
        across.to_numpy(),
        across_title=STATISTICS[x].axis,
        step=step,
        sample=sample,
        key=PLAYER,
        on_change=follow,
    )
    st.caption(words.WATCH_LEGEND + (words.NEVER_LAST if layer.samples[x].isna().any() else ""))
