"""Submissions to one table: sorted, ranked, and never mixed.

Rows are comparable only if they were scored on the same images of the same recipe by the same
metrics; anything else is refused with the two rows that differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tembench.errors import OutputError, TableError
from tembench.leaderboard.identity import DataInfo
from tembench.leaderboard.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Interval,
    Resampling,
    interval,
    resampling,
    shared_ranks,
)
from tembench.leaderboard.submission import DESCRIPTION, Submission, check
from tembench.metrics import METRICS, Metric, counted

RANKED_BY = "psnr_db"
"""What ranks where nothing else is asked for."""
# Relative: far more than the last bits in which the FFTs of two machines differ.
_SAME_TRUTH = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One method of a table.

    Attributes
    ----------
    submission : Submission
        Where everything comes from.
    rank : int or None
        None for a control; shared where methods cannot be told apart.
    values : Mapping of str to Interval
        By metric: the mean over images and its interval over models.
    """

    submission: Submission
    rank: int | None
    values: Mapping[str, Interval]

    @property
    def is_control(self) -> bool:
        """Whether the row bounds the table rather than competes in it."""
        return self.submission.identity.method.is_control

    @property
    def seconds_per_image(self) -> float | None:
        """Median time of an image; None where it was not measured."""
        return self.submission.identity.run.seconds_per_image


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A leaderboard.

    Attributes
    ----------
    rows : tuple of Row
        Best mean of the ranking metric first, controls among them.
    ranked_by : Metric
        What ranks.
    data : DataInfo
        The images that all rows were scored on.
    models : int
        Atomic models among them.
    metrics : tuple of Metric
        The columns.
    versions : Mapping
        Version of each metric.
    confidence, resamples : float, int
        Of the intervals.
    """

    rows: tuple[Row, ...]
    ranked_by: Metric
    data: DataInfo
    models: int
    metrics: tuple[Metric, ...]
    versions: Mapping[str, int]
    confidence: float
    resamples: int


def build(folder: Path, *, ranked_by: str = RANKED_BY) -> Table:
    """Make the table of all submissions in a folder.

    Parameters
    ----------
    folder : Path
        Holds one folder per submission; hidden ones are left out.
    ranked_by : str
        Name of the metric that ranks.

    Raises
    ------
    OutputError
        If a submission breaks a rule (it is named), or there is none.
    TableError
        If two submissions cannot stand in one table, or lack the ranking metric.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(
            "no such folder",
            where=str(folder),
            expected="a folder of submissions",
            remedy="make one with: tembench submit OUTPUTS --name NAME",
        )
    if (folder / DESCRIPTION).is_file():
        return build_from([check(folder)], ranked_by=ranked_by)
    paths = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not paths:
        raise OutputError(
            "no submissions here",
            where=str(folder),
            expected=f"folders with a {DESCRIPTION}",
            remedy="make one with: tembench submit OUTPUTS --name NAME",
        )
    return build_from([check(path) for path in paths], ranked_by=ranked_by)


def build_from(submissions: Sequence[Submission], *, ranked_by: str = RANKED_BY) -> Table:
    """Make the table of checked submissions; TableError if they do not belong together."""
    refuse_to_mix(submissions)
    first = submissions[0]
    if ranked_by not in first.metrics:
        raise TableError(
            f"the submissions were not scored by {ranked_by!r}",
            expected=f"one of {', '.join(first.metrics)}",
            got=ranked_by,
            remedy="rank by another metric, or score the outputs again and submit anew",
        )
    main = METRICS[ranked_by]
    draws = resampling(list(first.scores["model"]))
    metrics = tuple(METRICS[name] for name in METRICS if name in first.metrics)
    rows = [_row(submission, metrics, draws) for submission in submissions]
    rows.sort(key=lambda row: _order(row, main))
    ranked = [row for row in rows if not row.is_control]
    scores = [_sign(main) * counted(main, row.submission.scores[ranked_by]) for row in ranked]
    ranks = dict(zip(map(id, ranked), shared_ranks(scores, draws), strict=True))
    return Table(
        rows=tuple(replace(row, rank=ranks.get(id(row))) for row in rows),
        ranked_by=main,
        data=first.identity.data,
        models=draws.models,
        metrics=metrics,
        versions=dict(first.metrics),
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
    )


