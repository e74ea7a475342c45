"""The lesson in one table: each step with its words, its question and guesses, its experiment and its free page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer import words
from explorer.parameters import PARAMETERS
from explorer.views.lesson.beyond import BITS, LIMIT, RATE, WHO
from explorer.views.lesson.curves import CURVE, INPUTS, JAM
from explorer.views.lesson.experiment import Experiment, Values
from explorer.views.lesson.first import LABELS, LAYER, NUM_LAYERS


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        title: what it is about.
        text: what to know beforehand, to be read in half a minute.
        question: what is to be guessed.
        guesses: the parameters of the guess.
        experiment: what answers.
        told: the sentence that holds the guess against the numbers found.
        why: how to understand the answer.
        page: the free page of the same experiment; `values`: of its controls, where they are not the defaults;
            `follows`: controls of it that take the value of a guess.
        link: to it, in words.
        reading: how to read the chart.
        shows_data: whether samples are shown beforehand.
    """

    title: str
    text: str
    question: str
    guesses: tuple[str, ...]
    experiment: Experiment
    told: Callable[[Values, tuple[float, ...], Values], str]
    why: str
    page: str
    values: Mapping[str, Any]
    link: str
    reading: str
    follows: Mapping[str, str] = field(default_factory=dict)
    shows_data: bool = False

    def settings(self) -> dict[str, Any]:
        """All that the controls of the free page could be set to, as this step has them."""
        values = {key: parameter.default for key, parameter in PARAMETERS.items()} | dict(self.values)
        return values if "n" in self.values else {key: value for key, value in values.items() if key != "n"}

    def free(self, guess: Values) -> dict[str, Any]:
        """What the link to the free page names."""
        return dict(self.values) | {control: guess[key] for key, control in self.follows.items()}


SWEEP = {"N": (20, 400), "points": 20}
SEEDS = "Line: mean of {} seeds; band: ± 1 standard deviation over them."
FOUR, TWO = SEEDS.format("four"), SEEDS.format("two")

