"""The coin: why chance has a say, in sentences."""

import math

from explorer.frames import Guesses

COIN_ALT = "Two bars: how often a coin showed heads, and how often tails."
ALIGNED_ALT = "Histogram of how far each sample's class points its way, memorized samples below the others."
COIN_LEGEND = (
    "The coin is fair: there is nothing to learn. But whoever may say one thing only, and says the side that came more "
    "often, is right more than half of the time, and *which* tosses he gets right was decided by the tosses, not by "
    "what he thought before."
)


def coin_finding(heads: int, tosses: int) -> str:
    """What the luckier side is worth."""
    lucky = max(heads, tosses - heads)
    side = "heads" if heads >= tosses - heads else "tails"
    excess = math.sqrt(1 / (2 * math.pi * tosses))
    return (
        f"**{heads:,} heads and {tosses - heads:,} tails.** Always saying “{side}” is right {lucky:,} times of "
        f"{tosses:,}: {lucky / tosses:.1%}. On average the luckier side of {tosses:,} tosses gets about "
        f"{0.5 + excess:.1%}: the accident shrinks with the square root of the number of tosses, and never to nothing."
    )


def class_means_finding(guesses: Guesses, memorized_toward: float, memorized_away: float, num_classes: int) -> str:
    """The same with the class means of the data that are opened.

    Args:
        guesses: `explorer.frames.class_mean_guesses`.
        memorized_toward, memorized_away: memorized share of the samples that their class points toward, and of others.
        num_classes: V.
    """
    total = len(guesses.toward)
    toward = int(guesses.toward.sum())
    return (
        f"Labels are a coin with {num_classes} sides. The inputs of one label should cancel to a mean of zero, and do "
        f"not quite. **{toward:,} of {total:,}** samples happen to lie on the side to which the others of their class "
        f"point; of these **{memorized_toward:.0%}** are memorized, of the rest **{memorized_away:.0%}**."
    )


def guesses_finding(guesses: Guesses, num_memorized: int, num_classes: int) -> str:
    """What one learns by guessing the class whose mean points most a sample's way."""
    total = len(guesses.toward)
    return (
        "Guess for each sample the class whose mean points most its way. With the sample itself in that mean, "
        f"**{guesses.with_itself:,}** of {total:,} guesses are right: to remember the means is to remember the "
        f"samples. Without it, **{guesses.without_itself:,}** are, where blind chance gives "
        f"{total / num_classes:,.0f}: there is nothing to understand. Trained, the layer gets **{num_memorized:,}**."
    )
