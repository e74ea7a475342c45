"""The page Capacity as its user has it: a real server, a real browser."""

import io
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.serving import App

PATIENCE = 60_000  # milliseconds; far more than a slow machine needs, and reached only by what never comes
SMALL = "/?n=10&n=20&N=5&N=100&points=20&seeds=1&steps=200"  # 40 networks, some tenths of a second of work
LONG = "/?steps=100000"  # 1,280 networks of a second each: it comes to no end, but always some steps further

TRAINED = re.compile(r"\b[1-9][\d,]* of [\d,]+ networks trained")
COMPLETE = re.compile(r"[\d,]+ networks in |all from the cache")
STOPPED = re.compile(r"Stopped at ([\d,]+) of")


def chart(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first


def status(page: Page) -> Locator:
    """The line above the chart."""
    return page.locator(".st-key-status")


def stop_button(page: Page) -> Locator:
    """Ours: while the page's script runs, Streamlit shows a Stop of its own in the header."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name)


def no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def open_complete(page: Page, address: str) -> None:
    """Open a page and wait for the end of its sweep."""
    page.goto(address)
    expect(status(page)).to_contain_text(COMPLETE, timeout=PATIENCE)


def stop(page: Page) -> int:
    """Press Stop; how many networks there are then."""
    stop_button(page).click()
    expect(status(page)).to_contain_text(STOPPED, timeout=PATIENCE)
    return number(STOPPED, status(page).inner_text())


def number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    assert found is not None, f"no {pattern.pattern!r} in {text!r}"
    return int(found[1].replace(",", ""))


def wait_for_more_than(page: Page, count: int) -> None:
    """Wait until the running sweep on the page has more than `count` networks."""
    page.wait_for_function(
        """count => {
            const found = /([\\d,]+) of [\\d,]+ networks trained/.exec(
                document.querySelector(".st-key-status")?.innerText ?? ""
            );
            return found && Number(found[1].replaceAll(",", "")) > count;
        }""",
        arg=count,
        timeout=PATIENCE,
    )


# --- a sweep comes, stops, goes on ------------------------------------------------------------------------------------


def test_the_page_opens_on_the_published_figure_and_fills(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", level=1)).to_contain_text("How many random labels", timeout=PATIENCE)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    expect(status(page).get_by_text(TRAINED)).to_have_text(
        re.compile(r"[1-9][\d,]* of 1,280 networks trained, about .* left"), timeout=PATIENCE
    )
    expect(status(page).get_by_role("progressbar")).to_be_visible()
    no_exception(page)
    count = stop(page)
    assert 0 < count < 1280
    expect(stop_button(page)).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    wait_for_more_than(page, count)
    assert stop(page) > count


def test_a_small_sweep_ends_with_its_finding(page: Page, server: str) -> None:
    open_complete(page, server + SMALL)
    expect(page.get_by_text("40 networks")).to_be_visible()
    expect(page.get_by_text("With n = 20 inputs the layer memorizes at least 95 %")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(stop_button(page)).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    # Who cannot see the chart is told what it shows.
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_attribute(
        "aria-label", re.compile("the layer memorizes at least 95 %"), timeout=PATIENCE
    )
    for name in ("n = 10", "n = 20"):
        expect(page.get_by_test_id("stVegaLiteChart").get_by_text(name, exact=True)).to_be_visible()
    no_exception(page)


def test_stop_is_next_to_the_presets_on_the_keyboard_and_what_is_stopped_takes_no_power(page: Page, app: App) -> None:
    page.goto(app.url + LONG)
    expect(stop_button(page)).to_be_visible(timeout=PATIENCE)
    working_of(app, wait_for=lambda working: working)
    page.get_by_role("button", name="as written").focus()
    page.keyboard.press("Tab")
    expect(stop_button(page)).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text(STOPPED, timeout=PATIENCE)
    said = status(page).inner_text()
    working_of(app, wait_for=lambda working: not working)
    assert status(page).inner_text() == said


def test_a_slider_can_be_moved_while_a_sweep_runs(page: Page, server: str) -> None:
    page.goto(server + LONG)
    expect(status(page)).to_contain_text("of 1,280 networks", timeout=PATIENCE)
    slider(page, "Seeds").focus()
    page.keyboard.press("ArrowLeft")
    expect(status(page)).to_contain_text("of 960 networks", timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"[?&]seeds=3\b"), timeout=PATIENCE)
    stop(page)
    no_exception(page)


def test_a_page_that_was_closed_leaves_no_work_behind(page: Page, app: App) -> None:
    left = page.context.new_page()
    left.goto(app.url + LONG)
    expect(stop_button(left)).to_be_visible(timeout=PATIENCE)
    working_of(app, wait_for=lambda working: working)
    left.close()
    working_of(app, wait_for=lambda working: not working)


def working_of(app: App, *, wait_for: Callable[[bool], bool]) -> None:
    """Wait until the app's worker processes are, or are not, at work."""
    if sys.platform != "linux":
        pytest.skip("reads the processors' time from /proc")
    workers = descendants(pid_of(app))
    assert workers, "the app has no worker processes"
    give_up = time.monotonic() + PATIENCE / 1000
    while True:
        before = ticks(workers)
        time.sleep(1)
        if wait_for(ticks(workers) - before > 2):  # of a hundred a second
            return
        assert time.monotonic() < give_up, "the workers still are, or never were, at work"


def pid_of(app: App) -> int:
    port = app.url.rpartition(":")[2].encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it has just ended
                continue
            if b"--server.port" in words and port in words:
                return int(entry.name)
    raise AssertionError(f"no process serves {app.url}")


def descendants(pid: int) -> set[int]:
    parents = {int(stat.split()[0]): int(after_name(stat)[1]) for stat in stats()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def ticks(pids: set[int]) -> int:
    """The processors' time that these processes have used, in hundredths of a second."""
    used = sum(sum(map(int, after_name(stat)[11:13])) for stat in stats() if int(stat.split()[0]) in pids)
    return used * 100 // os.sysconf("SC_CLK_TCK")


def stats() -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append(file.read_text())
        except OSError:  # it has just ended
            continue
    return found


def after_name(stat: str) -> list[str]:
    """The fields of a /proc/*/stat from the third on: the second, a name in brackets, may hold anything."""
    return stat.rpartition(")")[2].split()


# --- two pages --------------------------------------------------------------------------------------------------------


def test_two_pages_on_one_link_come_to_one_end(page: Page, server: str) -> None:
    address = server + SMALL.replace("steps=200", "steps=500")
    pages = (page, page.context.new_page())
    for each in pages:
        each.goto(address, wait_until="commit")
    findings = []
    for each in pages:
        expect(status(each)).to_contain_text(COMPLETE, timeout=PATIENCE)
        finding = each.get_by_text("With n = 20 inputs the layer memorizes")
        expect(finding).to_be_visible(timeout=PATIENCE)
        findings.append(finding.inner_text())
        no_exception(each)
    assert findings[0] == findings[1]


def test_stop_stops_the_own_page_only(page: Page, server: str) -> None:
    other = page.context.new_page()
    for each in (page, other):
        each.goto(server + LONG)
        expect(stop_button(each)).to_be_visible(timeout=PATIENCE)
    count = stop(page)
    wait_for_more_than(other, count + 1)  # one more may have been on its way
    expect(status(page)).to_contain_text(f"Stopped at {count:,} of")
    stop(other)


# --- the address holds the state --------------------------------------------------------------------------------------


def test_a_moved_slider_is_in_the_address_and_survives_a_reload(page: Page, server: str) -> None:
    open_complete(page, server + SMALL)
    slider(page, "Classes").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"[?&]V=11\b"), timeout=PATIENCE)
    expect(status(page)).to_contain_text("40 networks in ", timeout=PATIENCE)
    address = page.url
    page.reload()
    expect(slider(page, "Classes")).to_have_attribute("aria-valuetext", "11", timeout=PATIENCE)
    expect(status(page)).to_contain_text("40 networks, all from the cache", timeout=PATIENCE)
    expect(page).to_have_url(address)
    expect(page.get_by_text("The link")).to_have_count(0)


