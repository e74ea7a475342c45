"""Learning rate: which one memorizes most, and which are too small, fine or unstable?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.config import SweepConfig
from core.sharpness import edge_of_stability
from explorer import charts, controls, frames, page, words
from explorer.jobs import Progress, Row
from explorer.live import live, whole_page
from explorer.parameters import CLAIM_DIMS, CLAIM_STEPS, PARAMETERS, SCHEDULE_NAMES

STARTS: dict[str, dict[str, Any]] = {
    "n = 40, past the knee": {"ask": "map", "across": "N", "dim": 40, "at": 200, "lr": 0.01, "Ns": (40, 400)},
    "n = 10, near the knee": {"ask": "map", "across": "N", "dim": 10, "at": 40, "lr": 0.01, "Ns": (20, 100)},
    "all n at N = 200": {"ask": "map", "across": "n", "dim": 40, "at": 200, "lr": 0.01, "ns": (5, 60)},
    "the post's claim": {"ask": "steps", "lr": 0.01, "load": 4.25},
}
COLUMNS = {"N": "num_samples", "n": "input_dim"}
CHART = "map chart"

Sweeps = tuple[SweepConfig, ...]


def main() -> None:
    st.title("Which learning rate memorizes most?")
    st.markdown(
        "Each step moves the weights by about $\\eta$. Steps too small have not arrived when training ends; steps too "
        "large jump about the optimum and never settle. How wide is the range between?"
    )
    page.starts(STARTS)
    values = page.settings("learning rate", controls_of, above=lambda _: ("ask",))
    sweeps, draw = {
        "map": (map_sweeps, draw_map),
        "schedules": (schedule_sweeps, draw_schedules),
        "steps": (claim_sweeps, draw_claim),
    }[values["ask"]]
    checked = page.checked(sweeps, values)
    live(checked, lambda progress: draw(checked, progress, values))


def controls_of(values: Mapping[str, Any]) -> Iterator[str]:
    """The controls that the question needs."""
    ask = values["ask"]
    yield from ("load",) if ask == "steps" else ("dim", "at")
    yield "lr"
    if ask == "map":
        yield "across"
        yield {"N": "Ns", "n": "ns"}[values["across"]]
        yield "columns"
    yield from ("rates", "dense", "V", "seeds")
    yield from () if ask == "steps" else ("steps",)
    yield from ("schedule", "color") if ask == "map" else ()
    yield from ("bias", "data", "optimizer")


def rates_of(values: Mapping[str, Any]) -> tuple[float, ...]:
    return controls.rates_between(values["rates"], values["dense"], values["lr"])


# --- the map ----------------------------------------------------------------------------------------------------------


def map_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """Each learning rate at each N, or at each n."""
    if values["across"] == "N":
        axes = {"num_samples": sorted({*controls.evenly(values["Ns"], values["columns"]), values["at"]})}
    else:
        offered = PARAMETERS["dim"].options
        wanted = controls.evenly(values["ns"], values["columns"])
        axes = {"input_dims": sorted({min(offered, key=lambda n: abs(n - dim)) for dim in wanted} | {values["dim"]})}
    config = controls.sweep_from(
        values,
        learning_rates=rates_of(values),
        schedule=values["schedule"],
        measure_sharpness="end",
        **axes,
    )
    return (config,)


@dataclass(frozen=True)
class Map:
    """What the map shows of a sweep at one moment."""

    chart: dict[str, Any]
    answer: str | None
    columns: pd.DataFrame
    warning: str | None


def draw_map(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    [config] = sweeps
    here = values["at"] if values["across"] == "N" else values["dim"]
    which = page.fingerprint(progress.rows)
    now = map_picture(config, which, COLUMNS[values["across"]], values["color"], (here, values["lr"]), progress.rows)
    st.markdown(now.answer or "*The answer comes when all learning rates of the framed column are trained.*")
    st.vega_lite_chart(
        now.chart,
        key=CHART,
        width="stretch",
        theme=None,
        alt=now.answer or words.MAP_ALT,
        on_select=pick,
        selection_mode=charts.PICK,
    )
    st.caption(words.map_legend(len(config.seeds)))
    if now.warning:
        st.warning(now.warning, icon=":material/trending_up:")
    if len(now.columns):
        column_table(now.columns)


@st.cache_resource(max_entries=128, show_spinner=False)
def map_picture(
    config: SweepConfig, which_rows: int, column: str, color: str, asked: tuple[int, float], _rows: Sequence[Row]
) -> Map:
    """Made once for all sessions that look at the same sweep at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    cells = frames.cell_frame(runs, column)
    found = frames.verdicts(runs, column, num_runs=len(config.learning_rates) * len(config.seeds))
    told = found if len(config.seeds) > 1 else {}
    columns = frames.column_frame(told, cells, column)
    values = list(config.num_samples if column == "num_samples" else config.input_dims)
    edge = edge_of_stability(config.runs()[0])
    shade = {
        "fraction": charts.Shade("fraction", "Memorized, C / N", (0.0, 1.0), ".0%"),
        "loss": charts.Shade("loss", "Mean loss (nats)", None, ".2~g"),
        "stability": charts.Shade("stability", "Stability, η λ", (0.0, 1.5 * edge), ".0f"),
    }[color]
    chart = charts.heat_map(
        cells,
        columns,
        frames.region_frame(told, column),
        shade,
        column=column,
        values=values,
        rates=list(config.learning_rates),
        asked=asked,
    )
    here, rate = asked
    n, num_samples = (config.input_dims[0], here) if column == "num_samples" else (here, config.num_samples[0])
    answer = None
    if here in found:
        answer = words.answer(
            found[here],
            rate,
            where=f"n = {n}, N = {num_samples:,}",
            num_samples=num_samples,
            num_steps=config.num_steps,
        )
    return Map(chart.to_dict(), answer, columns, words.diverged(runs, config) if runs["diverged"].any() else None)


