"""The sentences under the chart: each case in which they must say something else."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from core.config import SweepConfig
from core.presets import PRESETS
from explorer import frames, words

CONFIG = SweepConfig(input_dims=(10, 20), num_classes=10, num_samples=(5, 200, 400), seeds=(0, 1, 2, 3))
ONE_SEED = replace(CONFIG, seeds=(0,))


def capacity(n: int, capacity: float, **others: Any) -> dict[str, Any]:
    """One row of `frames.capacity_frame`."""
    row = {
        "input_dim": n,
        "num_seeds": 4,
        "capacity": capacity,
        "sd": 2.4,
        "per_dim": capacity / n,
        "is_lower_bound": False,
        "last_num_samples": 400,
        "last_mean": 81.6,
    }
    return row | others


def finding(*rows: dict[str, Any], config: SweepConfig = CONFIG) -> str:
    return words.capacity_finding(pd.DataFrame(rows), config)


# --- the finding ------------------------------------------------------------------------------------------------------


def test_of_complete_curves_it_tells_the_largest_knee_and_whether_knees_grow_with_n() -> None:
    text = finding(capacity(10, 31.0), capacity(20, 66.4))
    assert "With n = 20 inputs" in text
    assert "up to **N ≈ 66** (± 2, s.d. over 4 seeds)" in text
    assert "with N = 400 it keeps 81.6" in text
    assert "**3.1 to 3.3 samples for each input dimension**, from n = 10 to 20" in text


def test_knees_in_exact_proportion_are_one_number() -> None:
    assert "at **3.1 samples for each input dimension**" in finding(capacity(10, 31.0), capacity(20, 62.0))


def test_one_curve_says_nothing_of_proportion() -> None:
    text = finding(capacity(10, 31.0))
    assert "With n = 10 inputs" in text
    assert "dimension" not in text


def test_one_seed_has_no_plus_minus() -> None:
    text = finding(capacity(10, 31.0, sd=float("nan"), num_seeds=1), config=ONE_SEED)
    assert "**N ≈ 31**; with" in text
    assert "±" not in text
    assert "nan" not in text


def test_where_no_curve_leaves_the_line_it_says_how_to_see_more() -> None:
    text = finding(capacity(10, 400, is_lower_bound=True), capacity(20, 400, is_lower_bound=True))
    assert text.startswith("Up to N = 400 the layer memorizes nearly everything")
    assert "Move the end of N to the right" in text


def test_of_a_mixture_it_tells_what_is_known_and_what_lies_beyond() -> None:
    text = finding(capacity(10, 31), capacity(20, 62), capacity(30, 400, is_lower_bound=True))
    assert "With n = 20 inputs" in text
    assert "from n = 10 to 20" in text
    assert text.endswith("For n = 30 it lies beyond N = 400.")


def test_large_numbers_have_commas() -> None:
    config = replace(CONFIG, num_samples=(5, 20_000))
    text = finding(
        capacity(100, 1234.4, last_num_samples=20_000, last_mean=4321.2),
        capacity(500, 1, is_lower_bound=True),
        config=config,
    )
    assert "N ≈ 1,234" in text
    assert "with N = 20,000 it keeps 4,321" in text
    assert "beyond N = 20,000" in text


def test_it_reads_real_tables() -> None:
    """Booleans, integers and NaN of a table come as other types than those written by hand."""
    rows = [
        {"input_dim": n, "num_samples": size, "seed": 0, "num_memorized": c, "mean_loss": 1.0, "diverged": False}
        for n, curve in {10: (5, 90, 80), 20: (5, 200, 400)}.items()
        for size, c in zip(CONFIG.num_samples, curve, strict=True)
    ]
    runs = frames.runs_frame(rows)
    text = words.capacity_finding(frames.capacity_frame(frames.curve_frame(runs), runs, 3), CONFIG)
    # From N = 5 to the next is too far to say where between them the curve of n = 10 leaves the line.
    assert text.startswith("The curves leave the line C = N between two points that lie too far apart")


# --- beside the exact optimum ----------------------------------------------------------------------------------------


def beside(*curves: tuple[int, dict[int, tuple[float, float]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves and their optimum: n, and at each N what is trained and what the optimum memorizes."""
    rows = [(n, size, *both) for n, of in curves for size, both in of.items()]
    table = pd.DataFrame(rows, columns=["input_dim", "num_samples", "mean", "there"])
    return table.drop(columns="there"), table.drop(columns="mean").rename(columns={"there": "mean"})


