"""HTML page of tables: ``page.html`` filled in, with all text of submissions escaped."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench import __version__
from tembench.ranking.render.axis import FigureAxis, interval_axis
from tembench.ranking.render.captions import (
    COSTS_NOTE,
    caption,
    controls_last,
    marks,
    metric_heading,
    metrics_by_group,
    reading_guide,
    table_title,
    track_note,
)
from tembench.ranking.render.text_columns import (
    TableColumn,
    all_columns,
    cost_columns,
    metric_column,
    rank_column,
    usual_columns,
    worst_columns,
)
from tembench.ranking.scoring import PANEL_TILES
from tembench.ranking.table_rows import Table, TableRow
from tembench.ranking.untrusted import redrawn

_SERIES_LAST = 10_000
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]{1,200}")


def html_page(tables: Sequence[Table]) -> str:
    """Tables as one self-contained HTML file."""
    from jinja2 import Environment, StrictUndefined

    source = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = source.partition("<script>")[2].partition("</script>")[0]
    return environment.from_string(source).render(
        views=[_view(controls_last(table), number) for number, table in enumerate(tables)],
        heading=metric_heading,
        cell=_cell,
        costs_note=COSTS_NOTE,
        version=__version__,
        # The page's security policy allows only this script, whatever a submission contains.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _view(table: Table, number: int) -> dict[str, Any]:
    """One table of the page; its number keeps the anchors of several tables apart."""
    scale = interval_axis(table)
    ending = f"-{number}" if number else ""
    costs = cost_columns(table)
    main = all_columns(table)[table.ranked_by.name]
    return {
        "anchor": f"table{ending}",
        "title": table_title(table),
        "table": table,
        "data": table.data,
        "caption": caption(table),
        "track_note": track_note(table),
        "ranks": rank_column(table),
        "columns": usual_columns(table),
        "worst": _with_words(worst_columns(table)),
        "costs": [(column, None) for column in (main, *costs)],
        "directions": {metric.name: metric.direction for metric in table.metrics},
        "reading": reading_guide(table),
        "groups": metrics_by_group(table),
        "all": {metric.name: metric_column(table, metric) for metric in table.metrics},
        "ranked_by": table.ranked_by,
        "rows": [_row_context(row, at, table, scale, ending) for at, row in enumerate(table.rows)],
        "runs": [_run_line(row, at, costs) for at, row in enumerate(table.rows)],
        "ticks": [(f"{tick:g}", round(100 * scale.position(tick), 2)) for tick in scale.ticks],
    }


def _with_words(columns: Sequence[TableColumn]) -> list[tuple[TableColumn, TableColumn | None]]:
    """Columns of numbers, each with the column of words on it, such as which group it is."""
    pairs: list[tuple[TableColumn, TableColumn | None]] = []
    for column in columns:
        if column.in_words and pairs:
            pairs[-1] = (pairs[-1][0], column)
        else:
            pairs.append((column, None))
    return pairs


def _cell(column: TableColumn, row: dict[str, Any], at: int) -> str:
    """What the page's script sorts a cell by: a number, or words."""
    if column.in_words:
        return column.values[at].lower()
    value = column.order[at]
    if value is not None and column.name.startswith("rank_by_"):
        value += _SERIES_LAST * row["sees_series"]
    return _order(value)


def _bar(row: TableRow, table: Table, scale: FigureAxis) -> dict[str, Any] | None:
    """Position of a row's interval, in per cent of the axis; None for an infinite mean."""
    interval = row.values[table.ranked_by.name]
    if not math.isfinite(interval.mean):
        return None
    left, middle, right = (
        round(100 * scale.position(value), 2)
        for value in (interval.low, interval.mean, interval.high)
    )
    return {
        "left": left,
        "width": round(right - left, 2),
        "middle": middle,
        "outside": "" if scale.includes(interval.mean) else "below" if middle == 0 else "above",
        "open_left": interval.low < scale.low,
        "open_right": interval.high > scale.high,
    }


def _row_context(
    row: TableRow, at: int, table: Table, scale: FigureAxis, ending: str
) -> dict[str, Any]:
    description = row.submission.description
    method = description.method
    return {
        "at": at,
        "anchor": f"method-{row.submission.name}{ending}",
        "marks": marks(row),
        "images": description.data.images,
        "on_subset": row.on_subset,
        "sees_series": row.sees_series,
        "name": row.submission.name,
        "method": method,
        "run": description.run,
        "bar": _bar(row, table, scale),
        "tiles": _tiles(row.submission.panel),
        "parameters": ", ".join(
            f"{key[:60]} = {str(value)[:80]}" for key, value in method.parameters.items()
        )[:600],
        "paper": ", ".join(
            str(method.paper[key])
            for key in ("authors", "title", "venue", "year")
            if key in method.paper
        ),
        "doi": _doi(method.paper),
    }


def _tiles(panel: bytes) -> list[tuple[str, str]]:
    """Name and data URL of each tile of a panel, encoded again."""
    from PIL import Image

    if not panel:
        return []
    tiles = []
    with Image.open(io.BytesIO(redrawn(panel))) as picture:
        width, height = picture.size
        for i, name in enumerate(PANEL_TILES):
            # At least one pixel, whatever the size of a submitted picture.
            left = min(i * width // len(PANEL_TILES), width - 1)
            right = max((i + 1) * width // len(PANEL_TILES), left + 1)
            buffer = io.BytesIO()
            picture.crop((left, 0, right, height)).save(buffer, format="PNG", optimize=True)
            data = base64.b64encode(buffer.getvalue()).decode()
            tiles.append((name, f"data:image/png;base64,{data}"))
    return tiles


def _run_line(row: TableRow, at: int, costs: Sequence[TableColumn]) -> str:
    """Known costs, and the version of tembench."""
    known = [f"{cost.heading} {cost.values[at]}" for cost in costs if cost.raw[at] is not None]
    return ", ".join([*known, f"tembench {row.submission.description.run.tembench}"])


def _order(value: float | None) -> str:
    """A number that the page's script sorts by; unknown values come last."""
    if value is None or math.isnan(value):
        return ""
    return {math.inf: "1e308", -math.inf: "-1e308"}.get(value, repr(float(value)))


def _doi(paper: Any) -> str:
    doi = str(paper.get("doi", ""))
    return doi if _DOI.fullmatch(doi) else ""
