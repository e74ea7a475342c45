"""Ten thousand hostile links: no exception, no wrong chart, no unbounded work, and a word on what was ignored."""

import random
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.testing.v1 import AppTest

from core import cost, workers
from core.config import LIMITS
from explorer import page, service
from explorer.charts import MAX_CURVES
from explorer.parameters import BOX, PARAMETERS, PIN, SEEN, Parameter
from tests.explorer.conftest import asleep, new_app  # noqa: F401
from tests.explorer.visiting import finished, opened, warnings
from tests.faults import hostile
from tests.serving import App
from tests.tab import opened as opened_tab

PAGES = ("capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page")
# Alone among the controls this one is never drawn by `page.settings`, and has a hundred thousand options.
DRAWN_BELOW = "step"


def links(seed: int) -> Iterator[dict[str, list[str]]]:
    """Without end."""
    dice = random.Random(seed)
    while True:
        yield hostile.asked(dice)


# --- every control, ten thousand times --------------------------------------------------------------------------------


class Visit(NamedTuple):
    """What `page.settings` made of a link: values, notes, and the query that the address then has."""

    values: dict[str, Any]
    notes: list[str]
    query: str


def visit(query: str, keys: Sequence[str]) -> Visit:
    """Draw some controls as a page does, with Streamlit's own parsing of the link, but without a thread."""
    messages: list[ForwardMsg] = []
    state = SafeSessionState(SessionState(), lambda: None)
    context = ScriptRunContext(
        session_id="a visitor",
        _enqueue=messages.append,
        query_string=query,
        session_state=state,
        uploaded_file_mgr=None,  # type: ignore[arg-type]
        main_script_path="page.py",
        user_info={},
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=PagesManager("page.py"),
    )
    with state.query_params() as params:
        params.populate_from_query_string(query, {""})
        params.set_initial_query_params_from_current()
    context.reset(query_string=query, page_script_hash="")
    add_script_run_ctx(threading.current_thread(), context)
    try:
        values = page.settings("a page", keys, {}, lambda _: keys)
    finally:
        add_script_run_ctx(threading.current_thread(), None)
    shown = [message.delta.new_element for message in messages if message.HasField("delta")]
    return Visit(values, [element.alert.body for element in shown if element.HasField("alert")], context.query_string)


def items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def offered(parameter: Parameter, texts: list[str]) -> list[Any] | None:
    """The options that a link names, if it asks for a value that the control can have; None if not."""
    by_text = {parameter.show(option): option for option in parameter.options}
    found = [by_text.get(text.lower() if parameter.kind == "switch" else text) for text in texts]
    fits = {"set": 0 < len(texts) <= MAX_CURVES and len(set(texts)) == len(texts), "range": len(texts) == 2}
    if None in found or not fits.get(parameter.kind, len(texts) == 1):
        return None
    return None if parameter.kind == "range" and found != sorted(found) else found


def is_told(key: str, seen: Visit) -> bool:
    return any(f"it shows {key} = " in note for note in seen.notes)


def assert_sound(asked: dict[str, list[str]], keys: Sequence[str], seen: Visit) -> None:
    assert list(seen.values) == list(keys)
    for key, value in seen.values.items():
        parameter, shown = PARAMETERS[key], items(value)
        # A value is one of those that the control offers, and of their type.
        assert set(shown) <= set(parameter.options), key
        assert {type(each) for each in shown} <= {type(option) for option in parameter.options}, key
        assert {"set": len(shown) <= MAX_CURVES, "range": len(shown) == 2}.get(parameter.kind, len(shown) == 1), key
        assert parameter.kind != "range" or shown == sorted(shown), key
        # Who asks for what there is gets it; who asks for nothing gets the default.
        texts = asked.get(key)
        wanted = items(parameter.default) if texts is None else offered(parameter, texts)
        assert wanted is None or shown == wanted, (key, texts, shown)
        # What was not shown is told, and only who asked for what there is not is told anything.
        texts_shown = {parameter.show(each).lower() for each in shown} or {""}
        if is_told(key, seen):
            assert texts, key
            assert wanted is None, (key, texts, shown)
        else:
            assert all(text.lower() in texts_shown for text in texts or ()), (key, texts, shown)
    strangers = [key for key in asked if key not in PARAMETERS and key not in (BOX, PIN, SEEN)]
    assert any(note.startswith("The link names ") for note in seen.notes) == bool(strangers)
    assert all(len(note) < 400 for note in seen.notes)


def test_ten_thousand_links_set_controls_to_what_they_offer_and_say_what_they_did_not_get() -> None:
    dice = random.Random(7)
    drawn = [key for key in PARAMETERS if key != DRAWN_BELOW]
    for number, asked in zip(range(10_000), links(seed=1), strict=False):
        # Those that are asked for are drawn, and another beside them.
        keys = list(dict.fromkeys([*(key for key in asked if key in drawn), dice.choice(drawn)]))
        query = urlencode(asked, doseq=True)
        seen = visit(query, keys)
        assert_sound(parse_qs(query, keep_blank_values=True), keys, seen)
        if number % 20 == 0:  # the address that stands there afterwards leads to the same
            assert visit(seen.query, keys).values == seen.values


