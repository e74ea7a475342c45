"""Larger type: every size that a chart gives or leaves to Vega-Lite grows, and nothing else does."""

import copy

import pandas as pd

from explorer import charts, frames
from explorer.charts.enlarged import PLOT, TYPE, enlarged
from tests.explorer.charts.spec import as_json, layers
from tests.explorer.frames.rows import row, table


def test_each_size_of_type_grows_by_one_factor_and_data_stay() -> None:
    spec = {
        "config": {"axis": {"labelFontSize": 20, "gridColor": "red"}, "text": {"font": "serif"}},
        "vconcat": [
            {
                "mark": {"type": "text", "fontSize": 15},
                "height": 100,
                "encoding": {"y": {"axis": {"titleFontSize": 10}}},
            },
            {"layer": [{"mark": {"type": "bar", "height": {"band": 0.5}}}], "height": 50},
        ],
        "data": {"values": [{"fontSize": 3, "height": 4}]},
        "datasets": {"rows": pd.DataFrame({"fontSize": [1]})},
    }
    before = copy.deepcopy(spec)
    large = enlarged(spec)
    first, second = large["vconcat"]
    assert (first["mark"]["fontSize"], first["encoding"]["y"]["axis"]["titleFontSize"]) == (15 * TYPE, 10 * TYPE)
    assert (first["height"], second["height"]) == (100 * PLOT, 50 * PLOT)
    assert second["layer"][0]["mark"]["height"] == {"band": 0.5}
    assert large["config"]["axis"] == {"labelFontSize": 20 * TYPE, "titleFontSize": 11 * TYPE, "gridColor": "red"}
    assert large["config"]["text"] == {"font": "serif", "fontSize": 11 * TYPE}
    assert large["data"] == before["data"]
    assert large["datasets"] is spec["datasets"]  # the tables are not copied
    assert {name: part for name, part in spec.items() if name != "datasets"} == {
        name: part for name, part in before.items() if name != "datasets"
    }, "a chart that is kept for all sessions must stay as it is"


def test_a_real_chart_stays_valid_and_gets_the_same_height_with_its_type() -> None:
    runs = table([row(40, n, 0, n) for n in (10, 20, 30)])
    points, published = frames.curve_frame(runs), frames.published_figure_1()
    chart = charts.capacity_chart(
        points, points.head(0), published, input_dims=[40], max_num_samples=30, num_seeds=1, height=200
    )
    large = enlarged(chart)
    as_json(large)
    assert (chart["height"], large["height"]) == (200, 200 * PLOT)
    assert large["datasets"] is chart["datasets"]
    [usual], [grown] = ([each["mark"] for each in layers(one) if "lineBreak" in each["mark"]] for one in (chart, large))
    assert grown == usual | {"fontSize": usual["fontSize"] * TYPE}
