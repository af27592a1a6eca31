"""Hook of MkDocs: links of the pages, which are written for a checkout, made fit for the site.

A link that is named after a page's file gets the page's title; one that leaves the pages' folder,
such as to a recipe, becomes plain text, since the site has the pages alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\((?:\.\./[^)]+|[\w/.-]+\.csv)\)")
_NAMED_AFTER_ITS_FILE = re.compile(r"(?<!!)\[[\w/-]+\.md\]\(([\w/-]+\.md)(#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Return a page's text with the links of the site."""
    folder = Path(page.file.abs_src_path).parent

    def titled(link: re.Match[str]) -> str:
        heading = (folder / link[1]).read_text(encoding="utf-8").partition("\n")[0]
        # The tables of results have no heading.
        title = heading.removeprefix("# ") if heading.startswith("# ") else "table"
        return f"[{title}]({link[1]}{link[2] or ''})"

    return _NAMED_AFTER_ITS_FILE.sub(titled, _OUTSIDE.sub(r"\1", markdown))
