"""Bits: how many bits does the layer memorize?"""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from explorer import experiment, keep, page, words
from explorer.views.bits import curve, parameters

TITLE = "How many bits does the layer memorize?"
VIEWS = experiment.Views("bits", {"curve": curve, "capacity": parameters})
ABOVE = ("bits", "unit")
CONTROLS = (*ABOVE, *dict.fromkeys(key for view in VIEWS.modules.values() for key in view.CONTROLS))
STARTS: dict[str, dict[str, Any]] = {
    "V = 10, as in the figures": {},
    "V = 2": {"V": 2, "N": (5, 300)},
    "the far tail": {"dim": 10, "N": (5, 20_000), "points": 40, "steps": 500},
    "sweep n": {"bits": "capacity", "unit": "total"},
    "sweep V": {"bits": "capacity", "scale": "V", "dim": 20},
}


def aside(values: Mapping[str, Any]) -> Iterator[str]:
    """The controls beside a view: of n and V, several values of the one that grows, and one of the other."""
    for key in VIEWS.shown(values).CONTROLS:
        if key not in parameters.IDLE.get(values.get("scale", ""), ()):
            yield key


def main() -> None:
    st.title(TITLE)
    st.markdown(
        "Without the layer, each random label takes $\\log_2 V$ bits to write down. With it, the label of sample $i$ "
        "takes $-\\log_2 p_i$, where $p_i$ is the probability that the layer gives it. So how many bits does the layer "
        "hold? There are three answers. **Liu**: how much shorter the code of all labels becomes, "
        "$\\sum_i \\log_2 (V p_i)$. **Morris**: the same, but each sample may use the shorter of the two codes, "
        "$\\sum_i \\max(0, \\log_2 (V p_i))$. **Fano**: the least that must be known of $N$ labels to get $C$ of them "
        "right, however surely.",
        help=words.symbols("n", "N", "V", "C", "p_i"),
    )
    values = page.settings("bits", CONTROLS, STARTS, aside, above=lambda _: ABOVE)
    kept = keep.Kept("bits", TITLE, values, lambda: VIEWS.script(values))
    experiment.run(VIEWS.sweeps_of, values, VIEWS.draw, keys=CONTROLS, see=VIEWS.see, kept=kept)


main()
