"""The page Samples as its user has it: a real server, a real browser, a real mouse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import (
    PATIENCE,
    at_rest,
    chart,
    choice,
    click,
    click_for,
    complete,
    fits_its_width,
    is_dark,
    marks,
    no_exception,
    plots,
)

LAYER = "dim=8&V=4&at=60&steps=200&lr=0.05"  # a tenth of a second of work: 27 of 60 samples are memorized
SMALL = f"/samples?{LAYER}&sets=3&starts=3"
VIEWS = {
    "Samples": "samples",
    "Cartography": "Swayamdipta",
    "Predictors": "tells best",
    "Watch": "lights up",
    "Other starts": "convex",
    "The coin": "heads and",
}
CHECKBOX = 18  # pixels from the left edge of a table, which is drawn on a canvas


@pytest.fixture
def samples(page: Page, server: str) -> Iterator[Page]:
    """The page with all samples of a small layer; whatever is done there, no exception may be seen."""
    complete(page, server + SMALL)
    assert_opened(page, 0)
    assert_ring(page, 0)
    yield page
    no_exception(page)


def assert_opened(page: Page, sample: int) -> None:
    expect(page.get_by_role("heading", name=f"Sample {sample:,}", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(number(page, "Sample")).to_have_value(str(sample))
    expect(page.get_by_text(f"Sample {sample:,} has label")).to_be_visible()


def assert_ring(page: Page, sample: int) -> None:
    """In the chart of all samples stands this number, and no other, beside the ring."""
    words = scatter(page).locator("g.role-mark.mark-text text")
    expect(words.filter(has_text=re.compile(r"^[\d,]+$")).first).to_have_text(f"{sample:,}", timeout=PATIENCE)
    expect(words.filter(has_text=re.compile(rf"^{sample:,}$"))).to_have_count(2)
    expect(words.filter(has_text=re.compile(r"^[\d,]+$"))).to_have_count(2)
    settled(page)


def settled(page: Page) -> None:
    """Until a page is complete, a chart that will be gone may stand below the one that takes its place."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3, timeout=PATIENCE)  # with logits and training


def scatter(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").first


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=label, exact=True)


def mark(page: Page, sample: int) -> Locator:
    return marks(page, f"; Sample: {sample}; It is")


def click_mark(page: Page, sample: int) -> None:
    in_the_middle(scatter(page))
    click(page, mark(page, sample))


def in_the_middle(element: Locator) -> None:
    """Of the window: at its upper edge the header would take the clicks."""
    element.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")


def rectangle(page: Page) -> Locator:
    """The one that was dragged in the chart."""
    return scatter(page).locator("g.brush_brush path")


def drag(page: Page, across: tuple[float, float], down: tuple[float, float]) -> None:
    """A rectangle from and to these fractions of the chart."""
    plot = plots(page).first
    in_the_middle(scatter(page))
    box = at_rest(plot)
    left, right = (box["x"] + part * box["width"] for part in across)
    top, bottom = (box["y"] + part * box["height"] for part in down)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2, steps=3)
    page.mouse.move(right, bottom, steps=3)
    page.mouse.up()


def table(page: Page, which: int = 0) -> Locator:
    return page.get_by_test_id("stDataFrame").nth(which)


def click_row(page: Page, row: int, which: int = 0) -> None:
    """On the checkbox of a row of a table that shows its beginning."""
    canvases = table(page, which).locator("canvas")
    in_the_middle(canvases.first)
    box, head = at_rest(canvases.first), canvases.nth(1).evaluate("canvas => canvas.height")  # as high as a row
    page.mouse.click(box["x"] + CHECKBOX, box["y"] + head * (row + 1.5))


def selected(page: Page) -> Locator:
    """The rows of the table of samples that are selected and in sight, as who cannot see them is told."""
    return table(page).locator("[role=row][aria-selected=true]")


def downloaded(page: Page) -> pd.DataFrame:
    """The samples that the table lists."""
    button = page.get_by_role("button", name=re.compile(r"Download [\d,]+ sample"))
    with page.expect_download() as download:
        button.click()
    found = pd.read_csv(Path(download.value.path()))
    expect(button).to_contain_text(f"Download {len(found):,} sample")
    return found


def in_rectangle(page: Page) -> int:
    text = page.get_by_text(re.compile(r"\d samples? in the rectangle")).inner_text(timeout=PATIENCE)
    return int(re.findall(r"([\d,]+) sample", text)[0].replace(",", ""))


# --- chart, table and opened sample -----------------------------------------------------------------------------------


