"""Who computes what: runs are trained, limits of data sets are solved."""

from collections.abc import Callable, Sequence
from typing import cast

from core.config import RunConfig
from core.limits import LimitsResult, limits
from core.result import RunResult
from core.tasks import LimitsConfig, Task
from core.train import train_chunk
from core.workers import never

Result = RunResult | LimitsResult


def compute(tasks: Sequence[Task], *, device: str = "cpu", should_stop: Callable[[], bool] = never) -> Sequence[Result]:
    """The results of tasks of one recipe (see `core.plan`), in no particular order.

    Args:
        tasks: all of one kind; there may be none.
        device: "cpu", "cuda" or "mps", for runs; limits are always solved on the CPU, in float64.
        should_stop: asked before every step.

    Raises:
        Stopped: `should_stop` said so.
        ValueError: the device cannot be used here.
    """
    if not tasks:
        return []
    if isinstance(tasks[0], LimitsConfig):
        return limits(cast("Sequence[LimitsConfig]", tasks), should_stop=should_stop)
    return train_chunk(cast("Sequence[RunConfig]", tasks), device=device, should_stop=should_stop)
