"""How fast a sweep trains: beside a loop of `torch.nn`, and beside the floor that the arithmetic itself sets."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional

from core import workers
from core.config import RunConfig
from core.data import dataset, initial_weights
from core.device import one_thread
from core.presets import PRESETS
from core.sweep import sweep

FIGURES = {"V = 10, as plotted": "liu-fig1-as-plotted", "V = 40, as written": "liu-fig1-as-written"}
LOOP_NUM_SAMPLES = (5, 100, 200, 300, 400)  # the N at which the loop is timed; in between its cost is interpolated
LOOP_STEPS = 60


def figure_1(name: str) -> list[RunConfig]:
    """The 320 runs of Figure 1 (one seed)."""
    return [run for run in PRESETS[name].runs() if run.data_seed == 0]


def report() -> None:
    """Print the table."""
    print("Figure 1: 320 runs of 2,000 steps, in seconds. The loop is timed on 20 runs of 60 steps each, and scaled.")
    print("`processes` are the app's workers, already started; `threads` is what `sweep` takes for so short a sweep.")
    print(f"{'':22}{'loop':>8}{'floor':>8}{'':>12}{'seconds':>9}{'times faster':>14}{'times floor':>13}")
    with workers.Processes() as processes:
        list(sweep(figure_1(FIGURES["V = 10, as plotted"]), executor=processes))  # warm up
        for title, name in FIGURES.items():
            runs = figure_1(name)
            loop, floor = loop_seconds(runs), floor_seconds(runs)
            for kind, executor in (("processes", processes), ("threads", None)):
                ours = min(seconds(lambda: list(sweep(runs, executor=executor))) for _ in range(2))  # noqa: B023
                print(f"{title:22}{loop:8.0f}{floor:8.2f}{kind:>12}{ours:9.2f}{loop / ours:14.0f}{ours / floor:13.2f}")


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def loop_seconds(runs: Sequence[RunConfig]) -> float:
    """What a loop over the runs of nn.Linear, autograd and torch.optim.Adam would take, timed on a sample of them.

    With one thread: for products so small two are no faster, and many times slower as soon as anything else runs.
    """
    total = 0.0
    for n in {run.input_dim for run in runs}:
        same = [run for run in runs if run.input_dim == n]
        with one_thread:
            timed = {run.num_samples: _loop_step_seconds(run) for run in same if run.num_samples in LOOP_NUM_SAMPLES}
        wanted = [run.num_samples for run in same]
        total += same[0].num_steps * float(np.interp(wanted, list(timed), list(timed.values())).sum())
    return total


def _loop_step_seconds(run: RunConfig) -> float:
    x, y = (torch.from_numpy(array) for array in dataset(run))
    layer = torch.nn.Linear(run.input_dim, run.num_classes)
    start = torch.from_numpy(initial_weights(run))
    with torch.no_grad():
        layer.weight.copy_(start[:, :-1])
        layer.bias.copy_(start[:, -1])
    optimizer = torch.optim.Adam(layer.parameters(), lr=run.learning_rate)

    def steps(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            functional.cross_entropy(layer(x), y).backward()
            optimizer.step()

    steps(10)
    return seconds(lambda: steps(LOOP_STEPS)) / LOOP_STEPS


def floor_seconds(runs: Sequence[RunConfig]) -> float:
    """The least time that this arithmetic takes on this machine's cores, all busy with nothing else.

    Two matrix products a step at the rate measured for a well-shaped batch of such products, and one exponential a
    logit. No softmax, no optimizer, no padding, no calls.
    """
    flops = sum(4.0 * run.num_steps * run.num_weights * run.num_samples for run in runs)
    logits = sum(float(run.num_steps * run.num_classes * run.num_samples) for run in runs)
    with one_thread, torch.inference_mode():
        core_seconds = flops / _product_rate(runs[0].num_classes) + logits * _exp_seconds()
    return core_seconds / workers.num_workers()


def _product_rate(num_classes: int) -> float:
    """Floating-point operations a second of one core in W X^T, n = 40 and a bias, N = 208."""
    w, x = torch.randn(16, num_classes, 41), torch.randn(16, 41, 208)
    out = torch.empty(16, num_classes, 208)
    return 2.0 * w.numel() * 208 / _fastest(lambda: torch.bmm(w, x, out=out))


def _exp_seconds() -> float:
    z = torch.randn(16, 10, 208)
    out = torch.empty_like(z)
    return _fastest(lambda: torch.exp(z, out=out)) / z.numel()


def _fastest(work: Callable[[], object], calls: int = 200, rounds: int = 10) -> float:
    """Seconds of a call, the best of some rounds: noise only adds."""

    def some() -> None:
        for _ in range(calls):
            work()

    some()
    return min(seconds(some) for _ in range(rounds)) / calls
