"""What the first page says: the question, and the three findings of the post that the other pages make live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HOME_QUESTION = "How much can one linear layer memorize, and what does it forget?"
HOME_INTRO = (
    "Give random inputs one of 10 labels each, at random: there is nothing to understand, only to memorize. Here "
    "layers of four sizes are trained on more and more samples $N$, and each curve counts the $C$ whose label the "
    "layer gets right."
)


@dataclass(frozen=True)
class Card:
    """One finding, and the page where it is made live.

    Attributes:
        key: name of its picture in `explorer/thumbnails`.
        title: the finding, in a few words.
        text: the same with what is behind it, in Markdown.
        alt: what its picture shows, for who cannot see it.
        page: the address of the page that it leads to.
        values: of that page's controls; others have their defaults.
        invitation: the words of the link.
    """

    key: str
    title: str
    text: str
    alt: str
    page: str
    values: Mapping[str, Any]
    invitation: str


CARDS = (
    Card(
        key="capacity",
        title="1. Memory fills up",
        text="Up to about four samples for each of its $n$ inputs the layer memorizes nearly all. There its memory is "
        "full: asked for more, it first keeps even fewer. This capacity is in proportion to $n$.",
        alt="Memorized samples C against samples N, four curves. Each follows the line C = N and leaves it at a knee, "
        "near 41, 82, 126 and 177 samples for n = 10, 20, 30 and 40.",
        page="capacity",
        values={},
        invitation="See it in Capacity",
    ),
    Card(
        key="jamming",
        title="2. Then the loss jams",
        text="Where memory is full, the loss turns sharp all at once, as grains jam when they are packed too densely. "
        "A sharper loss asks for smaller learning rates.",
        alt="Below C against N, the sharpness of the loss for n = 40: near 0 as long as all is memorized, it jumps at "
        "about N = 160, where memory is full, and stays near 0.27.",
        page="jamming",
        values={},
        invitation="See it in Jamming",
    ),
    Card(
        key="samples",
        title="3. Accidents decide who is kept",
        text="The loss before training does not tell which samples will be memorized. What tells are accidental biases "
        "of a finite data set: samples that happen to fit with the others are kept.",
        alt="Final loss of 400 samples against their least-squares margin, which is known before training: the "
        "memorized lie to the right, those not memorized to the left, with a narrow band of both between.",
        page="samples",
        values={"x": "least_squares_margin", "at": 400},
        invitation="See it in Samples",
    ),
)


def nothing_yet(num_networks: int) -> str:
    """What the chart shows while none of its curves is whole."""
    return f"{num_networks:,} small networks are being trained for this chart; the curves grow as they come."
