"""The line that no optimizer can pass: the minimum of the cross-entropy, and whether the data can be separated at all.

Cross-entropy is convex in the weights of a linear layer, but its minimum need not be reached by finite weights. There
are three cases, and a proof for each:

- separable: weights exist with which every sample's label has the largest logit. Scaled up they have any loss above 0.
- split: some classes can be told from the others without an error, but not the classes of each group among themselves.
  Then the loss falls for ever towards its infimum while the groups move apart, and what remains is one problem a group.
  Near the threshold most random data sets are so.
- a finite optimum: unique, up to one vector added to all classes.

Newton's method (`core.newton`) goes on until one of them is certain. Groups show themselves on the way, as classes that
are no longer confused; that they can be told apart is then proved by weights that do it.

Samples of few different inputs (signs of less than a dozen dimensions) may be tied in other ways than by groups: some
of a class always on the border to another, the others not. No search for that is made, and the kind is "undecided". The
loss is right all the same, and often some of the samples are proved not to be separable, and with them all.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import softmax
from core.device import one_thread
from core.labelled import checked
from core.newton import Newton
from core.verdicts import EXISTS, VERDICTS, Floats, Kind, Optimum, Separability
from core.whitening import EPS, Whitened, whitened

GRADIENT_NORM = 1e-9  # of a minimum, where the inputs have unit variance: well below 1e-8 where they are as given
MAX_STEPS = 100
MAX_STEPS_APART = 40  # to tell groups of classes apart, which is easy if they are groups at all
STEPS_WIDER = 3  # more that do it, among which one has wide margins
FIRST_SPLIT = 4  # steps after which groups may show
CONFUSED = 1e-3  # a sample's probability of another class, from which on the two are one group
FADING = 100  # times the gradient: towards the end, only what fades with it counts as not confused
FAR_APART = 40.0  # nats: e^-40 is nothing beside 1 in float64
ROUNDING = 1e-12  # of the logits: a margin below it may be none
TIED = 1e-6  # nats: a margin below it, at a minimum, may be none
IN_DOUBT = 1e-3  # nats: samples with a larger loss may be those that cannot be separated


def no_check() -> None:
    """For who never wants to stop."""


def optimum(
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    bias: bool,
    num_classes: int | None = None,
    check: Callable[[], None] = no_check,
) -> Optimum:
    """What an ideal optimizer reaches.

    Args:
        inputs: (N, n).
        labels: (N,) whole numbers in [0, V).
        bias: whether each class has a bias: one more input that is always 1.
        num_classes: V; None: as many as the labels show.
        check: called before each step; what it raises ends the search.

    Raises:
        ValueError: the shapes do not fit, a value is not finite, or a label is not a class.

        >>> inputs, labels = np.array([[-2.0], [-1.0], [0.5], [-0.5], [1.0]]), np.array([0, 0, 0, 1, 1])
        >>> found = optimum(inputs, labels, bias=False)
        >>> found.exists, found.num_memorized
        (True, 3)
    """
    with one_thread:
        found = _solve(*checked(inputs, labels, bias, num_classes), check)
    return Optimum(
        weights=found.weights.numpy(),
        loss=float(found.loss.numpy().mean()),
        num_memorized=int(found.memorized.sum()),
        gradient_norm=float(found.gradient.norm()),
        exists=EXISTS[found.kind],
        kind=found.kind,
        verdict=VERDICTS[found.separable],
        reason=found.reason,
        sample_loss=found.loss.numpy(),
        memorized=found.memorized.numpy(),
    )


def separable(
    inputs: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    bias: bool,
    num_classes: int | None = None,
    check: Callable[[], None] = no_check,
) -> Separability:
    """Whether a linear layer can memorize all samples, with a certificate; never a guess. Arguments as of `optimum`."""
    with one_thread:
        x, y, v = checked(inputs, labels, bias, num_classes)
        found = _solve(x, y, v, check)
        margin = margins(x, y, found.weights)
    if found.separable:
        size = float(margin.min() / found.weights.norm())
    else:
        size = margin_bound(float(found.gradient.norm()), found.loss.numpy())
    return Separability(VERDICTS[found.separable], found.weights.numpy(), size, found.reason)


def margin_bound(gradient_norm: float, sample_loss: Floats) -> float:
    """The largest smallest margin that weights of norm 1 can have, seen from any weights; see `Separability`."""
    doubt = float(-np.expm1(-sample_loss).mean())
    return gradient_norm / doubt if doubt > 0 else math.inf


def surely_memorized(x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """(N,) bool: of inputs (N, d) and labels, whose label has the largest logit, whatever rounding may have done."""
    rounding = 2 * (x.shape[1] + 1) * EPS * softmax.logits(x.abs(), weights.abs()).amax(0)
    return margins(x, y, weights) > rounding


def margins(x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """(N,) of inputs (N, d) and labels: the logit of the label minus the largest other."""
    return softmax.cross_entropy(softmax.logits(x, weights)[None], y[None])[1][0]


class _Found(NamedTuple):
    """Of some samples and classes: the minimum, or what it tends to."""

    kind: Kind
    separable: bool | None  # None where neither was proved
    reason: str
    weights: Tensor  # (V, d)
    loss: Tensor  # (N,)
    memorized: Tensor  # (N,) bool
    gradient: Tensor  # (V, d) of the mean cross-entropy; where classes split, within the groups


def _apart(weights: Tensor, num_samples: int) -> _Found:
    return _Found(
        "separable",
        True,
        "some weights give every label the largest logit",
        weights,
        weights.new_zeros(num_samples),
        torch.ones(num_samples, dtype=torch.bool),
        torch.zeros_like(weights),
    )


def _stopped(newton: Newton, white: Whitened, kind: Kind, separable: bool | None, reason: str) -> _Found:
    weights, gradient = newton.weights @ white.there.T, newton.gradient @ white.back
    return _Found(kind, separable, reason, weights, newton.loss, newton.margin > TIED, gradient)


def _solve(x: Tensor, y: Tensor, num_classes: int, check: Callable[[], None], start: Tensor | None = None) -> _Found:
    """(N, d), (N,), (V, d) -> the minimum, sought from weights `start`, or from 0."""
    if num_classes == 1 or len(x) == 0:
        return _apart(x.new_zeros(num_classes, x.shape[1]), len(x))
    white = whitened(x)
    begin = None if start is None else start @ white.back.T
    newton = Newton(white.inputs, y, num_classes, weights=begin, input_error=white.error)
    found = _descend(newton, x, white, y, check)
    if found.separable is None and _some_are_not_separable(x, y, found.loss, check):
        found = found._replace(separable=False)
    return found


def _descend(newton: Newton, x: Tensor, white: Whitened, y: Tensor, check: Callable[[], None]) -> _Found:
    """Newton's method, until there is a proof."""
    tried, smallest = set(), math.inf
    for step in range(MAX_STEPS):
        check()
        if (apart := _scaled_apart(newton)) is not None:
            apart = apart @ white.there.T
            if surely_memorized(x, y, apart).all():
                return _apart(apart, len(x))
            return _undecided(newton, white, "weights that would classify all samples right are lost in rounding")
        if step >= FIRST_SPLIT:
            for confused in (CONFUSED, min(CONFUSED, FADING * newton.gradient_norm)):
                groups = _groups(newton.probabilities, y, confused)
                if tuple(groups) in tried:
                    continue
                tried.add(tuple(groups))
                if (split := _split(x, white, y, groups, check, newton.weights)) is not None:
                    return split
        if newton.gradient_norm <= GRADIENT_NORM:
            proof = newton.is_next_to_the_optimum()
            if proof:
                reason = "finite weights reach the minimum of the cross-entropy"
                return _stopped(newton, white, "finite", False, reason)
            if (proof is None or math.isinf(white.error)) and newton.gradient_norm > smallest / 2:
                return _undecided(
                    newton,
                    white,
                    "the gradient is as good as 0, but the layer too large to prove that the minimum is there",
                )
            smallest = newton.gradient_norm  # as long as it falls, a proof may still come
        newton.step()
    return _undecided(newton, white, f"{MAX_STEPS} steps of Newton's method led to no proof either way")