def test_every_kind_of_control_is_in_the_address_and_comes_back_from_it(page: Page, server: str) -> None:
    address = server + SMALL + "&V=3&lr=0.03&bias=false&data=Nested&optimizer=GD&published=false"
    open_complete(page, address)
    for name, value in {"Classes": "3", "Learning rate": "0.03", "Training steps": "200"}.items():
        expect(slider(page, name)).to_have_attribute("aria-valuetext", value)
    for name in ("Bias", "Show the published curves"):
        expect(page.get_by_role("switch", name=name)).not_to_be_checked()
    for name in ("Nested", "GD"):
        expect(page.get_by_role("radio", name=name)).to_be_checked()
    expect(page.get_by_text("The link")).to_have_count(0)
    expect(page).to_have_url(address)


def test_the_preset_as_written_sets_forty_classes(page: Page, server: str) -> None:
    open_complete(page, server + SMALL)
    page.get_by_role("button", name="as written").click()
    expect(page).to_have_url(re.compile(r"\?V=40$"), timeout=PATIENCE)  # all else is as on the bare page
    expect(status(page)).to_contain_text("of 1,280 networks trained", timeout=PATIENCE)
    stop(page)
    page.reload()
    expect(slider(page, "Classes")).to_have_attribute("aria-valuetext", "40", timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"\?V=40$"))
    expect(stop_button(page)).to_be_visible(timeout=PATIENCE)
    stop(page)


