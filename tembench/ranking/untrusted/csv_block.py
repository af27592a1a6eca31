"""Blocks of lines of an untrusted ``scores.csv``: texts and numbers by column.

A block of plain lines (printable ASCII without quotes, every cell of a number is one or empty) is
read by pandas. Any other block is read line by line by Python's csv and float, which say what a
cell means: on plain lines both give the same, to the last bit.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# A number has 24 characters at most.
LONGEST_CELL = 40
"""Characters of the longest cell that is read as a number."""
_PLAIN = bytes(set(range(0x20, 0x7F)) - {ord('"')}) + b"\n"
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
    first: int, lines: Sequence[bytes], columns: Sequence[str], texts: Collection[str], longest: int
) -> CsvBlock:
    """Read lines of a CSV file.

    Parameters
    ----------
    first : int
        Number of the first line in the file.
    lines : sequence of bytes
        Lines with their ends.
    columns : sequence of str
        All columns; the first has the number of the image.
    texts : collection of str
        Columns of texts; all others but the first have numbers.
    longest : int
        Bytes of the longest line that is accepted.
    """
    at = {name: columns.index(name) for name in columns if name in texts}
    numbers = [place for place, name in enumerate(columns) if place and name not in texts]
    plain = _plain_block(first, lines, len(columns), at, numbers, longest)
    return plain or _any_block(first, lines, len(columns), at, numbers, longest)


def _plain_block(
    first: int,
    lines: Sequence[bytes],
    width: int,
    texts: Mapping[str, int],
    numbers: Sequence[int],
    longest: int,
) -> CsvBlock | None:
    """Read plain lines; None if one is not plain."""
    data = b"".join(lines)
    data += b"" if data.endswith(b"\n") else b"\n"
    if max(map(len, lines)) > longest or data.translate(None, _PLAIN):
        return None
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((signs == ord(",")) | (signs == ord("\n")))
    # Each line has one line break, at its end: none is in another place.
    if len(ends) != width * len(lines) or (signs[ends[width - 1 :: width]] != ord("\n")).any():
        return None
    lengths = (np.diff(ends, prepend=-1) - 1).reshape(-1, width).T
    values = _all_numbers(data, numbers) if lengths[numbers].max() <= LONGEST_CELL else None
    leading = [line.split(b",", max(texts.values(), default=0) + 1) for line in lines]
    images = [cells[0] for cells in leading]
    if values is None or lengths[0].max() > 9 or not all(map(bytes.isdigit, images)):
        return None
    return CsvBlock(
        first=first,
        lines=lines,
        images=np.array(images, dtype="S9").astype(np.int64),
        texts={name: [cells[at].decode() for cells in leading] for name, at in texts.items()},
        numbers=values,
        empty=lengths[numbers] == 0,
        whole=np.ones(len(lines), dtype=bool),
    )


def _all_numbers(data: bytes, columns: Sequence[int]) -> np.ndarray | None:
    """Columns of numbers (columns, lines), NaN for empty cells; None if any is not a number."""
    import pandas as pd

    # Since 3.1 numbers are always rounded as Python rounds them, and asking for it is deprecated.
    before = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            header=None,
            usecols=columns,
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
    first: int,
    lines: Sequence[bytes],
    width: int,
    texts: Mapping[str, int],
    numbers: Sequence[int],
    longest: int,
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
    whole = np.array([len(cells) == width for cells in found], dtype=bool)
    rows = [cells if len(cells) == width else [""] * width for cells in found]
    images = [
        int(cells[0]) if _IMAGE.fullmatch(cells[0]) else -number
        for number, cells in enumerate(rows, first)
    ]
    values = [[_number(cells[at]) for cells in rows] for at in numbers]
    return CsvBlock(
        first=first,
        lines=lines[: len(found)],
        images=np.array(images, dtype=np.int64),
        texts={name: [cells[at] for cells in rows] for name, at in texts.items()},
        numbers=np.array(values, dtype=np.float64).reshape(len(numbers), -1),
        empty=np.array([[not cells[at] for cells in rows] for at in numbers], dtype=bool).reshape(
            len(numbers), -1
        ),
        whole=whole,
        broken=broken,
    )


def _number(text: str) -> float:
    try:
        return float(text) if len(text) <= LONGEST_CELL and "_" not in text else math.nan
    except ValueError:
        return math.nan
