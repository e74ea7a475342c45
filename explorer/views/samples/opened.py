"""One sample of the opened data set: why it was or was not memorized, and when."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.config import RunConfig, SweepConfig
from core.data import dataset
from core.result import RunResult
from core.trajectory import Trajectory, logits_along, trajectory
from explorer import charts, compare, controls, frames, page, service, words
from explorer.jobs import Progress

WAITING = "*The samples come as soon as the layer is trained.*"


@dataclass(frozen=True)
class Layer:
    """A trained layer, with what the page needs of its samples."""

    result: RunResult
    inputs: NDArray[np.floating]  # (N, n)
    samples: pd.DataFrame
    along: Trajectory


def layer_of(config: SweepConfig, progress: Progress) -> Layer | None:
    """The layer of the sweep's first run; None, with a sentence, while there is none to look into."""
    if not _is_there(config, progress):
        st.markdown(WAITING)
        return None
    result = service.jobs().result(config.runs()[0])
    if result is None:
        st.warning(page.LOST)
        return None
    if result.diverged:
        page.warn(page.warning_of(frames.runs_frame(progress.rows)))
        return None
    return _layer(result.config, result)


def seen(config: SweepConfig, progress: Progress) -> Layer | None:
    """The same without a sentence."""
    result = service.jobs().result(config.runs()[0]) if _is_there(config, progress) else None
    return None if result is None or result.diverged else _layer(result.config, result)


def fates(layer: Layer) -> pd.Series | None:
    """Of each sample of a layer, whether the pinned one memorizes it too, and a sentence on it; None if not known."""
    a = compare.of_a()
    run = a.sweeps[0].runs()[0] if a else None
    result = service.jobs().result(run) if run and run.watch_samples else None
    if result is None or result.diverged:
        return None
    pinned = _layer(result.config, result)
    found = frames.fates(pinned.samples, layer.samples, pinned.inputs, layer.inputs)
    st.markdown(words.OTHER_SAMPLES if found is None else words.fates_told(found))
    return found


def _is_there(config: SweepConfig, progress: Progress) -> bool:
    return any(row["seed"] == config.runs()[0].data_seed for row in progress.rows)


@st.cache_resource(max_entries=4, show_spinner=False)  # up to 100 MB each
def _layer(run: RunConfig, _result: RunResult) -> Layer:
    """Made once for all sessions that look at the same run."""
    inputs, _ = dataset(run)
    return Layer(_result, inputs, frames.samples_frame(_result), trajectory(_result))


def tables(config: SweepConfig) -> dict[str, Callable[[], pd.DataFrame]]:
    """What makes what there is to download of the sweep's first run: its samples, if watched and the run is there."""
    run = config.runs()[0]
    result = service.jobs().result(run) if run.watch_samples else None
    return {} if result is None or result.diverged else {"samples": lambda: _layer(run, result).samples}


def chosen(num_samples: int) -> int:
    """The control for the opened sample, and its value."""
    return int(controls.widget("sample", range(num_samples)))


def choose(sample: int) -> None:
    """Open a sample, from the callback of whatever was clicked."""
    st.session_state["sample"] = sample


def draw(layer: Layer, sample: int) -> int:
    """The opened sample: in words, its logits, its training, its neighbours. Returns the step that is looked at."""
    run = layer.result.config
    own = layer.samples.iloc[sample]
    st.header(f"Sample {sample:,}", divider="gray")
    places = (frames.place(layer.samples[name], sample) for name in ("alignment", "least_squares_margin"))
    st.markdown(f"{words.why(layer.samples, sample, *places)} {words.along(own, run.num_steps)}")
    left, right = st.columns(2, gap="medium")
    with left:
        step = _step(layer.along.steps.tolist())
        frame = layer.along.steps.tolist().index(step)
        logits = frames.logits_frame(logits_along(layer.result, layer.inputs[sample])[frame], int(own["label"]))
        page.chart(charts.spec(charts.logits_chart(logits)), key="logits", alt=words.LOGITS_ALT)
    with right:
        st.markdown("**Along training**")
        along = frames.sample_along(layer.along, sample)
        chart = charts.along_chart(along, step=step, first_step=float(own["first_step"]))
        page.chart(charts.spec(chart), key="along", alt=words.ALONG_ALT)
    st.markdown("**Its neighbours in direction**")
    neighbours(frames.neighbours_frame(layer.inputs, layer.samples, sample), sample)
    return step


def _step(steps: list[int]) -> int:
    """The control for the step. Who looked at the end of a training looks at the end of the next one, however long."""
    state = st.session_state
    if state.get("step") == state.get("last step", -1):
        state["step"] = steps[-1]
    state["last step"] = steps[-1]
    return int(controls.widget("step", steps))


def neighbours(nearest: pd.DataFrame, sample: int) -> None:
    """The samples that point most the same way as this one; a click on one opens it."""
    key = f"neighbours {sample}"  # no selection is left over from another sample's

    def pick() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            choose(int(nearest["sample"].iloc[rows[0]]))

    st.dataframe(
        nearest,
        key=key,
        hide_index=True,
        width="content",
        on_select=pick,
        selection_mode="single-row",
        column_order=["sample", "same", "cosine", "memorized", "label"],
        column_config={
            "sample": st.column_config.NumberColumn("Sample", format="%d"),
            "label": st.column_config.NumberColumn("Label", format="%d"),
            "cosine": st.column_config.NumberColumn(
                "Cosine", format="%.2f", help="Of the angle between the two inputs: 1 is the same direction"
            ),
            "memorized": st.column_config.CheckboxColumn("Memorized"),
            "same": st.column_config.CheckboxColumn("Same label"),
        },
    )
