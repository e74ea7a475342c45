"""Charts as sentences. Nothing here knows Streamlit."""

from explorer.words.capacity import CAPACITY_ALT, capacity_finding, capacity_legend, published_verdict
from explorer.words.jamming import (
    JAMMING_ALT,
    STABILITY_ALT,
    TRAINING_ALT,
    jamming_finding,
    jamming_legend,
    not_exact,
    sharpness_verdict,
    stability_finding,
    stability_legend,
    stability_title,
    training_finding,
    training_legend,
)
from explorer.words.rates import (
    MAP_ALT,
    ONE_SEED,
    RATES_ALT,
    answer,
    claim_answer,
    curves_legend,
    map_legend,
    schedules_answer,
)
from explorer.words.shared import CITATION, diverged, duration, plus_minus

__all__ = [
    "CAPACITY_ALT",
    "CITATION",
    "JAMMING_ALT",
    "MAP_ALT",
    "ONE_SEED",
    "RATES_ALT",
    "STABILITY_ALT",
    "TRAINING_ALT",
    "answer",
    "capacity_finding",
    "capacity_legend",
    "claim_answer",
    "curves_legend",
    "diverged",
    "duration",
    "jamming_finding",
    "jamming_legend",
    "map_legend",
    "not_exact",
    "plus_minus",
    "published_verdict",
    "schedules_answer",
    "sharpness_verdict",
    "stability_finding",
    "stability_legend",
    "stability_title",
    "training_finding",
    "training_legend",
]
