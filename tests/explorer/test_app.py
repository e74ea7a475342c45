"""The app as a whole: what stands before all pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.explorer.visiting import A_WHILE
from tests.serving import ROOT, free_port


@pytest.fixture
def _no_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of an app before it, and nothing for one after it."""
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("_no_app")
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("host:8786", "the address of a cluster must look like dask://host:8786, but it is 'host:8786'"),
        (f"dask://localhost:{free_port()}", "no scheduler answered at tcp://localhost:"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told_in_place_of_every_page(
    address: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_EXECUTOR", address)
    at = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=A_WHILE).run()
    [error] = at.error
    assert error.value.startswith("Nothing can be computed: ")
    assert sentence in error.value
    assert list(at.exception) == []
    assert list(at.title) == []
