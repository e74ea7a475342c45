"""Samples: which samples does the layer memorize, and why these?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.config import SweepConfig
from core.training import checkpoint_steps
from explorer import controls, experiment, keep, page, words
from explorer.compare import Seen
from explorer.jobs import Progress
from explorer.keep import scripts
from explorer.parameters import PARAMETERS
from explorer.views.samples import coin, opened, predictors, scatter, starts, watch

SHOWN = {
    "samples": scatter.draw,
    "cartography": scatter.draw_cartography,
    "predictors": predictors.draw,
    "watch": watch.draw,
    "starts": starts.draw,
    "coin": coin.draw,
}
SEEN = {
    "samples": scatter.see,
    "cartography": scatter.see_cartography,
    "predictors": predictors.see,
    "starts": starts.see,
}
TITLE = "Which samples does the layer memorize?"
ABOVE = ("show",)
TASK = ("at", "dim", "V", "seed", "lr", "steps", "bias", "data", "optimizer")
ASIDE = {"predictors": ("sets", *TASK), "starts": ("starts", *TASK), "coin": ("tosses", "coin", *TASK)}
BELOW = ("x", "y", "who", "sample", "step")  # drawn beside what they change
CONTROLS = (*ABOVE, "sets", "starts", "tosses", "coin", *TASK, *BELOW)
STARTS: dict[str, dict[str, Any]] = {
    "the post's Finding 3": {"at": 400},
    "what does tell": {"at": 400, "x": "least_squares_margin"},
    "near the capacity": {"at": 180, "x": "least_squares_margin", "y": "first_step"},
    "20,000 samples": {"at": 20_000, "x": "alignment", "steps": 500},
}


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "All labels are random. Is it chance, the start of training, or the data that decide which it keeps?",
        help=words.symbols("n", "N", "V", "p_i", "\\eta"),
    )
    values = page.settings(
        "samples",
        CONTROLS,
        STARTS,
        aside=lambda values: ASIDE.get(values["show"], TASK),
        above=lambda _: ABOVE,
        below=offered_below,
    )
    kept = keep.Kept(
        "samples",
        TITLE,
        values,
        script=lambda: script(values),
        below=lambda: looked_at(values),
        tables=lambda: opened.tables(*sweeps_of(values)),
    )
    experiment.run(sweeps_of, values, draw, keys=CONTROLS, see=see, kept=kept)


def draw(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> None:
    """The view."""
    SHOWN[values["show"]](sweeps[0], progress, values)


def see(sweeps: Sequence[SweepConfig], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
    """The chart of a view that can stand beside another's, for a comparison."""
    seen = SEEN.get(values["show"])
    return seen(sweeps[0], progress, values) if seen else {}


def script(values: Mapping[str, Any]) -> str:
    """What computes the same."""
    [config] = sweeps_of(values)
    match values["show"]:
        case "predictors":
            return scripts.predictors_script(config)
        case "starts":
            return scripts.starts_script(config)
    [run] = config.runs()
    match values["show"]:
        case "coin":
            return scripts.coin_script(run, values["tosses"], values["coin"])
        case "watch":
            return scripts.watch_script(run)
    return scripts.samples_script(run)


def looked_at(values: Mapping[str, Any]) -> dict[str, Any]:
    """The sample that is looked at, and the step, if it is not the last, where everybody begins."""
    state = st.session_state
    last = {"step": values["steps"]}
    return {key: state[key] for key in ("sample", "step") if key in state and state[key] != last.get(key)}


def offered_below(values: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """What the controls beside the charts offer."""
    offer: dict[str, Sequence[Any]] = {key: PARAMETERS[key].options for key in ("x", "y", "who")}
    offer["sample"] = range(values["at"])
    if values["show"] in ("samples", "cartography", "watch"):
        [opened] = sweeps_of(values)[0].runs()
        offer["step"] = checkpoint_steps(opened).tolist()
    return offer


def sweeps_of(values: Mapping[str, Any]) -> tuple[SweepConfig, ...]:
    """The opened data set; with others for the predictors, or from other initial weights."""
    at, seed = values["at"], values["seed"]
    match values["show"]:
        case "predictors":
            wanted: dict[str, Any] = {"seeds": range(seed, seed + values["sets"]), "watch_samples": True}
        case "starts":
            loads = {round(load * values["dim"]) for load in PARAMETERS["load"].options}
            sizes = sorted(size for size in loads | {at} if size in PARAMETERS["at"].options)
            wanted = {"seeds": (seed,), "init_seeds": range(values["starts"]), "num_samples": sizes}
        case _:
            wanted = {"seeds": (seed,), "watch_samples": True}
    return (controls.sweep_from(values, **{"num_samples": (at,)} | wanted),)


main()
