"""What the lesson says when a guess meets its result: one sentence with both."""

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.parameters import TOLD_BEFORE
from explorer.statistics import STATISTICS
from explorer.words.shared import lower, mean_count

GUESS_LEGEND = "Pink: your guess."
STRIPS_ALT = "Strips of coloured cells, one strip a sample, each cell one of its numbers; beside each strip its label."
ALT = {
    "labels": "Bars: how many of 100 labels are right, of learned samples, of new ones and by blind guessing.",
    "layer": "Two charts over the training step: memorized samples C above, the loss below.",
    "curve": "Chart of the number of memorized samples C against the number of samples N, with your guess.",
    "inputs": "Chart of C against N for n = 20 and n = 40, with your guess at the knee of n = 20.",
    "jam": "Chart of the sharpness of the loss against the number of samples N, with the shape that you guessed.",
    "rate": "Chart of the memorized fraction against the learning rate, with your guess.",
    "who": "Bars: how well each statistic that is known before training tells who is memorized; yours is framed.",
    "limit": "Chart of C against N: as trained, at the optimum of the loss, and the most that was found.",
    "bits": "Chart of the bits per parameter against the number of samples N, by three definitions.",
}
SHAPES_TOLD = {
    "falls": ("the sharpness falls", "you were wrong about the direction"),
    "stays": ("the sharpness stays as it is", "you were wrong"),
    "rises": ("the sharpness rises little by little", "you were right about the direction, but it comes all at once"),
    "jumps": ("the sharpness jumps", "you were right"),
}
SPOT_ON = 0.03  # of what can be guessed: nearer than this nobody needs to be
HARDLY = 0.6  # of all pairs: so much more than a half is not yet much
RIGHT_FACTOR = 1.25  # of two values on a logarithmic slider: closer than its steps

# Each sentence goes on after one of these, with the guess.
OWN_GUESS, UNMOVED_GUESS = "You guessed", "You left the guess as it was,"

# It is made of the guess, the numbers found, and the values of the free page's controls in this step.
Guess = Mapping[str, Any]
Values = Mapping[str, Any]
Found = Sequence[float]


def missed(guess: float, found: float, span: float) -> str:
    """How far a guess is from what was found.

    Args:
        guess, found: counts, or means of counts.
        span: what could be guessed, from the least to the most.
    """
    off = round(guess - found)
    if abs(off) <= SPOT_ON * span:
        return "nearly spot on" if off else "spot on"
    return f"{abs(off)} too {'high' if off > 0 else 'low'}"


def missed_times(guess: float, found: float) -> str:
    """The same for what is guessed by its order of magnitude."""
    times = max(guess, found) / min(guess, found)
    if times <= RIGHT_FACTOR:
        return "just right"
    shown = f"{times:.0f}" if times >= 10 else f"{times:.1f}".removesuffix(".0")
    return f"{shown} times too {'high' if guess > found else 'low'}"


def labels_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: how many of the learned samples are right in per cent, how many of 100 new ones."""
    learned, new = found
    return (
        f"{guess['guessNew']}; of what they had learned the layers knew {learned:.0f}%, but of 100 "
        f"new samples they got **{mean_count(new)}** right on average: you were {missed(guess['guessNew'], new, 100)}."
    )


def layer_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: the step from which on all samples were known; how many were known after step 10."""
    last, early = found
    return (
        f"{guess['guessSteps']:,} steps; it knew all {values['at']} from step **{last:,.0f}** on: you were "
        f"{missed_times(guess['guessSteps'], last)}. After ten steps it already knew {early:.0f} of them."
    )


def curve_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: C at each of three N, and these N."""
    guessed = [guess[key] for key in ("guessLow", "guessMid", "guessHigh")]
    kept, of = [round(each) for each in found[:3]], [round(each) for each in found[3:]]
    parts = [missed(*each) for each in zip(guessed, kept, of, strict=True)]
    return (
        f"{guessed[0]}, {guessed[1]} and {guessed[2]}; it kept **{kept[0]}** of {of[0]}, **{kept[1]}** of "
        f"{of[1]} and **{kept[2]}** of {of[2]}: you were {parts[0]}, {parts[1]} and {parts[2]}."
    )


def inputs_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: the capacity at the smaller n, which is guessed, and at the larger one."""
    (knee, other), (n, larger) = found, sorted(values["n"])
    return (
        f"{guess['guessKnee']}; the knee of n = {n} stands at **N = {knee:.0f}**: you were "
        f"{missed(guess['guessKnee'], round(knee), other)}. That of n = {larger} stands at N = {other:.0f}: "
        f"{knee / n:.1f} and {other / larger:.1f} samples for each input."
    )


def jam_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: the N of the jump; the sharpness at one N below it and at one above, and these N."""
    place, before, after, below, above = found
    shape, verdict = SHAPES_TOLD[guess["guessShape"]]
    return (
        f"that {shape}. It **jumps** at N ≈ {place:.0f}, from {before:.2f} at N = {below:.0f} to "
        f"{after:.2f} at N = {above:.0f}: {verdict}."
    )


def rate_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: C at the guessed rate, the best C and its rate, whether the guess is behind the best for sure."""
    kept, best_kept, best, is_behind = found
    begin = f"{guess['guessRate']:g}, which keeps **{mean_count(kept)}** of {values['at']}"
    if guess["guessRate"] == best:
        return f"{begin}: the best of all here. Others beside it are as good."
    most = f"the most, {mean_count(best_kept)}, is kept at {best:g}"
    if not is_behind:
        return f"{begin}; {most}: {values['seeds']} seeds cannot tell the two apart, you were right."
    side = "low" if guess["guessRate"] < best else "high"
    return f"{begin}; {most}: you were too {side}, and {best_kept - kept:.0f} samples behind."


def who_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: AUROC of the guessed statistic; where chance ends; AUROC of the best, and of the best of those
    to choose from, each with its place in the table.
    """
    own, chance, best, place, best_offered, place_offered = found
    name = lower(STATISTICS[guess["guessSign"]].name)
    first, offered = (lower(STATISTICS[list(STATISTICS)[int(each)]].name) for each in (place, place_offered))
    if own <= chance:
        verdict = "that is no better than a coin"
    else:
        verdict = "that is hardly better" if own < HARDLY else "you were right"
    return (
        f"the {name}; it picks the memorized one of a pair in **{own:.0%}** of all pairs, where a coin "
        f"gets 50%: {verdict}. Of the {len(TOLD_BEFORE)} the {offered} picks best, {best_offered:.0%}; of all that the "
        f"chart shows, the {first}, {best:.0%}."
    )


def limit_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: C as trained, at the optimum of the loss, and the most that was found, of N."""
    trained, optimum, most = found
    return (
        f"{guess['guessOptimum']}; the lowest loss of all keeps **{mean_count(optimum)}**, where Adam "
        f"keeps {mean_count(trained)}: you were {missed(guess['guessOptimum'], optimum, values['at'])}. Yet other "
        f"weights keep at least {mean_count(most)}."
    )


def bits_told(guess: Guess, found: Found, values: Values) -> str:
    """Args: found: the most bits per parameter by Liu's definition, its N; by Morris' and by Fano's."""
    liu, num_samples, morris, fano = found
    return (
        f"{guess['guessBits']:g}; a parameter holds **{liu:.2f} bits** at N = {num_samples:.0f} by Liu's "
        f"definition, {morris:.2f} by Morris' and {fano:.2f} by Fano's: you were "
        f"{missed_times(guess['guessBits'], liu)}."
    )
