"""What the README says of the files, the pages and Python is so."""

import ast
import re
from pathlib import Path

import pytest

from tests.serving import ROOT

README = (ROOT / "README.md").read_text()
FOLDERS_WITH_A_LINE_A_FILE = ("core", "explorer")
WHOLE_FIGURE = 'PRESETS["liu-fig1-as-plotted"].runs()'  # takes too long for a test
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def tree() -> list[Path]:
    """The files and folders that the annotated tree names."""
    [block] = re.findall(r"^```\n(core/.*?)```", README, re.DOTALL | re.MULTILINE)
    named, folder = [], Path()
    for line in block.splitlines():
        name, phrase = re.fullmatch(r"( *\S+) +(\S.*)", line).groups()
        assert len(phrase) > 3
        if not name.startswith(" "):
            folder = Path(name)
        named.append(folder if not name.startswith(" ") else folder / name.strip())
    return named


def test_the_tree_names_each_file_once_and_no_other() -> None:
    named = tree()
    assert len(named) == len(set(named))
    assert [path for path in named if not (ROOT / path).exists()] == []
    for folder in FOLDERS_WITH_A_LINE_A_FILE:
        there = {
            path.relative_to(ROOT)
            for path in (ROOT / folder).iterdir()
            if path.name not in ("__init__.py", "__main__.py", "__pycache__", "icon.svg")
        }
        assert there - set(named) == set()


def test_links_to_files_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_table_of_pages_is_that_of_the_app() -> None:
    app = ast.parse((ROOT / "explorer" / "app.py").read_text())
    pages = [node for node in ast.walk(app) if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page"]
    expected = {}
    for page in pages:
        options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in page.keywords}
        path = "" if options.get("default") else options.get("url_path", Path(ast.literal_eval(page.args[0])).stem)
        expected[options["title"]] = f"`/{path}`"
    told = dict(re.findall(r"^\| ([^|]+?) \| [^|]+ \| (`/\w*`) \|$", README, re.MULTILINE))
    assert told == expected


def test_examples_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path))
    assert sum(WHOLE_FIGURE in example for example in EXAMPLES) == 1
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(example.replace(WHOLE_FIGURE, f"{WHOLE_FIGURE}[:3]"), names)
        assert capsys.readouterr().out
