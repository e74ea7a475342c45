"""The published curves, and how far ours are from them."""

from dataclasses import replace

import pandas as pd
import pytest

from core import SweepConfig
from core.presets import PRESETS
from explorer import frames
from tests.explorer.frames.rows import row, table


def test_the_published_curves_are_all_there() -> None:
    figure = frames.published_figure_1()
    assert len(figure) == 318  # of 4 x 80 markers: two of them cannot be read
    assert set(figure["input_dim"]) == {10, 20, 30, 40}
    assert (figure["memorized"] <= figure["num_samples"]).all()
    assert not figure.duplicated(["input_dim", "num_samples"]).any()
    assert not figure.isna().any(axis=None)


def test_published_points_appear_only_where_the_sweep_has_a_curve() -> None:
    config = SweepConfig(input_dims=(20, 25, 40), num_classes=10, num_samples=(5, 100))
    shown = frames.published_curves(config)
    assert set(shown["input_dim"]) == {20, 40}
    assert shown["num_samples"].max() == 100
    assert len(frames.published_curves(PRESETS["liu-fig1-as-plotted"])) == 318
    assert frames.published_curves(replace(config, input_dims=(3,))).empty


def test_the_difference_to_the_published_curves_is_a_mean_over_what_both_have() -> None:
    points = frames.curve_frame(
        table([row(3, 199, 0, 50), row(3, 200, 0, 60), row(3, 300, 0, 90), row(3, 400, 0, 1), row(4, 300, 0, 7)])
    )
    published = pd.DataFrame(
        {"input_dim": [3, 3, 3, 9], "num_samples": [199, 200, 300, 300], "memorized": [0, 50, 70, 3]}
    )
    [difference] = frames.published_difference(points, published).to_dict("records")
    assert difference == {"input_dim": 3, "difference": 15, "num_points": 2}


def test_without_a_common_point_there_is_no_difference() -> None:
    points = frames.curve_frame(table([row(10, 7, 0, 7)]))
    assert frames.published_difference(points, frames.published_figure_1()).empty


# --- Figure 2 ---------------------------------------------------------------------------------------------------------


def test_the_published_sharpness_is_all_there() -> None:
    figure = frames.published_figure_2()
    assert figure["num_samples"].tolist() == list(range(5, 401, 5))
    assert not figure["sharpness"].isna().any()
    assert figure[figure["memorized"].isna()]["num_samples"].tolist() == [5, 175, 270]  # under another marker
    assert (figure["memorized"].dropna() <= figure["num_samples"][figure["memorized"].notna()]).all()


@pytest.mark.parametrize("end", [4, 5, 172, 400, 20_000])
def test_the_published_sharpness_appears_up_to_the_end_of_the_sweep(end: int) -> None:
    shown = frames.published_sharpness(SweepConfig(input_dims=(40,), num_classes=10, num_samples=(1, end)))
    assert shown["num_samples"].tolist() == [size for size in range(5, 401, 5) if size <= end]


def test_at_any_other_dimension_there_is_no_published_sharpness() -> None:
    shown = frames.published_sharpness(SweepConfig(input_dims=(39,), num_classes=10, num_samples=(5, 400)))
    assert shown.empty
    assert {"num_samples", "memorized", "sharpness"} <= set(shown.columns)


def test_whoever_changes_a_shown_part_does_not_change_the_figure() -> None:
    """It is read once for all pages."""
    config = PRESETS["liu-fig2-as-plotted"]
    shown = frames.published_sharpness(config)
    shown["sharpness"] = 0.0
    assert frames.published_sharpness(config)["sharpness"].max() > 0.2
