"""Markdown as it is read aloud, or written where there is no Markdown."""

import re

_SIGNS = {"eta": "η", "lambda": "λ", "alpha": "α", "beta": "β", "mu": "μ", "to": "→", "infty": "∞"}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(markdown: str) -> str:
    """The same words without the signs of Markdown, and formulas in letters: `$N \\log_2 V$` as "N log₂ V"."""
    text = re.sub(r"\$(.+?)\$", lambda formula: _formula(formula[1]), markdown)
    return re.sub(r"\*|`", "", text)


def _formula(tex: str) -> str:
    tex = re.sub(r"\\sqrt\{(.+?)\}", r"√\1", tex)
    tex = re.sub(r"\\([a-z]+)", lambda name: _SIGNS.get(name[1], name[1]), tex)  # others, as log, are their own name
    tex = re.sub(r"_(\d)", lambda index: index[1].translate(_LOWERED), tex)
    return re.sub(r"\^\{(.+?)\}", r"^(\1)", tex.replace("\\,", " ").replace("*", "·"))
