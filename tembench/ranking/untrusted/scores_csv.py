"""Rows of an untrusted ``scores.csv``, each value checked for range and consistency.

A metric that is not defined for an image has an empty cell, and so have all metrics that need the
same of the image, such as a particle. `undefined_cells` checks what can be known of them.

The file is read line by line with a bounded line length, and only as far as the number of images
allows, so memory grows with the number of images and not with the size of the file.
"""

from __future__ import annotations

import csv
import functools
import io
import math
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import OutputError, together
from tembench.metrics import METRICS
from tembench.ranking.untrusted.consistency import contradictions

if TYPE_CHECKING:
    import pandas as pd

_MODEL = re.compile(r"[\x21-\x7e]{1,100}")
MOST_PROBLEMS_SHOWN = 8
# After so many mistakes reading stops: the whole file is wrong.
_MOST_PROBLEMS = 1000
# A number has 24 characters at most, a model's name 100.
_LONGEST_CELL = 40
LONGEST_SECONDS = 1e9
"""Longest run time per image that is accepted, in seconds: 32 years."""
IMAGE_FACTORS = {
    "material": str,
    "orientation": str,
    "dose_e_per_A2": float,
    "C10_nm": float,
    "ctf_distance": float,
}
"""Columns of images of a drawn recipe by which a table groups them, and the type of each."""
_TEXT = re.compile(r"[\x20-\x7e]{0,60}")
_FARTHEST = 1e9


def read_rows(data: bytes, path: Path, metrics: Mapping[str, int], images: int) -> pd.DataFrame:
    """Read the scores of a submission; OutputError with all mistakes found.

    Parameters
    ----------
    data : bytes
        Content of the file.
    path : Path
        Path of the file, named in messages.
    metrics : Mapping
        Metrics that must have a column, and their versions.
    images : int
        Number of rows that it must have; at most one more is read.

    Returns
    -------
    pandas.DataFrame
        Columns image, model, those of `IMAGE_FACTORS` that the file has, metrics, seconds; images
        in ascending order. NaN where a metric is not defined.
    """
    import pandas as pd

    lines = _lines(data, path, 400 + _LONGEST_CELL * (len(metrics) + len(IMAGE_FACTORS) + 3))
    heading = next(lines, [])
    factors = [name for name in IMAGE_FACTORS if name in heading]
    columns = ["image", "model", *factors, *metrics, "seconds"]
    _check_heading(heading, columns, path)
    problems: list[str] = []
    found = _RowsByColumn(columns)
    for number, line in enumerate(lines, 2):
        if len(found) > images or len(problems) >= _MOST_PROBLEMS:
            break
        found.append(_row(number, line, columns, problems))
    if len(found) != images and len(problems) < _MOST_PROBLEMS:
        got = f"{len(found)}" if len(found) < images else "more"
        problems.append(f"expected {images} images, got {got}")
    if len(set(found.numbers)) != len(found):
        problems.append("an image appears more than once")
    if problems:
        raise OutputError(
            together(problems, MOST_PROBLEMS_SHOWN),
            where=str(path),
            remedy="score the outputs again",
        )
    return pd.DataFrame(found.as_mapping()).sort_values("image", ignore_index=True)


