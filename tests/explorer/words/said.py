"""What holds for every sentence of the app."""

import re

# An exponent is how a computer writes: a small number may have one (1e-05), a large one is written out.
NEVER = re.compile(r"\b[Nn]a[Nn]\b|\binf\b|\bNone\b|e\+\d|  |[{}]")


def well_said(text: str) -> str:
    """`text`, if it is a sentence or several: from a capital letter to a stop, without what a formula left over."""
    assert not NEVER.search(text), text
    assert text[0].isupper() or text[0] in "(*0123456789", text
    assert text.rstrip("*")[-1] in ".)", text
    return text
