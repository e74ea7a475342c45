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
from explorer.frames.rankings import datasets_frame, rankings_frame
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
from explorer.frames.samples import (
    Place,
    Separation,
    histogram_frame,
    logits_frame,
    neighbours_frame,
    place,
    sample_along,
    samples_frame,
    separation,
)
from explorer.frames.starts import consensus_frame, overlap_frame

__all__ = [
    "NEAR_THE_EDGE",
    "RUN_COLUMNS",
    "Place",
    "Separation",
    "asked_of",
    "at_the_edge_from",
    "band_frame",
    "capacity_frame",
    "cell_frame",
    "column_frame",
    "consensus_frame",
    "curve_frame",
    "datasets_frame",
    "histogram_frame",
    "jump",
    "logits_frame",
    "neighbours_frame",
    "overlap_frame",
    "place",
    "published_curves",
    "published_difference",
    "published_figure_1",
    "published_figure_2",
    "published_sharpness",
    "rankings_frame",
    "rate_frame",
    "region_frame",
    "runs_frame",
    "sample_along",
    "samples_frame",
    "separation",
    "span_of",
    "summarize",
    "training_frame",
    "verdict",
    "verdicts",
]
