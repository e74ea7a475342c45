"""A server that is killed in mid-sweep, with an open page, and started again."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from core.cache import open_cache
from core.config import RunConfig
from core.train import train
from tests.browser.conftest import MISSING, OPTIONS, find_chromium
from tests.serving import App, free_port, serve
from tests.tab import opened

LONG = "n=20&n=30&V=40&N=5&N=400&points=40&seeds=2&steps=1000"  # some seconds of work, in many parts
ENOUGH = 10  # networks
A_WHILE = 30.0
BROWSER_SECONDS = 60_000  # milliseconds


@dataclass(frozen=True)
class Killed:
    """What was there when the server was killed, and what is there now."""

    folder: Path
    app: App  # the second
    before: int  # networks that the page had
    left: list[psutil.Process]  # children of the first that outlived it by some seconds
    query: str
    page: Page | None  # open in a browser all the time


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    folder, port = tmp_path_factory.mktemp("killed"), free_port()
    with ExitStack() as stack:
        page = None
        playwright = stack.enter_context(sync_playwright())
        if chromium := find_chromium(playwright.chromium.executable_path):
            page = playwright.chromium.launch(executable_path=chromium, args=OPTIONS).new_page()
        with serve(folder, "--server.headless", "true", port=port) as first:
            if page:
                page.goto(f"{first.url}/capacity?{LONG}")
                page.evaluate("window.never_reloaded = true")
            with opened(first, LONG) as tab:
                tab.follow(lambda tab: tab.there() >= ENOUGH)
                assert tab.timer is not None, "the sweep ended before the server could be killed"
                before, query = tab.there(), tab.query
            children = psutil.Process(first.pid).children(recursive=True)
            os.kill(first.pid, 9)
            _, left = psutil.wait_procs(children, timeout=4)
        app = stack.enter_context(serve(folder, "--server.headless", "true", port=port))
        yield Killed(folder, app, before, left, query, page)


@pytest.mark.browser
def test_an_open_page_goes_on_by_itself(killed: Killed) -> None:
    if killed.page is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    done = killed.page.get_by_text(re.compile(r"^160 networks.* from the cache\.$"))
    expect(done).to_be_visible(timeout=BROWSER_SECONDS)
    assert killed.page.evaluate("window.never_reloaded")
    expect(killed.page.get_by_text("Connection error")).to_have_count(0)


def test_what_was_finished_is_kept(killed: Killed) -> None:
    """What a tab had on its screen comes from the cache, and it is what training gives."""
    with opened(killed.app, killed.query) as tab:
        assert tab.there() >= killed.before
        tab.follow()
        assert tab.there() == 160
    assert "Traceback" not in killed.app.log()
    cache = open_cache(killed.folder / "cache")
    sizes = (5, 400)  # every curve's first points
    runs = [RunConfig(20, 40, size, num_steps=1000) for size in sizes]
    for run, trained in zip(runs, train(runs), strict=True):
        kept = cache.get(run)
        assert kept is not None
        assert (kept.memorized == trained.memorized).all()
    assert cache.stats().dropped == 0
    assert cache.stats().problem is None
    cache.close()


def test_workers_do_not_outlive_their_server(killed: Killed) -> None:
    assert killed.left == []


def test_a_server_that_is_asked_to_end_ends_its_workers_in_mid_sweep(tmp_path: Path) -> None:
    with serve(tmp_path) as app:
        with opened(app, LONG) as tab:
            tab.tick()
        children = psutil.Process(app.pid).children(recursive=True)
        assert children
        began = time.monotonic()
        os.kill(app.pid, 15)
        assert psutil.wait_procs([psutil.Process(app.pid), *children], timeout=A_WHILE)[1] == []
    assert time.monotonic() - began < A_WHILE
