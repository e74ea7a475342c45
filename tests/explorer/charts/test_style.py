"""Colours as eyes see them."""

import ast
import itertools
import tomllib

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer import charts, presentation
from explorer.charts import style
from tests.serving import ROOT
from tests.test_setup import contrast

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]

# Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0; they act on linear RGB.
EYES = {
    "common": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
TOLD_APART = 10.0  # of CIELAB's distance, in which about 2.3 can just be told apart side by side


def linear(colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eyes: str) -> NDArray[np.float64]:
    """CIELAB coordinates (D65) of a colour as these eyes see it."""
    xyz = RGB_TO_XYZ @ np.clip(EYES[eyes] @ linear(colour), 0, 1) / RGB_TO_XYZ.sum(1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, eyes: str) -> float:
    return float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))


def test_a_published_n_has_one_colour_wherever_it_is_drawn_and_no_other_n_has_it() -> None:
    whole = dict(zip((10, 20, 30, 40), style.dimension_colors((10, 20, 30, 40)), strict=True))
    for dims in ((40,), (20, 40), (5, 20), (5, 6, 7, 8, 9, 10, 20, 64)):
        colors = dict(zip(dims, style.dimension_colors(dims), strict=True))
        assert len(set(colors.values())) == len(dims)
        assert all(colors[n] == whole[n] for n in dims if n in whole)
    assert style.dimension_colors(range(50, 58)) == style.PALETTE


def test_the_measure_of_colours_is_right() -> None:
    np.testing.assert_allclose(lab("#ffffff", "common"), [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(lab("#ff0000", "common"), [53.24, 80.09, 67.20], atol=0.02)
    for eyes in EYES:  # greys stay greys
        np.testing.assert_allclose(lab("#808080", eyes), [53.59, 0, 0], atol=0.1)
    assert distance("#ff0000", "#00a000", "deuteranopia") < distance("#ff0000", "#00a000", "common") / 2


@pytest.mark.parametrize("eyes", EYES)
def test_curves_can_be_told_apart_by_all_eyes(eyes: str) -> None:
    distances = {pair: distance(*pair, eyes) for pair in itertools.combinations(charts.PALETTE[:4], 2)}
    assert min(distances.values()) > TOLD_APART, distances


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", [*charts.PALETTE, charts.GUIDE])
def test_a_curve_stands_out_from_the_background(theme: str, colour: str) -> None:
    """With a contrast of 3 to 1, which WCAG 2.2 asks of shapes that carry meaning."""
    assert contrast(colour, THEMES[theme]["backgroundColor"]) >= 3


LARGE_BOLD = 18.66  # pixels, or 14 points: from there on WCAG 2.2 asks of bold text a contrast of 3, else of 4.5


def test_names_of_curves_are_large_enough_to_have_the_colour_of_their_curve() -> None:
    assert style.NAME_SIZE >= LARGE_BOLD


def test_no_text_in_a_chart_is_grey() -> None:
    """No grey can have a contrast of 4.5 on both backgrounds; the page's own text colour has it on each."""
    light, dark = (THEMES[theme]["backgroundColor"] for theme in ("light", "dark"))
    greys = (f"#{level:02x}{level:02x}{level:02x}" for level in range(256))
    assert max(min(contrast(grey, light), contrast(grey, dark)) for grey in greys) < 4.5
    colours = {
        ast.unparse(keyword.value)
        for file in (ROOT / "explorer" / "charts").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark_text")
        for keyword in node.keywords
        if keyword.arg == "color"
    }
    assert "WORDS" in colours
    assert "GUIDE" not in colours
    assert style.WORDS == "currentColor"
    for theme in ("light", "dark"):
        assert contrast(THEMES[theme]["textColor"], THEMES[theme]["backgroundColor"]) >= 4.5


def test_what_is_chosen_is_legible_in_both_themes() -> None:
    """The colours that the app sets itself, of a chosen segment and of what is chosen in a list."""
    segment, listed = presentation.STYLE.split("light-dark(")[1].split(")")[0].split(", "), "#0b62a8"
    assert f"background-color: {listed}" in presentation.STYLE
    assert contrast("#ffffff", listed) >= 4.5
    for theme, colour in zip(("light", "dark"), segment, strict=True):
        for behind in ("backgroundColor", "secondaryBackgroundColor"):
            assert contrast(colour, THEMES[theme][behind]) >= 4.5