def refuse_to_mix(submissions: Sequence[Submission]) -> None:
    """Raise TableError, naming the first two submissions that are not comparable."""
    first = submissions[0]
    for other in submissions[1:]:
        for what, ours, theirs in _comparable(first, other):
            if ours != theirs:
                raise TableError(
                    f"{what} of {first.name!r} and {other.name!r} differ",
                    expected=f"{ours} ({first.name})",
                    got=f"{theirs} ({other.name})",
                    remedy="keep them in folders of their own, or score one of them again",
                )
        _same_images(first, other)
    # A perfect row, such as the oracle's, tells nothing about the truth it was scored against.
    telling = [s for s in submissions if np.isfinite(_constant_error(s)).all()]
    for other in telling[1:]:
        _same_truth(telling[0], other)


def _comparable(first: Submission, other: Submission) -> list[tuple[str, Any, Any]]:
    a, b = first.identity.data, other.identity.data
    return [
        ("recipe ids", a.recipe_id, b.recipe_id),
        ("splits", a.split, b.split),
        ("parts", a.part, b.part),
        ("metric versions", _versions(first), _versions(other)),
    ]


def _same_images(first: Submission, other: Submission) -> None:
    remedy = "score both again on the same store"
    ours, theirs = first.scores, other.scores
    if len(ours) != len(theirs) or (ours["image"] != theirs["image"]).any():
        only = sorted(set(theirs["image"]) ^ set(ours["image"]))
        raise TableError(
            f"images of {first.name!r} and {other.name!r} differ",
            expected=f"{len(ours)} images ({first.name})",
            got=f"{len(theirs)} images ({other.name}), image {only[0]} is in one of them only",
            remedy=remedy,
        )
    wrong = np.flatnonzero(ours["model"] != theirs["model"])
    if wrong.size:
        at = int(wrong[0])
        raise TableError(
            f"image {ours['image'][at]} has two models",
            expected=f"{ours['model'][at]} ({first.name})",
            got=f"{theirs['model'][at]} ({other.name})",
            remedy=remedy,
        )


def _same_truth(first: Submission, other: Submission) -> None:
    """Refuse scores against other clean images under the same recipe id.

    The constant image's error, mse / (1 - skill), depends on the clean image alone. It may differ
    in the last digits, as simulations on two machines do.
    """
    ours, theirs = _constant_error(first), _constant_error(other)
    wrong = np.flatnonzero(np.abs(ours - theirs) > _SAME_TRUTH * ours)
    if wrong.size:
        at = int(wrong[0])
        raise TableError(
            f"{first.name!r} and {other.name!r} were scored against different clean images",
            expected=f"error {ours[at]:.6g} of a constant image {first.scores['image'][at]} "
            f"({first.name})",
            got=f"{theirs[at]:.6g} ({other.name})",
            remedy="generate the data set with one version of tembench and score both again",
        )


def _constant_error(submission: Submission) -> np.ndarray:
    """Per image; NaN where the scores do not tell, being perfect or infinitely wrong."""
    scores = submission.scores
    if not {"mse", "skill"} <= set(scores.columns):
        return np.full(len(scores), np.nan)
    rest = 1.0 - scores["skill"].to_numpy()
    known = np.isfinite(rest) & (rest > 1e-6)
    return np.where(known, scores["mse"].to_numpy() / np.where(known, rest, 1.0), np.nan)


def _versions(submission: Submission) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(submission.metrics.items()))


def _row(submission: Submission, metrics: Sequence[Metric], draws: Resampling) -> Row:
    values = {
        metric.name: interval(counted(metric, submission.scores[metric.name]), draws)
        for metric in metrics
    }
    return Row(submission=submission, rank=None, values=values)


def _sign(metric: Metric) -> float:
    """What makes more of a metric better."""
    return 1.0 if metric.direction == "higher" else -1.0


def _order(row: Row, main: Metric) -> tuple[float, float, str]:
    # Equal: the better SSIM first, then the name, so that the order is always the same.
    first = _sign(main) * row.values[main.name].mean
    second = row.values["ssim"].mean if "ssim" in row.values else 0.0
    return (math.inf if math.isnan(first) else -first, -second, row.submission.name)
