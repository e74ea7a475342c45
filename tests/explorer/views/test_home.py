"""The page Start: what its chart says, and where its links lead."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image

from explorer import words
from explorer.parameters import PARAMETERS
from tests.explorer.visiting import chart, finished, is_drawn, opened, texts
from tests.serving import ROOT

THUMBNAILS = ROOT / "explorer" / "thumbnails"


def links(page_texts: str) -> dict[str, str]:
    """Words -> address of each link."""
    return {text: href for href, text in re.findall(r'<a href="([^"]+)" target="_self"><b>([^<]+)</b>', page_texts)}


@pytest.mark.usefixtures("asleep")
def test_before_anything_is_trained_the_page_is_whole() -> None:
    at = opened({}, "home")
    assert at.title[0].value == words.HOME_QUESTION
    assert is_drawn(at)
    assert "160 small networks are being trained" in texts(at)
    assert not at.sidebar.children  # nothing to set
    assert {"Start the lesson", "Explore freely", *(card.invitation for card in words.CARDS)} == set(links(texts(at)))


def test_explore_freely_shows_the_chart_of_this_page() -> None:
    at = finished(opened({}, "home"))
    found = links(texts(at))["Explore freely"]
    address = urlparse(found)
    assert address.path == "capacity"
    there = finished(opened(parse_qs(address.query), address.path))
    assert there.session_state["sweeps"] == at.session_state["sweeps"]
    ours, theirs = (
        sorted(chart(each)["datasets"]["points"], key=lambda point: (point["input_dim"], point["num_samples"]))
        for each in (at, there)
    )
    assert ours == theirs
    [finding] = [text.value for text in at.markdown if "samples for each input dimension" in text.value]
    assert finding in texts(there)
    assert not there.warning
    low, high = map(float, re.findall(r"\*\*([\d.]+) to ([\d.]+) samples for each", finding)[0])
    assert 3 < low <= high < 5  # of one seed; the README's table says 4.1 to 4.4 of four


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("card", words.CARDS, ids=lambda card: card.key)
def test_a_card_has_a_small_picture_for_each_theme_and_a_page_that_takes_its_settings(card: words.Card) -> None:
    for theme, is_dark in (("light", False), ("dark", True)):
        file = THUMBNAILS / f"{card.key}-{theme}.png"
        assert file.stat().st_size < 60_000
        with Image.open(file) as picture:
            assert picture.size == (600, 450)
            colours = picture.convert("RGB").getcolors(2**20)
            assert colours is not None
            [(_, background), *_] = sorted(colours, reverse=True)
            assert (sum(background) < 3 * 128) == is_dark
    address = urlparse(links(texts(opened({}, "home")))[card.invitation])
    view = address.path if (ROOT / "explorer" / "views" / f"{address.path}.py").exists() else f"{address.path}/page"
    there = opened(parse_qs(address.query), view)
    assert not there.warning  # which a setting that is not known or not offered would cause
    asked = {key: [PARAMETERS[key].show(value)] for key, value in card.values.items()}
    assert parse_qs(address.query) == asked
