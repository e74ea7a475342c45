"""The README's pictures, from the running app: `python -m docs.pictures`, from the root of the repository."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import OPTIONS, find_chromium
from tests.serving import serve

HERE = Path(__file__).parent
FIVE_MINUTES = 300_000
PICTURES = {
    "capacity-light.png": ("light", "/"),
    "capacity-dark.png": ("dark", "/?V=40"),
    "jamming-light.png": ("light", "/jamming"),
    "learning-rate-light.png": ("light", "/learning_rate?seeds=8"),
    "samples-light.png": ("light", "/samples?at=400&x=Least-squares+margin"),
    "limits-light.png": ("light", "/limits?spots=40"),
    "bits-dark.png": ("dark", "/bits"),
    "samples-dark.png": ("dark", "/samples?show=Watch&at=400&step=55&x=Least-squares+margin"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=OPTIONS
        )
        for name, (scheme, path) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1440, "height": 1080}, color_scheme=scheme)
            page.goto(app.url + path)
            expect(page.get_by_text(re.compile("(networks?|limits?) in|from the cache"))).to_be_visible(
                timeout=FIVE_MINUTES
            )
            expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=FIVE_MINUTES)
            page.wait_for_timeout(1_000)  # the chart's last drawing
            page.screenshot(path=HERE / name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
