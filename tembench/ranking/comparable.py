"""Comparability: conditions under which submissions may be in one table.

Rows are comparable only if they were scored on the same images of the same recipe by the same
versions of the metrics, and agree on what the images show and for which of them a metric is not
defined. Two exceptions: rows of the fixed subset of a test (`test-subset`) may be in a table with
rows of the whole test, which contains the images of the subset; and a row that was scored before a
metric was introduced lacks that metric. The version of tembench does not matter: a change of
a score raises the version of its metric.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tembench.core import TableError, together
from tembench.ranking.submission import Submission
from tembench.ranking.untrusted import IMAGE_FACTORS, NEEDS, images_without

# Relative; far more than the rounding differences between the FFTs of two machines.
_SAME_TRUTH = 1e-4
_REMEDY = "score both again on the same store"
_MOST_SHOWN = 8


def whole_of(submissions: Sequence[Submission]) -> Submission:
    """Submission whose images are those of the table: the first that is not on a subset."""
    return min(submissions, key=lambda submission: submission.description.data.is_subset)


def refuse_to_mix(submissions: Sequence[Submission]) -> None:
    """Raise TableError if submissions are not comparable.

    All differences of recipe, part and versions are named; where there are none, the first two
    submissions whose scores contradict each other.
    """
    whole = whole_of(submissions)
    differences = [text for other in submissions for text in _differences(whole, other)]
    if differences:
        raise TableError(
            together(differences, _MOST_SHOWN),
            remedy="keep them in folders of their own, or score one of them again",
        )
    facts = _Facts.of(whole)
    first_of_part: dict[str, _Facts] = {}
    scored: list[_Facts] = []
    for other in sorted(submissions, key=lambda one: one.description.data.is_subset):
        own = _Facts.of(other)
        part = other.description.data.part
        if part != whole.description.data.part:
            _within(facts, own)
        _same_images(first_of_part.setdefault(part, own), own)
        there = _in_common(facts, own)
        _same_values(facts, own, *there)
        _same_undefined(facts, own, *there)
        scored.append(own)
    _distinct(submissions)
    _same_truth(facts, scored)


def _distinct(submissions: Sequence[Submission]) -> None:
    """Refuse two rows of one name."""
    named: dict[str, Submission] = {}
    for other in submissions:
        first = named.setdefault(other.name, other)
        if first is not other:
            raise TableError(
                f"two submissions are named {other.name!r}",
                got=f"{first.path} and {other.path}",
                remedy="submit one of them under another --name",
            )


def _differences(whole: Submission, other: Submission) -> Iterator[str]:
    """What two submissions were scored on or by, as far as it differs."""
    a, b = whole.description.data, other.description.data
    drawn_from_it = a.part == b.table_part
    compared = [
        ("recipe ids", a.recipe_id, b.recipe_id),
        # For recipes that tembench does not know, names and versions are the submitters' claims.
        ("recipes", f"{a.recipe} {a.version}", f"{b.recipe} {b.version}"),
        ("splits", a.split, b.split),
        ("parts", a.part, a.part if drawn_from_it else b.part),
        ("metric versions", *_versions(whole.metrics, other.metrics)),
    ]
    for what, ours, theirs in compared:
        if ours != theirs:
            yield (
                f"{what} of {whole.name!r} and {other.name!r} differ; expected {ours} "
                f"({whole.name}), got {theirs} ({other.name})"
            )


def _versions(ours: Mapping[str, int], theirs: Mapping[str, int]) -> tuple[str, str]:
    """Versions of the metrics that both have, as far as they differ."""
    differ = [name for name in sorted(ours.keys() & theirs.keys()) if ours[name] != theirs[name]]
    first, second = (", ".join(f"{name} {of[name]}" for name in differ) for of in (ours, theirs))
    return first, second


@dataclass(frozen=True, kw_only=True, eq=False)
class _Facts:
    """What a submission says about its images, as arrays."""

    name: str
    images: np.ndarray
    values: Mapping[str, np.ndarray]
    undefined: Mapping[str, np.ndarray | None]
    constant_error: np.ndarray

    @classmethod
    def of(cls, submission: Submission) -> _Facts:
        scores = submission.scores
        return cls(
            name=submission.name,
            images=scores["image"].to_numpy(),
            values={n: scores[n].to_numpy() for n in ("model", *IMAGE_FACTORS) if n in scores},
            undefined={what: images_without(scores, what) for what in NEEDS},
            constant_error=_constant_error(submission),
        )


def _within(whole: _Facts, other: _Facts) -> None:
    strange = np.setdiff1d(other.images, whole.images)
    if strange.size:
        raise TableError(
            f"images of {other.name!r} are not all among those of {whole.name!r}",
            expected=f"images of the test ({whole.name})",
            got=f"image {strange[0]} ({other.name})",
            remedy=_REMEDY,
        )


def _same_images(first: _Facts, other: _Facts) -> None:
    ours, theirs = first.images, other.images
    if not np.array_equal(ours, theirs):
        only = sorted(set(theirs) ^ set(ours))
        raise TableError(
            f"images of {first.name!r} and {other.name!r} differ",
            expected=f"{len(ours)} images ({first.name})",
            got=f"{len(theirs)} images ({other.name}), image {only[0]} is in one of them only",
            remedy=_REMEDY,
        )


def _same_values(whole: _Facts, other: _Facts, at: np.ndarray, there: np.ndarray) -> None:
    """Refuse other specimens, or drawn values, of the same images."""
    for name in ("model", *IMAGE_FACTORS):
        if (name in whole.values) != (name in other.values):
            has, lacks = (whole, other) if name in whole.values else (other, whole)
            raise TableError(
                f"the scores of {lacks.name!r} have no column {name}",
                expected=f"the columns of {has.name!r}",
                remedy=_REMEDY,
            )
        if name not in whole.values:
            continue
        ours, theirs = whole.values[name][at], other.values[name][there]
        # A specimen may lack a value, which is NaN in both.
        wrong = np.flatnonzero((ours != theirs) & ~((ours != ours) & (theirs != theirs)))
        if wrong.size:
            one = wrong[0]
            plural = "models" if name == "model" else f"values of {name}"
            raise TableError(
                f"image {whole.images[at][one]} has two {plural}",
                expected=f"{ours[one]} ({whole.name})",
                got=f"{theirs[one]} ({other.name})",
                remedy=_REMEDY,
            )


def _same_undefined(whole: _Facts, other: _Facts, at: np.ndarray, there: np.ndarray) -> None:
    """Refuse a row that leaves out a metric of an image for which another row has it."""
    for what in NEEDS:
        ours, theirs = whole.undefined[what], other.undefined[what]
        if ours is None or theirs is None:
            continue
        wrong = np.flatnonzero(ours[at] != theirs[there])
        if wrong.size:
            one = int(wrong[0])
            has, lacks = (other, whole) if ours[at][one] else (whole, other)
            raise TableError(
                f"{has.name!r} has scores of image {whole.images[at][one]} that {lacks.name!r} "
                "leaves empty",
                expected=f"scores in both, or in neither, where a metric needs {what}",
                remedy=_REMEDY,
            )


def _same_truth(whole: _Facts, scored: Sequence[_Facts]) -> None:
    """Refuse scores against other clean images under the same recipe id.

    The error of the constant image, mse / (1 - skill), depends on the clean image alone. It may
    differ in the last digits, as simulations on two machines do. A perfect image does not show it,
    so each image's is that of the first row that does.
    """
    images = whole.images
    known = np.full(len(images), np.nan)
    known_by = np.zeros(len(images), dtype=np.int64)
    for number, other in enumerate(scored):
        at = np.searchsorted(images, other.images)
        theirs = other.constant_error
        fresh = np.isnan(known[at])
        known[at[fresh]], known_by[at[fresh]] = theirs[fresh], number
        wrong = np.flatnonzero(np.abs(known[at] - theirs) > _SAME_TRUTH * known[at])
        if wrong.size:
            one, image = int(wrong[0]), int(at[wrong[0]])
            first = scored[known_by[image]]
            raise TableError(
                f"{first.name!r} and {other.name!r} were scored against different clean images",
                expected=f"error {known[image]:.6g} of a constant image {images[image]} "
                f"({first.name})",
                got=f"{theirs[one]:.6g} ({other.name})",
                remedy="generate the data set with one version of tembench and score both again",
            )


def _in_common(first: _Facts, other: _Facts) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the images that both have, in the one and in the other."""
    if np.array_equal(first.images, other.images):
        every = np.arange(len(first.images))
        return every, every
    _, at, there = np.intersect1d(
        first.images, other.images, assume_unique=True, return_indices=True
    )
    return at, there


def _constant_error(submission: Submission) -> np.ndarray:
    """Error of the constant image for each image; NaN where scores are perfect or infinite."""
    scores = submission.scores
    if not {"mse", "skill"} <= set(scores.columns):
        return np.full(len(scores), np.nan)
    rest, squared_error = 1.0 - scores["skill"].to_numpy(), scores["mse"].to_numpy()
    known = np.isfinite(rest) & (rest > 1e-6) & (squared_error > 0)
    return np.where(known, squared_error / np.where(known, rest, 1.0), np.nan)