def test_a_click_on_a_mark_opens_its_sample_and_the_address_leads_there_again(samples: Page, browser: Browser) -> None:
    click_mark(samples, 7)
    assert_opened(samples, 7)
    assert_ring(samples, 7)
    expect(selected(samples)).to_have_count(1)
    expect(selected(samples).locator("[role=gridcell]").first).to_have_text("7")
    expect(samples).to_have_url(re.compile(r"[?&]sample=7\b"))
    samples.reload()
    assert_opened(samples, 7)
    assert_ring(samples, 7)
    fresh = browser.new_page()  # another visitor
    complete(fresh, samples.url)
    assert_opened(fresh, 7)
    assert_ring(fresh, 7)
    fresh.close()


def test_a_rectangle_lists_the_samples_in_it_and_is_found_again_by_its_address(samples: Page) -> None:
    everything = downloaded(samples)
    assert len(everything) == 60
    drag(samples, (0.15, 0.5), (0.3, 0.9))
    expect(samples).to_have_url(re.compile(r"[?&]box="), timeout=PATIENCE)
    count = in_rectangle(samples)
    assert 0 < count < 60
    expect(samples.get_by_role("button", name=f"Download {count} sample")).to_be_visible()
    listed = downloaded(samples)
    left, right, low, high = map(float, re.findall(r"box=([^&]+)", samples.url)[0].split("%2C"))
    inside = everything["initial_loss"].between(left, right) & everything["final_loss"].between(low, high)
    assert listed["sample"].tolist() == everything["sample"][inside].tolist()
    assert count == inside.sum()
    samples.reload()
    expect(rectangle(samples)).to_be_visible(timeout=PATIENCE)
    assert in_rectangle(samples) == count


def test_a_click_on_a_row_moves_the_ring_and_leaves_the_rectangle(samples: Page) -> None:
    """After which a click on the mark that was clicked first opens it once more."""
    click_mark(samples, 1)
    assert_opened(samples, 1)
    drag(samples, (0.15, 0.5), (0.3, 0.9))  # 1 is not in it
    count = in_rectangle(samples)
    wanted = int(downloaded(samples)["sample"].iloc[2])
    assert wanted != 1
    click_row(samples, 2)
    assert_opened(samples, wanted)
    assert_ring(samples, wanted)
    expect(rectangle(samples)).to_be_visible()
    assert in_rectangle(samples) == count
    expect(samples).to_have_url(re.compile(rf"[?&]sample={wanted}\b"))
    click_mark(samples, 1)
    assert_opened(samples, 1)
    assert_ring(samples, 1)
    expect(samples.get_by_text("in the rectangle")).to_have_count(0)  # a click beside it ends it


def test_a_typed_number_stays_and_moves_ring_and_row(samples: Page) -> None:
    click_row(samples, 3)
    assert_opened(samples, 3)
    number(samples, "Sample").fill("9")
    number(samples, "Sample").press("Enter")
    assert_opened(samples, 9)
    assert_ring(samples, 9)
    expect(selected(samples).locator("[role=gridcell]").first).to_have_text("9")
    click_mark(samples, 3)
    assert_opened(samples, 3)
    click_row(samples, 9)
    assert_opened(samples, 9)


def test_the_list_can_be_filtered_and_its_rows_are_those_that_are_seen(samples: Page) -> None:
    choice(samples, "Not memorized").click()
    expect(samples.get_by_role("button", name="Download 33 samples")).to_be_visible(timeout=PATIENCE)
    listed = downloaded(samples)
    assert not listed["memorized"].any()
    click_row(samples, 4)
    assert_opened(samples, int(listed["sample"].iloc[4]))
    expect(samples).to_have_url(re.compile(r"[?&]who=Not\+memorized\b"))


def test_another_statistic_is_chosen_from_the_menu(samples: Page) -> None:
    samples.get_by_role("combobox", name=re.compile("Horizontal")).click()
    samples.get_by_role("option", name="Least-squares margin").click()
    expect(scatter(samples).locator("[aria-label*='X-axis titled \\'Least-squares']")).to_be_attached(timeout=PATIENCE)
    expect(samples).to_have_url(re.compile(r"[?&]x=Least-squares\+margin\b"))
    settled(samples)
    click_mark(samples, 7)
    assert_opened(samples, 7)


