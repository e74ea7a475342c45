"""Tables as charts. Nothing here knows Streamlit."""

from explorer.charts.bits import bits_chart, parameters_chart
from explorer.charts.capacity import capacity_chart
from explorer.charts.closing import closing_chart
from explorer.charts.coin import coin_chart
from explorer.charts.enlarged import enlarged
from explorer.charts.guess import guessed_curve, guessed_point, guessed_row, guessed_shape, guessed_x, guessed_y
from explorer.charts.jamming import jamming_chart, stability_chart, training_chart
from explorer.charts.lesson import BAR_ROW, learning_chart, seen_and_new_chart, strips_chart
from explorer.charts.limits import MOST, OPTIMUM, REACHED, limits_chart
from explorer.charts.misfit import misfit_map
from explorer.charts.opened import along_chart, logits_chart
from explorer.charts.overlay import on_same_axes, overlaid
from explorer.charts.rankings import rankings_chart
from explorer.charts.rates import CURVE_HEIGHT, Shade, heat_map, rate_chart, shade
from explorer.charts.replication import figure_1_chart, figure_2_chart
from explorer.charts.samples import BRUSH, histogram_chart, samples_chart
from explorer.charts.scaling import scaling_chart
from explorer.charts.starts import consensus_chart, overlap_chart
from explorer.charts.style import FONT, GUIDE, MAX_CURVES, PALETTE, PICK, spec

__all__ = [
    "BAR_ROW",
    "BRUSH",
    "CURVE_HEIGHT",
    "FONT",
    "GUIDE",
    "MAX_CURVES",
    "MOST",
    "OPTIMUM",
    "PALETTE",
    "PICK",
    "REACHED",
    "Shade",
    "along_chart",
    "bits_chart",
    "capacity_chart",
    "closing_chart",
    "coin_chart",
    "consensus_chart",
    "enlarged",
    "figure_1_chart",
    "figure_2_chart",
    "guessed_curve",
    "guessed_point",
    "guessed_row",
    "guessed_shape",
    "guessed_x",
    "guessed_y",
    "heat_map",
    "histogram_chart",
    "jamming_chart",
    "learning_chart",
    "limits_chart",
    "logits_chart",
    "misfit_map",
    "on_same_axes",
    "overlaid",
    "overlap_chart",
    "parameters_chart",
    "rankings_chart",
    "rate_chart",
    "samples_chart",
    "scaling_chart",
    "seen_and_new_chart",
    "shade",
    "spec",
    "stability_chart",
    "strips_chart",
    "training_chart",
]
