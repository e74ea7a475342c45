"""The words of the page Start."""

import pytest

from explorer import words
from explorer.parameters import PARAMETERS


@pytest.mark.parametrize("card", words.CARDS, ids=lambda card: card.key)
def test_a_card_says_its_finding_and_what_its_picture_shows(card: words.Card) -> None:
    assert card.text.endswith(".")
    assert card.alt.endswith(".")
    assert 15 < len(card.alt.split()) < 60
    assert "$" not in card.alt  # it is read aloud
    assert set(card.values) <= set(PARAMETERS)
    for key, value in card.values.items():
        assert value in PARAMETERS[key].options


def test_the_three_findings_are_numbered_and_lead_to_three_pages() -> None:
    assert [card.title[:2] for card in words.CARDS] == ["1.", "2.", "3."]
    assert len({card.page for card in words.CARDS}) == 3


def test_while_nothing_is_there_the_number_of_networks_is_told() -> None:
    assert words.nothing_yet(1_600).startswith("1,600 small networks")
