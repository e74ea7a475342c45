"""Links with hostile text in a browser: nothing of it becomes an element, a link or a script."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import PATIENCE, no_exception
from tests.explorer.test_hostile import HOSTILE, PAGES, QUERY

# What a script that ran, or HTML that was taken for such, would leave.
TRACES = """() => [...document.querySelectorAll(
    "[onerror], [onload], svg[onload], a[href^='javascript'], a[href*='attacker'], img[src*='attacker'], img[src='x'],"
    + "#stMain script, #stMain iframe, [data-testid=stMain] script, [data-testid=stMain] iframe"
)].map(element => element.outerHTML)"""


@pytest.mark.parametrize("page_name", PAGES)
def test_hostile_text_in_every_parameter_stays_text(page: Page, server: str, page_name: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    small = {"n": "4", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100", "dim": "4", "at": "5"}
    for query in (QUERY, QUERY | small):  # nothing legal, and enough of it that the page can be drawn
        name = page_name.removesuffix("/page")
        page.goto(f"{server}/{name}?{urlencode(query, doseq=True)}#{HOSTILE[0]}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
        if name != "storage":
            expect(page.get_by_test_id("stAlert").first).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(300)
        no_exception(page)
        assert page.evaluate(TRACES) == []
        shown = page.get_by_test_id("stMain").inner_text()
        assert "root:" not in shown
        assert len(shown) < 20_000, "very long text is not shown at its length"
    assert dialogs == []
