"""Keep and share: the address of what a page shows, a script that computes it, its data, its pictures, whom to cite.

A page names once what can be kept (`Kept`, for `explorer.live.live`), and says with `here` where the row stands. A page
that fills draws the row several times a second: so it holds five closed popovers, and what is in one is made when it is
opened, a file when it is asked for.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.tasks import Task
from explorer import compare, presentation, service, words
from explorer.configurations import Configuration
from explorer.jobs import Job
from explorer.keep import captions, citation, downloads, pictures
from explorer.keep.addresses import address

PLACE, DRAWN = "keep place", "keep drawn"  # in the session's state
KINDS = (
    ("PNG", pictures.as_png, "png", "image/png"),
    ("SVG", pictures.as_svg, "svg", "image/svg+xml"),
    ("JSON", pictures.as_json, "vl.json", "application/json"),
)
LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # addresses that on each machine mean that machine
SCRIPT_HEIGHT = 330  # pixels; longer scripts scroll


@dataclass(frozen=True)
class Kept:
    """What can be kept of a page.

    Attributes:
        page: its name, with which files begin.
        title: its question, which stands above pictures.
        values: of its controls.
        script: makes a script that computes the page's numbers; None if there is none.
        below: tells the values of controls that the page draws beside what they change; the address has them too.
        tables: tells by name what makes the tables to download besides that of the runs; each is made when it is
            downloaded.
        own: the runs of the values, where those of pinned settings are computed beside them; None if all runs are.
    """

    page: str
    title: str
    values: Configuration
    script: Callable[[], str] | None = None
    below: Callable[[], Configuration] = dict
    tables: Callable[[], Mapping[str, Callable[[], pd.DataFrame]]] = dict
    own: Set[Task] | None = None


@dataclass(frozen=True)
class _Drawn:
    """A chart, and how to read it, in Markdown."""

    spec: Mapping[str, Any]
    legend: str = ""


def begin() -> None:
    """Forget what was drawn before: a drawing begins."""
    st.session_state[DRAWN] = {}
    st.session_state.pop(PLACE, None)


def here() -> None:
    """The row stands here; without this, below all that is drawn."""
    st.session_state[PLACE] = st.container()


def note(key: str, spec: Mapping[str, Any]) -> None:
    """A chart is drawn, which can be kept."""
    _drawn()[key] = _Drawn(spec)


def legend(text: str) -> None:
    """How to read the charts drawn since the last legend: pictures of them say it too."""
    drawn = _drawn()
    drawn |= {key: replace(chart, legend=text) for key, chart in drawn.items() if not chart.legend}


def _drawn() -> dict[str, "_Drawn"]:
    kept: dict[str, _Drawn] = st.session_state.setdefault(DRAWN, {})
    return kept


def row(kept: Kept, job: Job) -> None:
    """The row of tools, once all is drawn.

    Args:
        kept: what can be kept.
        job: the sweep behind it.
    """
    place = st.session_state.pop(PLACE, None) or st.container()
    tools: dict[str, tuple[str, Callable[[], None]]] = {
        "Link": ("The address of this page with all its settings", lambda: _link(kept)),
        "Python": ("A script that computes the numbers of this page", lambda: _python(kept)),
        "Data": ("The numbers behind the charts, as files", lambda: _data(kept, job)),
        "Picture": ("The charts, as files", lambda: _pictures(kept, job)),
        "Cite": ("How to cite the post and this project", _cite),
    }
    with place, st.container(horizontal=True, gap="xsmall", key="keep"):
        for name, (told, fill) in tools.items():
            if name == "Python" and kept.script is None:
                continue
            opened = st.popover(name, type="tertiary", help=told, key=f"keep {name}", on_change="rerun")
            if opened.open:
                with opened:
                    fill()


def _link(kept: Kept) -> None:
    st.markdown("Whoever opens this address sees what you see.")
    show(_address(kept))


def show(whole: str) -> None:
    """An address, to be copied."""
    st.code(whole, language=None, wrap_lines=True)
    if urlsplit(whole).hostname in LOOPBACK:
        st.markdown(words.ONLY_HERE)


def _address(kept: Kept) -> str:
    return address({**kept.values, **kept.below(), presentation.BIG: presentation.is_on()})


def _python(kept: Kept) -> None:
    assert kept.script is not None
    text = f"# {kept.title}\n# {_address(kept)}\n{kept.script()}"
    st.markdown(
        "It prints the numbers of this page, once all is there. It runs where this project is installed; what this "
        "app has computed on the same machine comes from the cache."
    )
    st.code(text, language="python", height=SCRIPT_HEIGHT)
    _download("Script", text.encode, f"{captions.file_name(kept.page, kept.values)}.py", "text/x-python")


def _data(kept: Kept, job: Job) -> None:
    runs = [task for task in job.runs if kept.own is None or task in kept.own]
    missing = set(job.missing()) & set(runs)
    done = [task for task in runs if task not in missing]
    if kept.own is not None:
        st.markdown("These are the numbers of B. A is kept by its own link: *Swap A and B*, then *Unpin A*.")
    if not done:
        st.markdown("Nothing is there yet.")
        return
    find = cast("downloads.Find", service.jobs().result)
    count = f"{len(done):,} of {len(runs):,}"
    told = f"the **{count}** that are there by now" if missing else "all settings and numbers"
    st.markdown(f"One row a network or data set: {told}. The columns: `python -m core sweep --help`.")
    what = f"first {count} runs" if missing else "runs"
    _table_files(kept, what, lambda: downloads.runs_table(done, find))
    for name, make in kept.tables().items():
        st.markdown(f"One row a {name.removesuffix('s')}:")
        _table_files(kept, name, make)


def _table_files(kept: Kept, what: str, make: Callable[[], pd.DataFrame]) -> None:
    stem = captions.file_name(kept.page, kept.values, what)
    with st.container(horizontal=True):
        _download("CSV", lambda: downloads.as_csv(make()), f"{stem}.csv", "text/csv")
        _download("Parquet", lambda: downloads.as_parquet(make()), f"{stem}.parquet", "application/vnd.apache.parquet")


def _pictures(kept: Kept, job: Job) -> None:
    missing = len(job.missing())
    drawn = _drawn()
    small = [captions.settings_line(kept.values), *_pinned(kept), _address(kept)]
    if missing:
        small.insert(0, f"Unfinished: {missing:,} of {len(job.runs):,} results are still missing.")
        st.markdown("The sweep has not ended: a picture shows what is there by now, and says so.")
    else:
        st.markdown(
            "On white, with how to read it and all settings in small type. JSON: Vega-Lite, for the Vega editor."
        )
    for key, chart in drawn.items():
        which = key.replace(" chart", "") if len(drawn) > 1 else ""
        beside = drawn.get(key.removeprefix("A "), chart)  # what is pinned is read as that which it stands beside
        legend = words.plain(chart.legend or beside.legend)
        title = f"{kept.title} – {which}" if which else kept.title
        if which:
            st.markdown(f"**{which[0].upper()}{which[1:]}**")
        stem = captions.file_name(kept.page, kept.values, which)
        with st.container(horizontal=True):
            for label, write, ending, mime in KINDS:
                make = partial(_picture, write, chart.spec, title, [legend, *small])
                _download(label, make, f"{stem}.{ending}", mime)


def _pinned(kept: Kept) -> list[str]:
    """What else the charts show, if something is pinned to compare with."""
    a = compare.pinned(tuple(kept.values))
    return [] if a is None else [f"A, pinned: {compare.differences(a.values, kept.values)[0] or 'the same settings'}"]


def _picture(
    write: Callable[[Mapping[str, Any]], bytes], spec: Mapping[str, Any], title: str, small: Sequence[str]
) -> bytes:
    return write(pictures.self_contained(spec, title, small))


def _cite() -> None:
    st.markdown("The experiment and its published curves:")
    st.code(citation.POST, language=None, wrap_lines=True)
    st.code(citation.POST_BIBTEX, language="latex")
    st.markdown("This project, and the numbers that it computed:")
    st.code(citation.project(), language=None, wrap_lines=True)
    st.code(citation.project_bibtex(), language="latex")


def _download(label: str, make: Callable[[], bytes], name: str, mime: str) -> None:
    """A button that makes its file when it is clicked, in a thread of its own: no page waits for it."""
    st.download_button(
        label, data=make, file_name=name, mime=mime, key=f"keep {name}", on_click="ignore", icon=":material/download:"
    )
