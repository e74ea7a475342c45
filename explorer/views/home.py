"""Start: the question, a chart that answers it live, and where to go from there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.config import SweepConfig
from explorer import charts, controls, frames, page, presentation, words
from explorer.jobs import Progress, Row
from explorer.live import live
from explorer.parameters import PARAMETERS

THUMBNAILS = Path(__file__).parents[1] / "thumbnails"
# Few enough runs for a second, and smooth with one seed: each N adds samples to the same data.
SETTINGS: dict[str, Any] = {"points": 40, "seeds": 1, "data": "nested", "published": False}
CHART_HEIGHT = 340  # pixels: beside the question, the cards below must show that they are there
# A whole card is its link; and the two ways to go on look like what they are.
CARDS_CSS = """<style>
[class*=st-key-card-] { position: relative }
[class*=st-key-card-] .stElementContainer { position: static }
[class*=st-key-card-] p a::after { content: ""; position: absolute; inset: 0 }
[class*=st-key-card-]:hover, [class*=st-key-card-]:focus-within { border-color: currentColor }
.st-key-ways a {
  display: inline-block; padding: 0.5rem 1.1rem; border: 2px solid; border-radius: 0.5rem; text-decoration: none;
}
.st-key-ways a:hover { text-decoration: underline }
</style>"""


def main() -> None:
    _follow_links_to_capacity()
    st.html(CARDS_CSS)
    st.title(words.HOME_QUESTION)
    st.markdown(words.HOME_INTRO, help=words.symbols("n", "N", "V", "C"))
    config = controls.sweep_from({key: parameter.default for key, parameter in PARAMETERS.items()} | SETTINGS)
    live([config], lambda progress: draw(config, progress))
    with st.container(key="ways", horizontal=True):
        page.link("lesson", "Start the lesson", {})
        page.link("capacity", "Explore freely", SETTINGS)
    st.header("Three findings", anchor=False)
    for column, card in zip(st.columns(3), words.CARDS, strict=True):
        with column:
            show(card)
    st.caption(f"The findings are those of {words.CITATION}.")


def _follow_links_to_capacity() -> None:
    """Capacity once stood at this address: links with settings, which were made then, lead there with all they say."""
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    if any(key in PARAMETERS and key != presentation.BIG for key in asked):
        st.switch_page("views/capacity.py", query_params=asked)


def draw(config: SweepConfig, progress: Progress) -> None:
    """The chart, and what it shows in words."""
    chart, finding = picture(config, page.fingerprint(progress.rows), progress.rows)
    page.chart(chart, key="home chart", alt=finding)
    st.markdown(finding)
    page.legend(words.capacity_legend(config, with_published=False))


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(config: SweepConfig, which_rows: int, _rows: Sequence[Row]) -> tuple[dict[str, Any], str]:
    """Made once for all sessions that look at the same moment: `which_rows` stands for `_rows`."""
    runs = frames.runs_frame(_rows)
    points = frames.curve_frame(runs)
    capacities = frames.capacity_frame(points, runs, len(config.num_samples))
    chart = charts.capacity_chart(
        points,
        capacities,
        frames.published_curves(config).head(0),
        input_dims=list(config.input_dims),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
        height=CHART_HEIGHT,
    )
    return chart, words.capacity_finding(capacities, config) if len(capacities) else words.nothing_yet(len(config))


def show(card: words.Card) -> None:
    """A finding with its picture; a click anywhere on it leads to its page."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    with st.container(border=True, key=f"card-{card.key}", height="stretch"):
        st.image(THUMBNAILS / f"{card.key}-{theme}.png", alt=card.alt, width="stretch")
        st.subheader(card.title, anchor=False)
        st.markdown(card.text)
        page.link(card.page, card.invitation, card.values)


main()
