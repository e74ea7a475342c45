"""A sweep on a page: it starts by itself, fills while it runs, and can be stopped."""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

import streamlit as st

from core.config import RunConfig
from core.tasks import LimitsConfig, Sweep, Task
from explorer import keep, service, shortcuts, words
from explorer.jobs import Job, Progress, TooBusyError

# A drawing costs the server and the browser some tenths of a second, which a long sweep has better use for.
POLL_SECONDS = 0.4
CALM_POLL_SECONDS = 1.2
WAITING_POLL_SECONDS = 0.1  # between looks that themselves wait for the first points
CALM_AFTER_SECONDS = 2.0
SLOWEST_POLL_SECONDS = 2.0
DRAWING_SHARE = 0.5  # of one core that all sessions may draw with: where thirty are at work, each draws less often
STATUS_HEIGHT = 64  # pixels: the chart below stays where it is when the bar gives way to a sentence
FIRST_LOOK_SECONDS = 0.5  # what is cached is there by then, whole, or the first points that are trained


def live(
    sweeps: Sequence[Sweep],
    draw: Callable[[Progress], None],
    kept: keep.Kept | None = None,
    first: frozenset[Task] = frozenset(),
) -> None:
    """Request the runs of some sweeps, `first` before all others, and draw them again and again until they have ended.

    `draw` is a fragment's: a widget in it runs only it again. If that is to change the page, its callback calls
    `whole_page`. `kept` is what can be kept of it.
    """
    try:
        job = _job(tuple(sweeps), first)
    except TooBusyError as error:
        st.warning(f"Nothing was started: {error}", icon=":material/hourglass_top:")
        st.stop()
    stopped = st.session_state["stopped"]
    now = job.look(None if stopped else _watcher(), wait=FIRST_LOOK_SECONDS)
    running = now.state == "running" and not stopped
    calm = now.elapsed > CALM_AFTER_SECONDS
    crowded = min(SLOWEST_POLL_SECONDS, _drawings.seconds * len(service.jobs().running()) / DRAWING_SHARE)
    is_empty = not now.rows
    pause = WAITING_POLL_SECONDS if is_empty else max(CALM_POLL_SECONDS if calm else POLL_SECONDS, crowded)
    looked = [now]  # what is drawn at once

    @st.fragment(run_every=pause if running else None)
    def view() -> None:
        state = st.session_state
        if state.pop("whole_page", False) or state.get("job") is not job or state["stopped"] != stopped:
            st.rerun()  # a button pressed in here runs only this fragment again, but the whole page must follow
        # While nothing is there yet, better wait for it than draw the same once more.
        progress = looked.pop() if looked else job.look(_watcher() if running else None, wait=FIRST_LOOK_SECONDS)
        has_begun = is_empty and progress.rows
        rests = not calm and progress.elapsed > CALM_AFTER_SECONDS
        if running and (has_begun or rests or progress.state != "running"):
            st.rerun()  # the whole page draws it, and from now on it looks less often, or no more
        _status(job, progress, stopped)
        with _drawings.measured():
            keep.begin()
            draw(progress)
            if kept is not None:
                keep.row(kept, job)

    view()


class _Drawings:
    """Seconds of a core that a drawing takes, of late and on average over all sessions."""

    WEIGHT = 0.1  # of the latest

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what happens in this block."""
        start = time.thread_time()
        yield
        self.seconds += self.WEIGHT * (time.thread_time() - start - self.seconds)


_drawings = _Drawings()


def whole_page() -> None:
    """Run the whole page again, from the callback of a widget that is drawn by `live`."""
    st.session_state["whole_page"] = True


def _watcher() -> str:
    """A name for this session."""
    return str(st.session_state.setdefault("watcher", uuid.uuid4().hex))


def _job(sweeps: tuple[Sweep, ...], first: frozenset[Task]) -> Job:
    """This session's job for `sweeps`; what it watched before is left."""
    state = st.session_state
    job: Job | None = state.get("job")
    if job is None or state["sweeps"] != sweeps:
        if job is not None:
            job.leave(_watcher())
        state["stopped"] = False
        job = None
    elif job.state == "stopped" and not state["stopped"]:
        job = None  # the tab was asleep for so long that the job gave up: go on
    if job is None:
        job = service.jobs().request((run for sweep in sweeps for run in sweep.runs()), _watcher(), first)
    state["job"], state["sweeps"] = job, sweeps
    return job


def _stop(job: Job) -> None:
    job.leave(_watcher())
    st.session_state["stopped"] = True


def _go_on() -> None:
    st.session_state.pop("job", None)


def _status(job: Job, progress: Progress, stopped: bool) -> None:
    """One line above the chart that keeps its height: how far, how long, Stop."""
    with st.container(horizontal=True, vertical_alignment="center", height=STATUS_HEIGHT, border=False, key="status"):
        there, total = len(progress.rows), progress.num_runs
        if stopped and there < total:
            st.markdown(f"Stopped at **{there:,} of {total:,}** {_things(job)}. What is there is kept.")
            st.button(
                "Go on", key="go_on", icon=":material/play_arrow:", shortcut=shortcuts.key("stop"), on_click=_go_on
            )
        elif progress.state == "running":
            left = words.duration(progress.seconds_left)
            done = f"{there:,} of {total:,} {_things(job)} {_computed(job)}, about {left} left"
            st.progress(progress.fraction, done + words.queued(progress.place))
            st.button(
                "Stop",
                key="stop",
                icon=":material/stop:",
                shortcut=shortcuts.key("stop"),
                on_click=_stop,
                args=(job,),
            )
        elif progress.state == "failed":
            st.error(f"{progress.problem}", icon=":material/error:")
            st.button("Try again", key="go_on", icon=":material/refresh:", on_click=_go_on)
        elif progress.state == "done":
            st.markdown(_done(job, progress))
        else:
            st.markdown(f"Nobody looked for a while, so it rests at **{there:,} of {total:,}** {_things(job)}.")


def _things(job: Job) -> str:
    """What the job computes."""
    limits = sum(isinstance(task, LimitsConfig) for task in job.runs)
    kinds = [name for name, count in (("networks", len(job.runs) - limits), ("exact limits", limits)) if count]
    things = " and ".join(kinds)
    return things.removesuffix("s") if len(job.runs) == 1 else things


def _computed(job: Job) -> str:
    """What is done to them."""
    kinds = {isinstance(task, LimitsConfig) for task in job.runs}
    return "computed" if len(kinds) > 1 else "solved" if kinds == {True} else "trained"


def _done(job: Job, progress: Progress) -> str:
    known = progress.num_runs - progress.num_trained
    networks = f"{progress.num_runs:,} {_things(job)}"
    if progress.num_trained == 0:
        return f"**{networks}**, all from the cache." if progress.num_runs > 1 else f"**{networks}**, from the cache."
    steps = {task.num_steps for task in job.runs if isinstance(task, RunConfig)}
    each = f", {steps.pop():,} steps each" if len(steps) == 1 else ""
    origin = "" if known == 0 else f"; {known:,} of them from the cache"
    return f"**{networks}** in {words.duration(progress.elapsed)}{each}{origin}."
