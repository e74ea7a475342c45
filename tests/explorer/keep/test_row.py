"""The row of tools on every page: closed until somebody asks, and honest about what is not there yet."""

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.config import RunConfig
from explorer import keep, words
from explorer.keep import addresses, citation
from explorer.parameters import PARAMETERS, PIN
from explorer.views.samples import opened as opened_sample
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


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """By name, what makes the files that can be downloaded."""
    found: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(keep, "_download", lambda label, make, name, mime: found.update({name: make}))
    return found


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


@pytest.mark.usefixtures("asleep")
def test_large_type_is_in_the_link_and_opened_again() -> None:
    at = opened({"big": "true", "V": "7"}, "capacity")
    assert parse_qs(link(at).removeprefix("?")) == {"big": ["true"], "V": ["7"]}
    at.toggle("big").set_value(False)
    assert link(run(at)) == "?V=7"


@pytest.mark.usefixtures("new_app")
def test_a_rectangle_is_in_the_link() -> None:
    at = finished(opened({"at": "30", "steps": "100", "box": "1,2,3,4", "sample": "7"}, "samples/page"))
    assert parse_qs(link(at).removeprefix("?")) == {"at": ["30"], "steps": ["100"], "box": ["1,2,3,4"], "sample": ["7"]}


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize(
    ("url", "is_warned"),
    [("http://localhost:8501/capacity", True), ("http://127.0.0.1:8501/capacity", True), ("http://class.edu/", False)],
)
def test_a_link_that_leads_to_this_computer_only_says_so(
    url: str, is_warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "address", lambda values: url)
    assert (words.ONLY_HERE in texts(open_tool(opened({}), "Link"))) == is_warned


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
def test_beside_a_pinned_setting_the_data_are_those_of_the_page(
    files: dict[str, Callable[[], bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = TINY | {"V": "5", "n": ["3", "4"]}
    at = open_tool(finished(opened(TINY | {"V": "6", PIN: urlencode(a, doseq=True)})), "Data")
    assert "These are the numbers of B." in texts(at)
    assert list(files) == [
        "capacity-n2-3-V6-N5-to-50-points10-seeds1-steps100-runs" + end for end in (".csv", ".parquet")
    ]
    table = pd.read_csv(io.BytesIO(next(iter(files.values()))()))
    assert len(table) == 2 * 10
    assert set(table["num_classes"]) == {6}
    assert set(table["input_dim"]) == {2, 3}

    job = at.session_state["job"]
    of_a, of_b = ([task for task in job.runs if task.num_classes == count] for count in (5, 6))
    assert len(of_a) == len(of_b) == 20
    monkeypatch.setattr(job, "missing", lambda: of_a[:6])
    assert "all settings and numbers" in texts(run(at))
    monkeypatch.setattr(job, "missing", lambda: of_a[:6] + of_b[:3])
    assert "the **17 of 20** that are there by now" in texts(run(at))


@pytest.mark.usefixtures("new_app")
def test_without_a_pinned_setting_nothing_is_said_of_it() -> None:
    assert "numbers of B" not in texts(open_tool(finished(opened(TINY)), "Data"))


@pytest.mark.usefixtures("new_app")
def test_every_chart_of_a_page_can_be_kept() -> None:
    at = open_tool(finished(opened({"at": "30", "steps": "100"}, "samples/page")), "Picture")
    names = [text.value for text in at.markdown if text.value in ("**Samples**", "**Logits**", "**Along**")]
    assert names == ["**Samples**", "**Logits**", "**Along**"]
    assert downloads(at).count("PNG") == downloads(at).count("SVG") == downloads(at).count("JSON") == 3


@pytest.mark.usefixtures("new_app")
def test_a_picture_says_how_to_read_it(files: dict[str, Callable[[], bytes]]) -> None:
    at = open_tool(finished(opened(TINY | {"n": "10"})), "Picture")  # which is among the published ones
    [name] = [name for name in files if name.endswith(".svg")]
    picture = " ".join(re.sub("<[^>]*>", " ", files[name]().decode()).split())
    legend = words.plain(at.caption[0].value)
    assert "Diamonds: published, one run each" in legend
    assert all(word in picture for word in legend.split())
    assert picture.index("Diamonds: published") < picture.index("Points per curve")


@pytest.mark.usefixtures("new_app")
def test_samples_can_be_downloaded_beside_their_run() -> None:
    at = open_tool(finished(opened({"at": "30", "steps": "100"}, "samples/page")), "Data")
    assert "One row a sample" in texts(at)
    assert downloads(at).count("Parquet") == 2


@pytest.mark.usefixtures("new_app")
def test_the_samples_are_made_when_they_are_downloaded(
    files: dict[str, Callable[[], bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_into: list[RunConfig] = []
    layer = opened_sample._layer
    monkeypatch.setattr(opened_sample, "_layer", lambda run, result: looked_into.append(run) or layer(run, result))
    at = finished(opened({"at": "30", "steps": "100"}, "samples/page"))
    looked_into.clear()
    run(at)
    by_a_drawing = len(looked_into)
    looked_into.clear()
    open_tool(at, "Data")
    assert len(looked_into) == by_a_drawing
    [name] = [name for name in files if name.endswith("samples.csv")]
    assert len(pd.read_csv(io.BytesIO(files[name]()))) == 30
    assert len(looked_into) == by_a_drawing + 1


@pytest.mark.usefixtures("asleep")
def test_both_are_cited() -> None:
    at = open_tool(opened({}), "Cite")
    assert codes(at) == [citation.POST, citation.POST_BIBTEX, citation.project(), citation.project_bibtex()]
