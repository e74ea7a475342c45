"""The player's data on their way to the browser, and who has the last word on where it stands."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explorer.player import Played
from explorer.player.encoding import message, pack

STEPS = np.array([0, 1, 10, 100])


def data(num_samples: int = 11, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    probability = rng.random((len(STEPS), num_samples))
    across = rng.normal(size=num_samples)
    return {"steps": STEPS, "probability": probability, "memorized": probability > 0.5, "across": across}


def unpacked(sent: bytes) -> tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray]:
    """The head, across, probability and memorized: an independent reading of the format."""
    end = 4 + int.from_bytes(sent[:4], "little")
    head = json.loads(sent[4:end])
    frames, samples = len(head["steps"]), head["samples"]
    across = np.frombuffer(sent, "<u2", samples, end)
    end += 2 * samples
    shade = np.frombuffer(sent, np.uint8, frames * samples, end).reshape(frames, samples)
    rows = np.frombuffer(sent, np.uint8, offset=end + frames * samples).reshape(frames, -1)
    known = np.unpackbits(rows, axis=1, bitorder="little")
    assert not known[:, samples:].any()
    return (
        head,
        head["low"] + across / 65535 * (head["high"] - head["low"]),
        head["top"] * shade / 255,
        known[:, :samples] == 1,
    )


# --- the format -------------------------------------------------------------------------------------------------------


@given(num_samples=st.integers(1, 40), seed=st.integers(0, 99))
def test_what_is_sent_is_what_was_given(num_samples: int, seed: int) -> None:
    given_ = data(num_samples, seed)
    sent = message(pack(**given_, across_title="Order"), step=10, sample=0, heard=3)
    head, across, probability, memorized = unpacked(sent)
    assert head["steps"] == STEPS.tolist()
    assert head["counts"] == given_["memorized"].sum(axis=1).tolist()
    assert (head["title"], head["step"], head["sample"], head["heard"]) == ("Order", 10, 0, 3)
    np.testing.assert_allclose(across, given_["across"], atol=(head["high"] - head["low"]) / 100_000)
    np.testing.assert_allclose(probability, given_["probability"], atol=0.5001 / 255)
    np.testing.assert_array_equal(memorized, given_["memorized"])


def test_a_large_run_weighs_little_more_than_a_byte_for_each_mark() -> None:
    steps, samples = np.arange(60), 20_000
    probability = np.zeros((60, samples), np.float32)
    frames = pack(steps, probability, probability > 0.5, np.arange(samples), "Order")
    assert len(message(frames, step=0, sample=0, heard=0)) < 1.2 * 60 * samples


def test_the_run_is_known_by_all_that_is_seen_of_it() -> None:
    first = pack(**data(), across_title="Order").head["run"]
    assert pack(**data(), across_title="Order").head["run"] == first
    others = [pack(**data(), across_title="Other"), pack(**data(seed=1), across_title="Order")]
    others.append(pack(**data() | {"steps": STEPS * 2}, across_title="Order"))
    others.append(pack(**data() | {"across": data()["across"] * 2}, across_title="Order"))
    assert len({first, *(frames.head["run"] for frames in others)}) == 5


@pytest.mark.parametrize("place", [0.0, 7.0, -1e20])
def test_samples_at_one_place_stand_in_the_middle(place: float) -> None:
    _, across, _, _ = unpacked(message(pack(**data() | {"across": np.full(11, place)}, across_title="Order")))
    np.testing.assert_allclose(across, place, rtol=1e-4, atol=1e-4)


def test_a_softmax_that_passes_1_by_its_rounding_is_taken() -> None:
    rounded = data() | {"probability": np.full((4, 11), 1 + 1e-7)}
    _, _, probability, _ = unpacked(message(pack(**rounded, across_title="Order")))
    assert (probability == 1).all()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"steps": [[0, 1]]}, r"expected steps as one row of integers; got int64 of shape \(1, 2\)"),
        ({"steps": [0.0, 1.0, 2.0, 3.0]}, "expected steps as one row of integers; got float64"),
        ({"steps": np.array([], int)}, "expected steps that begin at 0 and ascend; got"),
        ({"steps": [1, 2, 3, 4]}, "expected steps that begin at 0 and ascend; got 1, 2, 3, 4"),
        ({"steps": [0, 1, 1, 4]}, "expected steps that begin at 0 and ascend; got 0, 1, 1, 4"),
        ({"steps": [0, 1, 2]}, r"expected probability of shape \(3, 11\), frames by samples; got \(4, 11\)"),
        ({"memorized": np.zeros((4, 10), bool)}, r"expected memorized of shape \(4, 11\).* got \(4, 10\)"),
        ({"memorized": np.zeros((4, 11))}, "expected memorized as booleans; got float64"),
        ({"probability": np.full((4, 11), 1.5)}, "expected probabilities from 0 to 1; got 1.5 to 1.5"),
        ({"probability": np.full((4, 11), np.nan)}, "expected probabilities from 0 to 1; got nan to nan"),
        ({"across": np.zeros((11, 1))}, r"expected across as one row of at least one sample; got shape \(11, 1\)"),
        ({"across": np.array([])}, "expected across as one row of at least one sample"),
        ({"across": np.array([0.0] * 10 + [np.inf])}, "expected finite across; got inf"),
        ({"across": np.array([np.nan] * 11)}, "expected finite across; got nan, nan, nan, nan, nan, …"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pack(**data() | wrong, across_title="Order")


# --- where it stands --------------------------------------------------------------------------------------------------


def page() -> None:
    import numpy as np
    import streamlit as st

    from explorer.player import player

    values = np.full((4, 11), st.session_state.get("chance", 0.5))
    st.session_state.played = player(
        [0, 1, 10, 100],
        values,
        values > 0.5,
        np.arange(11),
        across_title="Order",
        step=st.session_state.get("step", 1),
        sample=st.session_state.get("sample", 2),
        key="p",
    )


def visit(at: AppTest, told: tuple[int, int, int] | None = None, **page: float) -> Played:
    """What the page gets in a rerun with these values, after the viewer's word: step, sample, which word it is."""
    for name, value in page.items():
        at.session_state[name] = value
    if told:
        run = at.session_state["p seen"].run
        at.session_state["p"] = {"played": dict(zip(("step", "sample", "turn"), told, strict=True)) | {"run": run}}
    at.run()
    assert not at.exception
    played: Played = at.session_state["played"]
    return played


