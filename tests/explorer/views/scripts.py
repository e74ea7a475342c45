"""The functions of a page's script, without drawing the page."""

import ast
from types import ModuleType

from tests.serving import ROOT


def functions_of(page: str) -> ModuleType:
    """What `explorer/views/<page>.py` defines: all of it but its last line, which draws."""
    path = ROOT / "explorer" / "views" / f"{page}.py"
    script = ast.parse(path.read_text())
    assert ast.unparse(script.body.pop()) == "main()"
    module = ModuleType(f"explorer.views.{page}")
    exec(compile(script, path, "exec"), module.__dict__)
    return module
