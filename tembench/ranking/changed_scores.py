"""Changed scores: differences between a submission and an earlier one of the same entry.

A score that has been published stays as it is unless somebody says so: `submit` and the review of a
pull request refuse a change, in the sentences made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.metrics import METRICS
from tembench.ranking.submission import Submission

if TYPE_CHECKING:
    import pandas as pd

# Relative; the last digits of a score depend on the machine that computed it.
_ROUNDING = 1e-9
_DIGITS_OF_A_DIGEST = 12


def changed_scores(old: Submission, new: Submission) -> list[str]:
    """One sentence for each difference between the scores of two submissions; none if they agree.

    Parameters
    ----------
    old, new : Submission
        The submission that is there, and the one that would replace it.

    Returns
    -------
    list of str
        Images and metrics that are in one of them only, changed metrics with the number of images
        and the largest change, then what may explain them: versions of metrics and of tembench,
        and the digests of the outputs. A metric that only `new` has is no change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tembench.ranking import check_submission
    >>> row = check_submission(Path("submissions/ptceo2-18k/noisy"))  # doctest: +SKIP
    >>> changed_scores(row, row)  # doctest: +SKIP
    []
    """
    found = [*_images(old, new), *_missing(old, new), *_metrics(old, new)]
    if not found and not _other_outputs(old, new):
        return []
    return [*found, *_versions(old, new), _outputs(old, new)]


def _images(old: Submission, new: Submission) -> Iterator[str]:
    before, after = (set(one.scores["image"].tolist()) for one in (old, new))
    for what, images in (("left out", before - after), ("added", after - before)):
        if images:
            yield f"{_count(len(images), 'image')} {what}, the first is {min(images)}"
    ours, theirs = _in_common(old.scores, new.scores)
    other = np.flatnonzero(ours["model"].to_numpy() != theirs["model"].to_numpy())
    if other.size:
        first = ours.iloc[other[0]]
        yield (
            f"{_count(other.size, 'image')} of another specimen, the first is {first['image']}: "
            f"{first['model']} -> {theirs['model'].iloc[other[0]]}"
        )


def _missing(old: Submission, new: Submission) -> Iterator[str]:
    if old.missing != new.missing:
        yield f"images that are missing and count as the worst: {old.missing} -> {new.missing}"


def _metrics(old: Submission, new: Submission) -> Iterator[str]:
    gone = [name for name in old.metrics if name not in new.metrics]
    if gone:
        yield f"no longer scored: {', '.join(gone)}"
    ours, theirs = _in_common(old.scores, new.scores)
    for name in (name for name in old.metrics if name in new.metrics):
        before, after = (one[name].to_numpy(dtype=np.float64) for one in (ours, theirs))
        change = _change(before, after)
        changed = int(np.count_nonzero(change))
        if changed:
            most = int(np.argmax(change))
            yield (
                f"{name} changed in {_count(changed, 'image')} of {len(change)}, most in image "
                f"{ours['image'].iloc[most]}: {_value(name, before[most])} -> "
                f"{_value(name, after[most])}"
            )


def _versions(old: Submission, new: Submission) -> Iterator[str]:
    for name in (name for name in old.metrics if name in new.metrics):
        if old.metrics[name] != new.metrics[name]:
            yield f"version of {name}: {old.metrics[name]} -> {new.metrics[name]}"
    if old.scored_with != new.scored_with:
        versions = (one.scored_with or "unknown" for one in (old, new))
        yield f"tembench that scored: {' -> '.join(versions)}"


def _other_outputs(old: Submission, new: Submission) -> bool:
    """Whether the recorded digests show that other outputs were scored."""
    digests = {old.outputs_sha256, new.outputs_sha256}
    return len(digests) == 2 and "" not in digests


def _outputs(old: Submission, new: Submission) -> str:
    digests = [one.outputs_sha256 for one in (old, new)]
    if _other_outputs(old, new):
        shown = (digest[:_DIGITS_OF_A_DIGEST] for digest in digests)
        return f"the outputs differ: sha256 {' -> '.join(shown)}"
    if all(digests):
        return "the outputs are the same"
    return "whether the outputs changed is unknown: the digest of one of them is not recorded"


def _in_common(old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the images that both have, in one order."""
    both = np.intersect1d(old["image"], new["image"])
    ours, theirs = (
        one[one["image"].isin(both)].sort_values("image", ignore_index=True) for one in (old, new)
    )
    return ours, theirs


def _change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Size of each change; 0 within rounding, infinite from or to infinity or an empty cell."""
    with np.errstate(invalid="ignore"):
        change = np.abs(after - before)
        largest = np.maximum(np.abs(before), np.abs(after))
        change[(change <= _ROUNDING * largest) & np.isfinite(largest)] = 0.0
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    return np.where(same, 0.0, np.where(np.isnan(change), np.inf, change))


def _value(name: str, value: float) -> str:
    if np.isnan(value):
        return "undefined"
    # Enough digits to show the smallest change that counts.
    return f"{value:.10g} {METRICS[name].unit}".rstrip()


def _count(number: Any, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
