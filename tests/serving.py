"""The app as its user starts it: `streamlit run explorer/app.py`, in a process of its own, new to Streamlit."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

START_SECONDS = 60  # importing torch from a cold disk is the longest part
PAGE_SECONDS = 60


@dataclass(frozen=True)
class App:
    """A running app: where it is, where its words go, and which process it is."""

    url: str
    log_file: Path
    pid: int = 0

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def get(self, path: str) -> str:
        # No proxy: one that the machine is set up with does not know this machine's localhost.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=5) as answer:
            return str(answer.read().decode())

    def visit(self, page_script_hash: str = "") -> list:
        """All messages that a browser gets while it opens a page: unlike a plain GET, this runs the page's script."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
        from websockets.sync.client import connect

        request = BackMsg()
        request.rerun_script.page_script_hash = page_script_hash
        stream = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        received = []
        with connect(stream, subprotocols=["streamlit"], max_size=None, proxy=None) as socket_:
            socket_.send(request.SerializeToString())
            while not received or received[-1].WhichOneof("type") != "script_finished":
                received.append(ForwardMsg.FromString(socket_.recv(timeout=PAGE_SECONDS)))
        return received


@contextmanager
def serve(folder: Path, *options: str, port: int | None = None, first: str = "") -> Iterator[App]:
    """Run the literal command from the repository's root; `folder` becomes its home and holds its cache and its log.

    Args:
        folder: an app that is started a second time goes on with what the first left there.
        options: of the command.
        port: where it serves; None: on any that is free.
        first: Python that its process runs before the command: a fault that it has to live with.
    """
    port = port or free_port()
    command = ["streamlit", "run", "explorer/app.py", "--server.port", str(port), *options]
    if first:
        command[:1] = [sys.executable, "-c", f"{first}\nfrom streamlit.web.cli import main; main()"]
    log_file = folder / "streamlit.log"
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=bare_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    app = App(f"http://localhost:{port}", log_file, process.pid)
    try:
        wait_until_healthy(app, process)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if hasattr(os, "killpg"):
            _end_all_of(process.pid)


def _end_all_of(group: int) -> None:
    """No test leaves a process behind, though an app that was killed cannot end its workers."""
    give_up = time.monotonic() + 2
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < give_up:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


def wait_until_healthy(app: App, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            if app.get("/_stcore/health") == "ok":
                return
        except OSError:
            pass  # not listening yet
        if process.poll() is not None:
            raise RuntimeError(f"streamlit ended with status {process.returncode}:\n{app.log()}")
        if time.monotonic() > give_up:
            raise RuntimeError(f"streamlit was not ready after {START_SECONDS} s:\n{app.log()}")
        time.sleep(0.1)


def bare_environment(home: Path) -> dict[str, str]:
    """An environment without help: nothing on Python's path, nothing known to Streamlit, no display for a browser."""
    unwanted = ("PYTHON", "STREAMLIT_", "EXPLORER_", "DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    environment["PATH"] = sysconfig.get_path("scripts") + os.pathsep + environment.get("PATH", "")
    environment["HOME"] = str(home)
    environment["EXPLORER_CACHE_DIR"] = str(home / "cache")
    environment["PYTHONUNBUFFERED"] = "1"  # else the log lags behind what it is asked about
    if sys.platform != "linux":  # elsewhere a browser would open without a DISPLAY
        environment["STREAMLIT_SERVER_HEADLESS"] = "true"
    return environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
