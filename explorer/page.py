"""What every page of experiments begins with: its settings, what a link could not have, whether the sweep fits."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import cost
from core.config import RunConfig
from core.result import RunResult
from core.tasks import Sweep
from explorer import (
    carrying,
    charts,
    compare,
    configurations,
    controls,
    history,
    keep,
    presentation,
    service,
    shortcuts,
    words,
)
from explorer.compare import Beside
from explorer.parameters import GUESSES, LESSON, PARAMETERS, SEEN

LOST = "This layer is in neither memory nor cache any more. Reload the page to train it again."

_Sweep = TypeVar("_Sweep", bound=Sweep)

Choose = Callable[[Mapping[str, Any]], Iterable[str]]
Offer = Mapping[str, Sequence[Any]]
Starts = Mapping[str, Mapping[str, Any]]


def settings(
    name: str,
    keys: Collection[str],
    starts: Starts | Callable[[Mapping[str, Any]], Starts],
    aside: Choose,
    above: Choose = lambda _: (),
    below: Callable[[Mapping[str, Any]], Offer] = lambda _: {},
) -> dict[str, Any]:
    """Draw the controls of a page and return their values; says in a sentence what a link could not have.

    Args:
        name: the page.
        keys: of all its controls, also of those that are not drawn now.
        starts: title -> values, each a button that sets the whole page; what they do not name gets its default, and
            what is none of the page's controls is left out. They may depend on what is set.
        aside: the keys of the controls in the sidebar, one after the other; it sees the values of those before.
        above: the keys of those above the chart, which are drawn first.
        below: key -> options of those that the page draws later, beside what they change; it sees all values.
    """
    _back_to_the_lesson()
    carrying.carry(name, keys)
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    values: dict[str, Any] = {}
    a = compare.pinned(keys)
    row = _row()
    compared = _row() if a else row
    first = list(above(values))
    # One control alone may take several lines on a phone; in a row its end would be cut off.
    with st.container(horizontal=len(first) > 1, vertical_alignment="bottom", gap="large"):
        for key in first:
            values[key] = controls.widget(key)
    with st.sidebar:
        head = st.container()
        for key in aside(values):
            values[key] = controls.widget(key)
        shortcuts.button()
    offered = below(values)
    arrived(name, asked, values, offered)
    # Of what is drawn later, that which is a setting: not which of some samples is looked at.
    fixed = {key: options for key, options in offered.items() if options == PARAMETERS[key].options}
    values |= {key: st.session_state.get(key, value) for key, value in controls.expected(asked, fixed).items()}
    visited = history.note(name, values)
    with head:
        history.bar(name, keys, visited)
    with row:
        _starts(starts(values) if callable(starts) else starts, keys, values)
    with compared:
        compare.buttons(name, a, values)
    return values


def _back_to_the_lesson() -> None:
    """For who has begun it, a link to its step as it was left."""
    state = st.session_state
    state[LESSON] = st.query_params.get(LESSON, state.get(LESSON, ""))[: configurations.LONGEST_QUERY]
    known = {key: value for key, value in parse_qsl(state[LESSON]) if key in ("part", *GUESSES, SEEN)}
    if known:
        link("lesson", "← Back to the lesson", {}, known)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center")


def arrived(name: str, asked: Mapping[str, list[str]], values: Mapping[str, Any], offered: Offer) -> None:
    """Say what the link that led to a page could not have, until a control is moved.

    Args:
        name: the page.
        asked: the query of the URL before any control was drawn: key -> texts.
        values: of the controls that are drawn.
        offered: key -> options of those that are drawn later.
    """
    # Streamlit takes what it cannot use out of the URL at once; who followed the link must be able to read about it.
    arrival = f"arrived {name}"
    if arrival not in st.session_state:
        expected = {**values, **controls.expected(asked, offered)}
        st.session_state[arrival] = dict(values), controls.url_notes(asked, expected)
    at_first, notes = st.session_state[arrival]
    for note in notes if values == at_first else ():
        st.warning(note, icon=":material/link_off:")


def _starts(starts: Starts, keys: Collection[str], values: Mapping[str, Any]) -> None:
    """A button for each start; that which is shown has a tick."""
    st.markdown("Start from", width="content")
    for number, (title, start) in enumerate(starts.items(), start=1):
        st.button(
            title,
            icon=":material/check:" if is_shown(start, keys, values) else None,
            help=f"Sets the controls of this page.{shortcuts.told(f'start {number}')}",
            shortcut=shortcuts.key(f"start {number}"),
            on_click=st.session_state.update,
            args=(_wanted(start, keys),),
        )


def is_shown(start: Mapping[str, Any], keys: Collection[str], values: Mapping[str, Any]) -> bool:
    """Whether the page shows what a start sets; see `settings`."""
    return not configurations.different(_wanted(start, keys), values)


def _wanted(start: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return configurations.defaults(keys) | {key: value for key, value in start.items() if key in keys}


def checked(make: Callable[[Mapping[str, Any]], tuple[_Sweep, ...]], values: Mapping[str, Any]) -> tuple[_Sweep, ...]:
    """The sweeps that `make` makes of the values; where they cannot be or would not fit, a sentence, and no more."""
    try:
        sweeps = make(values)
        check_fits(sweeps)
    except ValueError as error:
        st.warning(f"Nothing was started: {error}", icon=":material/tune:")
        st.stop()
    return sweeps


def check_fits(sweeps: tuple[Sweep, ...]) -> None:
    """Check that a page may ask for these sweeps together.

    Raises:
        ValueError: they would take too long or too much memory.
    """
    _check_fits(sweeps, **service.limits())


@functools.lru_cache(maxsize=256)  # every rerun of a page asks; an error is asked for anew
def _check_fits(sweeps: tuple[Sweep, ...], **limits: Any) -> None:
    runs = dict.fromkeys(run for sweep in sweeps for run in sweep.runs())  # two sweeps may share some
    cost.check_fits(list(runs), **limits)


def chart(
    spec: dict[str, Any], *, key: str, alt: str, on_pick: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any] | None:
    """Draw a chart across its container; returns the point of it that was clicked last, if any.

    Args:
        spec: Vega-Lite. It may have points to click now and none at another time, as while it fills.
        key: of the chart, for Streamlit.
        alt: what who cannot see it is told; it may be Markdown, whose signs nobody wants to hear.
        on_pick: called with the fields of a point that is clicked, before the rerun.
    """
    a = compare.of_a()
    if a and key in a.charts:
        if both := compare.with_a(a, key, spec, alt):
            spec, alt = both
        else:
            place, spec = beside_a(a, key, spec)
            with place:
                return _chart(spec, key=key, alt=alt, on_pick=on_pick)
    return _chart(spec, key=key, alt=alt, on_pick=on_pick)


def _chart(
    spec: dict[str, Any], *, key: str, alt: str, on_pick: Callable[[dict[str, Any]], None] | None
) -> dict[str, Any] | None:
    picks = [param["name"] for param in spec.get("params", []) if param["name"].startswith(charts.PICK)]

    def picked() -> dict[str, Any] | None:
        points = [point for pick in picks for point in st.session_state[key].selection.get(pick, [])]
        return points[0] if points else None

    def follow() -> None:
        if on_pick and (point := picked()):
            on_pick(point)

    clickable: dict[str, Any] = {"on_select": follow, "selection_mode": picks} if picks else {}
    still(spec, key=key, alt=alt, **clickable)
    return picked() if picks else None


def beside_a(a: Beside, key: str, spec: dict[str, Any]) -> tuple[DeltaGenerator, dict[str, Any]]:
    """Draw the chart of A that cannot lie behind that of B on the left.

    Returns:
        The place on the right for that of B, and `spec`, the chart of B, on the axes of both.
    """
    a.aside.add(key)
    spec, spec_of_a = charts.on_same_axes(spec, a.charts[key].spec)
    left, right = st.columns(2)
    with left:
        st.markdown(words.a_heading(a.settings))
        still(spec_of_a, key=f"A {key}", alt=f"A: {a.charts[key].alt}")
    with right:
        st.markdown(words.b_heading(a.settings_of_b))
    return right, spec


def still(spec: dict[str, Any], *, key: str, alt: str, **clickable: Any) -> None:
    """Draw a chart that answers no click; otherwise as `chart`."""
    keep.note(key, spec)
    big = presentation.of_chart(spec)
    st.vega_lite_chart(big, key=key, width="stretch", theme=None, alt=words.plain(alt), **clickable)


def legend(text: str) -> None:
    """How to read the charts above: lines, marks and bands, in Markdown."""
    st.caption(text)
    keep.legend(text)


def samples_link(values: Mapping[str, Any], *, dim: int, at: int) -> None:
    """A link to the samples behind a point of a chart.

    Args:
        values: of the page's controls; those that describe a layer go along.
        dim: n of the point, or the nearest that the page Samples offers.
        at: its N.
    """
    dim = controls.nearest(PARAMETERS["dim"].options, dim)
    layer = {key: values[key] for key in ("V", "lr", "steps", "bias", "data", "optimizer")}
    link("samples", f"See the samples of n = {dim:,}, N = {at:,}", {"dim": dim, "at": at, **layer})


def link(page: str, text: str, values: Mapping[str, Any], besides: Mapping[str, str] | None = None) -> None:
    """A link to a page that is opened anew, with these values of its controls.

    Not `st.page_link`: it takes nothing along that is also a control of the page that is left. Nor the session's state:
    of a control that is drawn anew the address decides, and its change is not always seen in the address.

    Args:
        page: its name in the address.
        text: of the link.
        values: of its controls.
        besides: what else its address keeps.
    """
    # Without what is a default anyway: Streamlit would take it out, and that would be another step back in the browser.
    # Who presents goes on to present.
    told = configurations.query({**values, presentation.BIG: presentation.is_on()})
    lesson = st.session_state.get(LESSON) if page != "lesson" else None  # the page that opens is another session
    query = configurations.joined(told, urlencode({**({LESSON: lesson} if lesson else {}), **(besides or {})}))
    st.markdown(f'<a href="{page}?{query}" target="_self"><b>{text}</b></a>', unsafe_allow_html=True)


def fingerprint(rows: Sequence[Mapping[str, Any]]) -> int:
    """A number that stands for the rows that are there: pictures of a growing sweep are kept under it."""
    sizes = ("verdict", "input_dim", "num_classes", "num_samples")
    names = (*sizes, "learning_rate", "schedule", "num_steps", "bias", "seed", "init_seed")
    return hash(frozenset(tuple(row.get(name) for name in names) for row in rows))


def whole_results(done: Sequence[RunConfig]) -> tuple[list[RunResult], int]:
    """The whole results of runs that have ended, and how many of them are lost: say so with `LOST`."""
    results = [result for result in map(service.jobs().result, done) if result is not None]
    return results, len(done) - len(results)


def warning_of(runs: pd.DataFrame) -> str | None:
    """What is wrong with some of the runs: they diverged, or their sharpness did not converge."""
    if runs["diverged"].any():
        return words.diverged(runs)
    return words.not_exact(runs) if len(runs) and not runs["is_exact"].all() else None


def warn(text: str | None) -> None:
    """Show what `warning_of` found, if anything."""
    if text:
        st.warning(text, icon=":material/trending_up:")
