"""A shared passphrase before all pages, for a class on a network. Off unless EXPLORER_PASSPHRASE is set.

Nothing of a page runs for who has not said it. What is typed is compared and dropped: it is neither logged nor kept. A
browser that said it gets a cookie, which holds for as long as this server runs, so that links from page to page, each
of which is a session of its own, do not ask again.
"""

import hashlib
import hmac
import ipaddress
import logging
import os
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import streamlit as st

NAME = "EXPLORER_PASSPHRASE"
COOKIE = "explorer_pass"
NO_COOKIES = "no cookies"  # of a session whose browser keeps none
MAX_CHARS = 200

FREE_TRIES = 10  # a class of thirty mistypes now and then
FIRST_DELAY_S, LONGEST_DELAY_S = 0.25, 8.0  # doubled with each wrong try after those
MOST_WRONG = FREE_TRIES + 10  # counted, so that an attack is forgotten five minutes after it ends
FORGET_S = 30.0  # until a wrong try is forgotten
TURN_S = 20.0  # to wait for other tries from the same network

# The cookie is for this site alone and ends with the browser. A script sets it, since Streamlit sends none of ours, and
# then loads the page anew: a tab that was open when the app was started again would bring along what its controls were,
# instead of what its address says. A browser that keeps no cookies goes on as it is.
REMEMBER = """
export default function ({ data, setTriggerValue }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.token}; Path=/; SameSite=Strict${secure}`;
  if (document.cookie.includes(data.token)) location.reload();
  else setTriggerValue("refused", true);
}
"""
FOCUS = """
export default function () {
  document.querySelector("input[type=password]")?.focus();
}
"""
# Such a tab also still has its sidebar, which is empty now.
ALONE = "<style>[data-testid=stSidebar] { display: none }</style>"

Answer = Literal["right", "wrong", "busy"]

_log = logging.getLogger(__name__)


class Gate:
    """Who says the passphrase gets a token.

    Every try waits before it is compared, the right one too: else an answer that comes at once would tell. How long,
    grows with the wrong tries of all sessions. Tries from one network wait for each other, so that many at once are no
    faster; those from elsewhere are not held up by them.
    """

    def __init__(self, passphrase: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        if not passphrase.strip():  # an empty variable is a slip, which must not open the door
            raise ValueError("the passphrase is empty")
        self.token = secrets.token_urlsafe(32)  # says nothing about the passphrase
        self._digest = _digest(passphrase)
        self._sleep = sleep
        self._turns = threading.Condition()
        self._busy: set[str] = set()  # networks from which a try is waiting
        self._wrong = 0.0
        self._counted_at = time.monotonic()

    def check(self, typed: str, address: str | None) -> Answer:
        """Compare what was typed, after a delay; "busy": not compared, too many others wait at the same address."""
        network = _network(address)
        with self._turns:
            if not self._turns.wait_for(lambda: network not in self._busy, TURN_S):
                return "busy"
            self._busy.add(network)
        try:
            self._sleep(self.delay())
            if len(typed) <= MAX_CHARS and hmac.compare_digest(_digest(typed), self._digest):
                return "right"
            self._count_wrong()
            return "wrong"
        finally:
            with self._turns:
                self._busy.discard(network)
                self._turns.notify_all()

    def knows(self, token: object) -> bool:
        """Whether a token is the one that was given out."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())

    def delay(self) -> float:
        """Seconds that a try waits now."""
        with self._turns:
            over = self._remembered() - FREE_TRIES
        return 0.0 if over < 0 else min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0**over)

    def _count_wrong(self) -> None:
        with self._turns:
            self._wrong = min(MOST_WRONG, self._remembered() + 1)
            self._counted_at = time.monotonic()
            is_attack = self._wrong > FREE_TRIES
        if is_attack:
            _log.warning("many wrong passphrases: each try now waits %.2g s", self.delay())

    def _remembered(self) -> float:
        """How many wrong tries are not yet forgotten."""
        return max(0.0, self._wrong - (time.monotonic() - self._counted_at) / FORGET_S)


def is_known() -> bool:
    """Whether this session may see the pages: its browser said the passphrase, or there is none."""
    gate = _gate_or_stop()
    if gate is None or gate.knows(st.context.cookies.get(COOKIE)):
        return True
    return NO_COOKIES in st.session_state and gate.knows(st.session_state.get(COOKIE))


def ask() -> None:
    """Ask for the passphrase. Once it is said, the page is loaded anew, with the settings of its address."""
    gate = _gate_or_stop()
    if gate is None:
        return
    st.html(ALONE)
    st.title("Memorization explorer")
    if gate.knows(st.session_state.get(COOKIE)):  # a second press of Enter ended the run in which it was said
        _remember(gate)
        return
    st.markdown("It opens with a passphrase: ask whoever sent you here. Type it once, and the page of your link opens.")
    with st.form("ask", clear_on_submit=True, border=False, width=400):
        typed = st.text_input("Passphrase", type="password", max_chars=MAX_CHARS, autocomplete="off")
        sent = st.form_submit_button("Open")
    st.components.v2.component("focus", js=FOCUS)(key="focused")
    if not sent:
        return
    if not typed.strip():
        st.warning("Nothing was typed.", icon=":material/lock:")
        return
    with st.spinner("Checking …", show_time=True):
        answer = gate.check(typed, st.context.ip_address)
        if answer == "right":  # kept before anything else is sent: a second press of Enter would end this run there
            st.session_state[COOKIE] = gate.token
    if answer == "right":
        _remember(gate)
    elif answer == "wrong":
        st.warning("That is not the passphrase. Capital letters count.", icon=":material/lock:")
    else:
        st.warning("Too many others try at the same time. Nothing was checked; try again.", icon=":material/lock:")


def _remember(gate: Gate) -> None:
    """Have the browser keep the cookie and load the page anew."""
    st.components.v2.component("remember", js=REMEMBER)(
        key="remembered",
        data={"name": COOKIE, "token": gate.token},
        on_refused_change=lambda: st.session_state.update({NO_COOKIES: True}),
    )


def _gate_or_stop() -> Gate | None:
    """The gate, if there is one; where it was meant to be and cannot be, nobody gets past it."""
    try:
        return _gate()
    except (OSError, ValueError) as error:
        st.error("Nobody is let in: a passphrase was meant to be set, and none could be read.", icon=":material/lock:")
        _log.error("no passphrase could be read, so nobody is let in: %s", error)
        st.stop()


@st.cache_resource(show_spinner=False)  # read once: a file of secrets that goes away later opens nothing
def _gate() -> Gate | None:
    passphrase = os.environ.get(NAME)
    if passphrase is None:
        passphrase = _from_secrets()
    return None if passphrase is None else Gate(passphrase)


def _from_secrets() -> str | None:
    """The passphrase in Streamlit's file of secrets; an error if there is a file that cannot be read."""
    if not any(Path(file).exists() for file in st.get_option("secrets.files")):
        return None
    found = st.secrets.get(NAME)
    return None if found is None else str(found)


def _digest(text: str) -> bytes:
    # One way to write é, however a keyboard sends it; and no blanks that a phone adds at the end.
    plain = unicodedata.normalize("NFKC", text.strip())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def _network(address: str | None) -> str:
    """What one machine cannot change at will: its IPv4 address, or of IPv6 the first 64 bits."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "no address"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((found.packed, 64), strict=False))
        found = found.ipv4_mapped
    return str(found)
