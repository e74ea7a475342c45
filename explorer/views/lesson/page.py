"""Lesson: the story of the post in nine steps, each with a guess and then the experiment."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.config import RunConfig
from core.result import RunResult
from core.tasks import Sweep
from explorer import controls, keep, page, presentation, words
from explorer.jobs import Progress
from explorer.keep.addresses import address
from explorer.live import live
from explorer.parameters import GUESSES, LESSON, NEW_PAGE, PARAMETERS, PARTS
from explorer.views.lesson import first
from explorer.views.lesson.address import come_back, guessed, hide, kept, left_at, reveal, revealed
from explorer.views.lesson.address import guess as guess_of
from explorer.views.lesson.experiment import Seen, Spec
from explorer.views.lesson.steps import STEPS, Step


def main() -> None:
    st.title("How much can a layer remember? Guess first.")
    if st.session_state[NEW_PAGE]:
        come_back()
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    part = controls.widget("part")
    page.arrived("lesson", asked, {"part": part}, {key: PARAMETERS[key].options for key in GUESSES})
    seen = revealed()
    step, place = STEPS[part], PARTS.index(part)
    with st.container(width=READABLE):
        st.header(f"{place + 1} of {len(PARTS)}: {step.title}", anchor=False)
        st.markdown(step.text)
    if step.shows_data and part not in seen:  # else the answer would be out of sight
        with st.container(width=NARROW):
            page.still(first.strips(step.settings()), key="strips", alt=words.STRIPS_ALT)
    guess = ask(part, step, is_revealed=part in seen)
    if part in seen:
        sweeps = page.checked(step.experiment.sweeps, step.settings())
        live(sweeps, lambda progress: draw(part, sweeps, progress, guess))
    else:
        show(part, picture(part, Seen(), guess))
    turn_pages(place)
    st.session_state[LESSON] = left_at(part)


READABLE, NARROW = 900, 620  # pixels


def ask(part: str, step: Step, *, is_revealed: bool) -> dict[str, Any]:
    """The question, and the control of the guess while there is no answer."""
    with st.container(border=True):
        st.markdown(f"**{step.question}**")
        if is_revealed:  # it stands in the answer and in its chart, and these shall be in sight
            guess = {key: guessed(key) for key in step.guesses}
        else:
            columns = st.columns(len(step.guesses), gap="large")
            guess = {key: guess_of(key, column) for key, column in zip(step.guesses, columns, strict=True)}
        with st.container(horizontal=True):
            if is_revealed:
                st.button("Guess again", on_click=hide, args=(part,), icon=":material/undo:")
            else:
                st.button(
                    "Reveal", type="primary", on_click=reveal, args=(part, step.guesses), icon=":material/visibility:"
                )
            link_for_the_class(part)
    return guess


def link_for_the_class(part: str) -> None:
    """The address of a step as one meets it: that of the browser tells what was guessed, and the answer."""
    opened = st.popover("Link for a class", type="tertiary", key="class link", on_change="rerun")
    if opened.open:
        with opened:
            st.markdown("This step, without your guess and its answer.")
            keep.show(address({"part": part, presentation.BIG: presentation.is_on()}, marks=()))


def draw(part: str, sweeps: Sequence[Sweep], progress: Progress, guess: Mapping[str, Any]) -> None:
    """The answer as far as it is there, and then why it is so."""
    step = STEPS[part]
    results, num_lost = inside(sweeps, progress) if step.experiment.looks_inside else ([], 0)
    is_complete = progress.state == "done" and not num_lost
    now = picture(part, Seen(progress.rows, results, is_complete), guess)
    if now.told:
        st.info(now.told, icon=":material/balance:")
    show(part, now)
    if num_lost:
        page.warn(page.LOST)
    if now.told:
        with st.container(width=READABLE):
            st.markdown(f"**Why?** {step.why}")
        page.link(step.page, step.link, step.free(guess), {LESSON: left_at(part)})


def inside(sweeps: Sequence[Sweep], progress: Progress) -> tuple[list[RunResult], int]:
    """The whole results of the runs that have ended, and how many of them are lost."""
    seeds = {row["seed"] for row in progress.rows}
    runs = [run for sweep in sweeps for run in sweep.runs() if isinstance(run, RunConfig) and run.data_seed in seeds]
    return page.whole_results(runs)


@dataclass(frozen=True)
class Picture:
    """What a step shows at one moment."""

    charts: list[Spec]
    told: str | None


def picture(part: str, seen: Seen, guess: Mapping[str, Any]) -> Picture:
    """The charts with the guess in them, and the sentence, if all is there."""
    step, values = STEPS[part], STEPS[part].settings()
    moment = (page.fingerprint(seen.rows), len(seen.results), seen.is_complete)
    drawn = step.experiment.guessed(beneath(part, step.experiment.depends_on(guess), moment, seen), values, seen, guess)
    return Picture(drawn, told(part, tuple(guess.items()), moment, seen) if seen.is_complete else None)


@st.cache_resource(max_entries=128, show_spinner=False)
def beneath(part: str, guessed: Hashable, moment: Hashable, _seen: Seen) -> list[Spec]:
    """The charts without the guess, made once for all sessions at the same moment."""
    return STEPS[part].experiment.charts(STEPS[part].settings(), _seen, guessed)


@st.cache_resource(max_entries=128, show_spinner=False)
def told(part: str, guesses: tuple[tuple[str, Any], ...], moment: Hashable, _seen: Seen) -> str:
    """The sentence that holds a guess against what was found, made once for all sessions with this guess."""
    step, guess = STEPS[part], dict(guesses)
    # A slider that was left where it starts may be nobody's guess; one of a few words that are all in sight is one.
    own = (PARAMETERS[key].kind == "segments" or guess[key] != PARAMETERS[key].default for key in step.guesses)
    verdict = step.told(guess, step.experiment.found(step.settings(), _seen, guess), step.settings())
    return f"{words.OWN_GUESS if any(own) else words.UNMOVED_GUESS} {verdict}"


def show(part: str, now: Picture) -> None:
    """The charts, and how to read them."""
    for place, chart in enumerate(now.charts):
        page.still(chart, key=f"{part} {place}", alt=now.told or words.LESSON_ALT[part])
    if now.charts:
        st.caption(f"{words.GUESS_LEGEND} {STEPS[part].reading if now.told else ''}")


def turn_pages(place: int) -> None:
    """Links to the step before and the next: a page that is opened anew begins at its top."""
    st.space("small")
    with st.container(horizontal=True, gap="large"):
        for word, to in (("Back", place - 1), ("Next", place + 1)):
            if 0 <= to < len(PARTS):
                page.link("lesson", f"{word}: {STEPS[PARTS[to]].title}", *kept(PARTS[to]))
        if place == len(PARTS) - 1:
            page.link("teacher", "For teachers: the sheet to this lesson", {})


main()
