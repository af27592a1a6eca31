"""Comparability: conditions under which submissions may be in one table.

Rows are comparable only if they were scored on the same images of the same recipe by the same
metrics. One exception: rows of the fixed subset of a test (`test-subset`) may be in a table with
rows of the whole test, which contains the images of the subset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tembench.core import TableError
from tembench.leaderboard.submission import Submission
from tembench.recipe import SUBSET_PART

# Relative; far more than the rounding differences between the FFTs of two machines.
_SAME_TRUTH = 1e-4
_REMEDY = "score both again on the same store"


def whole_of(submissions: Sequence[Submission]) -> Submission:
    """Submission whose images are those of the table: the first that is not on a subset."""
    return min(submissions, key=lambda submission: submission.description.data.part == SUBSET_PART)


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
        _same_models(whole, other)
    # A perfect row, such as the oracle's, does not show which clean images it was scored against.
    imperfect = [s for s in submissions if np.isfinite(_constant_error(s)).all()]
    for other in imperfect:
        _same_truth(whole_of(imperfect), other)


def _comparable(whole: Submission, other: Submission) -> list[tuple[str, Any, Any]]:
    a, b = whole.description.data, other.description.data
    drawn_from_it = (a.part, b.part) == ("test", SUBSET_PART)
    return [
        ("recipe ids", a.recipe_id, b.recipe_id),
        # For recipes that tembench does not know, names and versions are the submitters' claims.
        ("recipes", f"{a.recipe} {a.version}", f"{b.recipe} {b.version}"),
        ("splits", a.split, b.split),
        ("parts", a.part, a.part if drawn_from_it else b.part),
        ("metric versions", _versions(whole), _versions(other)),
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


def _same_models(whole: Submission, other: Submission) -> None:
    images, at, there = _in_common(whole, other)
    ours = whole.scores["model"].to_numpy()[at]
    theirs = other.scores["model"].to_numpy()[there]
    wrong = np.flatnonzero(ours != theirs)
    if wrong.size:
        raise TableError(
            f"image {images[wrong[0]]} has two models",
            expected=f"{ours[wrong[0]]} ({whole.name})",
            got=f"{theirs[wrong[0]]} ({other.name})",
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
    images, at, there = np.intersect1d(
        first.scores["image"], other.scores["image"], assume_unique=True, return_indices=True
    )
    return images, at, there


def _constant_error(submission: Submission) -> np.ndarray:
    """Error of the constant image for each image; NaN where scores are perfect or infinite."""
    scores = submission.scores
    if not {"mse", "skill"} <= set(scores.columns):
        return np.full(len(scores), np.nan)
    rest = 1.0 - scores["skill"].to_numpy()
    known = np.isfinite(rest) & (rest > 1e-6)
    return np.where(known, scores["mse"].to_numpy() / np.where(known, rest, 1.0), np.nan)


def _versions(submission: Submission) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(submission.metrics.items()))
