"""Formats of a table: terminal, Markdown, CSV, JSON and HTML.

All text of submissions is untrusted and is escaped for the format that it enters.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from tembench.core import csv_text, markdown_escaped, markdown_table
from tembench.ranking.costs import COSTS, COSTS_NOTE, RECORDED_COSTS
from tembench.ranking.number_format import (
    interval_summary,
    interval_text,
    json_number,
    value_text,
)
from tembench.ranking.render.captions import (
    caption,
    marks,
    metric_heading,
    rank_text,
    reading_guide,
    shown_columns,
    table_title,
)
from tembench.ranking.render.page import html_page
from tembench.ranking.render.terminal import terminal_table
from tembench.ranking.render.worst_columns import (
    WORST_CSV_COLUMNS,
    worst_cells,
    worst_columns,
    worst_summary,
)
from tembench.ranking.table_rows import Table, TableRow

FORMS_OF_SEVERAL = ("terminal", "markdown", "html")
"""Formats that show several tables in one document."""
_CSV_MARKS = ("as_good_as_clean", "same_as")


def render_table(
    table: Table,
    form: str,
    *,
    show: str = "scores",
    width: int | None = None,
    colour: bool = False,
) -> str:
    """Render a table as text.

    Parameters
    ----------
    table : Table
        From `tembench.ranking.table.build_table`.
    form : {"terminal", "markdown", "html", "csv", "json"}
        Format of the text.
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
    if form == "terminal":
        return terminal_table(table, width or shutil.get_terminal_size().columns, colour, show)
    forms: dict[str, Callable[[Table], str]] = {
        "markdown": _markdown,
        "html": lambda table: html_page([table]),
        "csv": _csv,
        "json": _json,
    }
    if form not in forms:
        raise ValueError(f"expected one of terminal, {', '.join(forms)}, got {form!r}")
    return forms[form](table)


def render_tables(tables: Sequence[Table], form: str) -> str:
    """Render tables as one document, in one of `FORMS_OF_SEVERAL`; or one table in any format."""
    if form == "html":
        return html_page(tables)
    return "\n".join(render_table(table, form) for table in tables)


def table_summary(table: Table) -> dict[str, Any]:
    """The table as plain values for JSON: infinities are text, unknown values None."""
    data = table.data
    return {
        "title": table_title(table),
        "recipe": data.recipe,
        "version": data.version,
        "recipe_id": data.recipe_id,
        "split": data.split,
        "part": data.part,
        "images": data.images,
        "models": table.models,
        "ranked_by": table.ranked_by.name,
        "also_ranked_by": [metric.name for metric in table.also_ranked_by],
        "reference": table.reference,
        "confidence": table.confidence,
        "metrics": [
            {
                "name": metric.name,
                "unit": metric.unit,
                "direction": metric.direction,
                "ideal": json_number(metric.ideal),
                "range": [json_number(end) for end in metric.range],
                "version": table.versions[metric.name],
                "summary": metric.summary,
            }
            for metric in table.metrics
        ],
        "rows": [_row_summary(row) for row in table.rows],
    }


def _row_summary(row: TableRow) -> dict[str, Any]:
    description = row.submission.description
    return {
        "rank": row.rank,
        "rank_range": row.rank_range and list(row.rank_range),
        "other_ranks": dict(row.other_ranks),
        "name": row.submission.name,
        "method": description.method.name,
        "title": description.method.title,
        "kind": description.method.kind,
        "control": description.method.is_control,
        "input": description.method.input,
        "part": description.data.part,
        "images": description.data.images,
        "on_subset": row.on_subset,
        "as_good_as_clean": row.is_as_clean,
        "same_as": list(row.same_as),
        **{name: getattr(description.run, name) for name in RECORDED_COSTS},
        "values": {name: interval_summary(value) for name, value in row.values.items()},
        "worst": None if row.worst is None else worst_summary(row.worst),
        "audit": row.audited
        and {"case": row.audited.case, **(interval_summary(row.audited.beyond_db) or {})},
        "seed_means": [json_number(mean) for mean in row.seed_means],
    }


