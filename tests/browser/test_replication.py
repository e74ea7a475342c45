"""The page Replication as its user has it: a real server, a real browser, a real mouse."""

import re

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

SMALL = "/replication?V=3&steps=100&seeds=1&lr=0.1"  # a second of work


def test_the_map_fills_row_by_row_and_a_click_on_a_cell_shows_it_beside_the_figure(page: Page, server: str) -> None:
    page.goto(server + "/replication?V=40")
    expect(page.get_by_text("The text. It says")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="2 Which V?", exact=False).first.click()
    expect(page.get_by_text("The search. Each cell")).to_be_visible(timeout=PATIENCE)
    expect(choice(page, "Misfit of C")).to_be_checked()
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    cell = marks(page, "num_classes: 10; Steps: 500; misfit").first
    expect(cell).to_be_attached(timeout=2 * PATIENCE)
    stop_button(page).click()
    expect(page.get_by_text("Stopped at")).to_be_visible(timeout=PATIENCE)
    click_for(page, cell, page.get_by_role("radio", name="Figure 1", exact=True, checked=True))
    expect(page).to_have_url(re.compile(r"[?&]steps=500\b"), timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile(r"[?&](V|figure)="))  # the defaults
    expect(marks(page, "Samples N: 280; C published: 17").first).to_be_attached(timeout=PATIENCE)
    no_exception(page)


def test_on_a_dark_phone_both_figures_are_dark_and_need_no_sideways_scrolling(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    complete(page, server + SMALL)
    for view, finding in (("Figure 1", "C. Over 317 points"), ("Figure 2", "The sharpness. Over 80 points")):
        choice(page, view).click(timeout=PATIENCE)
        expect(page.get_by_text(finding)).to_be_visible(timeout=PATIENCE)
        expect(chart(page)).to_be_visible(timeout=PATIENCE)
        assert is_dark(page)
        assert fits_its_width(page)
    no_exception(page)
    page.close()
