"""The page Limits, and the exact limits on Capacity, as their user has them: a real server, browser and mouse."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import (
    PATIENCE,
    chart,
    choice,
    click_for,
    complete,
    fits_its_width,
    is_dark,
    marks,
    no_exception,
    stop_button,
)

# Its threshold is near N = 18; some tenths of a second of work.
SMALL = "/limits?dim=5&V=4&N=5&N=50&at=40&spots=10&seeds=2&steps=100&lr=0.1"
LONG = "/limits?dim=60&V=40&N=5&N=1000&spots=80&at=500"
VIEWS = {"The limits": "At N = 40 Adam memorizes", "Closing the gap": "The optimum memorizes"}


def test_the_page_fills_ends_with_its_finding_and_a_click_on_a_point_is_in_the_address(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    expect(page.get_by_text(VIEWS["The limits"])).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("every one can be memorized completely up to")).to_be_visible()
    expect(page.locator(f"[aria-label*='{VIEWS['The limits']}']").first).to_be_attached()  # for who cannot see it
    expect(stop_button(page)).to_have_count(0)
    click_for(page, marks(page, "C: exact optimum; Samples N: 25"), page.get_by_text("At N = 25 Adam memorizes"))
    expect(page).to_have_url(re.compile(r"[?&]at=25\b"))
    expect(page.get_by_role("spinbutton")).to_have_value("25")
    page.reload()
    expect(page.get_by_text("At N = 25 Adam memorizes")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("40 networks and exact limits, all from the cache")).to_be_visible()
    no_exception(page)


def test_to_look_at_an_n_leaves_curves_and_claims_and_the_box_tells_its_range(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    claim = page.get_by_text("every one can be memorized completely up to")
    expect(claim).to_be_visible(timeout=PATIENCE)
    before = claim.inner_text()
    expect(marks(page, "C: trained; Samples N: 33")).to_have_count(0)
    page.get_by_role("spinbutton").fill("33")
    page.get_by_role("spinbutton").press("Enter")
    expect(page.get_by_text("At N = 33 Adam memorizes")).to_be_visible(timeout=PATIENCE)
    expect(marks(page, "C: trained; Samples N: 33")).to_have_count(1, timeout=PATIENCE)  # beside the curve, hollow
    assert claim.inner_text() == before
    page.get_by_test_id("stNumberInput").get_by_test_id("stTooltipIcon").hover()
    expect(page.get_by_text("From 1 to 20,000.")).to_be_visible(timeout=PATIENCE)
    no_exception(page)


def test_a_long_sweep_says_what_it_computes_and_stops(page: Page, server: str) -> None:
    page.goto(server + LONG)
    computed = re.compile(r"[\d,]+ of 64[48] networks and exact limits computed, about .* left")
    expect(page.get_by_text(computed)).to_be_visible(timeout=PATIENCE)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped at [\d,]+ of 64[48] networks and exact limits"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(chart(page)).to_be_visible()
    no_exception(page)


def test_capacity_draws_theory_and_the_exact_optimum_when_they_are_chosen(page: Page, server: str) -> None:
    complete(page, server + "/capacity?n=8&N=5&N=60&points=10&seeds=1&steps=100")
    expect(marks(page, "Exact optimum of: n = 8")).to_have_count(0)
    for name in ("Theory", "Exact optimum"):
        menu = page.get_by_role("combobox", name="Exact limits")
        menu.scroll_into_view_if_needed()  # scrolled by the click itself, the menu would close as it opens
        menu.click()
        page.get_by_role("option", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(rf"[?&]layers={name.replace(' ', '[+]')}"), timeout=PATIENCE)
    expect(page.get_by_text("20 networks and exact limits in")).to_be_visible(timeout=PATIENCE)
    expect(marks(page, "All can be memorized (theory), of: n = 8; up to N: 41")).to_have_count(1, timeout=PATIENCE)
    expect(marks(page, "Exact optimum of: n = 8")).to_have_count(10, timeout=PATIENCE)
    expect(page.get_by_text("Squares: the optimum of the cross-entropy")).to_be_visible()
    no_exception(page)


def test_on_a_dark_phone_every_view_shows_its_answer_and_needs_no_sideways_scrolling(
    browser: Browser, server: str
) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    page.goto(server + SMALL)
    for view, finding in VIEWS.items():
        choice(page, view).click(timeout=PATIENCE)
        expect(page.get_by_text(finding)).to_be_visible(timeout=PATIENCE)
        expect(chart(page)).to_be_visible(timeout=PATIENCE)
        assert is_dark(page)
        assert fits_its_width(page)
    expect(page).to_have_url(re.compile(r"[?&]limit=Closing\+the\+gap\b"))
    no_exception(page)
    page.close()
