"""Pictures of every page with the demo in it: ``python -m tests.browser.screenshots``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from medtune.ui.navigation import STEPS
from tests.browser import steps, walk
from tests.browser.server import Server, browser_options

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WINDOWS = {1280: 800, 390: 844}
SCHEMES = ("light", "dark")
COLORS = 160  # of a picture's palette: few enough to be small, enough for soft bands


def shrink(png: bytes) -> bytes:
    """The same picture with a palette, a quarter of the size."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


def name_of(title: str) -> str:
    """File name of a page: "Fine-tune" becomes "fine_tune"."""
    return title.lower().replace("-", "_").replace(" ", "_")


def take(page: Page, title: str, width: int, scheme: str, folder: Path) -> Path:
    """Write the picture of the page that is open."""
    page.wait_for_timeout(600)  # plots fade in
    path = folder / f"{name_of(title)}-{width}-{scheme}.png"
    path.write_bytes(shrink(page.screenshot()))
    return path


def main(folder: Path = FOLDER) -> list[Path]:
    """Walk the demo once in each window and colour scheme, and write what a reader sees first of each page.

    Parameters
    ----------
    folder : Path
        Where the pictures go.

    Returns
    -------
    list of Path
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    addresses = {str(step.title): step.key for step in STEPS}
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_options())
        first = True
        for width, height in WINDOWS.items():
            for scheme in SCHEMES:
                window = {"width": width, "height": height}
                page = browser.new_context(viewport=window, color_scheme=scheme).new_page()
                if first:
                    walk.try_the_demo(page, server.url)
                    first = False
                steps.open_page(page, server.url)
                written.append(take(page, "Start", width, scheme, folder))
                for title in walk.PAGES:
                    # By its address: on a phone the open sidebar would cover the page.
                    steps.open_page(page, f"{server.url}/{addresses[title]}")
                    walk.arrive(page, title)
                    written.append(take(page, title, width, scheme, folder))
                page.context.close()
        browser.close()
    for path in written:
        print(f"{path.name}  {path.stat().st_size // 1000} kB")
    return written


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
