"""The README's pictures and those of the page Start, from the running app: `python -m docs.pictures`, from the root of
the repository.
"""

import io
import re
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.conftest import OPTIONS, find_chromium
from tests.serving import serve

HERE = Path(__file__).parent
FIVE_MINUTES = 300_000
PICTURES: dict[str, tuple[Literal["light", "dark"], str]] = {
    "capacity-light.png": ("light", "/capacity"),
    "lesson-light.png": ("light", "/lesson?part=Curve&guessLow=100&guessMid=180&guessHigh=300&seen=curve"),
    "capacity-dark.png": ("dark", "/capacity?V=40"),
    "replication-light.png": ("light", "/replication?figure=Misfit+of+C&V=40"),
    "jamming-light.png": ("light", "/jamming"),
    "learning-rate-light.png": ("light", "/learning_rate?seeds=8"),
    "samples-light.png": ("light", "/samples?at=400&x=Least-squares+margin"),
    "limits-light.png": ("light", "/limits?spots=40"),
    "bits-dark.png": ("dark", "/bits"),
    "samples-dark.png": ("dark", "/samples?show=Watch&at=400&step=55&x=Least-squares+margin"),
    "compare-light.png": ("light", "/capacity?n=20&n=40&V=20&pin=n%3D20%26n%3D40"),
}

# Of each page its first chart, in both themes; in large type, for they are small.
THUMBNAILS = {
    "capacity": "/capacity?big=true",
    "jamming": "/jamming?big=true",
    "samples": "/samples?big=true&at=400&x=Least-squares+margin",
}
THUMBNAIL_FOLDER = HERE.parent / "explorer" / "thumbnails"
THUMBNAIL_SIZE = (600, 450)  # pixels: two for each that a card has


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=OPTIONS
        )
        for name, (scheme, path) in PICTURES.items():
            page = drawn(browser, app.url + path, scheme)
            page.screenshot(path=HERE / name)
            page.close()
        for name, path in THUMBNAILS.items():
            for scheme in ("light", "dark"):
                page = drawn(browser, app.url + path, scheme, width=1200)
                save_thumbnail(page.get_by_test_id("stVegaLiteChart").first, THUMBNAIL_FOLDER / f"{name}-{scheme}.png")
                page.close()
        browser.close()


def drawn(browser: Browser, address: str, scheme: Literal["light", "dark"], width: int = 1440) -> Page:
    """A page whose sweep has ended."""
    page = browser.new_page(viewport={"width": width, "height": 1080}, color_scheme=scheme)
    page.goto(address)
    _wait(page)
    page.reload()  # all comes from the cache now: how fast this machine was just then is no part of a picture
    _wait(page)
    page.wait_for_timeout(1_000)  # the chart's last drawing
    return page


def _wait(page: Page) -> None:
    """Until the sweep has ended."""
    expect(page.get_by_text(re.compile("(networks?|limits?) in |from the cache")).first).to_be_visible(
        timeout=FIVE_MINUTES
    )
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=FIVE_MINUTES)


def save_thumbnail(chart: Locator, file: Path) -> None:
    """A chart as a small picture of few colours."""
    picture = Image.open(io.BytesIO(chart.screenshot())).convert("RGB")
    background = picture.getpixel((0, 0))
    framed = ImageOps.expand(picture, border=12, fill=background)
    fitting = ImageOps.pad(framed, THUMBNAIL_SIZE, Image.Resampling.LANCZOS, background)
    fitting.quantize(256, Image.Quantize.FASTOCTREE).save(file, optimize=True)


if __name__ == "__main__":
    main()
