"""What is compared with what, in words."""

import pytest

from explorer import words


def test_the_heading_names_what_differs_or_that_nothing_does() -> None:
    assert words.pinned_heading("V = 10", "V = 40") == "**A**: V = 10. **B** (now): V = 40."
    assert words.pinned_heading("", "").startswith("**A**: the same as now.")


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (
            {"n = 10": 41.3, "n = 20": 82},
            {"n = 10": 95.1, "n = 20": 80},
            "n = 10: 41.3 → **95.1** (+53.8); n = 20: 82 → **80** (−2)",
        ),
        ({"": 160.04}, {"": 160.0}, "160 → **160** (the same)"),
        ({"": 57.55}, {"": 57.74}, "57.5 → **57.7** (+0.2)"),
        ({"n = 10": 41, "n = 20": 82}, {"n = 20": 90, "n = 30": 120}, "n = 20: 82 → **90** (+8)"),
        ({"": 900}, {"": 2345.6}, "900 → **2,346** (+1,446)"),
        ({"": 0.012}, {"": 0.03}, "0.0120 → **0.0300** (+0.0180)"),  # a sharpness, with three digits of the larger
        ({"": 0.1834}, {"": 0.0512}, "0.183 → **0.051** (−0.132)"),
        ({"": 0.5}, {"": 2}, "0.5 → **2** (+1.5)"),
        ({"": 0}, {"": 0}, "0 → **0** (the same)"),
    ],
)
def test_numbers_are_compared_where_both_have_them(a: dict[str, float], b: dict[str, float], told: str) -> None:
    assert words.numbers_compared("Capacity N", a, b, is_complete=True) == f"Capacity N, from A to B: {told}."
    assert words.numbers_compared("Capacity N", a, b, is_complete=False) == f"Capacity N, from A to B, so far: {told}."


def test_without_a_common_number_nothing_is_said() -> None:
    assert words.numbers_compared("Capacity N", {"n = 10": 3.0}, {"n = 20": 4.0}, is_complete=True) == ""
    assert words.numbers_compared("Capacity N", {}, {}, is_complete=True) == ""
