"""Formats of a table, and the choice of one.

All text of submissions is untrusted and is escaped for the format that it enters.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence

from tembench.ranking.render.csv_and_json import table_csv, table_summary
from tembench.ranking.render.latex_table import latex_table
from tembench.ranking.render.markdown_tables import markdown_document
from tembench.ranking.render.page import html_page
from tembench.ranking.render.terminal import terminal_table
from tembench.ranking.table_rows import Table

FORMS_OF_SEVERAL = ("terminal", "markdown", "latex", "html")
"""Formats that show several tables in one document."""
FORMS_WITH_COLUMNS = ("terminal", "markdown", "latex", "csv")
"""Formats whose columns can be chosen."""


def render_table(
    table: Table,
    form: str,
    *,
    columns: Sequence[str] = (),
    show: str = "scores",
    width: int | None = None,
    colour: bool = False,
) -> str:
    """Render a table as text; its controls are below the other rows.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    form : {"terminal", "markdown", "latex", "html", "csv", "json"}
        Format of the text.
    columns : sequence of str
        Names of the columns, in their order, in one of `FORMS_WITH_COLUMNS`; the usual ones if not
        given. See `tembench.ranking.render.text_columns.named_columns`.
    show : {"scores", "worst", "costs"}
        Columns on a terminal, which is narrow; the other formats have all columns.
    width : int, optional
        Columns of the terminal; detected if not given.
    colour : bool
        Whether the text for the terminal is coloured.

    Returns
    -------
    str
        The whole document.
    """
    forms: dict[str, Callable[[Table], str]] = {
        "terminal": lambda table: terminal_table(
            table, width or shutil.get_terminal_size().columns, colour, show, columns
        ),
        "markdown": lambda table: markdown_document(table, columns),
        "latex": lambda table: latex_table(table, columns),
        "html": lambda table: html_page([table]),
        "csv": lambda table: table_csv(table, columns),
        "json": lambda table: table_json(table),
    }
    if form not in forms:
        raise ValueError(f"expected one of {', '.join(forms)}, got {form!r}")
    return forms[form](table)


def render_tables(tables: Sequence[Table], form: str, columns: Sequence[str] = ()) -> str:
    """Render tables as one document, in one of `FORMS_OF_SEVERAL`; or one table in any format."""
    if form == "html":
        return html_page(tables)
    return "\n".join(render_table(table, form, columns=columns) for table in tables)


def table_json(table: Table) -> str:
    """The table as JSON."""
    summary = table_summary(table)
    return json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
