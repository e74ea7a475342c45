"""Where the arithmetic happens: cpu, cuda or mps, chosen on request and never at import."""

import contextlib
import threading
from collections.abc import Callable

import torch

DEVICES = ("cpu", "cuda", "mps")


def available_devices() -> tuple[str, ...]:
    """The devices of this machine that PyTorch can use, the CPU first."""
    found = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(device for device in DEVICES if found[device])


def resolve(device: str, dtype: str = "float32") -> torch.device:
    """`device` as PyTorch's, checked.

    Raises:
        ValueError: PyTorch cannot use that device here, or the device has no such dtype.
    """
    kind = device.split(":")[0]
    if kind not in DEVICES or kind not in available_devices():
        usable = ", ".join(available_devices())
        raise ValueError(f"device must be one that PyTorch can use on this machine ({usable}), but it is {device!r}")
    if kind == "mps" and dtype == "float64":
        raise ValueError('device "mps" has no float64; use dtype="float32", or device="cpu"')
    return torch.device(device)


class _OneThread(contextlib.ContextDecorator):
    """One PyTorch thread within this block, in any number of threads at once.

    The products of one batch are too small to share: two workers with a thread each beat one worker with two. And the
    number of threads may change the order of sums, which a run's result must not depend on.

    PyTorch's setting is partly one of the thread and partly one of the whole process (MKL's), so the last block to end
    puts it back: if each did, the others would go on with several threads each, many times slower. A thread whose block
    ends while others go on keeps the setting of one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 1

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = torch.get_num_threads()
            self._inside += 1
            torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                torch.set_num_threads(self._before)


one_thread = _OneThread()


def captured(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """`step`, to be called many times: on CUDA as a graph, elsewhere as it is.

    `step` must touch the same memory in the same way each time, and may not look at a value.
    """
    return _CapturedStep(step, device) if device.type == "cuda" else step


class _CapturedStep:
    """A step on CUDA, where launching a small kernel costs more than running it.

    The first calls run as they are, on a stream of their own, so that libraries set themselves up. Then the step is
    captured as a graph, which is replayed without a synchronization.
    """

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self._step = step
        self._device = device
        self._calls_to_warm_up = 3
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self) -> None:
        if self._calls_to_warm_up > 0:
            self._calls_to_warm_up -= 1
            self._run_aside()
        else:
            if self._graph is None:
                self._graph = self._captured()
            self._graph.replay()

    def _run_aside(self) -> None:
        current, aside = torch.cuda.current_stream(self._device), torch.cuda.Stream(self._device)
        aside.wait_stream(current)
        with torch.cuda.stream(aside):
            self._step()
        current.wait_stream(aside)

    def _captured(self) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device), torch.cuda.graph(graph):
            self._step()
        return graph
