"""Two settings of a page side by side, in sentences."""

import math
from collections.abc import Mapping

from explorer.words.shared import mean_count

AS_SHOWN = "the same as now. Change a setting, and A stays."
NO_PICTURE = "This view has no picture that can stand beside another; *Swap A and B* shows that of A."
THIN = "Thin lines without points: A."
A_WAITS = "*The picture of A comes when it is trained.*"


def pinned_heading(a: str, b: str) -> str:
    """What is compared with what.

    Args:
        a, b: the settings of A and B that differ; empty if none does.
    """
    return f"{a_heading(a)}. {b_heading(b)}." if a else f"**A**: {AS_SHOWN}"


def a_heading(settings: str) -> str:
    """Above what is shown of A: what differs."""
    return f"**A**: {settings}" if settings else "**A**"


def b_heading(settings: str) -> str:
    """The same for B."""
    return f"**B** (now): {settings}" if settings else "**B** (now)"


def pinned_alt(a: str, alt: str) -> str:
    """What is added to the alternative text of a chart that the curves of A lie behind."""
    return f" Behind it, in thin lines, A, {a or 'with the same settings'}: {alt}"


def numbers_compared(title: str, a: Mapping[str, float], b: Mapping[str, float], *, is_complete: bool) -> str:
    """The main number of a page, in A and in B, with the difference, for all that both have.

    Args:
        title: what the numbers are.
        a, b: what each is of -> number; "" for a page that has but one.
        is_complete: whether no run can change them any more.

    Returns:
        An empty text where they have none in common.
    """
    both = [name for name in b if name in a]
    if not both:
        return ""
    so_far = "" if is_complete else ", so far"
    return f"{title}, from A to B{so_far}: {'; '.join(_step(name, a[name], b[name]) for name in both)}."


def _step(name: str, a: float, b: float) -> str:
    largest = max(abs(a), abs(b))
    decimals = 2 - math.floor(math.log10(largest)) if 0 < largest < 1 else 1  # a sharpness has no use for one

    def told(value: float) -> str:
        return mean_count(value) if decimals == 1 else f"{value:.{decimals}f}"

    more = round(b, decimals) - round(a, decimals)
    difference = "the same" if told(a) == told(b) else f"{'+' if more > 0 else '−'}{told(abs(more))}"
    return f"{name}{': ' * bool(name)}{told(a)} → **{told(b)}** ({difference})"
