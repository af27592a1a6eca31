"""Text tables: CSV, Markdown and amounts, written alike by every room."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Iterable, Sequence

_THOUSANDS = ("", "k", "M", "G", "T")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, the headings among them.

    Parameters
    ----------
    rows : iterable of iterables
        The headings first. A float is written with the shortest decimals that read back to the
        same value, None as an empty cell.
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def markdown_table(
    rows: Sequence[Sequence[str]], text_columns: Collection[int] = (0,), *, padded: bool = False
) -> str:
    """Rows as a Markdown table.

    Parameters
    ----------
    rows : sequence of sequences of str
        The headings first. Text from outside must have passed `markdown_escaped`.
    text_columns : collection of int
        Indices of the columns of text, which are aligned left; numbers are aligned right.
    padded : bool
        Put spaces around the cells of the line below the headings.
    """
    headings, *body = rows
    rule = [":--" if index in text_columns else "--:" for index in range(len(headings))]
    below = _line(rule) if padded else f"|{'|'.join(rule)}|\n"
    return "".join((_line(headings), below, *map(_line, body)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def markdown_escaped(text: str) -> str:
    """Untrusted text as plain text in Markdown: no markup, link, mention or reference."""
    text = re.sub(r"([\\`*_{}\[\]<>()#+!|~&@])", r"\\\1", text)
    # Some sites look for mentions and references after the escapes are gone: a comment between the
    # sign and the name prevents that.
    text = re.sub(r"(?<=[@#])(?=\S)", "<!-- -->", text)
    return re.sub(r"(?i)(?<=[a-z]):(?=\S)|(?<=\bwww)\.", r"\\\g<0>", text)


def first_few(numbers: Collection[int], most: int = 5) -> str:
    """The first numbers of a sequence for a message: ``1, 2, 3, 4, 5, ...``."""
    shown = ", ".join(str(int(number)) for number in itertools.islice(numbers, most))
    return shown + (", ..." if len(numbers) > most else "")


def amount_text(number: float, unit: str = "") -> str:
    """Three figures with k, M, G or T for thousands: ``12.3 MB``."""
    power = 0
    while number >= 999.5 and power < len(_THOUSANDS) - 1:
        number, power = number / 1000, power + 1
    figures = f"{number:.3g}" if number < 999.5 else f"{number:.0f}"
    return f"{figures} {_THOUSANDS[power]}{unit}".rstrip()
