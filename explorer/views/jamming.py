"""Jamming: how sharp does the loss become when memory is full, and are the steps as long as that allows?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.memorization import capacity
from core.presets import PRESETS
from core.sharpness import edge_of_stability
from explorer import charts, controls, frames, page, words
from explorer.jobs import Progress, Row
from explorer.live import live, whole_page

FIGURES = {
    "liu-fig2-as-plotted": "published Figure 2, as plotted (V = 10)",
    "liu-fig2-as-written": "published Figure 2, as written (V = 40)",
}
CHART = "jamming chart"


def main() -> None:
    st.title("Does the loss landscape jam when memory is full?")
    st.markdown(
        "The sharpness $\\lambda_1$ is the largest curvature of the loss at the trained weights: the top eigenvalue "
        "of its Hessian. A wide valley has a small one. Watch it while $N$ passes the capacity."
    )
    shown = {"published": True, "look": "jump"}
    page.starts({title: controls.values_of(PRESETS[name]) | shown for name, title in FIGURES.items()})
    values = page.settings("jamming", controls_of, above=lambda _: ("look", "at"))
    look = values["look"]
    [config] = page.checked(lambda values: (sweep_of(values),), values)
    draw = {"jump": draw_jump, "edge": draw_edge, "training": draw_training}[look]
    live([config], lambda progress: draw(config, progress, values))


def controls_of(values: Mapping[str, Any]) -> Iterator[str]:
    """The controls that the view needs."""
    yield from ("dim", "V")
    yield from () if values["look"] == "training" else ("N", "points")
    yield from ("seeds", "lr", "steps", "bias", "data", "optimizer")
    yield from ("published",) if values["look"] == "jump" else ()


def sweep_of(values: Mapping[str, Any]) -> SweepConfig:
    """All N after training, or one N along it."""
    if values["look"] == "training":
        return controls.sweep_from(values, num_samples=(values["at"],), measure_sharpness="checkpoints")
    return controls.sweep_from(values, measure_sharpness="end")


@dataclass(frozen=True)
class Picture:
    """What a view shows of a sweep at one moment."""

    chart: dict[str, Any]
    alt: str
    findings: tuple[str | None, ...]
    warning: str | None


def draw_jump(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    show(jump_picture(config, page.fingerprint(progress.rows), values["published"], progress.rows))
    st.caption(words.jamming_legend(config, with_published=values["published"] and 40 in config.input_dims))


@st.cache_resource(max_entries=128, show_spinner=False)
def jump_picture(config: SweepConfig, which_rows: int, with_published: bool, _rows: Sequence[Row]) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    memorized = frames.curve_frame(runs)
    sharpness = frames.band_frame(runs, ["num_samples"], "sharpness")
    published = frames.published_sharpness(config)
    is_complete = len(_rows) == len(config)
    jump = frames.jump(runs) if is_complete else None
    chart = charts.jamming_chart(
        memorized,
        sharpness,
        published if with_published else published.head(0),
        jump,
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
    )
    knee = capacity(memorized["num_samples"].to_list(), memorized["mean"].to_list()) if len(memorized) else None
    full_at = None if knee is None or knee.is_lower_bound else knee.num_samples
    finding = words.jamming_finding(jump, sharpness, full_at, config) if is_complete and len(sharpness) else None
    verdict = words.sharpness_verdict(sharpness, published) if is_complete and with_published else None
    return Picture(chart.to_dict(), finding or words.JAMMING_ALT, (finding, verdict), warning_of(runs, config))


def draw_edge(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    show(edge_picture(config, page.fingerprint(progress.rows), progress.rows))
    st.caption(words.stability_legend(config))


@st.cache_resource(max_entries=128, show_spinner=False)
def edge_picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> Picture:
    runs = frames.runs_frame(_rows)
    stability = frames.band_frame(runs, ["num_samples"], "stability")
    edge = edge_of(config)
    chart = charts.stability_chart(
        stability,
        edge,
        title=words.stability_title(config),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
    )
    finding = None
    if len(_rows) == len(config) and len(stability):
        finding = words.stability_finding(frames.at_the_edge_from(stability, edge), stability, edge, config)
    return Picture(chart.to_dict(), finding or words.STABILITY_ALT, (finding,), warning_of(runs, config))


def draw_training(config: SweepConfig, progress: Progress, values: Mapping[str, Any]) -> None:
    show(training_picture(config, page.fingerprint(progress.rows), progress.rows))
    st.caption(words.training_legend(len(config.seeds), values["at"]))


@st.cache_resource(max_entries=128, show_spinner=False)
def training_picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> Picture:
    runs = frames.runs_frame(_rows)
    training = frames.training_frame(runs)
    later = training[training["step"] > 0]  # a logarithmic axis has no place for the initial weights
    memorized, sharpness, stability = (
        frames.band_frame(later, ["step"], value) for value in ("num_memorized", "sharpness", "stability")
    )
    [num_samples] = config.num_samples
    edge = edge_of(config)
    chart = charts.training_chart(
        memorized,
        sharpness,
        stability,
        edge,
        num_samples=num_samples,
        num_steps=config.num_steps,
        num_seeds=len(config.seeds),
    )
    finding = words.training_finding(memorized, stability, edge, num_samples)
    return Picture(chart.to_dict(), finding or words.TRAINING_ALT, (finding,), warning_of(runs, config))


def edge_of(config: SweepConfig) -> float:
    """Where the edge of stability lies, for every run of the sweep."""
    return edge_of_stability(config.runs()[0])


def warning_of(runs: pd.DataFrame, config: SweepConfig) -> str | None:
    if runs["diverged"].any():
        return words.diverged(runs, config)
    return words.not_exact(runs) if len(runs) and not runs["is_exact"].all() else None


def show(now: Picture) -> None:
    """A chart to click, and what it shows in words."""
    picks = [str(param["name"]) for param in now.chart.get("params", []) if param["name"].startswith(charts.PICK)]
    clickable: dict[str, Any] = {"on_select": pick, "selection_mode": picks} if picks else {}
    st.vega_lite_chart(now.chart, key=CHART, width="stretch", theme=None, alt=now.alt, **clickable)
    if now.warning:
        st.warning(now.warning, icon=":material/trending_up:")
    for text in now.findings:
        if text:
            st.markdown(text)


def pick() -> None:
    """A point was clicked: look at the training of its N."""
    for picked in st.session_state[CHART].selection.values():
        if picked:
            st.session_state.update(at=int(picked[0]["num_samples"]), look="training")
            whole_page()


main()
