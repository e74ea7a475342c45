"""The page Capacity as its user has it: a real server, a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import (
    PATIENCE,
    TRAINED,
    chart,
    complete,
    fits_its_width,
    is_dark,
    no_exception,
    stop_button,
)

SMALL = "/capacity?n=8&n=16&N=5&N=50&points=10&seeds=2&steps=100"  # some tenths of a second of work
LONG = "/capacity?n=40&N=5&N=2000&points=10&seeds=1&steps=20000"  # minutes of work


def test_the_page_opens_on_the_published_figure_and_fills(page: Page, server: str) -> None:
    page.goto(server + "/capacity")
    expect(page.get_by_role("heading", level=1)).to_contain_text("How many random labels", timeout=PATIENCE)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("about .* left"))).to_be_visible(timeout=PATIENCE)
    no_exception(page)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped at [1-9][\d,]* of 1,280 networks"))).to_be_visible(timeout=PATIENCE)
    expect(stop_button(page)).to_have_count(0)


def test_a_small_sweep_ends_with_its_finding(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    expect(page.get_by_text("the layer memorizes at least 95 %")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(stop_button(page)).to_have_count(0)
    # Who cannot see the chart is told what it shows.
    expect(page.locator("[aria-label*='the layer memorizes at least 95 %']").first).to_be_attached()
    no_exception(page)


def test_a_moved_slider_is_in_the_address_and_survives_a_reload(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    page.get_by_role("slider", name="Classes").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"[?&]V=11\b"), timeout=PATIENCE)
    expect(page.get_by_text("40 networks in ")).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page).to_have_url(re.compile(r"[?&]V=11\b"))
    expect(page.get_by_role("slider", name="Classes")).to_have_attribute("aria-valuetext", "11", timeout=PATIENCE)
    expect(page.get_by_text("40 networks, all from the cache")).to_be_visible(timeout=PATIENCE)


def test_the_preset_as_written_sets_forty_classes(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    page.get_by_role("button", name="as written").click()
    expect(page).to_have_url(re.compile(r"[?&]V=40\b"), timeout=PATIENCE)
    expect(page.get_by_text(re.compile("of 1,280 networks trained"))).to_be_visible(timeout=PATIENCE)
    stop_button(page).click()
    expect(page.get_by_text("Stopped at")).to_be_visible(timeout=PATIENCE)


def test_stop_ends_the_own_sweep_only_and_it_can_go_on(browser: Browser, server: str) -> None:
    one, other = browser.new_page(), browser.new_page()
    for page in (one, other):
        page.goto(server + LONG)
        expect(stop_button(page)).to_be_visible(timeout=PATIENCE)
    stop_button(one).click()
    expect(one.get_by_text("Stopped at")).to_be_visible(timeout=PATIENCE)
    before = other.get_by_text(TRAINED).text_content(timeout=PATIENCE)
    expect(other.get_by_text(TRAINED)).not_to_have_text(str(before), timeout=PATIENCE)  # it goes on
    one.get_by_role("button", name="Go on").click()
    expect(stop_button(one)).to_be_visible(timeout=PATIENCE)
    stop_button(one).click()
    stop_button(other).click()
    expect(other.get_by_text("Stopped at")).to_be_visible(timeout=PATIENCE)
    one.close()
    other.close()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("&V=seventeen&n=99999&steps=nan&lr=-1e308", "The link asks for V"),
        ("&<script>window.hacked=1</script>=1", "which this page does not know"),
        ("&V=[a](javascript:window.hacked=1)", "The link asks for V"),
    ],
)
def test_nonsense_in_a_link_is_dropped_with_a_sentence(page: Page, server: str, query: str, words: str) -> None:
    page.goto(server + SMALL + query)
    expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("networks"))).not_to_have_count(0, timeout=PATIENCE)
    assert page.evaluate("window.hacked") is None
    no_exception(page)


def test_a_sweep_that_would_not_fit_is_refused_with_the_number_to_lower(page: Page, server: str) -> None:
    page.goto(server + "/capacity?n=512&V=1000&N=5&N=20000&steps=100000&seeds=16")
    expect(page.get_by_text(re.compile("Nothing was started: .* lower the"))).to_be_visible(timeout=PATIENCE)
    no_exception(page)


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_theme_is_the_readers(browser: Browser, server: str, scheme: str, dark: bool) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    complete(page, server + SMALL)
    assert is_dark(page) == dark
    page.close()


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800})
    complete(page, server + SMALL)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    assert fits_its_width(page)
    page.close()
