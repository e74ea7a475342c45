"""The page Storage as its visitors meet it."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig
from explorer import logs, service
from tests.explorer.views.scripts import functions_of
from tests.explorer.visiting import A_WHILE, click, finished, is_drawn, opened, run, status, switched
from tests.serving import ROOT

TINY: dict[str, Any] = {"n": "2", "N": ["5", "50"], "points": "10", "seeds": "1", "steps": "100"}

pytestmark = pytest.mark.usefixtures("new_app")


def test_the_storage_page_tells_what_is_kept_and_where(tmp_path: Path) -> None:
    at = switched(finished(opened(TINY)), "storage")
    numbers = {metric.label: metric.value for metric in at.metric}
    assert numbers["Results kept"] == "10"
    assert float(numbers["Size"].split()[0]) > 0
    assert [code.value for code in at.code] == [str(tmp_path)]
    assert list(at.warning) == []


def test_an_empty_cache_has_no_hit_rate() -> None:
    at = AppTest.from_file(str(ROOT / "explorer" / "views" / "storage.py"), default_timeout=A_WHILE)
    numbers = {metric.label: metric.value for metric in run(at).metric}
    assert numbers["Results kept"] == "0"
    assert numbers["Found when asked for"] == "–"


def test_clear_empties_the_cache_and_says_how_much_went() -> None:
    at = click(switched(finished(opened(TINY)), "storage"), "clear")
    assert [success.value for success in at.success] == ["10 results were deleted."]
    assert {metric.label: metric.value for metric in at.metric}["Results kept"] == "0"
    assert service.cache().stats().entries == 0
    assert list(run(at).success) == []  # said once
    again = finished(opened(TINY))
    assert "from the cache" not in status(again)  # nor kept in memory
    assert service.cache().stats().entries == 10


def test_a_folder_that_cannot_be_used_is_told_and_the_app_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EXPLORER_CACHE_DIR", str(tmp_path / "file"))
    at = finished(opened(TINY))
    assert is_drawn(at)
    assert len(switched(at, "storage").warning) == 1


def test_what_was_in_memory_counts_as_found() -> None:
    finished(opened(TINY))
    at = switched(finished(opened(TINY)), "storage")
    numbers = {metric.label: (metric.value, metric.delta) for metric in at.metric}
    assert numbers["Found when asked for"] == ("50%", "10 of 20 since the app started")
    assert numbers["Sweeps at work"] == ("0", "2 ended since the app started")
    assert "Nothing is being computed." in [caption.value for caption in at.caption]


def looking(at: AppTest) -> list[str]:
    """How many look at each sweep."""
    captions = " ".join(caption.value for caption in at.caption)
    return re.findall(r"s so far, about \S+ \w+ left; ([^,;]* look[s]? at it)", captions)


@pytest.mark.usefixtures("asleep")
def test_what_is_at_work_is_told_to_everybody() -> None:
    """With workers that are asleep: nothing gets done."""
    opened(TINY)
    opened(TINY | {"V": "5", "n": ["3", "4"]})
    at = AppTest.from_file(str(ROOT / "explorer" / "views" / "storage.py"), default_timeout=A_WHILE)
    numbers = {metric.label: metric.value for metric in run(at).metric}
    assert numbers["Sweeps at work"] == "2"
    assert int(numbers["Workers"]) >= 1
    assert int(numbers["Memory"].split()[0].replace(",", "")) > 50
    bars = [(bar.proto.value, bar.proto.text) for bar in at.get("progress")]
    assert bars == [
        (0, "**10 networks; n = 2; V = 10; N = 5 to 50; seed = 0; η = 0.01; 100 steps**"),
        (0, "**20 networks; n = 3, 4; V = 5; N = 5 to 50; seed = 0; η = 0.01; 100 steps**"),
    ]
    assert looking(at) == ["1 page looks at it", "1 page looks at it"]


@pytest.mark.usefixtures("asleep")
def test_who_left_is_no_longer_counted_and_no_sweep_is_described_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    described, calls = logs.described, []
    monkeypatch.setattr(logs, "described", lambda tasks: calls.append(len(tasks)) or described(tasks))
    opened(TINY)
    other = opened(TINY)
    at = AppTest.from_file(str(ROOT / "explorer" / "views" / "storage.py"), default_timeout=A_WHILE)
    assert looking(run(at)) == ["2 pages look at it"]
    [job] = service.jobs().running()
    job.leave(other.session_state["watcher"])
    assert looking(run(at)) == ["1 page looks at it"]
    assert calls == [10]
    assert len(job.sessions()) == 2, "the log still tells of both"


def test_a_sweep_of_several_settings_is_described_whatever_they_are() -> None:
    """Few values are listed, many are a range, and a number has its commas in both."""
    described = functions_of("storage").described
    runs = [RunConfig(10, 10, size, num_steps=steps) for size in range(5, 60, 5) for steps in (500, 2_000)]
    told = described(SimpleNamespace(described=logs.described(runs)))
    assert told == "22 networks; n = 10; V = 10; N = 5 to 55; seed = 0; η = 0.01; 500, 2,000 steps"
