"""Markdown of a table: the whole of it as a document, or its main columns within a page."""

from __future__ import annotations

from collections.abc import Sequence

from tembench.core import markdown_escaped, markdown_table
from tembench.ranking.render.captions import (
    COSTS_NOTE,
    caption,
    controls_last,
    marks,
    notes,
    rank_meaning,
    reading_guide,
    shared_note,
    track_note,
)
from tembench.ranking.render.text_columns import (
    TableColumn,
    compact_columns,
    cost_columns,
    named_columns,
    rank_column,
    usual_columns,
    worst_columns,
)
from tembench.ranking.table_rows import Table


def markdown_document(table: Table, names: Sequence[str] = ()) -> str:
    """The whole table as Markdown, or the columns of these names alone."""
    table = controls_last(table)
    columns = named_columns(table, names) if names else usual_columns(table)
    parts = [
        f"**{markdown_escaped(caption(table))}**",
        _rows(table, columns),
        reading_guide(table, names),
    ]
    if not names:
        worst = worst_columns(table)
        parts += ["**Worst cases**", _rows(table, worst)] if worst else []
        parts += ["**Costs**", _rows(table, cost_columns(table)), COSTS_NOTE]
    return "\n\n".join([*parts, f"Recipe id `{table.data.recipe_id}`"]) + "\n"


def markdown_in_page(table: Table, names: Sequence[str] = ()) -> str:
    """Main columns of a table, or those of these names, with a short note: for a README."""
    table = controls_last(table)
    columns = named_columns(table, names) if names else compact_columns(table)
    shown = [column.name for column in columns]
    sentences = [
        f"{markdown_escaped(caption(table))}.",
        f"In parentheses: {table.confidence:.0%} intervals.",
        rank_meaning(table),
        shared_note(table),
        track_note(table),
        *notes(table, shown),
        f"Recipe id `{table.data.recipe_id[:16]}`.",
    ]
    return f"{_rows(table, columns)}\n\n{' '.join(filter(None, sentences))}\n"


def _rows(table: Table, columns: Sequence[TableColumn]) -> str:
    """Rank, method, and the cells of the columns."""
    rows = [["Rank", "Method", *(column.heading for column in columns)]]
    for number, rank in enumerate(rank_column(table).values):
        # Numbers are written by tembench alone, and hold nothing that Markdown could take amiss.
        cells = [
            markdown_escaped(column.cells[number]) if column.in_words else column.cells[number]
            for column in columns
        ]
        rows.append([rank, _method(table, number), *cells])
    words = (1, *(place for place, column in enumerate(columns, 2) if column.in_words))
    return markdown_table(rows, words).rstrip()


def _method(table: Table, number: int) -> str:
    row = table.rows[number]
    title = markdown_escaped(row.submission.description.method.title)
    title = f"*{title}*" if row.is_control else title
    return f"{title} {marks(row)}".rstrip()
