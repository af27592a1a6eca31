"""LaTeX of a table, in the style of booktabs: one environment to include in a paper.

It needs the package booktabs alone: figures are aligned at their decimal point by invisible ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import wrap

from tembench import __version__
from tembench.ranking.render.captions import caption, controls_last, marks, reading_guide
from tembench.ranking.render.text_columns import (
    TableColumn,
    named_columns,
    rank_column,
    usual_columns,
)
from tembench.ranking.table_rows import Table, TableRow

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    '"': "''", "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''", "–": "--", "—": "---",
    "…": r"\ldots{}", "\u00a0": "~", "−": "$-$", "∞": r"$\infty$", "±": r"$\pm$", "×": r"$\times$",
    "·": r"$\cdot$", "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "→": r"$\to$",
    "²": "$^2$", "³": "$^3$", "°": r"$^\circ$", "µ": r"$\mu$", "μ": r"$\mu$",
    "Å": r"\AA{}", "§": r"\S{}", "¶": r"\P{}", "†": r"\dag{}", "‡": r"\ddag{}", "◊": r"$\diamond$",
    "∅": r"$\emptyset$",
}  # fmt: skip
# These pairs would become one sign.
_LIGATURES = ("--", ",,", "''", "``", "?`", "!`")
# The last letter of Latin Extended-A: LaTeX knows those up to it.
_LAST_LATIN = "\u017f"
_NUMBER = re.compile(r"[−<]?\d+(?:\.(\d+))?")
_HEADING_CHARACTERS = 6


def latex_table(table: Table, names: Sequence[str] = ()) -> str:
    """The table as LaTeX, with the usual columns or those of these names.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    names : sequence of str
        Columns; see `tembench.ranking.render.text_columns.named_columns`.
    """
    table = controls_last(table)
    columns = named_columns(table, names) if names else _narrow_columns(table)
    data = table.data
    guide = reading_guide(table, [column.name for column in columns])
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex_escaped(caption(table))}.}}",
        rf"\label{{tab:{data.recipe}-{data.part}}}",
        r"\smallskip",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{3pt}",
        *_tabular(table, columns),
        r"\par\medskip",
        r"\begin{minipage}{\linewidth}",
        *wrap(latex_escaped(guide), 96, break_long_words=False, break_on_hyphens=False),
        r"\end{minipage}",
        r"\end{table}",
    ]
    comments = [
        f"Made by tembench {__version__}: recipe {data.recipe} {data.version}, {data.part} part of",
        f"split {data.split}, recipe id {data.recipe_id}.",
        r"Needs \usepackage{booktabs}; table* instead of table spans two columns of a page.",
    ]
    if any(letter > _LAST_LATIN for line in lines for letter in line):
        comments.append("Has letters beyond Latin ones: needs LuaLaTeX or XeLaTeX.")
    return "\n".join([*(f"% {comment}" for comment in comments), *lines]) + "\n"


def latex_escaped(text: str) -> str:
    r"""Untrusted text as plain text in LaTeX: no command, mathematics, comment or ligature.

    Examples
    --------
    >>> print(latex_escaped("100 % of $x_1$"))
    100 \% of \$x\_1\$
    """
    return "".join(_escaped_letters(unicodedata.normalize("NFC", text)))


def _escaped_letters(text: str) -> Iterator[str]:
    before = ""
    for letter in text:
        written = _SIGNS.get(letter, letter)
        if before[-1:] + written[:1] in _LIGATURES:
            yield "{}"
        yield written
        before = written


def _narrow_columns(table: Table) -> list[TableColumn]:
    """The usual columns without the kind, and with the interval of the ranking metric alone."""
    main, *others, _ = usual_columns(table)
    return [main, *(replace(column, bounds=[]) for column in others)]


def _tabular(table: Table, columns: Sequence[TableColumn]) -> Iterator[str]:
    """Lines of the tabular environment; each interval has a column without a heading."""
    heads, places = ["Rank", "Method"], "@{}rl"
    for column in columns:
        heads += [_heading(column), *([""] if column.bounds else [])]
        places += "l" if column.in_words else "r"
        places += r"@{\hspace{3pt}}l" if column.bounds else ""
    yield from (rf"\begin{{tabular}}{{{places}@{{}}}}", r"\toprule", _line(heads), r"\midrule")
    for number, rank in enumerate(rank_column(table).values):
        row = table.rows[number]
        if row.is_control and number and not table.rows[number - 1].is_control:
            yield r"\midrule"
        cells = (cell for column in columns for cell in _cells(column, number))
        yield _line([latex_escaped(rank), _method(row), *cells])
    yield from (r"\bottomrule", r"\end{tabular}")


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _method(row: TableRow) -> str:
    title = latex_escaped(row.submission.description.method.title)
    title = rf"\textit{{{title}}}" if row.is_control else title
    signs = latex_escaped(marks(row))
    return title + (rf"\textsuperscript{{{signs}}}" if signs else "")


def _heading(column: TableColumn) -> str:
    """A heading in a few short lines."""
    lines = wrap(column.heading, _HEADING_CHARACTERS, break_long_words=False)
    if len(lines) == 1:
        return latex_escaped(lines[0])
    side = "l" if column.in_words else "r"
    stacked = r"\\".join(latex_escaped(line) for line in lines)
    return rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{stacked}\end{{tabular}}"


def _cells(column: TableColumn, number: int) -> Iterator[str]:
    """A value, and its interval where the column has intervals."""
    yield latex_escaped(column.values[number]) + _room(column, number)
    if column.bounds:
        low, to, high = column.bounds[number].partition(" to ")
        bounds = latex_escaped(f"[{low}, {high}]") if to else ""
        yield rf"{{\scriptsize {bounds}}}" if bounds else ""


def _room(column: TableColumn, number: int) -> str:
    """Invisible decimals that align a figure with those of more decimals, but widen no column."""
    own = _NUMBER.fullmatch(column.values[number])
    if column.in_words or own is None:
        return ""
    decimals = [len(one[1] or "") for one in map(_NUMBER.fullmatch, column.values) if one]
    lacking = max(decimals) - len(own[1] or "")
    missing = "0" * lacking if own[1] or not lacking else "." + "0" * lacking
    if len(own[0] + missing) > max(map(len, column.values)):
        return ""
    return rf"\phantom{{{missing}}}" if missing else ""
