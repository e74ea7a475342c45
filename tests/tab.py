"""A browser's tab without a browser: it talks to the running app as one does, many at once if need be.

`AppTest` runs the whole page for each click; here a fragment's timer and its buttons run the fragment alone, over a
connection, which can break.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.util import calc_hash
from websockets.sync.client import ClientConnection, connect

from tests.serving import PAGE_SECONDS, App

# Widget -> how the browser sends its value.
FIELDS = {
    "slider": "double_array_value",
    "select_slider": "string_array_value",
    "multiselect": "string_array_value",
    "button_group": "string_array_value",
    "number_input": "double_value",
    "selectbox": "string_value",
    "checkbox": "bool_value",
}


class Tab:
    """What a tab shows, and what its user does.

    Attributes:
        query: of its address, which follows the controls.
        texts: Markdown and captions, in the order in which they came.
        progress: what stands on the bar; empty where there is none.
        warnings, errors: what stands in boxes.
        widgets: key -> kind and description of a control.
        buttons: key -> id.
        timer: seconds after which the live part runs again; None while it rests.
        charts: how many there are.
        metrics: label -> value.
    """

    def __init__(self, socket: ClientConnection, query: str = "", page: str = "capacity") -> None:
        self._socket = socket
        self._page_hash = calc_hash(page)
        self._states: dict[str, WidgetState] = {}
        self.query = query
        self.fragment = ""
        self.widgets: dict[str, tuple[str, Any]] = {}
        self.run()

    def run(self, fragment: str = "", clicked: str = "") -> None:
        """Run the page, or one fragment of it, and take in what comes until the server rests."""
        self.ask(fragment, clicked)
        while self._takes_in(ForwardMsg.FromString(self._socket.recv(timeout=PAGE_SECONDS))):
            pass

    def ask(self, fragment: str = "", clicked: str = "") -> None:
        """Ask for the same, and do not wait for it."""
        self._is_whole = not fragment
        request = BackMsg()
        request.rerun_script.query_string = self.query
        request.rerun_script.page_script_hash = self._page_hash
        request.rerun_script.fragment_id = fragment
        request.rerun_script.widget_states.widgets.extend(self._states.values())
        if clicked:
            request.rerun_script.widget_states.widgets.add(id=clicked, trigger_value=True)
        self._socket.send(request.SerializeToString())

    def _takes_in(self, message: ForwardMsg) -> bool:
        """Whether more will come."""
        match message.WhichOneof("type"):
            case "new_session":  # all of it is drawn anew, or all of the fragment
                self.texts: list[str] = []
                self.warnings: list[str] = []
                self.errors: list[str] = []
                self.buttons: dict[str, str] = {}
                self.progress = ""
                self.charts = 0
                self.metrics: dict[str, str] = {}
                if self._is_whole:
                    self.widgets, self.timer = {}, None
            case "auto_rerun":
                self.timer, self.fragment = message.auto_rerun.interval, message.auto_rerun.fragment_id
            case "navigation":  # else the next run would count as a change of the page
                self._page_hash = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "script_finished":
                early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
                self._is_whole |= early  # what a fragment asks to be run again is the page
                return early
            case "delta":
                if message.delta.fragment_id:
                    self.fragment = message.delta.fragment_id
                self._shows(message.delta.new_element)
        return True

    def _shows(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        content = getattr(element, kind) if kind else None
        match kind:
            case "exception":
                raise AssertionError(f"{content.type}: {content.message}\n" + "\n".join(content.stack_trace))
            case "markdown":
                self.texts.append(content.body)
            case "progress":
                self.progress = content.text
                self.texts.append(content.text)
            case "alert":
                (self.errors if content.format == Alert.ERROR else self.warnings).append(content.body)
            case "button":
                self.buttons[_key(content.id)] = content.id
            case "metric":
                self.metrics[content.label] = content.body
            case "vega_lite_chart":
                self.charts += 1
            case "slider" if content.type == Slider.SELECT_SLIDER:
                self.widgets[_key(content.id)] = "select_slider", content
            case _ if kind in FIELDS:
                self.widgets[_key(content.id)] = kind, content

    # --- what its user does -------------------------------------------------------------------------------------------

    def set(self, name: str, *values: Any) -> None:
        """Move a control, and run the page.

        Args:
            name: the control's key, or its label.
            values: as they are written on the page; both ends of a range, any number of a set.
        """
        key = name if name in self.widgets else next(k for k, (_, w) in self.widgets.items() if w.label == name)
        kind, widget = self.widgets[key]
        state = WidgetState(id=widget.id)
        if FIELDS[kind].endswith("array_value"):
            getattr(state, FIELDS[kind]).data.extend(values)
        else:
            [value] = values
            setattr(state, FIELDS[kind], value)
        self._states[widget.id] = state
        written = [str(value).lower() if isinstance(value, bool) else value for value in values]
        self.query = urlencode(parse_qs(self.query) | {key: written}, doseq=True)
        self.run()

    def click(self, key: str) -> None:
        """Press a button of the live part."""
        self.run(self.fragment, self.buttons[key])

    def tick(self) -> None:
        """What the timer of a live page does."""
        self.run(self.fragment)

    def follow(self, until: Callable[["Tab"], bool] = lambda tab: False, seconds: float = PAGE_SECONDS) -> None:
        """Do as the page's timer says until the page rests or `until(tab)`.

        Raises:
            AssertionError: neither comes within `seconds`.
        """
        give_up = time.monotonic() + seconds
        while self.timer is not None and not until(self):
            assert time.monotonic() < give_up, f"waited in vain: {self.progress or self.texts}"
            time.sleep(self.timer)
            self.tick()

    def status(self) -> str:
        """How far the sweep is."""
        return next(text for text in self.texts if re.search(r"\bnetworks?\b|\bexact limits?\b", text))

    def there(self) -> int:
        """How many results there are, as the status says."""
        found = re.search(r"\d[\d,]*", self.status())
        assert found is not None
        return int(found[0].replace(",", ""))


@contextmanager
def opened(app: App, query: str = "", page: str = "capacity") -> Iterator[Tab]:
    """A tab with a page of the app; it is closed at the end."""
    with connected(app) as socket:
        yield Tab(socket, query, page)


def connected(app: App) -> ClientConnection:
    """A connection as a tab has one."""
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    # A minute for the handshake: thirty tabs may come at once.
    return connect(address, subprotocols=["streamlit"], max_size=None, proxy=None, open_timeout=PAGE_SECONDS)


def _key(widget_id: str) -> str:
    """Streamlit puts a widget's key at the end of its id."""
    return widget_id.rsplit("-", 1)[-1]
