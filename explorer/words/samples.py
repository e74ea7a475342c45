"""What the page Samples says of all samples, and of a single one."""

import math

import pandas as pd

from explorer.frames import FATES, Place, Separation
from explorer.statistics import STATISTICS
from explorer.words.shared import counted, lower

SAMPLES_ALT = "Chart of two statistics of every sample, memorized samples filled, the others hollow."
TABLE_ALT = "Table of the samples, one row each, with all statistics."
EVERY_SAMPLE = "One row a sample. Click a column's name to sort, a row to open its sample."
LOGITS_ALT = "Bars: the logit of every class for this sample."
ALONG_ALT = "Two charts over the training step: the probability of this sample's label, and its loss."
CORNERS = {"easy": (0.3, 0.08), "ambiguous": (0.86, 0.6), "hard": (0.3, 0.95)}
WATCH_LEGEND = (
    "Every mark is a sample; it rises as the layer gives its label a higher probability, and lights up in the moment "
    "in which it is memorized. Back at step 0 stand the same initial weights again. **Click** a sample to follow it."
)
NEVER_LAST = " Samples that were never memorized stand at the last step."
CARTOGRAPHY_LEGEND = (
    "After Swayamdipta et al., “Dataset cartography” (arXiv:2009.10795), with every step as an epoch. Confidence: the "
    "mean over training of the probability of a sample's label; variability: its standard deviation. Theirs: high and "
    "left is easy, right is ambiguous, low and left is hard. Here all labels are random and every sample starts near "
    "1/V, so what is learned has to rise: the surest samples vary most, and the map is an arc from hard to easy. Hard "
    "are not the wrongly labelled, but those that the accidents of the others speak against."
)
FATE_HELP = "Which of the two layers memorize it: both, only A, only B (the one shown), or neither"
OTHER_SAMPLES = (
    "A has other samples than B: none can be followed from one to the other. They have the same with the same data "
    "set, $n$, $V$ and $N$, both *Fresh* or both *Nested*; nested, those of a smaller $N$ are also among those of a "
    "larger one."
)
NEAR = 0.1  # of all samples: those most like one
EITHER_WAY = (0.35, 0.65)  # a share of memorized samples that leaves it open
WORTH_TELLING = 0.5  # standard deviations: less is neither for nor against


def samples_legend(samples: pd.DataFrame, x: str, y: str) -> str:
    """How to read the chart of all samples, and what it leaves out."""
    missing = int(samples[[x, y]].isna().any(axis=1).sum())
    never = f" Without a mark: {counted(missing, 'sample')} that never had a first step." if missing else ""
    return (
        f"Filled: memorized, which means that after training its label has the largest logit. Hollow: not.{never} "
        "**Drag** a rectangle to list only the samples in it; a click beside it ends that. **Click** a sample (inside "
        "the rectangle: its row in the table) to open it below."
    )


def memorized_of(samples: pd.DataFrame, num_classes: int) -> str:
    """How many are memorized, and how many would be by blind guessing."""
    count, total = int(samples["memorized"].sum()), len(samples)
    return (
        f"The layer memorizes **{count:,} of {counted(total, 'sample')}**; blind guesses get about "
        f"{total / num_classes:,.3g}."
    )


def samples_finding(samples: pd.DataFrame, num_classes: int, statistic: str, separation: Separation) -> str:
    """How many are memorized, and what the horizontal axis knows of which.

    Args:
        samples: `explorer.frames.samples_frame`.
        num_classes: V.
        statistic: one of `STATISTICS`.
        separation: of it.
    """
    told = STATISTICS[statistic]
    count = int(samples["memorized"].sum())
    if count in (0, len(samples)):
        advice = "raise N" if count else "lower N, or train longer"
        return f"{memorized_of(samples, num_classes)} There is nobody to tell apart: {advice}."
    if told.when != "before":
        known = "noted during training" if told.when == "during" else "known only after training"
        describes = f"The {lower(told.name)} is {known}: it predicts nothing, it describes."
        return f"{memorized_of(samples, num_classes)} {describes}"
    which = "smaller" if statistic == "initial_loss" else "larger"
    by_chance = separation.low <= separation.share <= separation.high
    return (
        f"{memorized_of(samples, num_classes)} The {lower(told.name)}, known before training, is {which} for a "
        f"memorized sample than for one that is not in **{separation.share:.0%}** of all such pairs. If chance drew "
        f"who is memorized, it would be {separation.low:.0%} to {separation.high:.0%} in 99.7 % of all draws: "
        f"{'this cannot be told from chance' if by_chance else 'this is not chance'}."
    )


