"""The symbols, explained."""

import pytest

from explorer import words
from explorer.words.symbols import SYMBOLS


def test_each_symbol_that_is_asked_for_is_explained_in_the_same_order() -> None:
    assert words.symbols("N", "\\eta").split("\n\n") == [
        "**Symbols**",
        "$N$: " + SYMBOLS["N"],
        "$\\eta$: " + SYMBOLS["\\eta"],
    ]


def test_a_symbol_that_nobody_explains_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.symbols("Q")
