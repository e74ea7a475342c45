"""The sentences of the page Jamming: each case in which they must say something else."""

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import SweepConfig
from core.intervals import Interval, mean_interval
from core.presets import PRESETS
from explorer import frames, words
from tests.explorer.words.said import well_said

CONFIG = PRESETS["liu-fig2-as-plotted"]
ONE_SEED = replace(CONFIG, seeds=(0,))
JUMP = Interval(171.4, 164.2, 178.6, 4)


def band(means: list[float], along: str = "num_samples", start: int = 10) -> pd.DataFrame:
    """A `frames.band_frame` with these means at 10, 20, 30, ..."""
    places = [start * (place + 1) for place in range(len(means))]
    return pd.DataFrame({along: places, "mean": means, "sd": 0.1, "num_seeds": 4})


# No layer of the app is sharper than 64: at its start, with V = 2, n = 512 and N = 5.
heights = st.lists(st.just(0.0) | st.floats(1e-300, 64), min_size=1, max_size=8)


# --- the jump ---------------------------------------------------------------------------------------------------------


def finding(jump: Interval | None, capacity: float | None, config: SweepConfig = CONFIG) -> str:
    """Of a sharpness of 0.001 up to N = 150, 0.15 at 170, and 0.3 from there on."""
    sizes = range(10, 401, 20)
    means = [0.001 if size <= 150 else 0.15 if size == 170 else 0.3 for size in sizes]
    sharpness = pd.DataFrame({"num_samples": sizes, "mean": means, "sd": 0.1, "num_seeds": 4})
    text = well_said(words.jamming_finding(jump, sharpness, capacity, config))
    assert words.jamming_finding(jump, sharpness[::-1], capacity, config) == text  # in whatever order they come
    return text


def test_the_jump_is_told_with_its_interval_and_its_heights_before_and_after() -> None:
    """A quarter of its N before it and after it: at 129 and 214."""
    text = finding(JUMP, 168.2)
    assert text.startswith("The sharpness jumps at **N ≈ 171 ± 7** (95 % interval over 4 seeds): ")
    assert "it is 0.001 at N = 130 and 0.3 at N = 210." in text


def test_the_jump_of_one_seed_has_no_interval() -> None:
    text = finding(mean_interval([171.4]), 168.2, ONE_SEED)
    assert text.startswith("The sharpness jumps at **N ≈ 171**: it is 0.001 at")
    assert "±" not in text
    assert "interval" not in text


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        (168.2, "That is where memory fills up: up to N ≈ 168 at least 95 % are memorized."),
        (177.0, "That is where memory fills up: up to N ≈ 177 at least 95 %"),
        (300.0, "That is before memory is full (up to N ≈ 300 at least 95 % are memorized): 2,000 steps have not"),
        (
            100.0,
            "The capacity read off this chart, N ≈ 100, lies far below: more points would tell whether that is so.",
        ),
    ],
)
def test_the_jump_is_said_to_be_where_memory_fills_up_only_where_it_is(capacity: float, said: str) -> None:
    text = finding(JUMP, capacity)
    assert said in text
    assert ("grains" in text) == ("fills up" in said)


def test_where_nearly_everything_is_memorized_it_says_how_to_see_a_jump() -> None:
    text = finding(None, None)
    assert text.startswith("No jump up to N = 400: the layer memorizes nearly everything")
    assert "Move the end of N to the right" in text


def test_where_the_curve_begins_past_its_jump_it_says_that_and_not_that_all_is_memorized() -> None:
    text = finding(None, 150.0)
    assert text.startswith("There is no jump to locate: at N = 5, where the chart begins,")
    assert "memorizes nearly everything" not in text


@given(heights, st.lists(st.floats(1, 20_000), min_size=1, max_size=5), st.none() | st.floats(1, 20_000), st.booleans())
@example([0.0, 64.0], [10.0], None, True)
@example([0.0, 64.0], [10.0], 10.0, True)
def test_a_jump_is_told_in_whole_sentences(
    means: list[float], places: list[float], capacity: float | None, is_there: bool
) -> None:
    jump = mean_interval(places) if is_there else None
    well_said(words.jamming_finding(jump, band(means), capacity, CONFIG))


