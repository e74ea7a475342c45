"""The page Jamming as its user has it: a real server, a real browser, a real mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import (
    COMPLETE,
    PATIENCE,
    TRAINED,
    chart,
    choice,
    click_for,
    complete,
    fits_its_width,
    is_dark,
    marks,
    middle,
    no_exception,
    stop_button,
)

SMALL = "/jamming?dim=8&N=5&N=50&points=10&seeds=2&steps=100&lr=0.1"  # some tenths of a second of work
WHAT = ("Memorized C", "Sharpness λ₁")
LOOKS = {
    "The jump": "The sharpness jumps at",
    "Edge of stability": "the edge is at 38",
    "Along training": "the layer ends with",
}


def points(page: Page, num_samples: int) -> list[float]:
    """Where, from the left, the panels have their point of this N: C above, sharpness below."""
    return [
        middle(marks(page, f"Samples N: {num_samples}; {what}, mean"))[0] for what in ("Memorized C", "Sharpness λ₁")
    ]


@pytest.fixture
def jump(page: Page, server: str) -> Iterator[Page]:
    """The page with a finished jump; whatever is done there, no exception may be seen."""
    complete(page, server + SMALL)
    expect(page.get_by_text(LOOKS["The jump"])).to_be_visible(timeout=PATIENCE)
    yield page
    no_exception(page)


def test_the_page_opens_on_the_published_figure_fills_and_stops(page: Page, server: str) -> None:
    page.goto(server + "/jamming")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Does the loss landscape jam", timeout=PATIENCE)
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    expect(marks(page, "Sharpness λ₁, mean").first).to_be_attached(timeout=PATIENCE)
    no_exception(page)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped at [1-9][\d,]* of 320 networks"))).to_be_visible(timeout=PATIENCE)
    expect(stop_button(page)).to_have_count(0)
    expect(page.get_by_text(LOOKS["The jump"])).to_have_count(0)  # of half a curve nothing is said


def test_a_small_sweep_ends_with_its_finding_for_all_readers(jump: Page) -> None:
    expect(stop_button(jump)).to_have_count(0)
    assert not is_dark(jump)
    # Who cannot see the chart is told what it shows.
    expect(jump.locator(f"[aria-label*='{LOOKS['The jump']}']").first).to_be_attached()
    upper, lower = points(jump, 25)
    assert upper == pytest.approx(lower, abs=1)  # one N axis


def test_a_click_on_a_point_opens_its_training_and_the_address_leads_there_again(jump: Page, browser: Browser) -> None:
    click_for(jump, marks(jump, "Samples N: 25; Sharpness λ₁, mean"), jump.get_by_text("At N = 25 the layer ends with"))
    expect(choice(jump, "Along training")).to_be_checked()
    expect(jump.get_by_role("spinbutton")).to_have_value("25")
    expect(jump).to_have_url(re.compile(r"[?&]look=Along\+training\b.*[?&]at=25\b"))
    jump.reload()
    expect(jump.get_by_text("At N = 25 the layer ends with")).to_be_visible(timeout=PATIENCE)
    fresh = browser.new_page()  # another visitor
    complete(fresh, jump.url)
    expect(fresh.get_by_text("At N = 25 the layer ends with")).to_be_visible(timeout=PATIENCE)
    expect(choice(fresh, "Along training")).to_be_checked()
    fresh.close()


def test_a_view_that_was_left_by_a_click_is_found_as_it_was(jump: Page) -> None:
    """Though its controls were not drawn in between."""
    click_for(jump, marks(jump, "Samples N: 45; Memorized C, mean"), jump.get_by_text("At N = 45 the layer ends with"))
    expect(jump.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)  # a page that fills may swallow a click
    choice(jump, "The jump").click()
    expect(jump.get_by_text("20 networks, all from the cache")).to_be_visible(timeout=PATIENCE)
    expect(jump).to_have_url(re.compile(r"[?&]N=5&N=50\b"))


def test_the_edge_of_stability_is_a_click_and_an_address_away(jump: Page) -> None:
    choice(jump, "Edge of stability").click()
    expect(jump).to_have_url(re.compile(r"[?&]look=Edge\+of\+stability\b"), timeout=PATIENCE)
    expect(jump.get_by_text(LOOKS["Edge of stability"])).to_be_visible(timeout=PATIENCE)
    jump.reload()
    expect(choice(jump, "Edge of stability")).to_be_checked(timeout=PATIENCE)
    expect(jump.get_by_text(LOOKS["Edge of stability"])).to_be_visible(timeout=PATIENCE)
    click_for(jump, marks(jump, "Samples N: 25; Learning rate"), jump.get_by_text("At N = 25 the layer ends with"))


def until_the_axis_is(page: Page, stretched: str, moved: str, *args: float) -> None:
    """Wait for N = 20 and N = 30 of the lower panel to be so far apart, and N = 20 there; then the upper must agree.

    Args:
        stretched, moved: conditions on `a` and `b`, their places, and `args`.
    """
    page.wait_for_function(
        """([stretched, moved, ...args]) => {
            const place = n => document.querySelector(`[aria-label*='Samples N: ${n}; Sharpness']`);
            const [a, b] = [20, 30].map(n => place(n).getBoundingClientRect().x);
            return Function("a", "b", "args", `return (${stretched}) && (${moved})`)(a, b, args);
        }""",
        arg=[stretched, moved, *args],
        timeout=PATIENCE,
    )
    for num_samples in (20, 30):
        upper, lower = points(page, num_samples)
        assert upper == pytest.approx(lower, abs=1)


def test_the_axis_of_both_panels_follows_the_mouse_while_ctrl_is_held(jump: Page) -> None:
    """Without Ctrl the wheel scrolls the page. With it the wheel zooms, a drag moves, and neither is a click."""
    [left, _], [right, _] = points(jump, 20), points(jump, 30)
    place = middle(marks(jump, "Samples N: 25; Sharpness λ₁, mean"))
    jump.mouse.move(*place)
    jump.mouse.wheel(0, 50)
    jump.mouse.wheel(0, -50)
    until_the_axis_is(jump, "Math.abs(b - a - args[0]) < 1", "true", right - left)

    jump.keyboard.down("Control")
    place = middle(marks(jump, "Samples N: 25; Sharpness λ₁, mean"))
    jump.mouse.move(*place)
    jump.mouse.wheel(0, -300)
    until_the_axis_is(jump, "b - a > 1.1 * args[0]", "true", right - left)

    [left, _], [right, _] = points(jump, 20), points(jump, 30)
    jump.mouse.down()
    for part in range(1, 6):
        jump.mouse.move(place[0] + 20 * part, place[1])
    jump.mouse.up()
    until_the_axis_is(jump, "Math.abs(b - a - args[0]) < 1", "a > args[1] + 50", right - left, left)
    jump.keyboard.up("Control")

    choice(jump, "Nested").click()  # what comes after it comes after a click too, had there been one
    expect(jump).to_have_url(re.compile(r"[?&]data=Nested\b"), timeout=PATIENCE)
    expect(choice(jump, "The jump")).to_be_checked()


def test_on_a_dark_phone_every_view_is_dark_and_needs_no_sideways_scrolling(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    page.goto(server + SMALL)
    for look, finding in LOOKS.items():
        choice(page, look).click(timeout=PATIENCE)
        expect(page.get_by_text(finding)).to_be_visible(timeout=PATIENCE)
        expect(chart(page)).to_be_visible(timeout=PATIENCE)
        assert is_dark(page)
        assert fits_its_width(page)
    no_exception(page)
    page.close()


def test_nonsense_in_a_link_is_dropped_with_a_sentence(page: Page, server: str) -> None:
    complete(page, server + SMALL + "&look=%3Cscript%3Ewindow.hacked=1%3C/script%3E&at=1e9&n=10")
    expect(page.get_by_text("The link asks for look")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The link asks for at")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("does not know")).to_have_count(0)  # n is of another page
    assert page.evaluate("window.hacked") is None
    no_exception(page)
