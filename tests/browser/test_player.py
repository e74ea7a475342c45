"""The player in a small app of its own: who plays, stops, scrubs and clicks sees it, and Python hears of it."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import PATIENCE, fits_its_width, is_dark, no_exception
from tests.serving import ROOT, App, bare_environment, free_port, wait_until_healthy

# Sample i stands at i on the axis, which goes from 0 to 19, and at i / 40 + step / 4000; it is memorized above 1/4.
SCRIPT = """
import numpy as np
import streamlit as st

from explorer.player import player

st.session_state.runs = st.session_state.get("runs", 0) + 1
with st.sidebar:
    st.button("Again")
    other = st.toggle("Another run")
    step, sample = st.number_input("Asked step", 0), st.number_input("Asked sample", 0)
steps = np.unique(np.concatenate([[0], np.geomspace(1, 2000, 40).round().astype(int)]))
order = np.arange(10 if other else 20)
probability = order / 40 + steps[:, None] / 4000


def hear():
    st.session_state.heard = st.session_state["p"]["played"]["step"]


played = player(
    steps,
    probability,
    probability > 0.25,
    order,
    across_title="Order of the samples",
    step=step,
    sample=sample,
    key="p",
    on_change=hear,
)
st.write(f"run {st.session_state.runs}, heard {st.session_state.get('heard')}, Python: {tuple(played)}")
"""
AT_START = "step 0 of 2,000 · C = 9 of 20 memorized"
AT_END = "step 2,000 of 2,000 · C = 20 of 20 memorized"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """In place of the explorer: a page with a player, and what Python knows of it."""
    folder = tmp_path_factory.mktemp("player")
    script = folder / "page.py"
    script.write_text(SCRIPT)
    port = free_port()
    command = ["streamlit", "run", str(script), "--server.port", str(port), "--server.headless", "true"]
    served = App(f"http://localhost:{port}", folder / "streamlit.log")
    with served.log_file.open("wb") as log:
        environment = bare_environment(folder) | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until_healthy(served, process)
        yield served
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def opened(page: Page) -> Iterator[Page]:
    page.goto("/")
    expect(said(page)).to_have_text(AT_START, timeout=PATIENCE)
    yield page
    no_exception(page)


def said(page: Page) -> Locator:
    return page.locator(".said")


def step_of(page: Page) -> int:
    found = re.match(r"step ([\d,]+)", said(page).inner_text())
    assert found
    return int(found[1].replace(",", ""))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def python(page: Page, where: str) -> Locator:
    """The line with which Python says what it knows, once it knows this."""
    line = page.get_by_text(re.compile(rf"^run \d+, heard \w+, Python: {where}$"))
    expect(line).to_be_visible(timeout=PATIENCE)
    return line


def runs(page: Page) -> str:
    return page.get_by_text(re.compile(r"^run \d+")).inner_text().split(",")[0]


def mark(page: Page, sample: int, step: int) -> tuple[float, float]:
    """Where a sample's mark is: the margins are those of picture.js."""
    box = page.locator(".scatter").bounding_box()
    assert box is not None
    left, right, bottom = 58 + 14, box["width"] - 22 - 14, box["height"] - 30
    chance = sample / 40 + step / 4000
    return box["x"] + left + sample / 19 * (right - left), box["y"] + bottom - chance * (bottom - 14)


