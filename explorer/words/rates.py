"""What the page Learning rate shows, in sentences."""

from collections.abc import Mapping

from core.tuning import Verdict
from explorer.words.shared import band_legend, plus_minus

MAP_ALT = "Map of the memorized fraction over learning rate and number of samples."
RATES_ALT = "Chart of the memorized fraction against the learning rate."
ONE_SEED = "With one seed no two learning rates can be told apart: choose two or more."
ADVICE = {"too small": "is **too small**", "unstable": "is **too large: its steps are unstable**"}


def answer(told: Verdict, rate: float, *, where: str, num_samples: int, num_steps: int) -> str:
    """Is this learning rate right? With what it costs, and what to try.

    Args:
        told: the verdict on the rates at one place.
        rate: the one that is asked about, one of them.
        where: that place, such as "n = 40, N = 200".
        num_samples: N there.
        num_steps: the steps of training.
    """
    place = told.rates.index(rate)
    if told.behind[0].num_values < 2:
        return ONE_SEED
    best = told.rates[told.best]
    subject = f"At {where} and {num_steps:,} steps, a learning rate of {rate:g}"
    word = told.word(place)
    behind = told.behind[place]
    middle = told.rates[(told.lowest + told.highest) // 2]  # far from both ends: the best may lie next to one
    fewer = f"it memorizes {plus_minus(behind, 1)} samples fewer (of {num_samples:,}) than the best rate, {best:g}"
    if word != "fine":
        return f"{subject} {ADVICE[word]}: {fewer}. **Try {middle:g}.** {_span(told)}"
    if place == told.best:
        return f"{subject} is **fine**: no other memorizes more. {_span(told)}"
    return f"{subject} is **fine**: {fewer}, and cannot be told from it. {_span(told)}"


def _span(told: Verdict) -> str:
    low, high = told.rates[told.lowest], told.rates[told.highest]
    if told.lowest == told.highest:
        return f"Every other rate of the map memorizes fewer than {low:g}."
    below = "or less " if told.lowest == 0 else ""
    above = " or more" if told.highest == len(told.rates) - 1 else ""
    return f"From {low:g} {below}to {high:g}{above} none can be told from the best."


def map_legend(num_seeds: int) -> str:
    """How to read the map."""
    return (
        f"Each cell: mean of {num_seeds} {'seed' if num_seeds == 1 else 'seeds'}. Dot: the learning rate that "
        "memorizes most in its column; line through it: those that cannot be told from it (less than a sample behind, "
        "or the 95 % interval of the difference, paired by seed, reaches zero). Below the line a rate is *too small* "
        "for the steps it has; above it is *unstable*. Dashed: from here up, training ends at the edge of stability "
        "(η λ at 90 % or more of it), which does no harm by itself. Frame: the cell that is asked about; **click "
        "another**."
    )


def curves_legend(num_seeds: int) -> str:
    """How to read curves over the learning rate."""
    return f"{band_legend(num_seeds)} Dashed: the learning rate that is asked about."


def schedules_answer(
    told: Mapping[str, Verdict], means: Mapping[str, float], *, num_samples: int, num_steps: int
) -> str:
    """Which schedule memorizes most at its best rate.

    Args:
        told: schedule -> verdict on the rates.
        means: schedule -> C of its best rate, mean over seeds.
        num_samples: N.
        num_steps: steps of each.
    """
    parts = [
        f"{name} **{means[name]:.1f}** of {num_samples:,} (at its best rate, {verdict.rates[verdict.best]:g})"
        for name, verdict in told.items()
    ]
    spread = max(means.values()) - min(means.values())
    end = (
        "The schedules differ by less than a sample: here it does not matter."
        if spread < 1
        else f"The best is {spread:.1f} samples ahead of the last."
    )
    return f"After {num_steps:,} steps each schedule memorizes: {', '.join(parts)}. {end}"


def claim_answer(told: Mapping[tuple[int, int], Verdict], rate: float) -> str:
    """What our measurement says of the post's claim that 0.01 is too small for n = 10 and too large for n = 40.

    Args:
        told: (n, steps) -> verdict on the rates.
        rate: the one that is asked about.
    """
    words = {case: verdict.word(verdict.rates.index(rate)) for case, verdict in sorted(told.items())}
    sentences = []
    for n in sorted({n for n, _ in words}):
        parts = [
            f"**{word}** at {_listed([steps for (dim, steps), said in words.items() if (dim, said) == (n, word)])} "
            "steps"
            for word in dict.fromkeys(said for (dim, _), said in words.items() if dim == n)
        ]
        sentences.append(f"At n = {n}, a learning rate of {rate:g} is {' and '.join(parts)}.")
    if "unstable" not in words.values():
        sentences.append("Nowhere is it too large.")
    num_seeds = next(iter(told.values())).behind[0].num_values
    sentences.append(f"(*Fine*: {num_seeds} seeds do not tell it from the best rate.)")
    return " ".join(sentences)


def _listed(steps: list[int]) -> str:
    texts = [f"{count:,}" for count in steps]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
