"""One sample of the opened data set: why it was or was not memorized, and when."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.config import RunConfig, SweepConfig
from core.result import RunResult
from core.trajectory import Trajectory, trajectory
from explorer import charts, controls, frames, page, service, words
from explorer.jobs import Progress

WAITING = "*The samples come as soon as the layer is trained.*"


@dataclass(frozen=True)
class Layer:
    """A trained layer, with what the page needs of its samples."""

    result: RunResult
    samples: pd.DataFrame
    along: Trajectory


def layer_of(config: SweepConfig, progress: Progress) -> Layer | None:
    """The layer of the sweep's first run; None, with a sentence, while there is none to look into."""
    run = config.runs()[0]
    if not any(row["seed"] == run.data_seed for row in progress.rows):
        st.markdown(WAITING)
        return None
    result = service.jobs().result(run)
    if result is None:
        st.warning("This layer is in neither memory nor cache any more. Reload the page to train it again.")
        return None
    if result.diverged:
        page.warn(page.warning_of(frames.runs_frame(progress.rows)))
        return None
    return _layer(run, result)


@st.cache_resource(max_entries=8, show_spinner=False)
def _layer(run: RunConfig, _result: RunResult) -> Layer:
    """Made once for all sessions that look at the same run."""
    return Layer(_result, frames.samples_frame(_result), trajectory(_result))


def chosen(num_samples: int) -> int:
    """The control for the opened sample, and its value."""
    return int(controls.widget("sample", range(num_samples)))


def choose(sample: int) -> None:
    """Open a sample, from the callback of whatever was clicked."""
    st.session_state["sample"] = sample


def draw(layer: Layer, sample: int) -> int:
    """The opened sample: in words, its logits, its training, its neighbours. Returns the step that is looked at."""
    run = layer.result.config
    st.subheader(f"Sample {sample:,}", divider="gray")
    own = layer.samples.iloc[sample]
    st.markdown(
        words.why(
            layer.samples,
            sample,
            frames.place(layer.samples["alignment"], sample),
            frames.place(layer.samples["least_squares_margin"], sample),
        )
        + " "
        + words.along(own, run.num_steps)
    )
    left, middle, right = st.columns(3, gap="medium")
    with left:
        step = int(controls.widget("step", layer.along.steps.tolist()))
        frame = layer.along.steps.tolist().index(step)
        logits = charts.spec(charts.logits_chart(frames.logits_frame(layer.result, frame, sample)))
        page.chart(logits, key="logits", alt=words.LOGITS_ALT)
    with middle:
        st.markdown("**Along training**")
        along = charts.along_chart(
            frames.sample_along(layer.along, sample), step=step, first_step=float(own["first_step"])
        )
        page.chart(charts.spec(along), key="along", alt=words.ALONG_ALT)
    with right:
        st.markdown("**Its neighbours in direction**")
        neighbours(frames.neighbours_frame(layer.result, sample), sample)
    return step


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
        on_select=pick,
        selection_mode="single-row",
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
