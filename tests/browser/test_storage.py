"""The page Storage: what is kept, and how it is cleared."""

import re

from playwright.sync_api import Locator, Page, expect

PATIENCE = 60_000
SMALL = "/?n=4&N=5&N=50&points=10&seeds=1&steps=100"


def kept(page: Page) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text="Networks kept").get_by_test_id("stMetricValue")


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear the cache").click()
    page.get_by_role("button", name="Delete them all").click()
    expect(page.get_by_text("networks were deleted")).to_be_visible(timeout=PATIENCE)


def test_what_was_trained_is_kept_until_it_is_cleared(page: Page, server: str) -> None:
    page.goto(server + "/storage")
    clear(page)
    expect(kept(page)).to_have_text("0", timeout=PATIENCE)
    page.goto(server + SMALL)
    expect(page.get_by_text("10 networks in ")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Storage").click()
    expect(kept(page)).to_have_text("10", timeout=PATIENCE)
    expect(page.get_by_test_id("stMetric").filter(has_text="Size")).to_have_text(re.compile(r"\d\.\d MB"))
    clear(page)
    expect(page.get_by_text("10 networks were deleted")).to_be_visible()
    expect(kept(page)).to_have_text("0", timeout=PATIENCE)
    page.get_by_role("link", name="Capacity").click()
    expect(page).to_have_url(re.compile(r"[?&]n=4\b"), timeout=PATIENCE)  # the settings are still there
    expect(page.get_by_text("10 networks in ")).to_be_visible(timeout=PATIENCE)  # and the curve is trained again
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_reloaded_page_does_not_clear_again(page: Page, server: str) -> None:
    page.goto(server + SMALL)
    expect(page.get_by_text(re.compile("10 networks in |all from the cache"))).to_be_visible(timeout=PATIENCE)
    page.goto(server + "/storage")
    expect(kept(page)).not_to_have_text("0", timeout=PATIENCE)
    before = kept(page).inner_text()
    page.reload()
    expect(kept(page)).to_have_text(before, timeout=PATIENCE)
    expect(page.get_by_text("networks were deleted")).to_have_count(0)
