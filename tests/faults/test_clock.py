"""The time of day leaps under a running app: whatever is measured must be measured by a clock that does not."""

import re
from contextlib import closing
from pathlib import Path

from core.cache import open_cache
from tests.serving import serve
from tests.tab import opened

SECONDS_IN = {"s": 1, "min": 60, "h": 3600}
FAR_TOO_LONG = 300.0  # seconds, for a sweep of two or so: a clock that leaps is wrong by years
SWEEP = "n=20&V=40&N=5&N=400&points=20&seeds=2&steps=500"


def test_a_sweep_fills_is_timed_and_is_kept_while_the_clock_jumps_by_years(tmp_path: Path) -> None:
    with serve(tmp_path, first="from tests.faults import faults; faults.clock_jumps()") as app:
        with opened(app, SWEEP) as tab:
            seen = [tab.progress]
            tab.follow(lambda tab: seen.append(tab.progress) or False)
            lefts = [re.search(r"about ([\d.,]+) (s|min|h) left", text) for text in seen if text]
            assert lefts
            for left in lefts:
                assert left is not None
                assert float(left[1].replace(",", "")) * SECONDS_IN[left[2]] < FAR_TOO_LONG, left[0]
            taken = re.match(r"\*\*40 networks\*\* in ([\d.]+) s\b", tab.status())
            assert taken is not None, tab.status()
            assert 0.1 < float(taken[1]) < 60
        with opened(app, SWEEP.replace("steps=500", "steps=20000")) as tab:
            tab.tick()
            tab.click("stop")
            assert tab.status().startswith("Stopped at ")
        assert "Traceback" not in app.log()
    with closing(open_cache(tmp_path / "cache")) as cache:
        assert cache.stats().entries >= 40
        assert cache.stats().problem is None