def pick() -> None:
    """A cell was clicked: ask about it."""
    picked = st.session_state[CHART].selection[charts.PICK]
    if picked:
        [cell] = picked[:1]
        st.session_state["lr"] = cell["learning_rate"]
        if "num_samples" in cell:
            st.session_state["at"] = int(cell["num_samples"])
        else:
            st.session_state["dim"] = int(cell["input_dim"])
        whole_page()


def column_table(columns: pd.DataFrame) -> None:
    """The verdict on each column of the map."""
    number = st.column_config.NumberColumn
    st.dataframe(
        columns,
        hide_index=True,
        width="content",
        column_config={
            "num_samples": number("N", help="Samples to memorize"),
            "input_dim": number("n", help="Input dimension"),
            "best": number("Best η", format="%g", help="The learning rate that memorizes most, on average over seeds"),
            "lowest": number("Fine from η", format="%g", help="The smallest that cannot be told from the best"),
            "highest": number("to η", format="%g", help="The largest that cannot be told from the best"),
            "edge_rate": number(
                "At the edge from η",
                format="%g",
                help="The smallest with which training ends at the edge of stability; empty if none does",
            ),
        },
    )


# --- schedules --------------------------------------------------------------------------------------------------------


def schedule_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """The same task with each schedule, at equal steps."""
    return tuple(
        controls.sweep_from(values, learning_rates=rates_of(values), schedule=schedule) for schedule in SCHEDULE_NAMES
    )


