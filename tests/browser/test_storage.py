"""The page Storage: what is kept, and how it is cleared."""

import re

from playwright.sync_api import Page, expect

from tests.browser.looking import PATIENCE, complete, no_exception

SMALL = "/capacity?n=4&N=5&N=50&points=10&seeds=1&steps=100"


def test_what_was_trained_is_kept_until_it_is_cleared(page: Page, server: str) -> None:
    complete(page, server + SMALL)
    page.goto(server + "/storage")
    kept = page.get_by_test_id("stMetric").filter(has_text="Results kept").get_by_test_id("stMetricValue")
    expect(kept).to_have_text(re.compile(r"^[1-9][\d,]*$"), timeout=PATIENCE)
    page.get_by_role("button", name="Clear the cache").click()
    page.get_by_role("button", name="Delete all results").click()
    expect(page.get_by_text("results were deleted")).to_be_visible(timeout=PATIENCE)
    expect(kept).to_have_text("0", timeout=PATIENCE)
    page.goto(server + SMALL)
    expect(page.get_by_text("10 networks in ")).to_be_visible(timeout=PATIENCE)  # trained again
    no_exception(page)
