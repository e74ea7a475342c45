"""A thousand connections that come and go in mid-sweep: nothing of them is left but a running app."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from explorer.jobs import PATIENCE_SECONDS
from tests.serving import App
from tests.tab import connected, opened

# Half a minute of work, in small parts, of data that no other test has.
LONG = "n=21&n=31&V=40&N=5&N=400&points=80&seeds=4&steps=3000"
SMALL = "n=2&N=5&N=50&points=10&seeds=1&steps=100"
NUM_RETURNS, NUM_STRANGERS = 950, 50  # connections that name a session which was there before; new ones
REST_SECONDS = 3.0  # in which even a worker that hardly gets a core, beside much else, would show that it works,
REST_CPU_SECONDS = 0.05  # while one that rests only looks once a second whether its app still lives
MORE_BYTES = 100e6  # Streamlit keeps the last 128 sessions for two minutes, in case they come back
MORE_FILES_A_SESSION = 4


def comes_and_goes(app: App, session: str) -> None:
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, subprotocols=["streamlit", "-", session], proxy=None):  # type: ignore[list-item]
        pass


def request(query: str) -> bytes:
    """What a tab sends first."""
    message = BackMsg()
    message.rerun_script.query_string = query
    return message.SerializeToString()


def session_of(tab: Any) -> str:
    """The name by which a tab's browser would ask for its session again."""
    tab.ask()
    while True:
        message = ForwardMsg.FromString(tab._socket.recv(timeout=10))
        if message.HasField("new_session"):
            return str(message.new_session.initialize.session_id)


def busy_seconds(server: psutil.Process) -> float:
    """What the workers have computed so far."""
    return sum(sum(child.cpu_times()[:2]) for child in server.children(recursive=True))


def test_a_thousand_reconnects_in_mid_sweep(app: App, server: psutil.Process) -> None:
    with opened(app, SMALL) as tab:  # all that is loaded once is loaded
        tab.follow()
    threads, memory, files = server.num_threads(), server.memory_info().rss, server.num_fds()

    with ExitStack() as tabs:
        watchers = [tabs.enter_context(opened(app, f"{LONG}&lr={rate}")) for rate in ("0.01", "0.02")]
        sessions = [session_of(tab) for tab in watchers]
        for number in range(NUM_STRANGERS):
            with connected(app) as socket:
                socket.send(request(f"{LONG}&lr=0.0{1 + number % 2}"))
                if number % 10 == 0:
                    socket.recv(timeout=20)
    with ThreadPoolExecutor(4) as browsers:
        returns = [browsers.submit(comes_and_goes, app, sessions[number % 2]) for number in range(NUM_RETURNS)]
    for each in returns:
        each.result()

    give_up = time.monotonic() + PATIENCE_SECONDS + 20
    while True:
        before = busy_seconds(server)
        time.sleep(REST_SECONDS)
        if busy_seconds(server) - before < REST_CPU_SECONDS and server.num_threads() <= threads + 2:
            break
        assert time.monotonic() < give_up, "somebody still works for nobody, or is still there"
    assert server.memory_info().rss < memory + MORE_BYTES
    assert server.num_fds() < files + 128 * MORE_FILES_A_SESSION

    with opened(app, SMALL.replace("100", "200")) as tab:
        tab.follow()
        assert tab.there() == 10
    with opened(app, f"{LONG}&lr=0.01") as tab:
        assert tab.there() > 0, "what was finished is kept"
        if "stop" in tab.buttons:  # a fast machine may have finished it all
            tab.click("stop")
    assert "Traceback" not in app.log()
