"""What the tests in a browser look at and click on."""

import contextlib
import re

from playwright.sync_api import Error, FloatRect, Locator, Page, expect

PATIENCE = 60_000  # milliseconds; far more than a slow machine needs, and reached only by what never comes
TRIES = 6
DARK = """() => {
    const colour = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor
    return colour.match(/\\d+/g).slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) < 3 * 128
}"""
STILL = 300  # milliseconds in which what comes to rest neither moves nor is drawn anew
REMAINS = "(element, wait) => new Promise(tell => setTimeout(() => tell(element.isConnected), wait))"
TRAINED = re.compile(r"\b[1-9][\d,]* of [\d,]+ networks trained")
COMPLETE = re.compile(r"[\d,]+ (networks?|exact limits?|networks and exact limits) in |from the cache\.")


def complete(page: Page, address: str) -> None:
    """Open an address and wait for the end of its sweep."""
    page.goto(address)
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    idle(page)


def idle(page: Page) -> None:
    """Wait until all that the server had to say is there: a page comes line by line, its status before its chart."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached(timeout=PATIENCE)
    expect(page.locator("[data-stale=true]")).to_have_count(0, timeout=PATIENCE)


def chart(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first


def marks(page: Page, words: str) -> Locator:
    """The marks of a chart whose description, which is for who cannot see them, begins with these words."""
    return page.get_by_test_id("stVegaLiteChart").locator(f"[aria-label*='{words}']")


def at_rest(element: Locator) -> FloatRect:
    """Where on the screen an element stands, once it does: while a page fills, it moves and is drawn anew."""
    expect(element).to_be_attached(timeout=PATIENCE)
    idle(element.page)
    last = None
    for _ in range(PATIENCE // STILL):
        with contextlib.suppress(Error):  # it was drawn anew in this moment
            box = element.bounding_box(timeout=STILL)
            is_the_same = element.evaluate(f"element => ({REMAINS})(element, {STILL})", timeout=STILL)
            if box is not None and box == last and is_the_same:
                return box
            last = box
    raise AssertionError(f"{element} does not come to rest")


def middle(mark: Locator) -> tuple[float, float]:
    """The place of a mark of a chart on the screen."""
    expect(mark).to_be_attached(timeout=PATIENCE)
    with contextlib.suppress(Error):  # drawn anew in this moment, it still is where it was
        mark.scroll_into_view_if_needed()
    box = at_rest(mark)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click(page: Page, mark: Locator) -> None:
    """With the mouse, at the place where the mark is seen: whatever lies above it must let the click through."""
    page.mouse.click(*middle(mark))


def click_for(page: Page, mark: Locator, effect: Locator) -> None:
    """Click as often as a visitor would: on a busy machine a chart may be drawn anew under the mouse."""
    for _ in range(TRIES):
        click(page, mark)
        with contextlib.suppress(AssertionError):
            expect(effect).to_be_visible(timeout=PATIENCE // TRIES)
            return
    expect(effect).to_be_visible()


def stop_button(page: Page) -> Locator:
    """Ours: while the page's script runs, Streamlit shows a Stop of its own in the header."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")


def choice(page: Page, name: str) -> Locator:
    """One of the segments of a control."""
    return page.get_by_role("radio", name=name, exact=True)


def no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def is_dark(page: Page) -> bool:
    return bool(page.evaluate(DARK))


def turn_dark(page: Page) -> None:
    """What the system's switch does while the page is open."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(DARK, timeout=PATIENCE)
    idle(page)


def fits_its_width(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"))


def plots(page: Page) -> Locator:
    """The areas of charts in which data are drawn, without their axes and legends."""
    return page.get_by_test_id("stVegaLiteChart").locator("g.root > g > path.background")
