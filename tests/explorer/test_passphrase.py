"""The passphrase: nobody gets past it without, nobody is held up by who guesses, and it is left lying nowhere."""

import hmac
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer import passphrase
from explorer.passphrase import FREE_TRIES, LONGEST_DELAY_S, MAX_CHARS, MOST_WRONG, NAME, Gate
from tests.explorer.visiting import finished, opened, run, switched, warnings

SECRET = "four green café mornings"
LINK = {"n": ["4", "10"], "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}


@pytest.fixture
def gate() -> Gate:
    return Gate(SECRET, sleep=lambda seconds: None)


def guess(gate: Gate, times: int) -> None:
    assert [gate.check("guess", "10.0.0.9") for _ in range(times)] == ["wrong"] * times


# The gate


def test_the_passphrase_opens_and_nothing_else_does(gate: Gate) -> None:
    for typed in (SECRET, f"  {SECRET} ", SECRET.replace("é", "e\N{COMBINING ACUTE ACCENT}")):
        assert gate.check(typed, None) == "right"
    for typed in ("", " ", SECRET.upper(), SECRET[:-1], SECRET + "x", SECRET + " " * MAX_CHARS, "x" * 10**7, "\0"):
        assert gate.check(typed, None) == "wrong"


def test_a_token_opens_and_tells_nothing_of_the_passphrase(gate: Gate) -> None:
    assert gate.knows(gate.token)
    for token in (None, "", SECRET, gate.token[:-1], gate.token + "é", Gate(SECRET).token, 7):
        assert not gate.knows(token)


@pytest.mark.parametrize("blank", ["", " \n"])
def test_an_empty_passphrase_is_a_mistake(blank: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        Gate(blank)


def test_what_is_typed_is_compared_in_constant_time(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    really = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return really(one, other)

    monkeypatch.setattr(passphrase.hmac, "compare_digest", compare)
    gate.check("guess", None)
    gate.knows("guess")
    [(typed, known), _] = compared
    assert len(typed) == len(known) == 32  # of digests: their length tells nothing either


def test_the_delay_grows_with_the_wrong_tries_of_all_sessions_and_is_forgotten(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays = []
    for number in range(2 * MOST_WRONG):
        delays.append(gate.delay())
        gate.check("guess", f"10.0.0.{number}")
    assert delays[:FREE_TRIES] == [0] * FREE_TRIES, "a class that mistypes does not wait"
    assert delays[FREE_TRIES + 1] > 0
    assert sorted(delays) == pytest.approx(delays)
    assert delays[-1] == pytest.approx(LONGEST_DELAY_S)
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + 5 * 60 + 1)
    assert gate.delay() == 0


def test_a_right_answer_waits_as_long_as_a_wrong_one_and_resets_nothing() -> None:
    slept: list[float] = []
    gate = Gate(SECRET, sleep=slept.append)
    guess(gate, MOST_WRONG)
    slept.clear()
    assert [gate.check(typed, None) for typed in ("guess", SECRET, "guess")] == ["wrong", "right", "wrong"]
    assert slept == pytest.approx([LONGEST_DELAY_S] * 3)


def test_many_at_once_from_one_network_are_no_faster_and_hold_up_nobody_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    awake = threading.Event()
    awake.set()

    def sleep(seconds: float) -> None:
        awake.wait(30)

    gate = Gate(SECRET, sleep=sleep)
    guess(gate, MOST_WRONG)
    awake.clear()
    monkeypatch.setattr(passphrase, "TURN_S", 0.1)
    with ThreadPoolExecutor(8) as threads:
        addresses = ["2001:db8::1", *(f"2001:db8::{number}:9" for number in range(4))]
        addresses += [f"2001:db8:0:0:{number}:2:3:4" for number in range(3)]
        tries = [threads.submit(gate.check, "guess", address) for address in addresses]
        time.sleep(0.5)
        assert sorted(each.result() for each in tries if each.done()) == ["busy"] * 7
        elsewhere = threading.Thread(target=gate.check, args=(SECRET, "10.0.0.7"))
        elsewhere.start()  # waits the delay, and for nobody's turn
        time.sleep(0.2)
        assert "10.0.0.7" in gate._busy
        awake.set()
        elsewhere.join(10)
        assert [each.result() for each in tries].count("wrong") == 1
    assert gate.check(SECRET, "::ffff:10.0.0.7") == "right"
    assert not gate._busy


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("10.0.0.7", "10.0.0.7", True),
        ("10.0.0.7", "::ffff:10.0.0.7", True),
        ("10.0.0.7", "::FFFF:0a00:0007", True),
        ("10.0.0.7", "10.0.0.8", False),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.8", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:DB8:0:0:ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::1", "127.0.0.1", False),
        (None, "", True),
        (None, "not an address", True),
        ("10.0.0.07", "10.0.0.007", True),
        (None, "::1", False),
    ],
)
def test_what_one_machine_can_change_at_will_makes_no_other_network_of_it(
    one: str | None, other: str | None, is_one: bool
) -> None:
    tries: list[list[str]] = []
    gate = Gate(SECRET, sleep=lambda seconds: tries.append(list(gate._busy)))
    for address in (one, other):
        gate.check("guess", address)
    [[first], [second]] = tries
    assert (first == second) is is_one


