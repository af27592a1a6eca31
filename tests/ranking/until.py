"""Waiting for a page of the site, whose policy forbids the `eval` of Playwright's own waiting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SECONDS, _PAUSE_MS = 20.0, 50


def until(page: Page, expression: str) -> None:
    """Wait until an expression of JavaScript is true on a page."""
    end = time.monotonic() + _SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(_PAUSE_MS)
