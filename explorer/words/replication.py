"""What the page Replication shows, in sentences."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.config import SweepConfig
from explorer.frames import Fit, Quantity
from explorer.words.shared import CITATION, band_legend, counted

FIGURE_1_ALT = "Our curves of C against N over the published points of Figure 1, and the differences for each n."
FIGURE_2_ALT = "Our C and sharpness against N over the published points of Figure 2, and the differences."
MISFIT_ALT = "Two maps of the misfit over the number of classes V and of training steps, with a bias and without one."
MISFIT_TITLES: dict[Quantity, str] = {
    "num_memorized": "Misfit of C (samples)",
    "sharpness": "Misfit of the sharpness",
}
MAP_WAITS = "*The map fills from few steps to many, first from one seed, then from the others.*"
NO_MAP = "**No setting can be judged:** each has a point at which all of its runs diverged."
ONE_RUN = "With one seed nobody knows how much single runs scatter: choose two or more to judge the differences."
QUANTITIES: dict[Quantity, str] = {"num_memorized": "C", "sharpness": "the sharpness"}
FAR = 2.0  # times the distance of one more run: not even close

# What each step of the story asks. What is found stands under the chart, and is measured.
STORY = {
    "text": "**The text.** It says that each sample has one of 40 labels. Then our curves at V = 40 must run through "
    "its diamonds. Do they, at every n?",
    "memorized": "**The search.** Each cell is an attempt at the whole of Figure 1: so many labels, so many steps, "
    "with a bias or without one. Its number says how far it is from the diamonds. Which columns come near? Do the rows "
    "matter?",
    "without": "**A second witness.** C alone hardly tells whether there is a bias, or how long was trained. The "
    "sharpness of Figure 2 may know more. Here are 10 labels without a bias: look at the height past the jump.",
    "sharpness": "**The second search.** The same cells, judged by the sharpness. Past the jump its height depends on "
    "the labels and the bias; below it, longer training flattens the loss, so the jump tells the steps.",
    "figure 2": "**The reconstruction.** 10 labels, a bias, 2,000 steps of Adam at 0.01, at every published N. Are "
    "both curves those of Figure 2?",
    "figure 1": "**The proof.** One setting for everything: does it also meet all four curves of Figure 1?",
}


def no_step(settings: str) -> str:
    """Instead of the story, where the settings are those of none of its steps.

    Args:
        settings: those that are not the figures' own; empty if all are.
    """
    away = f": {settings}, set here, by the link or on the page before" if settings else ""
    return f"*This is none of the six steps{away}. Press a step to set everything.*"


def number(value: float, quantity: Quantity) -> str:
    """A size of residuals: in samples, or of a sharpness."""
    return f"{value:.1f}" if quantity == "num_memorized" else f"{value:.4f}"


def signed_number(value: float, quantity: Quantity) -> str:
    """A residual, with its sign; 0 has none."""
    size = number(abs(value), quantity)
    sign = "−" if value < 0 else "+"
    return f"{sign if float(size) else ''}{size}"


# --- one setting ------------------------------------------------------------------------------------------------------


def residuals_finding(found: Fit, parts: Mapping[int, Fit], quantity: Quantity) -> str:
    """How far ours is from the published points, beside how far one more run of ours would be.

    Args:
        found: of all points.
        parts: n -> of its points.
        quantity: what is compared.
    """
    unit = " samples" if quantity == "num_memorized" else ""
    each = ", ".join(
        f"{signed_number(part.mean, quantity)} and {number(part.rms, quantity)} at n = {n}" for n, part in parts.items()
    )
    mean, rms = signed_number(found.mean, quantity), number(found.rms, quantity)
    size = (
        f"Over {counted(found.num_points, 'point')}, ours minus published is {mean}{unit} on average and {rms} as a "
        f"root mean square{f' ({each})' if each else ''}."
    )
    name = _capitalized(QUANTITIES[quantity])
    if math.isnan(found.another):
        return f"**{name}.** {size} {ONE_RUN}"
    return (
        f"**{name}: {_verdict(found, parts)}.** {size} One more run of this very setting would be "
        f"{number(found.another, quantity)} from ours, and more than {number(found.most, quantity)} only one time in "
        f"twenty. {found.num_explained:,} of the {found.num_points:,} differences "
        f"({100 * found.num_explained / found.num_points:.0f} %) are no larger than one more run explains; of its own, "
        "95 % would be so."
    )


def _capitalized(name: str) -> str:
    return name[0].upper() + name[1:]


def _verdict(found: Fit, parts: Mapping[int, Fit]) -> str:
    if found.is_reached:
        return "the published run could be one more run of this setting"
    if found.rms < FAR * found.another:
        return "the published run is close to this setting, though one more run of it would hardly be as far off"
    worst = max(parts, key=lambda n: parts[n].rms) if parts else None
    return "the published run was not made with this setting" + (f", least of all at n = {worst}" if worst else "")


def twice_note(rms: float) -> str:
    """How far the post's own two runs are apart."""
    return (
        f"The post trained n = 40 twice, once for each figure: its own two curves of C are {rms:.1f} samples apart "
        "(root mean square). So much do single runs differ."
    )


