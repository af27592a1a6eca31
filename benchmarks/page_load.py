"""Time until the pages of a leaderboard's site are drawn, opened from the disk in Chromium.

    python benchmarks/page_load.py SITE [--repeats 5]

SITE is a folder that ``tembench leaderboard submissions --format site --out SITE`` wrote. Each page
is opened in a window of its own, with nothing cached, and timed until its last part is there: the
rows of the table and the figure below, the differences of the methods compared, curves, crops.
Prints the median and the largest of the repeats, in seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tembench.core import markdown_table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SITE_TIMEOUT_MS = 60_000
# Address of each page, and what is drawn last.
PAGES = {
    "front": ("index.html", (".tabulator-row",)),
    "table": ("TRACK/index.html", (".tabulator-row", "figure svg")),
    "group of images": ("TRACK/index.html#group=GROUP", (".tabulator-row", "figure svg")),
    "methods compared": ("TRACK/index.html#compare=NAMES", ("#compare tbody tr",)),
    "method": ("TRACK/methods/NAME.html", ("#over-images svg",)),
    "images": ("TRACK/images.html", ("canvas",)),
}


def seconds(browser: Browser, address: str, parts: tuple[str, ...]) -> float:
    """Time until the parts of a page are drawn."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    started = time.perf_counter()
    page.goto(address)
    for part in parts:
        page.wait_for_selector(part, timeout=_SITE_TIMEOUT_MS)
    found = time.perf_counter() - started
    page.context.close()
    return found


def first_group(browser: Browser, address: str) -> str:
    """The first group of images that a table's page offers, as in its address."""
    page = browser.new_page()
    page.goto(address)
    option = page.locator("select[name=group] option").nth(1)
    option.wait_for(state="attached")
    found = quote(option.get_attribute("value") or "")
    page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    site = arguments.site.resolve().as_uri()
    lines = [["track", "methods", "page", "median, s", "largest, s"]]
    chromium = os.environ.get("TEMBENCH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for folder in sorted(path.parent for path in arguments.site.glob("*/methods")):
            methods = sorted(page.stem for page in (folder / "methods").glob("*.html"))
            values = {
                "TRACK": folder.name,
                "NAMES": ",".join(methods[:3]),
                "NAME": methods[0],
                "GROUP": first_group(browser, f"{site}/{folder.name}/index.html"),
            }
            for name, (address, parts) in PAGES.items():
                for key, value in values.items():
                    address = address.replace(key, value)
                own = [
                    seconds(browser, f"{site}/{address}", parts) for _ in range(arguments.repeats)
                ]
                times = [f"{statistics.median(own):.2f}", f"{max(own):.2f}"]
                lines.append([folder.name, str(len(methods)), name, *times])
        browser.close()
    print(markdown_table(lines))


if __name__ == "__main__":
    main()