# How many pixels of a canvas are opaque and nearly white.
BRIGHT = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let bright = 0;
    for (let i = 0; i < data.length; i += 4)
        if (data[i] > 220 && data[i + 1] > 220 && data[i + 2] > 220 && data[i + 3] > 220) bright++;
    return bright;
}"""


# --- playing ----------------------------------------------------------------------------------------------------------


def test_python_hears_of_a_pause_and_of_nothing_before(opened: Page) -> None:
    before = runs(opened)
    press(opened, "Play")
    expect(said(opened)).to_contain_text(re.compile(r"step \d\d of"), timeout=PATIENCE)
    assert runs(opened) == before
    press(opened, "Pause")
    expect(opened.get_by_role("button", name="Play")).to_be_visible()
    step = step_of(opened)
    assert step >= 10
    assert f"heard {step}," in python(opened, rf"\({step}, 0\)").inner_text()


def test_a_rerun_neither_stops_it_nor_sets_it_back(opened: Page) -> None:
    press(opened, "Play")
    expect(said(opened)).to_contain_text(re.compile(r"step [5-9] of"), timeout=PATIENCE)
    press(opened, "Again")
    expect(opened.get_by_text("run 2,")).to_be_visible(timeout=PATIENCE)
    step = step_of(opened)
    assert step >= 5
    expect(opened.get_by_role("button", name="Pause")).to_be_visible()
    expect(said(opened)).not_to_have_text(re.compile(f"step {step} "), timeout=PATIENCE)
    assert step_of(opened) > step
    press(opened, "Pause")
    assert step_of(opened) > step


def test_it_stops_at_the_end_and_begins_again(opened: Page) -> None:
    scrub = opened.get_by_role("slider", name="Training step")
    scrub.press("End")
    scrub.press("ArrowLeft")
    scrub.press("ArrowLeft")
    press(opened, "Play")
    expect(said(opened)).to_have_text(AT_END, timeout=PATIENCE)
    python(opened, r"\(2000, 0\)")
    expect(opened.get_by_role("button", name="Play")).to_be_visible()
    press(opened, "Play")
    expect(said(opened)).not_to_have_text(AT_END, timeout=PATIENCE)
    press(opened, "Pause")
    assert step_of(opened) < 2000


def test_it_plays_without_motion_where_motion_is_unwanted(opened: Page) -> None:
    opened.emulate_media(reduced_motion="reduce")
    press(opened, "Play")
    expect(said(opened)).to_contain_text(re.compile(r"step [3-9] of"), timeout=PATIENCE)
    press(opened, "Pause")
    python(opened, rf"\({step_of(opened)}, 0\)")


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_rewinding_shows_the_same_initialization(opened: Page) -> None:
    opened.get_by_role("slider", name="Training step").press("End")
    expect(said(opened)).to_have_text(AT_END)
    python(opened, r"\(2000, 0\)")
    press(opened, "Back to step 0, the same initialization")
    expect(said(opened)).to_have_text(AT_START)
    python(opened, r"\(0, 0\)")


def test_frame_by_frame(opened: Page) -> None:
    press(opened, "One frame forward")
    python(opened, r"\(1, 0\)")
    press(opened, "One frame forward")
    python(opened, r"\(2, 0\)")
    press(opened, "One frame back")
    press(opened, "One frame back")
    press(opened, "One frame back")  # there is none before the first
    expect(said(opened)).to_have_text(AT_START)
    python(opened, r"\(0, 0\)")


def test_scrubbing_with_the_slider(opened: Page) -> None:
    scrub = opened.get_by_role("slider", name="Training step")
    scrub.press("ArrowRight")
    expect(scrub).to_have_attribute("aria-valuetext", re.compile(r"^step 1: 1\d of 20 memorized$"))
    python(opened, r"\(1, 0\)")


def test_scrubbing_on_the_course(opened: Page) -> None:
    box = opened.locator(".course").bounding_box()
    assert box is not None
    before = runs(opened)
    opened.mouse.move(box["x"] + box["width"] / 3, box["y"] + 40)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    opened.mouse.move(box["x"] + box["width"] + 50, box["y"] + 40)
    expect(said(opened)).to_have_text(AT_END)
    assert runs(opened) == before
    opened.mouse.up()
    python(opened, r"\(2000, 0\)")


def test_pointing_at_a_mark_and_choosing_it(opened: Page) -> None:
    place = mark(opened, 13, 0)
    opened.mouse.move(*place)
    expect(opened.locator(".tip")).to_have_text("Sample 13: py = 0.33, memorized")
    opened.mouse.click(place[0] + 5, place[1] - 5)
    python(opened, r"\(0, 13\)")
    opened.mouse.move(*mark(opened, 4, 0))
    expect(opened.locator(".tip")).to_have_text("Sample 4: py = 0.10, not memorized")
    opened.mouse.move(*mark(opened, 4, 3000))
    expect(opened.locator(".tip")).to_be_hidden()


# --- with Python ------------------------------------------------------------------------------------------------------


def ask(page: Page, name: str, value: int) -> None:
    field = page.get_by_label(name)
    field.fill(str(value))
    field.press("Enter")


def test_it_follows_the_page_and_keeps_what_the_page_did_not_name(opened: Page) -> None:
    opened.mouse.click(*mark(opened, 13, 0))
    python(opened, r"\(0, 13\)")
    ask(opened, "Asked step", 2000)
    expect(said(opened)).to_have_text(AT_END, timeout=PATIENCE)
    python(opened, r"\(2000, 13\)")
    ask(opened, "Asked sample", 5)
    python(opened, r"\(2000, 5\)")
    press(opened, "One frame back")
    python(opened, r"\(\d+, 5\)")
    opened.mouse.click(*mark(opened, 13, step_of(opened)))  # the same as the viewer's choice before the page's
    python(opened, r"\(\d+, 13\)")


def test_another_run_begins_where_the_page_says(opened: Page) -> None:
    ask(opened, "Asked step", 10)
    python(opened, r"\(10, 0\)")
    press(opened, "Play")
    expect(said(opened)).to_contain_text(re.compile(r"step [2-9]\d of"), timeout=PATIENCE)
    opened.get_by_text("Another run").click()
    expect(said(opened)).to_have_text("step 10 of 2,000 · C = 0 of 10 memorized", timeout=PATIENCE)
    expect(opened.get_by_role("button", name="Play")).to_be_visible()
    python(opened, r"\(10, 0\)")


# --- looks ------------------------------------------------------------------------------------------------------------


def test_it_follows_the_theme_while_it_plays(opened: Page) -> None:
    opened.emulate_media(color_scheme="light")
    expect(said(opened)).to_have_css("color", "rgb(11, 17, 24)", timeout=PATIENCE)
    course = opened.locator(".course").element_handle()
    assert course.evaluate(BRIGHT) == 0
    press(opened, "Play")
    opened.emulate_media(color_scheme="dark")
    expect(said(opened)).to_have_css("color", "rgb(233, 238, 244)", timeout=PATIENCE)
    assert is_dark(opened)
    # The labels and the cursor; Streamlit tells the player of a theme after it has changed its own elements.
    opened.wait_for_function(f"course => ({BRIGHT})(course) > 100", arg=course, timeout=PATIENCE)
    expect(said(opened)).not_to_have_text(AT_START, timeout=PATIENCE)
    press(opened, "Pause")


@pytest.mark.parametrize("width", [400, 1440])
def test_it_fits_its_page(browser: Browser, app: App, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 850}, base_url=app.url)
    page = context.new_page()
    page.goto("/")
    expect(said(page)).to_have_text(AT_START, timeout=PATIENCE)
    page.set_viewport_size({"width": width - 40, "height": 850})
    fit = "canvas => canvas.width === canvas.clientWidth && canvas.getBoundingClientRect().right <= innerWidth"
    page.wait_for_function(
        f"() => ({fit})(document.querySelector('.stBidiComponent [data-testid]').shadowRoot.querySelector('canvas'))"
    )
    assert fits_its_width(page)
    context.close()
