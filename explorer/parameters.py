"""The parameters of the app, in one table: it makes the widgets, the URL and the help (`explorer.controls`).

A parameter's key is its name in the URL. Pages that share a parameter share its value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.config import INPUTS, LIMITS, SCHEDULES
from explorer.statistics import STATISTICS

SCHEDULE_NAMES = {"constant": "Constant", "cosine": "Cosine", "wsd": "WSD"}
INPUT_NAMES = {"gaussian": "Gaussian", "signs": "Signs ±1", "sphere": "Sphere", "correlated": "Correlated"}

Kind = Literal["set", "choice", "range", "count", "number", "switch", "segments", "menu"]


@dataclass(frozen=True)
class Parameter:
    """One control.

    Attributes:
        key: its name in the URL and in the session's state.
        label: symbol and words.
        kind: which widget: "set" of options, one "choice" or a "range" of ordered options on a slider, a "count" on a
            slider from the first to the last option, a "number" to type between the first and the last option (which
            the widget adds to its help), a "switch", one of a few "segments", or one of many on a "menu".
        options: the values it may take.
        default: where it starts.
        help: what it does, and what to expect of it.
        show: how an option is written, on the page and in the URL.
        short: what it is called among the settings of a page; "" for the symbol of its label, or all of the label.
            No two controls of a page are called the same.
    """

    key: str
    label: str
    kind: Kind
    options: tuple[Any, ...]
    default: Any
    help: str
    show: Callable[[Any], str] = str
    short: str = ""


MANTISSAS = {2: (1, 3), 3: (1, 2, 5), 6: (1, 1.5, 2, 3, 5, 7)}  # learning rates by how many there are a decade
RATES = (*(float(f"{mantissa}e{e}") for e in range(-4, 1) for mantissa in MANTISSAS[6]), 10.0)
CLAIM_DIMS, CLAIM_STEPS = (10, 40), (500, 1000, 2000, 5000)  # of the post's claim on the learning rate
STEPS = (100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000, 20000, 30000, 50000, 100000)

BOX = "box"  # in the URL, but no control: the rectangle that was dragged in the chart of samples
SEEN = "seen"  # in the URL, but no control: the steps of the lesson that were revealed
PARTS = ("labels", "layer", "curve", "inputs", "jam", "rate", "who", "limit", "bits")  # of the lesson, in their order
SHAPES = ("falls", "stays", "rises", "jumps")  # what a curve may do
TOLD_BEFORE = ("initial_loss", "label_count", "input_norm", "alignment")  # statistics to choose from in the lesson
GUESS_RATES = tuple(rate for rate in RATES if 0.001 <= rate <= 2 and f"{rate:e}"[0] in "125" and f"{rate:e}"[2] == "0")
PIN = "pin"  # the same: the settings that are pinned to compare with, themselves a query
LESSON = "lesson"  # the same, and in the session's state: where the lesson was left, itself a query
NEW_PAGE = "new page"  # in the session's state alone: whether another page was open before this one

PARAMETERS = {
    parameter.key: parameter
    for parameter in (
        Parameter(
            key="n",
            label="Input dimensions $n$",
            kind="set",
            options=tuple(range(1, int(LIMITS["input_dim"].high) + 1)),
            default=(10, 20, 30, 40),
            help="One curve for each. The layer has V (n + 1) weights with a bias: more inputs, more room. "
            "Expect the knee of the curve to move in proportion to n.",
        ),
        Parameter(
            key="V",
            label="Classes $V$",
            kind="choice",
            options=(*range(2, 51), 60, 80, 100, 150, 200, 300, 500, 1000),
            default=10,
            help="How many labels there are to choose from, at random. The published text says 40; its figures fit 10. "
            "More classes, more weights: expect a larger capacity.",
        ),
        Parameter(
            key="N",
            label="Samples $N$, from and to",
            kind="range",
            options=(*range(5, 400, 5), *range(400, 1000, 20), *range(1000, 3000, 100), *range(3000, 20001, 500)),
            default=(5, 400),
            help="How many random labels the layer is asked to memorize: the horizontal axis.",
        ),
        Parameter(
            key="points",
            label="Points per curve",
            kind="choice",
            options=(10, 20, 40, 80, 160),
            default=80,
            help="How many values of N between the two ends. They are computed coarse to fine.",
        ),
        Parameter(
            key="seeds",
            label="Seeds",
            kind="count",
            options=tuple(range(1, 17)),
            default=4,
            help="Repetitions with other data and other initial weights. The line is their mean, the band ± 1 standard "
            "deviation. With one seed there is no band, and the curves are as rough as the published ones.",
        ),
        Parameter(
            key="lr",
            label="Learning rate $\\eta$",
            kind="choice",
            options=RATES,
            default=0.01,
            help="Step size of the optimizer, on a logarithmic scale. Near the knee, a larger one memorizes more in "
            "the same number of steps; near 1 and above the steps themselves cost samples.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="steps",
            label="Training steps",
            kind="choice",
            options=STEPS,
            default=2000,
            help="Each step sees all N samples. Time grows in proportion. Far past the knee more steps change little; "
            "near it they still win samples.",
        ),
        Parameter(
            key="bias",
            label="Bias",
            kind="switch",
            options=(False, True),
            default=True,
            help="One more input that is always 1: V more weights. PyTorch's nn.Linear has it by default.",
            show=lambda value: str(value).lower(),
        ),
        Parameter(
            key="data",
            label="Data",
            kind="segments",
            options=("fresh", "nested"),
            default="fresh",
            help="Fresh: each N has its own random data, as in the published figures: rougher curves. Nested: the N "
            "samples are the first N of one data set, so that moving along the curve only adds samples: smoother.",
            show={"fresh": "Fresh", "nested": "Nested"}.__getitem__,
        ),
        Parameter(
            key="inputs",
            label="Inputs",
            kind="menu",
            options=INPUTS,
            default="gaussian",
            help="How the random inputs are drawn. Theory says that for large n only n counts (universality, Gerace et "
            "al., arXiv:2205.13303). Try it: the limits stay; what may change is how fast the optimizer gets there.",
            show=INPUT_NAMES.__getitem__,
        ),
        Parameter(
            key="optimizer",
            label="Optimizer",
            kind="segments",
            options=("adam", "gd"),
            default="adam",
            help="Adam with its usual settings, or plain gradient descent with momentum 0.9 (which needs a learning "
            "rate some ten times larger).",
            show={"adam": "Adam", "gd": "GD"}.__getitem__,
        ),
        Parameter(
            key="published",
            label="Show the published curves",
            kind="switch",
            options=(False, True),
            default=True,
            help="Those of Liu (2026) as hollow diamonds: Figure 1 for n = 10, 20, 30 and 40, Figure 2 for n = 40. "
            "They fit V = 10, not the V = 40 of the text.",
            show=lambda value: str(value).lower(),
        ),
        Parameter(
            key="dim",
            label="Input dimension $n$",
            kind="choice",
            options=(*range(1, 61), 64, 80, 100, 128, 150, 200, 256, 300, 400, 512),
            default=40,
            help="How many numbers an input has. The layer has V (n + 1) weights with a bias. Expect everything that "
            "happens at some N to happen at an N in proportion to n.",
        ),
        Parameter(
            key="at",
            label="Look closely at $N$",
            short="N looked at",
            kind="number",
            options=tuple(range(1, int(LIMITS["num_samples"].high) + 1)),
            default=200,
            help="The one data set size that is looked at closely. A click on a point of a chart sets it too. At n = "
            "40 and V = 10, all of 100 samples are memorized with ease, 175 are near the knee, 200 and more are past "
            "it.",
        ),
        Parameter(
            key="look",
            label="Look at",
            kind="segments",
            options=("jump", "edge", "training"),
            default="jump",
            help="The jump: how sharp the loss is after training, against N. Edge of stability: whether the steps are "
            "as long as that sharpness allows. Along training: both over the steps, for one N.",
            show={"jump": "The jump", "edge": "Edge of stability", "training": "Along training"}.__getitem__,
        ),
        Parameter(
            key="ask",
            label="Question",
            kind="segments",
            options=("map", "schedules", "steps"),
            default="map",
            help="The map: every learning rate at every N (or n). Schedules: does lowering the rate over the steps "
            "help? The claim: is 0.01 too small for n = 10 and too large for n = 40, as the post says?",
            show={"map": "The map", "schedules": "Schedules", "steps": "The post's claim"}.__getitem__,
        ),
        Parameter(
            key="across",
            label="Across",
            kind="segments",
            options=("N", "n"),
            default="N",
            help="What changes from column to column of the map: the number of samples N at one n, or the input "
            "dimension n at one N.",
            show={"N": "Samples N", "n": "Dimension n"}.__getitem__,
        ),
        Parameter(
            key="Ns",
            label="Samples $N$, from and to",
            kind="range",
            options=(5, *range(20, 400, 20), *range(400, 1000, 50), *range(1000, 3000, 200), *range(3000, 20001, 1000)),
            default=(40, 400),
            help="The columns of the map run from the one to the other, evenly. The N that is asked about is always "
            "among them.",
        ),
        Parameter(
            key="ns",
            label="Dimensions $n$, from and to",
            short="dimensions n",
            kind="range",
            options=(1, 2, 3, *range(5, 100, 5), *range(100, 201, 10), 256, 300, 400, 512),
            default=(5, 60),
            help="The columns of the map run from the one to the other, evenly. The n that is asked about is always "
            "among them.",
        ),
        Parameter(
            key="columns",
            label="Columns",
            kind="choice",
            options=(4, 6, 8, 10, 12, 16, 20, 24),
            default=10,
            help="How many values of N (or n) the map has.",
        ),
        Parameter(
            key="rates",
            label="Learning rates $\\eta$, from and to",
            short="rates η",
            kind="range",
            options=RATES,
            default=(0.0005, 2.0),
            help="The rows of the map. A step too small has not arrived when training ends; one too large jumps about "
            "the optimum. Expect a wide band between the two where the rate hardly matters.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="dense",
            label="Rates per decade",
            kind="segments",
            options=tuple(MANTISSAS),
            default=3,
            help="2: 1, 3, 10; 3: 1, 2, 5, 10; 6: 1, 1.5, 2, 3, 5, 7, 10. The rate that is asked about is always "
            "among them.",
        ),
        Parameter(
            key="schedule",
            label="Schedule",
            kind="segments",
            options=SCHEDULES,
            default="constant",
            help="How the learning rate changes over the steps. Constant; cosine: from η down to 0 along a cosine; "
            "WSD: warmup over 100 steps, stable at η, linear decay to 0 over the last fifth.",
            show=SCHEDULE_NAMES.__getitem__,
        ),
        Parameter(
            key="color",
            label="Colour shows",
            kind="segments",
            options=("fraction", "loss", "stability"),
            default="fraction",
            help="Memorized: the fraction C / N. Loss: the mean cross-entropy after training, in nats. η λ: the "
            "learning rate times the preconditioned sharpness, which is 38 for Adam at the edge of stability.",
            show={"fraction": "Memorized", "loss": "Loss", "stability": "η λ"}.__getitem__,
        ),
        Parameter(
            key="load",
            label="Samples for each input $N/n$",
            kind="choice",
            options=(1.0, 2.0, 3.0, 3.5, 4.0, 4.25, 4.5, 5.0, 6.0, 8.0, 10.0),
            default=4.25,
            help="Both layers get so many samples for each of their inputs, so that they are equally full. Below 4 "
            "all is memorized with ease, at about 4.25 just so, far above nothing helps: expect the learning rate to "
            "matter in between.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="show",
            label="Show",
            kind="segments",
            options=("samples", "cartography", "predictors", "watch", "starts", "coin"),
            default="samples",
            help="Samples: one statistic against another. Cartography: which were easy, hard or ambiguous along "
            "training. Predictors: what tells beforehand who is memorized. Watch: training as a film. Other starts: "
            "does it matter where training begins? The coin: why chance has a say.",
            show={
                "samples": "Samples",
                "cartography": "Cartography",
                "predictors": "Predictors",
                "watch": "Watch",
                "starts": "Other starts",
                "coin": "The coin",
            }.__getitem__,
        ),
        Parameter(
            key="seed",
            label="Which data set",
            short="data set",
            kind="number",
            options=tuple(range(1_000)),
            default=0,
            help="The random data set that is opened: the number is its seed. Another number, other samples.",
        ),
        Parameter(
            key="sets",
            label="Number of data sets",
            kind="count",
            options=tuple(range(1, 33)),
            default=8,
            help="Over how many data sets the predictors are judged. Samples of one data set share its accidents, so "
            "intervals are over data sets.",
        ),
        Parameter(
            key="x",
            label="Horizontal",
            kind="menu",
            options=tuple(STATISTICS),
            default="initial_loss",
            help="What the horizontal axis shows of each sample. Try the least-squares margin, which is known before "
            "training.",
            show=lambda name: STATISTICS[name].name,
        ),
        Parameter(
            key="y",
            label="Vertical",
            kind="menu",
            options=tuple(STATISTICS),
            default="final_loss",
            help="What the vertical axis shows of each sample.",
            show=lambda name: STATISTICS[name].name,
        ),
        Parameter(
            key="who",
            label="List",
            kind="segments",
            options=("all", "memorized", "not"),
            default="all",
            help="Which samples the table lists. Drag a rectangle in the chart to list only those inside.",
            show={"all": "All", "memorized": "Memorized", "not": "Not memorized"}.__getitem__,
        ),
        Parameter(
            key="sample",
            label="Sample",
            kind="number",
            options=tuple(range(int(LIMITS["num_samples"].high))),
            default=0,
            help="The sample that is opened. A click on a point or on a row of the table sets it too.",
        ),
        Parameter(
            key="step",
            label="At training step",
            kind="choice",
            options=tuple(range(int(LIMITS["num_steps"].high) + 1)),
            default=int(LIMITS["num_steps"].high),  # or the nearest that there is: the end of training
            help="The moment of training that the logits are of. They lie evenly on a logarithmic scale.",
        ),
        Parameter(
            key="starts",
            label="Initial weights",
            kind="count",
            options=tuple(range(2, 17)),
            default=8,
            help="How many times the same data are trained, each time from other random weights.",
        ),
        Parameter(
            key="tosses",
            label="Tosses of a coin",
            kind="choice",
            options=(10, 20, 50, 100, 200, 500, 1_000, 10_000),
            default=100,
            help="How often a fair coin is tossed. The more tosses, the closer to a half, but seldom just a half.",
        ),
        Parameter(
            key="coin",
            label="Which tosses",
            kind="number",
            options=tuple(range(1_000)),
            default=2,  # of 100 tosses 52 are heads, as in the post
            help="The seed of the coin: another number, other tosses.",
        ),
        Parameter(
            key="spots",
            label="Values of $N$",
            short="Values of N",
            kind="choice",
            options=(10, 16, 20, 40, 80),
            default=20,
            help="How many values of N between the two ends. Exact limits take longer than training, the more so near "
            "the threshold, so there are fewer of them at first.",
        ),
        Parameter(
            key="limit",
            label="Show",
            kind="segments",
            options=("curve", "steps", "scaling"),
            default="curve",
            help="The limits: C against N, as the optimizer reaches it, at the exact optimum, and the most that could "
            "be had. Closing the gap: how many steps it takes to come close to the optimum. Scaling: capacity against "
            "n and V.",
            show={"curve": "The limits", "steps": "Closing the gap", "scaling": "Scaling"}.__getitem__,
        ),
        Parameter(
            key="layers",
            label="Exact limits",
            kind="set",
            options=("theory", "optimum"),
            default=(),
            help="Lines beside the curves. Theory: the optimum of the cross-entropy for infinitely many inputs, and "
            "the threshold up to which everything can be memorized. Exact optimum: what an ideal optimizer reaches on "
            "these very data, which may take a minute.",
            show={"theory": "Theory", "optimum": "Exact optimum"}.__getitem__,
        ),
        Parameter(
            key="scale",
            label="Across",
            kind="segments",
            options=("n", "V"),
            default="n",
            help="What grows along the axis: the input dimension n, at several V; or the number of classes V, at "
            "several n.",
            show={"n": "Dimension n", "V": "Classes V"}.__getitem__,
        ),
        Parameter(
            key="by",
            label="Capacity is",
            kind="segments",
            options=("trained", "separable"),
            default="trained",
            help="Trained: the N up to which the trained layer memorizes at least 95 %, as on the page Capacity. "
            "Exact: the N up to which some weights can memorize a data set completely, on average over data sets: at "
            "that N about half of them still can.",
            show={"trained": "95 % trained", "separable": "All, exactly"}.__getitem__,
        ),
        Parameter(
            key="dims",
            label="Input dimensions $n$",
            short="n compared",
            kind="set",
            options=tuple(range(1, int(LIMITS["input_dim"].high) + 1)),
            default=(5, 10, 20, 40),
            help="The layers that are compared, each n with each V.",
        ),
        Parameter(
            key="classes",
            label="Classes $V$",
            short="V compared",
            kind="set",
            options=tuple(range(2, int(LIMITS["num_classes"].high) + 1)),
            default=(2, 5, 10, 20, 40),
            help="The numbers of classes that are compared, each V with each n.",
        ),
        Parameter(
            key="bits",
            label="Show",
            kind="segments",
            options=("curve", "capacity"),
            default="curve",
            help="Bits against N: how much is memorized of data sets of growing size. Capacity: the most of it, "
            "against the number of parameters.",
            show={"curve": "Bits against N", "capacity": "Against parameters"}.__getitem__,
        ),
        Parameter(
            key="unit",
            label="Unit",
            kind="segments",
            options=("parameter", "weight", "total"),
            default="parameter",
            help="Bits per parameter: divided by all V (n + 1) weights, biases included. Per weight: by the V n "
            "without them. Total: not divided.",
            show={"parameter": "Per parameter", "weight": "Per weight", "total": "Total bits"}.__getitem__,
        ),
        Parameter(
            key="figure",
            label="Compare",
            kind="segments",
            options=("figure 1", "figure 2", "memorized", "sharpness"),
            default="figure 1",
            help="Figure 1: C for four n. Figure 2: C and sharpness at n = 40. The misfits: how far many settings are "
            "from the one or the other, as a map over the number of classes and of steps, with a bias and without one.",
            show={
                "figure 1": "Figure 1",
                "figure 2": "Figure 2",
                "memorized": "Misfit of C",
                "sharpness": "Misfit of sharpness",
            }.__getitem__,
        ),
        Parameter(
            key="part",
            label="Step",
            kind="segments",
            options=PARTS,
            default=PARTS[0],
            help="The steps of the lesson, in their order. Guesses and what was revealed are kept, here and in the "
            "address.",
            show=str.capitalize,
        ),
        Parameter(
            key="guessNew",
            label="Your guess: right, of 100 new samples",
            kind="count",
            options=tuple(range(101)),
            default=50,
            help="How many labels of samples that it has never seen the layer gets right. The samples are drawn in the "
            "same way.",
        ),
        Parameter(
            key="guessSteps",
            label="Your guess: steps until all 20 are known",
            kind="choice",
            options=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
            default=1000,
            help="Each step looks at all 20 samples once and moves every weight a little.",
        ),
        Parameter(
            key="guessLow",
            label="Your guess: memorized of $N$ = 100",
            kind="count",
            options=tuple(range(101)),
            default=100,
            help="How many of 100 labels the layer gets right after training. The three guesses make your curve.",
        ),
        Parameter(
            key="guessMid",
            label="Your guess: memorized of $N$ = 200",
            kind="count",
            options=tuple(range(201)),
            default=200,
            help="How many of 200 labels the layer gets right after training. The three guesses make your curve.",
        ),
        Parameter(
            key="guessHigh",
            label="Your guess: memorized of $N$ = 400",
            kind="count",
            options=tuple(range(401)),
            default=400,
            help="How many of 400 labels the layer gets right after training. The three guesses make your curve.",
        ),
        Parameter(
            key="guessKnee",
            label="Your guess: the knee at $n$ = 20",
            kind="count",
            options=tuple(range(401)),
            default=200,
            help="Up to how many samples N the layer with 20 inputs memorizes at least 95 % of the labels.",
        ),
        Parameter(
            key="guessShape",
            label="Your guess: as $N$ grows, the sharpness",
            kind="segments",
            options=SHAPES,
            default="stays",
            help="What the curvature of the loss at the trained weights does as there are more samples to memorize.",
            show=str.capitalize,
        ),
        Parameter(
            key="guessRate",
            label="Your guess: the best learning rate $\\eta$",
            kind="choice",
            options=GUESS_RATES,
            default=0.01,
            help="The learning rate after which most of the labels are memorized, in the same number of steps.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="guessSign",
            label="Your guess: what tells who is kept",
            kind="segments",
            options=TOLD_BEFORE,
            default=TOLD_BEFORE[0],
            help="All four are known before training. Initial loss: how wrong the random weights are about it. Label "
            "count: others with its label. Length: of the input. Alignment: how far those of its label point its way.",
            show=lambda name: STATISTICS[name].name.removesuffix(" of the input"),
        ),
        Parameter(
            key="guessOptimum",
            label="Your guess: what a perfect optimizer keeps",
            kind="count",
            options=tuple(range(121)),
            default=120,
            help="How many of the 120 labels are right at the very lowest loss that any weights have.",
        ),
        Parameter(
            key="guessBits",
            label="Your guess: bits in each parameter",
            kind="choice",
            options=(0.1, 0.2, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 16, 32),
            default=8,
            help="How much a single weight remembers of the labels, at the N at which it is most.",
            show=lambda value: f"{value:g}",
        ),
        Parameter(
            key="big",
            label="Large type",
            kind="switch",
            options=(False, True),
            default=False,
            help="For a projector: the page and its charts in type that can be read from the back row. It is in the "
            "address, so that a link opens the same way.",
            show=lambda value: str(value).lower(),
        ),
    )
}
GUESSES = tuple(key for key in PARAMETERS if key.startswith("guess"))  # of the lesson
