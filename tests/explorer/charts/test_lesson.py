"""The charts that only the lesson has."""

import pandas as pd

from explorer import charts
from tests.explorer.charts.spec import data_of, domain, of_mark

STRIPS = pd.DataFrame(
    [
        {"name": f"sample {s}", "place": place, "value": s - place, "label": 3 + s, "told": f"label {3 + s}"}
        for s in range(2)
        for place in (1, 2, 3)
    ]
)


def test_every_number_of_a_sample_is_a_cell_and_every_sample_has_its_label_once() -> None:
    spec = charts.spec(charts.strips_chart(STRIPS))
    [cells], [labels] = of_mark(spec, type="rect"), of_mark(spec, type="text")
    assert len(data_of(spec, cells)) == 6
    assert data_of(spec, labels)["told"].tolist() == ["label 3", "label 4"]
    low, high = cells["encoding"]["color"]["scale"]["domain"]
    assert low == -high  # 0 has the colour in the middle


def test_bars_of_seen_and_new_have_one_row_each_before_and_after() -> None:
    table = pd.DataFrame({"kind": ["learned", "new", "blind guess"], "mean": [100.0, 9.0, 10.0], "num_layers": 8})
    for part in (table, table.head(0)):
        spec = charts.spec(charts.seen_and_new_chart(part))
        assert domain(spec, "x") == (0, 108)
        assert domain(spec, "y") == ("learned", "new", "blind guess")
        assert len(data_of(spec, of_mark(spec, type="bar")[0])) == len(part)


def test_c_stands_above_the_loss_on_the_same_steps() -> None:
    table = pd.DataFrame({"step": [1, 10, 100], "memorized": [2, 12, 20], "loss": [2.3, 1.7, 0.3]})
    spec = charts.spec(charts.learning_chart(table, num_samples=20, num_classes=10, num_steps=100))
    upper, lower = spec["vconcat"]
    for panel, field in ((upper, "memorized"), (lower, "loss")):
        line = next(each for each in of_mark(panel, type="line"))
        assert line["encoding"]["y"]["field"] == field
        assert domain(panel, "x") == (1, 100)
    assert domain(upper, "y")[1] > 20
    [every] = of_mark(upper, type="rule")
    assert data_of(spec, every)["memorized"].tolist() == [20]
