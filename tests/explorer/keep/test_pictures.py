"""Charts as files: whole in themselves, and told apart from those of other settings."""

import io
import json
import math
import re
import socket
from typing import Any
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explorer import charts
from explorer.keep import captions, pictures

TABLE = pd.DataFrame({"x": np.array([0, 1, 2], np.int64), "y": [0.5, np.nan, np.inf], "is": [True, False, True]})
POINTS: dict[str, Any] = {
    "mark": {"type": "point", "color": "#0072b2", "filled": True, "opacity": 1},
    "data": {"name": "table"},
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
    "height": 200,
    "datasets": {"table": TABLE},
}


def kept(spec: dict[str, Any] = POINTS, title: str = "A title", *small: str) -> dict[str, Any]:
    return pictures.self_contained(spec, title, small)


def test_a_chart_as_text_is_vega_lite_with_its_own_data() -> None:
    """By the schema that altair brings, the same that the Vega editor asks for."""
    found = json.loads(pictures.as_json(kept()))
    assert found["$schema"] == alt.SCHEMA_URL.replace(alt.SCHEMA_VERSION, alt.SCHEMA_VERSION.split(".")[0])
    alt.Chart.from_dict({key: value for key, value in found.items() if key != "$schema"})  # which validates
    assert found["datasets"]["table"] == [
        {"x": 0, "y": 0.5, "is": True},
        {"x": 1, "y": None, "is": False},
        {"x": 2, "y": None, "is": True},
    ]


def test_a_picture_is_drawn_by_the_version_of_vega_lite_that_altair_writes() -> None:
    assert alt.SCHEMA_VERSION.removeprefix("v").startswith(f"{pictures.VL_VERSION}.")


def test_the_chart_of_a_page_is_left_as_it_was() -> None:
    before = json.dumps(POINTS, default=str)
    kept()
    assert json.dumps(POINTS, default=str) == before


def test_each_part_of_a_stack_gets_a_width() -> None:
    found = kept({"vconcat": [POINTS, {**POINTS, "width": 50}], "datasets": {"table": TABLE}})
    assert [part["width"] for part in found["vconcat"]] == [pictures.WIDTH, 50]
    assert "width" not in found


def test_a_picture_of_dots_is_sharp_and_on_white() -> None:
    image = Image.open(io.BytesIO(pictures.as_png(kept()))).convert("RGB")
    assert image.width >= pictures.SCALE * pictures.WIDTH
    assert {image.getpixel(corner) for corner in ((0, 0), (image.width - 1, image.height - 1))} == {(255, 255, 255)}
    colours = {colour for _, colour in image.getcolors(1 << 20) or []}
    assert (0, 0x72, 0xB2) in colours  # the marks


def text_of(svg: bytes) -> str:
    return " ".join(each for each in ElementTree.fromstring(svg).itertext() if each.strip())


def test_title_and_settings_stand_in_the_picture() -> None:
    told = text_of(pictures.as_svg(kept(POINTS, "How many <labels>?", "n = 10 · V = 3", "http://here/?n=10&V=3")))
    for text in ("How many <labels>?", "n = 10 · V = 3", "http://here/?n=10&V=3"):
        assert text in told


def test_small_type_stays_within_the_picture() -> None:
    """The widest of letters, as wide as they are drawn."""
    svg = pictures.as_svg(kept(POINTS, "T", " ".join(["http://somewhere/capacity"] * 30)))
    lines = list(kept(POINTS, "T", "n = 10 " * 90)["title"]["subtitle"])
    assert len(lines) > 1
    assert max(map(len, lines)) <= pictures.LINE
    width = float(re.search(rb'width="([\d.]+)"', svg)[1])  # type: ignore[index]
    assert width < 1.2 * pictures.WIDTH


def test_lines_end_between_settings() -> None:
    values = {"n": [10, 20], "V": 10, "lr": 0.01, "steps": 2000, "bias": True, "data": "fresh", "optimizer": "adam"}
    line = captions.settings_line(values)
    found = kept(POINTS, "T", " · ".join([line] * 5))["title"]["subtitle"]
    assert len(found) > 1
    for each in found:
        entries = each.removesuffix(" ·").split(" · ")
        assert set(entries) <= set(captions.settings_line(values).replace(pictures.UNBROKEN, " ").split(" · "))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a chart names elsewhere is refused: nobody asks for it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/data.csv"
        for write in (pictures.as_png, pictures.as_svg):
            with pytest.raises(ValueError, match=r"(?i)not allowed|denied|fail"):
                write(kept({**POINTS, "data": {"url": address}}))
            with pytest.raises(TimeoutError):
                server.accept()


def test_the_real_chart_with_its_tables_can_be_kept() -> None:
    points = pd.DataFrame({"input_dim": 3, "num_samples": [5, 10], "mean": [5.0, 7.5], "low": 4.0, "high": 8.0})
    points = points.assign(sd=1.0, num_seeds=2, fraction=0.9, loss=0.1)
    none = pd.DataFrame({"input_dim": [], "num_samples": [], "memorized": [], "capacity": []})
    spec = charts.capacity_chart(points, none, none, input_dims=[3], max_num_samples=10, num_seeds=2)
    found = json.loads(pictures.as_json(kept(spec)))
    assert [row["mean"] for row in found["datasets"]["points"]] == [5.0, 7.5]
    assert "n = 3" in text_of(pictures.as_svg(kept(spec)))


# --- names and settings -----------------------------------------------------------------------------------------------


def test_a_name_tells_what_is_not_as_usual() -> None:
    values = {"n": [10, 20, 30, 40], "V": 10, "N": (5, 400), "lr": 0.01, "seeds": 2, "bias": False}
    assert captions.file_name("capacity", values) == "capacity-V10-seeds2-biasoff"
    assert captions.file_name("capacity", values | {"V": 40, "lr": 0.03}, "n = 10, N = 42") == (
        "capacity-V40-lr0.03-seeds2-biasoff-n-10-N-42"
    )


@given(st.text(max_size=40), st.lists(st.integers(1, 512), max_size=8), st.text(max_size=200))
def test_a_name_is_safe_on_every_system(page: str, dims: list[int], what: str) -> None:
    name = captions.file_name(f"p{page}", {"n": dims, "V": 10}, what)
    assert re.fullmatch(r"[A-Za-z0-9.-]*", name)
    assert not name.startswith((".", "-"))


def test_records_of_numpy_become_plain() -> None:
    [row] = pictures.records([{"a": np.float64(1.5), "b": np.int32(2), "c": np.bool_(True), "d": math.nan, "e": "x"}])
    assert row == {"a": 1.5, "b": 2, "c": True, "d": None, "e": "x"}
    assert json.loads(json.dumps(row)) == row
