"""Presentation: type that can be read from the back row, on the page and in its charts."""

from typing import Any

import streamlit as st

from explorer import charts, controls

BIG = "big"
# The switch stands in the header, on every page, and the names of the pages leave it room; on a phone, above the page.
# What Streamlit says there while a page runs stands below it, where it takes no room from them.
# Streamlit's own colours of a chosen segment, of what is chosen in a list and of a primary button are too faint in the
# dark theme. And it shows no sign of it where a table, as on a phone, has more columns to the right.
STYLE = """<style>
@media (min-width: 48rem) {
  [data-testid=stLayoutWrapper]:has(> .st-key-presentation) { position: absolute }
  .st-key-presentation { position: fixed; top: 1rem; right: 3.25rem; width: auto !important; z-index: 1000000 }
  .st-key-presentation [data-testid=stTooltipIcon] { display: none }
  .stMainMenu { margin-left: 7rem }
  div:has(> .stMainMenu) { min-width: 0 }
  [data-testid=stStatusWidget] { position: fixed; top: 3.5rem; right: 1rem }
}
@media print { .st-key-presentation { display: none } }
.stButtonGroup [data-selected=true] p { color: light-dark(#0b62a8, #7cc4ff) }
.stMultiSelect [data-tag], [data-testid=stBaseButton-primary] { background-color: #0b62a8 }
.stDataFrame { timeline-scope: --columns }
.dvn-scroller { scroll-timeline: --columns inline }
.stDataFrame::after {
  content: ""; position: absolute; inset: 0 0 0 auto; width: 1.5rem; pointer-events: none; opacity: 0;
  background: linear-gradient(to right, transparent, rgb(90 110 130 / 0.6));
  animation: more linear; animation-timeline: --columns;
}
@keyframes more { from, 95% { opacity: 1 } to { opacity: 0 } }
</style>"""
# Streamlit gives all sizes in multiples of the first one. For a chart to begin near the middle of a projector's 1280
# by 800 pixels, or above it, what is read once (the introduction) and what is for who holds the mouse (the names of the
# pages, rows of controls) keeps its usual size, and the name of a control stands beside its segments.
LARGE = """<style>
html { font-size: 25px !important }
[data-testid=stHeader], .st-key-presentation, .stElementContainer:has(h1) + .stElementContainer,
[data-testid=stLayoutWrapper]:has(> .stHorizontalBlock > .stElementContainer) { zoom: 0.68 }
.stHorizontalBlock:has(> .stElementContainer) { gap: 0.5rem }
.stHorizontalBlock > .stElementContainer .stButton button { min-height: 2rem }
.stMainBlockContainer { padding-top: 2.9rem }
.stMainBlockContainer .stVerticalBlock { row-gap: 0.5rem }
.stMainBlockContainer .stColumn { min-width: min(100%, 12rem) }
.stMainBlockContainer h1 { font-size: 1.25rem; padding: 0.3rem 0 0.7rem }
.stMainBlockContainer .stButtonGroup { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem 0.5rem }
.stMainBlockContainer .stButtonGroup button { padding-inline: 0.6rem }
</style>"""


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
