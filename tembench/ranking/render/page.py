"""HTML page of tables: ``page.html`` filled in, with all text of submissions escaped."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench import __version__
from tembench.core import shortened
from tembench.ranking.costs import COSTS, COSTS_NOTE, Cost
from tembench.ranking.number_format import interval_text, value_text
from tembench.ranking.render.axis import FigureAxis, interval_axis
from tembench.ranking.render.captions import (
    caption,
    marks,
    metric_heading,
    metrics_by_group,
    rank_text,
    reading_guide,
    shown_columns,
    table_title,
    track_note,
)
from tembench.ranking.render.worst_columns import worst_columns
from tembench.ranking.scoring import panel_tiles
from tembench.ranking.statistics import Interval
from tembench.ranking.table_rows import Table, TableRow
from tembench.ranking.untrusted import RunInfo, redrawn

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
        views=[_view(table, number) for number, table in enumerate(tables)],
        heading=metric_heading,
        order=_order,
        costs=COSTS,
        costs_note=COSTS_NOTE,
        tiles=list(panel_tiles()),
        version=__version__,
        # The page's security policy allows only this script, whatever a submission contains.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _view(table: Table, number: int) -> dict[str, Any]:
    """One table of the page; its number keeps the anchors of several tables apart."""
    scale = interval_axis(table)
    ending = f"-{number}" if number else ""
    return {
        "anchor": f"table{ending}",
        "title": table_title(table),
        "table": table,
        "data": table.data,
        "caption": caption(table),
        "track_note": track_note(table),
        "worst": worst_columns(table),
        "reading": reading_guide(table),
        "groups": metrics_by_group(table),
        "columns": shown_columns(table),
        "ranked_by": table.ranked_by,
        "rows": [_row_context(row, table, scale, ending) for row in table.rows],
        "ticks": [(f"{tick:g}", round(100 * scale.position(tick), 2)) for tick in scale.ticks],
    }


def _bar(interval: Interval, scale: FigureAxis) -> dict[str, Any] | None:
    """Position of an interval, in per cent of the axis; None for an infinite mean."""
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


def _row_context(row: TableRow, table: Table, scale: FigureAxis, ending: str) -> dict[str, Any]:
    description = row.submission.description
    method = description.method
    main = row.values[table.ranked_by.name]
    return {
        "anchor": f"method-{row.submission.name}{ending}",
        "marks": marks(row),
        "images": description.data.images,
        "on_subset": row.on_subset,
        "name": row.submission.name,
        "rank": rank_text(row),
        "rank_order": _rank_order(row, row.rank),
        "other_ranks": {
            metric.name: (
                rank_text(row, metric),
                _rank_order(row, row.other_ranks[metric.name]),
                interval_text(metric, row.values[metric.name]),
            )
            for metric in table.also_ranked_by
        },
        "method": method,
        "run": description.run,
        "values": {
            metric.name: (
                value_text(metric, row.values[metric.name].mean),
                _order(row.values[metric.name].mean),
                interval_text(metric, row.values[metric.name]),
            )
            for metric in table.metrics
        },
        "interval": interval_text(table.ranked_by, main),
        "bar": _bar(main, scale),
        "costs": {
            cost.name: (
                shortened(cost.shown(description.run), 40),
                _cost_order(cost, description.run),
            )
            for cost in COSTS
        },
        "run_line": _run_line(description.run),
        "panel": _picture(row.submission.panel),
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


def _rank_order(row: TableRow, rank: int | None) -> str:
    """Number that the page's script sorts by; ranks among series methods come after others."""
    return "" if rank is None else str(rank + _SERIES_LAST * row.sees_series)


def _picture(panel: bytes) -> str:
    """A panel as a data URL, encoded again; an empty picture if there is none."""
    drawn = redrawn(panel) if panel else b""
    return "data:image/png;base64," + base64.b64encode(drawn).decode()


def _run_line(run: RunInfo) -> str:
    """Known costs, and the version of tembench."""
    known = [f"{c.heading} {c.shown(run)}" for c in COSTS if c.of(run) is not None]
    return ", ".join([*known, f"tembench {run.tembench}"])


def _cost_order(cost: Cost, run: RunInfo) -> str:
    return str(cost.of(run) or "").lower() if cost.in_words else _order(cost.of(run))


def _order(value: float | None) -> str:
    """A number that the page's script sorts by; unknown values come last."""
    if value is None or math.isnan(value):
        return ""
    return {math.inf: "1e308", -math.inf: "-1e308"}.get(value, repr(float(value)))


def _doi(paper: Any) -> str:
    doi = str(paper.get("doi", ""))
    return doi if _DOI.fullmatch(doi) else ""
