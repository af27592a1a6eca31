"""Blocks of lines of an untrusted ``scores.csv``: texts and numbers by column.

A block of plain lines (texts of printable ASCII without quotes, every other cell a number in plain
figures or empty) is read by pandas. Any other block is read line by line by Python's csv and float,
which say what a cell means: on plain lines both give the same, to the last bit.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# A number has 24 characters at most.
LONGEST_CELL = 40
"""Characters of the longest cell that is read as a number."""
_PLAIN_TEXT = bytes(set(range(0x20, 0x7F)) - {ord('"')}) + b"\n"
# Those of numbers, "inf" among them, but of no other word: pandas may take True for 1.
_PLAIN_NUMBERS = b"0123456789+-.eEinf,\n"
_IMAGE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True, eq=False)
class CsvBlock:
    """Cells of consecutive lines.

    Attributes
    ----------
    first : int
        Number of the first line in the file.
    lines : sequence of bytes
        The lines, up to one that is not CSV.
    images : array of int64 (lines,)
        The first cell; minus the line's number where it is not the number of an image.
    texts : Mapping of str to list
        Cells of each column of texts.
    numbers : array of float64 (columns, lines)
        Cells of the other columns, in their order; NaN where a cell is not a number.
    empty : array of bool (columns, lines)
        Whether such a cell is empty.
    whole : array of bool (lines,)
        Whether a line has as many cells as there are columns; else all of them count as empty.
    broken : str
        What is wrong with the line after `lines`, if it is not CSV.
    """

    first: int
    lines: Sequence[bytes]
    images: np.ndarray
    texts: Mapping[str, Sequence[str]]
    numbers: np.ndarray
    empty: np.ndarray
    whole: np.ndarray
    broken: str = ""

    def cells(self, line: int) -> list[str]:
        """Cells of one line."""
        return cells_of(self.lines[line])


def cells_of(line: bytes) -> list[str]:
    """Cells of a line; UnicodeDecodeError or csv.Error where it is not a line of a CSV file."""
    # A quoted cell may not extend over several lines.
    return next(csv.reader([line.decode("utf-8").rstrip("\r\n")], strict=True), [])


def read_block(
    first: int, lines: Sequence[bytes], texts: Sequence[str], numbers: int, longest: int
) -> CsvBlock:
    """Read lines of a CSV file: the number of an image, texts, then numbers.

    Parameters
    ----------
    first : int
        Number of the first line in the file.
    lines : sequence of bytes
        Lines with their ends.
    texts : sequence of str
        Names of the columns of texts.
    numbers : int
        How many columns of numbers there are.
    longest : int
        Bytes of the longest line that is accepted.
    """
    plain = _plain_block(first, lines, texts, numbers, longest)
    return plain or _any_block(first, lines, texts, numbers, longest)


def _plain_block(
    first: int, lines: Sequence[bytes], texts: Sequence[str], numbers: int, longest: int
) -> CsvBlock | None:
    """Read plain lines; None if one is not plain."""
    width = 1 + len(texts)
    rows = [line.split(b",", width) for line in lines]
    if max(map(len, lines)) > longest or min(map(len, rows)) <= width:
        return None
    images, *cells, rest = zip(*rows, strict=True)
    leading = [b"\n".join(own) for own in (images, *cells)]
    data = b"".join(rest)
    data += b"" if data.endswith(b"\n") else b"\n"
    if any(own.translate(None, _PLAIN_TEXT) for own in leading):
        return None
    if data.translate(None, _PLAIN_NUMBERS) or not all(map(bytes.isdigit, images)):
        return None
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((signs == ord(",")) | (signs == ord("\n")))
    # Each line has one line break, at its end: none is in another place.
    if (
        len(ends) != numbers * len(lines)
        or (signs[ends[numbers - 1 :: numbers]] != ord("\n")).any()
    ):
        return None
    lengths = (np.diff(ends, prepend=-1) - 1).reshape(-1, numbers).T
    if lengths.max() > LONGEST_CELL or max(map(len, images)) > 9:
        return None
    values = _all_numbers(data)
    if values is None:
        return None
    return CsvBlock(
        first=first,
        lines=lines,
        images=np.array(images, dtype="S9").astype(np.int64),
        texts={
            name: own.decode().split("\n") for name, own in zip(texts, leading[1:], strict=True)
        },
        numbers=values,
        empty=lengths == 0,
        whole=np.ones(len(lines), dtype=bool),
    )


def _all_numbers(data: bytes) -> np.ndarray | None:
    """Numbers (columns, lines), NaN for empty cells; None if any is not a number."""
    import pandas as pd

    # Since 3.1 numbers are always rounded as Python rounds them, and asking for it is deprecated.
    before = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            header=None,
            dtype=np.float64,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            quoting=csv.QUOTE_NONE,
            low_memory=False,
            **({"float_precision": "round_trip"} if before else {}),
        )
    except ValueError:
        return None
    return np.ascontiguousarray(frame.to_numpy().T)


def _any_block(
    first: int, lines: Sequence[bytes], texts: Sequence[str], numbers: int, longest: int
) -> CsvBlock:
    """Read lines cell by cell."""
    found: list[list[str]] = []
    broken = ""
    for number, line in enumerate(lines, first):
        try:
            if len(line) > longest:
                raise csv.Error(f"more than {longest} characters")
            found.append(cells_of(line))
        except (UnicodeDecodeError, csv.Error) as problem:
            broken = f"line {number}: {problem}"
            break
    width = 1 + len(texts) + numbers
    rows = [cells if len(cells) == width else [""] * width for cells in found]
    images = [
        int(cells[0]) if _IMAGE.fullmatch(cells[0]) else -number
        for number, cells in enumerate(rows, first)
    ]
    shape = (len(rows), numbers)
    values = [[_number(cell) for cell in cells[-numbers:]] for cells in rows]
    empty = [[not cell for cell in cells[-numbers:]] for cells in rows]
    return CsvBlock(
        first=first,
        lines=lines[: len(found)],
        images=np.array(images, dtype=np.int64),
        texts={name: [cells[at] for cells in rows] for at, name in enumerate(texts, 1)},
        numbers=np.array(values, dtype=np.float64).reshape(shape).T,
        empty=np.array(empty, dtype=bool).reshape(shape).T,
        whole=np.array([len(cells) == width for cells in found], dtype=bool),
        broken=broken,
    )


def _number(text: str) -> float:
    if not text:
        return math.nan
    try:
        return float(text) if len(text) <= LONGEST_CELL and "_" not in text else math.nan
    except ValueError:
        return math.nan
