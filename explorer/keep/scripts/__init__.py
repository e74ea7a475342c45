"""Short scripts on the public names of `core`, which print the numbers that a page shows. Nothing here knows Streamlit.

Each ends with a table of pandas, `table`, beside what it prints. A page names its view and its sweeps; the settings are
written out, without what is usual.
"""

from explorer.keep.scripts.bits import bits_script, parameters_script
from explorer.keep.scripts.capacity import capacity_script
from explorer.keep.scripts.jamming import edge_script, jump_script, training_script
from explorer.keep.scripts.learning_rate import claim_script, map_script, schedules_script
from explorer.keep.scripts.limits import closing_script, curve_script
from explorer.keep.scripts.replication import figure_1_script, figure_2_script, misfit_script
from explorer.keep.scripts.samples import coin_script, predictors_script, samples_script, starts_script, watch_script
from explorer.keep.scripts.scaling import scaling_script

__all__ = [
    "bits_script",
    "capacity_script",
    "claim_script",
    "closing_script",
    "coin_script",
    "curve_script",
    "edge_script",
    "figure_1_script",
    "figure_2_script",
    "jump_script",
    "map_script",
    "misfit_script",
    "parameters_script",
    "predictors_script",
    "samples_script",
    "scaling_script",
    "schedules_script",
    "starts_script",
    "training_script",
    "watch_script",
]
