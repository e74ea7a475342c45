"""Links with hostile text: it reaches neither a file nor Markdown. `browser/test_hostile.py` looks at what is drawn."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.parameters import BOX, PARAMETERS, PIN
from tests.explorer.visiting import opened, warnings
from tests.serving import ROOT

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "`</code><svg/onload=alert(1)>`",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "\"'><b>",
    "'; DROP TABLE Cache; --",
    "{{7*7}}${7*7}%s%n",
    "\N{RIGHT-TO-LEFT OVERRIDE}\0\N{ZERO WIDTH SPACE}\N{BELL}",
    "9" * 5000,
    "$\\href{javascript:alert(1)}{x}$ :material/home: :red[x] ![x](http://attacker.example/x.png)",
]
PAGES = ["capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page"]
PAGES += ["storage"]
QUERY = {key: HOSTILE[number % len(HOSTILE)] for number, key in enumerate([*PARAMETERS, BOX, PIN, *HOSTILE[:6]])}
opening: list[str] | None = None  # while it is a list, the paths that this process opens


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if opening is not None and event in ("open", "sqlite3.connect", "os.listdir", "os.mkdir", "os.remove", "os.rename"):
        opening.append(os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else "")


sys.addaudithook(_note)  # it cannot be taken away again


@pytest.mark.parametrize("page", PAGES)
def test_hostile_text_reaches_neither_files_nor_markdown(page: str, asleep: None, tmp_path: Path) -> None:
    global opening
    opening = []
    try:
        at = opened(QUERY, page)
    finally:
        paths, opening = opening, None
    inside = (str(tmp_path), str(ROOT), sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev", "__editable__")
    assert not [path for path in paths if path and not path.startswith(inside)]
    assert not [path for path in paths if any(text in path for text in [*HOSTILE, "passwd"])]
    if page != "storage":
        assert warnings(at)
    for element in [*at.warning, *at.error, *at.markdown, *at.caption, *at.title]:
        outside_code = "".join(element.value.split("`")[::2])
        if not getattr(element, "allow_html", False):
            for text in ("alert", "javascript", "attacker", "passwd", "DROP", ":red", "{{7"):
                assert text not in outside_code
        else:
            assert "<script" not in element.value
            assert "%3C" not in element.value
