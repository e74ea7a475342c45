"""The lesson as a student has it: a real server, browser, keyboard and mouse."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import PATIENCE, at_rest, choice, fits_its_width, idle, is_dark, no_exception

ANSWER = re.compile(r"You guessed .* it knew all 20 from step \d+ on")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def test_a_student_guesses_sees_the_answer_and_has_both_after_a_reload(page: Page, server: str) -> None:
    page.goto(server + "/lesson?part=Layer")
    slider = page.get_by_role("slider")
    slider.focus(timeout=PATIENCE)
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"guessSteps=500\b"), timeout=PATIENCE)
    expect(page.get_by_text("Why?")).to_have_count(0)
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text(ANSWER)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[aria-label*='You guessed 500 steps']").first).to_be_attached()  # for who cannot see it
    expect(page.get_by_test_id("stVegaLiteChart").get_by_text("your guess")).to_be_attached()
    expect(slider).to_have_count(0)
    page.reload()
    expect(page.get_by_text(ANSWER)).to_be_visible(timeout=PATIENCE)
    assert query(page) == {"part": ["Layer"], "guessSteps": ["500"], "seen": ["layer"]}
    page.get_by_role("link", name="Watch this training as a film").click()
    expect(page.get_by_role("heading", name="Which samples does the layer memorize?")).to_be_visible(timeout=PATIENCE)
    expect(choice(page, "Watch")).to_be_checked()
    no_exception(page)


def test_next_opens_at_the_top_with_all_guesses_and_the_browser_goes_back(page: Page, server: str) -> None:
    page.goto(server + "/lesson?part=Jam&guessNew=12&seen=labels")
    choice(page, "Rises").click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"guessShape=Rises\b"), timeout=PATIENCE)
    onward = page.get_by_role("link", name="Next: The learning rate")
    expect(onward).to_have_attribute("href", re.compile(r"guessShape=Rises\b"), timeout=PATIENCE)
    onward.click()
    expect(page.get_by_text("6 of 9: The learning rate")).to_be_in_viewport(timeout=PATIENCE)
    assert query(page) == {"part": ["Rate"], "guessNew": ["12"], "guessShape": ["Rises"], "seen": ["labels"]}
    page.go_back()
    expect(page.get_by_text("5 of 9: Jamming")).to_be_visible(timeout=PATIENCE)
    expect(choice(page, "Rises")).to_be_checked()
    no_exception(page)


def test_the_browser_takes_a_guess_back_and_leaves_the_lesson(page: Page, server: str) -> None:
    page.goto(server + "/teacher")
    page.get_by_role("link", name="Open step 2").click(timeout=PATIENCE)
    slider = page.get_by_role("slider")
    slider.focus(timeout=PATIENCE)
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"guessSteps=500\b"), timeout=PATIENCE)
    page.go_back()
    expect(slider).to_have_attribute("aria-valuetext", "1000", timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("guessSteps"))
    page.go_back()
    expect(page.get_by_role("heading", name="Teacher's sheet")).to_be_visible(timeout=PATIENCE)
    no_exception(page)


def test_on_a_dark_phone_every_step_fits_and_shows_the_guess(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    page.goto(server + "/lesson")
    for number, name in enumerate(
        ("Labels", "Layer", "Curve", "Inputs", "Jam", "Rate", "Who", "Limit", "Bits"), start=1
    ):
        choice(page, name).click(timeout=PATIENCE)
        expect(page.get_by_text(f"{number} of 9: ")).to_be_visible(timeout=PATIENCE)
        idle(page)  # until then what is left may still stand beside what comes
        expect(page.get_by_role("button", name="Reveal")).to_be_visible()
        if name != "Who":  # whose guess stands in the bars of the answer
            expect(
                page.get_by_text("your guess: ").or_(page.get_by_text("your guess", exact=True)).first
            ).to_be_attached(timeout=PATIENCE)
        assert fits_its_width(page)
    assert is_dark(page)
    no_exception(page)
    page.close()


@pytest.mark.parametrize("guess", [300, 335, 400])
def test_on_a_phone_the_names_of_the_guess_and_of_the_line_stand_apart(
    browser: Browser, server: str, guess: int
) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 1200})
    page.goto(f"{server}/lesson?part=Curve&guessHigh={guess}")
    drawn = page.get_by_test_id("stVegaLiteChart")
    boxes = []
    for name in ("your guess", "all memorized"):
        text = drawn.get_by_text(name).first
        boxes.append(at_rest(text))
    mine, line = boxes
    beside = line["x"] + line["width"] <= mine["x"]
    above = mine["y"] + mine["height"] <= line["y"]
    assert beside or above
    page.close()


def test_the_sheet_can_be_printed(page: Page, server: str) -> None:
    page.goto(server + "/teacher")
    expect(page.get_by_text("About the numbers")).to_be_visible(timeout=PATIENCE)
    assert fits_its_width(page)
    page.emulate_media(media="print")
    expect(page.get_by_text("9. Bits (3 minutes)")).to_be_visible()
    expect(page.get_by_text("They will see.").last).to_be_visible()
    no_exception(page)
