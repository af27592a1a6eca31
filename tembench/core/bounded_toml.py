"""TOML of bounded cost: refused before it is parsed where the parser would take hours for it.

The parser's time grows with the square of a dotted key's length, and each part of a key costs a
thousand times its bytes in memory. No file of plain tables comes near these bounds.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

BYTES_LIMIT = 1 << 18
_MOST_PARTS = 16
_MOST_DOTS = 1 << 14
# Each alternative matches wherever it begins, so that one pass reads any text: a part of a key (a
# string without an end ends with its line), a dot, spaces, anything else.
_TOKENS = re.compile(
    r"""(?P<part>[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?)"""
    r"""|(?P<dot>\.)|(?P<space>[ \t]++)|."""
)


class UnreasonableToml(ValueError):
    """A text that no writer of plain tables writes; says what was expected."""


def loads(text: str) -> dict[str, Any]:
    """Parse TOML; `UnreasonableToml` where that would cost more than such a file is worth."""
    if len(text) > BYTES_LIMIT:
        raise UnreasonableToml(f"at most {BYTES_LIMIT >> 10} KiB")
    if text.count(".") > _MOST_DOTS:
        raise UnreasonableToml(f"at most {_MOST_DOTS} dots")
    if _longest_key(text) > _MOST_PARTS:
        raise UnreasonableToml(f"tables at most {_MOST_PARTS} deep, keys of as many parts")
    return tomllib.loads(text)


def _longest_key(text: str) -> int:
    """Parts of the longest run of words or strings with dots between them."""
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
