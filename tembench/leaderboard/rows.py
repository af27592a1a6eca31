"""The rows of a stranger's ``scores.csv``: every value in its range, none against another."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.errors import OutputError, together
from tembench.leaderboard.contradictions import contradictions
from tembench.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

_MODEL = re.compile(r"[\x21-\x7e]{1,100}")
MOST_TOLD = 8


def read_rows(data: bytes, path: Path, metrics: Mapping[str, int], images: int) -> pd.DataFrame:
    """Read the scores of a submission; OutputError with every mistake found.

    Parameters
    ----------
    data : bytes
        The file.
    path : Path
        Its name, for messages.
    metrics : Mapping
        The metrics whose columns it must have.
    images : int
        Number of rows it must have.

    Returns
    -------
    pandas.DataFrame
        image, model, metrics, seconds; ascending images.
    """
    import pandas as pd

    columns = ["image", "model", *metrics, "seconds"]
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8")), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise OutputError("not a CSV file", where=str(path), got=str(problem)) from None
    if not lines or lines[0] != columns:
        raise OutputError(
            "wrong columns",
            where=str(path),
            expected=", ".join(columns),
            got=", ".join(lines[0])[:200] if lines else "an empty file",
            remedy="score the outputs again",
        )
    problems: list[str] = []
    rows = [_row(i, line, columns, problems) for i, line in enumerate(lines[1:], 2)]
    numbers = [row["image"] for row in rows]
    if len(rows) != images:
        problems.append(f"expected {images} images, got {len(rows)}")
    if len(set(numbers)) != len(numbers):
        problems.append("an image appears more than once")
    if problems:
        raise OutputError(
            together(problems, MOST_TOLD), where=str(path), remedy="score the outputs again"
        )
    return pd.DataFrame(rows, columns=columns).sort_values("image", ignore_index=True)


def _row(number: int, line: list[str], columns: list[str], problems: list[str]) -> dict[str, Any]:
    where = f"line {number}"
    row: dict[str, Any] = dict.fromkeys(columns, math.nan)
    row |= {"image": -number, "model": ""}
    if len(line) != len(columns):
        problems.append(f"{where}: expected {len(columns)} values, got {len(line)}")
        return row
    cells = dict(zip(columns, line, strict=True))
    if re.fullmatch(r"[0-9]{1,9}", cells["image"]):
        row["image"] = int(cells["image"])
    else:
        problems.append(f"{where}: image: expected a number, got {cells['image'][:40]!r}")
    if _MODEL.fullmatch(cells["model"]):
        row["model"] = cells["model"]
    else:
        problems.append(f"{where}: model: expected a name, got {cells['model'][:40]!r}")
    for name in columns[2:]:
        value = _number(cells[name])
        low, high = METRICS[name].range if name in METRICS else (0.0, math.inf)
        unknown_time = name == "seconds" and cells[name] == ""
        if low <= value <= high:
            row[name] = value
        elif not unknown_time:
            problems.append(
                f"{where}: {name}: expected a number from {low:g} to {high:g}, "
                f"got {cells[name][:40]!r}"
            )
    problems.extend(f"{where}: {text}" for text in contradictions(row))
    return row


def _number(text: str) -> float:
    try:
        return float(text) if len(text) <= 40 and "_" not in text else math.nan
    except ValueError:
        return math.nan
