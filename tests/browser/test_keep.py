"""What a visitor keeps of a page: the files that really arrive, and that the row fits a phone."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import PATIENCE, complete, fits_its_width, no_exception, plots

TINY = "capacity?n=2&n=3&N=5&N=50&points=10&seeds=1&steps=100"
STEM = "capacity-n2-3-V10-N5-to-50-points10-seeds1-steps100"


def tool(page: Page, name: str) -> Locator:
    """Open one of the popovers, once the chart above them has its height."""
    expect(plots(page).first).to_be_attached(timeout=PATIENCE)
    button = page.get_by_role("button", name=name, exact=True)
    button.click()
    opened = page.get_by_test_id("stPopoverBody")
    expect(opened).to_be_visible(timeout=PATIENCE)
    return opened


def downloaded(page: Page, opened: Locator, label: str) -> tuple[str, bytes]:
    """Name and content of the file behind a button."""
    with page.expect_download() as download:
        opened.get_by_role("button", name=label, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_files_that_arrive(page: Page, server: str) -> None:
    complete(page, f"{server}/{TINY}")
    complete(page, f"{server}/{TINY}")  # from the cache: nothing moves any more
    opened = tool(page, "Data")
    name, csv = downloaded(page, opened, "CSV")
    assert name == f"{STEM}-runs.csv"
    name, parquet = downloaded(page, opened, "Parquet")
    assert name == f"{STEM}-runs.parquet"
    table = pd.read_parquet(io.BytesIO(parquet))
    assert len(table) == 20
    read, known = (each.dropna(axis=1, how="all") for each in (pd.read_csv(io.BytesIO(csv)), table))
    pd.testing.assert_frame_equal(read, known, check_dtype=False)
    page.keyboard.press("Escape")

    opened = tool(page, "Picture")
    name, png = downloaded(page, opened, "PNG")
    assert name == f"{STEM}.png"
    assert Image.open(io.BytesIO(png)).width > 1_900
    _, svg = downloaded(page, opened, "SVG")
    assert f"{server}/{TINY}".replace("&", "&amp;").encode() in svg
    _, text = downloaded(page, opened, "JSON")
    points: list[dict[str, Any]] = json.loads(text)["datasets"]["points"]
    means = {(row["input_dim"], row["num_samples"]): row["mean"] for row in points}
    runs = table.set_index(["input_dim", "num_samples"])["num_memorized"]
    assert means == runs.to_dict()
    page.keyboard.press("Escape")

    opened = tool(page, "Python")
    name, script = downloaded(page, opened, "Script")
    assert name == f"{STEM}.py"
    compile(script, name, "exec")
    assert script.decode().splitlines()[1] == f"# {server}/{TINY}"
    no_exception(page)


def test_the_link_is_that_of_the_address(page: Page, server: str) -> None:
    complete(page, f"{server}/{TINY}")
    expect(tool(page, "Link").get_by_test_id("stCode")).to_have_text(f"{server}/{TINY}", timeout=PATIENCE)


def test_the_row_fits_a_phone(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    complete(page, f"{server}/{TINY}")
    for name in ("Link", "Python", "Data", "Picture", "Cite"):
        opened = tool(page, name)
        box = opened.bounding_box()
        assert box is not None
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 400, name
        assert fits_its_width(page)
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0, timeout=PATIENCE)
