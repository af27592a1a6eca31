"""Controls that bound a table: nothing is better than the clean image by what it is best at.

A metric declares whether the clean image reaches its ideal value, and whether no other image can be
better, apart from the scatter of noisy recordings. A table in which that is not so has a broken
metric, scores of two stores, or forged scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import TableError, together
from tembench.metrics import BLANK_PSNR_DB, Metric
from tembench.ranking.statistics import demonstrably_better, paired_gaps

if TYPE_CHECKING:
    from tembench.ranking.table_ranks import TableScores

CLEAN = "clean"
BOUNDS = (CLEAN, "vacuum", "noisy")
"""Controls that bound a table: the best image, and two that know nothing."""
# Images are stored as float32.
_ROUNDING = 1e-6
# An honest row may be called better than the clean image once in a thousand tables.
_CONFIDENCE = 0.999
_MOST_SHOWN = 8


def missing_controls(names: Iterable[str]) -> list[str]:
    """Bounding controls that are not among the names of a table's controls."""
    there = set(names)
    return [name for name in BOUNDS if name not in there]


def refuse_to_exceed_controls(scores: TableScores, metrics: Sequence[Metric]) -> None:
    """Raise TableError if the clean image is not as good as its metrics declare.

    Parameters
    ----------
    scores : TableScores
        Scores of all rows. Without the control `clean` nothing is checked.
    metrics : sequence of Metric
        Metrics of the table.
    """
    names = [one.name for one in scores.submissions if one.description.method.is_control]
    if CLEAN in missing_controls(names):
        return
    number = [submission.name for submission in scores.submissions].index(CLEAN)
    problems = [text for metric in metrics for text in _problems(scores, metric, number)]
    if problems:
        raise TableError(
            together(problems, _MOST_SHOWN),
            expected="no row better than the clean image",
            remedy="score these rows and the clean image again on one store; if nothing changes, "
            "the metric or the store is broken",
        )


def _problems(scores: TableScores, metric: Metric, clean: int) -> Iterator[str]:
    if metric.clean_is_ideal:
        # No score is beyond the ideal of these metrics, whose range ends there.
        yield from _short_of_ideal(scores, metric, clean)
    elif metric.clean_is_best:
        yield from _better(scores, metric, clean)


def _short_of_ideal(scores: TableScores, metric: Metric, clean: int) -> Iterator[str]:
    values = scores.of_row(clean, metric)
    # The PSNR of a blank image has a ceiling.
    ideal = min(metric.ideal, BLANK_PSNR_DB)
    away = ideal - values if np.isinf(metric.ideal) else np.abs(values - ideal)
    wrong = np.flatnonzero(away > _ROUNDING)
    if len(wrong):
        yield (
            f"{metric.name} of the clean image itself ({CLEAN!r}) is {values[wrong[0]]:.6g} on "
            f"image {scores.images[wrong[0]]}, where {metric.ideal:g} is ideal"
        )


def _better(scores: TableScores, metric: Metric, clean: int) -> Iterator[str]:
    rows = scores.of(metric)
    signed = rows if metric.direction == "higher" else -rows
    gaps = paired_gaps(signed, signed[clean])
    with np.errstate(invalid="ignore"):
        above = np.flatnonzero(scores.draws.mean(gaps) > 0)
    if not len(above):
        return
    better = demonstrably_better(signed[[clean, *above]], scores.draws, confidence=_CONFIDENCE)[
        1:, 0
    ]
    for row in above[better]:
        common = np.where(np.isnan(gaps[row]), np.nan, rows[[row, clean]])
        own, ideal = scores.draws.mean(common).tolist()
        yield (
            f"{scores.submissions[row].name!r} is better than the clean image by {metric.name}: "
            f"{own:.6g}, {CLEAN!r} has {ideal:.6g}"
        )
