"""The container's files, where no engine runs: a linter reads them, and their commands are run as they stand.

What this cannot show is that the image can be built: no base image and no package is fetched.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.serving import ROOT, App, free_port, wait_until_healthy

UID = 10001
IGNORE = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as pairs such as ("USER", "10001:10001"), continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line)]


def stages() -> list[list[tuple[str, str]]]:
    """The same for each stage; what stands before the first belongs to none."""
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest))
    return found


IMAGE = stages()[-1]


def only(name: str) -> str:
    [rest] = [rest for each, rest in IMAGE if each == name]
    return rest


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for name, rest in IMAGE if name == "ENV" for pair in rest.split())


def copied() -> list[tuple[str, str]]:
    """From where to where the stages copy files of this repository."""
    pairs = [rest.split() for stage in stages() for name, rest in stage if name == "COPY"]
    return [(source, words[-1]) for words in pairs if not words[0].startswith("--from") for source in words[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore leaves a file of the repository to the builder: the last pattern that fits it decides."""
    sent = True
    for pattern in IGNORE:
        plain = pattern.removeprefix("!")
        heads = ["/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1)]
        deep = [head.rsplit("/", 1)[-1] if plain.startswith("**/") else head for head in heads]
        same_depth = [head for head in deep if head.count("/") == plain.removeprefix("**/").count("/")]
        if any(fnmatch(head, plain.removeprefix("**/")) for head in same_depth):
            sent = pattern.startswith("!")
    return sent


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=sysconfig.get_path("scripts")) or shutil.which("hadolint")
    if hadolint is None:
        assert not os.environ.get("CI") or sys.platform == "win32", "CI installs hadolint with the test extra"
        pytest.skip("NOT TESTED: the Dockerfile by hadolint, which is not installed.")
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_base_is_slim_of_one_version_and_one_that_the_project_takes() -> None:
    [default] = [rest.split("=", 1)[1] for name, rest in instructions() if rest.startswith("PYTHON=")]
    assert re.fullmatch(r"3\.\d+(\.\d+)?-slim-[a-z]+", default)
    assert [stage[0][1].split()[0] for stage in stages()] == ["python:${PYTHON}"] * 2
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert tuple(map(int, default.split("-")[0].split(".")[:2])) >= tuple(map(int, wanted.strip(">=").split(".")))


def test_it_runs_as_nobody_with_a_fixed_number_that_owns_the_cache_alone() -> None:
    assert only("USER") == f"{UID}:{UID}"
    assert environment()["EXPLORER_CACHE_DIR"] == only("VOLUME") == "/cache"
    users = " ".join(rest for name, rest in IMAGE if name == "RUN")
    assert f"--uid {UID} " in users
    assert "install -d -o explorer -g explorer -m 0700 /cache" in users
    names = [name for name, _ in IMAGE]
    after = names[names.index("USER") :]
    assert not {"RUN", "COPY", "ADD"} & set(after), "all files are root's"


def test_no_secret_is_in_the_image() -> None:
    assert not re.search(r"passphrase|secret|token|password", (ROOT / "Dockerfile").read_text(), re.IGNORECASE)


def test_commands_are_lists_which_no_shell_reads() -> None:
    for command in (only("CMD"), only("HEALTHCHECK").partition(" CMD ")[2]):
        assert all(isinstance(word, str) for word in json.loads(command))
    assert "curl" not in only("HEALTHCHECK")
    assert only("EXPOSE") == environment()["STREAMLIT_SERVER_PORT"]


def test_what_is_copied_is_there_and_sent_to_the_builder() -> None:
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        assert is_sent(source), source


def test_nothing_else_is_sent() -> None:
    for path in (
        ".git/HEAD",
        ".venv/bin/python",
        "tests/test_setup.py",
        "docs/pictures.py",
        ".streamlit/secrets.toml",
        ".streamlit/credentials.toml",
        ".ci/run",
        ".env",
        "README.md",
        "core/__pycache__/cache.cpython-311.pyc",
        "explorer/views/limits/__pycache__/page.cpython-311.pyc",
    ):
        assert not is_sent(path), path
    for path in ("core/theory/__init__.py", "explorer/published/figure1.csv", "explorer/player/player.js"):
        assert is_sent(path), path


def test_the_packages_are_those_of_the_project_in_the_tested_versions(tmp_path: Path) -> None:
    runs = [rest for name, rest in stages()[0] if name == "RUN" and "install" in rest]
    assert all("-c constraints.txt" in run for run in runs)
    [listing] = [command for run in runs for command in run.split(" && ") if "tomllib" in command]
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    listing = listing.replace("python -c", f"{sys.executable} -c")
    subprocess.run(["sh", "-c", listing], cwd=tmp_path, check=True, timeout=60)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert (tmp_path / "requirements.txt").read_text().splitlines() == wanted


# --- its commands, run ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what an image would hold beside Python and the packages."""
    root = tmp_path_factory.mktemp("image")
    for source, target in copied()[-4:]:
        place = root / "app" / target
        if (ROOT / source).is_dir():
            for file in (ROOT / source).rglob("*"):
                inside = file.relative_to(ROOT)
                if file.is_file() and is_sent(inside.as_posix()):
                    (root / "app" / inside).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, root / "app" / inside)
        else:
            place = place / Path(source).name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / source, place)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for name in ("cache", "base", "environment"):
        (root / name).mkdir()
    return root


