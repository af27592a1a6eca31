"""Text of errors that is safe to print."""

from __future__ import annotations

import pytest

from tembench.core.errors import is_plain, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café 去噪", "Café 去噪"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\udcff", "\\udcff"),
        ("a" + "\u0301" * 5, "a" + "\u0301" * 3 + "\\u0301" * 2),
    ],
)
def test_what_would_control_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert is_plain(printable(text))