def test_the_legend_names_what_is_drawn_and_nothing_else() -> None:
    one, several = Interval(171.0, -math.inf, math.inf, 1), JUMP
    plain = words.jamming_legend(CONFIG, None, with_published=False)
    assert "mean of 4 seeds; band" in plain
    assert "Grey" not in plain
    assert "Diamonds" not in plain
    assert "Click a point" in plain
    with_published = words.jamming_legend(CONFIG, None, with_published=True)
    assert "Diamonds: published" in with_published
    assert "Figure 2" in with_published
    assert "Ziming Liu" in with_published
    assert "stripe" in words.jamming_legend(CONFIG, several, with_published=False)
    alone = words.jamming_legend(ONE_SEED, one, with_published=False)
    assert "Grey: the $N$ at which" in alone
    assert "stripe" not in alone
    assert "band" not in alone


# --- the published sharpness ------------------------------------------------------------------------------------------


def published(sharpness: dict[int, float]) -> pd.DataFrame:
    return pd.DataFrame({"num_samples": list(sharpness), "memorized": 1.0, "sharpness": list(sharpness.values())})


def test_the_published_sharpness_is_compared_past_the_jump_where_both_have_a_point() -> None:
    ours = pd.DataFrame({"num_samples": [100, 205, 210, 400], "mean": [9.0, 0.2, 0.3, 8.0]})
    text = words.sharpness_verdict(ours, published({100: 5.0, 205: 0.25, 210: 0.25, 215: 7.0}))
    assert text == (
        "At the 2 common N ≥ 205 our sharpness is 0.250 on average, the published one (which fits V = 10 and Adam at "
        "0.01) 0.250: 0 %."
    )
    text = words.sharpness_verdict(ours.assign(mean=ours["mean"] * 1.1), published({205: 0.25, 210: 0.25}))
    assert text is not None
    assert text.endswith("0.250: +10 %.")


@pytest.mark.parametrize("sizes", [[], [100, 200], [206, 207]])
def test_without_a_common_point_past_the_jump_nothing_is_compared(sizes: list[int]) -> None:
    ours = pd.DataFrame({"num_samples": sizes, "mean": [0.2] * len(sizes)})
    assert words.sharpness_verdict(ours, frames.published_figure_2()) is None


def test_without_published_points_nothing_is_compared() -> None:
    assert words.sharpness_verdict(band([0.1] * 40), frames.published_figure_2().head(0)) is None


@given(st.dictionaries(st.integers(200, 215), st.floats(0, 300), max_size=8), st.floats(0.001, 10))
def test_a_comparison_is_a_whole_sentence(ours: dict[int, float], theirs: float) -> None:
    table = pd.DataFrame({"num_samples": list(ours), "mean": list(ours.values())})
    text = words.sharpness_verdict(table, published({205: theirs, 210: theirs}))
    assert (text is None) == (not ours.keys() & {205, 210})
    assert text is None or well_said(text)


# --- the edge of stability --------------------------------------------------------------------------------------------


def test_training_at_the_edge_is_told_from_where_on_and_with_its_mean_there() -> None:
    text = words.stability_finding(30.0, band([1.0, 2.0, 36.0, 38.0]), 38.0, CONFIG)
    assert text.startswith("**From N ≈ 30 on, training ends at the edge of stability**")
    assert "η λ is 37.0 on average there, and the edge is at 38." in text


def test_training_far_from_the_edge_is_told_with_how_near_it_comes() -> None:
    text = well_said(words.stability_finding(math.nan, band([1.0, 7.3, 2.0]), 3.8, CONFIG))
    assert text.startswith("At η = 0.01 training does not end at the edge of stability up to N = 400:")
    assert "η λ is 7.3 at the most, and the edge is at 3.8." in text


def test_training_far_past_the_edge_is_said_to_take_too_long_steps() -> None:
    text = well_said(words.stability_finding(30.0, band([1.0, 2.0, 50.0, 54.0]), 38.0, CONFIG))
    assert "**From N ≈ 30 on, the steps are too long**: η λ is 52.0 on average there" in text
    assert "do not settle" in text


