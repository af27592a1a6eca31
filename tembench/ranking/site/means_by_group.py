"""Means of all rows of a table in each group of its images, for the choice of images on its page.

Specimens weigh equally, as in the table: the mean in a group is over the specimens that it has
images of, of the means over those images. Images of which a metric is not defined count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.metrics import Metric
from tembench.ranking.number_format import json_number
from tembench.ranking.render.captions import shown_columns
from tembench.ranking.site import FactorGroup

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.table_rows import Table, TableRow

_DIGITS = 8
# Rows at a time: their scores are 25 MB.
_BLOCK = 100


def group_means(table: Table, factors: pd.DataFrame, groups: Sequence[FactorGroup]) -> list[Any]:
    """Means of every row in each group, as plain values for ``data/groups``.

    Parameters
    ----------
    table : Table
        The table.
    factors : pandas.DataFrame
        Columns image and model of its images, from `image_factors`.
    groups : sequence of FactorGroup
        Groups of these images.

    Returns
    -------
    list of dict
        For each group its factor, name, number of images and ``values``: by the name of a row, the
        mean of each metric of the table in their order; None where there is none. Of more than a
        hundred rows, only the metrics that every format shows have means.
    """
    records: list[dict[str, Any]] = [
        {
            "factor": group.factor,
            "name": group.name,
            "images": int(group.images.sum()),
            "values": {},
        }
        for group in groups
    ]
    specimens = np.unique(factors["model"].to_numpy(dtype=str), return_inverse=True)[1]
    metrics = table.metrics if len(table.rows) <= _BLOCK else shown_columns(table)
    places = [table.metrics.index(metric) for metric in metrics]
    for rows in _blocks(table.rows):
        scores = _scores(rows, metrics, factors["image"].to_numpy())
        for group, record in zip(groups, records, strict=True):
            means = _means(scores[:, group.images], specimens[group.images])
            for row, own in zip(rows, means, strict=True):
                values: list[Any] = [None] * len(table.metrics)
                for place, mean in zip(places, own.tolist(), strict=True):
                    values[place] = _plain(mean)
                record["values"][row.submission.name] = values
    return records


def _blocks(rows: Sequence[TableRow]) -> Iterator[Sequence[TableRow]]:
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK]


def _scores(rows: Sequence[TableRow], metrics: Sequence[Metric], images: np.ndarray) -> np.ndarray:
    """Scores, (rows, images, metrics); NaN where there is none."""
    found = np.full((len(rows), len(images), len(metrics)), np.nan)
    for row, values in zip(rows, found, strict=True):
        scores = row.submission.scores
        there = np.isin(images, scores["image"].to_numpy())
        for column, metric in enumerate(metrics):
            if metric.name in scores:
                values[there, column] = scores[metric.name].to_numpy()
    return found


def _means(scores: np.ndarray, specimens: np.ndarray) -> np.ndarray:
    """Mean over specimens of their means over images, (rows, metrics)."""
    order = np.argsort(specimens, kind="stable")
    starts = np.flatnonzero(np.diff(specimens[order], prepend=-1))
    values = scores[:, order]
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
        counts = np.add.reduceat(known, starts, axis=1, dtype=float)
        own = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
        there = np.count_nonzero(counts, axis=1)
        total = own.sum(axis=1)
        return np.divide(total, there, out=np.full(total.shape, np.nan), where=there > 0)


def _plain(value: float) -> float | str | None:
    return json_number(float(f"{value:.{_DIGITS}g}"))
