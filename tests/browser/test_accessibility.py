"""For every reader: what axe finds in each page, the way through a page by keyboard, type for the back row, a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer.parameters import PARAMETERS
from tests.browser.looking import (
    COMPLETE,
    PATIENCE,
    at_rest,
    complete,
    fits_its_width,
    idle,
    is_dark,
    no_exception,
    turn_dark,
)

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
SMALL = (
    "n=8&n=16&V=4&N=5&N=50&points=10&seeds=1&steps=100&dim=8&at=40&Ns=20&Ns=100&columns=4&dense=2&rates=0.01&rates=0.1"
    "&spots=10&sets=2"
)
PAGES = {
    "": "",
    "lesson": "",
    "capacity": SMALL,
    "jamming": SMALL,
    "learning_rate": SMALL,
    "samples": SMALL,
    "limits": SMALL,
    "bits": SMALL,
    "replication": "seeds=1&steps=100",
    "teacher": "",
    "storage": "",
}
SWEEPS = [name for name, query in PAGES.items() if query == SMALL]
# Rule of axe -> what it finds there that stays. All are made by others.
LEFT = {
    "svg-img-alt": [
        # Vega draws a rectangle for a drag that has not begun. Who cannot see it cannot drag either, and has the table.
        ".brush_brush_bg",
        ".brush_brush",
        # Vega makes a group for the marks of each layer, also where there are none yet.
        ".role-mark:empty",
    ]
}
# What axe finds, without that which stays. Its other findings, "moderate" and "minor", are advice; but who goes through
# a page by its headings misses those of a level that is left out.
FINDINGS = """async left => {
    const found = await axe.run(document, {resultTypes: ["violations"]})
    return found.violations
        .filter(rule => ["serious", "critical"].includes(rule.impact) || rule.id === "heading-order")
        .flatMap(rule => rule.nodes
            .filter(node => !(left[rule.id] || []).some(each => document.querySelector(node.target[0])?.matches(each)))
            .map(node => `${rule.id}: ${node.target} ${node.html.slice(0, 200)} ${node.failureSummary}`))
}"""
# What can be reached with the key Tab, and is seen. Of a group of radio buttons Tab reaches one, the arrows the others;
# names of pages for which the header has no room are in its menu.
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, [tabindex='0']")].filter(element =>
    element.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !element.disabled && element.tabIndex >= 0 && !element.closest("[aria-hidden=true], [inert]")
    && !(element.getAttribute("role") === "radio" && element.getAttribute("aria-checked") !== "true"))"""


def open_page(page: Page, server: str, name: str) -> None:
    """A page with small settings, when it rests."""
    page.goto(f"{server}/{name}?{PAGES[name]}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    if name in ("", *SWEEPS):
        expect(page.get_by_text(COMPLETE).first).to_be_visible(timeout=PATIENCE)
    idle(page)
    no_exception(page)


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FINDINGS, LEFT)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_in_either_theme(page: Page, server: str, name: str) -> None:
    open_page(page, server, name)
    assert not is_dark(page)
    assert findings(page) == []
    turn_dark(page)
    assert findings(page) == []


def test_axe_would_find_what_is_wrong(page: Page, server: str) -> None:
    """The checker works here: a button without a name, and grey on grey."""
    page.goto(server + "/storage")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    idle(page)
    page.evaluate(
        "document.querySelector('[data-testid=stMain]').insertAdjacentHTML("
        "'beforeend', '<button></button><p style=\"color: #999; background: #aaa\">grey</p>')"
    )
    rules = {finding.split(":")[0] for finding in findings(page)}
    assert rules == {"button-name", "color-contrast"}


# --- by keyboard ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["capacity", "jamming"])
def test_tab_reaches_everything_that_can_be_used(page: Page, server: str, name: str) -> None:
    open_page(page, server, name)
    expect(page.get_by_role("switch", name="Bias")).to_be_visible(timeout=PATIENCE)  # the sidebar may come last
    # Marks stay with what was reached, also when Streamlit draws around it.
    count = len(page.evaluate(f"({REACHABLE})().map(element => element.tagName)"))
    keys: set[str] = set()
    for _ in range(2 * count + 20):
        page.keyboard.press("Tab")
        key: str = page.evaluate(
            """() => {
                const element = document.activeElement
                element.dataset.reached = "yes"
                const control = element.closest("[class*='st-key-']")
                return control ? /st-key-([\\w-]+)/.exec(control.className)[1] : ""
            }"""
        )
        keys.add(key)
    missed = page.evaluate(f"({REACHABLE})().filter(element => !element.dataset.reached).map(e => e.outerHTML)")
    assert missed == []
    drawn = set(page.evaluate("[...document.querySelectorAll('[class*=st-key-]')].map(e => e.className)"))
    controls = {match[1] for each in drawn if (match := re.search(r"st-key-([\w-]+)", each))} & set(PARAMETERS)
    assert controls <= keys
    assert len(controls) > 8


