"""Lookalikes: texts that a reader cannot tell apart have the same key.

Titles of two rows may differ in letters of another script, accents, case, kinds of hyphens or
spaces. Letters are compared by a part of the confusables of Unicode (UTS 39): those of Cyrillic,
Greek and Armenian that are drawn like Latin ones.
"""

from __future__ import annotations

import unicodedata

_DRAWN_LIKE = {
    "a": "\u0430\u03b1\u0251",
    "b": "\u0432\u03b2\u044c",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435\u0454\u03b5",
    "g": "\u0261\u0581",
    "h": "\u04bb\u043d\u0570\u03b7",
    "j": "\u0458\u03f3",
    "k": "\u043a\u03ba",
    # A digit, and letters that are drawn like it.
    "l": "1i|\u0131\u0456\u04cf\u03b9\u01c0",
    "m": "\u043c\u03bc",
    "n": "\u0578\u03bd\u057c",
    "o": "0\u043e\u03bf\u0585\u03c3",
    "p": "\u0440\u03c1",
    "q": "\u051b\u0566",
    "s": "\u0455",
    "t": "\u0442\u03c4",
    "u": "\u057d\u03c5\u028b",
    "v": "\u0475",
    "w": "\u051d\u0461",
    "x": "\u0445\u03c7",
    "y": "\u0443\u04af\u03b3",
    "z": "\u03b6",
}
_LATIN = str.maketrans({sign: letter for letter, signs in _DRAWN_LIKE.items() for sign in signs})


def lookalike_key(text: str) -> str:
    """Key of a text, which all texts share that look like it."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LATIN)
    signs = (
        "-" if unicodedata.category(sign) == "Pd" or sign == "\u2212" else sign
        for sign in plain
        if not unicodedata.combining(sign)
    )
    return "".join("".join(signs).split())
