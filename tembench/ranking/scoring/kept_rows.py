"""Rows of scores cached while outputs are scored, so that an interrupted scoring can resume.

The first line of ``scores.part.jsonl`` identifies outputs, store and metrics; each further line is
the row of one image. An image whose line is truncated or invalid is scored again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tembench.core import write_text
from tembench.metrics import METRICS, versions

PARTIAL_SCORES = "scores.part.jsonl"
# A row has about one kilobyte; a longer line is not a row.
_LONGEST_LINE = 1 << 14
# Empty for an image that the outputs lack.
_DIGEST = re.compile(r"([0-9a-f]{64})?")


class KeptRows:
    """Cached rows of scores, read from an earlier run and added to.

    Parameters
    ----------
    folder : Path
        Folder of the outputs.
    state : str
        Fingerprint of outputs and store; rows of another state are discarded.
    models : mapping of int to str
        Images to score, and the model of each.

    Attributes
    ----------
    rows : dict of int to dict
        Cached rows, by image number.
    """

    def __init__(self, folder: Path, state: str, models: Mapping[int, str]) -> None:
        self._path = folder / PARTIAL_SCORES
        self._head = json.dumps({"fingerprint": state, "metrics": versions()}, sort_keys=True)
        self.rows: dict[int, dict[str, Any]] = {}
        lines = self._lines()
        self._fresh = not lines or lines[0] != self._head
        if self._fresh:
            return
        for line in lines[1:]:
            row = _row(line, models)
            if row is not None:
                self.rows[row["image"]] = row

    def add(self, row: dict[str, Any]) -> None:
        """Cache one more row."""
        self.rows[row["image"]] = row
        if self._fresh:
            write_text(self._path, self._head + "\n")
            self._fresh = False
        # A line break before the row too: the last line may have been truncated.
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(row, default=float) + "\n")

    def discard(self) -> None:
        """Remove the file, once its rows are in ``scores.csv`` or invalid."""
        self._path.unlink(missing_ok=True)

    def _lines(self) -> list[str]:
        if not self._path.is_file():
            return []
        with self._path.open("rb") as file:
            read: Iterable[bytes] = iter(lambda: file.readline(_LONGEST_LINE), b"")
            return [line.decode("utf-8", "replace").rstrip("\n") for line in read if line.strip()]


def _row(line: str, models: Mapping[int, str]) -> dict[str, Any] | None:
    """The row in a line; None if it is not a valid row of these images."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or set(row) != {"image", "model", *METRICS, "seconds", "sha256"}:
        return None
    image = row["image"]
    if type(image) is not int or models.get(image) != row["model"]:
        return None
    if not (isinstance(row["sha256"], str) and _DIGEST.fullmatch(row["sha256"])):
        return None
    values = [row[key] for key in (*METRICS, "seconds")]
    whole = all(type(value) in (int, float) and _is_value(value) for value in values)
    return row if whole else None


def _is_value(value: float) -> bool:
    return isinstance(value, float) or math.isfinite(value)
