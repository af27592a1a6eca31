"""Errors that a user can fix: one line on the terminal, an exit code for each kind."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Self

_MOST_MARKS = 3
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
OS_EXIT_CODE = 8
"""Exit code for errors of the operating system: disk, memory."""


class TembenchError(Exception):
    """A mistake that the user can fix, reported in one line.

    Parameters
    ----------
    what : str
        The mistake.
    where : str, optional
        The file, folder or dotted path concerned.
    expected, got : str, optional
        The value expected there, and the value found.
    remedy : str, optional
        Action that fixes the mistake.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.remedy = remedy
        super().__init__(self._line())

    def _line(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        details = [
            f"{name} {text}"
            for name, text in (("expected", self.expected), ("got", self.got))
            if text is not None
        ]
        if details:
            line += "; " + ", ".join(details)
        if self.remedy:
            line += f". {self.remedy}"
        # One error is one line, even where it quotes the content of a file.
        return printable(" ".join(line.split()))

    def at(self, where: object) -> Self:
        """Return the same error with another location."""
        return type(self)(self.what, **{**self._details(), "where": str(where)})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the keyword-only arguments: errors are passed between processes."""
        return _rebuild, (type(self), self.what, self._details())

    def _details(self) -> dict[str, str | None]:
        return {
            "where": self.where,
            "expected": self.expected,
            "got": self.got,
            "remedy": self.remedy,
        }


def together(problems: Sequence[str], most: int) -> str:
    """Join several mistakes in one line: their number, and the first `most` of them."""
    if len(problems) == 1:
        return problems[0]
    shown = "; ".join(problems[:most])
    rest = f"; and {len(problems) - most} more" if len(problems) > most else ""
    return f"{len(problems)} mistakes: {shown}{rest}"


def quoted(key: str) -> str:
    """A key as written in a dotted path: in quotes where TOML needs them."""
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def printable(text: str) -> str:
    """`text` with control characters and piled-up marks escaped: it cannot control a terminal."""
    return "".join(
        c if is_visible(c) and marks <= _MOST_MARKS else c.encode("unicode_escape").decode()
        for c, marks in _with_marks(text)
    )


# Printable by Python's rule, and yet invisible (Default_Ignorable_Code_Point of Unicode 15 and the
# blank Braille pattern): two names could differ by them alone.
_INVISIBLE = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
)


def is_visible(character: str) -> bool:
    """Whether a character is visible or a space: not a control, direction mark or filler."""
    return character.isprintable() and character not in _INVISIBLE


def is_plain(text: str) -> bool:
    """Whether a text is visible in full, and stays on its lines.

    It has no control characters, nothing invisible or that changes the direction of writing, and
    at most three combining marks on one letter: more would be drawn over the lines above.
    """
    if text.isascii() and text.isprintable():
        return True
    return all(
        (is_visible(c) or c in "\n\t") and marks <= _MOST_MARKS for c, marks in _with_marks(text)
    )


def _with_marks(text: str) -> Iterator[tuple[str, int]]:
    """Each character, and how many marks are piled up on a letter with it."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        yield character, marks


def _rebuild(kind: type[TembenchError], what: str, details: dict[str, str | None]) -> TembenchError:
    return kind(what, **details)


class RecipeError(TembenchError):
    """A recipe that cannot be used."""

    exit_code = 3


class StoreError(TembenchError):
    """A data set that is missing, incomplete, damaged or of another layout."""

    exit_code = 4


class ImageError(TembenchError):
    """An image file that cannot be read, or is not an image of counted electrons."""

    exit_code = 4

    def noted(self, notes: Sequence[str]) -> Self:
        """Return the same error, with notes on how its file was interpreted."""
        details = self._details()
        details["remedy"] = ". ".join([*filter(None, [self.remedy]), *notes]) or None
        return type(self)(self.what, **details)


class MethodError(TembenchError):
    """A method folder that cannot be used, or a method that failed."""

    exit_code = 5


class OutputError(TembenchError):
    """Denoised outputs or a submission that break a rule."""

    exit_code = 6


class TableError(TembenchError):
    """Rows that cannot be in one table."""

    exit_code = 7


class MissingPackage(TembenchError):
    """An optional package that is not installed."""

    exit_code = 9


class BatchError(TembenchError):
    """Failure of some of several files, with their exit code where they share one."""

    @classmethod
    def of(cls, total: int, problems: Sequence[Exception]) -> Self:
        """Return the error for `problems` among `total` files."""
        error = cls(
            f"{len(problems)} of {total} files failed",
            remedy="The same command tries them again and leaves the others as they are",
        )
        codes = {_exit_code(problem) for problem in problems}
        error.exit_code = codes.pop() if len(codes) == 1 else 1
        return error


def _exit_code(problem: Exception) -> int:
    if isinstance(problem, TembenchError):
        return problem.exit_code
    return OS_EXIT_CODE if isinstance(problem, OSError | MemoryError) else 1
