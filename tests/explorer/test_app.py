"""The app as a whole: what stands before all pages."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import cluster
from core.cluster import Cluster
from explorer import logs, service
from tests.explorer.visiting import A_WHILE, finished, is_drawn, opened, status, warnings
from tests.serving import ROOT, free_port


@pytest.fixture
def _no_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of an app before it, and nothing for one after it."""
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("_no_app")
def test_an_address_where_no_cluster_can_be_is_told_in_place_of_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_EXECUTOR", "nonsense")
    at = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=A_WHILE).run()
    [error] = at.error
    assert error.value.startswith(
        "Nothing can be computed: the address of a cluster (EXPLORER_EXECUTOR) must look like "
    )
    assert list(at.exception) == []
    assert list(at.title) == []


@pytest.mark.usefixtures("new_app")
def test_while_the_cluster_is_away_what_is_kept_is_shown_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    tiny = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}
    finished(opened(tiny))
    service.executor.clear()
    service.jobs.clear()
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    monkeypatch.setenv("EXPLORER_EXECUTOR", f"dask://localhost:{free_port()}")
    at = finished(opened(tiny))
    with cast("Cluster", service.executor()):
        [warning] = warnings(at)
        assert warning.startswith("Only what is kept can be shown: no scheduler answered at tcp://localhost:")
        assert "10 networks**, all from the cache" in status(at)
        assert is_drawn(at)


@pytest.mark.usefixtures("_no_app")
def test_what_happens_before_anybody_is_let_in_is_a_line_of_json_too(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logs._handler, "stream", written)
    for name in ("explorer", "core"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
    monkeypatch.setenv("EXPLORER_PASSPHRASE", " ")
    at = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=A_WHILE)
    for _ in range(2):
        assert len(at.run().error) == 1
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ["error"] * 2, "one a visit"
    assert lines[0]["event"] == "no passphrase could be read, so nobody is let in: the passphrase is empty"
