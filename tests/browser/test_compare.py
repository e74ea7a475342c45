"""A curve that is pinned, and the keys, as their user has them: a real server, browser and keyboard."""

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import PATIENCE, complete, fits_its_width, idle, is_dark, marks, no_exception

TINY = "/capacity?n=8&N=5&N=50&points=10&seeds=1&steps=100&V=5"
BOTH = re.compile(r"20 networks( in |, all from the cache)")


def classes(page: Page) -> Locator:
    return page.get_by_role("slider", name="Classes")


def moved(page: Page, key: str, times: int) -> None:
    """The slider of V by the keyboard, which leaves it the focus."""
    classes(page).first.focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_a_curve_that_is_pinned_stays_while_a_slider_moves_and_the_link_shows_both(page: Page, server: str) -> None:
    complete(page, server + TINY)
    expect(marks(page, "A, n = 8")).to_have_count(0)
    page.get_by_role("button", name="Pin as A").click()
    expect(page.get_by_text("the same as now")).to_be_visible(timeout=PATIENCE)
    moved(page, "ArrowRight", 3)
    expect(page.get_by_text("A: V = 5. B (now): V = 8.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(BOTH)).to_be_visible(timeout=PATIENCE)
    names = page.get_by_test_id("stVegaLiteChart").locator("svg text")
    for name in ("A, n = 8", "n = 8"):
        expect(names.filter(has_text=re.compile(rf"^{name}$"))).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("[aria-label*='Behind it, in thin lines, A, V = 5']").first).to_be_attached()
    expect(page).to_have_url(re.compile(r"[?&]V=8\b"), timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"[?&]pin=[^&]*V%3D5\b"))

    # And back by the names of the pages, whose address has no room for it.
    names_of_pages = page.get_by_test_id("stTopNav")
    names_of_pages.get_by_role("link", name="Teacher").click()
    expect(page.get_by_role("heading", name="Teacher's sheet")).to_be_visible(timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("pin="))
    names_of_pages.get_by_role("link", name="Capacity").click()
    expect(page.get_by_text("A: V = 5. B (now): V = 8.")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"[?&]pin=[^&]*V%3D5\b"))

    other = page.context.new_page()  # who gets the link
    other.goto(page.url)
    expect(other.get_by_text("A: V = 5. B (now): V = 8.")).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text("20 networks, all from the cache")).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text("Capacity N, from A to B: n = 8")).to_be_visible()
    no_exception(page)
    no_exception(other)


def test_keys_press_the_buttons_even_while_a_slider_has_the_focus(page: Page, server: str) -> None:
    complete(page, server + TINY)
    moved(page, "ArrowRight", 4)
    expect(page).to_have_url(re.compile(r"[?&]V=9\b"), timeout=PATIENCE)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=PATIENCE)
    for key, there in {"Alt+z": r"[?&]V=5\b", "Alt+y": r"[?&]V=9\b", "Alt+2": r"[?&]V=40\b"}.items():
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(there), timeout=PATIENCE)
        idle(page)  # a button that is drawn anew does not hear its key
    page.keyboard.press("Alt+z")
    expect(page).to_have_url(re.compile(r"[?&]V=9\b"), timeout=PATIENCE)
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("button", name="Unpin A")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("button", name="Pin as A")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Alt+k")
    expect(page.get_by_role("dialog").get_by_text("Undo the last change of a setting")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="As the page was opened").click()
    expect(page).to_have_url(re.compile(r"[?&]V=5\b"), timeout=PATIENCE)
    no_exception(page)


def test_on_a_dark_phone_the_comparison_fits(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    page.goto(server + TINY + "&pin=n%3D8%26N%3D5%26N%3D50%26points%3D10%26seeds%3D1%26steps%3D100")
    expect(page.get_by_text(BOTH)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("A: V = 10. B (now): V = 5.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Swap A and B")).to_be_visible()
    assert is_dark(page)
    assert fits_its_width(page)
    no_exception(page)
    page.close()
