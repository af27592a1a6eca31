"""Comparability: conditions under which submissions may be in one table.

Rows are comparable only if they were scored on the same images of the same recipe by the same
versions of the metrics, and agree on what the images show and for which of them a metric is not
defined. Two exceptions: rows of the fixed subset of a test (`test-subset`) may be in a table with
rows of the whole test, which contains the images of the subset; and a row that was scored before a
metric was introduced lacks that metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tembench.core import TableError
from tembench.ranking.submission import Submission
from tembench.ranking.untrusted import IMAGE_FACTORS, NEEDS, images_without

# Relative; far more than the rounding differences between the FFTs of two machines.
_SAME_TRUTH = 1e-4
_REMEDY = "score both again on the same store"


def whole_of(submissions: Sequence[Submission]) -> Submission:
    """Submission whose images are those of the table: the first that is not on a subset."""
    return min(submissions, key=lambda submission: submission.description.data.is_subset)


def refuse_to_mix(submissions: Sequence[Submission]) -> None:
    """Raise TableError, naming the first two submissions that are not comparable."""
    whole = whole_of(submissions)
    first_of_part: dict[str, Submission] = {}
    for other in submissions:
        for what, ours, theirs in _comparable(whole, other):
            if ours != theirs:
                raise TableError(
                    f"{what} of {whole.name!r} and {other.name!r} differ",
                    expected=f"{ours} ({whole.name})",
                    got=f"{theirs} ({other.name})",
                    remedy="keep them in folders of their own, or score one of them again",
                )
        part = other.description.data.part
        if part != whole.description.data.part:
            _within(whole, other)
        _same_images(first_of_part.setdefault(part, other), other)
        _same_values(whole, other)
        _same_undefined(whole, other)
    # A perfect row, such as the oracle's, does not show which clean images it was scored against.
    imperfect = [s for s in submissions if np.isfinite(_constant_error(s)).all()]
    for other in imperfect:
        _same_truth(whole_of(imperfect), other)


def _comparable(whole: Submission, other: Submission) -> list[tuple[str, Any, Any]]:
    a, b = whole.description.data, other.description.data
    drawn_from_it = a.part == b.table_part
    return [
        ("recipe ids", a.recipe_id, b.recipe_id),
        # For recipes that tembench does not know, names and versions are the submitters' claims.
        ("recipes", f"{a.recipe} {a.version}", f"{b.recipe} {b.version}"),
        ("splits", a.split, b.split),
        ("parts", a.part, a.part if drawn_from_it else b.part),
        ("metric versions", _versions(whole, other), _versions(other, whole)),
    ]


def _within(whole: Submission, other: Submission) -> None:
    strange = np.setdiff1d(other.scores["image"], whole.scores["image"])
    if strange.size:
        raise TableError(
            f"images of {other.name!r} are not all among those of {whole.name!r}",
            expected=f"images of the test ({whole.name})",
            got=f"image {strange[0]} ({other.name})",
            remedy=_REMEDY,
        )


def _same_images(first: Submission, other: Submission) -> None:
    ours, theirs = (submission.scores["image"].to_numpy() for submission in (first, other))
    if len(ours) != len(theirs) or (ours != theirs).any():
        only = sorted(set(theirs) ^ set(ours))
        raise TableError(
            f"images of {first.name!r} and {other.name!r} differ",
            expected=f"{len(ours)} images ({first.name})",
            got=f"{len(theirs)} images ({other.name}), image {only[0]} is in one of them only",
            remedy=_REMEDY,
        )


def _same_values(whole: Submission, other: Submission) -> None:
    """Refuse other specimens, or drawn values, of the same images."""
    images, at, there = _in_common(whole, other)
    for name in ("model", *IMAGE_FACTORS):
        if (name in whole.scores) != (name in other.scores):
            has, lacks = (whole, other) if name in whole.scores else (other, whole)
            raise TableError(
                f"the scores of {lacks.name!r} have no column {name}",
                expected=f"the columns of {has.name!r}",
                remedy=_REMEDY,
            )
        if name not in whole.scores or whole.scores[name].equals(other.scores[name]):
            continue
        ours, theirs = whole.scores[name].to_numpy()[at], other.scores[name].to_numpy()[there]
        # A specimen may lack a value, which is NaN in both.
        wrong = np.flatnonzero((ours != theirs) & ~((ours != ours) & (theirs != theirs)))
        if wrong.size:
            one = wrong[0]
            plural = "models" if name == "model" else f"values of {name}"
            raise TableError(
                f"image {images[one]} has two {plural}",
                expected=f"{ours[one]} ({whole.name})",
                got=f"{theirs[one]} ({other.name})",
                remedy=_REMEDY,
            )


def _same_undefined(whole: Submission, other: Submission) -> None:
    """Refuse a row that leaves out a metric of an image for which another row has it."""
    images, at, there = _in_common(whole, other)
    for what in NEEDS:
        ours, theirs = images_without(whole.scores, what), images_without(other.scores, what)
        if ours is None or theirs is None:
            continue
        wrong = np.flatnonzero(ours[at] != theirs[there])
        if wrong.size:
            one = int(wrong[0])
            has, lacks = (other, whole) if ours[at][one] else (whole, other)
            raise TableError(
                f"{has.name!r} has scores of image {images[one]} that {lacks.name!r} leaves empty",
                expected=f"scores in both, or in neither, where a metric needs {what}",
                remedy=_REMEDY,
            )


def _same_truth(first: Submission, other: Submission) -> None:
    """Refuse scores against other clean images under the same recipe id.

    The error of the constant image, mse / (1 - skill), depends on the clean image alone. It may
    differ in the last digits, as simulations on two machines do.
    """
    images, at, there = _in_common(first, other)
    ours, theirs = _constant_error(first)[at], _constant_error(other)[there]
    wrong = np.flatnonzero(np.abs(ours - theirs) > _SAME_TRUTH * ours)
    if wrong.size:
        one = int(wrong[0])
        raise TableError(
            f"{first.name!r} and {other.name!r} were scored against different clean images",
            expected=f"error {ours[one]:.6g} of a constant image {images[one]} ({first.name})",
            got=f"{theirs[one]:.6g} ({other.name})",
            remedy="generate the data set with one version of tembench and score both again",
        )


def _in_common(first: Submission, other: Submission) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the images that both have, and their positions in the one and in the other."""
    ours, theirs = (one.scores["image"].to_numpy() for one in (first, other))
    if np.array_equal(ours, theirs):
        every = np.arange(len(ours))
        return ours, every, every
    images, at, there = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    return images, at, there


def _constant_error(submission: Submission) -> np.ndarray:
    """Error of the constant image for each image; NaN where scores are perfect or infinite."""
    scores = submission.scores
    if not {"mse", "skill"} <= set(scores.columns):
        return np.full(len(scores), np.nan)
    rest = 1.0 - scores["skill"].to_numpy()
    known = np.isfinite(rest) & (rest > 1e-6)
    return np.where(known, scores["mse"].to_numpy() / np.where(known, rest, 1.0), np.nan)


def _versions(submission: Submission, other: Submission) -> str:
    """Versions of the metrics that both have."""
    both = sorted(submission.metrics.keys() & other.metrics.keys())
    return ", ".join(f"{name} {submission.metrics[name]}" for name in both)
