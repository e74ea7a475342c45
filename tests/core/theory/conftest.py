"""What holds for every test of theory."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from core.device import one_thread


@pytest.fixture(autouse=True)
def _in_one_thread() -> Iterator[None]:
    """Small matrices, beside other tests: threads would wait for each other."""
    with one_thread, threadpool_limits(1):
        yield
