"""Table for the terminal, with as many columns as fit."""

from __future__ import annotations

import io
from dataclasses import dataclass

from tembench.core import shortened
from tembench.metrics import Metric
from tembench.ranking.costs import COSTS, COSTS_NOTE, Cost
from tembench.ranking.number_format import interval_text, value_text
from tembench.ranking.render.captions import (
    caption,
    marks,
    metric_heading,
    rank_text,
    reading_guide,
    shown_columns,
)
from tembench.ranking.render.worst_columns import worst_columns
from tembench.ranking.table_rows import Table

# A narrower terminal wraps lines: numbers are never truncated.
_FEWEST_COLUMNS = 50
# Least width of a shortened name; titles, which are longer, are shown only beside the kind.
_METHOD = "Method"
_NAME_COLUMNS, _TITLE_COLUMNS = 12, 20
# Order in which columns are dropped: the interval between the last two metrics,
_INTERVAL = 45
# and before all metrics the further costs, then the kind, then the seconds.
_SECONDS, _KIND, _FURTHER = 91, 92, 93
_WORDS_COLUMNS = 24
_WORDS_SPARE = 40


@dataclass(frozen=True, kw_only=True)
class _TerminalColumn:
    """A heading with the cells below it; columns with the highest `spare` are dropped first."""

    heading: str
    cells: list[str]
    spare: int = 0
    justify: str = "right"

    @property
    def width(self) -> int:
        """Width in characters, including the space before the next column."""
        return 2 + max(map(len, [*self.heading.split("\n"), *self.cells]))


