"""The coin: why chance has a say, in sentences."""

import math

import numpy as np
from numpy.typing import NDArray

from core.bias import Guesses
from explorer.words.shared import counted

COIN_ALT = "Two bars: how often a coin showed heads, and how often tails."
ALIGNED_ALT = "Histogram of how far each sample's class points its way, memorized samples below the others."
COIN_LEGEND = (
    "The coin is fair: there is nothing to learn. But whoever may say one thing only, and says the side that came more "
    "often, is right more than half of the time (blue), and *which* tosses he gets right was decided by the tosses, "
    "not by what he thought before."
)


def coin_finding(heads: int, tosses: int) -> str:
    """What the luckier side is worth."""
    lucky = max(heads, tosses - heads)
    side = "heads" if heads >= tosses - heads else "tails"
    excess = math.comb(tosses, tosses // 2) / 2 ** (tosses + 1)  # of the mean share over a half, for an even number
    return (
        f"**{heads:,} heads and {tosses - heads:,} tails.** Always saying “{side}” is right {lucky:,} times of "
        f"{tosses:,}: {lucky / tosses:.1%}. On average the luckier side of {tosses:,} tosses gets about "
        f"{0.5 + excess:.1%}: the accident shrinks with the square root of the number of tosses, and never to nothing."
    )


def class_means_finding(toward: NDArray[np.bool_], memorized: NDArray[np.bool_], num_classes: int) -> str:
    """The same with the classes of the data that are opened.

    Args:
        toward: whether the others of its class point a sample's way, of all samples whose class has others.
        memorized: of the same samples.
        num_classes: V.
    """
    kept = " ".join(
        f"Of {words} **{memorized[chosen].mean():.0%}** are memorized."
        for words, chosen in (("these", toward), ("the others", ~toward))
        if chosen.any()
    )
    return (
        f"Labels are a coin with {num_classes} sides. The inputs of one label should cancel to a mean of zero, and do "
        f"not quite. **{toward.sum():,} of {counted(len(toward), 'sample')}** happen to lie on the side to which the "
        f"others of their class point. {kept}"
    )


def guesses_finding(guesses: Guesses, num_memorized: int, num_classes: int) -> str:
    """What one learns by guessing the class whose samples point most a sample's way."""
    total = len(guesses.toward)
    return (
        "Guess for each sample the class whose samples, summed up, point most its way. With the sample itself in the "
        f"sum, **{guesses.with_itself:,}** of {total:,} are right: to remember the sums is to remember the samples. "
        f"Without it, **{guesses.without_itself:,}** are, where blind chance gives {total / num_classes:,.3g}: there "
        f"is nothing to understand. Trained, the layer gets **{num_memorized:,}**."
    )
