"""Settings as text: what is written is read back, whatever a link says."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import configurations, experiment
from explorer.configurations import LONGEST_QUERY
from explorer.parameters import PARAMETERS
from tests.explorer.legal import DEFAULTS, combinations
from tests.explorer.visiting import opened
from tests.faults.hostile import asked as hostile

KEYS = tuple(PARAMETERS)
PAGES = ("capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page")


@given(combinations)
def test_what_is_written_is_read_back(values: dict[str, Any]) -> None:
    some = {key: values[key] for key in random.Random(0).sample(KEYS, 20)}  # as many as a page has
    read, notes = configurations.read(configurations.query(some), some)
    assert notes == []
    assert configurations.different(read, some) == []
    assert {key: type(value) for key, value in read.items() if key in some} == {
        key: type(value) for key, value in some.items()
    }


@given(combinations, combinations)
def test_what_differs_is_in_the_query_of_one_and_changes_its_text(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = configurations.query(one) == configurations.query(other)
    assert same == (not configurations.different(one, other)) or any(
        PARAMETERS[key].kind == "set" and one[key] != other[key]
        for key in KEYS  # written in another order
    )


def test_defaults_take_no_text_and_an_empty_set_is_no_default() -> None:
    assert configurations.query(DEFAULTS) == ""
    assert configurations.read("", KEYS) == (configurations.defaults(KEYS), [])
    assert configurations.query({"n": [], "V": 10}) == "n="
    assert configurations.read("n=", ("n", "V")) == ({"n": [], "V": 10}, [])


def test_a_set_has_no_order() -> None:
    assert configurations.different({"n": [40, 10, 30, 20]}, {"n": (10, 20, 30, 40)}) == []
    assert configurations.query({"n": [40, 10, 30, 20]}) == ""


def is_legal(key: str, value: Any) -> bool:
    """Whether a control could say so."""
    parameter = PARAMETERS[key]
    items = value if isinstance(value, list | tuple) else [value]
    if parameter.kind == "set":
        return isinstance(value, list) and len(set(value)) == len(value) <= 8 and set(value) <= set(parameter.options)
    if parameter.kind == "range":
        return (
            isinstance(value, tuple) and len(value) == 2 and value[0] <= value[1] and {*value} <= {*parameter.options}
        )
    return len(items) == 1 and value in parameter.options


@given(st.integers(0, 2**32))
def test_whatever_a_link_says_the_settings_are_legal(seed: int) -> None:
    wanted = {
        key: [text for text in texts if text.isprintable()] for key, texts in hostile(random.Random(seed)).items()
    }
    values, notes = configurations.read(urlencode(wanted, doseq=True), KEYS)
    assert set(values) == set(KEYS)
    assert all(is_legal(key, value) for key, value in values.items())
    for note in notes:
        plain = "".join(note.split("`")[::2])  # what is not quoted as code
        assert len(note) < 400
        assert not set("<>$[]*") & set(plain.partition("; A has")[0])


def test_what_cannot_be_had_is_told_and_the_rest_is_taken() -> None:
    values, notes = configurations.read(
        "V=12345&steps=100&W=3&N=50&N=5&n=3&n=3&lr=0.1&lr=1", ("V", "steps", "N", "n", "lr")
    )
    assert values == {"V": 10, "steps": 100, "N": (5, 400), "n": [10, 20, 30, 40], "lr": 0.01}
    assert notes == [
        "The link's pinned settings ask for N = `50`, `5`, which this page does not offer; A has N = 5 to 400.",
        "The link's pinned settings ask for V = `12345`, which this page does not offer; A has V = 10.",
        "The link's pinned settings ask for lr = `0.1`, `1`, which this page does not offer; A has η = 0.01.",
        "The link's pinned settings ask for n = `3`, `3`, which this page does not offer; A has n = 10, 20, 30, 40.",
        "The link's pinned settings name `W`, which this page does not have; it was ignored.",
    ]


def test_what_is_too_long_is_not_even_taken_apart() -> None:
    whole = "V=40&" * (LONGEST_QUERY // 5)
    assert configurations.read(whole + "V=40&V=40", ("V",))[1] == [
        "The link's pinned settings cannot be read; A has the defaults."
    ]
    assert configurations.read("V=40" + "&" * (LONGEST_QUERY - 4), ("V",)) == ({"V": 40}, [])


def test_a_text_of_separators_alone_asks_for_nothing() -> None:
    for text in ("&", "&&", "&" * LONGEST_QUERY):
        assert configurations.read(text, ("V",)) == ({"V": 10}, [])


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("page", PAGES)
def test_no_two_controls_of_a_page_are_called_the_same(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(experiment, "run", lambda *_, keys, **__: found.extend(keys))
    opened({}, page)
    names = [configurations.name(key) for key in found]
    assert len(set(names)) == len(names) > 5
    assert not any("$" in name or "\\" in name for name in names)


def test_settings_with_the_same_symbol_are_told_apart() -> None:
    values = {"at": 40, "Ns": (20, 100), "lr": 0.01, "rates": (0.001, 1.0)}
    assert configurations.told_all(values, list(values)) == (
        "N looked at = 40, N = 20 to 100, η = 0.01, rates η = 0.001 to 1"
    )


def test_changes_are_told_in_words() -> None:
    before, after = {"V": 10, "N": (5, 400), "data": "fresh"}, {"V": 40, "N": (5, 600), "data": "nested"}
    assert configurations.changes(before, {**before, "V": 40}) == "V 10 → 40"
    assert configurations.changes(before, after) == "V 10 → 40; N 5 to 400 → 5 to 600; Data Fresh → Nested"
    more = {"seeds": 4, "lr": 0.01}, {"seeds": 2, "lr": 0.1}
    assert configurations.changes(before | more[0], after | more[1]).endswith("; 2 more")
    assert configurations.changes({"n": [10], "layers": []}, {"n": [10, 20], "layers": ["theory"]}) == (
        "n 10 → 10, 20; Exact limits none → Theory"
    )
    assert configurations.told_all(after, ["V", "data"]) == "V = 40, Data = Nested"
    assert configurations.told("lr", 0.001) == "η = 0.001"
