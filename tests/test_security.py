"""What others can write (the folder of the cache, an address) is never run, and leads to no file.

Text in links: `explorer/test_hostile.py` and `browser/test_hostile.py`.
"""

import ast
import pickle
import socket
import sqlite3
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from diskcache.core import MODE_BINARY, MODE_PICKLE
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.core.test_serial import Bait
from tests.serving import ROOT, App, serve

SOURCES = sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "explorer").rglob("*.py")])


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """File, dotted name and node of every call in the sources."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield file.relative_to(ROOT).as_posix(), ast.unparse(node.func), node


def keywords(call: ast.Call) -> dict[str, str]:
    return {keyword.arg or "**": ast.unparse(keyword.value) for keyword in call.keywords}


# --- the sources ------------------------------------------------------------------------------------------------------


def test_nothing_that_unpickles_is_imported() -> None:
    unpickling = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "jsonpickle"}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found = {name.split(".")[0] for name in names} & unpickling
            assert not found or (found == {"pickle"} and only_measures(file)), file


def only_measures(file: Path) -> bool:
    """Whether a benchmark uses pickle for nothing but to see how many bytes are sent to another process."""
    uses = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)]
    pickles = {node.attr for node in uses if ast.unparse(node.value) == "pickle"}
    return "bench" in file.parts and pickles == {"dumps"} and "import pickle\n" in file.read_text("utf-8")


def test_no_call_reads_a_pickle_or_runs_text() -> None:
    running = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "runpy.run_path"}
    for file, name, call in calls():
        where = f"{file}:{call.lineno}"
        last = name.rsplit(".", 1)[-1]
        assert name not in running, where
        assert last not in {"read_pickle", "fromfile", "memmap"}, where
        assert not (name.startswith("torch.") and last == "load"), where
        assert name != "np.load" or keywords(call).get("allow_pickle") == "False", where
        assert "persist" not in keywords(call), f"{where}: Streamlit keeps such a cache on disk, as a pickle"
        assert name != "diskcache.Cache" or keywords(call).get("disk") == "BytesDisk", where
        assert keywords(call).get("shell", "False") == "False", where


def test_html_is_written_in_the_places_that_were_looked_at() -> None:
    """One link, made of a page's name, words with numbers in them, and a query that `urlencode` made."""
    places = {(file, ast.unparse(call.args[0])) for file, _, call in calls() if "unsafe_allow_html" in keywords(call)}
    assert places == {("explorer/page.py", 'f\'<a href="{page}?{query}" target="_self"><b>{text}</b></a>\'')}
    constants = {ast.unparse(call.args[0]) for _, name, call in calls() if name in ("st.html", "components.html")}
    assert constants == {"ALONE", "CARDS_CSS", "CLOSER", "LARGE", "PRINT", "QUIET", "STYLE"}
    for file, name, call in calls():
        assert "unsafe_allow_javascript" not in keywords(call), file
        assert not name.endswith(("components.v1.html", "components.v1.iframe", "st.iframe")), file


def test_what_the_address_says_is_read_in_the_places_that_were_looked_at() -> None:
    reading = {file.relative_to(ROOT).as_posix() for file in SOURCES if "query_params" in file.read_text("utf-8")}
    assert reading == {
        "explorer/carrying.py",  # one n or several of a link, by `controls.taken`
        "explorer/compare.py",  # what is pinned, of which `configurations.read` takes only legal values
        "explorer/controls.py",
        "explorer/keep/addresses.py",  # what is pinned, and the rectangle: to write the address down, quoted
        "explorer/page.py",
        "explorer/views/home.py",  # all of it, for `st.switch_page`: Capacity then reads it as its own address
        "explorer/views/lesson/address.py",  # guesses, by `controls.taken`; of names of steps the known ones
        "explorer/views/lesson/page.py",  # what a link could not have, by `controls.url_notes`
        "explorer/views/samples/scatter.py",
    }


# --- the running app: its folder, and its addresses -------------------------------------------------------------------


