"""All samples: one statistic against another, and the table of them, each following the other."""

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.config import RunConfig, SweepConfig
from explorer import charts, compare, controls, frames, keep, page, presentation, words
from explorer.compare import Seen
from explorer.jobs import Progress
from explorer.parameters import BOX
from explorer.statistics import STATISTICS
from explorer.views.samples import opened

Box = dict[str, list[float]]  # a rectangle in the chart: field -> from and to
Corners = dict[str, tuple[float, float]]  # word -> where it stands

MAP_AXES = ("variability", "confidence")
CHART, TABLE = "samples chart", "samples table"
TABLE_HEIGHT = 480


def draw(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """One statistic against another."""
    layer = opened.layer_of(config, progress)
    if layer is not None:
        _linked(layer, {})


def draw_cartography(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    """Confidence against variability, after Swayamdipta et al."""
    layer = opened.layer_of(config, progress)
    if layer is not None:
        _linked(layer, words.CORNERS)


def see(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart of one statistic against another, for a comparison."""
    return _seen(opened.seen(config, progress), values["x"], values["y"], {})


def see_cartography(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The map, for a comparison."""
    return _seen(opened.seen(config, progress), *MAP_AXES, words.CORNERS)


def _seen(layer: opened.Layer | None, x: str, y: str, corners: Corners) -> dict[str, Seen]:
    if layer is None:
        return {}
    run = layer.result.config
    alt = words.memorized_of(layer.samples, run.num_classes)
    spec = _spec(run, x, y, tuple(corners.items()), layer.samples)
    return {CHART: Seen(spec, alt, "Memorized C", {"": float(layer.samples["memorized"].sum())})}


def _linked(layer: opened.Layer, corners: Corners) -> None:
    """A chart and a table that show and select the same samples, and the opened one below.

    With words in the corners of the chart it is the map of Swayamdipta et al.
    """
    samples, run = layer.samples, layer.result.config
    a = compare.of_a()
    a = a if a and CHART in a.charts else None
    # Beside the chart of A there is no room for the table.
    left, right = (st.container(), st.container()) if a else st.columns([3, 2], gap="medium")
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        who = controls.widget("who")
        sample = opened.chosen(len(samples))
    with left:
        if not corners:
            with st.container(horizontal=True):
                x, y = controls.widget("x"), controls.widget("y")
            finding, legend = (
                words.samples_finding(samples, run.num_classes, x, frames.separation(samples, x)),
                words.samples_legend(samples, x, y),
            )
        else:
            x, y = MAP_AXES
            finding = words.memorized_of(samples, run.num_classes)
            legend = f"{words.CARTOGRAPHY_LEGEND} {words.samples_legend(samples, x, y)}"
        spec = _spec(run, x, y, tuple(corners.items()), samples)
        place, spec = page.beside_a(a, CHART, spec) if a else (nullcontext(), spec)
        with place:
            box = scatter(run, spec, x, y, sample)
        st.markdown(finding)
        fates = opened.fates(layer)
        page.legend(legend)
    samples = layer.samples if fates is None else layer.samples.assign(fate=fates)
    with right:
        table(layer.result.config, samples, box, who, sample, first=(x, y))
    opened.draw(layer, sample)


# --- the chart --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawing:
    """What the chart was told when it was last drawn anew. From then on the browser moves ring and rectangle itself."""

    subject: str
    sample: int
    box: Box
    count: int


def scatter(run: RunConfig, spec: dict[str, Any], x: str, y: str, sample: int) -> Box:
    """The chart, and the rectangle that was dragged in it."""
    state = st.session_state
    drawing = _drawing(run, x, y, sample)
    key = _key(drawing)

    def follow() -> None:
        selection = state[key].selection
        _keep_box(selection.get(charts.BRUSH, {}), x, y)
        picked = selection.get(charts.PICK)
        if picked and picked[0]["sample"] != state["sample"]:
            state["clicked"] = int(picked[0]["sample"])
            opened.choose(state["clicked"])

    begin: dict[str, Any] = {charts.PICK: [{"sample": drawing.sample}]}
    if drawing.box:
        begin[charts.BRUSH] = {"x": drawing.box[x], "y": drawing.box[y]}
    params = [param | {"value": begin[param["name"]]} if param["name"] in begin else param for param in spec["params"]]
    keep.note(CHART, spec)
    st.vega_lite_chart(
        presentation.of_chart(spec | {"params": params}),
        key=key,
        width="stretch",
        theme=None,
        alt=words.SAMPLES_ALT,
        on_select=follow,
        selection_mode=[charts.PICK, charts.BRUSH],
    )
    keep.here()
    return _box(x, y)


def _key(drawing: Drawing) -> str:
    return f"{CHART} {drawing.count}"


def _drawing(run: RunConfig, x: str, y: str, sample: int) -> Drawing:
    """The last drawing, as long as the browser shows what it should: another one is another chart, with another key.

    To tell it of a click that it has already followed would make it draw everything again, be it 20,000 marks. And a
    chart that was told of a sample from elsewhere must be a new one: to the old one a click on the mark that was
    clicked last would be no news.
    """
    state, subject = st.session_state, f"{run.key()} {x} {y}"
    last: Drawing | None = state.get("drawing")
    clicked = state.get("clicked")
    if last is not None and last.subject != subject:
        _keep_box({}, x, y)
    elif last is not None and _key(last) in state and sample == (last.sample if clicked is None else clicked):
        return last
    drawing = Drawing(subject, sample, _box(x, y), last.count + 1 if last else 0)
    state.update(drawing=drawing, clicked=None)
    return drawing


def _box(x: str, y: str) -> Box:
    """The rectangle, which the address keeps as `box=from,to,from,to`; empty if there is none."""
    text = st.query_params.get(BOX, "")
    try:
        left, right, low, high = map(float, text.split(",")) if text else [math.nan] * 4
    except ValueError:
        left, right, low, high = [math.nan] * 4
    if all(map(math.isfinite, (left, right, low, high))):
        return {x: [left, right], y: [low, high]}
    if text:
        del st.query_params[BOX]
        st.warning(f"The link asks for {BOX} = four numbers, and they are not; no rectangle was drawn.")
    return {}


def _keep_box(brush: Mapping[str, Sequence[float]], x: str, y: str) -> None:
    """Write the rectangle, field -> from and to, into the address; an empty one takes it out."""
    if brush:
        ends = (brush[x][0], brush[x][-1], brush[y][0], brush[y][-1])
        st.query_params[BOX] = ",".join(f"{end:.5g}" for end in ends)
    else:
        st.query_params.pop(BOX, None)


@st.cache_resource(max_entries=8, show_spinner=False)  # up to 9 MB each
def _spec(
    run: RunConfig, x: str, y: str, corners: tuple[tuple[str, tuple[float, float]], ...], _samples: pd.DataFrame
) -> dict[str, Any]:
    return charts.spec(charts.samples_chart(_samples, x, y, corners=dict(corners)))


# --- the table --------------------------------------------------------------------------------------------------------


def table(run: RunConfig, samples: pd.DataFrame, box: Box, who: str, sample: int, first: tuple[str, str]) -> None:
    """The samples in the rectangle, with the columns of the axes first; a click on a row opens its sample."""
    fate = samples.columns.intersection(["fate"])
    inside = samples
    for field, (low, high) in box.items():
        inside = inside[inside[field].between(low, high)]
    listed = inside if who == "all" else inside[inside["memorized"] == (who == "memorized")]

    def pick() -> None:
        # Also called when nobody clicked, with the row of the sample that was open before: the browser's echo of it.
        rows = st.session_state[TABLE].selection.rows
        picked = int(listed["sample"].iloc[rows[0]]) if rows and rows[0] < len(listed) else sample
        if picked != sample:
            opened.choose(picked)

    st.markdown(words.brushed(samples, inside) if box else words.EVERY_SAMPLE)
    st.session_state[TABLE] = {"selection": {"rows": np.flatnonzero(listed["sample"] == sample).tolist()}}
    st.dataframe(
        listed,
        key=TABLE,
        height=TABLE_HEIGHT,
        hide_index=True,
        on_select=pick,
        selection_mode="single-row",
        column_config=COLUMNS,
        column_order=list(dict.fromkeys(["sample", "memorized", *fate, "label", *first, *samples.columns])),
        placeholder="–",
        alt=words.TABLE_ALT,
    )
    st.download_button(
        f"Download {words.counted(len(listed), 'sample')}",
        data=lambda: listed.to_csv(index=False),
        file_name=f"samples n={run.input_dim} V={run.num_classes} N={run.num_samples} seed={run.data_seed}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


COLUMNS = {
    "sample": st.column_config.NumberColumn("Sample", format="%d", pinned=True),
    "label": st.column_config.NumberColumn("Label", format="%d"),
    "memorized": st.column_config.CheckboxColumn(
        "Memorized", help="Whether its label has the largest logit at the end"
    ),
    "fate": st.column_config.TextColumn("A and B", help=words.FATE_HELP),
    "competitor": st.column_config.NumberColumn(
        "Competitor", format="%d", help="Of the other classes, that with the largest logit at the end"
    ),
    "last_forgotten": st.column_config.NumberColumn("Last forgotten", format="%d", help="At which step; – if never"),
    **{
        name: st.column_config.NumberColumn(told.name, format=told.shown, help=told.help)
        for name, told in STATISTICS.items()
    },
}
