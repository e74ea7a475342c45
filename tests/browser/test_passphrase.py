"""The passphrase in a browser: one field, then the page of the link, and no second question."""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.looking import COMPLETE, PATIENCE, no_exception
from tests.serving import App, free_port, serve

SECRET = "three quiet otters"
LINK = "/capacity?n=4&N=5&N=50&points=10&seeds=1&steps=100"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app whose passphrase stands in Streamlit's file of secrets, in its user's home."""
    home = tmp_path_factory.mktemp("locked")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(f'EXPLORER_PASSPHRASE = "{SECRET}"\n')
    with serve(home, "--server.headless", "true") as running:
        yield running


@pytest.fixture
def server(app: App) -> str:
    return app.url


def test_a_link_asks_once_and_then_shows_what_it_says(page: Page, server: str, app: App) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(server + LINK)
    field = page.get_by_label("Passphrase", exact=True)
    expect(field).to_be_focused(timeout=PATIENCE)
    assert field.get_attribute("type") == "password"
    assert page.get_by_role("textbox").count() + page.get_by_role("slider").count() <= 1
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(0)
    expect(page.get_by_text("Learning rate")).to_have_count(0)  # the names of pages neither
    assert not (app.log_file.parent / "cache").exists(), "something was begun before the passphrase"

    field.fill("three loud otters")
    field.press("Enter")
    expect(page.get_by_text("That is not the passphrase.")).to_be_visible(timeout=PATIENCE)
    expect(field).to_have_value("")
    field.fill(SECRET)
    field.press("Enter")
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    expect(field).to_have_count(0)
    no_exception(page)
    expect(page.get_by_text("10 networks in ")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]steps=100"))
    expect(page).to_have_url(re.compile(r"[?&]N=5&N=50"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    remembered(page)

    # What leaves the page and comes back is a session of its own: reloading, links from page to page, another tab.
    page.goto(server + LINK)
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    page.goto(server + "/storage")
    expect(page.get_by_text("Results kept")).to_be_visible(timeout=PATIENCE)

    [cookie] = [each for each in page.context.cookies() if each["name"] == "explorer_pass"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["expires"] == -1, "it ends with the browser"
    left = f"{cookie} {sent} {page.url} {app.log()} {page.evaluate('JSON.stringify([localStorage, sessionStorage])')}"
    assert not re.search(r"otters", left)


def test_another_browser_and_a_forged_cookie_are_asked_again(page: Page, server: str) -> None:
    page.context.add_cookies([{"name": "explorer_pass", "value": "x" * 43, "url": server}])
    page.goto(server + "/samples?dim=10&at=40")
    expect(page.get_by_label("Passphrase", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/samples\?dim=10&at=40$"))
    say(page, page.url)
    expect(page).to_have_url(re.compile(r"/samples\?.*at=40"))


def test_who_guesses_does_not_hold_up_others(page: Page, server: str, app: App) -> None:
    say(page, server + LINK)
    done = threading.Event()
    guesser = threading.Thread(target=guess, args=(app, done))
    guesser.start()
    try:
        page.wait_for_timeout(3_000)
        page.goto(server + "/storage")  # known by its cookie
        expect(page.get_by_text("Results kept")).to_be_visible(timeout=5_000)
    finally:
        done.set()
        guesser.join()
    assert re.search(r"each try now waits [1-9]", app.log())


def test_who_keeps_no_cookies_comes_in_too(page: Page, server: str) -> None:
    page.add_init_script("Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} })")
    page.goto(server + LINK)
    page.get_by_label("Passphrase", exact=True).fill(SECRET)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"[?&]steps=100"))


def test_a_tab_that_was_open_when_the_app_started_anew_shows_what_its_address_says(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f'EXPLORER_PASSPHRASE = "{SECRET}"\n')
    port = free_port()
    with browser.new_page() as page:
        with serve(tmp_path, "--server.headless", "true", port=port) as first:
            page.goto(first.url + "/capacity?n=20&V=14&steps=20000")
            page.get_by_label("Passphrase", exact=True).fill(SECRET, timeout=PATIENCE)
            page.get_by_role("button", name="Open").click()
            expect(page.get_by_text("of 320 networks trained")).to_be_visible(timeout=PATIENCE)
        with serve(tmp_path, "--server.headless", "true", port=port):
            field = page.get_by_label("Passphrase", exact=True)
            expect(field).to_be_focused(timeout=PATIENCE)
            expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
            field.fill(SECRET)
            field.press("Enter")
            expect(page.get_by_text("of 320 networks trained")).to_be_visible(timeout=PATIENCE)
            page.wait_for_timeout(3_000)  # what else the browser has to say comes within that
            expect(page.get_by_text("of 320 networks trained")).to_be_visible()  # and not all that are the default


def say(page: Page, address: str) -> None:
    """Open an address, type the passphrase, and wait for the page and for the browser to keep its cookie."""
    page.goto(address)
    page.get_by_label("Passphrase", exact=True).fill(SECRET)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text(COMPLETE)).to_be_visible(timeout=PATIENCE)
    remembered(page)


def remembered(page: Page) -> None:
    page.wait_for_function("document.cookie.includes('explorer_pass')", timeout=PATIENCE)


def guess(app: App, done: threading.Event) -> None:
    """Type one wrong passphrase after the other, as fast as the server lets this session."""
    request = BackMsg()
    request.rerun_script.query_string = ""
    stream = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(stream, subprotocols=[Subprotocol("streamlit")], proxy=None) as socket:
        while not done.is_set():
            socket.send(request.SerializeToString())
            shown = {}
            while (message := ForwardMsg.FromString(socket.recv(timeout=60))).WhichOneof("type") != "script_finished":
                element = message.delta.new_element
                shown[element.WhichOneof("type")] = element
            request = BackMsg()
            widgets = request.rerun_script.widget_states.widgets
            widgets.add(id=shown["text_input"].text_input.id, string_value=os.urandom(4).hex())
            widgets.add(id=shown["button"].button.id, trigger_value=True)
