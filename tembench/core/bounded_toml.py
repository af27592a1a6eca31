"""TOML parser of bounded cost, which refuses text that would take hours to parse.

The parser's time grows with the square of a dotted key's length, and each part of a key costs a
thousand times its bytes in memory. A file of plain tables is far below these bounds.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

BYTES_LIMIT = 1 << 18
_MOST_PARTS = 16
_MOST_DOTS = 1 << 14
# The alternatives cover any text, so that one pass reads it: a part of a key (an unclosed string
# ends with its line), a dot, spaces, any other character.
_TOKENS = re.compile(
    r"""(?P<part>[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?)"""
    r"""|(?P<dot>\.)|(?P<space>[ \t]++)|."""
)


class UnreasonableToml(ValueError):
    """Text beyond the bounds of a file of plain tables; the message is what was expected."""


def loads(text: str) -> dict[str, Any]:
    """Parse TOML; raise `UnreasonableToml` for text beyond the bounds."""
    if len(text) > BYTES_LIMIT:
        raise UnreasonableToml(f"at most {BYTES_LIMIT >> 10} KiB")
    if text.count(".") > _MOST_DOTS:
        raise UnreasonableToml(f"at most {_MOST_DOTS} dots")
    if _longest_key(text) > _MOST_PARTS:
        raise UnreasonableToml(f"tables at most {_MOST_PARTS} deep, keys of as many parts")
    return tomllib.loads(text)


def _longest_key(text: str) -> int:
    """Number of parts of the longest run of words or strings joined by dots."""
    longest = run = 0
    before = None
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup
        if kind == "space":
            continue
        if kind == "part":
            run = run + 1 if before == "dot" else 1
            longest = max(longest, run)
        elif kind is None or before != "part":
            run = 0
        before = kind
    return longest
