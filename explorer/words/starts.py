"""Whether the initial weights matter, in sentences."""

import pandas as pd

from explorer.words.shared import counted

OVERLAP_ALT = "Chart of how much the sets overlap that different initial weights memorize, against N."
CONSENSUS_ALT = "Bars: how many samples are memorized from how many of the initial weights."
SAME = 0.995
WHY = (
    "The cross-entropy of a linear layer is **convex**: it has one valley, and training that is long enough, with "
    "steps that are short enough, arrives at its bottom from everywhere. While all samples can be memorized, the "
    "valley falls for ever, towards infinite weights, and every start gets all of them right. Far past the capacity it "
    "has a single lowest point (up to one vector added to all classes, which changes no order of logits). In between, "
    "some classes can still be split off from the rest, and their weights alone grow for ever. So the data decide "
    "which samples are kept, and nothing that depends on the start, such as the initial loss, can tell. Where sets "
    "still differ, training has not arrived: too few steps, or steps so long that the weights swing about the lowest "
    "point (try a smaller learning rate)."
)


def overlap_legend(num_starts: int) -> str:
    """How to read the overlap."""
    return (
        f"Line: mean over all pairs of {num_starts:,} initial weights, trained on the same data, of the samples that "
        "both memorize over those that at least one does (Jaccard); band: smallest to largest pair. Dashed: sets of "
        "the same sizes drawn at random. **Click a point** to look closely at its N."
    )


def starts_finding(overlap: pd.DataFrame, consensus: pd.DataFrame, num_samples: int) -> str:
    """How far the starts agree at one N.

    Args:
        overlap: `explorer.frames.overlap_frame`.
        consensus: `explorer.frames.consensus_frame` of this N, not empty.
        num_samples: N.
    """
    here = overlap[overlap["num_samples"] == num_samples].iloc[0]
    starts = int(here["num_starts"])
    always, never = int(consensus["count"].iloc[-1]), int(consensus["count"].iloc[0])
    torn = num_samples - always - never
    agreed = (
        f"{counted(always, 'sample')} are memorized from all {starts} initial weights, {never:,} from none, and "
        f"**{torn:,}** from some"
    )
    if torn == 0 and num_samples in (always, never):
        which = "All" if always else "None"
        return (
            f"{which} of the {counted(num_samples, 'sample')} are memorized from every start: nothing to compare here."
        )
    if here["mean"] >= SAME:
        verdict = "**It does not matter where training starts**"
    elif here["mean"] > 0.9:
        verdict = "**It matters a little where training starts**"
    else:
        verdict = "**Training has not arrived, so it still matters where it started**"
    return (
        f"{verdict} at N = {num_samples:,}: the memorized sets overlap by {here['mean']:.1%}, where random sets would "
        f"by {here['chance']:.0%}; {agreed}."
    )


def consensus_legend() -> str:
    """How to read the bars."""
    return "Bars: samples. Dashed: how many it would be if each start drew its set at random."
