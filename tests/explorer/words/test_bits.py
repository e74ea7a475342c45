"""The sentences of the page Bits: each case in which they must say something else."""

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import SweepConfig
from core.intervals import Interval, mean_interval
from core.memorization import BITS
from explorer import frames, words
from explorer.frames import Proportion
from tests.explorer.words.said import well_said

CONFIG = SweepConfig(input_dims=(40,), num_classes=10, num_samples=(5, 200, 400), seeds=(0, 1, 2, 3))
ONE_SEED = {"num_seeds": 1, "low": math.nan, "high": math.nan}


def most(definition: str, bits: float, **others: Any) -> dict[str, Any]:
    """A row of `frames.bit_capacities`, in its unit."""
    row = {
        "of": "trained",
        "definition": definition,
        "input_dim": 40,
        "num_classes": 10,
        "num_parameters": 410,
        "num_weights": 400,
        "bits": bits,
        "low": bits - 0.05,
        "high": bits + 0.05,
        "num_samples": 175,
        "is_lower_bound": False,
        "is_complete": True,
        "last": 0.7,
        "num_seeds": 4,
    }
    return row | others


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=frames.CAPACITY_COLUMNS)


def all_three(**others: Any) -> list[dict[str, Any]]:
    return [most(name, bits, **others) for name, bits in zip(BITS, (1.3, 1.31, 1.4), strict=True)]


def finding(*rows: dict[str, Any], config: SweepConfig = CONFIG, unit: str = "parameter") -> str:
    return well_said(str(words.bits_finding(table(*rows), config, unit)))


# --- against N --------------------------------------------------------------------------------------------------------


def test_it_tells_the_most_by_each_definition_where_and_how_well_known() -> None:
    assert finding(*all_three()) == (
        "From N = 5 to 400, the maximum by Liu’s definition is **1.30 bits per parameter** (1.25 to 1.35), at N = 175; "
        "by Morris’ it is 1.31 (1.26 to 1.36), at N = 175; by Fano’s it is 1.40 (1.35 to 1.45), at N = 175 (95 % "
        "intervals, over 4 seeds)."
    )


def test_one_seed_has_no_interval() -> None:
    text = finding(*all_three(**ONE_SEED))
    assert "**1.30 bits per parameter**, at N = 175; by" in text
    assert text.endswith("(one seed).")
    assert "95 %" not in text


def test_a_total_is_whole_bits() -> None:
    rows = [most(name, 1531.4, low=1500.0, high=1562.8) for name in BITS]
    assert "**1,531 bits** (1,500 to 1,563)" in finding(*rows, unit="total")
    assert "bits per weight**" in finding(*all_three(), unit="weight")


def test_what_ends_before_its_largest_is_at_least_so_much() -> None:
    liu, morris, fano = all_three()
    text = finding(liu, morris | {"is_lower_bound": True, "num_samples": 400}, fano)
    assert "by Morris’ it is at least 1.31 (1.26 to 1.36), at N = 400, where the curve ends" in text
    assert "**1.30 bits" in text
    assert "move the end" not in text  # Morris' have no largest
    before = finding(liu, morris | {"is_lower_bound": True}, fano)
    assert "by Morris’ it is at least 1.31 (1.26 to 1.36), at N = 175; by Fano’s" in before


def test_where_liu_s_may_be_more_it_says_how_to_see_it() -> None:
    ends = {"is_lower_bound": True, "num_samples": 400}
    text = finding(*all_three(**ends))
    assert "**at least 1.30 bits per parameter**" in text
    assert text.endswith("Beyond that N, Liu’s bits may still grow: move the end of N to the right.")
    longest = replace(CONFIG, num_samples=(5, 20_000))
    assert "move the end" not in finding(*all_three(**ends), config=longest)  # there is no further


def test_one_n_is_no_range() -> None:
    text = finding(*all_three(is_lower_bound=True), config=replace(CONFIG, num_samples=(175,)))
    assert text.startswith("At N = 175, the maximum")


def test_bits_below_0_are_explained() -> None:
    text = finding(*all_three(last=-3.0))
    assert text.endswith(
        "At N = 400 Liu’s bits are negative: the layer is so sure of wrong labels that guessing would be better."
    )
    assert "(−0.04 to 0.06)" in finding(*(most(name, 0.01) for name in BITS))  # a minus, not a hyphen
    assert "(0.00 to 0.10)" in finding(*(most(name, 0.0499) for name in BITS))  # and none before 0


