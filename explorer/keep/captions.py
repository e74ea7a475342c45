"""The settings of a page in plain words, and as the name of a file. Nothing here knows Streamlit."""

import re

from explorer.configurations import Configuration, defaults, different, name, told
from explorer.keep.pictures import UNBROKEN

LONGEST_NAME = 100  # letters: some systems take no more than 255 bytes, and a list of files shows fewer
ALWAYS = ("V",)  # in a file's name, be it as usual or not


def settings_line(values: Configuration) -> str:
    """All settings of a page in one line, which may end between two: so a picture can be traced wherever it went."""
    return " · ".join(told(key, value).replace(" ", UNBROKEN) for key, value in values.items())


def file_name(page: str, values: Configuration, what: str = "") -> str:
    """A name that tells page, V and what is not as usual, of letters, digits, dots and hyphens alone.

    Args:
        page: its name.
        values: of its controls.
        what: of several things of the page, which.

        >>> file_name("capacity", {"n": [10, 20], "V": 10, "bias": True}, "the runs")
        'capacity-n10-20-V10-the-runs'
    """
    unusual = different(values, defaults(values))
    shown = {key: told(key, value).removeprefix(name(key)) for key, value in values.items()}
    parts = [page, *(key + _safe(text) for key, text in shown.items() if key in ALWAYS or key in unusual)]
    stem = _safe("-".join(parts))[:LONGEST_NAME].rstrip("-.")
    return f"{stem}-{_safe(what)}" if what else stem


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text.replace("η", "eta")).strip("-.")
