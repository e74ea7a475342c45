"""The coin: a finite data set is biased by accident, and that is what is memorized."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.bias import Guesses, class_guesses
from core.config import RunConfig, SweepConfig
from explorer import charts, frames, page, words
from explorer.jobs import Progress
from explorer.live import whole_page
from explorer.views.samples import opened


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """A coin on the left, the class means of the opened data on the right."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        _coin(values["tosses"], values["coin"])
    with right:
        layer = opened.layer_of(config, progress)
        if layer is not None:
            _class_means(layer)


def _coin(tosses: int, seed: int) -> None:
    st.header("A fair coin")
    heads = int(np.random.Generator(np.random.PCG64(seed)).binomial(tosses, 0.5))
    chart = charts.spec(charts.coin_chart(heads, tosses))
    page.chart(chart, key="coin chart", alt=words.COIN_ALT)
    st.button("Toss again", icon=":material/casino:", on_click=_toss_again)
    st.markdown(words.coin_finding(heads, tosses))
    page.legend(words.COIN_LEGEND)


def _toss_again() -> None:
    st.session_state["coin"] = (st.session_state["coin"] + 1) % 1_000
    whole_page()


def _class_means(layer: opened.Layer) -> None:
    st.header("The same with class means")
    samples, run = layer.samples, layer.result.config
    guesses = _guesses(run, layer)
    bins = frames.histogram_frame(samples["alignment"], samples["memorized"])
    chart = charts.spec(charts.histogram_chart(bins, "alignment", opened=0.0))
    page.chart(chart, key="class means", alt=words.ALIGNED_ALT)
    not_alone = (samples["label_count"] > 0).to_numpy()
    if not_alone.any():
        toward, memorized = guesses.toward[not_alone], layer.result.memorized[not_alone]
        st.markdown(words.class_means_finding(toward, memorized, run.num_classes))
    st.markdown(words.guesses_finding(guesses, layer.result.num_memorized, run.num_classes))


@st.cache_resource(max_entries=16, show_spinner=False)
def _guesses(run: RunConfig, _layer: opened.Layer) -> Guesses:
    return class_guesses(_layer.inputs.astype(np.float64), _layer.samples["label"].to_numpy(), run.num_classes)
