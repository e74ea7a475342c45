"""How long a map of learning rates takes that a page draws live."""

import time

import numpy as np

from core import workers
from core.config import SweepConfig
from core.sweep import sweep

HEAT_MAP = SweepConfig(
    input_dims=(40,),
    num_classes=10,
    num_samples=tuple(range(37, 401, 33)),
    learning_rates=tuple(np.geomspace(0.001, 1, 12)),
    seeds=(0, 1, 2),
    num_steps=1_000,
    measure_sharpness="end",
)


def report() -> None:
    """Print the figures."""
    rates, samples = len(HEAT_MAP.learning_rates), len(HEAT_MAP.num_samples)
    print(
        f"Learning rates: {rates} rates x {samples} N x {len(HEAT_MAP.seeds)} seeds of {HEAT_MAP.num_steps:,} steps, "
        "with the sharpness at the end, in the app's workers, already started"
    )
    with workers.Processes() as processes:
        for _ in sweep(HEAT_MAP.runs()[:4], executor=processes):  # warm up
            pass
        start = time.perf_counter()
        arrivals = [time.perf_counter() - start for _ in sweep(HEAT_MAP.runs(), executor=processes)]
    print(f"first result after {arrivals[0]:.2f} s, all {len(arrivals)} after {arrivals[-1]:.1f} s")
