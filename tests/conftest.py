"""What holds for every test: no trace in the user's cache, and in CI the same examples on every run."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Files run beside each other, one on each core: threads of each would mostly wait for those of the others. Before
# anything imports torch.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# No deadline: a first call into torch takes a second that says nothing about the code under test.
settings.register_profile("local", deadline=None)
# Derandomized: a change must not fail for an example that the change before it never met.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the user's own cache: they must neither profit from it nor leave anything there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _main_module_of_its_own() -> Iterator[None]:
    """Streamlit puts its script in the place of the main module, which each new process of a later test would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
