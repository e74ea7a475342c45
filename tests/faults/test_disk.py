"""The disk under a running app: its folder is deleted, it is read-only, it is full, two apps share it.

What a cache does by itself is in `tests/core/test_cache.py`; here a page must fill, and Status must say what is wrong.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from core.cache import open_cache
from tests.serving import App, serve
from tests.tab import opened

SWEEP = "n=20&n=30&V=40&N=5&N=400&points=20&seeds=2&steps=200"  # a second or two
NUM_NETWORKS = 80


def assert_fills(app: App, query: str = SWEEP, count: int = NUM_NETWORKS) -> str:
    with opened(app, query) as tab:
        tab.follow()
        assert tab.errors == []
        assert tab.there() == count
        assert tab.charts == 1
        return tab.status()


def problems(app: App) -> list[str]:
    """What the page about the folder warns of."""
    with opened(app, page="storage") as tab:
        return tab.warnings


def num_kept(folder: Path) -> int:
    with closing(open_cache(folder / "cache")) as cache:
        return cache.stats().entries


def test_the_folder_is_deleted_in_mid_sweep(tmp_path: Path) -> None:
    with serve(tmp_path) as app:
        with opened(app, SWEEP.replace("steps=200", "steps=2500")) as tab:  # long enough to be in the middle of it
            tab.follow(lambda tab: tab.there() > 5)
            assert tab.timer is not None, "the sweep ended before the folder could be deleted"
            before = tab.there()
            shutil.rmtree(tmp_path / "cache")
            tab.follow()
            assert tab.errors == []
            assert tab.there() == NUM_NETWORKS
        assert problems(app) == []
        assert 0 < num_kept(tmp_path) <= NUM_NETWORKS - before, "what came later is kept in a new folder"
        shutil.rmtree(tmp_path / "cache")  # and once more while nothing happens
        assert_fills(app, SWEEP.replace("steps=200", "steps=100"))
        assert num_kept(tmp_path) == NUM_NETWORKS
        assert "Traceback" not in app.log()


def test_the_folder_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    with serve(tmp_path, first="from tests.faults import faults; faults.obeys_permissions()") as app:
        assert_fills(app)
        [problem] = problems(app)
        assert "cannot be used" in problem
        assert_fills(app)
        assert app.log().count("cannot be used") == 1, "one warning is enough"
        assert "Traceback" not in app.log()
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_disk_is_full(tmp_path: Path) -> None:
    """To the app: none of its files may grow past a megabyte, which is what an unprivileged container can have."""
    pytest.importorskip("resource")
    with serve(tmp_path, first="from tests.faults import faults; faults.files_stay_small(1_000_000)") as app:
        assert_fills(app)
        [problem] = problems(app)
        assert "not kept" in problem
        assert_fills(app, SWEEP.replace("steps=200", "steps=100"))
        with opened(app, "at=400&dim=30&V=40&steps=200", "samples") as tab:  # a page that needs a whole result
            tab.follow()
            assert tab.errors == tab.warnings == []
            assert tab.charts > 0
        assert "Traceback" not in app.log()
    assert 0 < num_kept(tmp_path) < NUM_NETWORKS


def test_two_apps_share_a_folder(tmp_path: Path) -> None:
    """They compute the same at the same time; afterwards each has what the other computed."""
    with serve(tmp_path) as one, serve(tmp_path) as other, ThreadPoolExecutor(2) as visitors:
        assert len(list(visitors.map(assert_fills, (one, other)))) == 2
        assert num_kept(tmp_path) == NUM_NETWORKS
        assert_fills(one, SWEEP.replace("steps=200", "steps=100"))
        status = assert_fills(other, SWEEP.replace("steps=200", "steps=100"))
        assert status == f"**{NUM_NETWORKS} networks**, all from the cache."
        assert problems(one) == problems(other) == []
        assert "Traceback" not in one.log()
