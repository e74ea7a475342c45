"""Presentation: type that can be read from the back row, on the page and in its charts."""

from typing import Any

import streamlit as st

from explorer import charts, controls

BIG = "big"
# The switch stands in the header, on every page, and the names of the pages leave it room; on a phone, above the page.
# Streamlit's own colours of a chosen segment, of what is chosen in a list and of a primary button are too faint in the
# dark theme.
STYLE = """<style>
@media (min-width: 48rem) {
  .st-key-presentation { position: fixed; top: 1rem; right: 4.5rem; width: auto !important; z-index: 1000000 }
  .stMainMenu { margin-left: 11rem }
}
@media print { .st-key-presentation { display: none } }
.stButtonGroup [data-selected=true] p { color: light-dark(#0b62a8, #7cc4ff) }
.stMultiSelect [data-tag], [data-testid=stBaseButton-primary] { background-color: #0b62a8 }
</style>"""
# Streamlit gives all sizes in multiples of this one.
LARGE = "<style>html { font-size: 25px !important }</style>"


def switch() -> None:
    """The switch between usual and large type; it is in the address, so that a link opens as its sender saw it."""
    st.html(STYLE)
    with st.container(key="presentation"):
        controls.widget(BIG)
    if is_on():
        st.html(LARGE)


def is_on() -> bool:
    """Whether this session sees large type."""
    return bool(st.session_state.get(BIG))


def of_chart(spec: dict[str, Any]) -> dict[str, Any]:
    """The same chart, in large type if the page is."""
    return charts.enlarged(spec) if is_on() else spec
