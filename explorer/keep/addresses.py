"""The whole address of what a page shows."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import streamlit as st

from explorer.configurations import Configuration, joined, query
from explorer.parameters import BOX, PIN, SEEN

MARKS = (BOX, PIN, SEEN)  # what an address holds besides controls


def address(values: Configuration, marks: Sequence[str] = MARKS) -> str:
    """The page that is open, with all its settings: also those that its controls have not yet written to the address.

    Args:
        values: of the page's controls.
        marks: what of the address to keep besides.
    """
    kept = urlencode([(mark, text) for mark in marks for text in st.query_params.get_all(mark)])
    text = joined(query(values), kept)
    # Quoted: it goes into a script, as a comment.
    base = quote(st.context.url or "", safe=":/[]%-._~")
    return f"{base}?{text}" if text else base
