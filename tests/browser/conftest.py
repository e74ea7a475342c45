"""A Chromium and the app for it to look at. Without a Chromium these tests skip and say so; in CI they must run."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Error, Page, Request, sync_playwright

from tests.serving import App, serve

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
MISSING = (
    "BROWSER TESTS SKIPPED: no Chromium found; install the system package `chromium` or Google Chrome, "
    "or run `playwright install chromium`, or name a Chromium in the environment variable CHROMIUM"
)
OPTIONS = [
    "--no-sandbox",  # containers run as root, where Chromium's sandbox cannot start; only our own page is opened
    "--disable-gpu",  # the same pixels on every machine
    # No talk with anyone but the app, which a closed network would answer with refusals and delays.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a skip here, whatever its reason, would be a check that nobody made."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but tests in a browser are required in CI: {report.longrepr[2]}"
    elif report.failed:
        values = getattr(item, "funcargs", {})
        if "app" in values:
            report.sections.append(("Log of the app", values["app"].log()[-4000:]))
        if "browser" in values:
            pages = [page for context in values["browser"].contexts for page in context.pages]
            report.sections += [("A page", _state(page)) for page in pages]
    return report


def _state(page: Page) -> str:
    """What a page shows, and what went wrong in it."""
    try:
        text = page.locator("body").inner_text(timeout=5_000)
        errors = [error.stack or str(error) for error in page.page_errors()]
        return "\n".join([page.url, *errors, text[-2000:] or "(blank)"])
    except Error as error:  # it hangs, or is gone
        return f"{page.url}\n{error}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(MISSING, red=True, bold=True)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The running app and its log."""
    with serve(tmp_path_factory.mktemp("app"), "--server.headless", "true") as running:
        yield running


@pytest.fixture(scope="session")
def server(app: App) -> str:
    """The address of the running app."""
    return app.url


# Once a module and not once a session: Playwright keeps an event loop in this thread as long as it is open, which the
# tests of other folders would run into.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_chromium(playwright.chromium.executable_path)
        if found is None:
            pytest.skip(MISSING)
        chromium = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield chromium
        chromium.close()


def find_chromium(playwrights_own: str) -> str | None:
    """The one that the user names, else one that is installed, else Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return named
    candidates = [shutil.which(name) for name in NAMES] + [MACOS, playwrights_own]
    return next((path for path in candidates if path and Path(path).exists()), None)


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    """A fresh page, not yet opened: `page.goto(server)`. The test fails if the page asks another host for anything."""
    here = urlparse(app.url).netloc
    strangers: list[str] = []

    def note(request: Request) -> None:
        if urlparse(request.url).netloc not in (here, ""):  # "": data and blob addresses, which ask nobody
            strangers.append(request.url)

    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=app.url)
    context.on("request", note)
    yield context.new_page()
    context.close()
    assert not strangers, f"a classroom without internet would miss these: {strangers}"
