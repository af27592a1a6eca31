"""One table in five formats: terminal, Markdown, CSV, JSON and a page of HTML.

Every word of a submission is a stranger's: it is escaped for the format it enters.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from collections.abc import Callable
from typing import Any

from tembench.leaderboard.captions import caption, rank_text, reading, shown_columns
from tembench.leaderboard.page import page
from tembench.leaderboard.table import RANKED_BY, Row, Table
from tembench.leaderboard.wording import interval_text, seconds_text, value_text
from tembench.metrics import Metric

# From here on there is room for titles and kinds.
_WIDE_COLUMNS = 104
# Below, there is none for the interval and the time; with less than the last, none for anything.
_NARROW_COLUMNS = 72
_FEWEST_COLUMNS = 50
# Columns that numbers, headings and spaces take: narrow, as a rule, wide.
_OTHER_COLUMNS = (38, 60, 80)


def render(table: Table, form: str, *, width: int | None = None, colour: bool = False) -> str:
    """Write a table out.

    Parameters
    ----------
    table : Table
        From `tembench.leaderboard.table.build`.
    form : {"terminal", "markdown", "html", "csv", "json"}
        Which format.
    width : int, optional
        Columns of the terminal; its own if not given.
    colour : bool
        Whether the terminal's text carries colours.

    Returns
    -------
    str
        The whole document.
    """
    if form == "terminal":
        return _terminal(table, width or shutil.get_terminal_size().columns, colour)
    forms: dict[str, Callable[[Table], str]] = {
        "markdown": _markdown,
        "html": page,
        "csv": _csv,
        "json": _json,
    }
    if form not in forms:
        raise ValueError(f"expected one of terminal, {', '.join(forms)}, got {form!r}")
    return forms[form](table)


def summary(table: Table) -> dict[str, Any]:
    """The table as plain values, ready for JSON: infinities are text, unknowns None."""
    data = table.data
    return {
        "recipe": data.recipe,
        "version": data.version,
        "recipe_id": data.recipe_id,
        "split": data.split,
        "part": data.part,
        "images": data.images,
        "models": table.models,
        "ranked_by": RANKED_BY,
        "confidence": table.confidence,
        "metrics": [
            {
                "name": metric.name,
                "unit": metric.unit,
                "direction": metric.direction,
                "ideal": _plain(metric.ideal),
                "range": [_plain(end) for end in metric.range],
                "version": table.versions[metric.name],
                "summary": metric.summary,
            }
            for metric in table.metrics
        ],
        "rows": [_row_summary(row) for row in table.rows],
    }


def _row_summary(row: Row) -> dict[str, Any]:
    identity = row.submission.identity
    return {
        "rank": row.rank,
        "name": row.submission.name,
        "method": identity.method.name,
        "title": identity.method.title,
        "kind": identity.method.kind,
        "control": identity.method.is_control,
        "seconds_per_image": _plain(row.seconds_per_image),
        "device": identity.run.device,
        "values": {
            name: {"mean": _plain(v.mean), "low": _plain(v.low), "high": _plain(v.high)}
            for name, v in row.values.items()
        },
    }


def _plain(value: float | None) -> float | str | None:
    """A JSON value: JSON knows neither infinity nor NaN."""
    if value is None or math.isnan(value):
        return None
    return ("inf" if value > 0 else "-inf") if math.isinf(value) else value


def _json(table: Table) -> str:
    return json.dumps(summary(table), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    bounds = [f"{m.name}{end}" for m in table.metrics for end in ("", "_low", "_high")]
    data = table.data
    where = ("recipe", "version", "recipe_id", "split", "part", "images")
    writer.writerow(["rank", "name", "title", "kind", *bounds, "seconds_per_image", *where])
    for row in table.rows:
        method = row.submission.identity.method
        values = [row.values[metric.name] for metric in table.metrics]
        writer.writerow(
            [
                "" if row.rank is None else row.rank,
                row.submission.name,
                _cell(method.title),
                method.kind,
                *(end for v in values for end in (v.mean, v.low, v.high)),
                "" if row.seconds_per_image is None else row.seconds_per_image,
                *(_cell(str(getattr(data, key))) for key in where),
            ]
        )
    return buffer.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet takes such a cell for a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _heading(metric: Metric) -> str:
    return f"{metric.title}, {metric.unit}" if metric.unit else metric.title


def _markdown(table: Table) -> str:
    metrics = shown_columns(table)
    interval_heading = f"{table.confidence:.0%} interval"
    headings = ["Rank", "Method"]
    for metric in metrics:
        headings += [_heading(metric)]
        headings += [interval_heading] if metric.name == RANKED_BY else []
    headings += ["s/image", "Kind"]
    lines = [f"**{_markdown_text(caption(table))}**", "", _line(headings)]
    lines.append(
        "|" + "|".join(":--" if h in ("Method", "Kind") else "--:" for h in headings) + "|"
    )
    for row in table.rows:
        method = row.submission.identity.method
        title = _markdown_text(method.title)
        cells = [rank_text(row), f"*{title}*" if method.is_control else title]
        for metric in metrics:
            value = row.values[metric.name]
            cells += [value_text(metric, value.mean)]
            cells += [interval_text(metric, value)] if metric.name == RANKED_BY else []
        lines.append(_line([*cells, seconds_text(row.seconds_per_image), method.kind]))
    return "\n".join(
        [*lines, "", f"{reading(table)}", "", f"Recipe id `{table.data.recipe_id}`", ""]
    )


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_text(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&])", r"\\\1", text)


def _terminal(table: Table, width: int, colour: bool) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, Group
    from rich.table import Table as Grid
    from rich.text import Text

    # Better a line that the terminal breaks than a number that is cut.
    width = max(width, _FEWEST_COLUMNS)
    wide, narrow = width >= _WIDE_COLUMNS, width < _NARROW_COLUMNS
    grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    grid.add_column("#", justify="right", no_wrap=True)
    # All other columns are numbers: only the name may be cut short.
    room = max(width - _OTHER_COLUMNS[1 + wide - narrow], 12)
    grid.add_column("Method", no_wrap=True, overflow="ellipsis", max_width=room)
    for metric in shown_columns(table):
        heading = _heading(metric) if wide else metric.title.replace("Particle skill", "Particle")
        grid.add_column(heading, justify="right", no_wrap=True)
        if metric.name == RANKED_BY and not narrow:
            grid.add_column(f"{table.confidence:.0%} interval", justify="center", no_wrap=True)
    if not narrow:
        grid.add_column("s/image", justify="right", no_wrap=True)
    if wide:
        grid.add_column("Kind", no_wrap=True)
    for row in table.rows:
        method = row.submission.identity.method
        cells = [rank_text(row), method.title if wide else row.submission.name]
        for metric in shown_columns(table):
            value = row.values[metric.name]
            cells.append(value_text(metric, value.mean))
            if metric.name == RANKED_BY and not narrow:
                cells.append(interval_text(metric, value).replace(" to ", "–"))
        cells += [] if narrow else [seconds_text(row.seconds_per_image)]
        cells += [method.kind] if wide else []
        style = "dim italic" if method.is_control else "bold" if row.rank == 1 else ""
        # Text, not strings: a stranger's title must not be read as markup.
        grid.add_row(*(Text(cell) for cell in cells), style=style)
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
    notes = Text(f"\n{reading(table)}\nRecipe id {table.data.recipe_id[:16]}", style="dim")
    console.print(Group(Text(caption(table), style="bold"), Text(""), grid, notes))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
