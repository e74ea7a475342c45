"""The table of the lesson: whole, readable in half a minute, and what it tells teachers is what is measured."""

import copy
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core import PRESETS, RunConfig, sweep, workers
from core.result import RunResult
from core.work import Result
from explorer import controls, frames, words
from explorer.parameters import PARAMETERS, PARTS
from explorer.views.lesson.curves import AT
from explorer.views.lesson.experiment import Seen
from explorer.views.lesson.sheet import HINTS
from explorer.views.lesson.steps import STEPS, Step
from tests.explorer.words.said import well_said

WORDS_A_MINUTE = 200
HALF_A_MINUTE = WORDS_A_MINUTE / 2 * 0.7  # with a little time to look at the rest

every_step = pytest.mark.parametrize(("part", "step"), STEPS.items(), ids=STEPS)


def first_guess(step: Step) -> dict[str, Any]:
    return {key: PARAMETERS[key].default for key in step.guesses}


def drawn(step: Step, seen: Seen, guess: dict[str, Any]) -> list[dict[str, Any]]:
    values, experiment = step.settings(), step.experiment
    return experiment.guessed(experiment.charts(values, seen, experiment.depends_on(guess)), values, seen, guess)


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_steps_are_those_of_the_controls_and_of_the_sheet() -> None:
    assert tuple(STEPS) == tuple(HINTS) == PARTS
    asked = [key for step in STEPS.values() for key in step.guesses]
    assert sorted(asked) == sorted(key for key in PARAMETERS if key.startswith("guess"))


@every_step
def test_a_step_is_short_and_well_said(part: str, step: Step) -> None:
    for text in (step.text, step.why, step.reading):
        well_said(text)
    assert step.question.endswith(("?", "."))
    assert "?" in step.question
    assert len(step.text.split()) <= HALF_A_MINUTE
    assert len(step.why.split()) <= HALF_A_MINUTE / 1.2
    assert 2 <= step.text.count(". ") + step.text.count("? ") + 1 <= 5


@every_step
def test_the_sheet_is_well_said_and_has_all_its_numbers(part: str, step: Step) -> None:
    hint = HINTS[part]
    well_said(hint.told())
    assert hint.belief.startswith("*")
    assert hint.belief.endswith(".")
    assert hint.ask.endswith((".", "?"))
    assert 2 <= hint.minutes <= 10


@every_step
def test_a_link_to_a_free_page_names_controls_that_there_are(part: str, step: Step) -> None:
    for key, value in step.free(first_guess(step)).items():
        ends = value if isinstance(value, tuple) else (value,)
        assert set(ends) <= set(PARAMETERS[key].options), key


def test_what_the_commands_of_the_sheet_compute_is_what_most_steps_show() -> None:
    warm = {run for name in ("liu-fig1-as-plotted", "liu-fig2-as-plotted") for run in PRESETS[name].runs()}
    cold = [part for part, step in STEPS.items() if not set(runs_of(step)) <= warm]
    assert cold == ["labels", "layer", "rate", "who", "limit"]


def runs_of(step: Step) -> list[Any]:
    return [run for each in step.experiment.sweeps(step.settings()) for run in each.runs()]


# --- the experiments --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seen() -> Callable[[Step], Seen]:
    """What is there of a step when all of it has been computed; runs that several steps share once."""
    known: dict[Any, Result] = {}
    executor: ThreadPoolExecutor = workers.threads()

    def of(step: Step) -> Seen:
        runs = runs_of(step)
        for result in sweep([run for run in runs if run not in known], executor=executor):
            known[result.config] = result
        results = [known[run] for run in runs]
        whole = [result for result in results if isinstance(result, RunResult)]
        return Seen([frames.summarize(result) for result in results], whole, is_complete=True)

    return of


@every_step
def test_what_the_sheet_says_is_what_the_experiment_finds(part: str, step: Step, seen: Callable[[Step], Seen]) -> None:
    """On another machine a count may differ by one or two: so much does not change the sentence."""
    guess = first_guess(step)
    found = step.experiment.found(step.settings(), seen(step), guess)
    measured = HINTS[part].measured
    assert found[: len(measured)] == pytest.approx(measured, rel=0.04, abs=0.02)
    well_said(f"{words.OWN_GUESS} {step.told(guess, found, step.settings())}")
    assert drawn(step, seen(step), guess)


