"""What the teacher's sheet adds to each step of the lesson."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """For the teacher.

    Attributes:
        minutes: that the step takes with a class.
        ask: what to ask before and after, besides the question on the page.
        see: what students will see; in braces the numbers of `measured`, by their place.
        measured: what the step's experiment found with the guesses that the page begins with, as plain as they are
            told to students (`Step.told`).
        belief: what many believe, and what to say to it.
    """

    minutes: int
    ask: str
    see: str
    measured: tuple[float, ...]
    belief: str

    def told(self) -> str:
        """What students will see, with its numbers."""
        return self.see.format(*self.measured)


HINTS = {
    "labels": Hint(
        minutes=4,
        ask="Is there a rule by which sample 0 has its label? Could there be one? Let them look at the strips for a "
        "while before they guess.",
        see="All {0:.0f}% of the learned labels are right, but only {1:.0f} of 100 new ones: about as many as by "
        "guessing blindly.",
        measured=(100.0, 8.6),
        belief="*Whoever learns 20 of 20 has understood something.* Not here: who drew the labels looked at nothing. "
        "Learning by heart and understanding look the same until new samples come.",
    ),
    "layer": Hint(
        minutes=4,
        ask="Which samples are learned first? Show the film behind the link: each mark is a sample that rises.",
        see="{1:.0f} labels are known after ten steps, all 20 from step {0:.0f} on. One is learned, lost and learned "
        "again on the way.",
        measured=(114.0, 12.0),
        belief="*Training stops when all is known.* The loss goes on falling: it asks for certainty, not only for the "
        "right answer.",
    ),
    "curve": Hint(
        minutes=6,
        ask="Let three students draw their curves with the sliders, one after the other, before anybody reveals. What "
        "would a notebook do that has room for 170 labels? And this layer?",
        see="{0:.0f} of 100 are kept, but only {1:.0f} of 200 and {2:.0f} of 400. The curve follows the dashed line, "
        "bends at a knee, and dips.",
        measured=(100.0, 125.25, 148.0),
        belief="*What is full stays full.* A notebook keeps its first 170 labels. The layer is trained on all samples "
        "at once, and ends with fewer than it could hold.",
    ),
    "inputs": Hint(
        minutes=4,
        ask="How many weights does the layer have for n = 40, and for n = 20? What would you expect for n = 10?",
        see="The knee of n = 20 stands at N = {0:.0f}, that of n = 40 at N = {1:.0f}: about 4 samples for each input.",
        measured=(82.9, 167.8),
        belief="*There is one memory slot for each weight.* With 10 labels there are 410 weights at n = 40, and room "
        "for about 170 labels: it is the inputs that count, not single weights.",
    ),
    "jam": Hint(
        minutes=5,
        ask="What happens to sand in a funnel when too much of it comes at once? Draw a wide and a narrow valley on "
        "the board, and ask in which one a small push costs more.",
        see="The sharpness is {1:.2f} at N = 100 and {2:.2f} at N = 300; it jumps near N = {0:.0f}, just where memory "
        "fills up.",
        measured=(157.7, 0.009, 0.269),
        belief="*More samples make everything a bit harder, little by little.* The change is sudden, as when a crowd "
        "comes to a halt.",
    ),
    "rate": Hint(
        minutes=4,
        ask="If every step were ten times longer, what could go wrong? What could go well?",
        see="The post's 0.01 keeps {0:.0f} of 170, {2:g} keeps {1:.0f}; from about 0.05 to 2 the rates can hardly be "
        "told apart. So 0.01 is too small here, although the post says that it is too large.",
        measured=(154.75, 169.0, 0.5),
        belief="*What is published is right.* Measuring it again takes two seconds. With more steps the difference "
        "shrinks, as the free page shows: an answer holds for its setting.",
    ),
    "who": Hint(
        minutes=5,
        ask="Think of a class in which some names are easier to remember. Why? Is it the name alone, or the company "
        "that it keeps?",
        see="The initial loss picks the memorized one of a pair in {0:.0%} of all pairs, which is a coin; the "
        "alignment in about 90%, and the least-squares margin in {2:.0%}.",
        measured=(0.498, 0.521, 0.961),
        belief="*If the labels are random, it must be random who is kept.* The labels were drawn once. From then on "
        "the data decide, and nearly all of it can be told beforehand.",
    ),
    "limit": Hint(
        minutes=5,
        ask="When a calculation gives a bad answer, is the calculation wrong, or was the wrong thing asked for?",
        see="Adam keeps {0:.1f} of 120, the very lowest loss {1:.1f}: as good as the same. Weights that were made to "
        "be right keep at least {2:.1f} (means of two data sets).",
        measured=(70.5, 72.0, 110.5),
        belief="*A better optimizer would remember more.* It would remember what the loss wants, and the loss does not "
        "count labels.",
    ),
    "bits": Hint(
        minutes=3,
        ask="How many yes-or-no questions does it take to find out one of ten labels?",
        see="A parameter holds at most {0:.2f} bits by Liu's definition (at N = {1:.0f}), {2:.2f} by Morris' and "
        "{3:.2f} by Fano's.",
        measured=(1.23, 160.0, 1.23, 1.30),
        belief="*A number of 32 bits holds 32 bits.* Of what was asked for it holds one or two. The rest is spent on "
        "nothing that anybody asked.",
    ),
}
