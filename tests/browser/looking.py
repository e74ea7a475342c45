"""What the tests in a browser look at and click on."""

import re

from playwright.sync_api import Locator, Page, expect

PATIENCE = 60_000  # milliseconds; far more than a slow machine needs, and reached only by what never comes
TRAINED = re.compile(r"\b[1-9][\d,]* of [\d,]+ networks trained")
COMPLETE = re.compile(r"[\d,]+ (networks?|exact limits?|networks and exact limits) in |from the cache\.")


def complete(page: Page, address: str) -> None:
    """Open an address and wait for the end of its sweep."""
    page.goto(address)
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)


def chart(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first


def marks(page: Page, words: str) -> Locator:
    """The marks of a chart whose description, which is for who cannot see them, begins with these words."""
    return page.get_by_test_id("stVegaLiteChart").locator(f"[aria-label*='{words}']")


def middle(mark: Locator) -> tuple[float, float]:
    expect(mark).to_be_attached(timeout=PATIENCE)
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click(page: Page, mark: Locator) -> None:
    """With the mouse, at the place where the mark is seen: whatever lies above it must let the click through."""
    page.mouse.click(*middle(mark))


def stop_button(page: Page) -> Locator:
    """Ours: while the page's script runs, Streamlit shows a Stop of its own in the header."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")


def choice(page: Page, name: str) -> Locator:
    """One of the segments of a control."""
    return page.get_by_role("radio", name=name, exact=True)


def no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def is_dark(page: Page) -> bool:
    colour = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return red + green + blue < 3 * 128


def fits_its_width(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"))


def plots(page: Page) -> Locator:
    """The areas of charts in which data are drawn, without their axes and legends."""
    return page.get_by_test_id("stVegaLiteChart").locator("g.root > g > path.background")