def odd_note(odd: pd.DataFrame) -> str | None:
    """Which rows of `explorer.frames.published_points` do not count, and why; None if there are none."""
    if odd.empty:
        return None
    names = "; ".join(
        f"n = {n}, N = {at}, where C = {value:.0f}"
        for n, at, value in zip(odd["input_dim"], odd["num_samples"], odd["published"], strict=True)
    )
    return (
        f"Drawn, but not counted: {names}. It lies far from its neighbours on its own curve, as no other point and no "
        "run of ours does; it may be an accident of that run, or of reading the figure."
    )


def residuals_legend(config: SweepConfig, which: int) -> str:
    """How to read the charts of one figure."""
    grey = (
        " Grey: within so much of ours 95 % of the points of one more run of our setting would lie (two standard "
        "deviations, averaged over nearby N, of a single run and of our mean, and the reading error); pale bars are "
        "inside, bold ones are not."
        if len(config.seeds) > 1
        else ""
    )
    return (
        f"{band_legend(len(config.seeds))} Diamonds: published, one run, read off Figure {which} of {CITATION}. "
        f"Dashed: everything memorized, C = N. Bars: ours minus published, point by point.{grey}"
    )


# --- the map ----------------------------------------------------------------------------------------------------------


def misfit_finding(cells: pd.DataFrame, quantity: Quantity, asked: Mapping[str, Any], num_missing: int = 0) -> str:
    """Which setting comes nearest, whether as near as one more run of it, and what others there are.

    Args:
        cells: `explorer.frames.misfit_frame` of all settings that can be judged.
        quantity: what is compared.
        asked: the setting of the controls: bias, num_classes, num_steps.
        num_missing: settings that cannot, for all runs of a point diverged.
    """
    if cells.empty:
        return NO_MAP
    unit = " samples" if quantity == "num_memorized" else ""
    best = cells.iloc[int(cells["misfit"].argmin())]
    text = (
        f"**Smallest misfit of {QUANTITIES[quantity]}: {number(best['misfit'], quantity)}{unit} at "
        f"{setting(best)}.** {_beside_another(best, quantity)}"
    )
    here = cells[(cells[list(asked)] == pd.Series(asked)).all(axis=1)]
    if len(here) and setting(here.iloc[0]) != setting(best):
        framed = here.iloc[0]
        text = f"{text} The framed one, {setting(framed)}, has {number(framed['misfit'], quantity)}."
    text = f"{text} {_others(cells[cells['is_reached'].astype(bool)])}"
    if num_missing:
        text = f"{text} Not judged: {counted(num_missing, 'setting')}, with a point at which all runs diverged."
    return text


def _beside_another(best: pd.Series, quantity: Quantity) -> str:
    """Whether one more run of a setting would be as far off."""
    if math.isnan(best["another"]):
        return "So many of its runs diverged that nobody knows how much single ones scatter."
    return (
        f"One more run of that setting would have about {number(best['another'], quantity)}, and at most "
        f"{number(best['most'], quantity)} in 19 of 20 cases: the published run "
        f"{'could be one.' if best['is_reached'] else 'is farther off than that.'}"
    )


def setting(row: pd.Series) -> str:
    """One cell, in words."""
    bias = "with a bias" if row["bias"] else "without a bias"
    return f"V = {row['num_classes']:.0f}, {bias}, {row['num_steps']:,.0f} steps"


def _others(reached: pd.DataFrame) -> str:
    """What all the settings have in common that may be that of the published run."""
    if reached.empty:
        return "So this measure leaves none of these settings."
    if len(reached) == 1:
        return "No other setting could have made the published run, as far as this measure tells."
    labels = _listed(sorted(set(reached["num_classes"])))
    steps = _listed(sorted(set(reached["num_steps"])))
    bias = {
        frozenset({True}): "all with a bias",
        frozenset({False}): "all without a bias",
    }.get(frozenset(reached["bias"]), "with a bias and without")
    return (
        f"{len(reached)} settings, those with a dot, could have made it, as far as this measure tells: V = {labels}, "
        f"{steps} steps, {bias}."
    )


def _listed(numbers: Sequence[int]) -> str:
    texts = [f"{value:,}" for value in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def misfit_legend(quantity: Quantity, num_samples: Sequence[int], num_seeds: int) -> str:
    """How to read the map."""
    what = (
        "C to the diamonds of Figure 1, all four n, in samples"
        if quantity == "num_memorized"
        else "the sharpness to the diamonds of Figure 2, n = 40"
    )
    return (
        f"In each cell: the distance of {what}, as a root mean square over {len(num_samples)} of the 80 published N, "
        f"evenly from {num_samples[0]} to {num_samples[-1]} (all would take long), "
        f"mean of {num_seeds} seeds. Bright: near. Ring: the nearest. Dot: no farther than one more run of that very "
        "setting would be in 19 of 20 cases, so that nearer cannot be told from it. Frame: the setting of "
        f"the controls. **Click a cell to see it beside the figure.** Diamonds and figures: {CITATION}."
    )