def _undecided(newton: Newton, white: Whitened, reason: str) -> _Found:
    if math.isinf(white.error):
        reason = (
            "in some direction the inputs differ by no more than rounding, and whether that tells classes apart is "
            "open; leaving out inputs that follow from others, or subtracting its mean from each, may help"
        )
    return _stopped(newton, white, "undecided", None, reason)


def _some_are_not_separable(x: Tensor, y: Tensor, loss: Tensor, check: Callable[[], None]) -> bool:
    """Whether the samples that are still in doubt provably cannot be separated, be it from their own classes alone."""
    if len(x.unique(dim=0)) < len(torch.column_stack([x, y]).unique(dim=0)):
        return True  # one input with two labels
    in_doubt = loss > IN_DOUBT
    if in_doubt.all():
        return False
    members, labels = y[in_doubt].unique(return_inverse=True)
    return _solve(x[in_doubt], labels, len(members), check).separable is False


def _scaled_apart(newton: Newton) -> Tensor | None:
    """The weights, if they classify every sample right, so long that the loss is 0 but for rounding."""
    smallest = float(newton.margin.min())
    return newton.weights * (FAR_APART / smallest) if smallest > ROUNDING * float(newton.logits.abs().max()) else None


def _groups(probabilities: Tensor, y: Tensor, confused: float) -> NDArray[np.intp]:
    """(V, N), (N,) -> (V,): the group of each class: those that some samples confuse, and those confused with these."""
    largest = probabilities.new_zeros(len(probabilities), len(probabilities))
    # (V, V): the largest probability of each class (row) for any sample of each class (column).
    largest.scatter_reduce_(1, y.expand_as(probabilities), probabilities, "amax")
    near = (torch.maximum(largest, largest.T) > confused).double()
    near.fill_diagonal_(1)
    for _ in range(len(near).bit_length()):  # paths of up to V classes
        near = (near @ near > 0).double()
    groups: NDArray[np.intp] = np.unique(near.argmax(1).numpy(), return_inverse=True)[1]
    return groups


