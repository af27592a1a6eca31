"""Pictures of the site of tables, in a headless Chromium.

    python docs/site_figures.py SITE            # those of the docs, into docs/
    python docs/site_figures.py SITE --out DIR  # every view at 1400 and 390 px, light and dark

SITE is a folder that ``tembench leaderboard submissions --format site --out SITE`` wrote.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = Path(__file__).parent
HEIGHT, COLOURS = 1000, 256
# Address of each view, and what of its page is in the picture.
VIEWS = {
    "front": ("index.html", "body"),
    "table": (
        "open-hrtem/index.html#kind=classical&sort=column_f1&dir=desc&group=material:Pt%20on%20CeO2",
        "#explorer",
    ),
    "compare": ("open-hrtem/index.html#compare=unet-open,bm3d-open,nlpca", "#compare"),
    "method": ("open-hrtem/methods/unet-open.html", "body"),
    "viewer": ("open-hrtem/images.html", "body"),
}
OF_THE_DOCS = (
    ("front", 1400, False), ("table", 1400, True), ("compare", 1400, False),
    ("method", 1400, False), ("viewer", 1400, True), ("table", 390, False), ("viewer", 390, True),
)  # fmt: skip


def shoot(browser: Browser, site: Path, view: str, width: int, *, dark: bool) -> bytes:
    """A picture of one view: one height of the window from where the view begins."""
    address, part = VIEWS[view]
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light"
    )
    page.goto(f"{site.resolve().as_uri()}/{address}")
    page.wait_for_timeout(2500)
    if part != "body":
        page.locator(part).evaluate("element => element.scrollIntoView()")
        page.wait_for_timeout(300)
    picture = page.screenshot()
    page.close()
    return picture


def write_small(picture: bytes, path: Path) -> None:
    """Write a picture with a palette, which halves its size."""
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        ).save(path, optimize=True)
    print(f"{path}: written")


def main() -> None:
    """Draw the pictures that the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    wanted = OF_THE_DOCS
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        wanted = [(view, width, dark) for view in VIEWS for width in (1400, 390)
                  for dark in (False, True)]  # fmt: skip
    chromium = os.environ.get("TEMBENCH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for view, width, dark in wanted:
            name = f"site-{view}{'-phone' if width < 700 else ''}"
            if options.out:
                name += "-dark" if dark else "-light"
            picture = shoot(browser, options.site, view, width, dark=dark)
            write_small(picture, (options.out or DOCS) / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
