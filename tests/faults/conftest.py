"""One app in good health for all faults that come from outside and leave it whole."""

from collections.abc import Iterator

import psutil
import pytest

from tests.serving import App, serve


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("faults"), "--server.headless", "true") as running:
        yield running


@pytest.fixture
def server(app: App) -> psutil.Process:
    return psutil.Process(app.pid)
