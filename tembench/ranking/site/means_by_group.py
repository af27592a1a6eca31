"""All rows of a table in each group of its images, for the choice of images on its page.

Specimens weigh equally, as in the table: the mean in a group is over the specimens that it has
images of, of the means over those images. Images of which a metric is not defined count nowhere.
Intervals and ranks are those of a table of these images alone, from the same draws of specimens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tembench.ranking.number_format import json_number
from tembench.ranking.render.captions import shown_columns
from tembench.ranking.site import FactorGroup
from tembench.ranking.statistics import Interval, Resampling, intervals, paired_gaps
from tembench.ranking.table_ranks import TableScores, sign_of
from tembench.ranking.table_rows import Table

_DIGITS = 8
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
    in_group = _few_rows if len(table.rows) <= _ALL_UP_TO else _many_rows
    found = in_group(table, scores, [group.images for group in groups])
    return [
        {
            "factor": group.factor,
            "name": group.name,
            "images": int(group.images.sum()),
            **content,
        }
        for group, content in zip(groups, found, strict=True)
    ]


def _few_rows(
    table: Table, whole: TableScores, groups: Sequence[np.ndarray]
) -> Iterator[dict[str, Any]]:
    names, shown = _names(table), shown_columns(table)
    for scores in map(whole.among, groups):
        columns = [
            _intervals(scores.of(metric), scores.draws)
            if metric in shown
            else _means(scores.of(metric), scores.draws)
            for metric in table.metrics
        ]
        yield {
            "order": [names[number] for number in scores.order(table.ranked_by)],
            "values": _by_row(names, columns),
            "differences": dict(zip(names, _differences(table, scores), strict=True)),
            "ranks": _ranks(table, scores, names),
        }


def _many_rows(
    table: Table, scores: TableScores, groups: Sequence[np.ndarray]
) -> Iterator[dict[str, Any]]:
    names = _names(table)
    none: Values = [None] * len(names)
    values = {metric.name: scores.of(metric) for metric in shown_columns(table)}
    for images in groups:
        draws = scores.draws.among(images)
        means = {name: _means(own[:, images], draws) for name, own in values.items()}
        columns = [means.get(metric.name, none) for metric in table.metrics]
        own = sign_of(table.ranked_by) * draws.mean(values[table.ranked_by.name][:, images])
        yield {
            # NaN comes last.
            "order": [names[number] for number in np.argsort(-own, kind="stable").tolist()],
            "values": _by_row(names, columns),
            "differences": {},
            "ranks": {},
        }


def _names(table: Table) -> list[str]:
    return [row.submission.name for row in table.rows]


def _by_row(names: Sequence[str], columns: Sequence[Values]) -> dict[str, Values]:
    return {name: [*own] for name, own in zip(names, zip(*columns, strict=True), strict=True)}


def _means(values: np.ndarray, draws: Resampling) -> Values:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        means = draws.mean(values)
    return [None if np.isnan(mean) else [_plain(mean)] for mean in means.tolist()]


def _intervals(values: np.ndarray, draws: Resampling) -> Values:
    return [_interval(found) for found in intervals(values, draws)]


def _differences(table: Table, scores: TableScores) -> Values:
    """Of the metric that ranks, to the reference; of that one none."""
    names = _names(table)
    if table.reference not in names:
        return [None] * len(names)
    values = scores.of(table.ranked_by)
    reference = names.index(table.reference)
    found = _intervals(paired_gaps(values, values[reference]), scores.draws)
    found[reference] = None
    return found


def _ranks(table: Table, scores: TableScores, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """By the name of a row its rank by each metric shown, where it has one."""
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    if table.is_ranked:
        for metric in shown_columns(table):
            for name, rank in zip(names, scores.ranks(metric), strict=True):
                if rank.rank is not None:
                    found[name][metric.name] = rank.rank
    return found


def _interval(value: Interval) -> list[Any] | None:
    if np.isnan(value.mean):
        return None
    return [*(_plain(end) for end in (value.mean, value.low, value.high)), value.models]


def _plain(value: float) -> float | str | None:
    return json_number(float(f"{value:.{_DIGITS}g}"))