def test_who_goes_to_another_view_and_comes_back_finds_the_ring_where_it_was(samples: Page) -> None:
    click_mark(samples, 7)
    assert_opened(samples, 7)
    number(samples, "Sample").fill("9")
    number(samples, "Sample").press("Enter")
    assert_ring(samples, 9)
    choice(samples, "Cartography").click()
    expect(samples.get_by_text(VIEWS["Cartography"])).to_be_visible(timeout=PATIENCE)
    assert_ring(samples, 9)
    click_mark(samples, 5)
    assert_opened(samples, 5)
    choice(samples, "The coin").click()
    expect(samples.get_by_text(VIEWS["The coin"])).to_be_visible(timeout=PATIENCE)
    choice(samples, "Samples").click()
    assert_opened(samples, 5)
    assert_ring(samples, 5)
    click_mark(samples, 9)
    assert_opened(samples, 9)


# --- one sample opened ------------------------------------------------------------------------------------------------


def test_the_step_slider_changes_the_logits_and_the_address(samples: Page) -> None:
    bars = marks(samples, "Class: 0; Logit")
    before = bars.first.get_attribute("aria-label")
    samples.get_by_role("slider", name="At training step").focus()
    samples.keyboard.press("Home")
    expect(samples).to_have_url(re.compile(r"[?&]step=0\b"), timeout=PATIENCE)
    expect(bars.first).not_to_have_attribute("aria-label", str(before), timeout=PATIENCE)
    samples.reload()
    expect(samples.get_by_role("slider", name="At training step")).to_have_attribute(
        "aria-valuetext", "0", timeout=PATIENCE
    )


def test_a_click_on_a_neighbour_opens_it(samples: Page) -> None:
    before = samples.url
    click_row(samples, 6, which=1)
    expect(samples).not_to_have_url(before, timeout=PATIENCE)
    [neighbour] = re.findall(r"[?&]sample=(\d+)", samples.url)
    assert_opened(samples, int(neighbour))
    assert_ring(samples, int(neighbour))


# --- the other views --------------------------------------------------------------------------------------------------


def test_a_click_on_a_bar_shows_the_histogram_of_its_statistic(page: Page, server: str) -> None:
    complete(page, server + SMALL + "&show=Predictors")
    expect(page.get_by_text(VIEWS["Predictors"])).to_be_visible(timeout=PATIENCE)
    click(page, marks(page, "Predictor: Least-squares margin; AUROC"))
    expect(page).to_have_url(re.compile(r"[?&]x=Least-squares\+margin\b"), timeout=PATIENCE)
    histogram = page.get_by_test_id("stVegaLiteChart").nth(1)
    expect(histogram.locator("[aria-label*='X-axis titled \\'Least-squares']")).to_be_attached(timeout=PATIENCE)
    no_exception(page)


def test_a_click_on_a_point_looks_closely_at_another_n(page: Page, server: str) -> None:
    complete(page, server + SMALL + "&show=Other+starts")
    expect(page.get_by_text(re.compile(r"at N = 60: "))).to_be_visible(timeout=PATIENCE)
    click_for(page, marks(page, "Samples N: 32; Overlap").first, page.get_by_text(re.compile(r"at N = 32: ")))
    expect(page).to_have_url(re.compile(r"[?&]at=32\b"))
    expect(number(page, "Look closely at $N$")).to_have_value("32")
    no_exception(page)


def test_a_film_that_is_paused_leaves_its_step_in_the_control_and_in_the_address(page: Page, server: str) -> None:
    complete(page, server + SMALL + "&show=Watch&step=0&sample=7")
    said = page.locator(".said")
    expect(said).to_contain_text("step 0 of 200", timeout=PATIENCE)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(said).to_contain_text(re.compile(r"step [1-9]\d* of"), timeout=PATIENCE)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page).not_to_have_url(re.compile(r"[?&]step=0\b"), timeout=PATIENCE)
    step = re.findall(r"step ([\d,]+) of", said.inner_text())[0]
    expect(page).to_have_url(re.compile(rf"[?&]step={step}\b"), timeout=PATIENCE)
    control = page.get_by_role("slider", name="At training step")
    expect(control).to_have_attribute("aria-valuetext", step, timeout=PATIENCE)
    assert_opened(page, 7)
    control.focus()  # and the other way round
    page.keyboard.press("Home")
    expect(said).to_contain_text("step 0 of 200", timeout=PATIENCE)
    no_exception(page)


