"""The page Learning rate as its user has it: a real server, a real browser, a real mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import (
    COMPLETE,
    PATIENCE,
    TRAINED,
    chart,
    choice,
    click,
    click_for,
    complete,
    fits_its_width,
    is_dark,
    marks,
    no_exception,
    plots,
    stop_button,
)

# Some tenths of a second of work each.
COMMON = "/learning_rate?lr=0.1&rates=0.01&rates=0.1&dense=2&seeds=2&steps=100&load=1"
SMALL = COMMON + "&dim=8&at=40&Ns=20&Ns=80&columns=4"
LONG = "/learning_rate?dim=40&at=400&Ns=40&Ns=400&seeds=2&steps=20000"  # minutes of work
ANSWERS = {
    "The map": "At n = 8, N = 40 and 100 steps, a learning rate of 0.1 is",
    "Schedules": "after 100 steps at η = 0.1, each memorizes",
    "The post's claim": "We find:",
}


def cell(page: Page, num_samples: int, rate: str) -> Locator:
    return marks(page, f"N: {num_samples}; Learning rate, η: {rate}; fraction")


def frame(page: Page, num_samples: int, rate: str) -> Locator:
    """The frame around the cell that is asked about: the last rectangle, which has no fraction."""
    return page.get_by_test_id("stVegaLiteChart").locator(
        f"g.mark-rect [aria-label$='N: {num_samples}; Learning rate, η: {rate}']"
    )


@pytest.fixture
def small(page: Page, server: str) -> Iterator[Page]:
    """The page with a finished map; whatever is done there, no exception may be seen."""
    complete(page, server + SMALL)
    expect(page.get_by_text(ANSWERS["The map"])).to_be_visible(timeout=PATIENCE)
    yield page
    no_exception(page)


def test_the_map_fills_while_it_runs_and_stops(page: Page, server: str) -> None:
    page.goto(server + LONG)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Which learning rate", timeout=PATIENCE)
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    expect(marks(page, "; fraction").first).to_be_attached(timeout=PATIENCE)  # a first cell
    expect(frame(page, 400, "0.01")).to_be_attached()
    expect(page.get_by_text("The answer comes when")).to_be_visible()
    no_exception(page)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped at [1-9][\d,]* of [\d,]+ networks"))).to_be_visible(timeout=PATIENCE)
    expect(stop_button(page)).to_have_count(0)


def test_a_click_on_a_cell_moves_the_frame_the_answer_and_the_address(small: Page, browser: Browser) -> None:
    assert not is_dark(small)
    expect(frame(small, 40, "0.1")).to_be_attached()
    answer = "At n = 8, N = 60 and 100 steps, a learning rate of 0.03 is"
    click_for(small, cell(small, 60, "0.03"), small.get_by_text(answer))
    expect(frame(small, 60, "0.03")).to_be_attached()
    expect(frame(small, 40, "0.1")).to_have_count(0)
    expect(small).to_have_url(re.compile(r"[?&]at=60\b"))
    expect(small).to_have_url(re.compile(r"[?&]lr=0.03\b"))
    expect(small.get_by_text("24 networks in ")).to_be_visible()  # nothing is trained for it
    expect(small.locator(f"[aria-label^='{answer}']").first).to_be_attached()  # for who cannot see the map
    small.reload()
    expect(small.get_by_text(answer)).to_be_visible(timeout=PATIENCE)
    fresh = browser.new_page()  # another visitor
    complete(fresh, small.url)
    expect(fresh.get_by_text(answer)).to_be_visible(timeout=PATIENCE)
    expect(frame(fresh, 60, "0.03")).to_be_attached()
    fresh.close()


def test_one_click_after_the_other_is_followed(small: Page) -> None:
    for num_samples, rate in ((20, "0.01"), (80, "0.1"), (20, "0.01")):
        click(small, cell(small, num_samples, rate))
        expect(frame(small, num_samples, rate)).to_be_attached(timeout=PATIENCE)


def test_across_dimensions_a_click_asks_about_a_dimension(page: Page, server: str) -> None:
    complete(page, server + COMMON + "&dim=3&at=20&ns=2&ns=5&columns=4&across=Dimension+n")
    answer = page.get_by_text("At n = 5, N = 20 and 100 steps, a learning rate of 0.01 is")
    click_for(page, marks(page, "n: 5; Learning rate, η: 0.01; fraction"), answer)
    expect(page).to_have_url(re.compile(r"[?&]dim=5\b"))
    no_exception(page)


@pytest.mark.parametrize(("question", "num_charts"), [("Schedules", 1), ("The post's claim", 2)])
def test_each_question_is_a_click_and_an_address_and_its_charts_keep_their_height(
    small: Page, question: str, num_charts: int
) -> None:
    """Where its height must also hold the legend, each drawing of a chart takes the legend's from the plot."""
    choice(small, question).click()
    expect(small).to_have_url(re.compile(r"[?&]ask=\w"), timeout=PATIENCE)
    expect(small.get_by_text(ANSWERS[question])).to_be_visible(timeout=PATIENCE)
    small.get_by_role("slider", name="Seeds").focus()
    small.keyboard.press("ArrowRight")
    expect(small.get_by_text("mean of 3 seeds")).to_be_visible(timeout=PATIENCE)
    expect(small.get_by_text(ANSWERS[question])).to_be_visible(timeout=PATIENCE)
    small.reload()
    expect(choice(small, question)).to_be_checked(timeout=PATIENCE)
    expect(small.get_by_text(ANSWERS[question])).to_be_visible(timeout=PATIENCE)
    expect(plots(small)).to_have_count(num_charts)
    assert min(plots(small).evaluate_all("plots => plots.map(plot => plot.getBBox().height)")) > 300


def test_a_start_sets_the_whole_page_and_the_address(small: Page) -> None:
    small.get_by_role("button", name="n = 8, near its knee").click()
    expect(small).to_have_url(re.compile(r"[?&]at=33\b"), timeout=PATIENCE)
    expect(small).to_have_url(re.compile(r"[?&]dim=8\b"))
    expect(small).to_have_url(re.compile(r"[?&]Ns=5&Ns=80\b"))
    expect(small).not_to_have_url(re.compile(r"[?&](rates|dense|steps|seeds)="))
    expect(small.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)


def test_on_a_dark_phone_every_question_is_dark_and_needs_no_sideways_scrolling(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    page.goto(server + SMALL)
    for question, answer in ANSWERS.items():
        choice(page, question).click(timeout=PATIENCE)
        expect(page.get_by_text(answer)).to_be_visible(timeout=PATIENCE)
        expect(chart(page)).to_be_visible(timeout=PATIENCE)
        assert is_dark(page)
        assert fits_its_width(page)
    no_exception(page)
    page.close()
