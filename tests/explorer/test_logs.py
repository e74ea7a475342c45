"""What the app writes: each event once, as one line of JSON, whatever stands in it."""

import io
import json
import logging

import pytest

from core import LimitsConfig, RunConfig
from explorer import logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(logs._handler, "stream", stream)
    for name in ("explorer", "core"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
    return stream


def test_however_often_it_is_started_each_event_is_one_line(written: io.StringIO) -> None:
    for _ in range(3):
        logs.start()
    logging.getLogger("explorer.passphrase").warning("many wrong passphrases: each waits %.2g s", 8.0)
    logging.getLogger("core.cluster").warning("two\nlines, and “quotes”")
    logs.event(logging.getLogger("explorer.jobs"), "job", networks=3)
    logging.getLogger("explorer").debug("nobody asked for this")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [
        ("warning", "many wrong passphrases: each waits 8 s"),
        ("warning", "two\nlines, and “quotes”"),
        ("info", "job"),
    ]
    assert lines[2]["networks"] == 3


def test_a_fault_has_its_traceback_in_the_same_line(written: io.StringIO) -> None:
    logs.start()
    try:
        raise OSError("the disk is full")
    except OSError:
        logging.getLogger("core.cache").exception("not kept")
    [line] = written.getvalue().splitlines()
    assert json.loads(line)["error"].endswith("OSError: the disk is full")


def test_tasks_are_described_by_their_settings() -> None:
    runs = [RunConfig(n, 10, size, data_seed=1) for n in (3, 5) for size in range(1, 9)]
    assert logs.described(runs) == {
        "networks": 16,
        "input_dim": [3, 5],
        "num_classes": 10,
        "num_samples": "1 to 8",
        "data_seed": 1,
        "learning_rate": 0.01,
        "num_steps": 2000,
    }
    assert logs.described([LimitsConfig(3, 10, 20)]) == {
        "limits": 1,
        "input_dim": 3,
        "num_classes": 10,
        "num_samples": 20,
        "data_seed": 0,
    }
