"""Bits: how many bits does the layer memorize?"""

from typing import Any

import streamlit as st

from explorer import page
from explorer.live import live
from explorer.views.bits import curve, parameters

VIEWS = {"curve": curve, "capacity": parameters}
ABOVE = ("bits", "unit")
CONTROLS = (*ABOVE, *dict.fromkeys(key for view in VIEWS.values() for key in view.CONTROLS))
STARTS: dict[str, dict[str, Any]] = {
    "V = 10, as in the figures": {},
    "V = 2": {"V": 2, "N": (5, 300)},
    "the far tail": {"dim": 10, "N": (5, 20_000), "points": 40, "steps": 500},
    "sweep n": {"bits": "capacity", "unit": "total"},
    "sweep V": {"bits": "capacity", "scale": "V", "dim": 20},
}


def main() -> None:
    st.title("How many bits does the layer memorize?")
    st.markdown(
        "To who knows nothing, a label is worth $\\log_2 V$ bits. How many bits of the labels does a layer hold that "
        "gives that of sample $i$ the probability $p_i$? There are three answers. **Liu**: how much shorter a code of "
        "all labels gets, $\\sum_i \\log_2 (V p_i)$. **Morris**: the same where each sample may choose the shorter "
        "code, $\\sum_i \\max(0, \\log_2 (V p_i))$. **Fano**: the least that must be known to get $C$ of $N$ labels "
        "right, however surely."
    )
    page.starts(STARTS, CONTROLS)
    values = page.settings("bits", lambda values: VIEWS[values["bits"]].controls_of(values), above=lambda _: ABOVE)
    view = VIEWS[values["bits"]]
    sweeps = page.checked(view.sweeps_of, values)
    live(sweeps, lambda progress: view.draw(sweeps, progress, values))


main()
