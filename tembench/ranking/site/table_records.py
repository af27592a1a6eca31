"""Table as plain values for its page's script: metrics, definitions and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.ranking.costs import COSTS
from tembench.ranking.number_format import interval_list, json_number, short_number
from tembench.ranking.render.captions import marks, metrics_by_group, shown_columns
from tembench.ranking.site import column_definitions
from tembench.ranking.statistics import GroupValue
from tembench.ranking.table_ranks import TableScores, ranks_by
from tembench.ranking.table_rows import Table, TableRow

# Ranks of a thousand rows take half a second by each metric.
_ALL_RANKS_UP_TO = 100


def plain_table(table: Table, track: str, scores: TableScores) -> dict[str, Any]:
    """The table as plain values; infinities are text, unknown values None.

    Parameters
    ----------
    table : Table
        The table.
    track : str
        Name of the folder of its pages.
    scores : TableScores
        Of the table.
    """
    data, ranks = table.data, _ranks(table, scores)
    return {
        "track": track,
        "recipe": data.recipe,
        "version": data.version,
        "recipeId": data.recipe_id,
        "split": data.split,
        "part": data.part,
        "images": data.images,
        "specimens": table.models,
        "drawn": table.drawn,
        "rankedBy": table.ranked_by.name,
        "alsoRankedBy": [metric.name for metric in table.also_ranked_by],
        "reference": table.reference,
        "confidence": table.confidence,
        "shown": [metric.name for metric in shown_columns(table)],
        "metrics": {
            metric.name: {
                "title": metric.title,
                "unit": metric.unit,
                "group": group,
                "direction": metric.direction,
                "decimals": metric.decimals,
                "version": table.versions[metric.name],
                "summary": metric.summary,
            }
            for group, metrics in metrics_by_group(table)
            for metric in metrics
        },
        "definitions": {
            one.name: {"title": one.title, "summary": one.summary, "group": group}
            for group, definitions in column_definitions(table).items()
            for one in definitions
        },
        "rows": [
            {**_row(row), "ranks": {name: own[number] for name, own in ranks.items()}}
            for number, row in enumerate(table.rows)
        ],
    }


def _ranks(table: Table, scores: TableScores) -> dict[str, list[int | None]]:
    """Ranks of all rows by each metric; of many rows by the metrics shown alone."""
    further = table.metrics if len(table.rows) <= _ALL_RANKS_UP_TO else shown_columns(table)
    ranks = {table.ranked_by.name: [row.rank for row in table.rows]}
    for metric in further:
        if metric is not table.ranked_by:
            ranks[metric.name] = ranks_by(table, metric.name, scores)
    return ranks


def _row(row: TableRow) -> dict[str, Any]:
    description = row.submission.description
    method, run = description.method, description.run
    return {
        "name": row.submission.name,
        "method": method.name,
        "title": method.title,
        "kind": method.kind,
        "input": method.input,
        "control": row.is_control,
        "rank": row.rank,
        "rankRange": row.rank_range and list(row.rank_range),
        "marks": marks(row),
        "onSubset": row.on_subset,
        "series": row.sees_series,
        "asClean": row.is_as_clean,
        "sameAs": list(row.same_as),
        "images": description.data.images,
        "licence": method.licence,
        "trainingData": method.training_data,
        "trainedOn": method.trained_on,
        "supervised": method.supervised,
        "values": {name: interval_list(value) for name, value in row.values.items()},
        "tenth": interval_list(row.worst.tenth) if row.worst else None,
        "difference": interval_list(row.worst.difference) if row.worst else None,
        "worstGroup": _group(row.worst.group) if row.worst else None,
        "worstDifference": _group(row.worst.group_difference) if row.worst else None,
        "audit": row.audited
        and {"case": row.audited.title, "loss": interval_list(row.audited.beyond_db)},
        "seeds": [short_number(mean) for mean in row.seed_means],
        **{cost.name: _plain(cost.of(run)) for cost in COSTS},
    }


def _group(group: GroupValue | None) -> Mapping[str, Any] | None:
    if group is None:
        return None
    value = interval_list(group.value)
    return {"name": group.name, "specimens": group.specimens, "value": value}


def _plain(value: Any) -> Any:
    return json_number(value) if isinstance(value, float) else value
