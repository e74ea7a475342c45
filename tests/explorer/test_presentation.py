"""Large type: a switch on every page, in the address, for the page and its charts."""

from typing import Any

import pytest

from explorer.charts.enlarged import PLOT
from tests.explorer.visiting import chart, opened, run, switched

TINY: dict[str, Any] = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}


def styles(at: Any) -> str:
    return "".join(element.proto.body for element in at.get("html"))


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("page", ["home", "capacity", "samples/page", "storage"])
def test_every_page_has_the_switch_and_keeps_what_it_says(page: str) -> None:
    at = opened({}, page)
    assert not at.toggle("big").value
    assert "html {" not in styles(at)
    at.toggle("big").set_value(True)
    assert "html { font-size: 25px" in styles(run(at))
    elsewhere = switched(at, "storage" if page != "storage" else "jamming")
    assert elsewhere.toggle("big").value
    assert "html {" in styles(elsewhere)


@pytest.mark.usefixtures("asleep")
def test_a_link_opens_large_and_so_do_its_charts() -> None:
    usual, large = chart(opened(TINY)), chart(opened(TINY | {"big": "true"}))
    assert large["height"] == pytest.approx(usual["height"] * PLOT)
    assert large["datasets"] == usual["datasets"]


@pytest.mark.usefixtures("asleep")
def test_links_between_pages_carry_it_along() -> None:
    at = opened({"big": "true"}, "home")
    links = [element.value for element in at.markdown if "<a " in element.value]
    assert len(links) == 5
    assert all("big=true" in link for link in links)
    assert not any("big" in element.value for element in opened({}, "home").markdown if "<a " in element.value)
