"""A small class, as in `tests.load.classroom`: what must hold whatever the machine; how fast it is, is a figure."""

from pathlib import Path

from tests.load.classroom import measure

SESSIONS = 5
MIB = 2**20


def test_each_network_is_trained_once_and_nobody_disturbs_another(tmp_path: Path) -> None:
    figures = measure(tmp_path, SESSIONS)
    assert len(figures.first) == len(figures.moved) == SESSIONS
    assert len(figures.done) >= SESSIONS - 2  # all but the one that pressed Stop and the one that left
    assert figures.computed == figures.kept >= 80 * (SESSIONS - 1)
    assert figures.running == 0
    before, most, after = figures.memory
    assert most < before + 300 * MIB
    assert after < before + 150 * MIB