def test_beyond_the_knees_it_tells_how_far_training_is_from_the_optimum() -> None:
    both = beside((10, {20: (10, 20), 40: (38, 40), 90: (60, 60)}), (20, {20: (20, 20), 90: (80, 80.2)}))
    text = words.capacity_finding(pd.DataFrame([capacity(10, 31.0), capacity(20, 62.0)]), CONFIG, both)
    assert text.endswith(
        "Beyond the knee, C as trained minus C at the exact optimum is on average −1 at n = 10, 0 at n = 20. They are "
        "farthest apart, −2, at n = 10, N = 40. On the whole, it is the cross-entropy that gives samples up there, not "
        "the optimizer."
    )


def test_where_training_is_far_from_the_optimum_the_optimizer_is_not_excused() -> None:
    text = words.capacity_finding(pd.DataFrame([capacity(10, 31.0)]), CONFIG, beside((10, {40: (30, 40)})))
    assert "−10 at n = 10" in text
    assert "On the whole" not in text


def test_without_exact_limits_or_a_point_beyond_a_knee_nothing_is_said_of_the_optimum() -> None:
    rows = pd.DataFrame([capacity(10, 31.0)])
    assert "optimum" not in words.capacity_finding(rows, CONFIG)
    assert "optimum" not in words.capacity_finding(rows, CONFIG, beside((10, {20: (10, 20)})))
    assert "farthest" not in words.capacity_finding(rows, CONFIG, beside((10, {40: (39.5, 40)})))


# --- published --------------------------------------------------------------------------------------------------------


def verdict(config: SweepConfig, **differences: float) -> str:
    rows = [{"input_dim": int(n[1:]), "difference": value, "num_points": 41} for n, value in differences.items()]
    return words.published_verdict(pd.DataFrame(rows), config)


def test_curves_that_fit_are_said_to_fit() -> None:
    text = verdict(PRESETS["liu-fig1-as-plotted"], n10=0.3, n20=-1.2, n30=0.4, n40=-5.1)
    assert "0 at n = 10, −1 at n = 20" in text
    assert "−5 at n = 40" in text
    assert text.endswith("**The published figure fits V = 10.**")


def test_v_40_is_said_not_to_fit_though_the_text_gives_it() -> None:
    text = verdict(PRESETS["liu-fig1-as-written"], n10=-9, n20=36, n30=116, n40=157)
    assert "+157 at n = 40" in text
    assert "**The published figure does not fit V = 40**, which the post's text gives" in text
    assert "it fits V = 10 with a bias" in text


def test_any_other_setting_that_does_not_fit_is_only_said_not_to_fit() -> None:
    text = verdict(replace(CONFIG, num_classes=12), n10=20)
    assert text.endswith("**The published figure does not fit this setting.**")
    assert "40" not in text


@pytest.mark.parametrize(("difference", "fits"), [(8, True), (-8, True), (8.1, False), (-8.1, False)])
def test_fitting_has_a_bound_on_both_sides(difference: float, fits: bool) -> None:
    assert ("does not fit" not in verdict(CONFIG, n10=0, n20=difference)) == fits


def test_one_curve_that_does_not_fit_is_enough() -> None:
    assert "does not fit" in verdict(CONFIG, n10=0, n20=30)


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_the_legend_names_what_is_drawn_and_nothing_else() -> None:
    assert "mean of 4 seeds; band" in words.capacity_legend(CONFIG, with_published=False)
    assert "Diamonds" not in words.capacity_legend(CONFIG, with_published=False)
    assert "Diamonds: published" in words.capacity_legend(CONFIG, with_published=True)
    assert "Ziming Liu" in words.capacity_legend(CONFIG, with_published=True)
    alone = words.capacity_legend(ONE_SEED, with_published=False)
    assert "one seed" in alone
    assert "band" not in alone


@pytest.mark.parametrize("layers", [(), ("theory",), ("optimum",), ("optimum", "theory")])
def test_the_legend_names_exact_limits_where_they_are_drawn(layers: tuple[str, ...]) -> None:
    text = words.capacity_legend(CONFIG, layers, with_published=True)
    assert ("Squares: the optimum of the cross-entropy of the same data, solved exactly." in text) == (
        "optimum" in layers
    )
    assert ("Fine dashes" in text) == ("cross: the $N$ up to which" in text) == ("theory" in layers)
    assert text.startswith(words.capacity_legend(CONFIG, with_published=True))