def test_the_coin_is_tossed_again_by_its_button(page: Page, server: str) -> None:
    complete(page, server + SMALL + "&show=The+coin&coin=2")
    expect(page.get_by_text("52 heads and 48 tails")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Toss again").click()
    expect(page).to_have_url(re.compile(r"[?&]coin=3\b"), timeout=PATIENCE)
    expect(page.get_by_text("52 heads and 48 tails")).to_have_count(0, timeout=PATIENCE)
    expect(number(page, "Which tosses")).to_have_value("3")
    no_exception(page)


# --- from other pages -------------------------------------------------------------------------------------------------


def test_a_point_of_capacity_leads_to_its_samples(page: Page, server: str) -> None:
    complete(page, server + "/capacity?n=8&n=16&V=4&N=5&N=50&points=10&seeds=1&steps=200&lr=0.05")
    link = page.get_by_role("link", name=re.compile("samples of n = 16, N = 35"))
    click_for(page, marks(page, "dimension n: 16; Samples N: 35"), link)
    link.click()
    assert_opened(page, 0)
    for part in ("dim=16", "at=35", "V=4", "steps=200", "lr=0.05"):
        assert re.search(rf"[?&]{part}\b", page.url), page.url
    expect(page.get_by_text(re.compile(r"memorizes \d+ of 35 samples")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The link")).to_have_count(0)
    no_exception(page)


def test_along_training_leads_to_its_samples(page: Page, server: str) -> None:
    complete(page, server + "/jamming?look=Along+training&dim=8&V=4&at=35&seeds=1&steps=200&lr=0.05")
    page.get_by_role("link", name=re.compile("samples of n = 8, N = 35")).click(timeout=PATIENCE)
    assert_opened(page, 0)
    expect(page.get_by_text(re.compile(r"memorizes \d+ of 35 samples")).first).to_be_visible(timeout=PATIENCE)
    no_exception(page)


# --- every screen -----------------------------------------------------------------------------------------------------


def test_on_a_dark_phone_every_view_is_dark_and_needs_no_sideways_scrolling(browser: Browser, server: str) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 400, "height": 800})
    complete(page, server + SMALL)
    for show, words in VIEWS.items():
        choice(page, show).click(timeout=PATIENCE)
        expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".said") if show == "Watch" else chart(page)).to_be_visible(timeout=PATIENCE)
        assert is_dark(page)
        assert fits_its_width(page), show
    no_exception(page)
    page.close()


# Where a canvas has something on it that is no line of the grid, nearest to its middle.
INK = """canvas => {
    const { width, height } = canvas, context = canvas.getContext("2d");
    const { data } = context.getImageData(0, 0, width, height);
    const [cx, cy] = [width / 2, height / 2];
    let best = null, distance = Infinity;
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            if (data[4 * (y * width + x) + 3] > 150 && (x - cx) ** 2 + (y - cy) ** 2 < distance)
                [best, distance] = [[x / width, y / height], (x - cx) ** 2 + (y - cy) ** 2];
    return best;
}"""


def test_twenty_thousand_samples_can_be_clicked_and_selected(page: Page, server: str) -> None:
    complete(page, server + "/samples?at=20000&steps=100&x=Alignment&y=Least-squares+margin")
    expect(page.get_by_text("of 20,000 samples").first).to_be_visible(timeout=PATIENCE)
    canvas = scatter(page).locator("canvas")
    expect(canvas).to_be_visible(timeout=PATIENCE)
    assert_opened(page, 0)
    in_the_middle(canvas)
    page.wait_for_function(f"canvas => ({INK})(canvas) !== null", arg=canvas.element_handle(), timeout=PATIENCE)
    across, down = canvas.evaluate(INK)
    box = at_rest(canvas)
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.click(x, y)
    expect(page).to_have_url(re.compile(r"[?&]sample=\d+"), timeout=PATIENCE)
    [sample] = re.findall(r"[?&]sample=(\d+)", page.url)
    assert_opened(page, int(sample))
    page.mouse.move(x - 20, y - 20)
    page.mouse.down()
    page.mouse.move(x, y, steps=3)
    page.mouse.move(x + 20, y + 20, steps=3)
    page.mouse.up()
    expect(page.get_by_text(re.compile("samples? in the rectangle"))).to_be_visible(timeout=PATIENCE)
    assert 0 < in_rectangle(page) < 20_000
    no_exception(page)


def test_nonsense_in_a_link_is_dropped_with_a_sentence(page: Page, server: str) -> None:
    nonsense = "&x=%3Cscript%3Ewindow.hacked=1%3C/script%3E&show=1e9&box=1,2,%3Cb%3E&sample=99999&n=10"
    complete(page, server + SMALL + nonsense)
    expect(page.get_by_text("The link asks for show")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The link asks for box")).to_be_visible()
    expect(page.get_by_text("does not know")).to_have_count(0)  # n is of another page
    expect(scatter(page)).to_be_visible()
    assert page.evaluate("window.hacked") is None
    no_exception(page)
