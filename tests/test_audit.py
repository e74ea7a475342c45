"""What others' packages bring along, as far as it can be told without a network.

`pip-audit` asks a database that is newer than any list in a repository: docs/deployment.md says how to run it. This
here keeps what was once known from coming back, and notices a licence that would bind who uses the project.
"""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.test_setup import PYPROJECT, constraints

ROOT = Path(__file__).resolve().parents[1]

# The first release that is repaired, of packages that are installed with the app: as of 2026.
REPAIRED = {
    "filelock": ("3.20.1", "CVE-2025-68146: follows a link that somebody put in its way"),
    "h11": ("0.16.0", "CVE-2025-43859: a smuggled request"),
    "idna": ("3.7", "CVE-2024-3651: hangs on a long name"),
    "jinja2": ("3.1.6", "CVE-2025-27516: code from a template"),
    "pillow": ("11.3.0", "CVE-2025-48379: writes beyond a buffer"),
    "protobuf": ("6.31.1", "CVE-2025-4565: endless recursion"),
    "pyarrow": ("14.0.1", "CVE-2023-47248: code from a file of data"),
    "python-multipart": ("0.0.18", "CVE-2024-53981: hangs on a form"),
    "requests": ("2.32.4", "CVE-2024-47081: sends a password to another host"),
    "setuptools": ("78.1.1", "CVE-2025-47273: writes outside its folder"),
    "starlette": ("0.49.1", "CVE-2025-62727: hangs on a range of bytes"),
    "streamlit": ("1.37.0", "CVE-2024-42474: serves files outside its folder"),
    "torch": ("2.6.0", "CVE-2025-32434: code from a file of weights"),
    "tornado": ("6.5", "CVE-2025-47287: hangs on a form"),
    "urllib3": ("2.6.0", "CVE-2025-66418: an endless chain of compressions"),
}

# No release is repaired. Package -> what keeps us out of it.
ACCEPTED = {
    "diskcache": "CVE-2025-69872: it unpickles what lies in its folder. core/serial.py has it keep text and bytes "
    "only, and tests/test_security.py plants pickles under the running app.",
}

# Licences that ask for no more than to be named. MPL-2.0 binds changes to its own files, and we change none.
FREE = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD|BSD-[123]-Clause|0BSD|Apache|Apache-2\.0|ISC|PSF|PSF-2\.0|Python-2\.0|HPND|Zlib|CC0-1\.0"
    r"|Unlicense|MPL-2\.0|Mozilla)\b"
)
BINDING = re.compile(r"\b(A?GPL|General Public|SSPL|BUSL|Commons Clause|Non-?Commercial)", re.IGNORECASE)
# What GPL and the like in a licence's text stand for here: parts under it that may be linked by anyone, or a choice.
EXCEPTIONS = {"numpy": "GPL-3.0-with-GCC-exception", "scipy": "GPL-3.0-with-GCC-exception"}


def installed_with_the_app() -> set[str]:
    """The project's dependencies, and all that these bring along here."""
    wanted = [(Requirement(line), {""}) for line in PYPROJECT["project"]["dependencies"]]
    seen: set[str] = set()
    while wanted:
        requirement, extras = wanted.pop()
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        if name in seen or not (marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)):
            continue
        try:
            brought = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        seen.add(name)
        wanted += [(Requirement(line), set(requirement.extras) or {""}) for line in brought]
    return seen


def licence(name: str) -> str:
    """What a package says of its licence: the expression, else its classifiers, else the first words of a text."""
    data = distribution(name).metadata
    classifiers = [line for line in data.get_all("Classifier", []) if line.startswith("License ::")]
    return data.get("License-Expression") or "; ".join(classifiers) or (data.get("License") or "")[:200]


def test_what_is_installed_fits_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_what_is_installed_is_what_was_pinned() -> None:
    pinned = constraints()
    installed = {name: Version(distribution(name).version) for name in installed_with_the_app()}
    others = {
        name: str(version)
        for name, version in installed.items()
        if name in pinned and Version(version.public) != pinned[name]
    }
    assert others == {}, "tested are the versions of constraints.txt"
    assert {name for name in installed.keys() - pinned.keys() if not name.startswith(("nvidia-", "cuda-"))} <= {
        "triton"
    }


@pytest.mark.parametrize("name", REPAIRED)
def test_no_version_comes_back_that_is_known_to_be_broken(name: str) -> None:
    version, what = REPAIRED[name]
    assert constraints()[name] >= Version(version), what


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_was_accepted_is_still_in_use(name: str) -> None:
    assert name in installed_with_the_app(), "take it out of the list"


@pytest.mark.parametrize("name", sorted(installed_with_the_app()))
def test_no_licence_binds_who_uses_the_project(name: str) -> None:
    says = licence(name)
    if name.startswith(("nvidia-", "cuda-")):
        pytest.skip("NVIDIA's own: it comes with builds of torch for its cards, and its owner has agreed to it")
    assert FREE.search(says), says
    assert not BINDING.search(says.replace(EXCEPTIONS.get(name, "\0"), "")), says