def test_it_begins_where_the_page_says_and_stays_where_the_viewer_leaves_it() -> None:
    at = AppTest.from_function(page)
    assert visit(at) == (1, 2)
    assert visit(at, told=(10, 5, 1)) == (10, 5)
    assert visit(at) == (10, 5)


def test_the_last_change_counts_whoever_made_it() -> None:
    at = AppTest.from_function(page)
    visit(at)
    visit(at, told=(10, 5, 1))
    assert visit(at, sample=7) == (10, 7)
    assert visit(at) == (10, 7)
    assert visit(at, told=(100, 5, 2)) == (100, 5)
    assert visit(at, step=0) == (0, 5)


def test_a_page_may_pass_on_what_it_hears() -> None:
    at = AppTest.from_function(page)
    visit(at)
    assert visit(at, told=(10, 5, 1), step=10, sample=5) == (10, 5)
    assert visit(at, told=(1, 5, 2), step=1, sample=5) == (1, 5)


def test_with_other_data_it_begins_again() -> None:
    at = AppTest.from_function(page)
    visit(at)
    visit(at, told=(10, 5, 1))
    assert visit(at, chance=0.9) == (1, 2)
    assert visit(at) == (1, 2)


def test_between_two_frames_it_shows_the_earlier() -> None:
    assert visit(AppTest.from_function(page), step=99) == (10, 2)
    assert visit(AppTest.from_function(page), step=5_000) == (100, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"step": -1}, "expected a step from 0; got -1"), ({"sample": 11}, "expected a sample from 0 to 10; got 11")],
)
def test_a_place_that_is_not_there_is_refused(wrong: dict[str, int], words: str) -> None:
    at = AppTest.from_function(page)
    for name, value in wrong.items():
        at.session_state[name] = value
    assert [error.message for error in at.run().exception] == [words]
