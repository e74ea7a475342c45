"""The live part of a page as a browser drives it: its timer and its buttons run one fragment, not the page.

`AppTest` runs the whole page for each click, so that only a real server shows whether Stop stops.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.serving import PAGE_SECONDS, App, serve

# Half a minute of work, in small parts.
LONG = "n=20&n=30&V=40&N=5&N=400&points=80&seeds=4&steps=3000"
SHORT = "n=2&N=5&N=50&points=10&seeds=1&steps=100"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("live")) as running:
        yield running


class Tab:
    """A browser's tab, as far as it is needed: it keeps what it is sent, and clicks."""

    def __init__(self, socket: Any, query: str) -> None:
        self._socket = socket
        self._query = query
        self.fragment = ""
        self.buttons: dict[str, str] = {}  # key -> id
        self.texts: list[str] = []
        self.run()

    def run(self, fragment: str = "", clicked: str = "") -> None:
        """Run the page, or one fragment of it, and take in what comes until the server rests."""
        request = BackMsg()
        request.rerun_script.query_string = self._query
        request.rerun_script.fragment_id = fragment
        if clicked:
            state = request.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = clicked, True
        self._socket.send(request.SerializeToString())
        while self._takes_in(ForwardMsg.FromString(self._socket.recv(timeout=PAGE_SECONDS))):
            pass

    def _takes_in(self, message: ForwardMsg) -> bool:
        """Whether more will come."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.buttons, self.texts = {}, []  # all of it is drawn anew
        if kind == "delta":
            element = message.delta.new_element
            assert not element.HasField("exception"), element.exception.message
            if message.delta.fragment_id:
                self.fragment = message.delta.fragment_id
            if element.HasField("button"):
                self.buttons[element.button.id.rsplit("-", 1)[-1]] = element.button.id
            self.texts += [text for text in (element.markdown.body, element.progress.text) if text]
        return kind != "script_finished" or message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def tick(self) -> None:
        """What the timer of a live page does."""
        self.run(self.fragment)

    def click(self, key: str) -> None:
        self.run(self.fragment, self.buttons[key])

    def status(self) -> str:
        return next(text for text in self.texts if "networks" in text)


@contextmanager
def opened(app: App, query: str) -> Iterator[Tab]:
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None, proxy=None) as socket:
        yield Tab(socket, query)


def test_a_page_fills_by_its_timer_alone_and_then_rests(app: App) -> None:
    with opened(app, SHORT) as tab:
        give_up = time.monotonic() + PAGE_SECONDS
        while "stop" in tab.buttons:
            assert time.monotonic() < give_up
            time.sleep(0.1)
            tab.tick()
        assert tab.status().startswith("**10 networks**")


def test_stop_stops_and_go_on_goes_on(app: App) -> None:
    with opened(app, LONG) as tab:
        tab.tick()
        assert "networks trained" in tab.status()
        tab.click("stop")
        assert tab.status().startswith("Stopped at ")
        assert "stop" not in tab.buttons
        time.sleep(0.3)  # for workers in mid-chunk
        tab.run()
        there = tab.status()
        time.sleep(1)
        tab.run()
        assert tab.status() == there  # nothing is trained any more

        tab.click("go_on")
        assert "networks trained" in tab.status()
        assert "go_on" not in tab.buttons
        tab.tick()
        tab.click("stop")
        assert tab.status().startswith("Stopped at ")
    assert "Traceback" not in app.log()
