"""The lesson as a student meets it: a guess, the answer, and what the address keeps of both."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from explorer import configurations
from explorer.parameters import PARAMETERS, PARTS
from explorer.views.lesson.steps import STEPS
from tests.explorer.visiting import click, drawn, finished, run, switched, texts, warnings
from tests.explorer.visiting import opened as opened_at

NAMES = [part.capitalize() for part in PARTS]

pytestmark = pytest.mark.usefixtures("new_app")


def opened(**query: Any) -> AppTest:
    return opened_at(query, "lesson/page")


def told(at: AppTest) -> str:
    [info] = at.info
    return str(info.value)


def links(at: AppTest) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """Words -> page and query of each link."""
    found = re.findall(r'<a href="([^"]*)" target="_self"><b>(.*?)</b></a>', texts(at))
    return {text: (urlparse(href).path, parse_qs(urlparse(href).query)) for href, text in found}


def buttons(at: AppTest) -> set[str]:
    return {button.label for button in at.button}


# --- one step ---------------------------------------------------------------------------------------------------------


def test_nothing_is_computed_or_told_before_the_guess_is_revealed() -> None:
    at = opened()
    assert "1 of 9: Random labels" in [each.value for each in at.header]
    assert "Reveal" in buttons(at)
    assert "job" not in at.session_state
    assert list(at.info) == []
    assert "**Why?**" not in texts(at)
    _, empty = drawn(at)
    assert "your guess" in str(empty)


def test_the_answer_comes_with_the_guess_beside_it_and_the_guess_is_then_fixed() -> None:
    at = opened(part="Layer")
    at.select_slider("guessSteps").set_value(50)
    at = finished(click(run(at), "Reveal"))
    assert re.search(r"You guessed 50 steps; it knew all 20 from step \*\*\d+\*\* on", told(at))
    assert "**Why?**" in texts(at)
    assert "guessSteps" not in {slider.key for slider in at.select_slider}
    [chart] = drawn(at)
    assert "your guess" in str(chart)
    page, query = links(at)["Watch this training as a film"]
    assert (page, query.pop("lesson")) == ("samples", ["guessSteps=50&part=Layer&seen=layer"])
    assert query == {"dim": ["10"], "at": ["20"], "show": ["Watch"], "step": ["0"]}
    at = click(at, "Guess again")
    assert at.select_slider("guessSteps").value == 50
    assert list(at.info) == []


def test_a_guess_of_a_choice_goes_along_to_the_free_page() -> None:
    at = finished(opened(part="Labels", guessNew="12", seen="labels"))
    assert told(at).startswith("You guessed 12; ")
    page, query = links(at)[STEPS["labels"].link]
    assert (page, query.pop("lesson")) == ("samples", ["guessNew=12&seen=labels"])
    assert query == {"dim": ["10"], "at": ["20"]}


def test_the_free_page_leads_back_to_the_step_as_it_was_left() -> None:
    at = finished(opened(part="Layer", guessSteps="50", seen="labels-layer"))
    page, query = links(at)["Watch this training as a film"]
    there = opened_at(query, f"{page}/page")
    assert warnings(there) == []
    assert links(there)["← Back to the lesson"] == (
        "lesson",
        {"part": ["Layer"], "guessSteps": ["50"], "seen": ["labels-layer"]},
    )


def test_by_the_names_of_the_pages_the_lesson_goes_on_where_it_was_left() -> None:
    at = finished(opened(part="Layer", guessSteps="50", seen="layer"))
    answer = told(at)
    for elsewhere in ("jamming", "capacity"):
        at = switched(at, elsewhere)
        assert links(at)["← Back to the lesson"][1] == {"part": ["Layer"], "guessSteps": ["50"], "seen": ["layer"]}
    at = finished(switched(at, "lesson/page"))
    assert told(at) == answer
    at.button_group("part").set_value("labels")  # whose address has nothing in it
    assert "1 of 9: Random labels" in [each.value for each in run(at).header]


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", None),
        ("cake=1&V=7", None),
        ("part", None),
        ('part="><script>alert(1)</script>&x=<b>', {"part": ['"><script>alert(1)</script>']}),
        ("%ff%00&seen=" + "a" * 9_000, {"seen": ["a" * 1_988]}),  # cut, where all together is too long
    ],
)
def test_a_link_with_nonsense_for_the_way_back_leads_to_the_lesson_or_nowhere(
    text: str, known: dict[str, list[str]] | None
) -> None:
    at = opened_at({"lesson": text}, "capacity")
    assert warnings(at) == []
    assert "<script>" not in texts(at)
    assert links(at) == ({"← Back to the lesson": ("lesson", known)} if known else {})


@pytest.mark.usefixtures("asleep")
def test_the_way_back_goes_along_from_page_to_page() -> None:
    at = opened_at({"lesson": "part=Who", "look": "Along training"}, "jamming")
    page, query = next(link for words, link in links(at).items() if "See the samples" in words)
    assert query["lesson"] == ["part=Who"]
    assert links(opened_at(query, f"{page}/page"))["← Back to the lesson"] == ("lesson", {"part": ["Who"]})


def test_a_guess_that_nobody_moved_is_told_as_such() -> None:
    assert told(finished(opened(part="Labels", seen="labels"))).startswith("You left the guess as it was, 50; ")
    assert told(finished(opened(part="Curve", guessLow="99", seen="curve"))).startswith("You guessed 99, 200 and 400; ")


SCRIPTS = {page: f"{page}/page" for page in ("samples", "limits", "bits")}


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("part", PARTS)
def test_a_free_page_opens_with_the_very_networks_of_its_step(part: str) -> None:
    step = STEPS[part]
    guess = {key: PARAMETERS[key].default for key in step.guesses}
    at = opened_at(parse_qs(configurations.query(step.free(guess))), SCRIPTS.get(step.page, step.page))
    assert warnings(at) == []
    there = {run for each in at.session_state["sweeps"] for run in each.runs()}
    ours = [run for each in step.experiment.sweeps(step.settings()) for run in each.runs()]
    if part == "labels":  # the page opens one of its layers
        ours = ours[:1]
    assert set(ours) <= there


# --- the address ------------------------------------------------------------------------------------------------------


def test_a_guess_stays_in_the_address_while_another_step_is_looked_at() -> None:
    at = opened()
    at.slider("guessNew").set_value(7)
    at = run(at)
    assert at.query_params["guessNew"] == "7"
    at.button_group("part").set_value("jam")
    at = run(at)
    assert at.query_params["guessNew"] == "7"
    at.button_group("part").set_value("labels")
    at = run(at)
    assert at.slider("guessNew").value == 7


def test_a_guess_that_is_the_first_value_again_is_not_in_the_address() -> None:
    at = opened(guessNew="7")
    at.slider("guessNew").set_value(50)
    assert "guessNew" not in run(at).query_params


def test_an_address_that_the_browser_goes_back_to_is_followed() -> None:
    at = opened(guessNew="7")
    at.query_params["guessNew"] = "30"
    assert run(at).slider("guessNew").value == 30


def test_back_and_next_take_all_guesses_and_answers_along() -> None:
    at = opened(part="Jam", guessNew="7", guessShape="Jumps", guessBits="1.5", seen="labels-bits")
    found = links(at)
    kept = {"guessNew": ["7"], "guessShape": ["Jumps"], "guessBits": ["1.5"], "seen": ["labels-bits"]}
    assert found["Next: The learning rate"] == ("lesson", kept | {"part": ["Rate"]})
    assert found["Back: How much for each input?"] == ("lesson", kept | {"part": ["Inputs"]})


def test_the_first_step_has_none_before_it_and_the_last_leads_to_the_sheet() -> None:
    assert [text for text in links(opened()) if text.startswith("Back")] == []
    last = links(opened(part="Bits"))
    assert [text for text in last if text.startswith("Next")] == []
    assert last["For teachers: the sheet to this lesson"] == ("teacher", {})


@pytest.mark.parametrize("name", NAMES)
def test_every_step_opens_from_a_link_with_its_question(name: str) -> None:
    at = opened(part=name)
    step = STEPS[name.lower()]
    assert f"**{step.question}**" in texts(at)
    assert f"{NAMES.index(name) + 1} of 9: {step.title}" in [each.value for each in at.header]
    assert warnings(at) == []


def test_a_link_with_nonsense_says_so_and_shows_the_rest() -> None:
    at = opened(part="Labels", guessNew="pear", guessShape="sideways", seen="labels-<b>cake</b>-foo", colour="red")
    said = "\n".join(warnings(at))
    assert "guessNew = `pear`" in said
    assert "it shows guessNew = 50." in said
    assert "guessShape = `sideways`" in said
    assert "names `colour`" in said
    assert "as revealed, which is no step of the lesson" in said
    assert "<b>" not in said
    assert told(finished(at)).startswith("You left the guess as it was, 50; ")  # labels is revealed
    assert links(at)["Next: One layer learns"][1] == {"part": ["Layer"], "seen": ["labels"]}


def test_a_link_to_no_step_shows_the_first() -> None:
    at = opened(part="Dessert")
    assert "1 of 9: Random labels" in [each.value for each in at.header]
    assert "part = `Dessert`" in "\n".join(warnings(at))


def test_the_link_for_a_class_has_neither_guess_nor_answer() -> None:
    at = finished(opened(part="Layer", guessSteps="50", seen="layer", big="true"))
    at.session_state["class link"] = True
    [link] = [code.value for code in run(at).code]
    assert parse_qs(link.removeprefix("?")) == {"part": ["Layer"], "big": ["true"]}
    assert "You guessed" not in texts(opened(part="Layer"))


def test_what_a_guess_does_not_change_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class moves its guesses all at once."""
    step, made = STEPS["jam"], []
    charts = step.experiment.charts
    monkeypatch.setitem(
        STEPS,
        "jam",
        replace(step, experiment=replace(step.experiment, charts=lambda *of: made.append(of) or charts(*of))),
    )
    at = opened(part="Jam")
    for shape in ("rises", "jumps"):
        at.button_group("guessShape").set_value(shape)
        at = run(at)
    assert len(made) == 1
    assert "your guess" in str(drawn(at))


def test_a_guess_that_is_moved_in_the_moment_of_revealing_is_the_one_that_counts() -> None:
    at = opened(part="Layer")
    at.select_slider("guessSteps").set_value(50)
    assert told(finished(click(at, "Reveal"))).startswith("You guessed 50 steps;")  # in one run
