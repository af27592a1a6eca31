"""CSV of a table, and plain values for JSON, with what each row can be traced to."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from tembench import __version__
from tembench.core import csv_text
from tembench.ranking.costs import RECORDED_COSTS
from tembench.ranking.number_format import interval_summary, json_number
from tembench.ranking.render.captions import controls_last, table_title
from tembench.ranking.render.text_columns import all_columns, named_columns
from tembench.ranking.table_rows import Table, TableRow

_METHOD = ("rank", "ranked_by", "name", "title", "input")
_TRACE = (
    "recipe", "version", "recipe_id", "split", "part", "images", "metric_versions", "tembench",
    "scored_with", "outputs_sha256", "submitted", "missing", "as_good_as_clean", "same_as",
)  # fmt: skip


def table_csv(table: Table, names: Sequence[str] = ()) -> str:
    """The table as CSV: all columns, or those of these names, between a row's name and its trace.

    A mean has its interval in two columns after it, ``NAME_low`` and ``NAME_high``.
    """
    table = controls_last(table)
    there = all_columns(table)
    chosen = named_columns(table, names) if names else list(there.values())
    further = [] if names else [name for name in RECORDED_COSTS if name not in there]
    rows: list[list[object]] = [
        [*_METHOD, *(name for column in chosen for name in column.headers), *further, *_TRACE]
    ]
    for number, row in enumerate(table.rows):
        description = row.submission.description
        method = description.method
        cells: list[object] = [row.rank, table.ranked_by.name]
        cells += [row.submission.name, method.title, method.input]
        for column in chosen:
            cells += column.numbers(number)
        cells += [getattr(description.run, name) for name in further]
        shown = [table.ranked_by.name, *(column.name for column in chosen)]
        cells += _trace(row, list(dict.fromkeys(shown)))
        rows.append([_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return csv_text(rows)


def _trace(row: TableRow, shown: Sequence[str]) -> list[object]:
    """What a row was made of, with the versions of the metrics shown."""
    submission = row.submission
    data, versions = submission.description.data, submission.metrics
    return [
        *(data.recipe, data.version, data.recipe_id, data.split, data.part, data.images),
        " ".join(f"{name}={versions[name]}" for name in shown if name in versions),
        submission.description.run.tembench,
        *(submission.scored_with, submission.outputs_sha256, submission.submitted),
        submission.missing,
        "yes" if row.is_as_clean else "",
        " ".join(row.same_as),
    ]


def _cell(text: str) -> str:
    # Spreadsheets read such a cell as a formula, even after spaces or with full-width signs.
    first = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return f"'{text}" if first in ("=", "+", "-", "@") else text


def table_summary(table: Table) -> dict[str, Any]:
    """The table as plain values for JSON: infinities are text, unknown values None."""
    data = table.data
    rows = controls_last(table).rows
    return {
        "format": 1,
        "tembench": __version__,
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
        "rows": [_row_summary(row) for row in rows],
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
        "recipe_id": description.data.recipe_id,
        "split": description.data.split,
        "part": description.data.part,
        "images": description.data.images,
        "metric_versions": dict(row.submission.metrics),
        "tembench": description.run.tembench,
        "scored_with": row.submission.scored_with or None,
        "outputs_sha256": row.submission.outputs_sha256 or None,
        "submitted": row.submission.submitted or None,
        "missing": row.submission.missing,
        "authors": description.method.authors or None,
        "code": description.method.code or None,
        "licence": description.method.licence or None,
        "trained_on": description.method.trained_on or None,
        "supervised": description.method.supervised,
        "on_subset": row.on_subset,
        "as_good_as_clean": row.is_as_clean,
        "same_as": list(row.same_as),
        **{name: getattr(description.run, name) for name in RECORDED_COSTS},
        "values": {name: interval_summary(value) for name, value in row.values.items()},
        "worst": _worst_summary(row),
        "audit": row.audited
        and {"case": row.audited.case, **(interval_summary(row.audited.beyond_db) or {})},
        "seed_means": [json_number(mean) for mean in row.seed_means],
    }


def _worst_summary(row: TableRow) -> dict[str, Any] | None:
    worst = row.worst
    if worst is None:
        return None
    groups = {"group": worst.group, "group_difference": worst.group_difference}
    return {
        "tenth": interval_summary(worst.tenth),
        "difference": interval_summary(worst.difference),
        **{
            key: group and {"name": group.name, **(interval_summary(group.value) or {})}
            for key, group in groups.items()
        },
    }
