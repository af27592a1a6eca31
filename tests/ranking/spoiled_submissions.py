"""Submissions changed by hand, and settings of Hypothesis for tests that read them."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Callable
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


def change_scores(submission: Path, change: Callable[[list[list[str]]], Any]) -> None:
    """Change the lines of ``scores.csv``, and what is recorded of them, as a cheat would."""
    path = submission / "scores.csv"
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    change(lines)
    write_scores(submission, ("\n".join(",".join(line) for line in lines) + "\n").encode())


def write_scores(submission: Path, content: bytes) -> None:
    """Replace ``scores.csv``, with a digest that fits."""
    (submission / "scores.csv").write_bytes(content)
    edit(submission, "scores", sha256=hashlib.sha256(content).hexdigest())


def without_shown_images(submission: Path) -> None:
    """Take away the crops that the submission carries."""
    content = tomllib.loads((submission / "submission.toml").read_text())
    del content["shown"]
    write_toml(submission / "submission.toml", content)
    for name in ("shown.png", "shown.csv"):
        (submission / name).unlink()


def set_score(submission: Path, row: int, column: str, text: str) -> None:
    change_scores(submission, lambda lines: lines[row].__setitem__(COLUMNS.index(column), text))
