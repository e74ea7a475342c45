"""From page to page: what was set stays, also where one page has several n and the other one."""

from typing import Any

import pytest

from tests.explorer.visiting import opened, run, switched, warnings

pytestmark = pytest.mark.usefixtures("asleep")  # nothing is trained


def test_what_a_link_has_set_is_also_shown_by_the_next_page() -> None:
    at = switched(opened({"V": "7", "lr": "0.1", "bias": "False", "N": ["20", "90"]}, "capacity"), "jamming")
    [sweep] = at.session_state["sweeps"]
    assert (sweep.num_classes, sweep.learning_rates, sweep.bias) == (7, (0.1,), False)
    assert (sweep.num_samples[0], sweep.num_samples[-1]) == (20, 90)
    assert switched(at, "samples/page").session_state["sweeps"][0].num_classes == 7


@pytest.mark.parametrize(
    ("there", "dim"),
    [({"n": ["5", "64"]}, 64), ({"n": ["20", "40", "64"]}, 40), ({"n": ["500"]}, 512), ({"n": [""]}, 40), ({}, 40)],
)
def test_a_page_of_one_n_looks_at_one_of_those_that_were_shown(there: dict[str, Any], dim: int) -> None:
    for at in (switched(opened(there, "capacity"), "jamming"), opened(there, "jamming")):
        assert at.select_slider("dim").value == dim
        assert warnings(at) == []


def test_a_page_of_several_n_shows_that_which_was_looked_at_too() -> None:
    at = switched(opened({"dim": "64"}, "jamming"), "capacity")
    assert at.multiselect("n").value == [64]
    at.multiselect("n").set_value([5, 6])
    at = switched(run(at), "samples/page")
    assert at.select_slider("dim").value == 6
    at.select_slider("dim").set_value(7)
    at = switched(run(at), "learning_rate")
    assert at.select_slider("dim").value == 7  # and not that of the page before the last
    assert switched(at, "capacity").multiselect("n").value == [5, 6, 7]


def test_a_link_that_names_one_n_and_several_shows_what_the_page_has() -> None:
    for query in ({"dim": "64", "n": ["10", "20"]}, {"n": "5", "dim": "20"}):
        for name in ("capacity", "jamming"):
            at = opened(query, name)
            own = {"capacity": "n", "jamming": "dim"}[name]
            [sweep] = at.session_state["sweeps"]
            assert [str(dim) for dim in sweep.input_dims] == list(query[own] if own == "n" else [query[own]])
            assert warnings(at) == []


def test_a_link_to_a_page_of_several_n_may_name_one() -> None:
    at = opened({"dim": "64"}, "capacity")
    assert at.multiselect("n").value == [64]
    assert "dim" not in at.query_params  # else a reload would show it again, whatever was chosen
