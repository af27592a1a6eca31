"""Errors a user can mend: one line on the terminal, an exit code by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

OS_EXIT_CODE = 8
"""Of what the system refuses: disk, memory."""


class TembenchError(Exception):
    """A mistake that the user can mend, told in one line.

    Parameters
    ----------
    what : str
        What is wrong.
    where : str, optional
        The file, folder or dotted path concerned.
    expected, got : str, optional
        What was expected there and what was found.
    remedy : str, optional
        What to do about it.
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
        # One error is one line, whatever a file's content brought into it.
        return printable(" ".join(line.split()))

    def at(self, where: object) -> Self:
        """Return the same error, told of `where`."""
        return type(self)(self.what, **{**self._details(), "where": str(where)})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the keyword-only arguments: errors cross process borders."""
        return _rebuild, (type(self), self.what, self._details())

    def _details(self) -> dict[str, str | None]:
        return {
            "where": self.where,
            "expected": self.expected,
            "got": self.got,
            "remedy": self.remedy,
        }


def together(problems: Sequence[str], most: int) -> str:
    """Several mistakes on one line: their number, and the first `most` of them."""
    if len(problems) == 1:
        return problems[0]
    shown = "; ".join(problems[:most])
    rest = f"; and {len(problems) - most} more" if len(problems) > most else ""
    return f"{len(problems)} mistakes: {shown}{rest}"


def printable(text: str) -> str:
    """`text` with control characters written out, so that it cannot steer a terminal."""
    return "".join(c if is_visible(c) else c.encode("unicode_escape").decode() for c in text)


# Printable by Python's rule, and yet nothing is seen of them (Default_Ignorable_Code_Point of
# Unicode 15 and the blank Braille pattern): two names may differ by them alone.
_UNSEEN = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
)


def is_visible(character: str) -> bool:
    """Whether a character is seen, or is a space: no control, no turn of direction, no filler."""
    return character.isprintable() and character not in _UNSEEN


def _rebuild(kind: type[TembenchError], what: str, details: dict[str, str | None]) -> TembenchError:
    return kind(what, **details)


class RecipeError(TembenchError):
    """A recipe that cannot be used."""

    exit_code = 3


class StoreError(TembenchError):
    """A data set that is missing, incomplete, damaged or of another layout."""

    exit_code = 4


class ImageError(TembenchError):
    """An image file that cannot be read, or shows no counted electrons."""

    exit_code = 4

    def noted(self, notes: Sequence[str]) -> Self:
        """Return the same error, with how its file was understood."""
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
    """Rows that cannot stand in one table."""

    exit_code = 7


class MissingPackage(TembenchError):
    """An optional package that is not installed."""

    exit_code = 9


class BatchError(TembenchError):
    """Some of several files that failed; its exit code is theirs where they share one."""

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
