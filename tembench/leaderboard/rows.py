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
from tembench.metrics import METRICS
from tembench.metrics.fidelity import BLANK_PSNR_DB

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
        if not unknown_time and not low <= value <= high:
            problems.append(
                f"{where}: {name}: expected a number from {low:g} to {high:g}, "
                f"got {cells[name][:40]!r}"
            )
        row[name] = value
    problems.extend(f"{where}: {text}" for text in _contradictions(row))
    return row


def _number(text: str) -> float:
    try:
        return float(text) if len(text) <= 40 and "_" not in text else math.nan
    except ValueError:
        return math.nan


def _least_psnr_db(squared_error: float) -> float:
    return min(-10 * math.log10(squared_error), BLANK_PSNR_DB)


def _contradictions(row: Mapping[str, Any]) -> list[str]:
    """What cannot be true together, whatever the images were."""
    found = []
    squared_error = row.get("mse", math.nan)
    if math.isinf(row["psnr_db"]) and squared_error != 0.0:
        found.append(f"psnr_db: infinite, but mse is {squared_error:g}")
    if math.isnan(squared_error):
        return found
    if math.isinf(squared_error) or math.isinf(row["seconds"]):
        found.append("mse, seconds: expected finite numbers")
    # Clamping to 0-1 e/px brings no pixel further from a clean image that lies within it.
    # The PSNR of a blank image has a ceiling, so a tiny error allows for less.
    elif squared_error > 0 and row["psnr_db"] < _least_psnr_db(squared_error) - 1e-6:
        found.append(f"psnr_db: {row['psnr_db']:g} is less than mse = {squared_error:g} allows")
    gain = row.get("skill", math.nan)
    perfect = squared_error < 1e-15
    # mse / (1 - skill) is the constant image's error: at most 1 when both lie in 0-1 e/px.
    if (gain == 1.0 and not perfect) or (gain < 1.0 and squared_error / (1.0 - gain) > 1.0):
        found.append(f"skill: {gain:g} contradicts mse = {squared_error:g}")
    return found
