"""Tables between markers in a Markdown page, such as a README, written again from submissions.

A table is between two lines: ``<!-- tembench leaderboard RECIPE PART -->``, where a colon and
names of columns may follow the part, and ``<!-- /tembench leaderboard -->``. Markers in a block of
code are left alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tembench.core import TableError, together, write_text
from tembench.ranking.render.markdown_tables import markdown_in_page
from tembench.ranking.table_rows import Table

_OPENING = re.compile(r"<!-- tembench leaderboard (\S+) ([^\s:]+)(?:: ([\w, ]+?))? -->")
_CLOSING = "<!-- /tembench leaderboard -->"
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_REMEDY = (
    f"Each table is between a line <!-- tembench leaderboard RECIPE PART --> and a line {_CLOSING}"
)
_MOST_PROBLEMS = 5
_LIKE_A_MARKER = re.compile(r"<!--\s*/?\s*tembench\s+leaderboard\b")


@dataclass(frozen=True, kw_only=True)
class _MarkedTable:
    """A table of a page: its recipe, part and columns, and the lines between its markers."""

    recipe: str
    part: str
    columns: tuple[str, ...]
    first: int
    end: int


def update_page(
    page: Path,
    tables: Sequence[Table],
    *,
    recipe: str | None = None,
    part: str | None = None,
    check: bool = False,
) -> str:
    """Write the tables of a page again, where they differ.

    Parameters
    ----------
    page : Path
        Markdown file with markers.
    tables : sequence of Table
        From `tembench.ranking.submission_folders.build_tables`.
    recipe, part : str, optional
        Only the tables of this recipe, or of this part; others of the page are left unchanged.
    check : bool
        Write nothing, and raise if the page is stale.

    Returns
    -------
    str
        What was done, for the user.

    Raises
    ------
    TableError
        If the page has no markers, or markers that do not match, or names tables that are not
        there; and if it is stale and `check` is given.
    """
    text = _read(page)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    marked, problems = _marked_tables(lines)
    marked = [one for one in marked if recipe in (None, one.recipe) and part in (None, one.part)]
    if not (marked or problems):
        name = f"{recipe or 'RECIPE'} {part or 'test'}"
        problems = [f"no line <!-- tembench leaderboard {name} -->, and none {_CLOSING} after it"]
    problems += [problem for one in marked for problem in _lacking(one, tables)]
    if problems:
        raise TableError(together(problems, _MOST_PROBLEMS), where=str(page), remedy=_REMEDY)
    stale = []
    for one in marked:
        found = next(table for table in tables if _is_of(table, one))
        new = markdown_in_page(found, one.columns).rstrip("\n").split("\n")
        if lines[one.first : one.end] != ["", *new, ""]:
            stale.append((one, ["", *new, ""]))
    if not stale:
        return f"{page}: up to date"
    if check:
        raise _stale(page, lines, stale)
    for one, new in reversed(stale):
        lines[one.first : one.end] = new
    write_text(page, newline.join(lines))
    return f"{page}: written ({_names(stale)})"


def _read(page: Path) -> str:
    try:
        return page.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise TableError("no such file", where=str(page), expected="a Markdown page") from None
    except UnicodeDecodeError:
        raise TableError("not a text file", where=str(page), expected="Markdown in UTF-8") from None


def _marked_tables(lines: Sequence[str]) -> tuple[list[_MarkedTable], list[str]]:
    """Pairs of markers, outside blocks of code, and what is wrong with others."""
    found: list[_MarkedTable] = []
    problems = []
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in _outside_code(lines):
        opening = _OPENING.fullmatch(line.strip())
        if opened is None and opening:
            opened = (number, opening)
        elif opened is not None and line.strip() == _CLOSING:
            start, marker = opened
            columns = tuple(filter(None, (n.strip() for n in (marker[3] or "").split(","))))
            found.append(
                _MarkedTable(
                    recipe=marker[1], part=marker[2], columns=columns, first=start + 1, end=number
                )
            )
            opened = None
        elif _LIKE_A_MARKER.search(line):
            expected = _CLOSING if opened else "a line <!-- tembench leaderboard RECIPE PART -->"
            problems.append(f"line {number + 1}: expected {expected}, got {line.strip()}")
    if opened is not None:
        problems.append(f"line {opened[0] + 1}: no {_CLOSING} after {opened[1][0]}")
    return found, problems


def _outside_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Numbers and lines that are in no fenced block of code."""
    fence = ""
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence:
            yield number, line


def _is_of(table: Table, one: _MarkedTable) -> bool:
    return (table.data.recipe, table.data.part) == (one.recipe, one.part)


def _lacking(one: _MarkedTable, tables: Sequence[Table]) -> list[str]:
    """The reason why no table can be put between two markers."""
    count = sum(_is_of(table, one) for table in tables)
    if count == 1:
        return []
    there = ", ".join(f"{table.data.recipe} {table.data.part}" for table in tables)
    what = "several tables" if count else "no table"
    return [f"line {one.first}: {what} of {one.recipe} {one.part} among {there}"]


def _names(stale: Sequence[tuple[_MarkedTable, list[str]]]) -> str:
    return ", ".join(f"{one.recipe} {one.part}" for one, _ in stale)


def _stale(
    page: Path, lines: Sequence[str], stale: Sequence[tuple[_MarkedTable, list[str]]]
) -> TableError:
    """The error for stale tables, which names the first line that differs."""
    one, new = stale[0]
    pairs = itertools.zip_longest(lines[one.first : one.end], new, fillvalue="")
    before, after = next((a, b) for a, b in pairs if a != b)
    return TableError(
        f"stale: {_names(stale)}",
        where=str(page),
        expected=after or "an empty line",
        got=before or "an empty line",
        remedy="Run the same command without --check",
    )
