"""The first page in a real browser: what moves, where it leads, and links made when Capacity stood at its address."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer import words
from tests.browser.looking import COMPLETE, PATIENCE, at_rest, chart, complete, is_dark, no_exception

SMALL = "n=8&n=16&N=5&N=50&points=10&seeds=2&steps=100"


def test_the_chart_fills_by_itself_and_says_what_it_found(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_have_text(words.HOME_QUESTION, timeout=PATIENCE)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("samples for each input dimension")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()  # nothing to set here
    no_exception(page)


def test_explore_freely_leads_to_the_same_chart(page: Page, server: str) -> None:
    complete(page, server)
    finding = page.get_by_text("samples for each input dimension").text_content(timeout=PATIENCE)
    page.get_by_role("link", name="Explore freely").click()
    expect(page).to_have_url(re.compile("/capacity"), timeout=PATIENCE)
    expect(page.get_by_role("slider", name="Seeds")).to_have_attribute("aria-valuetext", "1", timeout=PATIENCE)
    # All of it was trained already, and it found the same.
    expect(page.get_by_text("160 networks, all from the cache")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(str(finding))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The link")).to_have_count(0)


def test_start_the_lesson_leads_to_it(page: Page, server: str) -> None:
    complete(page, server)
    page.get_by_role("link", name="Start the lesson").click()
    expect(page).to_have_url(re.compile("/lesson"), timeout=PATIENCE)
    expect(page.get_by_role("heading", level=1)).not_to_have_text(words.HOME_QUESTION, timeout=PATIENCE)
    no_exception(page)


@pytest.mark.parametrize("card", words.CARDS, ids=lambda card: card.key)
def test_a_click_anywhere_on_a_card_leads_to_its_page(page: Page, server: str, card: words.Card) -> None:
    complete(page, server)
    picture = page.get_by_role("img", name=card.alt[:60])
    picture.scroll_into_view_if_needed()
    box = at_rest(picture)
    assert box["width"] > 150
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(f"/{card.page}"), timeout=PATIENCE)
    if card.key == "samples":
        expect(page).to_have_url(re.compile(r"at=400.*x=Least|x=Least.*at=400"))
    expect(page.get_by_text("The link")).to_have_count(0)
    no_exception(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_have_the_background_of_their_theme(browser: Browser, server: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    complete(page, server)
    assert is_dark(page) == (scheme == "dark")
    corner = """image => {
        const canvas = document.createElement("canvas")
        canvas.getContext("2d").drawImage(image, 0, 0)
        return [...canvas.getContext("2d").getImageData(2, 2, 1, 1).data].slice(0, 3)
    }"""
    for card in words.CARDS:
        picture = page.get_by_role("img", name=card.alt[:60])
        picture.scroll_into_view_if_needed()
        assert (sum(picture.evaluate(corner)) < 3 * 128) == (scheme == "dark")
    page.close()


def test_a_link_made_when_capacity_stood_here_leads_to_its_chart(page: Page, server: str) -> None:
    page.goto(f"{server}/?{SMALL}&V=7&W=3")
    expect(page).to_have_url(re.compile("/capacity"), timeout=PATIENCE)
    expect(page.get_by_text(COMPLETE)).to_contain_text("40 networks", timeout=PATIENCE)
    expect(page.get_by_role("slider", name="Classes")).to_have_attribute("aria-valuetext", "7", timeout=PATIENCE)
    for part in ("n=8&n=16", "N=5&N=50", "points=10", "seeds=2", "steps=100", "V=7"):
        assert part in page.url
    expect(page.get_by_text("which this page does not know")).to_be_visible()  # as it was told there
    page.get_by_role("link", name="Start").first.click()  # and the way back to this page is open
    expect(page.get_by_role("heading", level=1)).to_have_text(words.HOME_QUESTION, timeout=PATIENCE)
    no_exception(page)


@pytest.mark.parametrize("query", ["big=true", "W=3", "<script>window.hacked=1</script>=1"])
def test_an_address_without_settings_stays_here(page: Page, server: str, query: str) -> None:
    page.goto(f"{server}/?{query}")
    expect(page.get_by_role("heading", level=1)).to_have_text(words.HOME_QUESTION, timeout=PATIENCE)
    assert page.evaluate("window.hacked") is None
    no_exception(page)