# The app behind it


@pytest.fixture
def locked(new_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, SECRET)


def say(at: AppTest, text: str) -> AppTest:
    at.text_input[0].input(text)
    at.button[0].click()
    return run(at)


def enter(at: AppTest) -> AppTest:
    """Say the passphrase, as a browser that keeps no cookies; any other then loads the page anew."""
    at = say(at, SECRET)
    at.session_state[passphrase.NO_COOKIES] = True
    return run(at)


def test_without_the_variable_no_passphrase_is_asked_for(new_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert not opened(LINK).text_input


@pytest.mark.parametrize("page", ["capacity", "jamming", "learning_rate", "samples/page", "limits/page", "storage"])
def test_every_page_shows_the_one_field_and_starts_nothing(locked: None, page: str, tmp_path: Path) -> None:
    at = opened(LINK, page)
    assert [field.label for field in at.text_input] == ["Passphrase"]
    assert [button.label for button in at.button] == ["Open"]
    assert not [*at.slider, *at.select_slider, *at.multiselect, *at.toggle, *at.get("vega_lite_chart")]
    assert "job" not in at.session_state
    assert list(tmp_path.iterdir()) == [], "not even the cache was opened"


def test_the_settings_of_the_link_survive_the_passphrase(locked: None) -> None:
    at = enter(say(opened(LINK), "a guess"))
    assert not at.text_input
    at = finished(at)
    assert at.multiselect(key="n").value == [4, 10]
    assert at.session_state["steps"] == 100
    assert len(at.session_state["job"].runs) == 2 * 10
    assert warnings(at) == []


def test_nothing_of_the_page_runs_before_the_browser_has_its_cookie(locked: None) -> None:
    """What the tab has from before a restart of the app would count for more than its address."""
    at = run(say(opened(LINK), SECRET))
    assert "job" not in at.session_state
    assert len(at.get("bidi_component")) == 1
    assert not at.text_input, "it is not asked again"


def test_a_wrong_passphrase_is_said_so_and_an_empty_one_is_no_try(locked: None) -> None:
    at = say(opened(LINK), "a guess")
    assert warnings(at) == ["That is not the passphrase. Capital letters count."]
    assert at.text_input
    assert "job" not in at.session_state
    assert warnings(say(at, "  ")) == ["Nothing was typed."]
    assert passphrase._gate()._wrong == pytest.approx(1, abs=0.1)  # type: ignore[union-attr]


def test_nothing_that_was_typed_is_kept_logged_or_in_the_address(
    locked: None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    at = opened(LINK)
    for _ in range(FREE_TRIES + 1):
        at = say(at, "a wrong guess")
    assert "many wrong passphrases" in caplog.text
    at = enter(at)
    everywhere = f"{caplog.text} {capfd.readouterr()} {at.session_state} {dict(at.query_params)}"
    assert SECRET not in everywhere
    assert "a wrong guess" not in everywhere


def test_a_session_stays_open_on_other_pages(locked: None) -> None:
    at = enter(opened({}, "storage"))
    assert not switched(at, "storage").text_input


def test_who_forges_a_cookie_or_a_state_stays_outside(locked: None) -> None:
    at = opened(LINK)
    at.session_state[passphrase.COOKIE] = "x" * 43
    at.session_state[passphrase.NO_COOKIES] = True
    assert run(at).text_input


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_variable_that_is_set_but_empty_lets_nobody_in(
    new_app: None, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    monkeypatch.setenv(NAME, blank)
    at = opened(LINK)
    assert ["Nobody is let in" in error.value for error in at.error] == [True]
    assert not [*at.text_input, *at.slider]


@pytest.mark.parametrize(
    ("content", "is_asked"), [(f'{NAME} = "{SECRET}"', True), (f"{NAME} = {SECRET}", None), ("other = 1", False)]
)
def test_a_file_of_secrets_may_hold_it_and_a_broken_one_lets_nobody_in(
    new_app: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, is_asked: bool | None
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    file = tmp_path / "secrets.toml"
    file.write_text(content)
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: [str(file)] if name == "secrets.files" else option(name))
    monkeypatch.setattr("streamlit.config.get_option", st.get_option)
    monkeypatch.setattr(st, "secrets", type(st.secrets)())
    monkeypatch.setattr(type(st.secrets), "_maybe_install_file_watchers", lambda self: None)
    try:
        at = opened(LINK, "storage")
        assert bool(at.text_input) == bool(is_asked)
        assert bool(at.error) == (is_asked is None)
        if is_asked:
            file.unlink()
            assert not enter(at).text_input
            assert opened(LINK).text_input, "a file that went away opens nothing"
    finally:
        st.secrets._reset()  # what it put into the environment