@given(heights, st.sampled_from([2.0, 3.8, 38.0]))
def test_what_is_said_of_the_edge_agrees_with_where_it_is_reached(means: list[float], edge: float) -> None:
    stability = band(means)
    first = frames.at_the_edge_from(stability, edge)
    text = words.stability_finding(first, stability, edge, CONFIG)
    assert "nan" not in text
    assert text.startswith("At η" if math.isnan(first) else f"**From N ≈ {first:,.0f} on")


def test_the_axis_and_the_legend_say_what_counts_for_the_optimizer() -> None:
    adam, gd = CONFIG, replace(CONFIG, optimizer="gd", momentum=0.9)
    assert "preconditioned" in words.stability_title(adam)
    assert "preconditioned" not in words.stability_title(gd)
    assert "= 38$" in words.stability_legend(adam)
    assert "2207.14484" in words.stability_legend(adam)
    assert "3.8$" in words.stability_legend(gd)
    assert "Adam" not in words.stability_legend(gd)
    for config in (adam, gd):
        assert "λ" in words.stability_title(config)
        assert "mean of 4 seeds" in words.stability_legend(config)


# --- along training ---------------------------------------------------------------------------------------------------

MEMORIZED = band([20.0, 60.0, 99.6], along="step", start=1000)


def test_training_that_reaches_the_edge_is_told_from_which_step_on() -> None:
    stability = band([90.0, 10.0, 35.0, 38.0], along="step", start=1000)
    stability.loc[0, "step"] = 3  # one of Adam's first steps, whose memory is empty
    text = well_said(str(words.training_finding(MEMORIZED, stability, 38.0, 200)))
    assert text.startswith("At N = 200 the layer ends with 100 memorized.")
    assert text.endswith("at the edge of stability, by about step 3,000.")


def test_training_that_ends_beyond_the_edge_is_not_said_to_be_at_it() -> None:
    text = well_said(str(words.training_finding(MEMORIZED, band([1.0, 76.3], along="step", start=1000), 38.0, 200)))
    assert text.endswith("η λ ends at 76.3, beyond the edge at 38: the steps are too long to settle.")


def test_training_that_never_reaches_the_edge_is_told_with_its_largest() -> None:
    stability = band([3.0, 12.34, 4.0], along="step", start=1000)
    text = well_said(str(words.training_finding(MEMORIZED, stability, 38.0, 1200)))
    assert text.startswith("At N = 1,200 the layer")
    assert text.endswith("Past the first 1,000 steps η λ is 12 at the most, at step 2,000; the edge is at 38.")


def test_before_there_is_anything_nothing_is_said() -> None:
    nothing: Any = band([], along="step")
    assert words.training_finding(nothing, nothing, 38.0, 200) is None
    assert words.training_finding(MEMORIZED, nothing, 38.0, 200) is None


@given(heights, heights, st.sampled_from([2.0, 3.8, 38.0]), st.integers(1, 20_000))
def test_training_is_told_in_whole_sentences(
    memorized: list[float], stability: list[float], edge: float, num_samples: int
) -> None:
    tables = (band(values, along="step", start=7) for values in (memorized, stability))
    well_said(str(words.training_finding(*tables, edge, num_samples)))


def test_the_legend_along_training_has_n_and_speaks_of_adam_only_where_it_is() -> None:
    adam = replace(CONFIG, num_samples=(1200,))
    gd = replace(adam, optimizer="gd", momentum=0.9, seeds=(0,))
    assert "all 1,200 memorized" in well_said(words.training_legend(adam))
    assert "Adam" in words.training_legend(adam)
    assert "Adam" not in well_said(words.training_legend(gd))
    assert "one seed" in words.training_legend(gd)


def test_sharpnesses_that_did_not_converge_are_counted() -> None:
    runs = pd.DataFrame({"is_exact": [False] * 2 + [True] * 1318})
    text = well_said(words.not_exact(runs))
    assert text.startswith("2 of 1,320 sharpnesses did not converge")
    assert "lower bound" in text


def test_who_cannot_see_a_chart_is_told_what_it_is() -> None:
    for text in (words.JAMMING_ALT, words.STABILITY_ALT, words.TRAINING_ALT):
        assert well_said(text)
        assert "hart" in text
