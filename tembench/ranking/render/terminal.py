"""Table for the terminal, with as many columns as fit, and its controls below a rule."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from tembench.core import shortened
from tembench.ranking.render.captions import (
    COSTS_NOTE,
    caption,
    controls_last,
    marks,
    reading_guide,
)
from tembench.ranking.render.text_columns import (
    TableColumn,
    all_columns,
    cost_columns,
    named_columns,
    rank_column,
    usual_columns,
    worst_columns,
)
from tembench.ranking.table_rows import Table

# A narrower terminal wraps lines: numbers are never truncated.
_FEWEST_COLUMNS = 50
# Least width of a shortened name; titles, which are longer, are shown only beside the kind.
_METHOD = "Method"
_NAME_COLUMNS, _TITLE_COLUMNS = 12, 20
# Columns are dropped in the order of these numbers, the highest first. Metrics have 10 for each
# place, the first of them none: it is never dropped, and its interval before the fifth.
_INTERVAL = 45
# Beyond the main metrics: the seconds, the difference to the reference and the worst group; then
# the intervals of the difference and of the second ranking metric, the kind, and further costs.
_SECONDS, _DIFFERENCE, _WORST_GROUP, _FURTHER_INTERVALS, _KIND, _FURTHER = 60, 61, 62, 63, 92, 93
_WORDS_COLUMNS = 24
_WORDS_SPARE = 40


@dataclass(frozen=True, kw_only=True)
class _TerminalColumn:
    """A heading with the cells below it; columns with the highest `spare` are dropped first."""

    name: str
    heading: str
    cells: list[str]
    spare: int
    justify: str

    @property
    def width(self) -> int:
        """Width in characters, including the space before the next column."""
        return 2 + max(map(len, [*self.heading.split("\n"), *self.cells]))


def terminal_table(
    table: Table, width: int, colour: bool, show: str = "scores", names: Sequence[str] = ()
) -> str:
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
    names : sequence of str
        Columns instead of these; those at the end are dropped first.
    """
    from rich.box import Box
    from rich.console import Console, Group
    from rich.table import Table as Grid
    from rich.text import Text

    table = controls_last(table)
    width = max(width, _FEWEST_COLUMNS)
    marked = [marks(row) for row in table.rows]
    methods = [row.submission.description.method for row in table.rows]
    longest_name = _longest([row.submission.name for row in table.rows], marked)
    longest_title = _longest([method.title for method in methods], marked)
    columns = [_text_of(rank_column(table), spare=0, heading="#")]
    columns += _named(table, names) if names else _SHOWN[show](table)
    wanted = columns
    columns = _fitting(columns, width, longest_name, longest_title)
    room = width - sum(column.width for column in columns)
    titles = _least(columns).spare >= _KIND or room >= longest_title
    # Lines below the headings and above the controls alone.
    box = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
    grid = Grid(box=box, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    grid.add_column("#", justify="right", no_wrap=True)
    grid.add_column(_METHOD, no_wrap=True, overflow="ellipsis", max_width=room)
    for column in columns[1:]:
        grid.add_column(column.heading, justify=column.justify, no_wrap=True)  # type: ignore[arg-type]
    for number, row in enumerate(table.rows):
        method = methods[number]
        if row.is_control and number and not table.rows[number - 1].is_control:
            grid.add_section()
        # Text, not str: an untrusted title must not be parsed as markup.
        name = Text(method.title if titles else row.submission.name)
        # A long title is truncated, its marks are not.
        name.truncate(max(room - len(marked[number]), 1), overflow="ellipsis")
        name.append(marked[number])
        rank, *others = (Text(column.cells[number]) for column in columns)
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
    text = reading_guide(table, names)
    text = f"{text} {COSTS_NOTE}" if show == "costs" else text
    if names and len(columns) < len(wanted):
        dropped = ", ".join(column.name for column in wanted if column not in columns)
        text = f"{text}\nToo wide for this terminal: {dropped}."
    notes = Text(f"\n{text}\nRecipe id {table.data.recipe_id[:16]}", style="dim")
    console.print(Group(Text(caption(table), style="bold"), Text(""), grid, notes))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _longest(names: list[str], marked: list[str]) -> int:
    """Characters of the longest name with its marks, or of the heading."""
    texts = [name + mark for name, mark in zip(names, marked, strict=True)]
    return max(map(len, [_METHOD, *texts]))


def _scores(table: Table) -> list[_TerminalColumn]:
    """Columns of scores; the first metrics are dropped last."""
    main, *others, seconds, kind = usual_columns(table)
    there = all_columns(table)
    found = [*_with_interval(table, main, spare=0, interval=_INTERVAL)]
    if "difference" in there:
        difference = there["difference"]
        found += _with_interval(table, difference, spare=_DIFFERENCE, interval=_FURTHER_INTERVALS)
    if "worst_group" in there:
        found.append(_text_of(there["worst_group"], spare=_WORST_GROUP))
    place = 0
    for column in others:
        # A rank is dropped with its metric.
        place += not column.name.startswith("rank_by_")
        found += _with_interval(table, column, spare=10 * place, interval=_FURTHER_INTERVALS)
    further = [column for column in cost_columns(table) if column.name != seconds.name]
    return [
        *found,
        _text_of(seconds, spare=_SECONDS),
        _text_of(kind, spare=_KIND),
        *(_text_of(column, spare=_FURTHER + n) for n, column in enumerate(further)),
    ]


def _costs(table: Table) -> list[_TerminalColumn]:
    """The ranking metric and costs."""
    first = _text_of(all_columns(table)[table.ranked_by.name], spare=0)
    costs = enumerate(cost_columns(table), 10)
    return [first, *(_text_of(column, spare=spare) for spare, column in costs)]


def _worst(table: Table) -> list[_TerminalColumn]:
    """The ranking metric and worst cases; the names of groups are dropped first."""
    first = _text_of(all_columns(table)[table.ranked_by.name], spare=0)
    worst = enumerate(worst_columns(table), 10)
    return [first, *(_joined(c, spare=spare + _WORDS_SPARE * c.in_words) for spare, c in worst)]


_SHOWN = {"scores": _scores, "worst": _worst, "costs": _costs}


def _named(table: Table, names: Sequence[str]) -> list[_TerminalColumn]:
    """Columns of these names, of which the first is never dropped."""
    columns = named_columns(table, names)
    return [_joined(column, spare=spare) for spare, column in enumerate(columns)]


def _with_interval(
    table: Table, column: TableColumn, *, spare: int, interval: int
) -> Iterator[_TerminalColumn]:
    """A column of means, and the column of their intervals where it has any."""
    yield _text_of(column, spare=spare)
    if column.bounds:
        yield _TerminalColumn(
            name=f"{column.name}_interval",
            heading=f"{table.confidence:.0%}\ninterval",
            cells=[text.replace(" to ", "–") for text in column.bounds],
            spare=interval,
            justify="center",
        )


def _text_of(column: TableColumn, *, spare: int, heading: str = "") -> _TerminalColumn:
    """A column without its intervals."""
    cells = [shortened(value, _WORDS_COLUMNS) for value in column.values]
    return _TerminalColumn(
        name=column.name,
        heading=heading or _stacked(column.heading, cells),
        cells=cells,
        spare=spare,
        justify="left" if column.in_words else "right",
    )


def _joined(column: TableColumn, *, spare: int) -> _TerminalColumn:
    """A column with intervals in its cells."""
    return _TerminalColumn(
        name=column.name,
        heading=_stacked(column.heading, column.cells),
        cells=column.cells,
        spare=spare,
        justify="left" if column.in_words else "right",
    )


def _stacked(heading: str, cells: Sequence[str]) -> str:
    """A heading in lines as short as the cells below it, or as its words."""
    longest = max(map(len, [*cells, *heading.split()]))
    return "\n".join(wrap(heading, longest, break_long_words=False, break_on_hyphens=False))


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
