"""The first two steps: what the data look like, and one layer that learns them."""

from dataclasses import replace

import numpy as np

from core.config import SweepConfig
from explorer import charts, controls, frames
from explorer.views.lesson.experiment import Experiment, Seen, Spec, Values

NUM_STRIPS = 5
NUM_LAYERS = 8  # a single one gets between 5 and 15 of 100 new labels right by luck
EARLY = 10  # steps


def _sweep(values: Values) -> SweepConfig:
    """That of the page Samples."""
    return controls.sweep_from(values, num_samples=(values["at"],), seeds=(values["seed"],), watch_samples=True)


def strips(values: Values) -> Spec:
    """A few of the samples, as they are."""
    return charts.spec(charts.strips_chart(frames.strips_frame(_sweep(values).runs()[0], NUM_STRIPS)))


# --- random labels ----------------------------------------------------------------------------------------------------


def _labels_sweeps(values: Values) -> tuple[SweepConfig]:
    return (replace(_sweep(values), seeds=tuple(range(NUM_LAYERS))),)


def _labels_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    return [charts.spec(charts.seen_and_new_chart(frames.seen_and_new_frame(seen.results)))]


def _labels_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_x(each, guess["guessNew"], name_at=charts.BAR_ROW) for each in drawn]


def _labels_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    means = frames.seen_and_new_frame(seen.results).set_index("kind")["mean"]
    return float(means["learned"]), float(means["new"])


LABELS = Experiment(_labels_sweeps, _labels_charts, _labels_guessed, _labels_found, looks_inside=True)

# --- one layer --------------------------------------------------------------------------------------------------------


def _layer_sweeps(values: Values) -> tuple[SweepConfig]:
    return (_sweep(values),)


def _layer_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    learning = frames.learning_frame(seen.results)
    sizes = {"num_samples": values["at"], "num_classes": values["V"], "num_steps": values["steps"]}
    return [charts.spec(charts.learning_chart(learning, **sizes))]


def _layer_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_x(each, guess["guessSteps"], panels=2, name_at=90) for each in drawn]


def _layer_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    [result] = seen.results
    learning = frames.learning_frame(seen.results)
    steps, not_all = learning["step"].to_numpy(), np.flatnonzero(learning["memorized"] < result.config.num_samples)
    known_from = steps[min(not_all[-1] + 1, len(steps) - 1)]
    return float(known_from), float(learning.loc[learning["step"] <= EARLY, "memorized"].iloc[-1])


LAYER = Experiment(_layer_sweeps, _layer_charts, _layer_guessed, _layer_found, looks_inside=True)