def fates_told(fates: pd.Series) -> str:
    """Who is memorized by A and B, by one of them, by neither: see `explorer.frames.fates`."""
    both, only_a, only_b, neither = (int((fates == fate).sum()) for fate in FATES)
    total = both + only_a + only_b + neither
    by_chance = (both + only_a) * (both + only_b) / total
    return (
        f"Of the {counted(total, 'sample')} that A and B have in common, both memorize **{both:,}**, only A "
        f"**{only_a:,}**, only B **{only_b:,}**, neither {neither:,}. If the two were independent, both would "
        f"memorize about {by_chance:,.0f}. The table tells it of each sample."
    )


def brushed(samples: pd.DataFrame, inside: pd.DataFrame) -> str:
    """What the rectangle holds."""
    if inside.empty:
        return "No sample lies in the rectangle."
    return (
        f"**{counted(len(inside), 'sample')} in the rectangle**, {inside['memorized'].mean():.0%} of them memorized "
        f"(of all: {samples['memorized'].mean():.0%})."
    )


def why(samples: pd.DataFrame, sample: int, alignment: Place, least_squares: Place) -> str:
    """Why one sample was or was not memorized: what was to be expected, and how it came.

    Args:
        samples: `explorer.frames.samples_frame`.
        sample: its number.
        alignment, least_squares: its place in these statistics.
    """
    own = samples.iloc[sample]
    state = "memorized" if own["memorized"] else "not memorized"
    head = (
        f"**Sample {sample:,} has label {own['label']} and is {state}**; its nearest competitor is class "
        f"{own['competitor']}."
    )
    total = len(samples)
    if total < 2:
        return head
    if own["label_count"] == 0:
        geometry = "No other sample has its label."
    else:
        toward = {1: "its way", 0: "neither its way nor away from it", -1: "away from it"}[_sign(alignment.deviations)]
        geometry = (
            f"Its label's class mean, made of the other samples, points {toward}: alignment "
            f"{_signed(alignment.deviations)} s.d., rank {alignment.rank:,} of {total:,}."
        )
    fit = (
        f"In the least-squares fit to the other {counted(total - 1, 'sample')} its margin is number "
        f"{least_squares.rank:,} of {total:,}."
    )
    return f"{head} {geometry} {fit} {_expected(samples, own)}"


def _expected(samples: pd.DataFrame, own: pd.Series) -> str:
    """What samples like this one came to."""
    count = int(samples["memorized"].sum())
    if count in (0, len(samples)):
        return f"Here {'every' if count else 'no'} sample is memorized."
    num_near = max(5, round(NEAR * len(samples)))
    others = samples.drop(index=own["sample"])
    distance = (others["least_squares_margin"] - own["least_squares_margin"]).abs()
    like_it = others.loc[distance.nsmallest(num_near).index]
    share = float(like_it["memorized"].mean())
    if EITHER_WAY[0] < share < EITHER_WAY[1]:
        verdict = "it could have gone either way"
    elif own["memorized"] == (share > sum(EITHER_WAY) / 2):
        verdict = "so this was to be expected"
    else:
        verdict = "so this one is an exception"
    return (
        f"Of the {counted(len(like_it), 'sample')} with the nearest margin {share:.0%} are memorized (of all: "
        f"{count / len(samples):.0%}): {verdict}."
    )


def along(own: pd.Series, num_steps: int) -> str:
    """When a sample was first memorized and forgotten.

    Args:
        own: a row of `explorer.frames.samples_frame`.
        num_steps: how many steps were taken.
    """
    if math.isnan(own["first_step"]):
        return f"It was never memorized in {counted(num_steps, 'step')}."
    first = (
        "By luck it was memorized before the first step"
        if own["first_step"] == 0
        else f"It was first memorized at step {own['first_step']:,.0f}"
    )
    times = int(own["forgetting_events"])
    if times == 0:
        return f"{first}, and never forgotten."
    often = "once, at step" if times == 1 else f"{times:,} times, last at step"
    again = ", but learned again" if own["memorized"] else ""
    return f"{first}, and forgotten {often} {own['last_forgotten']:,.0f}{again}."


def _sign(deviations: float) -> int:
    return 0 if abs(deviations) < WORTH_TELLING else 1 if deviations > 0 else -1


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
