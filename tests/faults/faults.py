"""What can be wrong with the process of an app: `serve(folder, first="from tests.faults import faults; faults.x()")`.

Each function runs in that process before Streamlit does. What happens in workers goes by the input dimension of a run:
a test asks for a fault with the n of its link.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import core.work
from core.tasks import Task

RAISES, NO_MEMORY, KILLED, HANGS = 61, 62, 63, 64  # n

_compute = core.work.compute


def workers_fail() -> None:
    """Runs of some n end badly, whoever tries them and however often."""
    for module in list(sys.modules.values()):
        if getattr(module, "compute", None) is _compute:
            module.compute = compute  # wherever it has been imported already


def compute(tasks: Sequence[Task], **others: Any) -> Sequence[core.work.Result]:
    """In a worker: what is asked for, or what happens instead."""
    dims = {task.input_dim for task in tasks}
    if RAISES in dims:
        raise ZeroDivisionError("the fault of a test")
    if NO_MEMORY in dims:
        bytearray(1 << 48)  # 256 TiB
    if KILLED in dims:
        os.kill(os.getpid(), signal.SIGKILL)  # as the system does that has no memory left
    if HANGS in dims:
        while True:
            time.sleep(1)  # and asks nobody whether it should stop
    return _compute(tasks, **others)


def clock_jumps() -> None:
    """A laptop wakes up, a time server answers: the time of day leaps by years at every look, in both directions."""
    dice = random.Random(1)
    time.time = lambda: dice.uniform(1e8, 4e9)
    time.time_ns = lambda: int(time.time() * 1e9)


def files_stay_small(num_bytes: int) -> None:
    """The disk is full, to this process and its workers: no file grows further."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, num_bytes))


def obeys_permissions() -> None:
    """Root may write where it is not permitted to; without this one right of its (`CAP_DAC_OVERRIDE`) it may not."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread: there is no other yet
    rights = (ctypes.c_uint32 * 6)()
    done = libc.capget(header, rights)
    rights[0] &= ~(1 << 1)
    if done or libc.capset(header, rights):
        raise OSError(ctypes.get_errno(), "cannot give up a right")
