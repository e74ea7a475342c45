"""The row of tools on every page: closed until somebody asks, and honest about what is not there yet."""

from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer.keep import addresses, citation
from explorer.parameters import PARAMETERS
from tests.explorer.visiting import finished, opened, run, texts

PAGES = ("capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page")
TOOLS = ["Link", "Python", "Data", "Picture", "Cite"]
TINY: dict[str, Any] = {"n": ["2", "3"], "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}


def open_tool(at: AppTest, tool: str) -> AppTest:
    at.session_state[f"keep {tool}"] = True
    return run(at)


def codes(at: AppTest) -> list[str]:
    return [code.value for code in at.code]


def downloads(at: AppTest) -> list[str]:
    return [button.proto.label for button in at.get("download_button")]


def link(at: AppTest) -> str:
    [found] = codes(open_tool(at, "Link"))
    return found


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("page", PAGES)
def test_the_row_is_on_every_page_and_makes_nothing_until_it_is_asked(page: str) -> None:
    at = opened({}, page)
    labels = [popover.proto.popover.label for popover in at.get("popover")]
    assert [label for label in labels if label in TOOLS] == TOOLS
    assert codes(at) == []
    [script] = codes(open_tool(at, "Python"))
    assert "\nfrom core import " in script
    assert script.startswith(f"# {at.title[0].value}\n")


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("capacity", {"n": ["3", "5"], "V": "7", "N": ["10", "100"], "bias": "False", "layers": ["Theory"]}),
        ("jamming", {"look": "Along training", "at": "33", "optimizer": "GD"}),
        ("learning_rate", {"ask": "The post's claim", "rates": ["0.01", "1"]}),
        ("samples/page", {"x": "Alignment", "who": "Memorized", "show": "Cartography"}),
        ("limits/page", {"limit": "Scaling", "dims": ["2", "4"], "inputs": "Sphere"}),
        ("bits/page", {"bits": "Against parameters", "unit": "Total bits"}),
    ],
)
def test_the_link_leads_back_to_the_same_page(page: str, query: dict[str, Any]) -> None:
    at = opened(query, page)
    asked = parse_qs(link(at).removeprefix("?"))
    assert set(asked) == set(query)
    again = opened(asked, page)
    assert again.session_state["sweeps"] == at.session_state["sweeps"]
    assert link(again) == link(at)
    assert list(again.warning) == []


@pytest.mark.usefixtures("asleep")
def test_a_setting_that_was_changed_on_the_page_is_in_the_link() -> None:
    at = opened({}, "capacity")
    assert link(at) == ""  # of the address that is open, which `AppTest` has none of
    at.slider("seeds").set_value(2)
    assert link(run(at)) == "?seeds=2"
    at.slider("seeds").set_value(PARAMETERS["seeds"].default)
    assert link(run(at)) == ""


@pytest.mark.usefixtures("new_app")
def test_a_rectangle_is_in_the_link() -> None:
    at = finished(opened({"at": "30", "steps": "100", "box": "1,2,3,4", "sample": "7"}, "samples/page"))
    assert parse_qs(link(at).removeprefix("?")) == {"at": ["30"], "steps": ["100"], "box": ["1,2,3,4"], "sample": ["7"]}


def test_no_address_ends_the_comment_that_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        url = 'http://here/a"\nimport os\r\u2028\x85b\\<b>'

    monkeypatch.setattr(st, "context", Context)
    found = addresses.address({"V": 3})
    assert len(found.splitlines()) == 1
    assert not set('"\\<> ') & set(found)
    assert found.endswith("?V=3")


@pytest.mark.usefixtures("asleep")
def test_before_anything_is_there_nothing_can_be_downloaded() -> None:
    at = open_tool(opened(TINY), "Data")
    assert "Nothing is there yet." in texts(at)
    assert downloads(at) == []
    assert "The sweep has not ended" in texts(open_tool(at, "Picture"))


@pytest.mark.usefixtures("new_app")
def test_what_is_there_so_far_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    at = finished(opened(TINY))
    assert "all settings and numbers" in texts(open_tool(at, "Data"))
    job = at.session_state["job"]
    monkeypatch.setattr(job, "missing", lambda: list(job.runs[:6]))
    assert "the **14 of 20** that are there by now" in texts(run(at))
    assert downloads(at) == ["CSV", "Parquet"]


@pytest.mark.usefixtures("new_app")
def test_every_chart_of_a_page_can_be_kept() -> None:
    at = open_tool(finished(opened({"at": "30", "steps": "100"}, "samples/page")), "Picture")
    names = [text.value for text in at.markdown if text.value in ("**Samples**", "**Logits**", "**Along**")]
    assert names == ["**Samples**", "**Logits**", "**Along**"]
    assert downloads(at).count("PNG") == downloads(at).count("SVG") == downloads(at).count("JSON") == 3


@pytest.mark.usefixtures("new_app")
def test_samples_can_be_downloaded_beside_their_run() -> None:
    at = open_tool(finished(opened({"at": "30", "steps": "100"}, "samples/page")), "Data")
    assert "One row a sample" in texts(at)
    assert downloads(at).count("Parquet") == 2


@pytest.mark.usefixtures("asleep")
def test_both_are_cited() -> None:
    at = open_tool(opened({}), "Cite")
    assert codes(at) == [citation.POST, citation.POST_BIBTEX, citation.project(), citation.project_bibtex()]
