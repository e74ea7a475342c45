"""Sentences that several pages say."""

import pandas as pd

from core.config import LIMITS
from core.intervals import Interval
from core.turns import Place

CITATION = "Ziming Liu, “Memory 1 -- How much do linear layers memorize?” (2026)"
OPTIMIZERS = {"adam": "Adam", "gd": "gradient descent"}
ONLY_HERE = (
    "It leads to this computer only. To share it, start the app as the README says under *For a class*, open it at the "
    "address that this computer has in the network, and copy the link there."
)
CLOSE = 1e-3  # nats above the least loss: as good as there


def band_legend(num_seeds: int) -> str:
    """What lines and bands are."""
    if num_seeds == 1:
        return "Line: one seed."
    return f"Line: mean of {num_seeds} seeds; band: ± 1 standard deviation over them."


def signed(value: float) -> str:
    """A whole number with its sign, a real minus; 0 has none."""
    rounded = round(value)
    return "0" if rounded == 0 else f"{rounded:+,d}".replace("-", "−")


def plus_minus(interval: Interval, digits: int = 0) -> str:
    """A mean with its 95 % interval, or alone where one value has none."""
    if interval.num_values < 2:
        return f"{interval.mean:,.{digits}f}"
    return f"{interval.mean:,.{digits}f} ± {interval.high - interval.mean:,.{digits}f}"


def diverged(runs: pd.DataFrame) -> str:
    """How many runs have no finite loss, and why."""
    lost = runs[runs["diverged"].astype(bool)]
    return (
        f"{len(lost):,} of {len(runs):,} networks diverged: their loss is no longer a finite number, and they are left "
        f"out. The learning rate {lost['learning_rate'].min():g} is too large; lower it."
    )


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def mean_count(value: float) -> str:
    """A count, or a mean of counts."""
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 or abs(value) >= 1000 else f"{value:,.1f}"


def nats(value: float) -> str:
    """A loss."""
    return f"{value:.2g} nats" if value < 10 else f"{value:,.0f} nats"


def lower(name: str) -> str:
    """A name in the middle of a sentence."""
    return name[0].lower() + name[1:]


def queued(place: Place | None) -> str:
    """Who else has a turn, after how far a sweep is; nothing while it is alone."""
    if place is None:
        return ""
    if place.of > 1:
        return f" – number {place.position} of {place.of} sweeps that take turns"
    return "" if place.is_served else " – waits until others' long work leaves a worker free"


def too_many_samples(n: int, v: int, num_samples: int) -> str:
    """That a layer cannot be looked at."""
    return (
        f"n = {n} inputs and V = {v:,} classes hold so much that up to N = {num_samples:,} samples would be needed, "
        f"but at most {LIMITS['num_samples'].high:,.0f} are allowed: choose fewer inputs or classes."
    )
