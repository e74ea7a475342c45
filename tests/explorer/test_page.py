"""What every page begins with: settings that survive, links that are answered, sweeps that fit, names of pictures."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import RunConfig
from explorer import page
from tests.explorer.frames.rows import limits_row, row, table
from tests.explorer.visiting import click, keys, opened, run, switched, warnings

TINY: dict[str, Any] = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}
SWEEPS = ("capacity", "jamming", "learning_rate")  # pages of many seeds
PAGES = (*SWEEPS, "samples/page", "bits/page", "limits/page", "replication/page")

with_pages = pytest.mark.usefixtures("asleep")  # nothing is trained: what is trained is for the tests of the pages


# --- settings ---------------------------------------------------------------------------------------------------------


@with_pages
@pytest.mark.parametrize("name", PAGES)
def test_a_key_of_another_page_is_not_unknown(name: str) -> None:
    """Pages share links: whoever changes the page in an address gets what this page has of it."""
    of_all_pages: dict[str, Any] = {
        "n": "3",
        "look": "The jump",
        "ask": "The map",
        "color": "Loss",
        "load": "2",
        "published": "False",
    }
    of_all_pages |= {"layers": ["Theory"], "limit": "Closing the gap", "spots": "10"}
    of_all_pages |= {"bits": "Against parameters", "unit": "Total bits", "scale": "Classes V", "classes": "3"}
    of_all_pages |= {"show": "Watch", "x": "Alignment", "who": "Memorized", "sample": "7", "step": "0", "coin": "3"}
    assert warnings(opened(of_all_pages, name)) == []


@with_pages
@pytest.mark.parametrize("name", PAGES)
def test_an_unknown_key_is_told_on_every_page(name: str) -> None:
    [warning] = warnings(opened({"W": "3"}, name))
    assert warning == "The link names `W`, which this page does not know; it was ignored."


@with_pages
@pytest.mark.parametrize(
    ("name", "key"),
    [("capacity", "V"), ("jamming", "look"), ("jamming", "at"), ("learning_rate", "dense"), ("limits/page", "spots")],
)
def test_what_is_not_offered_is_told_until_a_control_is_moved(name: str, key: str) -> None:
    at = opened({key: "12345678"}, name)
    [warning] = warnings(at)
    assert warning.startswith(
        f"The link asks for {key} = `12345678`, which this page does not offer; it shows {key} = "
    )
    assert warnings(run(at)) == [warning]  # though Streamlit has taken it out of the URL
    at.slider("seeds").set_value(3)
    assert warnings(run(at)) == []


@with_pages
def test_the_value_of_a_control_survives_while_it_is_not_drawn() -> None:
    at = opened({"N": ["10", "100"], "points": "20"}, "jamming")
    at.select_slider("N").set_value((10, 200))
    run(at)
    at.button_group("look").set_value("training")
    for _ in range(3):
        run(at)
    assert "N" not in {slider.key for slider in at.select_slider}
    at.button_group("look").set_value("jump")
    run(at)
    assert at.select_slider("N").value == (10, 200)
    assert at.select_slider("points").value == 20


@with_pages
def test_pages_share_the_values_of_what_they_share() -> None:
    at = opened({"V": "7", "steps": "300", "n": ["3", "5"]}, "capacity")
    for name in ("jamming", "samples/page", "limits/page", "learning_rate", "storage", "capacity"):
        switched(at, name)
        if name != "storage":
            assert at.select_slider("V").value == 7
            assert at.select_slider("steps").value == 300
    assert at.multiselect("n").value == [3, 5]


@with_pages
def test_a_value_survives_the_pages_that_do_not_have_it() -> None:
    at = opened({"look": "Edge of stability", "at": "33"}, "jamming")
    for name in ("capacity", "storage", "learning_rate", "jamming"):
        switched(at, name)
    assert at.button_group("look").value == "edge"
    assert at.number_input("at").value == 33


# --- starts -----------------------------------------------------------------------------------------------------------


@with_pages
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("capacity", "published Figure 1, as plotted (V = 10)"),
        ("jamming", "published Figure 2, as plotted (V = 10)"),
        ("learning_rate", "all n at N = 200"),
        ("samples/page", "near the capacity"),
        ("limits/page", "a small layer"),
        ("limits/page", "close the gap at the threshold"),
    ],
)
def test_a_start_sets_the_whole_page_whatever_was_set_before(name: str, start: str) -> None:
    fresh = click(opened({}, name), start)
    elsewhere = {"V": "3", "lr": "1", "bias": "False", "data": "Nested", "optimizer": "GD", "seeds": "2"}
    again = click(opened(elsewhere, name), start)
    assert fresh.session_state["sweeps"] == again.session_state["sweeps"]


# --- sweeps that fit --------------------------------------------------------------------------------------------------


@with_pages
@pytest.mark.parametrize("name", [*SWEEPS, "limits/page"])
def test_a_sweep_that_does_not_fit_draws_the_controls_and_a_sentence_and_no_more(name: str) -> None:
    large: dict[str, Any] = {"n": "512", "dim": "512", "V": "1000", "steps": "100000", "seeds": "16", "at": "20000"}
    at = opened(large | {"N": ["5", "20000"], "Ns": ["5", "20000"]}, name)
    [warning] = warnings(at)
    assert warning.startswith("Nothing was started: this needs about ")
    assert "job" not in at.session_state
    assert at.slider("seeds").value == 16  # which can be lowered
    assert not keys(at) & {"stop", "go_on"}


# --- pictures ---------------------------------------------------------------------------------------------------------

rows = st.lists(
    st.builds(
        lambda n, size, seed, rate, schedule, steps, init_seed: row(
            n, size, seed, 1, learning_rate=rate, schedule=schedule, num_steps=steps, init_seed=init_seed
        ),
        st.integers(1, 3),
        st.integers(1, 3),
        st.integers(0, 2),
        st.sampled_from([0.1, 0.2]),
        st.sampled_from(["constant", "cosine"]),
        st.integers(1, 2),
        st.integers(0, 1),
    ),
    max_size=8,
)


@given(rows, st.randoms())
def test_a_fingerprint_does_not_depend_on_the_order_in_which_rows_came(some: list[Any], rng: Any) -> None:
    assert page.fingerprint(some) == page.fingerprint(rng.sample(some, len(some)))


@given(rows, rows)
def test_other_rows_have_another_fingerprint(some: list[Any], others: list[Any]) -> None:
    names = ("input_dim", "num_samples", "seed", "init_seed", "learning_rate", "schedule", "num_steps")
    one, other = ({tuple(each[name] for name in names) for each in group} for group in (some, others))
    assert (page.fingerprint(some) == page.fingerprint(others)) == (one == other)


def test_every_setting_that_a_page_varies_is_in_a_fingerprint() -> None:
    """What is the same for the whole sweep is in the key of the picture beside it."""
    plain = [row(3, 30, 0, 9)]
    for changed in ("input_dim", "num_samples", "learning_rate", "num_steps", "seed", "init_seed"):
        assert page.fingerprint([{**plain[0], changed: 7}]) != page.fingerprint(plain)
    assert page.fingerprint([{**plain[0], "schedule": "wsd"}]) != page.fingerprint(plain)
    assert {"input_dim", "num_samples", "learning_rate", "schedule", "num_steps"} <= set(RunConfig.__slots__)


def test_a_run_and_the_limits_of_its_data_have_fingerprints_of_their_own() -> None:
    """So that a picture of the one is never shown for that of the other, nor for that of both."""
    run, limits = row(3, 30, 0, 9, num_steps=None, schedule=None, learning_rate=None), limits_row(3, 30, 0, 9)
    groups = ([run], [limits], [run, limits], [], [limits_row(3, 30, 1, 9)], [limits_row(3, 31, 0, 9)])
    assert len(set(map(page.fingerprint, groups))) == len(groups)
    assert page.fingerprint([limits, run]) == page.fingerprint([run, limits])
    for changed in ("input_dim", "num_classes", "num_samples", "seed"):
        assert page.fingerprint([{**limits, changed: 7}]) != page.fingerprint([limits])


def test_what_was_proved_of_a_data_set_is_in_its_fingerprint() -> None:
    verdicts = [[limits_row(3, 30, 0, 9, verdict)] for verdict in ("separable", "not separable", "undecided")]
    assert len(set(map(page.fingerprint, verdicts))) == 3


# --- warnings ---------------------------------------------------------------------------------------------------------


def test_of_several_faults_the_gravest_is_told() -> None:
    assert page.warning_of(table([])) is None
    assert page.warning_of(table([row(3, 30, 0, 9)])) is None
    inexact = row(3, 30, 1, 9, is_exact=False)
    assert "did not converge" in str(page.warning_of(table([row(3, 30, 0, 9), inexact])))
    diverged = row(3, 30, 2, 9, diverged=True)
    assert "1 of 2 networks diverged" in str(page.warning_of(table([inexact, diverged])))
