"""The teacher's sheet: all steps, their minutes, and links that lead to them."""

import re

import pytest

from core.presets import PRESETS
from explorer.views.lesson.sheet import HINTS
from explorer.views.lesson.steps import STEPS
from tests.explorer.visiting import opened, texts

pytestmark = pytest.mark.usefixtures("new_app")


def test_the_sheet_has_every_step_with_its_question_and_what_is_seen() -> None:
    at = opened({}, "teacher")
    heads = [head.value for head in at.header]
    said = texts(at)
    for number, (part, step) in enumerate(STEPS.items(), start=1):
        assert f"{number}. {step.title} ({HINTS[part].minutes} minutes)" in heads
        assert f"**The question.** {step.question}" in said
        assert f"**They will see.** {HINTS[part].told()}" in said
    assert "job" not in at.session_state  # it is read, not computed


def test_the_minutes_are_those_of_the_steps_and_fit_a_lesson() -> None:
    minutes = [
        int(found) for head in opened({}, "teacher").header for found in re.findall(r"\((\d+) minutes", head.value)
    ]
    assert len(minutes) == len(STEPS)
    assert f"about **{sum(minutes)} minutes**" in texts(opened({}, "teacher"))
    assert 35 <= sum(minutes) <= 40  # some are left of a lesson of 45


def test_every_step_is_a_link_away() -> None:
    said = texts(opened({}, "teacher"))
    found = re.findall(r'<a href="lesson\?(?:part=(\w+))?" target="_self">', said)
    assert [part.lower() for part in found if part] == list(STEPS)[1:]
    assert found.count("") == 2  # the lesson, and its first step, with which it begins


def test_the_commands_are_ones_that_there_are() -> None:
    [warm, serve] = [block.value for block in opened({}, "teacher").code]
    assert set(re.findall(r"--preset (\S+)", warm)) <= set(PRESETS)
    assert serve.startswith(".venv/bin/streamlit run explorer/app.py")
