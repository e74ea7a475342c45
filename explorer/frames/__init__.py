"""Results as tidy tables. Nothing here knows Streamlit."""

from explorer.frames.capacity import capacity_frame, curve_frame
from explorer.frames.jamming import NEAR_THE_EDGE, at_the_edge_from, jump
from explorer.frames.published import (
    published_curves,
    published_difference,
    published_figure_1,
    published_figure_2,
    published_sharpness,
)
from explorer.frames.rates import (
    asked_of,
    cell_frame,
    column_frame,
    rate_frame,
    region_frame,
    span_of,
    verdict,
    verdicts,
)
from explorer.frames.runs import RUN_COLUMNS, band_frame, runs_frame, summarize, training_frame

__all__ = [
    "NEAR_THE_EDGE",
    "RUN_COLUMNS",
    "asked_of",
    "at_the_edge_from",
    "band_frame",
    "capacity_frame",
    "cell_frame",
    "column_frame",
    "curve_frame",
    "jump",
    "published_curves",
    "published_difference",
    "published_figure_1",
    "published_figure_2",
    "published_sharpness",
    "rate_frame",
    "region_frame",
    "runs_frame",
    "span_of",
    "summarize",
    "training_frame",
    "verdict",
    "verdicts",
]