def test_the_texts_say_what_is_so(seen: Callable[[Step], Seen]) -> None:
    """Numbers that the steps take for granted."""

    def found(part: str, **guess: Any) -> tuple[float, ...]:
        step = STEPS[part]
        return step.experiment.found(step.settings(), seen(step), first_guess(step) | guess)

    knee_20, knee_40 = found("inputs")
    assert abs(knee_40 - 170) < 8  # "the knee stood near N = 170"
    assert abs(knee_20 / 20 - 4) < 0.5
    assert abs(knee_40 / 40 - 4) < 0.5
    assert abs(found("curve")[2] - 150) < 8  # "keeps about 150"
    assert abs(found("limit")[0] - 70) < 5  # "about 70 of the 120"
    _, _, best, is_behind = found("rate", guessRate=0.01)
    assert is_behind  # "too small here, not too large"
    assert best > 0.01
    assert not found("rate", guessRate=0.1)[3]  # "a wide range in which the rate hardly matters"
    assert not found("rate", guessRate=1.0)[3]
    aligned = found("who", guessSign="alignment")[0]
    others = [found("who", guessSign=name)[0] for name in ("initial_loss", "label_count", "input_norm")]
    assert abs(aligned - 0.9) < 0.03
    assert max(others) < 0.6
    assert 1 < found("bits")[0] < 2  # "only one or two hold labels"
    assert 8 <= found("layer")[1] <= 12  # "about half of the samples are learned in ten steps", of 20


@pytest.mark.parametrize("part", ["labels", "layer", "rate", "who", "limit"])
def test_the_words_of_a_step_name_the_number_of_samples_that_it_runs(part: str) -> None:
    step = STEPS[part]
    assert re.search(rf"\b{step.settings()['at']}\b", step.text)


def test_the_guessed_curve_is_asked_for_at_the_n_that_it_is_held_against() -> None:
    assert {PARAMETERS[key].options[-1]: key for key in STEPS["curve"].guesses} == AT


@pytest.mark.parametrize("part", [part for part, step in STEPS.items() if "seeds;" in step.reading])
def test_a_caption_names_as_many_seeds_as_are_run(part: str) -> None:
    step = STEPS[part]
    [sweep, *_] = step.experiment.sweeps(step.settings())
    named = {"two": 2, "four": 4}[re.findall(r"mean of (\w+) seeds;", step.reading)[0]]
    assert len({run.data_seed for run in sweep.runs() if isinstance(run, RunConfig)}) == named


@every_step
def test_a_guess_leaves_the_charts_of_everybody_as_they_were(part: str, step: Step) -> None:
    guess, values = first_guess(step), step.settings()
    beneath = step.experiment.charts(values, Seen(), step.experiment.depends_on(guess))

    def looks() -> list[dict[str, Any]]:
        return [{key: part for key, part in spec.items() if key != "datasets"} for spec in beneath]

    before = copy.deepcopy(looks())
    step.experiment.guessed(beneath, values, Seen(), guess)
    assert looks() == before


@every_step
def test_before_it_is_revealed_a_step_shows_the_guess_and_nothing_else(part: str, step: Step) -> None:
    found = drawn(step, Seen(), first_guess(step))
    assert len(found) == (part != "who")
    for spec in found:
        assert "your guess" in str(spec["layer"] if "layer" in spec else spec["vconcat"])
        named = {name: len(table) for name, table in spec["datasets"].items()}
        for name in ("points", "published", "optimum", "theory"):
            assert named.get(name, 0) == 0


def test_a_layer_of_the_lesson_is_one_that_its_free_page_shows() -> None:
    """So that the link finds it trained."""
    for part in ("labels", "layer"):
        values = STEPS[part].settings()
        page = controls.sweep_from(values, num_samples=(values["at"],), seeds=(values["seed"],), watch_samples=True)
        assert set(page.runs()) <= {run for run in runs_of(STEPS[part]) if isinstance(run, RunConfig)}
