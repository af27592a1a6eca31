"""History of a training: one line per validation, as a table and a figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from tembench.core import csv_text, write_bytes, write_text

HISTORY = "history.csv"
CURVE = "curve.png"


@dataclass(frozen=True, kw_only=True)
class Point:
    """One line of a training's history.

    Parameters
    ----------
    step : int
        Steps done.
    loss : float
        Mean loss over the steps since the previous line.
    score : float
        Validation score with the averaged weights; higher is better. `Objective.score_label` names
        it: the mean PSNR in dB in supervised training.
    learning_rate : float
        Learning rate of the last step.
    seconds : float
        Time spent so far, including interrupted runs.
    """

    step: int
    loss: float
    score: float
    learning_rate: float
    seconds: float


def write_history(history: Sequence[Point], path: Path) -> None:
    """Write the history as CSV, one line per validation."""
    names = [field.name for field in fields(Point)]
    write_text(path, csv_text([names, *map(astuple, history)]))


def read_history(path: Path) -> list[Point]:
    """Read what `write_history` wrote."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [
            Point(step=int(row.pop("step")), **{name: float(row[name]) for name in row})
            for row in csv.DictReader(file)
        ]


def curve_figure(history: Sequence[Point], path: Path, score_label: str) -> Path:
    """Plot loss and validation score against the steps.

    Parameters
    ----------
    history : sequence of Point
        As `fit` returns it.
    path : Path
        The figure, in a format known by its suffix (``.png``, ``.svg``, ...).
    score_label : str
        Name of the score, with its unit.

    Returns
    -------
    Path
        `path`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    steps = [point.step for point in history]
    validation = figure.subplots()
    validation.plot(steps, [point.score for point in history], color="C0")
    validation.set_xlabel("step")
    validation.set_ylabel(f"validation: {score_label}", color="C0")
    validation.grid(alpha=0.3)
    loss = validation.twinx()
    loss.plot(steps, [point.loss for point in history], color="C1")
    loss.set_ylabel("training loss", color="C1")
    if history and all(point.loss > 0 for point in history):
        loss.set_yscale("log")
    picture = io.BytesIO()
    figure.savefig(picture, format=Path(path).suffix.lstrip(".") or "png", dpi=150)
    write_bytes(Path(path), picture.getvalue())
    return Path(path)
