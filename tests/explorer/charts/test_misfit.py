"""The map of misfits as Vega-Lite reads it."""

from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import pytest

from explorer import charts
from explorer.charts import misfit as module
from explorer.charts.style import PALETTE
from explorer.frames.replication import CELL
from tests.explorer.charts.spec import data_of, layers, of_mark


def cells(num_cells: int = 8) -> pd.DataFrame:
    rows = [
        (bias, v, steps, 5.0 + v / 10 + (not bias), 2, 5.0, 6.0, v == 10 and bias)
        for bias in (True, False)
        for v in (10, 40)
        for steps in (500, 1000)
    ]
    return pd.DataFrame(rows, columns=[*CELL, "misfit", "num_seeds", "another", "most", "is_reached"]).head(num_cells)


@cache
def misfit(num_cells: int = 8, is_sharpness: bool = False, asked_v: int = 40, is_known: bool = True) -> dict[str, Any]:
    return charts.misfit_map(
        cells(num_cells),
        classes=(10, 40),
        steps=(500, 1000),
        title="Misfit",
        is_sharpness=is_sharpness,
        asked={"bias": True, "num_classes": asked_v, "num_steps": 1000},
        smallest={"bias": True, "num_classes": 10, "num_steps": 500} if is_known else None,
    ).to_dict()


EVERY_MAP = {
    "nothing yet": lambda: misfit(0, is_known=False),
    "one cell": lambda: misfit(1, is_known=False),
    "of C": misfit,
    "of the sharpness": lambda: misfit(is_sharpness=True),
}


@pytest.mark.parametrize("make", EVERY_MAP.values(), ids=EVERY_MAP)
def test_a_map_is_valid_vega_lite_with_labels_for_the_back_of_the_room(make: Any) -> None:
    spec = make()
    alt.Chart.from_dict(spec)  # once more, from outside
    axes = [
        layer["encoding"][channel]["axis"]
        for layer in layers(spec)
        for channel in "xy"
        if layer["encoding"][channel].get("axis")
    ]
    assert min(axis["labelFontSize"] for axis in axes) >= 14
    assert min(axis["titleFontSize"] for axis in axes) >= 16


def test_each_half_of_the_map_has_its_cells_with_their_numbers_to_click() -> None:
    spec = misfit()
    assert [panel["title"]["text"] for panel in spec["vconcat"]] == ["With a bias", "Without a bias"]
    for panel, bias in zip(spec["vconcat"], (True, False), strict=True):
        colored = [layer for layer in layers(panel) if "color" in layer["encoding"]]
        [data] = [data_of(spec, layer) for layer in colored if layer["mark"]["type"] == "rect"]
        assert set(data["bias"]) == {bias}
        assert data["label"].tolist() == (["7.0", "7.0", "10", "10"] if not bias else ["6.0", "6.0", "9.0", "9.0"])
    assert [param["name"] for param in spec["params"]] == ["pick_1", "pick_0"]
    assert all(param["select"]["fields"] == CELL for param in spec["params"])


def test_a_small_number_is_written_as_short_as_a_cell_is() -> None:
    spec = misfit(is_sharpness=True)
    texts = {label for layer in of_mark(spec, type="text") for label in data_of(spec, layer)["label"]}
    assert {"6.000", "10.000"} <= texts
    assert module._sharpness(0.02416) == ".024"
    assert [module._samples(value) for value in (8.83, 9.96, 84.4)] == ["8.8", "10", "84"]


def test_the_smallest_is_ringed_the_setting_of_the_controls_framed_and_what_may_be_it_dotted() -> None:
    spec = misfit()
    rings = of_mark(spec, type="point", shape="circle", filled=False)
    assert {tuple(data_of(spec, ring).iloc[0][CELL]) for ring in rings} == {(True, 10, 500)}
    [frame] = of_mark(spec, type="rect", stroke=PALETTE[1])
    assert tuple(data_of(spec, frame).iloc[0][CELL]) == (True, 40, 1000)
    dots = [data_of(spec, layer) for layer in of_mark(spec, type="point", shape="circle", filled=True)]
    assert [len(data) for data in dots] == [2, 0]


def test_while_it_fills_there_is_no_ring_and_a_setting_that_is_not_on_the_map_has_no_frame() -> None:
    assert not of_mark(misfit(3, is_known=False), type="point", filled=False)
    assert not of_mark(misfit(asked_v=13), type="rect", stroke=PALETTE[1])


def test_the_axes_stand_still_while_the_map_fills() -> None:
    for spec in (misfit(0, is_known=False), misfit()):
        rects = [layer for layer in of_mark(spec, type="rect") if "color" in layer["encoding"]]
        assert {tuple(layer["encoding"]["x"]["scale"]["domain"]) for layer in rects} == {(10, 40)}
        assert {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in rects} == {(1000, 500)}