def test_a_point_that_a_click_opens_is_also_opened_by_its_number(page: Page, server: str) -> None:
    open_page(page, server, "jamming")
    field = page.get_by_role("spinbutton", name="Look closely at")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]at=25\b"), timeout=PATIENCE)
    page.get_by_role("radio", name="The jump").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("look=Along"), timeout=PATIENCE)
    expect(page.get_by_text("N = 25").first).to_be_visible(timeout=PATIENCE)
    no_exception(page)


# --- for the back row, and in a hand ----------------------------------------------------------------------------------

AXIS_LABEL = "[data-testid=stVegaLiteChart] .role-axis-title text"


def height_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))


def test_large_type_reaches_page_and_chart_and_goes_along(page: Page, server: str) -> None:
    complete(page, f"{server}/capacity?{SMALL}")
    read = ("[data-testid=stMain] p:has-text('Click a point')", "[data-testid=stCaptionContainer] p", AXIS_LABEL)
    before = [height_of(page, selector) for selector in read]
    page.get_by_text("Large type").click()
    expect(page).to_have_url(re.compile(r"[?&]big=true\b"), timeout=PATIENCE)
    page.wait_for_function(f"parseFloat(getComputedStyle(document.querySelector('{AXIS_LABEL}')).fontSize) > 20")
    after = [height_of(page, selector) for selector in read]
    assert all(large > 1.35 * usual for large, usual in zip(after, before, strict=True))
    assert after[0] >= 24
    assert fits_its_width(page)
    page.reload()  # the address carries it
    expect(page.get_by_role("switch", name="Large type")).to_be_checked(timeout=PATIENCE)
    page.get_by_test_id("stTopNavLink").filter(has_text="Lesson").click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/lesson\?.*big=true"), timeout=PATIENCE)
    page.get_by_text("Large type").click()
    expect(page).not_to_have_url(re.compile("big="), timeout=PATIENCE)
    no_exception(page)


@pytest.mark.parametrize("name", SWEEPS)
def test_in_large_type_a_projector_shows_the_chart_and_the_names_of_all_pages(
    page: Page, server: str, name: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{server}/{name}?{SMALL}&big=true")
    expect(page.get_by_text(COMPLETE).first).to_be_visible(timeout=PATIENCE)
    drawn = page.get_by_test_id("stVegaLiteChart").first
    expect(drawn).to_be_visible(timeout=PATIENCE)
    box = at_rest(drawn)
    assert box["y"] < 800 * 0.55
    assert names_in_header(page) == len(PAGES)


def names_in_header(page: Page) -> int:
    return page.locator("[data-testid=stTopNav] .rc-overflow-item:not([inert]) a").count()


def test_where_the_header_has_no_room_for_the_name_of_the_page_its_menu_is_marked(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{server}/replication?{PAGES['replication']}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    shown = page.locator("[data-testid=stTopNav] .rc-overflow-item:not([inert]) a[aria-current=page]")
    expect(shown).to_have_text("Replication")
    assert names_in_header(page) == len(PAGES)
    marked = colour(shown)
    page.set_viewport_size({"width": 1024, "height": 800})
    expect(shown).to_have_count(0)
    assert colour(page.get_by_test_id("stTopNavSection")) == marked


def colour(element: Locator) -> str:
    return str(element.evaluate("element => getComputedStyle(element).backgroundColor"))


def test_every_page_fits_a_phone(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800})
    for name in PAGES:
        open_page(page, server, name)
        assert fits_its_width(page), name
        # Nor does anything on it stick out of the page, where it could not be seen.
        wide = page.evaluate(
            """() => [...document.querySelectorAll("[data-testid=stMain] :is(h1, p, button, canvas, svg, img)")]
                .filter(element => element.checkVisibility() && element.getBoundingClientRect().right > 401)
                .filter(element => !element.closest("[data-testid=stDataFrame], pre, .katex"))
                .map(element => element.outerHTML.slice(0, 200))"""
        )
        assert wide == [], name
    page.close()


SHADOW = "getComputedStyle(document.querySelector('.stDataFrame'), '::after').opacity"


def test_a_table_shows_where_a_phone_hides_columns(page: Page, server: str) -> None:
    complete(page, f"{server}/capacity?{SMALL}")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    assert page.evaluate(SHADOW) == "0"
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function(f"{SHADOW} === '1'")
    page.evaluate("(table => { table.scrollLeft = table.scrollWidth })(document.querySelector('.dvn-scroller'))")
    page.wait_for_function(f"{SHADOW} === '0'")
