"""A coin as Vega-Lite draws it."""

import altair as alt
import pytest

from explorer import charts
from tests.explorer.charts.spec import data_of, domain, layers, of_mark


@pytest.mark.parametrize(
    ("heads", "tosses", "lucky"), [(52, 100, "heads"), (48, 100, "tails"), (5, 10, "heads"), (0, 10, "tails")]
)
def test_a_coin_is_two_bars_the_luckier_in_the_colour_of_what_is_memorized(heads: int, tosses: int, lucky: str) -> None:
    spec = charts.spec(charts.coin_chart(heads, tosses))
    alt.Chart.from_dict(spec)
    [bars] = of_mark(spec, type="bar")
    found = data_of(spec, bars).set_index("side")["count"]
    assert found.to_dict() == {"heads": heads, "tails": tosses - heads}
    colour = bars["encoding"]["color"]
    assert colour["condition"]["test"] == f"datum.side === '{lucky}'"
    assert [colour["condition"]["value"], colour["value"]] == charts.PALETTE[:2]
    assert found[lucky] == found.max()


@pytest.mark.parametrize("heads", [0, 7, 10_000])
def test_the_bars_have_their_numbers_and_a_half_as_a_dashed_line_on_an_axis_of_all_tosses(heads: int) -> None:
    spec = charts.spec(charts.coin_chart(heads, 10_000))
    [numbers] = of_mark(spec, type="text")
    assert numbers["encoding"]["text"]["field"] == "count"
    assert numbers["mark"]["fontSize"] >= 14
    [rule] = of_mark(spec, type="rule")
    assert data_of(spec, rule)["count"].tolist() == [5_000]
    assert "strokeDash" in rule["mark"]
    assert domain(spec, "y") == (0, 10_000)
    assert all(
        layer["encoding"]["x"]["axis"]["labelFontSize"] >= 14 for layer in layers(spec) if "x" in layer["encoding"]
    )
