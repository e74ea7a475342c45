"""What the page Learning rate shows, in sentences."""

from collections.abc import Mapping, Sequence

from core.config import SweepConfig
from core.intervals import mean_interval
from core.tuning import SMALLEST_DIFFERENCE, Verdict
from explorer.words.shared import band_legend, plus_minus

MAP_ALT = "Map over the learning rate and the number of samples, or the input dimension."
RATES_ALT = "Chart of the memorized fraction against the learning rate."
ONE_SEED = "With one seed nothing can be told apart: choose two or more."
CLAIMED_RATE = 0.01
ADVICE = {"too small": "is **too small**", "unstable": "is **too large** (unstable)"}


def answer(told: Verdict, rate: float, *, dim: int, num_samples: int, num_steps: int) -> str:
    """Is this learning rate right? With what it costs, and what to try.

    Args:
        told: the verdict on the rates at one place.
        rate: the one that is asked about, one of them.
        dim, num_samples: n and N there.
        num_steps: the steps of training.
    """
    place = told.rates.index(rate)
    if told.behind[0].num_values < 2:
        return ONE_SEED
    best = told.rates[told.best]
    subject = f"At n = {dim}, N = {num_samples:,} and {num_steps:,} steps, a learning rate of {rate:g}"
    word = told.word(place)
    behind = told.behind[place]
    middle = told.rates[(told.lowest + told.highest) // 2]  # far from both ends: the best may lie next to one
    fewer = f"it memorizes {plus_minus(behind, 1)} samples fewer (of {num_samples:,}) than the best rate, {best:g}"
    if word != "fine":
        return f"{subject} {ADVICE[word]}: {fewer}. **Try {middle:g}**, the middle of what is fine. {_span(told)}"
    if behind.mean == 0:
        return f"{subject} is **fine**: no other memorizes more. {_span(told)}"
    advice = "" if rate == middle else f" The safest choice is {middle:g}, in the middle."
    return f"{subject} is **fine**: {fewer} (95 % interval), which may be chance. {_span(told)}{advice}"


def _span(told: Verdict) -> str:
    low, high = told.rates[told.lowest], told.rates[told.highest]
    if len(told.rates) == 1:
        return "There is no other rate to compare it with: choose a range of learning rates."
    if told.lowest == told.highest:
        return f"Every other learning rate memorizes less than {low:g} does."
    below = "or less " if told.lowest == 0 else ""
    above = " or more" if told.highest == len(told.rates) - 1 else ""
    num_seeds = told.behind[0].num_values
    return f"From {low:g} {below}to {high:g}{above} all do equally well, as far as {num_seeds} seeds can tell."


def map_legend(config: SweepConfig) -> str:
    """How to read the map."""
    num_seeds = len(config.seeds)
    if num_seeds == 1:
        return f"Each cell: one seed. {ONE_SEED} Frame: the cell that is asked about; **click another**."
    edge = (
        "Dashed: from here up, training ends at the edge of stability (η λ at 90 % or more of it), which does no harm "
        "by itself."
        if config.schedule == "constant"
        else "η λ is that of the last step, whose learning rate is almost 0: no cell ends at the edge of stability."
    )
    return (
        f"Each cell: mean of {num_seeds} seeds. Dot: the learning rate that memorizes most in its column; line "
        "through it: those that cannot be told from it. A rate below the line is *too small* for the steps it has; "
        "one above it is *unstable*: it went further and lost samples by it. A rate is called so where it memorizes "
        "at least a sample less and the difference, paired by seed, is no accident (multiple comparisons with the "
        f"best: wrongly so with a chance of at most 5 %); *fine* means that {num_seeds} seeds cannot tell. {edge} "
        "Frame: the cell that is asked about; **click another**."
    )


def curves_legend(num_seeds: int) -> str:
    """How to read curves over the learning rate."""
    return f"{band_legend(num_seeds)} Dashed: the learning rate that is asked about."


def schedules_answer(
    best: Mapping[str, tuple[float, Sequence[float]]],
    at_asked: Mapping[str, float],
    rate: float,
    *,
    num_samples: int,
    num_steps: int,
) -> str:
    """Which schedule memorizes most at the rate that is asked about, and at its own best.

    Args:
        best: schedule -> its best rate, and C at it for each seed.
        at_asked: schedule -> mean C at the rate that is asked about.
        rate: that rate.
        num_samples: N.
        num_steps: steps of each.
    """
    asked = ", ".join(f"{name} **{mean:.1f}**" for name, mean in at_asked.items())
    text = f"Of {num_samples:,} samples, after {num_steps:,} steps at η = {rate:g}, each memorizes: {asked}."
    means = {name: sum(memorized) / len(memorized) for name, (_, memorized) in best.items()}
    own = ", ".join(f"{name} {means[name]:.1f} (at {own_rate:g})" for name, (own_rate, _) in best.items())
    text = f"{text} At its own best rate: {own}."
    first, last = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    ahead = mean_interval([one - other for one, other in zip(best[first][1], best[last][1], strict=True)])
    if ahead.num_values == 1:
        return f"{text} {ONE_SEED}"
    if ahead.mean < SMALLEST_DIFFERENCE:
        return f"{text} There they differ by less than a sample: with the right rate the schedule does not matter here."
    difference = f"There {first} is {plus_minus(ahead, 1)} samples ahead of {last} (95 % interval, paired by seed)"
    return f"{text} {difference}{'.' if ahead.low > 0 else ', which may be chance.'}"


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
    if rate != CLAIMED_RATE:
        sentences.append(f"This asks about {rate:g}; the claim is about {CLAIMED_RATE:g}.")
    num_seeds = next(iter(told.values())).behind[0].num_values
    sentences.append(f"(*Fine*: {num_seeds} seeds do not tell it from the best rate.)")
    return " ".join(sentences)


def _listed(steps: list[int]) -> str:
    texts = [f"{count:,}" for count in steps]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
