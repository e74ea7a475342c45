"""What is known of a sample, in one table: it names the axes, the menus and the columns of the page Samples."""

from dataclasses import dataclass
from typing import Literal

When = Literal["before", "during", "after"]


@dataclass(frozen=True)
class Statistic:
    """One number of each sample.

    Attributes:
        name: in a menu, in the URL and over a column.
        axis: with its symbol and unit.
        when: known before training, noted during it, or only after it.
        help: what it is, in a sentence.
        shown: how a table writes it (printf).
        is_logarithmic: whether an axis shows it on a scale that is logarithmic from 1 on.
    """

    name: str
    axis: str
    when: When
    help: str
    shown: str = "%.3f"
    is_logarithmic: bool = False


STATISTICS = {
    "initial_loss": Statistic(
        "Initial loss",
        "Initial loss, −ln p (nats)",
        "before",
        "The cross-entropy of the sample under the random weights with which training starts.",
    ),
    "label_count": Statistic(
        "Label count",
        "Others with the same label",
        "before",
        "How many other samples were given the same label.",
        "%d",
    ),
    "input_norm": Statistic(
        "Length of the input",
        "Length of the input, |x|",
        "before",
        "How far the input lies from the origin: about √n.",
    ),
    "alignment": Statistic(
        "Alignment",
        "Alignment with the others of its class",
        "before",
        "How far the other samples of its class, summed up, point its way, beyond what all samples do on average.",
        "%.1f",
    ),
    "alignment_margin": Statistic(
        "Alignment margin",
        "Alignment, own class minus best other",
        "before",
        "Its alignment with its own class minus the largest alignment with another class.",
        "%.1f",
    ),
    "least_squares_margin": Statistic(
        "Least-squares margin",
        "Least-squares leave-one-out margin",
        "before",
        "Fit all other samples by least squares, and ask that fit about this one: its label's score minus the best "
        "other.",
    ),
    "first_step": Statistic(
        "First memorized",
        "First step at which it was memorized",
        "during",
        "The first training step at which its label had the largest logit; empty if never.",
        "%d",
        is_logarithmic=True,
    ),
    "forgetting_events": Statistic(
        "Forgetting count",
        "Times it was forgotten",
        "during",
        "How often it was memorized at one step and not at the next (Toneva et al., arXiv:1812.05159).",
        "%d",
    ),
    "confidence": Statistic(
        "Confidence",
        "Confidence: mean p of its label",
        "during",
        "The mean over all steps of the probability of its label (Swayamdipta et al., arXiv:2009.10795).",
    ),
    "variability": Statistic(
        "Variability",
        "Variability: s.d. of that p",
        "during",
        "The standard deviation over all steps of the probability of its label (Swayamdipta et al., arXiv:2009.10795).",
    ),
    "final_loss": Statistic(
        "Final loss",
        "Final loss, −ln p (nats)",
        "after",
        "The cross-entropy of the sample after training.",
    ),
    "margin": Statistic(
        "Final margin",
        "Final margin: own logit minus best other",
        "after",
        "The logit of its label minus the largest other, after training: positive exactly where it is memorized.",
    ),
}
