"""Formats of a table with hostile text: they have the structure that they have with plain text."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt

from tembench.cli.leaderboard_command import _TABLE_FORMATS
from tembench.ranking.render.table_formats import render_tables
from tembench.ranking.table_rows import Table

# Drawn by Matplotlib, or a folder of pages, and tested with them.
_NO_TEXT = ("png", "site")
TEXT_FORMATS = tuple(form for form in _TABLE_FORMATS if form not in _NO_TEXT)


def rendered(tables: Sequence[Table]) -> dict[str, str]:
    """The tables in every format of text; nothing where there is none."""
    if not tables:
        return {}
    return {
        form: render_tables(tables if form in ("markdown", "html") else tables[:1], form)
        for form in TEXT_FORMATS
    }


def differences(plain: Mapping[str, str], hostile: Mapping[str, str]) -> list[str]:
    """What hostile text changed in the structure of each format."""
    return [
        f"{form}: {problem}"
        for form, text in hostile.items()
        for problem in _COMPARED[form](plain[form], text)
    ]


class _Elements(HTMLParser):
    """Elements of a page with the names of their attributes, and the addresses in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [str(value) for name, value in attrs if name in ("href", "src")]


def _html(plain: str, hostile: str) -> list[str]:
    ours, theirs = _Elements(plain), _Elements(hostile)
    problems = []
    if ours.found != theirs.found:
        problems.append(f"other elements: {sorted(set(theirs.found) ^ set(ours.found))[:5]}")
    # Panels are part of the submission, and the same in both.
    if foreign := set(theirs.addresses) - set(ours.addresses):
        problems.append(f"other addresses: {sorted(foreign)[:3]}")
    return problems


def _markdown(plain: str, hostile: str) -> list[str]:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    problems = _html(reader.render(plain), reader.render(hostile))
    # Some sites make links, mentions and references of bare text.
    bare = re.search(r"https?://|\bwww\.|(?<!\\)[@#]\w|mailto:", hostile)
    return [*problems, *([f"a link or a mention: {bare[0]}"] if bare else [])]


def _csv(plain: str, hostile: str) -> list[str]:
    ours, theirs = ([*csv.reader(io.StringIO(text))] for text in (plain, hostile))
    if [len(row) for row in ours] != [len(row) for row in theirs]:
        return ["other rows or columns"]
    return [f"a formula: {cell[:20]}" for row in theirs for cell in row if _is_formula(cell)]


def _is_formula(cell: str) -> bool:
    first = unicodedata.normalize("NFKC", cell).lstrip()[:1]
    number = re.fullmatch(r"-?([0-9.]+(e[-+]?[0-9]+)?|inf)", cell)
    return first in ("=", "+", "-", "@") and not number


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def _json(plain: str, hostile: str) -> list[str]:
    same = _shape(json.loads(plain)) == _shape(json.loads(hostile))
    return [] if same else ["other keys or types"]


def _terminal(plain: str, hostile: str) -> list[str]:
    controls = {sign for sign in hostile if not (sign.isprintable() or sign == "\n")}
    return [f"signs that control a terminal: {controls}"] if controls else []


# Commands that stand for signs of the text.
_SIGNS = {
    "textbackslash",
    "textasciitilde",
    "textasciicircum",
    "textasciigrave",
    "textbar",
    "textless",
    "textgreater",
}


def _latex(plain: str, hostile: str) -> list[str]:
    ours, theirs = (set(re.findall(r"\\([A-Za-z]+)", text)) for text in (plain, hostile))
    problems = [f"a command: {name}" for name in theirs - ours - _SIGNS]
    columns = [
        [len(re.findall(r"(?<!\\)&", line)) for line in text.splitlines() if "&" in line]
        for text in (plain, hostile)
    ]
    return problems if columns[0] == columns[1] else [*problems, "other rows or columns"]


_COMPARED: dict[str, Callable[[str, str], list[str]]] = {
    "html": _html,
    "markdown": _markdown,
    "csv": _csv,
    "json": _json,
    "terminal": _terminal,
    "latex": _latex,
}
