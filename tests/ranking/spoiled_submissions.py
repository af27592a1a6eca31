"""Submissions changed by hand, and settings of Hypothesis for tests that read them."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from tembench.core.files import write_toml
from tembench.metrics import METRICS

COLUMNS = ["image", "model", *METRICS, "seconds"]
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def edit(submission: Path, table: str | None, **values: Any) -> None:
    content = tomllib.loads((submission / "submission.toml").read_text())
    (content if table is None else content[table]).update(values)
    write_toml(submission / "submission.toml", content)


def set_score(submission: Path, row: int, column: str, text: str) -> None:
    path = submission / "scores.csv"
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    lines[row][COLUMNS.index(column)] = text
    path.write_text("\n".join(",".join(line) for line in lines) + "\n")
    edit(submission, "scores", sha256=hashlib.sha256(path.read_bytes()).hexdigest())
