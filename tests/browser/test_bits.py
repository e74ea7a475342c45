"""The page Bits as its user has it: a real server, a real browser, a real mouse."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import (
    PATIENCE,
    TRAINED,
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

TINY = "dim=4&V=4&N=5&N=50&points=10&seeds=2&steps=100&lr=0.1&dims=3&dims=6"  # some tenths of a second of work
CURVE, LAYERS = f"/bits?{TINY}", f"/bits?{TINY}&bits=Against+parameters"


def test_the_page_opens_on_the_figures_layer_fills_and_stops(page: Page, server: str) -> None:
    page.goto(server + "/bits")
    expect(page.get_by_role("heading", level=1)).to_contain_text("How many bits", timeout=PATIENCE)
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    expect(marks(page, "Bits per parameter, mean").first).to_be_attached(timeout=PATIENCE)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped at [1-9][\d,]* of 320 networks"))).to_be_visible(timeout=PATIENCE)
    no_exception(page)


def test_from_a_curve_to_layers_of_several_n_and_by_a_click_to_the_curve_of_one(page: Page, server: str) -> None:
    complete(page, server + CURVE)
    finding = page.get_by_text("From N = 5 to 50, the maximum by Liu’s definition is")
    expect(finding).to_be_visible(timeout=PATIENCE)
    # Who cannot see the chart is told what it shows.
    expect(page.locator("[aria-label*='the maximum by Liu’s definition is']").first).to_be_attached()
    choice(page, "Against parameters").click()
    expect(page.get_by_text("Why bits per parameter are no constant of nature.")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"[?&]bits=Against\+parameters\b"))
    expect(page.get_by_text(re.compile(r"^44 networks( in|, all)"))).to_be_visible(timeout=PATIENCE)
    link = page.get_by_role("link", name="See the curve of n = 6, V = 4")
    click_for(page, marks(page, "Definition: Fano; Input dimension n: 6"), link)
    link.click()
    expect(page.get_by_role("slider", name="Input dimension")).to_have_attribute(
        "aria-valuetext", "6", timeout=PATIENCE
    )
    expect(page.get_by_text("From N = 5 to")).to_be_visible(timeout=PATIENCE)
    expect(choice(page, "Bits against N")).to_be_checked()
    page.go_back()
    expect(choice(page, "Against parameters")).to_be_checked(timeout=PATIENCE)
    no_exception(page)


@pytest.mark.parametrize(("address", "words"), [(CURVE, "the maximum by Liu’s"), (LAYERS, "a parameter holds")])
def test_on_a_dark_phone_it_is_dark_and_needs_no_sideways_scrolling(
    browser: Browser, server: str, address: str, words: str
) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    complete(page, server + address)
    expect(page.get_by_text(words)).to_be_visible(timeout=PATIENCE)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    assert is_dark(page)
    assert fits_its_width(page)
    no_exception(page)
    page.close()
