"""How cost grows: ten times more of anything should cost at most ten times more."""

from dataclasses import replace

from core import cost
from core.bench.speed import seconds
from core.config import RunConfig
from core.train import train

BASE = RunConfig(input_dim=20, num_classes=10, num_samples=100, num_steps=200)
NUM_RUNS = 16


def report() -> None:
    """Print the table."""
    print("Ten times more of one thing, on one core (seconds; linear would be 10.0 times)")
    print(f"{'':12}{'from':>8}{'to':>8}{'seconds':>10}{'seconds':>10}{'times':>8}{'estimated':>12}")
    small = _runs(BASE, NUM_RUNS)
    train(small)  # warm up
    before = min(seconds(lambda: train(small)) for _ in range(3))
    for name in ("runs", "num_steps", "num_samples", "input_dim", "num_classes"):
        if name == "runs":
            low, large = NUM_RUNS, _runs(BASE, 10 * NUM_RUNS)
        else:
            low = getattr(BASE, name)
            large = _runs(replace(BASE, **{name: 10 * low}), NUM_RUNS)
        after = seconds(lambda runs=large: train(runs))  # type: ignore[misc]
        estimate = sum(map(cost.seconds, large))
        print(f"{name:12}{low:8}{10 * low:8}{before:10.3f}{after:10.3f}{after / before:8.1f}{estimate:12.3f}")


def _runs(base: RunConfig, count: int) -> list[RunConfig]:
    return [replace(base, data_seed=seed) for seed in range(count)]