def test_the_optimum_is_told_once_it_is_known() -> None:
    ideal = most("liu", 1.52, of="optimum", num_samples=185)
    text = finding(*all_three(), ideal)
    assert text.endswith(
        "An ideal optimizer reaches, on the same data and by Liu’s definition, 1.52 (1.47 to 1.57), at N = 185."
    )
    assert words.bits_finding(table(ideal), CONFIG, "parameter") is None  # before the trained layers


def test_before_a_seed_is_complete_nothing_is_said() -> None:
    assert words.bits_finding(table(), CONFIG, "parameter") is None


@given(st.lists(st.floats(-1e3, 1e4), min_size=3, max_size=3), st.booleans(), st.sampled_from(["weight", "total"]))
def test_whatever_is_found_is_told_in_sentences(bits: list[float], is_lower_bound: bool, unit: str) -> None:
    finding(*(most(n, b, is_lower_bound=is_lower_bound) for n, b in zip(BITS, bits, strict=True)), unit=unit)


def test_the_legend_names_what_is_drawn_and_nothing_else() -> None:
    plain, full = (words.bits_legend(CONFIG, layers, "parameter") for layers in ((), ("optimum", "theory")))
    for text in (plain, full):
        well_said(text.replace("{", "").replace("}", ""))
        assert "arXiv:2505.24832" in text
        assert "another architecture" in text
        assert "biased upwards" in text
        assert "like $\\sqrt{N}$" in text
    assert "Squares" not in plain
    assert "blue dashes" not in plain
    assert "Squares" in full
    assert "blue dashes" in full
    one = words.bits_legend(replace(CONFIG, seeds=(0,)), (), "parameter")
    assert "one seed" in one
    assert "jackknife" not in one
    assert "jackknife" in plain


@pytest.mark.parametrize(
    ("unit", "bias", "formula", "value"),
    [
        ("parameter", True, "$(V - 1) / (2 V \\ln 2)$ per parameter", 9 / (2 * 10)),
        ("weight", True, "$(V - 1) (n + 1) / (2 V n \\ln 2)$ per weight", 9 * 41 / (2 * 10 * 40)),
        ("total", True, "$(V - 1) (n + 1) / (2 \\ln 2)$", 9 * 41 / 2),
        ("parameter", False, "$(V - 1) / (2 V \\ln 2)$ per parameter", 9 / (2 * 10)),
        ("weight", False, "$(V - 1) / (2 V \\ln 2)$ per weight", 9 / (2 * 10)),
        ("total", False, "$(V - 1) n / (2 \\ln 2)$", 9 * 40 / 2),
    ],
)
def test_the_formula_of_the_far_tail_is_that_of_its_line(
    unit: frames.Unit, bias: bool, formula: str, value: float
) -> None:
    config = replace(CONFIG, bias=bias)
    assert f"(Wilks): {formula}. " in words.bits_legend(config, (), unit)
    assert frames.guides(config, unit).far_tail == pytest.approx(value / math.log(2))


def test_axes_name_their_unit() -> None:
    assert words.BITS_TITLES == {
        "parameter": "Bits per parameter",
        "weight": "Bits per weight",
        "total": "Bits memorized",
    }


# --- against the number of parameters ---------------------------------------------------------------------------------


def proportion(slope: float, exponent: float | None = 1.0, num_seeds: int = 4) -> Proportion:
    def known(value: float) -> Interval:
        return Interval(value, value - 0.02, value + 0.02, num_seeds) if num_seeds > 1 else mean_interval([value])

    return Proportion(known(slope), None if exponent is None else known(exponent))


FITS = {name: proportion(slope) for name, slope in zip(BITS, (1.27, 1.28, 1.36), strict=True)}


def layers(
    *liu: float, across: str = "input_dim", sizes: tuple[int, ...] = (10, 20, 80), **others: Any
) -> pd.DataFrame:
    return table(
        *(most(name, bits, **{across: size}, **others) for size, bits in zip(sizes, liu, strict=False) for name in BITS)
    )


