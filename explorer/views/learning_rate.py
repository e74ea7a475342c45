"""Learning rate: which one memorizes most, and which are too small, fine or unstable?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.sharpness import edge_of_stability
from core.tasks import Task
from explorer import charts, controls, experiment, frames, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.live import whole_page
from explorer.parameters import CLAIM_DIMS, CLAIM_STEPS, PARAMETERS, SCHEDULE_NAMES

TASK = ("lr", "rates", "dense", "V", "seeds", "bias", "data", "optimizer")
CONTROLS = {
    "map": ("dim", "at", "across", "Ns", "ns", "columns", "steps", "schedule", "color", *TASK),
    "schedules": ("dim", "at", "steps", *TASK),
    "steps": ("load", *TASK),
}
KEYS = ("ask", *dict.fromkeys(key for keys in CONTROLS.values() for key in keys))
FROM_KNEE, TO_KNEE = 0.25, 2.2  # times the knee: so far a map around it goes
STARTS: dict[str, dict[str, Any]] = {
    "n = 40, past the knee": {"at": 200},
    "all n at N = 200": {"across": "n"},
    "the post's claim": {"ask": "steps", "seeds": 8},
}
TITLE = "Which learning rate memorizes most?"
CHART = "map chart"
WAITING = "*The answer comes when everything that it needs is trained.*"

Sweeps = tuple[SweepConfig, ...]


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "The learning rate $\\eta$ is the length of the steps. Steps too small have not arrived when training ends; "
        "steps too large jump about the optimum and never settle. How wide is the range between?",
        help=words.symbols("\\eta", "n", "N", "V", "C"),
    )
    values = page.settings("learning rate", KEYS, starts, controls_of, above=lambda _: ("ask",))
    kept = keep.Kept("learning rate", TITLE, values, lambda: script(values))
    experiment.run(sweeps_of, values, draw, keys=KEYS, see=see, kept=kept, first=first)


def starts(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Those that are always there, and the neighbourhood of the knee of the layer that is looked at."""
    if "dim" not in values:
        return STARTS
    layer = {key: values[key] for key in ("dim", "V", "bias")}
    knee = min(frames.usual_knee(layer["dim"], layer["V"], bias=layer["bias"]), PARAMETERS["at"].options[-1])
    ends = tuple(controls.nearest(PARAMETERS["Ns"].options, factor * knee) for factor in (FROM_KNEE, TO_KNEE))
    near = {"ask": values["ask"], "at": knee, "Ns": ends, **layer}
    return {**STARTS, f"n = {layer['dim']}, near its knee": near}  # last, for its place is its key


def sweeps_of(values: Mapping[str, Any]) -> Sweeps:
    """Those of the question."""
    return {"map": map_sweeps, "schedules": schedule_sweeps, "steps": claim_sweeps}[values["ask"]](values)


def first(sweeps: Sweeps, values: Mapping[str, Any]) -> frozenset[Task]:
    """The framed column of the map, for the answer is about it alone."""
    if values["ask"] != "map":
        return frozenset()
    column, here = framed(values)
    return frozenset(run for run in sweeps[0].runs() if getattr(run, column) == here)


