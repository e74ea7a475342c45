"""The misfit of many settings, of C or of the sharpness, as a map over V, steps and bias."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st

from core.config import SweepConfig
from core.tasks import Sweep
from explorer import charts, controls, frames, keep, page, words
from explorer.compare import Seen
from explorer.frames import Quantity
from explorer.jobs import Progress, Row
from explorer.keep import scripts
from explorer.live import whole_page

CONTROLS = ("V", "steps", "bias", "lr", "data", "optimizer")
CHART = "misfit chart"
CLASSES = (5, 8, 10, 12, 20, 40)
STEPS = (500, 1000, 2000, 5000)
# A part of the published N, and the fewest seeds that tell how much single runs scatter, so that a map takes less than
# a minute on two cores. One seed at twice as many N would cost the same, and tell nothing of the scatter. The sharpness
# jumps within a few N, and is looked at more closely.
NUM_SAMPLES: dict[Quantity, tuple[int, ...]] = {
    "num_memorized": tuple(range(50, 401, 50)),
    "sharpness": tuple(range(20, 401, 20)),
}
INPUT_DIMS: dict[Quantity, tuple[int, ...]] = {"num_memorized": (10, 20, 30, 40), "sharpness": (40,)}
NUM_SEEDS = 2
VIEW_OF: dict[Quantity, str] = {"num_memorized": "figure 1", "sharpness": "figure 2"}


def sweeps_of(values: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """Each setting, at some points of the figure."""
    quantity = quantity_of(values)
    return tuple(
        controls.sweep_from(
            {**values, "V": v, "bias": bias, "seeds": NUM_SEEDS},
            input_dims=INPUT_DIMS[quantity],
            num_samples=NUM_SAMPLES[quantity],
            num_steps=num_steps,
            measure_sharpness="end" if quantity == "sharpness" else "never",
        )
        for bias in (True, False)
        for num_steps in STEPS
        for v in CLASSES
    )


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    config = cast("SweepConfig", sweeps_of(values)[0])
    return scripts.misfit_script(config, quantity_of(values), classes=CLASSES, steps=STEPS)


def quantity_of(values: Mapping[str, Any]) -> Quantity:
    """What the map is of."""
    return "sharpness" if values["figure"] == "sharpness" else "num_memorized"


@dataclass(frozen=True)
class Picture:
    """What the view shows at one moment."""

    chart: dict[str, Any]
    finding: str | None
    warning: str | None
    numbers: Mapping[str, float]


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    sweeps: tuple[SweepConfig, ...],
    which_rows: int,
    quantity: Quantity,
    asked: tuple[tuple[str, Any], ...],
    _rows: Sequence[Row],
) -> Picture:
    """Made once for all sessions that look at the same sweeps at the same moment: `which_rows` stands for `_rows`."""
    published = frames.published_points(quantity)
    runs = frames.runs_frame(_rows)
    cells = frames.misfit_frame(runs, quantity, published, frames.num_points_of(published, NUM_SAMPLES[quantity]))
    is_complete = len(runs) == sum(len(sweep) for sweep in sweeps)  # not all cells need be there: some settings diverge
    best = cells.iloc[int(cells["misfit"].argmin())] if is_complete and len(cells) else None
    smallest = dict(best[frames.CELL]) if best is not None else None
    chart = charts.misfit_map(
        cells,
        classes=CLASSES,
        steps=STEPS,
        title=words.MISFIT_TITLES[quantity],
        is_sharpness=quantity == "sharpness",
        asked=dict(asked),
        smallest=smallest,
    )
    num_missing = len(sweeps) - len(cells)
    finding = words.misfit_finding(cells, quantity, dict(asked), num_missing) if is_complete else None
    numbers = {words.setting(best): float(best["misfit"])} if best is not None else {}
    return Picture(charts.spec(chart), finding, page.warning_of(runs), numbers)


def picture_of(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> Picture:
    """What is there now."""
    asked = (("bias", values["bias"]), ("num_classes", values["V"]), ("num_steps", values["steps"]))
    configs = cast("tuple[SweepConfig, ...]", tuple(sweeps))
    return picture(configs, page.fingerprint(progress.rows), quantity_of(values), asked, progress.rows)


def draw(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
    """The map, and what it shows in words."""
    now, quantity = picture_of(sweeps, progress, values), quantity_of(values)
    st.markdown(now.finding or words.MAP_WAITS)

    def pick(cell: Mapping[str, Any]) -> None:
        """A cell was clicked: show it beside the figure."""
        setting = {"V": int(cell["num_classes"]), "steps": int(cell["num_steps"]), "bias": bool(cell["bias"])}
        st.session_state.update(setting, figure=VIEW_OF[quantity])
        whole_page()

    page.chart(now.chart, key=f"{CHART} {quantity}", alt=now.finding or words.MISFIT_ALT, on_pick=pick)
    keep.here()
    page.warn(now.warning)
    page.legend(words.misfit_legend(quantity, NUM_SAMPLES[quantity], NUM_SEEDS))


def see(sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The map, for a comparison."""
    now = picture_of(sweeps, progress, values)
    return {
        f"{CHART} {quantity_of(values)}": Seen(
            now.chart, now.finding or words.MISFIT_ALT, "Smallest misfit", now.numbers
        )
    }
