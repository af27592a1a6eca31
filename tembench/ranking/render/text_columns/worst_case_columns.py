"""Columns of worst cases, spread and differences of a drawn table, the same in every format."""

from __future__ import annotations

import math
from collections.abc import Callable

from tembench.core import shortened
from tembench.ranking.number_format import UNKNOWN, interval_text, number_text, value_text
from tembench.ranking.render.text_columns.table_columns import TableColumn, words_column
from tembench.ranking.statistics import GroupValue, Interval, WorstCases
from tembench.ranking.table_rows import Table, TableRow

_LONGEST_GROUP = 70


def worst_columns(table: Table) -> list[TableColumn]:
    """Columns of worst cases; in a table of a closed recipe those of audits alone, if any."""
    if not table.drawn:
        return _of_audits(table)
    found = [
        _of_interval(
            table,
            "worst_tenth",
            "worst tenth",
            "Mean over the worst tenth of the row's images.",
            lambda worst: worst.tenth,
        ),
        *_of_group(
            table,
            "worst_group",
            "worst group",
            "Worst mean of a group of images, by material, dose, defocus and orientation.",
            lambda worst: worst.group,
        ),
    ]
    if table.reference:
        found += [
            _of_interval(
                table,
                "difference",
                f"minus {table.reference}",
                f"Difference to {table.reference}, paired specimen by specimen.",
                lambda worst: worst.difference,
            ),
            *_of_group(
                table,
                "worst_group_difference",
                f"minus {table.reference}, worst group",
                "The same in the group where it is worst.",
                lambda worst: worst.group_difference,
            ),
        ]
    return [*found, *_of_audits(table), *_of_trainings(table)]


def _of_interval(
    table: Table,
    name: str,
    heading: str,
    summary: str,
    of: Callable[[WorstCases], Interval | None],
) -> TableColumn:
    metric = table.ranked_by
    unit = f", {metric.unit}" if metric.unit else ""
    found = [None if row.worst is None else of(row.worst) for row in table.rows]
    return TableColumn(
        name=name,
        heading=f"{metric.title} {heading}{unit}",
        summary=summary,
        raw=found,
        values=[UNKNOWN if one is None else value_text(metric, one.mean) for one in found],
        bounds=[UNKNOWN if one is None else interval_text(metric, one) for one in found],
        has_intervals=True,
    )


def _of_group(
    table: Table,
    name: str,
    heading: str,
    summary: str,
    of: Callable[[WorstCases], GroupValue | None],
) -> list[TableColumn]:
    """The group's mean and its name; no columns if no group is large enough."""
    groups = [None if row.worst is None else of(row.worst) for row in table.rows]
    if not any(groups):
        return []

    def value_of(worst: WorstCases) -> Interval | None:
        group = of(worst)
        return None if group is None else group.value

    names = [
        f"{shortened(group.name, _LONGEST_GROUP)} ({group.specimens})" if group else UNKNOWN
        for group in groups
    ]
    return [
        _of_interval(table, name, heading, summary, value_of),
        words_column(
            f"{name}_name",
            "which group (specimens)",
            "What the images of the group have in common.",
            names,
            [group.name if group else None for group in groups],
        ),
    ]


def _of_audits(table: Table) -> list[TableColumn]:
    """Largest loss of an audit and its case; no columns if no submission carries an audit."""
    losses = [row.audited for row in table.rows]
    if not any(losses):
        return []
    found = [loss.beyond_db if loss else None for loss in losses]
    return [
        TableColumn(
            name="audit_loss_db",
            heading="audit: lost, dB",
            summary="PSNR lost in the worst case of the audit, beyond what the dose takes.",
            raw=found,
            values=[number_text(one.mean, 2) if one else UNKNOWN for one in found],
            bounds=[_loss_bounds(one) if one else UNKNOWN for one in found],
            has_intervals=True,
        ),
        words_column(
            "audit_case",
            "audit: worst case",
            "Change of the same specimens at which that is lost.",
            [loss.title if loss else UNKNOWN for loss in losses],
            [loss.case if loss else None for loss in losses],
        ),
    ]


def _loss_bounds(loss: Interval) -> str:
    if not math.isfinite(loss.low):
        return UNKNOWN
    return f"{number_text(loss.low, 2)} to {number_text(loss.high, 2)}"


def _of_trainings(table: Table) -> list[TableColumn]:
    if not any(row.seed_means for row in table.rows):
        return []
    return [
        TableColumn(
            name="training_spread",
            heading="trainings",
            summary="Number of trainings with other seeds, and the range of their means.",
            raw=[
                max(row.seed_means) - min(row.seed_means) if row.seed_means else None
                for row in table.rows
            ],
            values=[_trainings_text(row, table) for row in table.rows],
            bounds=[],
        )
    ]


def _trainings_text(row: TableRow, table: Table) -> str:
    if not row.seed_means:
        return UNKNOWN
    low, high = (value_text(table.ranked_by, end(row.seed_means)) for end in (min, max))
    return f"{len(row.seed_means)}: {low} to {high}"