STEPS = {
    "labels": Step(
        title="Random labels",
        text="Each sample is a list of 10 random numbers, and it has a label from 0 to 9, drawn by lot. Five of them "
        "are shown here: blue and orange are numbers below and above 0. Eight layers were trained, each until it "
        "knew the labels of 20 such samples by heart.",
        question="Now each meets 100 new samples of the same kind. How many of their labels does it get right?",
        guesses=("guessNew",),
        experiment=LABELS,
        told=words.labels_told,
        why="The labels are drawn by lot, so nothing that is true of the old samples helps with new ones: there is "
        "nothing to understand, only to memorize. That makes memory something that can be measured.",
        page="samples",
        values={"dim": 10, "at": 20},
        link="Look at the 20 samples of one of these layers",
        reading=f"Bars: mean over {NUM_LAYERS} layers. A blind guess gets 1 of 10 right.",
        shows_data=True,
    ),
    "layer": Step(
        title="One layer learns",
        text="The layer multiplies the 10 numbers with weights and adds a bias, once for each of the 10 labels; the "
        "largest sum is its answer. It starts with random weights. In each step it sees all 20 samples and moves every "
        "weight a little, so that the loss, which says how surprised it is by the right labels, gets smaller.",
        question="How many steps does it take until it knows all 20 labels?",
        guesses=("guessSteps",),
        experiment=LAYER,
        told=words.layer_told,
        why="About half of the samples are learned in ten steps. The last ones take longest, because they have to be "
        "fitted without losing the others. The loss goes on falling: the layer only becomes surer.",
        page="samples",
        values={"dim": 10, "at": 20, "show": "watch", "step": 0},
        link="Watch this training as a film",
        reading="Above: how many of the 20 it knows (dashed: all). Below: the loss. The steps are on a logarithmic "
        "axis.",
    ),
    "curve": Step(
        title="Memory fills up",
        text="Now a larger layer: 40 numbers in each sample, still 10 labels. It is trained again and again, on 20 "
        "samples, on 40, and so on up to 400, with new random data each time, always for 2,000 steps.",
        question="How many labels does it know at the end? Draw the curve with the three sliders.",
        guesses=("guessLow", "guessMid", "guessHigh"),
        experiment=CURVE,
        told=words.curve_told,
        why="Up to a knee the layer knows nearly everything. Beyond it, it does not just stop learning more: it loses "
        "some of what it could keep, because the loss makes it try to please all samples at once.",
        page="capacity",
        values={"n": (40,), **SWEEP},
        link="Explore this curve",
        reading=f"{FOUR} Circle: the knee, up to which at least 95 % are known. Long dashes: everything known, C = N. "
        "Diamonds: published by Ziming Liu (2026).",
    ),
    "inputs": Step(
        title="How much for each input?",
        text="With n = 40 numbers in a sample the layer has 40 weights and a bias for each of the 10 labels, and the "
        "knee stood near N = 170. Take half the numbers away, n = 20, and with them half the weights.",
        question="Where is the knee now? Up to how many samples does it know 95 %?",
        guesses=("guessKnee",),
        experiment=INPUTS,
        told=words.inputs_told,
        why="Each number more in a sample is one more direction in which samples can be told apart, so the knee moves "
        "in proportion: about 4 samples for each input.",
        page="capacity",
        values={"n": (20, 40), **SWEEP},
        link="Add other n to this chart",
        reading=f"{FOUR} Circles: the knees, which move by some samples with other seeds and more points. Long dashes: "
        "everything known, C = N. Diamonds: published.",
    ),
    "jam": Step(
        title="Jamming",
        text="Picture the loss as a landscape over all weights, in which training walks down into a valley. The "
        "sharpness says how narrow the valley is at the place where training ends: the larger, the steeper its walls. "
        "We measure it for each N, with n = 40.",
        question="What does the sharpness do as N grows from 20 to 400?",
        guesses=("guessShape",),
        experiment=JAM,
        told=words.jam_told,
        why="While there is room, training can make the valley ever wider. When memory is full the samples stand in "
        "each other's way, like grains in a funnel that jams: every move that helps one hurts others.",
        page="jamming",
        values=SWEEP,
        link="Explore the jump, and what training does there",
        reading=f"{FOUR} Above: C; below: the sharpness. Grey: the N of the jump. Diamonds: published. Of your guess "
        "only the shape counts, not its height.",
    ),
    "rate": Step(
        title="The learning rate",
        text="The learning rate says how far each step goes. Ziming Liu, whose experiments these are, says that 0.01 "
        "is too large for n = 40. Put it to the test close to the knee, where it is hardest: N = 170 samples, 1,000 "
        "steps, eleven learning rates.",
        question="Which learning rate keeps most of the 170 labels?",
        guesses=("guessRate",),
        experiment=RATE,
        told=words.rate_told,
        why="Steps too short have not arrived after 1,000 of them; very long ones jump about. Between the two there is "
        "a wide range in which the rate hardly matters, and 0.01 lies below it: too small here, not too large.",
        page="learning_rate",
        values={"ask": "schedules", "at": 170, "rates": (0.001, 2.0), "steps": 1000},
        link="Explore this curve, and rates that fall during training",
        reading=f"{FOUR} Grey: Liu's 0.01.",
        follows={"guessRate": "lr"},
    ),
    "who": Step(
        title="Who is memorized?",
        text="Of 400 samples the layer with n = 40 keeps about 150. All labels are random, so is it luck who is kept? "
        "Four things are known of each sample before the first step: its loss under the random weights, how many "
        "others have its label, how long its list of numbers is as an arrow, and whether the others with its label "
        "point its way.",
        question="Which of the four tells best who will be kept?",
        guesses=("guessSign",),
        experiment=WHO,
        told=words.who_told,
        why="Where training starts is forgotten, but the data stay: a sample whose label has company, because others "
        "with that label happen to point its way, is learned along with them. Chance made the data, and the data "
        "decide.",
        page="samples",
        values={"show": "predictors", "at": 400},
        link="Explore what tells who is kept",
        reading="Bars, AUROC: in what share of pairs the statistic picks the memorized one, mean of "
        f"{PARAMETERS['sets'].default} data sets; 0.5 is a coin. The two margins were not to choose from: whether the "
        "others of its label point its way more than those of any other label do, and whether a straight-line fit to "
        "all others gets it right. Below: the samples of one data set, over what you chose. Filled: memorized.",
        follows={"guessSign": "x"},
    ),
    "limit": Step(
        title="Is it the optimizer's fault?",
        text="A small layer again, n = 20, with N = 120 samples, well past its knee. Adam, the optimizer that walks "
        "down the landscape, keeps about 70 of the 120. Perhaps it just walks badly? The lowest point of the loss can "
        "be computed exactly.",
        question="How many of the 120 labels are right at the very lowest loss?",
        guesses=("guessOptimum",),
        experiment=LIMIT,
        told=words.limit_told,
        why="With 120 samples Adam is as good as perfect. It is the loss that gives samples up: it would rather be a "
        "little less wrong about everything than right about more. Weights that are made to be right keep far more.",
        page="limits",
        values={"dim": 20, "N": (20, 200), "spots": 10, "seeds": 2, "at": 120},
        link="Explore the exact limits, with theory beside them",
        reading=f"{TWO} Blue: as trained. Orange: at the lowest loss, solved exactly. Green: the most that we found "
        "weights to memorize; there may be more. Grey line: N = 120.",
    ),
    "bits": Step(
        title="Bits",
        text="To write down one of 10 random labels takes log₂ 10 = 3.3 bits. The layer with n = 40 has 410 "
        "parameters, each stored as a number of 32 bits. With the layer at hand, the labels can be written down in "
        "fewer bits; what is saved is what the layer remembers.",
        question="How many bits of labels does each parameter hold, where it is most?",
        guesses=("guessBits",),
        experiment=BITS,
        told=words.bits_told,
        why="Of the 32 bits of a number only one or two hold labels; what is counted, and by which definition, "
        "matters. Of large language models about 3.6 bits per parameter were reported, by another count and for text.",
        page="bits",
        values=SWEEP,
        link="Explore bits, definitions and theory",
        reading=f"{FOUR} Blue (Liu): how much shorter all labels can be written with the layer's help. Orange "
        "(Morris): the same, where each sample may do without that help. Green (Fano): what it takes "
        "to get so many right, however unsure of them. Long dashes: all bits of the labels.",
    ),
}
