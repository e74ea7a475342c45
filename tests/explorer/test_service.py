"""What all sessions share, and how much each may ask for."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from core import cluster
from explorer import service


@pytest.fixture(autouse=True)
def _asks_anew() -> None:
    service._main_memory.cache_clear()


@pytest.mark.parametrize(
    ("allowed", "share"),
    [("max\n", 1.0), (f"{2**30}\n", None), (None, 1.0), (f"{2**60}\n", 1.0)],
)
def test_a_page_may_take_half_the_memory_there_is(
    allowed: str | None, share: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may have less than the machine; `None`: a system without containers."""
    file = tmp_path / "memory.max"
    if allowed is not None:
        file.write_text(allowed)
    monkeypatch.setattr(service, "CGROUP_BYTES", file)
    monkeypatch.setattr(service, "MAX_BYTES", 2**62)
    monkeypatch.setattr(service, "executor", lambda: Idle(3))
    expected = psutil.virtual_memory().total if share else 2**30
    assert service.limits()["max_bytes"] == expected // 2
    monkeypatch.setattr(service, "MAX_BYTES", 2**20)
    assert service.limits() == {"max_seconds": service.MAX_SECONDS, "max_bytes": 2**20, "workers": 3}


def test_a_cluster_has_more_workers_and_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "executor", lambda: Idle(50))
    monkeypatch.setattr(cluster, "Cluster", Idle)
    limits = service.limits()
    assert limits["workers"] == 50
    assert limits["max_bytes"] == 50 * service.CLUSTER_BYTES


class Idle(ThreadPoolExecutor):
    """An executor with so many workers, none of which starts."""

    def __init__(self, num_workers: int) -> None:
        super().__init__(num_workers)
        self.num_workers = num_workers
