"""From page to page in a real browser, which keeps the address: what is shown goes along, and the address says it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.looking import PATIENCE, complete


def test_what_a_link_has_set_goes_along_and_is_in_the_address(page: Page, server: str) -> None:
    complete(page, f"{server}/capacity?n=12&V=7&N=5&N=50&points=10&seeds=2&steps=100&pin=V%3D5%26n%3D12%26points%3D10")
    expect(page.get_by_role("button", name="Unpin A")).to_be_visible(timeout=PATIENCE)
    for name, said in {"Jamming": ("points=10", "seeds=2"), "Samples": (), "Jamming again": ("seeds=2",)}.items():
        page.get_by_role("link", name=name.removesuffix(" again"), exact=True).click()
        expect(page.get_by_role("slider", name="Classes")).to_have_attribute("aria-valuetext", "7", timeout=PATIENCE)
        expect(page.get_by_role("slider", name="Input dimension")).to_have_attribute("aria-valuetext", "12")
        for part in ("dim=12", "V=7", "steps=100", *said):
            expect(page).to_have_url(re.compile(rf"[?&]{part}(&|$)"), timeout=PATIENCE)
        expect(page).not_to_have_url(re.compile("pin="))  # what was pinned is another page's
        expect(page.get_by_role("button", name="Pin as A")).to_be_visible()