def plant(folder: Path, marker: Path) -> int:
    """Make pickles of what the cache holds: in its values, behind its keys, in files that its rows name."""
    bait = pickle.dumps(Bait(marker))
    for name in ("bait.val", "cache.pkl", "0.pickle"):
        (folder / name).write_bytes(bait)
    with closing(sqlite3.connect(folder / "cache.db")) as database, database:
        rows = [row for (row,) in database.execute("SELECT rowid FROM Cache ORDER BY rowid")]
        for number, row in enumerate(rows):
            change: tuple[str, tuple[Any, ...]] = [
                ("mode = ?, value = ?", (MODE_PICKLE, bait)),
                ("mode = ?, value = NULL, filename = ?", (MODE_PICKLE, "bait.val")),
                ("mode = ?, value = NULL, filename = ?", (MODE_BINARY, str(folder / "bait.val"))),
                ("value = ?", (bait,)),
                ("key = ?, raw = 0", (bait + bytes([number]),)),
            ][number % 5]
            database.execute(f"UPDATE Cache SET {change[0]} WHERE rowid = ?", (*change[1], row))
        return len(rows)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("secure"), "--server.headless", "true") as running:
        yield running


def texts(messages: list[Any]) -> str:
    shown = [message.delta.new_element for message in messages if message.HasField("delta")]
    assert not any(element.exception.message for element in shown)
    return " ".join(element.markdown.body for element in shown)


def page_hash(app: App, name: str) -> str:
    navigation = next(message.navigation for message in app.visit() if message.HasField("navigation"))
    return str(next(page.page_script_hash for page in navigation.app_pages if page.url_pathname == name))


def test_pickles_in_the_folder_of_the_cache_are_not_run_by_the_app(tmp_path: Path) -> None:
    folder, marker = tmp_path / "cache", tmp_path / "marker"
    options = ("--server.headless", "true")
    with serve(tmp_path, *options) as app:
        for name in ("jamming", "samples"):
            app.visit(page_hash(app, name))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert plant(folder, marker) > 5
    with serve(tmp_path, *options) as app:  # which has nothing in memory
        for name in ("capacity", "jamming", "samples"):
            texts(app.visit(page_hash(app, name)))
        status = " ".join(str(message) for message in app.visit(page_hash(app, "storage")))
        assert "damaged entries were found, dropped" in status, "the baits were not met"
    assert not marker.exists(), "a pickle was run"
    pickle.loads((folder / "bait.val").read_bytes())  # noqa: S301  # the bait works
    assert marker.exists()


def other_address() -> str | None:
    """This machine's address on its network; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def listens(address: str, port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(2)
        return caller.connect_ex((address, port)) == 0


def test_only_this_computer_is_answered_unless_the_class_is_asked_in(app: App, tmp_path: Path) -> None:
    address = other_address()
    if address is None:
        pytest.skip("NOT TESTED: who is answered. This machine is on no network.")
    port = int(app.url.rsplit(":", 1)[1])
    assert listens("127.0.0.1", port)
    assert not listens(address, port)
    with serve(tmp_path, "--server.headless", "true", "--server.address", "0.0.0.0") as open_app:
        assert listens(address, int(open_app.url.rsplit(":", 1)[1]))


def test_a_page_of_another_site_cannot_talk_to_the_app(app: App) -> None:
    stream = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    with pytest.raises(InvalidStatus) as refused:
        connect(stream, subprotocols=["streamlit"], origin="http://attacker.example", proxy=None)  # type: ignore[list-item,arg-type]
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("start", ["/", "/static/", "/media/", "/component/", "/_stcore/", "/app/static/", "/samples/"])
@pytest.mark.parametrize("climb", ["../" * 9, "..%2f" * 9, "%2e%2e/" * 9, "..%5c" * 9, "//", "%00/"])
def test_no_address_leads_to_a_file_outside(app: App, start: str, climb: str) -> None:
    request = urllib.request.Request(app.url)
    request.selector = f"{start}{climb}etc/passwd"  # as it is: urllib would tidy it up
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    assert b"root:" not in body
