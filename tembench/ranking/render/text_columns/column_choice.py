"""Choice of a table's columns: the usual ones of a format, or those that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tembench.core import TableError, known_name
from tembench.ranking.render.captions import shown_columns
from tembench.ranking.render.text_columns.table_columns import (
    TableColumn,
    cost_columns,
    kind_column,
    metric_column,
    rank_column,
    trained_on_column,
)
from tembench.ranking.render.text_columns.worst_case_columns import worst_columns
from tembench.ranking.table_rows import Table

_SECONDS = "seconds_per_image"
_COMPACT = ("difference", "column_f1", _SECONDS, "trained_on")


def named_columns(table: Table, names: Sequence[str]) -> list[TableColumn]:
    """Columns in the order of their names.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    names : sequence of str
        Metrics; ``rank_by_METRIC`` of a metric that the table is ranked by too; costs;
        ``worst_tenth``, ``worst_group``, ``difference`` and others of `worst_columns`; ``kind`` and
        ``trained_on``.

    Raises
    ------
    TableError
        With all names that the table has no column for.
    """
    there = all_columns(table)
    if unknown := [name for name in names if name not in there]:
        raise TableError(
            "the table has no such column",
            where=f"{table.data.recipe}, {table.data.part} part",
            expected=f"some of {', '.join(there)}",
            got=", ".join(unknown),
            remedy=known_name(unknown[0], there, "column"),
        )
    return [there[name] for name in dict.fromkeys(names)]


def usual_columns(table: Table) -> list[TableColumn]:
    """Columns of a table that stands alone: the main metrics, seconds an image, and the kind."""
    names = []
    for metric in shown_columns(table):
        names.append(metric.name)
        names += [f"rank_by_{metric.name}"] if metric in table.also_ranked_by else []
    return named_columns(table, [*names, _SECONDS, "kind"])


def compact_columns(table: Table) -> list[TableColumn]:
    """Columns of a table within a page: few enough for its width."""
    there = all_columns(table)
    names = dict.fromkeys((table.ranked_by.name, *_COMPACT))
    return [there[name] for name in names if name in there]


def all_columns(table: Table) -> dict[str, TableColumn]:
    """Every column of a table by name; intervals stand beside the ranking metrics alone."""
    ranking = (table.ranked_by, *table.also_ranked_by)
    metrics = [(metric, metric_column(table, metric)) for metric in table.metrics]
    found = [column if m in ranking else replace(column, bounds=[]) for m, column in metrics]
    found += [rank_column(table, metric) for metric in table.also_ranked_by]
    found += [*worst_columns(table), *cost_columns(table)]
    found += [kind_column(table), trained_on_column(table)]
    return {column.name: column for column in found}
