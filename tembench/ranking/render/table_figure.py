"""Figure of a table, for a README."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure, shortened
from tembench.ranking.number_format import value_text
from tembench.ranking.render.axis import FigureAxis, interval_axis
from tembench.ranking.render.captions import (
    COSTS_NOTE,
    caption,
    controls_last,
    marks,
    notes,
    rank_meaning,
    shared_note,
    shown_columns,
    track_note,
)
from tembench.ranking.render.text_columns import (
    TableColumn,
    cost_columns,
    metric_column,
    rank_column,
    worst_columns,
)
from tembench.ranking.table_rows import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RULE = "#d7dbe0"
# Right ends of the columns, and both ends of the intervals, as shares of the width.
_RANK, _METHOD, _MAIN, _OTHERS, _SECONDS = 0.036, 0.056, 0.385, (0.615, 0.922), 0.985
_BAR = (0.405, 0.555)
# Width of a character and the space between columns of worst cases.
_CHARACTER, _GAP = 0.0038, 0.012
# Inches, and the right end of the means, of a figure with these columns.
_WIDE, _WIDE_MAIN = 18.0, 0.29
_FOOT_CHARACTERS = 190
# Columns of costs, drawn instead of the intervals: right ends of numbers, left ends of text.
_COSTS = (0.47, 0.55, 0.615, 0.63, 0.75, 0.82, 0.835)
_LONGEST_WORDS = {"device": 14, "training_device": 21}
# Height of a line of the notes, relative to a row.
_LINE = 0.45
_KIND_COLOURS = {"control": "#9aa3af", "classical": "#2f6f8f", "learned": "#b4531f"}


_HEADING: dict[str, Any] = {"va": "center", "fontsize": 8, "color": MUTED}


@dataclass(frozen=True, kw_only=True)
class _FigureColumn:
    """A column of the figure: heading, cells and position."""

    x: float
    heading: str
    cells: list[str]
    align: str = "right"


def table_image(table: Table, path: Path, *, show: str = "scores") -> Path:
    """Draw the table as a figure, with the intervals of the ranking metric as bars.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    path : Path
        PNG to write.
    show : {"scores", "worst", "costs"}
        Columns beside the ranking metric.
    """
    table = controls_last(table)
    ranks = " ".join(filter(None, [rank_meaning(table), shared_note(table)]))
    foot = [
        *wrap(f"{caption(table)}. {ranks}", _FOOT_CHARACTERS),
        *wrap(track_note(table), _FOOT_CHARACTERS),
        *notes(table),
        *([COSTS_NOTE] * (show == "costs")),
    ]
    end = len(table.rows) + _LINE * len(foot)
    figure = figure_of(_WIDE if show == "worst" else 11.4, 0.34 * end + 0.95)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(end + 1.65, -1.15)
    columns = _columns(table, show)
    for column in columns:
        axes.text(column.x, -0.45, column.heading, ha=column.align, **_HEADING)
    axes.axhline(0.0, 0.012, 0.988, color=INK, lw=0.9)
    for number, row in enumerate(table.rows):
        _draw_cells(axes, row, number, columns)
        last = table.rows[number + 1 : number + 2]
        above_controls = any(below.is_control and not row.is_control for below in last)
        colour, width = (INK, 0.7) if above_controls else (_RULE, 0.5)
        axes.axhline(number + 1.0, 0.012, 0.988, color=colour, lw=width)
    if show == "scores":
        _draw_intervals(axes, table)
    for i, text in enumerate(foot):
        y = len(table.rows) + 0.85 + _LINE * i
        axes.text(0.015, y, text, fontsize=7.5, color=MUTED, va="center", parse_math=False)
    for i, (kind, colour) in enumerate(_KIND_COLOURS.items()):
        x = 0.02 + 0.085 * i
        axes.plot([x], [end + 1.05], "o", ms=4.5, color=colour)
        axes.text(x + 0.008, end + 1.05, kind, fontsize=7.5, color=MUTED, va="center")
    return save_figure(figure, path, table_record(table))


def table_record(table: Table) -> dict[str, Any]:
    """Content of the figure as text: its caption, and ranks and means by row."""
    metrics = shown_columns(table)
    rows = {
        row.submission.name: {
            "rank": rank,
            **{m.name: value_text(m, row.values[m.name].mean) for m in metrics},
        }
        for row, rank in zip(table.rows, rank_column(table).values, strict=True)
    }
    return {"caption": caption(table), "rows": rows}


def _columns(table: Table, show: str) -> list[_FigureColumn]:
    main, *others = (metric_column(table, metric) for metric in shown_columns(table))
    titles = [
        f"{shortened(row.submission.description.method.title, 43)} {marks(row)}"
        for row in table.rows
    ]
    first = [
        _placed(rank_column(table), _RANK),
        _FigureColumn(x=_METHOD, heading="Method", cells=titles, align="left"),
        _placed(main, _WIDE_MAIN if show == "worst" else _MAIN),
    ]
    if show == "worst":
        return [*first, *_worst(table)]
    costs = cost_columns(table)
    if show == "costs":
        return [*first, *map(_placed, costs, _COSTS)]
    return [*first, *map(_placed, others, np.linspace(*_OTHERS, len(others)).tolist()),
            _placed(costs[0], _SECONDS)]  # fmt: skip


def _worst(table: Table) -> list[_FigureColumn]:
    """Columns of worst cases that fit, one after the other from the means to the right edge."""
    left, columns = _WIDE_MAIN, []
    for column in worst_columns(table):
        length = max(map(len, (column.heading, *column.cells)))
        width = _CHARACTER * length + _GAP
        if left + width > _SECONDS:
            break
        x = left + (_GAP if column.in_words else width)
        align = "left" if column.in_words else "right"
        columns.append(_FigureColumn(x=x, heading=column.heading, cells=column.cells, align=align))
        left += width
    return columns


def _placed(column: TableColumn, x: float) -> _FigureColumn:
    """A column at a place, without its intervals."""
    longest = _LONGEST_WORDS.get(column.name, 12)
    cells = [shortened(cell, longest) for cell in column.values]
    align = "left" if column.in_words else "right"
    return _FigureColumn(x=x, heading=column.heading, cells=cells, align=align)


def _draw_cells(axes: Axes, row: TableRow, number: int, columns: list[_FigureColumn]) -> None:
    control = row.is_control
    for column in columns:
        axes.text(
            column.x,
            number + 0.5,
            column.cells[number],
            ha=column.align,
            va="center",
            fontsize=9,
            color=MUTED if control else INK,
            fontstyle="italic" if control else "normal",
            parse_math=False,
        )


def _draw_intervals(axes: Axes, table: Table) -> None:
    scale = interval_axis(table)
    axes.text(sum(_BAR) / 2, -0.45, f"{table.confidence:.0%} interval", ha="center", **_HEADING)
    for tick in scale.ticks:
        x = _along(scale, tick)
        axes.plot([x, x], [0, len(table.rows)], color=_RULE, lw=0.6, zorder=0)
        axes.text(x, len(table.rows) + 0.22, f"{tick:g}", ha="center", fontsize=6.5, color=MUTED)
    for number, row in enumerate(table.rows):
        value, y = row.values[table.ranked_by.name], number + 0.5
        if not np.isfinite(value.mean):
            continue
        colour = _KIND_COLOURS[row.submission.description.method.kind]
        low, middle, high = (_along(scale, end) for end in (value.low, value.mean, value.high))
        axes.plot([low, high], [y, y], color=colour, lw=2.4, alpha=0.45, solid_capstyle="butt")
        marker = "o" if scale.includes(value.mean) else "<" if value.mean < scale.low else ">"
        axes.plot([middle], [y], marker, ms=4.5, color=colour)


def _along(scale: FigureAxis, value: float) -> float:
    left, right = _BAR
    return left + scale.position(value) * (right - left)