@pytest.mark.parametrize(
    "parameter", [each for key, each in PARAMETERS.items() if key != DRAWN_BELOW], ids=lambda each: each.key
)
def test_every_control_meets_every_hostile_text(parameter: Parameter) -> None:
    for text in {*hostile.NUMBERS, *hostile.TYPES, *hostile.TEXTS}:
        asked = {parameter.key: [text]}
        assert_sound(asked, [parameter.key], visit(urlencode(asked, doseq=True), [parameter.key]))


def test_an_infinite_number_is_not_offered() -> None:
    for key in (key for key, parameter in PARAMETERS.items() if parameter.kind == "number"):
        for text in ("inf", "-Infinity", "1e400", "9" * 400):
            assert_sound({key: [text]}, [key], visit(urlencode({key: text}), [key]))


def test_a_choice_of_nothing_is_not_offered() -> None:
    for key in (key for key, parameter in PARAMETERS.items() if parameter.kind == "segments"):
        assert_sound({key: [""]}, [key], visit(f"{key}=", [key]))


# --- whole pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(asleep: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Nothing is trained, nor does Streamlit look through all installed packages at every run of `AppTest`."""
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", lambda *_, **__: None)


def widgets(at: AppTest) -> dict[str, Any]:
    """What the controls on the page show."""
    found = [*at.select_slider, *at.slider, *at.number_input, *at.multiselect, *at.selectbox, *at.toggle]
    return {widget.key: widget.value for widget in [*found, *at.button_group] if widget.key}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_computes_what_its_controls_say_within_bounds_whatever_the_link(name: str) -> None:
    started = 0
    for _, asked in zip(range(10), links(seed=PAGES.index(name)), strict=False):
        at = opened(asked, name)  # no exception on the page
        shown = widgets(at)
        refused = [warning for warning in warnings(at) if warning.startswith("Nothing was started: ")]
        assert ("job" in at.session_state) != bool(refused)
        if refused:
            continue
        started += 1
        runs = at.session_state["job"].runs
        cost.check_fits(runs, **service.limits())
        for run in runs:
            for setting in ("input_dim", "num_classes", "num_samples"):
                assert LIMITS[setting].low <= getattr(run, setting) <= LIMITS[setting].high
        if PIN in asked:  # the runs are also those of what is pinned
            continue
        assert {run.bias for run in runs} == {shown["bias"]} if "bias" in shown else True
        if "V" in shown:
            assert {run.num_classes for run in runs} == {shown["V"]}
        if "n" in shown:
            assert {run.input_dim for run in runs} == set(shown["n"])
        if "data" in shown:
            assert {run.nested_data for run in runs} == {shown["data"] == "nested"}
        if "seeds" in shown:
            assert {run.data_seed for run in runs} == set(range(shown["seeds"]))
        if "optimizer" in shown:
            assert {run.optimizer for run in runs if hasattr(run, "optimizer")} == {shown["optimizer"]}
    assert started > 2


@pytest.mark.usefixtures("quick")
def test_of_controls_beside_a_chart_the_note_names_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Processes", workers.threads)  # these controls come with the chart
    small = {"at": "40", "dim": "5", "V": "4", "steps": "100"}
    for key, texts in {"x": ["Length", "Alignment"], "sample": ["3", "4"], "who": ["MEMORIZED"]}.items():
        at = finished(opened({**small, key: texts}, "samples/page"))
        shown = PARAMETERS[key].show(widgets(at)[key])
        assert [warning.split("it shows ")[1] for warning in warnings(at)] == [f"{key} = {shown}."]


# --- a running app ----------------------------------------------------------------------------------------------------


def test_a_running_app_answers_hostile_links_and_its_log_is_quiet(app: App) -> None:
    before = len(app.log())
    for number, asked in zip(range(6), links(seed=99), strict=False):
        name = PAGES[number % len(PAGES)].split("/")[0]
        with opened_tab(app, urlencode(asked, doseq=True), name if number % len(PAGES) else "") as tab:  # no exception
            if "stop" in tab.buttons:
                tab.click("stop")  # what a link asks for soundly may take an hour
    assert not re.search("Traceback|Error", app.log()[before:])
    with opened_tab(app, "n=2&N=5&N=50&points=10&seeds=1&steps=100") as tab:
        tab.follow()
        assert tab.there() == 10


@pytest.mark.parametrize(
    "query",
    ["&".join(f"k{i}=1" for i in range(5_000)), "n=" + "9" * 600_000, "%", "%ZZ=%FF", "&&&===&", "n=3;V=4", "n=%F0%28"],
    ids=lambda query: query[:12],
)
def test_an_address_that_is_no_query_opens_the_page_as_it_is_without(app: App, query: str) -> None:
    with opened_tab(app, query) as tab:
        assert tab.charts == 1
        assert len(tab.warnings) <= 2
        if "stop" in tab.buttons:
            tab.click("stop")
