"""Order and ranks of a table's rows by any of its metrics.

A row scored on the fixed subset of the test is compared with other rows on the images that both
have. Its mean, which is over the subset, is therefore not compared with means over the whole test:
the row is placed below as many rows of the whole test as are better on the subset's images. This
needs no estimate and no reference row, and keeps rows of the subset in the order of their means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tembench.metrics import METRICS, Metric
from tembench.ranking.statistics import (
    Resampling,
    demonstrably_better,
    rank_ranges,
    resampling,
    shared_ranks,
)

if TYPE_CHECKING:
    from tembench.ranking import Submission, Table

_SECOND = "ssim"
"""Metric that decides between equal means."""


@dataclass(frozen=True, kw_only=True)
class RowRank:
    """Rank of a row by one metric, and the ranks that it may have; None for one without."""

    rank: int | None = None
    range: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _RowScores:
    """Scores of a row: many times faster to read by metric than its data frame."""

    submission: Submission
    there: np.ndarray
    scores: Mapping[str, np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class TableScores:
    """Scores of all rows of a table on all of its images.

    Attributes
    ----------
    images : array of int (images,)
        Numbers of the images.
    draws : Resampling
        Draws of the specimens that the images show.
    rows : sequence
        The rows.
    """

    images: np.ndarray
    draws: Resampling
    rows: Sequence[_RowScores]

    @classmethod
    def of_submissions(cls, submissions: Sequence[Submission], whole: Submission) -> TableScores:
        """Scores of comparable submissions, one of which has all images."""
        images = whole.scores["image"].to_numpy()
        rows = []
        for one in submissions:
            there = np.isin(images, one.scores["image"].to_numpy(), assume_unique=True)
            numbers = one.scores.select_dtypes("number")
            scores = dict(zip(numbers, numbers.to_numpy(dtype=np.float64).T, strict=True))
            scores = {name: scores[name] for name in one.metrics}
            rows.append(_RowScores(submission=one, there=there, scores=scores))
        draws = resampling(list(whole.scores["model"]))
        return cls(images=images, draws=draws, rows=rows)

    @classmethod
    def of_table(cls, table: Table) -> TableScores:
        """Scores of the rows of a table, in their order."""
        whole = next(row.submission for row in table.rows if not row.on_subset)
        return cls.of_submissions([row.submission for row in table.rows], whole)

    def among(
        self, images: np.ndarray, metrics: Sequence[Metric] = tuple(METRICS.values())
    ) -> TableScores:
        """The same on the images of a mask, by some metrics."""
        names = [metric.name for metric in metrics]
        rows = []
        for row in self.rows:
            kept = images[row.there]
            scores = {name: row.scores[name][kept] for name in names if name in row.scores}
            rows.append(replace(row, there=row.there[images], scores=scores))
        return TableScores(images=self.images[images], draws=self.draws.among(images), rows=rows)

    def sorted_by(self, metric: Metric) -> TableScores:
        """The same with the best row first."""
        return replace(self, rows=[self.rows[number] for number in self.order(metric)])

    @cached_property
    def submissions(self) -> list[Submission]:
        """The submissions of the rows."""
        return [row.submission for row in self.rows]

    @cached_property
    def on_subset(self) -> np.ndarray:
        """Whether each row lacks some of the images."""
        return np.array([not row.there.all() for row in self.rows], dtype=bool)

    def of(self, metric: Metric) -> np.ndarray:
        """Scores by a metric, (rows, images); NaN where a row has none."""
        return np.array([self.of_row(number, metric) for number in range(len(self.rows))])

    def of_row(self, number: int, metric: Metric) -> np.ndarray:
        """Scores of one row by a metric, (images,); NaN where it has none."""
        row = self.rows[number]
        if metric.name not in row.scores:
            return np.full(len(self.images), np.nan)
        if row.there.all():
            return row.scores[metric.name]
        found = np.full(len(self.images), np.nan)
        found[row.there] = row.scores[metric.name]
        return found

    def order(self, metric: Metric) -> list[int]:
        """Numbers of the rows, best first; rows of the subset as the module's docstring says."""
        rows = sign_of(metric) * self.of(metric)
        means = self.draws.mean(rows)
        second = self.draws.mean(self.of(METRICS[_SECOND]))

        def key(row: int) -> tuple[float, float, str]:
            # Ties are broken, so that the order is always the same.
            first, then = (math.inf if math.isnan(x[row]) else -x[row] for x in (means, second))
            return first, then, self.submissions[row].name

        best_first = sorted(range(len(rows)), key=key)
        whole = [row for row in best_first if not self.on_subset[row]]
        places = {row: (place, 1) for place, row in enumerate(whole)}
        others: dict[bytes, np.ndarray] = {}
        for row in np.flatnonzero(self.on_subset).tolist():
            there = self.rows[row].there
            if there.tobytes() not in others:
                common = self.draws.among(there)
                others[there.tobytes()] = common.mean(rows[whole][:, there])
            places[row] = (int(np.count_nonzero(others[there.tobytes()] > means[row])), 0)
        return sorted(best_first, key=places.__getitem__)

    def ranks(self, metric: Metric) -> list[RowRank]:
        """Rank of each row; of controls and rows without the metric none.

        Methods that see a series are ranked among themselves.
        """
        found = [RowRank()] * len(self.submissions)
        rows = sign_of(metric) * self.of(metric)
        order = [row for row in self.order(metric) if not np.isnan(rows[row]).all()]
        for series in (False, True):
            own = []
            for row in order:
                method = self.submissions[row].description.method
                if not method.is_control and (method.input == "series") == series:
                    own.append(row)
            better = demonstrably_better(rows[own], self.draws)
            ranked = zip(own, shared_ranks(better), rank_ranges(better), strict=True)
            for row, rank, range_ in ranked:
                found[row] = RowRank(rank=rank, range=range_)
        return found


def ranks_by(table: Table, metric: str, scores: TableScores | None = None) -> list[int | None]:
    """Rank the rows of a table by any of its metrics.

    Parameters
    ----------
    table : Table
        The table.
    metric : str
        Name of one of its metrics.
    scores : TableScores, optional
        Scores of its rows, where they are at hand; or on some of its images.

    Returns
    -------
    list of (int or None)
        In the order of the table's rows; None for a control, for a row without the metric, and
        where nothing is ranked.
    """
    if not table.is_ranked:
        return [None] * len(table.rows)
    scores = scores or TableScores.of_table(table)
    return [found.rank for found in scores.ranks(METRICS[metric])]


def sign_of(metric: Metric) -> float:
    """Sign that makes higher values of a metric better."""
    return 1.0 if metric.direction == "higher" else -1.0