class _RowsByColumn:
    """Rows stored by column, eight bytes per number."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.numbers = array("q")
        self._texts: dict[str, list[str]] = {n: [] for n in columns if _is_text(n)}
        self._values = {n: array("d") for n in columns if n != "image" and not _is_text(n)}
        self._order = columns

    def __len__(self) -> int:
        return len(self.numbers)

    def append(self, row: Mapping[str, Any]) -> None:
        self.numbers.append(row["image"])
        for name, texts in self._texts.items():
            texts.append(row[name])
        for name, values in self._values.items():
            values.append(row[name])

    def as_mapping(self) -> dict[str, Any]:
        import numpy as np

        found: dict[str, Any] = {
            "image": np.array(self.numbers, dtype=np.int64),
            **self._texts,
            **{name: np.array(v, dtype=np.float64) for name, v in self._values.items()},
        }
        return {name: found[name] for name in self._order}


def _lines(data: bytes, path: Path, longest: int) -> Iterator[list[str]]:
    """Cells of each line; a quoted cell may not extend over several lines."""
    file = io.BytesIO(data)
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        try:
            if len(line) > longest:
                raise csv.Error(f"more than {longest} characters")
            text = line.decode("utf-8").rstrip("\r\n")
            yield next(csv.reader([text], strict=True), [])
        except (UnicodeDecodeError, csv.Error) as problem:
            raise OutputError(
                "not a CSV file", where=str(path), got=f"line {number}: {problem}"
            ) from None


def _check_heading(found: list[str], columns: list[str], path: Path) -> None:
    if found != columns:
        raise OutputError(
            "wrong columns",
            where=str(path),
            expected=", ".join(columns),
            got=", ".join(found)[:200] or "an empty file",
            remedy="score the outputs again",
        )


def _row(number: int, line: list[str], columns: list[str], problems: list[str]) -> dict[str, Any]:
    """Values of one line; wrong values are noted in `problems` and replaced by NaN."""
    where = f"line {number}"
    row: dict[str, Any] = {name: "" if _is_text(name) else math.nan for name in columns}
    row["image"] = -number
    if len(line) != len(columns):
        problems.append(f"{where}: expected {len(columns)} values, got {len(line)}")
        return row
    before = len(problems)
    cells = dict(zip(columns, line, strict=True))
    if re.fullmatch(r"[0-9]{1,9}", cells["image"]):
        row["image"] = int(cells["image"])
    else:
        problems.append(f"{where}: image: expected a number, got {cells['image'][:40]!r}")
    if _MODEL.fullmatch(cells["model"]):
        row["model"] = cells["model"]
    else:
        problems.append(f"{where}: model: expected a name, got {cells['model'][:40]!r}")
    lacking = _lacking(cells)
    for name in columns[2:]:
        value = _number(cells[name])
        low, high = _bounds(name)
        if _is_text(name) and _TEXT.fullmatch(cells[name]):
            row[name] = cells[name]
        elif low <= value <= high or value == _perfect(name):
            row[name] = value
        elif cells[name] != "" or (name in METRICS and METRICS[name].needs not in lacking):
            problems.append(f"{where}: {name}: {_expected(name, cells)}")
    if len(problems) == before:
        problems.extend(f"{where}: {text}" for text in contradictions(row))
    return row


def _lacking(cells: Mapping[str, str]) -> set[str]:
    """What an image lacks, of `Metric.needs`: all metrics that need it are empty."""
    needs = {METRICS[name].needs for name in cells if name in METRICS} - {""}
    given = {METRICS[name].needs for name, cell in cells.items() if name in METRICS and cell}
    return needs - given


def _is_text(name: str) -> bool:
    return name == "model" or IMAGE_FACTORS.get(name) is str


@functools.cache
def _bounds(name: str) -> tuple[float, float]:
    if name in IMAGE_FACTORS:
        return -_FARTHEST, _FARTHEST
    return (0.0, LONGEST_SECONDS) if name == "seconds" else METRICS[name].bounds


@functools.cache
def _perfect(name: str) -> float:
    """Score of a perfect image, which may be infinite; NaN if no image reaches it."""
    known = name in METRICS and METRICS[name].ideal_is_reached
    return METRICS[name].ideal if known else math.nan


def _expected(name: str, cells: Mapping[str, str]) -> str:
    if _is_text(name):
        return f"expected at most 60 printable characters, got {cells[name][:40]!r}"
    if name in METRICS and METRICS[name].needs and not cells[name]:
        return (
            f"empty for image {cells['image'][:9]}, though other metrics say that it has "
            f"{METRICS[name].needs}"
        )
    low, high = _bounds(name)
    return (
        f"expected a number from {low:g} to {high:g}, got {cells[name][:40]!r} "
        f"for image {cells['image'][:9]}"
    )


def _number(text: str) -> float:
    try:
        return float(text) if len(text) <= _LONGEST_CELL and "_" not in text else math.nan
    except ValueError:
        return math.nan
