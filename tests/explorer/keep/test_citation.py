"""Whom to cite, as bibliographies read it."""

import re
import tomllib

from explorer.keep import citation
from tests.serving import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def fields(entry: str) -> dict[str, str]:
    """Of a BibTeX entry, whose braces are even."""
    assert entry.count("{") == entry.count("}")
    assert re.match(r"@\w+\{\w+,\n", entry)
    return dict(re.findall(r"^  (\w+)\s*= \{(.*)\},?$", entry, re.M))


def test_the_post() -> None:
    found = fields(citation.POST_BIBTEX)
    assert (found["author"], found["year"]) == ("Liu, Ziming", "2026")
    assert "Ziming Liu" in citation.POST
    assert citation.POST.endswith("2026.")
    for text in (found["title"], citation.POST):
        assert "Memory 1 -- How much do linear layers memorize?" in text


def test_the_project_in_its_version() -> None:
    found = fields(citation.project_bibtex())
    assert found["version"] == PROJECT["version"]
    assert found["author"].strip("{}") == PROJECT["authors"][0]["name"]
    assert f"version {PROJECT['version']}" in citation.project()