def told(table: pd.DataFrame, fits: dict[str, Proportion] = FITS, across: str = "input_dim") -> str:
    return well_said(str(words.parameters_finding(table, fits, across)))


def test_bits_that_are_about_the_same_for_each_parameter_are_one_number() -> None:
    assert told(layers(1.17, 1.29, 1.27)) == (
        "By Liu’s definition a parameter holds **about 1.27 bits**, roughly the same for every n: from 1.17 at n = 10 "
        "to 1.29 at n = 20. Averaged over the layers, a parameter holds 1.27 (1.25 to 1.29) bits by Liu’s, 1.28 (1.26 "
        "to 1.30) bits by Morris’, 1.36 (1.34 to 1.38) bits by Fano’s (95 % intervals, over 4 seeds). Liu’s bits grow "
        "like the number of parameters to the power 1.00 (0.98 to 1.02)."
    )


def test_bits_that_differ_are_no_number() -> None:
    text = told(layers(0.9, 1.3, 1.1, across="num_classes", sizes=(2, 10, 40)), across="num_classes")
    assert text.startswith(
        "By Liu’s definition a parameter holds **no fixed number of bits** from V = 2 to 40: 0.90 at V = 2, but 1.30 "
        "at V = 10."
    )
    assert "no fixed number" in told(layers(0.0, 1.0))
    assert "no fixed number" in told(layers(-1.0, -1.0))


def test_a_layer_whose_curve_ends_too_soon_makes_a_lower_bound_of_the_line() -> None:
    text = told(layers(1.27, 1.27, is_lower_bound=True))
    assert "**at least 1.27 bits**" in text
    assert "holds at least 1.27" in text


def test_one_seed_has_slopes_without_intervals() -> None:
    text = told(layers(1.2, 1.3, **ONE_SEED), {name: proportion(1.27, num_seeds=1) for name in BITS})
    assert "holds 1.27 bits by Liu’s, 1.27 bits by Morris’, 1.27 bits by Fano’s (one seed)." in text
    assert text.endswith("to the power 1.00.")


def test_without_a_power_law_none_is_told() -> None:
    assert "grow like" not in told(layers(1.2, 1.3), {name: proportion(1.27, None) for name in BITS})


def test_before_all_layers_are_there_nothing_is_said() -> None:
    assert words.parameters_finding(layers(1.2, 1.3), {}, "input_dim") is None


def test_why_it_is_no_constant_is_told_in_the_numbers_of_the_layer() -> None:
    text = well_said(words.no_constant(table(*all_three()), CONFIG))
    assert "at n = 40 and V = 10 they are 1.30 by Liu’s, 1.31 by Morris’, 1.40 by Fano’s" in text
    assert (
        "1.33 for each weight, if biases are not counted; 1.44 for each free parameter" in text
    )  # 1.3 * 410 / 400, 1.3 * 10 / 9
    assert "1.00 at V = 2, 1.50 at V = 10, 1.37 at V = 100" in text
    assert "would reach 1.50 here, where Adam reaches 1.30 in 2,000 steps" in text
    assert "the labels are random" in text


def test_without_a_bias_there_are_none_to_leave_out() -> None:
    text = words.no_constant(table(*all_three(num_parameters=400)), replace(CONFIG, bias=False, optimizer="gd"))
    assert "biases" not in text
    assert "gradient descent reaches" in text


def test_of_two_classes_one_half_of_the_parameters_is_free() -> None:
    text = well_said(words.no_constant(table(*(most(name, 0.9) for name in BITS)), replace(CONFIG, num_classes=2)))
    assert "1.80 for each free parameter" in text


@pytest.mark.parametrize("num_seeds", [1, 4])
def test_the_legend_tells_the_values_of_n(num_seeds: int) -> None:
    text = well_said(words.parameters_legend(replace(CONFIG, seeds=range(num_seeds)), (0.4, 1.0, 1.5)))
    assert "over 3 values of N, from 0.4 to 1.5 times the threshold" in text
    assert ("one seed" in text) == (num_seeds == 1)


def test_who_cannot_see_a_chart_is_told_what_it_is() -> None:
    for text in (words.BITS_ALT, words.PARAMETERS_ALT):
        assert "Chart" in well_said(text)
