"""Jamming: how sharp does the loss become when memory is full, and are the steps as long as that allows?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.config import SweepConfig
from core.memorization import capacity
from core.presets import PRESETS
from core.sharpness import edge_of_stability
from explorer import charts, controls, experiment, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.live import whole_page

FIGURES = {
    "liu-fig2-as-plotted": "published Figure 2, as plotted (V = 10)",
    "liu-fig2-as-written": "published Figure 2, as written (V = 40)",
}
ABOVE = ("look", "at")
CONTROLS = (*ABOVE, "dim", "V", "N", "points", "seeds", "lr", "steps", "bias", "data", "optimizer", "published")
TITLE = "Does the loss landscape jam when memory is full?"
CHART = "jamming chart"
SCRIPTS = {"jump": scripts.jump_script, "edge": scripts.edge_script, "training": scripts.training_script}


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "The sharpness $\\lambda_1$ is the largest curvature of the loss at the trained weights: the top eigenvalue "
        "of its Hessian. A wide valley has a small one. Watch it while $N$ passes the capacity.",
        help=words.symbols("\\lambda_1", "n", "N", "V", "C", "\\eta"),
    )
    starts = {title: controls.values_of(PRESETS[name]) for name, title in FIGURES.items()}
    values = page.settings("jamming", CONTROLS, starts, controls_of, above=lambda _: ABOVE)
    kept = keep.Kept("jamming", TITLE, values, lambda: SCRIPTS[values["look"]](sweep_of(values)))
    experiment.run(lambda values: (sweep_of(values),), values, draw, keys=CONTROLS, see=see, kept=kept)


def controls_of(values: Mapping[str, Any]) -> list[str]:
    """The controls that the view needs."""
    unused = {"jump": (), "edge": ("published",), "training": ("N", "points", "published")}[values["look"]]
    return [key for key in CONTROLS if key not in (*ABOVE, *unused)]


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
    legend: str
    warning: str | None
    numbers: Mapping[str, float] = field(default_factory=dict)


def picture_of(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> Picture:
    """What the view shows now."""
    [config] = sweeps
    which = page.fingerprint(progress.rows)
    match values["look"]:
        case "jump":
            return jump_picture(config, which, values["published"], progress.rows)
        case "edge":
            return edge_picture(config, which, progress.rows)
        case _:
            return training_picture(config, which, progress.rows)


def see(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart and where the jump is, for a comparison."""
    now = picture_of(sweeps, progress, values)
    return {CHART: Seen(now.chart, now.alt, "N of the jump", now.numbers)}


def draw(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> None:
    """The view, and from a training the way to its samples."""
    show(picture_of(sweeps, progress, values))
    if values["look"] == "training":
        page.samples_link(values, dim=values["dim"], at=values["at"])


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
    legend = words.jamming_legend(config, jump, with_published=with_published and len(published) > 0)
    alt = finding or words.JAMMING_ALT
    numbers = {} if jump is None else {"": jump.mean}
    return Picture(charts.spec(chart), alt, (finding, verdict), legend, page.warning_of(runs), numbers)


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
    alt = finding or words.STABILITY_ALT
    return Picture(charts.spec(chart), alt, (finding,), words.stability_legend(config), page.warning_of(runs))


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
    alt = finding or words.TRAINING_ALT
    return Picture(charts.spec(chart), alt, (finding,), words.training_legend(config), page.warning_of(runs))


def edge_of(config: SweepConfig) -> float:
    """Where the edge of stability lies, for every run of the sweep."""
    return edge_of_stability(config.runs()[0])


def show(now: Picture) -> None:
    """A chart to click, what it shows, and how to read it."""
    page.chart(now.chart, key=CHART, alt=now.alt, on_pick=pick)
    keep.here()
    for text in now.findings:
        if text:
            st.markdown(text)
    page.warn(now.warning)
    page.legend(now.legend)


def pick(point: Mapping[str, Any]) -> None:
    """A point was clicked: look at the training of its N."""
    st.session_state.update(at=int(point["num_samples"]), look="training")
    whole_page()


main()