def _json(table: Table) -> str:
    return json.dumps(table_summary(table), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(table: Table) -> str:
    bounds = [f"{m.name}{end}" for m in table.metrics for end in ("", "_low", "_high")]
    where = ("recipe", "version", "recipe_id", "split", "part", "images")
    rows: list[list[object]] = [
        [
            *("rank", "name", "title", "kind", "input", *bounds, *RECORDED_COSTS, *where),
            *(*_CSV_MARKS, *(f"rank_{metric.name}" for metric in table.also_ranked_by)),
            *(WORST_CSV_COLUMNS if table.drawn else ()),
        ]
    ]
    for row in table.rows:
        method = row.submission.description.method
        values = [row.values[metric.name] for metric in table.metrics]
        run = row.submission.description.run
        rows.append(
            [
                "" if row.rank is None else row.rank,
                row.submission.name,
                _cell(method.title),
                method.kind,
                method.input,
                *(end for v in values for end in (v.mean, v.low, v.high)),
                *(_cell(_plain(getattr(run, name))) for name in RECORDED_COSTS),
                *(_cell(str(getattr(row.submission.description.data, key))) for key in where),
                "yes" if row.is_as_clean else "",
                " ".join(row.same_as),
                *(_plain(row.other_ranks[metric.name]) for metric in table.also_ranked_by),
                *(_cell(c) if isinstance(c, str) else c for c in worst_cells(row.worst)),
            ]
        )
    return csv_text(rows)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _cell(text: str) -> str:
    # Spreadsheets read such a cell as a formula, even after spaces or with full-width signs.
    first = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return f"'{text}" if first in ("=", "+", "-", "@") else text


def _markdown(table: Table) -> str:
    lines = [
        f"**{markdown_escaped(caption(table))}**",
        "",
        _markdown_scores(table),
        "",
        reading_guide(table),
        "",
        *_markdown_worst(table),
        "**Costs**",
        "",
        _markdown_costs(table),
        "",
        COSTS_NOTE,
        "",
        f"Recipe id `{table.data.recipe_id}`",
        "",
    ]
    return "\n".join(lines)


def _markdown_scores(table: Table) -> str:
    metrics = shown_columns(table)
    headings = ["Rank", "Method"]
    ranking = (table.ranked_by, *table.also_ranked_by)
    for metric in metrics:
        headings += [metric_heading(metric)]
        headings += [f"{table.confidence:.0%} interval"] if metric in ranking else []
        headings += ["Rank by it"] if metric in table.also_ranked_by else []
    headings += [COSTS[0].heading, "Kind"]
    rows = [headings]
    for row in table.rows:
        cells = _markdown_start(row)
        for metric in metrics:
            value = row.values[metric.name]
            cells += [value_text(metric, value.mean)]
            cells += [interval_text(metric, value)] if metric in ranking else []
            cells += [rank_text(row, metric)] if metric in table.also_ranked_by else []
        description = row.submission.description
        rows.append([*cells, COSTS[0].shown(description.run), description.method.kind])
    return markdown_table(rows, (1, len(headings) - 1)).rstrip()


def _markdown_worst(table: Table) -> list[str]:
    columns = worst_columns(table)
    if not columns:
        return []
    rows = [["Rank", "Method", *(column.heading for column in columns)]]
    for number, row in enumerate(table.rows):
        cells = [markdown_escaped(column.cells[number]) for column in columns]
        rows.append([*_markdown_start(row), *cells])
    words = (1, *(index for index, column in enumerate(columns, 2) if column.in_words))
    return ["**Worst cases**", "", markdown_table(rows, words).rstrip(), ""]


def _markdown_costs(table: Table) -> str:
    rows = [["Rank", "Method", *(cost.heading for cost in COSTS)]]
    text_columns = (1, *(index for index, cost in enumerate(COSTS, 2) if cost.in_words))
    for row in table.rows:
        run = row.submission.description.run
        costs = [markdown_escaped(cost.shown(run)) for cost in COSTS]
        rows.append([*_markdown_start(row), *costs])
    return markdown_table(rows, text_columns).rstrip()


def _markdown_start(row: TableRow) -> list[str]:
    method = row.submission.description.method
    title = markdown_escaped(method.title)
    title = f"*{title}*" if method.is_control else title
    return [rank_text(row), f"{title} {marks(row)}".rstrip()]
