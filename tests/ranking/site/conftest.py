"""Fixtures: a site of two synthetic tables, and pages of it in a headless browser.

The browser is Chromium as the system has it, or the one that TEMBENCH_CHROMIUM names. Without one
these tests are skipped, but not in continuous integration, where they must run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from site_tables import site_tables
from uneven_table import uneven_table

from tembench.ranking.site import write_site
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def tables() -> list[Table]:
    return site_tables()


@pytest.fixture(scope="session")
def site(tables: list[Table], made_once: Callable[..., Path]) -> Path:
    """A whole site; read only."""

    def make(folder: Path) -> None:
        write_site(tables, folder / "site")

    return made_once("site", make) / "site"


def _chromium() -> str | None:
    found = filter(None, map(shutil.which, _NAMES))
    return os.environ.get("TEMBENCH_CHROMIUM") or next(found, None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = _chromium()
    if path is None:
        text = "no Chromium here: install it, or name it with TEMBENCH_CHROMIUM"
        assert not os.environ.get("CI"), text
        pytest.skip(text)
    with sync_playwright() as playwright:
        # Root, as which containers run, has no sandbox.
        options: list[str] = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, site: Path) -> Iterator[Callable[..., Page]]:
    """Open a page of the site as a file; fails the test if it logs or fetches anything."""
    contexts: list[Any] = []
    faults: list[str] = []

    def visit(path: str, *, width: int = 1400, dark: bool = False, folder: Path = site) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda problem: faults.append(f"error: {problem}"))
        page.on("request", lambda request: _note_foreign(request.url, faults))
        page.goto(f"{folder.as_uri()}/{path}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not faults


def _note_foreign(address: str, faults: list[str]) -> None:
    if not address.startswith(("file:", "data:", "blob:")):
        faults.append(f"request: {address}")


@pytest.fixture(scope="session")
def uneven() -> Table:
    return uneven_table()


@pytest.fixture(scope="session")
def uneven_site(uneven: Table, made_once: Callable[..., Path]) -> Path:
    """A site of a table whose rows lack scores, are infinite or on the subset; read only."""

    def make(folder: Path) -> None:
        write_site([uneven], folder / "site")

    return made_once("uneven-site", make) / "site"
