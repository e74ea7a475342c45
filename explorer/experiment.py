"""An experiment on a page: its sweeps, live; and beside them those of the settings that are pinned."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.tasks import Sweep, Task
from explorer import compare, page, words
from explorer.compare import Beside, Pinned, See, Seen
from explorer.jobs import Progress
from explorer.keep import Kept
from explorer.live import live


@dataclass(frozen=True)
class Views:
    """Several experiments of one page, of which a control says which is shown.

    Attributes:
        control: its key.
        modules: by its values, each with the functions that are found here.
    """

    control: str
    modules: Mapping[str, Any]

    def shown(self, values: Mapping[str, Any]) -> Any:
        """The module of the experiment that is shown."""
        return self.modules[values[self.control]]

    def sweeps_of(self, values: Mapping[str, Any]) -> tuple[Sweep, ...]:
        """What it runs."""
        sweeps: tuple[Sweep, ...] = self.shown(values).sweeps_of(values)
        return sweeps

    def draw(self, sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> None:
        """Draws what is there of it."""
        self.shown(values).draw(sweeps, progress, values)

    def see(self, sweeps: Sequence[Sweep], progress: Progress, values: Mapping[str, Any]) -> dict[str, Seen]:
        """Its charts, for a comparison."""
        seen: dict[str, Seen] = self.shown(values).see(sweeps, progress, values)
        return seen

    def script(self, values: Mapping[str, Any]) -> str:
        """What computes the same."""
        script: str = self.shown(values).script(values)
        return script


Make = Callable[[Mapping[str, Any]], tuple[Any, ...]]
First = Callable[[tuple[Any, ...], Mapping[str, Any]], frozenset[Task]]
Draw = Callable[[tuple[Any, ...], Progress, Mapping[str, Any]], None]


def run(
    make: Make,
    values: Mapping[str, Any],
    draw: Draw,
    *,
    keys: Iterable[str],
    see: See,
    kept: Kept | None = None,
    first: First = lambda *_: frozenset(),
) -> None:
    """Draw the sweeps of a page while they fill.

    Args:
        make: makes the sweeps of values.
        values: of the page's controls.
        draw: draws what is there of the sweeps.
        keys: all controls of the page.
        see: the charts of what is there, for those that are pinned.
        kept: what can be kept of the page.
        first: the runs of sweeps and values that are computed before all others.
    """
    a = compare.pinned(keys)
    sweeps = page.checked(make, values)
    at_once = first(sweeps, values)
    others = () if a is None else _pinned_sweeps(make, a, sweeps)
    if a is None or not others:
        live(sweeps, lambda progress: draw(sweeps, progress, values), kept, at_once)
        return
    runs_of_a, runs_of_b = (frozenset(run for sweep in some for run in sweep.runs()) for some in (others, sweeps))

    told_a, told_b = compare.differences(a.values, values)

    def draw_both(progress: Progress) -> None:
        of_a, of_b = progress.of(runs_of_a), progress.of(runs_of_b)
        beside = Beside(others, see(others, of_a, a.values), told_a, told_b)
        above = st.container()
        with compare.beside(beside):
            draw(sweeps, of_b, values)
        with above:
            _above(beside, see(sweeps, of_b, values), is_complete=len(progress.rows) == progress.num_runs)
            if not beside.charts:
                st.markdown(words.NO_PICTURE if len(of_a.rows) == of_a.num_runs else words.A_WAITS)

    live((*sweeps, *others), draw_both, replace(kept, own=runs_of_b) if kept else None, at_once)


def _pinned_sweeps(make: Make, a: Pinned, sweeps: Sequence[Sweep]) -> tuple[Sweep, ...]:
    """Those of A; none, with a sentence, where they cannot be or do not fit together with the page's own."""
    for note in a.notes:
        st.warning(note, icon=":material/link_off:")
    try:
        others = make(a.values)
        page.check_fits((*sweeps, *others))
    except ValueError as error:
        st.warning(f"A is not shown: {error}", icon=":material/keep_off:")
        return ()
    return others


def _above(a: Beside, b: Mapping[str, Seen], *, is_complete: bool) -> None:
    """Which lines are A's, the main numbers of both, and the charts of A to which B has none of the same kind."""
    said = [words.THIN] if a.behind else []
    if a.settings_of_b:  # else all numbers are the same
        said += [
            words.numbers_compared(b[key].title, seen.numbers, b[key].numbers, is_complete=is_complete)
            for key, seen in a.charts.items()
            if key in b
        ]
    if any(said):
        st.markdown(" ".join(filter(None, said)))
    alone = {key: seen for key, seen in a.charts.items() if key not in a.behind | a.aside}
    for key, seen in alone.items():
        st.markdown(words.a_heading(a.settings))
        page.still(seen.spec, key=f"A {key}", alt=f"A: {seen.alt}")
    if alone:
        st.markdown(words.b_heading(a.settings_of_b))