def draw_schedules(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    config, num_samples = sweeps[0], values["at"]
    runs = frames.runs_frame(progress.rows)
    points = frames.rate_frame(runs, ["schedule"])
    found, means, sds = {}, {}, {}
    for schedule, part in runs.groupby("schedule"):
        told = frames.verdict(part, num_runs=len(config))
        if told is not None:
            name = SCHEDULE_NAMES[str(schedule)]
            best = part[part["learning_rate"] == told.rates[told.best]]["num_memorized"]
            found[name], means[name], sds[name] = told, float(best.mean()), float(best.std())
    is_complete = len(found) == len(sweeps)
    text = None
    if is_complete:
        text = words.schedules_answer(found, means, num_samples=num_samples, num_steps=config.num_steps)
    st.markdown(text or "*The answer comes when all of them are trained.*")
    chart = charts.rate_chart(
        points,
        SCHEDULE_NAMES,
        curve="schedule",
        asked=values["lr"],
        rates=list(config.learning_rates),
        num_seeds=len(config.seeds),
    )
    st.altair_chart(chart, key="schedules chart", width="stretch", theme=None, alt=text or words.RATES_ALT)
    st.caption(words.curves_legend(len(config.seeds)))
    if found:
        rows = [
            {"schedule": name, "best": told.rates[told.best], "mean": means[name], "sd": sds[name]}
            | {"lowest": told.rates[told.lowest], "highest": told.rates[told.highest]}
            for name, told in found.items()
        ]
        rates_table(pd.DataFrame(rows))


# --- the post's claim -------------------------------------------------------------------------------------------------


def claim_sweeps(values: Mapping[str, Any]) -> Sweeps:
    """Both dimensions of the claim, equally full, at several numbers of steps."""
    return tuple(
        controls.sweep_from(
            values,
            input_dims=(n,),
            num_samples=(round(values["load"] * n),),
            learning_rates=rates_of(values),
            num_steps=num_steps,
        )
        for num_steps in CLAIM_STEPS
        for n in CLAIM_DIMS
    )


def draw_claim(sweeps: Sweeps, progress: Progress, values: Mapping[str, Any]) -> None:
    runs = frames.runs_frame(progress.rows)
    config = sweeps[0]
    found = {}
    for n in CLAIM_DIMS:
        for num_steps in CLAIM_STEPS:
            part = runs[(runs["input_dim"] == n) & (runs["num_steps"] == num_steps)]
            told = frames.verdict(part, num_runs=len(config))
            if told is not None:
                found[n, num_steps] = told
    st.markdown("The post says that a learning rate of 0.01 is too small for $n = 10$ and too large for $n = 40$.")
    if len(config.seeds) == 1:
        st.markdown(words.ONE_SEED)
    elif len(found) == len(sweeps):
        st.markdown(f"**We find:** {words.claim_answer(found, values['lr'])}")
    else:
        st.markdown("*What we find comes when all of them are trained.*")
    points = frames.rate_frame(runs, ["input_dim", "num_steps"])
    for column, n in zip(st.columns(len(CLAIM_DIMS)), CLAIM_DIMS, strict=True):
        num_samples = round(values["load"] * n)
        chart = charts.rate_chart(
            points[points["input_dim"] == n],
            {num_steps: f"{num_steps:,} steps" for num_steps in CLAIM_STEPS},
            curve="num_steps",
            asked=values["lr"],
            rates=list(config.learning_rates),
            num_seeds=len(config.seeds),
        )
        with column:
            st.markdown(f"**n = {n}, N = {num_samples}**")
            st.altair_chart(
                chart, key=f"claim chart {n}", width="stretch", theme=None, alt=f"n = {n}: {words.RATES_ALT}"
            )
    st.caption(words.curves_legend(len(config.seeds)))
    if found and len(config.seeds) > 1:
        rows = [
            {"input_dim": n, "num_steps": num_steps, "word": told.word(told.rates.index(values["lr"]))}
            | {"behind": told.behind[told.rates.index(values["lr"])].mean, "best": told.rates[told.best]}
            | {"lowest": told.rates[told.lowest], "highest": told.rates[told.highest]}
            for (n, num_steps), told in sorted(found.items())
        ]
        rates_table(pd.DataFrame(rows), asked=values["lr"])


def rates_table(table: pd.DataFrame, asked: float = float("nan")) -> None:
    """One row a curve: its best learning rate, and those that cannot be told from it."""
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        width="content",
        column_config={
            "schedule": "Schedule",
            "input_dim": number("n", help="Input dimension"),
            "num_steps": number("Steps"),
            "word": st.column_config.TextColumn(f"η = {asked:g} is"),
            "behind": number("Behind the best by", format="%.1f", help="Samples fewer than the best rate memorizes"),
            "mean": number("C at its best η", format="%.1f"),
            "sd": number("± s.d.", format="%.1f", help="Over the seeds"),
            "best": number("Best η", format="%g", help="The learning rate that memorizes most, on average over seeds"),
            "lowest": number("Fine from η", format="%g", help="The smallest that cannot be told from the best"),
            "highest": number("to η", format="%g", help="The largest that cannot be told from the best"),
        },
    )


main()
