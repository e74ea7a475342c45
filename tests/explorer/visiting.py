"""The app as its visitors meet it, without a browser: `AppTest` runs the whole page for each click.

A button of a fragment runs only the fragment in a browser: see `test_live.py`.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from explorer import presentation
from tests.serving import ROOT

A_WHILE = 60


def until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + A_WHILE
    while not is_so():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.01)


def opened(query: dict[str, Any], page: str = "capacity") -> AppTest:
    """The app, as a link to a page with this query opens it."""
    return _at(AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=A_WHILE), page, query)


def switched(at: AppTest, page: str) -> AppTest:
    """The same visitor on another page, whose address a browser opens without what stood in that of the last one."""
    return _at(at, page, {})


def _at(at: AppTest, page: str, query: dict[str, Any]) -> AppTest:
    at.query_params.clear()
    at.query_params.update(query)
    at.switch_page(f"views/{page}.py")
    if page.endswith("/page"):  # its address is its folder's name, which an app that has not yet run does not know
        at._page_hash = calc_hash(page.removesuffix("/page"))
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert list(at.exception) == []
    return at


def finished(at: AppTest) -> AppTest:
    """The page when its sweep has ended, which it looks at all the while, lest it be given up."""
    job = at.session_state["job"]
    watcher = at.session_state["watcher"] if "watcher" in at.session_state else None  # noqa: SIM401 - it has no `get`
    until(lambda: job.look(watcher).state != "running")
    return run(at)


def click(at: AppTest, key: str) -> AppTest:
    """Click the button of this key, or of this text."""
    [button] = [button for button in at.button if key in (button.key, button.label)]
    button.click()
    return run(at)


def click_chart(at: AppTest, selection: dict[str, Any], which: int | None = None) -> AppTest:
    """What the browser sends when a mark of the chart was clicked: `AppTest` itself cannot.

    Args:
        selection: by name, what is selected: of a point its fields, of an interval the ends of each field.
        which: of several charts.
    """
    found = at.get("vega_lite_chart")
    [chart] = found if which is None else [found[which]]
    return _select(at, chart.proto.id, selection)


def click_row(at: AppTest, row: int, which: int = 0) -> AppTest:
    """The same for a row of a table."""
    return _select(at, at.dataframe[which].proto.id, {"rows": [row], "columns": [], "cells": []})


def _select(at: AppTest, widget: str, selection: dict[str, Any]) -> AppTest:
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    state.id, state.string_value = widget, json.dumps({"selection": selection})
    at._run(states)
    assert list(at.exception) == []
    return at


def texts(at: AppTest) -> str:
    return "\n".join(element.value for element in at.markdown)


def status(at: AppTest) -> str:
    return str(next(text.value for text in at.markdown if re.search(r"\bnetworks?\b", text.value)))


def progress(at: AppTest) -> str:
    """What the bar says while the sweep runs."""
    [bar] = at.get("progress")
    return str(bar.proto.text)


def warnings(at: AppTest) -> list[str]:
    return [warning.value for warning in at.warning]


def keys(at: AppTest) -> set[str | None]:
    return {button.key for button in at.button}


def own_controls(at: AppTest) -> set[str | None]:
    """The keys of the page's own controls: without that of large type, which all pages have."""
    kinds = ("select_slider", "slider", "toggle", "number_input", "multiselect", "button_group", "selectbox")
    return {widget.key for kind in kinds for widget in getattr(at, kind)} - {presentation.BIG}


def drawn(at: AppTest) -> list[dict[str, Any]]:
    """The specifications of the charts on the page, with their data, which Streamlit sends beside them."""
    return [
        json.loads(element.proto.spec)
        | {
            "datasets": {
                each.name: convert_arrow_bytes_to_pandas_df(each.data.data).to_dict("records")
                for each in element.proto.datasets
            }
        }
        for element in at.get("vega_lite_chart")
    ]


def chart(at: AppTest) -> dict[str, Any]:
    [only] = drawn(at)
    return only


def is_drawn(at: AppTest) -> bool:
    return bool(drawn(at))