def terminal_table(table: Table, width: int, colour: bool, show: str = "scores") -> str:
    """The table as text for a terminal.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    width : int
        Width of the terminal in characters.
    colour : bool
        Whether the text is coloured.
    show : {"scores", "worst", "costs"}
        Columns beside the ranking metric.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, Group
    from rich.table import Table as Grid
    from rich.text import Text

    width = max(width, _FEWEST_COLUMNS)
    marked = [marks(row) for row in table.rows]
    methods = [row.submission.description.method for row in table.rows]
    longest_name = _longest([row.submission.name for row in table.rows], marked)
    longest_title = _longest([method.title for method in methods], marked)
    columns = {"scores": _scores, "worst": _worst, "costs": _costs}[show](table)
    columns = _fitting(columns, width, longest_name, longest_title)
    room = width - sum(column.width for column in columns)
    titles = _least(columns).spare >= _KIND or room >= longest_title
    grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    grid.add_column("#", justify="right", no_wrap=True)
    grid.add_column(_METHOD, no_wrap=True, overflow="ellipsis", max_width=room)
    for column in columns[1:]:
        grid.add_column(column.heading, justify=column.justify, no_wrap=True)  # type: ignore[arg-type]
    for number, row in enumerate(table.rows):
        method = methods[number]
        # Text, not str: an untrusted title must not be parsed as markup.
        name = Text(method.title if titles else row.submission.name)
        # A long title is truncated, its marks are not.
        name.truncate(max(room - len(marked[number]), 1), overflow="ellipsis")
        name.append(marked[number])
        cells = [columns[0].cells[number], *(column.cells[number] for column in columns[1:])]
        rank, *others = (Text(cell) for cell in cells)
        style = "dim italic" if method.is_control else "bold" if row.rank == 1 else ""
        grid.add_row(rank, name, *others, style=style)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        color_system="standard" if colour else None,
        legacy_windows=False,
    )
    text = f"{reading_guide(table)} {COSTS_NOTE}" if show == "costs" else reading_guide(table)
    notes = Text(f"\n{text}\nRecipe id {table.data.recipe_id[:16]}", style="dim")
    console.print(Group(Text(caption(table), style="bold"), Text(""), grid, notes))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _longest(names: list[str], marked: list[str]) -> int:
    """Characters of the longest name with its marks, or of the heading."""
    texts = [name + mark for name, mark in zip(names, marked, strict=True)]
    return max(map(len, [_METHOD, *texts]))


def _scores(table: Table) -> list[_TerminalColumn]:
    """Columns of scores, without the names; the first metrics are dropped last."""
    columns = [_TerminalColumn(heading="#", cells=[rank_text(row) for row in table.rows])]
    for number, metric in enumerate(shown_columns(table)):
        columns.append(_of_metric(table, metric, spare=10 * number))
        if metric in (table.ranked_by, *table.also_ranked_by):
            values = [row.values[metric.name] for row in table.rows]
            texts = [interval_text(metric, value).replace(" to ", "–") for value in values]
            title = f"{table.confidence:.0%}\ninterval"
            columns.append(
                _TerminalColumn(heading=title, cells=texts, spare=_INTERVAL, justify="center")
            )
        if metric in table.also_ranked_by:
            ranks = [rank_text(row, metric) for row in table.rows]
            columns.append(_TerminalColumn(heading="#", cells=ranks, spare=10 * number))
    seconds, *further = COSTS
    kinds = [row.submission.description.method.kind for row in table.rows]
    return [
        *columns,
        _of_cost(table, seconds, spare=_SECONDS),
        _TerminalColumn(heading="Kind", cells=kinds, spare=_KIND, justify="left"),
        *(_of_cost(table, cost, spare=_FURTHER + n) for n, cost in enumerate(further)),
    ]


def _costs(table: Table) -> list[_TerminalColumn]:
    """Columns of costs, without the names."""
    return [
        _TerminalColumn(heading="#", cells=[rank_text(row) for row in table.rows]),
        _of_metric(table, table.ranked_by, spare=0),
        *(_of_cost(table, cost, spare=10 + n) for n, cost in enumerate(COSTS)),
    ]


def _worst(table: Table) -> list[_TerminalColumn]:
    """Columns of worst cases, without the names; the names of groups are dropped first."""
    columns = [
        _TerminalColumn(heading="#", cells=[rank_text(row) for row in table.rows]),
        _of_metric(table, table.ranked_by, spare=0),
    ]
    for number, column in enumerate(worst_columns(table)):
        columns.append(
            _TerminalColumn(
                heading=column.heading.replace(" ", "\n"),
                cells=column.cells,
                spare=10 + number + _WORDS_SPARE * column.in_words,
                justify="left" if column.in_words else "right",
            )
        )
    return columns


def _of_metric(table: Table, metric: Metric, *, spare: int) -> _TerminalColumn:
    cells = [value_text(metric, row.values[metric.name].mean) for row in table.rows]
    return _TerminalColumn(
        heading=metric_heading(metric).replace(" ", "\n"), cells=cells, spare=spare
    )


def _of_cost(table: Table, cost: Cost, *, spare: int) -> _TerminalColumn:
    cells = [cost.shown(row.submission.description.run) for row in table.rows]
    cells = [shortened(cell, _WORDS_COLUMNS) for cell in cells]
    justify = "left" if cost.in_words else "right"
    return _TerminalColumn(heading=cost.heading, cells=cells, spare=spare, justify=justify)


def _fitting(
    columns: list[_TerminalColumn], width: int, longest_name: int, longest_title: int
) -> list[_TerminalColumn]:
    """As many columns as leave room for names; rank and ranking metric are always kept."""
    while True:
        least = _least(columns)
        if least.spare >= _FURTHER:
            room = longest_title
        elif least.spare == _KIND:
            room = min(_TITLE_COLUMNS, longest_title)
        else:
            room = min(_NAME_COLUMNS, longest_name)
        if least.spare == 0 or sum(column.width for column in columns) + room <= width:
            return columns
        columns = [column for column in columns if column is not least]


def _least(columns: list[_TerminalColumn]) -> _TerminalColumn:
    return max(columns, key=lambda column: column.spare)