def _split(
    x: Tensor, white: Whitened, y: Tensor, groups: NDArray[np.intp], check: Callable[[], None], start: Tensor
) -> _Found | None:
    """The minimum, if weights tell the groups of classes apart: far apart, each group is a problem of its own."""
    num_groups, of_class = int(groups.max()) + 1, torch.from_numpy(groups)
    if not 1 < num_groups < len(groups):
        return None
    of_sample = of_class[y]
    outer = _tell_apart(white.inputs, of_sample, num_groups, check)
    if outer is None:
        return None
    outer, start = outer @ white.there.T, start @ white.there.T
    if not surely_memorized(x, of_sample, outer).all():
        return None
    inner = x.new_zeros(len(groups), x.shape[1])
    gradient = torch.zeros_like(inner)
    loss, memorized = x.new_zeros(len(x)), torch.zeros(len(x), dtype=torch.bool)
    parts = []
    for group in range(num_groups):
        members, samples = torch.nonzero(of_class == group)[:, 0], of_sample == group
        part = _solve(x[samples], torch.searchsorted(members, y[samples]), len(members), check, start[members])
        inner[members] = part.weights - part.weights.mean(0)
        loss[samples], memorized[samples] = part.loss, part.memorized
        gradient[members] = part.gradient * (int(samples.sum()) / len(x))
        parts.append(part)
    # As far apart as it takes for no sample to feel the other groups, whatever the weights within them.
    within = softmax.logits(x, inner)
    margin = margins(x, of_sample, outer)
    distance = float(((within.amax(0) - within.amin(0) + FAR_APART) / margin).max())
    weights = distance * outer[of_class] + inner
    if all(part.kind == "separable" for part in parts):
        return _apart(weights, len(x)) if surely_memorized(x, y, weights).all() else None
    undecided = [part for part in parts if part.kind == "undecided"]
    separable = False if any(part.separable is False for part in parts) else None
    sizes = ", ".join(str(size) for size in sorted(np.bincount(groups).tolist(), reverse=True))
    reason = (
        f"groups of {sizes} classes can be told apart without an error, so that the loss falls for ever as they move "
        "apart; within a group it has a minimum above 0"
    )
    if undecided:
        return _Found("undecided", separable, undecided[0].reason, weights, loss, memorized, gradient)
    return _Found("split", separable, reason, weights, loss, memorized, gradient)


def _tell_apart(x: Tensor, y: Tensor, num_classes: int, check: Callable[[], None]) -> Tensor | None:
    """(V, d) weights that classify every sample right, if a few steps find some."""
    newton = Newton(x, y, num_classes)
    found: list[Tensor] = []
    for _ in range(MAX_STEPS_APART):
        check()
        if (apart := _scaled_apart(newton)) is not None:
            found.append(apart)
            if len(found) > STEPS_WIDER:
                break
        newton.step()
    return min(found, key=lambda weights: float(weights.norm()), default=None)  # the widest margin for its length
