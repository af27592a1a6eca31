"""Hook of MkDocs: links that leave the pages' folder, such as to a recipe, become plain text.

In a checkout they lead to the file; the site has the pages alone.
"""

from __future__ import annotations

import re

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\((?:\.\./[^)]+|[\w/.-]+\.csv)\)")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page without its links to files that the site lacks."""
    return _OUTSIDE.sub(r"\1", markdown)