def draw(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    """The answer."""
    {"map": draw_map, "schedules": draw_schedules, "steps": draw_claim}[values["ask"]](sweeps, progress, values)


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    sweeps = sweeps_of(values)
    match values["ask"]:
        case "map":
            _, here = framed(values)
            return scripts.map_script(sweeps[0], values["across"], (here, values["lr"]))
        case "schedules":
            return scripts.schedules_script(sweeps[0], values["lr"])
        case _:
            return scripts.claim_script(sweeps, values["lr"])


def controls_of(values: Mapping[str, Any]) -> Iterator[str]:
    """The controls that the question needs."""
    for key in CONTROLS[values["ask"]]:
        if values.get("across") != {"Ns": "n", "ns": "N"}.get(key, ""):
            yield key


def rates_of(values: Mapping[str, Any]) -> tuple[float, ...]:
    return controls.rates_between(values["rates"], values["dense"], values["lr"])


@dataclass(frozen=True)
class Picture:
    """What a question's answer looks like at one moment."""

    charts: dict[str, dict[str, Any]]  # title -> Vega-Lite
    answer: str | None
    legend: str
    table: pd.DataFrame
    warning: str | None


def picture_of(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> Picture:
    """What is there of the answer now."""
    which = page.fingerprint(progress.rows)
    match values["ask"]:
        case "map":
            column, here = framed(values)
            return map_picture(sweeps[0], which, column, values["color"], (here, values["lr"]), progress.rows)
        case "schedules":
            return schedules_picture(sweeps, which, values["lr"], progress.rows)
        case _:
            return claim_picture(sweeps, which, values["lr"], progress.rows)


def see(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The charts, for a comparison."""
    now, is_map = picture_of(sweeps, progress, values), values["ask"] == "map"
    waits = words.MAP_ALT if is_map else words.RATES_ALT
    keys = {title: CHART if is_map else f"rates chart {title}" for title in now.charts}
    return {keys[title]: Seen(chart, f"{title} {now.answer or waits}".strip()) for title, chart in now.charts.items()}


# --- the map ----------------------------------------------------------------------------------------------------------


def map_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """Each learning rate at each N, or at each n."""
    if values["across"] == "N":
        axes = {"num_samples": sorted({*controls.evenly(values["Ns"], values["columns"]), values["at"]})}
    else:
        offered = PARAMETERS["dim"].options
        wanted = controls.evenly(values["ns"], values["columns"])
        axes = {"input_dims": sorted({controls.nearest(offered, dim) for dim in wanted} | {values["dim"]})}
    config = controls.sweep_from(
        values,
        learning_rates=rates_of(values),
        schedule=values["schedule"],
        measure_sharpness="end",
        **axes,
    )
    return (config,)


def framed(values: Mapping[str, Any]) -> tuple[str, int]:
    """Which column of the map is asked about: by what the columns differ, and its value."""
    return ("num_samples", values["at"]) if values["across"] == "N" else ("input_dim", values["dim"])


def draw_map(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    now = picture_of(sweeps, progress, values)
    st.markdown(now.answer or WAITING)
    [chart] = now.charts.values()
    alt = now.answer or words.MAP_ALT
    page.chart(chart, key=CHART, alt=alt, on_pick=pick)
    explain(now)


@st.cache_resource(max_entries=128, show_spinner=False)
def map_picture(
    config: SweepConfig, which_rows: int, column: str, color: str, asked: tuple[int, float], _rows: Sequence[Row]
) -> Picture:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    cells = frames.cell_frame(runs, column)
    found = frames.verdicts(runs, column, num_runs=len(config.learning_rates) * len(config.seeds))
    told = found if len(config.seeds) > 1 else {}
    table = frames.column_frame(told, cells, column)
    chart = charts.heat_map(
        cells,
        table,
        frames.region_frame(told, column),
        charts.shade(color, edge_of_stability(config.runs()[0])),
        column=column,
        values=list(config.num_samples if column == "num_samples" else config.input_dims),
        rates=list(config.learning_rates),
        asked=asked,
    )
    here, rate = asked
    n, num_samples = (config.input_dims[0], here) if column == "num_samples" else (here, config.num_samples[0])
    answer = None
    if here in found:
        answer = words.answer(found[here], rate, dim=n, num_samples=num_samples, num_steps=config.num_steps)
    return Picture({"": charts.spec(chart)}, answer, words.map_legend(config), table, page.warning_of(runs))


def pick(cell: Mapping[str, Any]) -> None:
    """A cell was clicked: ask about it."""
    st.session_state["lr"] = cell["learning_rate"]
    if "num_samples" in cell:
        st.session_state["at"] = int(cell["num_samples"])
    else:
        st.session_state["dim"] = int(cell["input_dim"])
    whole_page()


# --- schedules --------------------------------------------------------------------------------------------------------


def schedule_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """The same task with each schedule, at equal steps."""
    return tuple(
        controls.sweep_from(values, learning_rates=rates_of(values), schedule=schedule) for schedule in SCHEDULE_NAMES
    )


def draw_schedules(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    now = picture_of(sweeps, progress, values)
    st.markdown(now.answer or WAITING)
    show_charts(now)
    explain(now, asked=values["lr"])


@st.cache_resource(max_entries=128, show_spinner=False)
def schedules_picture(sweeps: Sweeps, which_rows: int, asked: float, _rows: Sequence[Row]) -> Picture:
    config = sweeps[0]
    runs = frames.runs_frame(_rows)
    found, at_asked = {}, {}
    for schedule, name in SCHEDULE_NAMES.items():
        part = runs[runs["schedule"] == schedule]
        told = frames.verdict(part, num_runs=len(config))
        if told is not None:
            of_best = part[part["learning_rate"] == told.rates[told.best]].sort_values("seed")
            found[name] = told, of_best["num_memorized"].to_list()
            at_asked[name] = float(part[part["learning_rate"] == asked]["num_memorized"].mean())
    answer = None
    if len(found) == len(sweeps):
        best = {name: (told.rates[told.best], memorized) for name, (told, memorized) in found.items()}
        answer = words.schedules_answer(
            best, at_asked, asked, num_samples=config.num_samples[0], num_steps=config.num_steps
        )
    chart = charts.rate_chart(
        frames.rate_frame(runs, ["schedule"]),
        SCHEDULE_NAMES,
        curve="schedule",
        asked=asked,
        rates=list(config.learning_rates),
        num_seeds=len(config.seeds),
    )
    table = pd.DataFrame(
        [
            {
                "schedule": name,
                "at_asked": at_asked[name],
                "mean": sum(memorized) / len(memorized),
                **frames.span_of(told),
            }
            for name, (told, memorized) in found.items()
        ]
    )
    return Picture(
        {"": charts.spec(chart)}, answer, words.curves_legend(len(config.seeds)), table, page.warning_of(runs)
    )


# --- the post's claim -------------------------------------------------------------------------------------------------


def claim_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """Both dimensions of the claim, equally full, at several numbers of steps."""
    return tuple(
        controls.sweep_from(
            values,
            input_dims=(n,),
            num_samples=(max(1, round(values["load"] * n)),),
            learning_rates=rates_of(values),
            num_steps=num_steps,
        )
        for n in CLAIM_DIMS
        for num_steps in CLAIM_STEPS
    )


def draw_claim(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    now = picture_of(sweeps, progress, values)
    st.markdown("The post says that a learning rate of 0.01 is too small for $n = 10$ and too large for $n = 40$.")
    st.markdown(now.answer or WAITING)
    show_charts(now)
    explain(now, asked=values["lr"])


@st.cache_resource(max_entries=128, show_spinner=False)
def claim_picture(sweeps: Sweeps, which_rows: int, asked: float, _rows: Sequence[Row]) -> Picture:
    runs = frames.runs_frame(_rows)
    found = {}
    for sweep in sweeps:
        [n] = sweep.input_dims
        part = runs[(runs["input_dim"] == n) & (runs["num_steps"] == sweep.num_steps)]
        told = frames.verdict(part, num_runs=len(sweep))
        if told is not None:
            found[n, sweep.num_steps] = told
    config = sweeps[0]
    points = frames.rate_frame(runs, ["input_dim", "num_steps"])
    drawn = {}
    for n in CLAIM_DIMS:
        num_samples = next(sweep.num_samples[0] for sweep in sweeps if sweep.input_dims == (n,))
        chart = charts.rate_chart(
            points[points["input_dim"] == n],
            {num_steps: f"{num_steps:,} steps" for num_steps in CLAIM_STEPS},
            curve="num_steps",
            asked=asked,
            rates=list(config.learning_rates),
            num_seeds=len(config.seeds),
        )
        drawn[f"n = {n}, N = {num_samples}"] = charts.spec(chart)
    can_tell = len(config.seeds) > 1
    answer = None
    if len(found) == len(sweeps):
        answer = f"**We find:** {words.claim_answer(found, asked)}" if can_tell else words.ONE_SEED
    rows = [{"input_dim": n, "num_steps": steps, **frames.asked_of(told, asked)} for (n, steps), told in found.items()]
    table = pd.DataFrame(rows if can_tell else [])
    return Picture(drawn, answer, words.curves_legend(len(config.seeds)), table, page.warning_of(runs))


# --- what all three show ----------------------------------------------------------------------------------------------


def show_charts(now: Picture) -> None:
    """Side by side."""
    for column, (title, chart) in zip(st.columns(len(now.charts)), now.charts.items(), strict=True):
        with column:
            st.markdown(f"**{title}**" if title else "")
            alt = f"{title} {now.answer or words.RATES_ALT}".strip()
            page.chart(chart, key=f"rates chart {title}", alt=alt)


def explain(now: Picture, asked: float = float("nan")) -> None:
    """How to read the charts, what went wrong, and the numbers."""
    keep.here()
    page.legend(now.legend)
    page.warn(now.warning)
    if now.table.empty:
        return
    number = st.column_config.NumberColumn
    st.dataframe(
        now.table,
        hide_index=True,
        width="content",
        column_config={
            "schedule": "Schedule",
            "num_samples": number("N", help="Samples to memorize"),
            "input_dim": number("n", help="Input dimension"),
            "num_steps": number("Steps"),
            "word": st.column_config.TextColumn(f"η = {asked:g} is"),
            "behind": number("Behind the best by", format="%.1f", help="Samples fewer than the best rate memorizes"),
            "at_asked": number(f"C at η = {asked:g}", format="%.1f"),
            "mean": number("C at its best η", format="%.1f"),
            "best": number(
                "Best η",
                format="%g",
                help="The learning rate that memorizes most, on average over seeds; the middle one of several that "
                "memorize the same",
            ),
            "lowest": number("Fine from η", format="%g", help="The smallest that cannot be told from the best"),
            "highest": number("to η", format="%g", help="The largest that cannot be told from the best"),
            "edge_rate": number(
                "At the edge from η",
                format="%g",
                help="The smallest with which training ends at the edge of stability; empty if none does",
            ),
        },
    )


main()
