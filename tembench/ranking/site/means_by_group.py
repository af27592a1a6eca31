"""All rows of a table in each group of its images, for the choice of images on its page.

Specimens weigh equally, as in the table: the mean in a group is over the specimens that it has
images of, of the means over those images. Images of which a metric is not defined count nowhere.
Intervals and ranks are those of a table of these images alone, from the same draws of specimens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tembench.metrics import Metric
from tembench.ranking.number_format import interval_list, short_number
from tembench.ranking.render.captions import shown_columns
from tembench.ranking.site import FactorGroup
from tembench.ranking.statistics import Resampling, intervals, paired_gaps
from tembench.ranking.table_ranks import TableScores, ranks_by
from tembench.ranking.table_rows import Table

# Intervals and ranks of a thousand rows would take minutes, and all means of theirs 30 MB.
_ALL_UP_TO = 50

Values = list[list[Any] | None]


def group_means(
    table: Table, scores: TableScores, groups: Sequence[FactorGroup]
) -> list[dict[str, Any]]:
    """Means of every row in each group, as plain values for ``data/groups``.

    Parameters
    ----------
    table : Table
        The table.
    scores : TableScores
        Of the table.
    groups : sequence of FactorGroup
        Groups of its images.

    Returns
    -------
    list of dict
        For each group its factor, name, number of images, the names of the rows in their ``order``,
        best first, and, by the name of a row,

        - ``values``: for each metric of the table in their order the mean, and for those that every
          format shows its bounds and the number of specimens; None where there is none,
        - ``differences``: of the metric that ranks, the same to the table's reference,
        - ``ranks``: by the metrics that every format shows.

        Of more than fifty rows, only the means of those metrics.
    """
    return [
        {
            "factor": group.factor,
            "name": group.name,
            "images": int(group.images.sum()),
            **_in_group(table, scores, group.images),
        }
        for group in groups
    ]


def _in_group(table: Table, whole: TableScores, images: np.ndarray) -> dict[str, Any]:
    names, shown = [row.submission.name for row in table.rows], shown_columns(table)
    few = len(names) <= _ALL_UP_TO
    kept = table.metrics if few else shown
    scores = whole.among(images, kept)

    def column(metric: Metric) -> Values:
        if metric not in kept:
            return [None] * len(names)
        of_rows = _intervals if few and metric in shown else _means
        return of_rows(scores.of(metric), scores.draws)

    values = zip(*(column(metric) for metric in table.metrics), strict=True)
    return {
        "order": [names[number] for number in scores.order(table.ranked_by)],
        "values": {name: [*own] for name, own in zip(names, values, strict=True)},
        "differences": _differences(table, scores, names) if few else {},
        "ranks": _ranks(table, scores, names) if few else {},
    }


def _means(values: np.ndarray, draws: Resampling) -> Values:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        means = draws.mean(values)
    return [None if np.isnan(mean) else [short_number(mean)] for mean in means.tolist()]


def _intervals(values: np.ndarray, draws: Resampling) -> Values:
    return [interval_list(found) for found in intervals(values, draws)]


def _differences(
    table: Table, scores: TableScores, names: Sequence[str]
) -> dict[str, list[Any] | None]:
    """By the name of a row its difference to the reference, by the metric that ranks."""
    if table.reference not in names:
        return dict.fromkeys(names)
    values = scores.of(table.ranked_by)
    gaps = paired_gaps(values, values[names.index(table.reference)])
    return {
        **dict(zip(names, _intervals(gaps, scores.draws), strict=True)),
        table.reference: None,
    }


def _ranks(table: Table, scores: TableScores, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """By the name of a row its rank by each metric shown, where it has one."""
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for metric in shown_columns(table):
        for name, rank in zip(names, ranks_by(table, metric.name, scores), strict=True):
            if rank is not None:
                found[name][metric.name] = rank
    return found
