"""Tables as charts. Nothing here knows Streamlit."""

from explorer.charts.capacity import capacity_chart
from explorer.charts.jamming import jamming_chart, stability_chart, training_chart
from explorer.charts.rates import Shade, heat_map, rate_chart, shade
from explorer.charts.style import FONT, GUIDE, MAX_CURVES, PALETTE, PICK, spec

__all__ = [
    "FONT",
    "GUIDE",
    "MAX_CURVES",
    "PALETTE",
    "PICK",
    "Shade",
    "capacity_chart",
    "heat_map",
    "jamming_chart",
    "rate_chart",
    "shade",
    "spec",
    "stability_chart",
    "training_chart",
]
