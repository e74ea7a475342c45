"""What a fresh machine gets: the literal command serves the app, and the files that install it agree."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import create_reference_msg, populate_hash_if_needed
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from tests.serving import ROOT, App, bare_environment, serve

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
STREAMLIT = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


def requirements() -> list[Requirement]:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for group in [project["dependencies"], *extras] for line in group]


def constraints() -> dict[str, Version]:
    lines = [line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines()]
    pairs = [line.split("==") for line in lines if line]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


# --- the literal command ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("literal")) as running:
        yield running


def test_the_first_page_is_served_without_another_command(app: App) -> None:
    assert "<title>" in app.get("/")


def test_every_page_runs_under_the_literal_command(app: App) -> None:
    """`streamlit run` puts only explorer/ on the path, so a page that cannot import core shows here alone."""
    navigation = next(message.navigation for message in app.visit() if message.HasField("navigation"))
    assert len(navigation.app_pages) > 1
    for page in navigation.app_pages:
        messages = app.visit(page.page_script_hash)
        shown = [message.delta.new_element.exception for message in messages if message.HasField("delta")]
        errors = [f"{error.type}: {error.message}" for error in shown if error.type]
        assert not errors, f"page {page.url_pathname!r}: {errors}"
        finished = messages[-1].script_finished
        assert finished == messages[-1].FINISHED_SUCCESSFULLY, f"page {page.url_pathname!r} did not finish"
    assert "Traceback" not in app.log()


def test_streamlit_knows_every_option_in_its_config(app: App) -> None:
    assert "is not a valid config option" not in app.log()


def test_what_is_large_is_sent_whole(app: App) -> None:
    pages = next(message.navigation.app_pages for message in app.visit() if message.HasField("navigation"))
    [replication] = [page for page in pages if page.url_pathname == "replication"]  # with all published curves
    received = app.visit(replication.page_script_hash)
    assert max(message.ByteSize() for message in received) > 10_000  # from which on Streamlit would send references
    assert not [message for message in received if message.metadata.cacheable or message.HasField("ref_hash")]


def test_a_reference_still_outlives_the_drawing_that_it_belongs_to() -> None:
    """Else `minCachedMessageSize` in the config has lost its reason."""
    above, chart = ForwardMsg(), ForwardMsg()
    above.delta.add_block.vertical.SetInParent()
    above.delta.fragment_id = "view"
    above.metadata.delta_path[:] = [0, 3, 1]
    chart.delta.new_element.vega_lite_chart.spec = "{}"
    chart.delta.fragment_id = "view"
    chart.metadata.delta_path[:] = [0, 3, 2]
    populate_hash_if_needed(chart)
    queue = ForwardMsgQueue()
    queue.enqueue(above)
    queue.enqueue(create_reference_msg(chart))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["view"])
    assert [list(message.metadata.delta_path) for message in queue.flush()] == [[0, 3, 2]]


def test_only_this_computer_is_told_an_address(app: App) -> None:
    assert "http://localhost:" in app.log()
    assert "Network URL" not in app.log()
    assert "External URL" not in app.log()


# --- the library on its own -------------------------------------------------------------------------------------------

IMPORT_ALL_OF_CORE = """
import importlib, pkgutil, sys
import core
for module in pkgutil.walk_packages(core.__path__, "core."):
    importlib.import_module(module.name)
print(*sorted({name.split(".")[0] for name in sys.modules} & {"streamlit", "altair", "pandas", "explorer"}))
"""


def test_core_needs_nothing_of_the_app(tmp_path: Path) -> None:
    """In a fresh interpreter outside the repository (-I: no PYTHONPATH either), so it proves the installation too."""
    command = [sys.executable, "-I", "-c", IMPORT_ALL_OF_CORE]
    done = subprocess.run(
        command, cwd=tmp_path, env=bare_environment(tmp_path), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


# --- the files that install it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_a_requirement_has_a_floor_and_a_cap_and_admits_its_constraint(requirement: Requirement) -> None:
    assert {">=", "<"} == {clause.operator for clause in requirement.specifier}
    assert requirement.specifier.contains(constraints()[canonicalize_name(requirement.name)])


def test_no_version_names_a_build() -> None:
    """`torch==2.13.0+cpu` could be installed on one kind of machine only, and from no package index but one."""
    assert [name for name, version in constraints().items() if version.local] == []


def test_constraints_cover_all_that_gets_installed() -> None:
    """Else a release of somebody else's could break the tests overnight."""
    wanted = [(requirement, {""}) for requirement in requirements() if requirement.name != "distributed"]  # an option
    seen: set[str] = set()
    while wanted:
        requirement, extras_of_parent = wanted.pop()
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        applies = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras_of_parent)
        pinned_by_parent = any(clause.operator == "==" for clause in requirement.specifier)  # as torch does with CUDA
        if name in seen or pinned_by_parent or not applies:
            continue
        seen.add(name)
        wanted += [(Requirement(line), requirement.extras or {""}) for line in requires(name) or []]
    assert seen - constraints().keys() == set()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    command = ["make", "run", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "needs Python 3.11 or later" in done.stderr


# --- the theme --------------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", from 0 to 1: WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def faded(ink: str, ground: str, share: float) -> str:
    pairs = [(int(ink[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * over + (1 - share) * under):02x}" for over, under in pairs)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
def test_text_can_be_read_in_both_themes(theme: str, ground: str) -> None:
    colours = STREAMLIT["theme"][theme]
    under = colours[ground]
    caption = faded(colours["textColor"], under, 0.6)
    for ink in [colours["textColor"], colours["linkColor"], colours["primaryColor"], colours["codeTextColor"], caption]:
        assert contrast(ink, under) >= 4.5, (ink, under)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_tick_can_be_seen_in_its_box(theme: str) -> None:
    assert contrast("#ffffff", STREAMLIT["theme"][theme]["primaryColor"]) >= 3  # what WCAG asks of shapes


def test_nothing_is_fetched_or_sent_elsewhere() -> None:
    assert STREAMLIT["browser"]["gatherUsageStats"] is False
    assert "://" not in str(STREAMLIT)