def test_the_browsers_back_button_leads_back_to_the_settings(page: Page, server: str) -> None:
    address = server + SMALL + "&V=12"
    open_complete(page, address)
    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=PATIENCE)
    page.go_back()
    expect(status(page)).to_contain_text("40 networks, all from the cache", timeout=PATIENCE)
    expect(slider(page, "Classes")).to_have_attribute("aria-valuetext", "12")
    expect(page).to_have_url(address)


# --- what cannot be computed ------------------------------------------------------------------------------------------


def test_without_a_dimension_a_sentence_asks_for_one(page: Page, server: str) -> None:
    open_complete(page, server + SMALL)
    page.get_by_role("button", name="Clear all").click()
    asks = page.get_by_text("Nothing was started: Choose at least one input dimension")
    expect(asks).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(0)
    page.reload()
    expect(asks).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The link")).to_have_count(0)  # the page itself wrote that link
    no_exception(page)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("&V=seventeen", "The link asks for V"),
        ("&n=99999", "The link asks for n"),
        ("&steps=nan&lr=-1e308", "The link asks for"),
        ("&<script>window.hacked=1</script>=1", "which this page does not know"),
        ("&V=[a](javascript:window.hacked=1)", "The link asks for V"),
        ("&n=<img src=x onerror=window.hacked=1>", "The link asks for n"),
    ],
)
def test_nonsense_in_a_link_is_dropped_with_a_sentence(page: Page, server: str, query: str, words: str) -> None:
    open_complete(page, server + SMALL + query)
    expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("window.hacked") is None
    no_exception(page)


def test_a_link_of_nothing_but_nonsense_leads_to_the_defaults(page: Page, server: str) -> None:
    nonsense = "n=99999&V=abc&N=7&lr=nan&bias=maybe&data=x&optimizer=sgd&published=2"
    open_complete(page, f"{server}/?points=10&seeds=1&steps=100&{nonsense}")
    for key in re.findall(r"(\w+)=", nonsense):
        expect(page.get_by_text(f"The link asks for {key} = ", exact=False)).to_be_visible()
    expect(slider(page, "Classes")).to_have_attribute("aria-valuetext", "10")
    expect(slider(page, "Learning rate")).to_have_attribute("aria-valuetext", "0.01")
    expect(slider(page, "Samples").first).to_have_attribute("aria-valuetext", "5")
    expect(slider(page, "Samples").last).to_have_attribute("aria-valuetext", "400")
    expect(page.get_by_text("40 networks")).to_be_visible()  # four dimensions, ten points
    assert "abc" not in page.url
    no_exception(page)


def test_a_sweep_that_would_not_fit_is_refused_with_the_number_to_lower(page: Page, server: str) -> None:
    page.goto(server + "/?n=512&V=1000&N=5&N=20000&steps=100000&seeds=16")
    expect(page.get_by_text(re.compile("Nothing was started: .* lower the"))).to_be_visible(timeout=PATIENCE)
    expect(stop_button(page)).to_have_count(0)
    no_exception(page)


# --- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_readers_and_axes_are_legible_in_it(
    page: Page, server: str, scheme: str, tmp_path: Path
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_complete(page, server + SMALL)
    expect(chart(page)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)  # to be looked at by whoever wonders
    background = most_common_colour(chart(page).screenshot())
    assert background == most_common_colour(page.get_by_test_id("stMain").screenshot()), "the chart is a foreign body"
    assert (luminance(background) < 0.05) == (scheme == "dark")
    labels = page.get_by_test_id("stVegaLiteChart").locator(".role-axis-label text, .role-axis-title text")
    if labels.count() == 0:
        pytest.skip("the chart is a canvas, whose labels have no elements to ask")
    for colour in set(labels.evaluate_all("labels => labels.map(label => getComputedStyle(label).fill)")):
        red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
        assert contrast(luminance((red, green, blue)), luminance(background)) >= 4.5


def most_common_colour(png: bytes) -> tuple[int, int, int]:
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    red, green, blue = colours[counts.argmax()].tolist()
    return red, green, blue


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as in WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("path", [SMALL, "/storage"])
def test_a_phone_needs_no_sideways_scrolling(page: Page, server: str, path: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(server + path)
    last = page.get_by_test_id("stDataFrame") if path == SMALL else page.get_by_role("button", name="Clear the cache")
    expect(last).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    inside = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert inside <= 0  # Streamlit scrolls this element, not the document
