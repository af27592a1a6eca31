"""Training curves: loss and validation of several trainings side by side, with their cost."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import (
    INK,
    MUTED,
    MethodError,
    csv_text,
    figure_of,
    markdown_table,
    save_figure,
    shortened,
)
from tembench.methods import (
    FIT,
    HISTORY,
    TRAINING,
    Point,
    fit_record,
    read_history,
    training_record,
)
from tembench.ranking import UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CURVE_COLUMNS = (
    "method", "steps", "best_validation", "validation", "at_step",
    "seconds", "device", "parameters",
)  # fmt: skip
_SQUARED = "training loss: squared error, in units of vacuum²"


@dataclass(frozen=True, kw_only=True)
class Training:
    """A complete training, read from its folder.

    Attributes
    ----------
    label : str
        The method's name; with the folder if several trainings are of one method.
    history : tuple of Point
        One point per validation.
    loss : str
        Name of the loss.
    score : str
        Validation score with its unit, or minus the named loss; higher is better.
    steps, parameters : int
        Number of steps; number of learned parameters.
    seconds : float
        Training time, over all resumed runs.
    device : str
        Name of the device.
    """

    label: str
    history: tuple[Point, ...]
    loss: str
    score: str
    steps: int
    parameters: int
    seconds: float
    device: str

    @property
    def best(self) -> Point:
        """The validation whose weights were kept: the first with the best score."""
        return max(self.history, key=lambda point: point.score)


def read_trainings(folders: Sequence[Path]) -> list[Training]:
    """Read the records and histories of trainings.

    Parameters
    ----------
    folders : sequence of Path
        Folders written by `tembench train`, or ``weights`` of a method that ships them.

    Raises
    ------
    MethodError
        If a folder contains no complete training, or a damaged one.
    """
    names = [_method(Path(folder)) for folder in folders]
    return [
        _read(Path(folder), name if names.count(name) == 1 else f"{name}: {folder}")
        for folder, name in zip(folders, names, strict=True)
    ]


def _method(folder: Path) -> str:
    if not (folder / TRAINING).is_file():
        return folder.resolve().name
    record = training_record(folder)
    only = "".join(f" ({value})" for value in dict(record.get("only", {})).values())
    return f"{record.get('method', folder.resolve().name)}{only}"


def _read(folder: Path, label: str) -> Training:
    if not (folder / FIT).is_file():
        raise MethodError(
            "no complete training",
            where=str(folder),
            expected=f"a folder with {FIT} and {HISTORY}",
            remedy="run tembench train, or rerun it to complete an interrupted training",
        )
    record = fit_record(folder)
    try:
        history = tuple(read_history(folder / HISTORY))
        if not history or not all(math.isfinite(p.score + p.loss) for p in history):
            raise ValueError("no finite points")
        identity: dict[str, Any] = record["identity"]
        loss, score = str(identity.get("loss", "training loss")), str(record["validation"])
        return Training(
            label=label,
            history=history,
            loss=loss,
            # Scores of different losses are not on one scale.
            score=f"{score}: {loss}" if "minus the loss" in score else score,
            steps=int(record["steps"]),
            parameters=int(record["parameters"]),
            seconds=float(record["seconds"]),
            device=str(record["device"]),
        )
    except (FileNotFoundError, UnicodeDecodeError, KeyError, TypeError, ValueError) as problem:
        raise MethodError(
            "damaged training",
            where=str(folder),
            expected=f"{FIT} and {HISTORY} as tembench train writes them",
            got=f"{type(problem).__name__}: {problem}",
            remedy="train again into another folder",
        ) from None


def curves_csv(trainings: Sequence[Training]) -> str:
    """Return a CSV table with one row per training."""
    rows = [
        (t.label, t.steps, t.best.score, t.score, t.best.step, t.seconds, t.device, t.parameters)
        for t in trainings
    ]
    return csv_text([_CURVE_COLUMNS, *rows])


def curves_markdown(trainings: Sequence[Training]) -> str:
    """Return the same rows as a Markdown table."""
    scores = list(dict.fromkeys(t.score for t in trainings))
    headings = ["Method", "Steps", *(f"Best {s}" for s in scores)]
    headings += ["At step", "Seconds", "Device", "Parameters"]
    rows = [headings]
    for t in trainings:
        value = f"{t.best.score:.2f}" if "dB" in t.score else f"{t.best.score:.5f}"
        best = [value if t.score == s else UNKNOWN for s in scores]
        cells = [t.label, str(t.steps), *best, str(t.best.step)]
        rows.append([*cells, f"{t.seconds:.0f}", t.device, f"{t.parameters:,}"])
    text_columns = (0, headings.index("Device"))
    return markdown_table(rows, text_columns, padded=True)


def curves_figure(trainings: Sequence[Training], path: Path) -> Path:
    """Draw the losses and the validation scores of trainings over their steps.

    Losses of one kind share axes, as do validation scores of one kind. The log-squared loss is
    drawn as the squared error that it represents, its geometric mean over images.

    Parameters
    ----------
    trainings : sequence of Training
        From `read_trainings`.
    path : Path
        PNG to write.
    """
    losses = list(dict.fromkeys(_loss_kind(t) for t in trainings))
    scores = list(dict.fromkeys(t.score for t in trainings))
    panels = len(losses) + len(scores)
    across, down = 2, -(-panels // 2)
    legend = 0.22 * -(-len(trainings) // 3) + 0.15
    width, height = 9.6, 3.3 * down + legend
    figure = figure_of(width, height)
    grid = figure.add_gridspec(
        down, across, left=0.085, right=0.985, wspace=0.24, hspace=0.36,
        bottom=(legend + 0.48) / height, top=1 - 0.32 / height,
    )  # fmt: skip
    for index, kind in enumerate(losses):
        axes = figure.add_subplot(grid[index // across, index % across])
        own = [(i, _losses(t)) for i, t in enumerate(trainings) if _loss_kind(t) == kind]
        _draw(axes, trainings, own, kind, log=kind == _SQUARED)
    for index, score in enumerate(scores, len(losses)):
        axes = figure.add_subplot(grid[index // across, index % across])
        own = [
            (i, [p.score for p in t.history]) for i, t in enumerate(trainings) if t.score == score
        ]
        _draw(axes, trainings, own, f"validation: {score}")
        for i, _ in own:
            best = trainings[i].best
            axes.plot([best.step], [best.score], "o", ms=4, color=_style(i)["color"])
    lines = [axes.get_lines() for axes in figure.axes]
    labelled = {line.get_label(): line for group in lines for line in group}
    names = [shortened(t.label, 44) for t in trainings]
    figure.legend(
        [labelled[f"{i}"] for i in range(len(trainings))], names, loc="lower center",
        ncols=min(3, len(names)), fontsize=8, frameon=False, labelcolor=INK,
        bbox_to_anchor=(0.53, 0.0), borderaxespad=0.2,
    )  # fmt: skip
    return save_figure(figure, path)


def _loss_kind(training: Training) -> str:
    squared = training.loss in ("squared", "log-squared")
    return _SQUARED if squared else f"training loss: {training.loss}"


def _losses(training: Training) -> list[float]:
    values = [point.loss for point in training.history]
    return [math.exp(value) for value in values] if training.loss == "log-squared" else values


def _draw(
    axes: Axes,
    trainings: Sequence[Training],
    curves: list[tuple[int, list[float]]],
    title: str,
    *,
    log: bool = False,
) -> None:
    for i, values in curves:
        steps = [point.step for point in trainings[i].history]
        # A history of one point needs a marker.
        marker = "." if len(steps) == 1 else None
        axes.plot(steps, values, marker=marker, lw=1.4, label=f"{i}", **_style(i))
    axes.set_title(textwrap.fill(title, 64), fontsize=8.5, color=INK, loc="left", pad=5)
    axes.set_xlabel("step", fontsize=8, color=MUTED, labelpad=2)
    if log:
        axes.set_yscale("log")
    else:
        axes.ticklabel_format(useOffset=False)
    axes.tick_params(which="both", labelsize=7.5, colors=MUTED)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _style(number: int) -> dict[str, Any]:
    from matplotlib import colormaps

    cycle, colour = divmod(number, 10)
    return {"color": colormaps["tab10"](colour), "linestyle": ("-", "--", ":")[cycle % 3]}
