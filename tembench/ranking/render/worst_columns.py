"""Columns of worst cases, spread and differences of a drawn table, the same in every format."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tembench.core import shortened
from tembench.ranking.number_format import (
    UNKNOWN,
    interval_summary,
    interval_text,
    number_text,
    value_text,
)
from tembench.ranking.statistics import GroupValue, Interval, WorstCases
from tembench.ranking.table_rows import Table, TableRow

_LONGEST_GROUP = 70
WORST_CSV_COLUMNS = tuple(
    f"{name}{end}"
    for name, ends in (
        ("worst_tenth", ("", "_low", "_high")),
        ("difference", ("", "_low", "_high")),
        ("worst_group", ("_name", "", "_low", "_high")),
        ("worst_group_difference", ("_name", "", "_low", "_high")),
    )
    for end in ends
)
"""Columns of worst cases in CSV."""


@dataclass(frozen=True, kw_only=True)
class WorstColumn:
    """Column of worst cases.

    Attributes
    ----------
    heading, summary : str
        Heading and meaning.
    cells : list of str
        One per row.
    in_words : bool
        Whether the cells are text instead of numbers.
    order : list of (float or None)
        Number that each row is sorted by; None comes last.
    """

    heading: str
    summary: str
    cells: list[str]
    in_words: bool
    order: list[float | None]


def worst_columns(table: Table) -> list[WorstColumn]:
    """Columns of worst cases; in a table of a closed recipe those of audits alone, if any."""
    if not table.drawn:
        return _of_audits(table)
    found = [
        _of_interval(
            table,
            "worst tenth",
            "Mean over the worst tenth of the row's images.",
            lambda worst: worst.tenth,
        ),
        *_of_group(
            table,
            "worst group",
            "Lowest mean of a group of images, by material, dose, defocus and orientation.",
            lambda worst: worst.group,
        ),
    ]
    if table.reference:
        found += [
            _of_interval(
                table,
                f"minus {table.reference}",
                f"Difference to {table.reference}, paired specimen by specimen.",
                lambda worst: worst.difference,
            ),
            *_of_group(
                table,
                f"minus {table.reference}, worst group",
                "The same in the group where it is worst.",
                lambda worst: worst.group_difference,
            ),
        ]
    return [*found, *_of_audits(table), *_of_trainings(table)]


def worst_summary(worst: WorstCases) -> dict[str, Any]:
    """Worst cases of a row as plain values for JSON."""
    groups = {"group": worst.group, "group_difference": worst.group_difference}
    return {
        "tenth": interval_summary(worst.tenth),
        "difference": interval_summary(worst.difference),
        **{
            key: group and {"name": group.name, **(interval_summary(group.value) or {})}
            for key, group in groups.items()
        },
    }


def worst_cells(worst: WorstCases | None) -> list[str | float]:
    """Cells of a row under `WORST_CSV_COLUMNS`; none in a table of a closed recipe."""
    if worst is None:
        return []
    cells: list[str | float] = []
    for value in (worst.tenth, worst.difference):
        cells += _bound_cells(value)
    for group in (worst.group, worst.group_difference):
        name, value = ("", None) if group is None else (group.name, group.value)
        cells += [name, *_bound_cells(value)]
    return cells


def _bound_cells(value: Interval | None) -> list[str | float]:
    return ["", "", ""] if value is None else [value.mean, value.low, value.high]


def _of_interval(
    table: Table, heading: str, summary: str, of: Callable[[WorstCases], Interval | None]
) -> WorstColumn:
    metric = table.ranked_by
    values = [None if row.worst is None else of(row.worst) for row in table.rows]
    cells = []
    for value in values:
        if value is None or math.isnan(value.mean):
            cells.append(UNKNOWN)
        else:
            bounds = interval_text(metric, value)
            text = value_text(metric, value.mean)
            cells.append(text if bounds == UNKNOWN else f"{text} ({bounds})")
    return WorstColumn(
        heading=f"{metric.title} {heading}",
        summary=summary,
        cells=cells,
        in_words=False,
        order=[None if value is None else value.mean for value in values],
    )


def _of_group(
    table: Table, heading: str, summary: str, of: Callable[[WorstCases], GroupValue | None]
) -> list[WorstColumn]:
    """The group's mean and its name; no columns if no group is large enough."""
    groups = [None if row.worst is None else of(row.worst) for row in table.rows]
    if not any(groups):
        return []

    def value_of(worst: WorstCases) -> Interval | None:
        group = of(worst)
        return None if group is None else group.value

    value = _of_interval(table, heading, summary, value_of)
    names = [
        f"{shortened(group.name, _LONGEST_GROUP)} ({group.specimens})" if group else UNKNOWN
        for group in groups
    ]
    name = WorstColumn(
        heading="which group (specimens)",
        summary="What the images of the group have in common.",
        cells=names,
        in_words=True,
        order=[None] * len(names),
    )
    return [value, name]


def _of_audits(table: Table) -> list[WorstColumn]:
    """Largest loss of an audit and its case; no columns if no submission carries an audit."""
    losses = [row.audited for row in table.rows]
    if not any(losses):
        return []
    return [
        WorstColumn(
            heading="audit: lost, dB",
            summary="PSNR lost in the worst case of the audit, beyond what the dose takes.",
            cells=[_loss_text(loss.beyond_db) if loss else UNKNOWN for loss in losses],
            in_words=False,
            order=[loss.beyond_db.mean if loss else None for loss in losses],
        ),
        WorstColumn(
            heading="audit: worst case",
            summary="Change of the same specimens at which that is lost.",
            cells=[loss.title if loss else UNKNOWN for loss in losses],
            in_words=True,
            order=[None] * len(losses),
        ),
    ]


def _loss_text(loss: Interval) -> str:
    mean, low, high = (number_text(value, 2) for value in (loss.mean, loss.low, loss.high))
    return f"{mean} ({low} to {high})" if math.isfinite(loss.low) else mean


def _of_trainings(table: Table) -> list[WorstColumn]:
    if not any(row.seed_means for row in table.rows):
        return []
    return [
        WorstColumn(
            heading="trainings",
            summary="Number of trainings with other seeds, and the range of their means.",
            cells=[_trainings_text(row, table) for row in table.rows],
            in_words=False,
            order=[max(row.seed_means) - min(row.seed_means) if row.seed_means else None
                   for row in table.rows],
        )
    ]  # fmt: skip


def _trainings_text(row: TableRow, table: Table) -> str:
    if not row.seed_means:
        return UNKNOWN
    low, high = (value_text(table.ranked_by, end(row.seed_means)) for end in (min, max))
    return f"{len(row.seed_means)}: {low} to {high}"