def variables(root: Path, port: int) -> dict[str, str]:
    """The image's variables, with the folder `root` in place of its root; a proxy as some networks ask for."""
    scripts = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    places = {"/app": f"{root}/app", "/cache": f"{root}/cache"}
    known = {name: places.get(value, value) for name, value in environment().items()}
    proxy = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    return known | proxy | {"PATH": scripts, "STREAMLIT_SERVER_PORT": str(port)}


def is_healthy(known: dict[str, str]) -> bool:
    """What the image's health check says."""
    [python, *rest] = json.loads(only("HEALTHCHECK").partition(" CMD ")[2])
    assert python == "python"
    return subprocess.run([sys.executable, *rest], env=known, capture_output=True, timeout=30).returncode == 0


@contextmanager
def contained(root: Path, log_file: Path, before: tuple[str, ...] = (), at: Path | None = None) -> Iterator[App]:
    """The image's command, running.

    Args:
        root: the folder made by `image`.
        log_file: for its words.
        before: words that run it in a place of its own.
        at: where that place shows `root`.
    """
    port = free_port()
    known = variables(at or root, port)
    assert not is_healthy(known), "healthy before it was started"
    cwd = None if at else root / "app"
    with log_file.open("wb") as log:
        words = [*before, *json.loads(only("CMD"))]
        process = subprocess.Popen(words, cwd=cwd, env=known, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    app = App(f"http://localhost:{port}", log_file)
    try:
        wait_until_healthy(app, process)
        assert is_healthy(known)
        yield app
    finally:
        process.terminate()
        asked = time.monotonic()
        process.wait(30)
        assert time.monotonic() - asked < 10, "an engine kills what does not end within ten seconds"
    assert not is_healthy(known)


def shows_all_pages(app: App) -> None:
    navigation = next(message.navigation for message in app.visit() if message.HasField("navigation"))
    assert len(navigation.app_pages) > 1
    for page in navigation.app_pages:
        messages = app.visit(page.page_script_hash)
        shown = [message.delta.new_element.exception.message for message in messages if message.HasField("delta")]
        assert not any(shown), page.url_pathname
    assert "Traceback" not in app.log()


def test_its_command_serves_every_page_from_what_is_copied(image: Path, tmp_path: Path) -> None:
    with contained(image, tmp_path / "log") as app:
        shows_all_pages(app)
    assert (image / "cache" / "cache.db").exists()


# Everything is read-only but /cache and /tmp, and what runs is not root: as `docker run --read-only --tmpfs /tmp`. The
# image's folder is seen as /mnt. This Python may lie in a folder that only root may look into, or in /tmp: it is then
# shown in an empty folder of the same name.
AS_USER = f"setpriv --reuid {UID} --regid {UID} --clear-groups --no-new-privs --bounding-set=-all"
READ_ONLY = f"""
set -e
mount --bind "$1" /mnt
mount -o remount,bind,ro /mnt
mount --bind "$1/cache" /mnt/cache
mount --bind "{sys.base_prefix}" /mnt/base
mount --bind "{sys.prefix}" /mnt/environment
mount -t tmpfs -o mode=1777,nosuid,noexec tmpfs /tmp
show() {{
    {AS_USER} test -x "$2/bin" && return
    top="/$(echo "$2" | cut -d / -f 2)"
    test "$top" = /tmp -o "$top" = "$shown" || mount -t tmpfs -o mode=755 tmpfs "$top"
    shown="$top"
    mkdir -p -m 755 "$2"
    mount --bind "$1" "$2"
}}
show /mnt/base "{sys.base_prefix}"
show /mnt/environment "{sys.prefix}"
mount -o remount,bind,ro /
cd /mnt/app
shift
exec {AS_USER} "$@"
"""


def test_it_needs_to_write_to_its_cache_and_tmp_alone(image: Path, tmp_path: Path) -> None:
    inside = ("unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(image))
    shutil.rmtree(image / "cache")
    (image / "cache").mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(image / "cache", UID, UID)
    probe = "touch /tmp/a /mnt/cache/a && rm /mnt/cache/a && ! touch /mnt/app/a 2>/tmp/no && ! touch /opt/a 2>/tmp/no"
    tools = all(map(shutil.which, ("unshare", "mount", "setpriv")))
    done = subprocess.run([*inside, "sh", "-c", f"{probe} && id -u"], capture_output=True, text=True) if tools else None
    if done is None or (done.returncode, done.stdout.strip()) != (0, str(UID)):
        pytest.skip(f"NOT TESTED: a read-only root. It takes the right to mount. {done.stderr if done else ''}")
    with contained(image, tmp_path / "log", inside, Path("/mnt")) as app:
        shows_all_pages(app)
        assert "are not kept" not in app.log()
    database = image / "cache" / "cache.db"
    assert database.stat().st_uid == UID
    with closing(sqlite3.connect(database)) as connection:
        [kept] = connection.execute("SELECT COUNT(*) FROM Cache").fetchone()
    assert kept > 0, "nothing was kept in the cache"
