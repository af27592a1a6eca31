"""Scores of one method as text for its page: metrics by group, with ranks and places."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

from markupsafe import Markup, escape

from tembench.metrics import Metric
from tembench.ranking.number_format import UNKNOWN, interval_text, value_text
from tembench.ranking.render.captions import metric_heading, metrics_by_group, rank_text
from tembench.ranking.table_rows import Table, TableRow


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """A metric of a method as text.

    Attributes
    ----------
    name : str
        The metric.
    heading, summary : Markup
        In words, escaped once for all pages.
    value, interval : str
        Mean, and its bounds.
    specimens : int
        Specimens that the mean is over.
    rank, place : str
        Rank, where the table is ranked by the metric, and place by the mean alone.
    """

    name: str
    heading: Markup
    summary: Markup
    value: str
    interval: str
    specimens: int
    rank: str
    place: str


class MethodScores:
    """Scores of the methods of a table as text.

    Parameters
    ----------
    table : Table
        The table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._groups = metrics_by_group(table)
        competing = [r for r in table.rows if not (r.is_control or r.on_subset or r.sees_series)]
        self._ordered = {
            metric.name: sorted(
                mean for row in competing if not math.isnan(mean := self._signed(row, metric))
            )
            for metric in table.metrics
        }
        self._competing = {row.submission.name for row in competing}
        self._words = {
            metric.name: (escape(metric_heading(metric)), escape(metric.summary))
            for metric in table.metrics
        }

    def lines(self, row: TableRow) -> list[tuple[str, list[ScoreLine]]]:
        """All metrics of a row under the headings of the registry."""
        return [
            (heading, [self._line(row, metric) for metric in metrics])
            for heading, metrics in self._groups
        ]

    def _line(self, row: TableRow, metric: Metric) -> ScoreLine:
        table, value = self._table, row.values[metric.name]
        rank = UNKNOWN
        if metric.name == table.ranked_by.name:
            rank = rank_text(row)
        elif metric.name in row.other_ranks:
            rank = rank_text(row, metric)
        return ScoreLine(
            name=metric.name,
            heading=self._words[metric.name][0],
            summary=self._words[metric.name][1],
            value=value_text(metric, value.mean),
            interval=interval_text(metric, value),
            specimens=value.models,
            rank=rank,
            place=self._place(row, metric),
        )

    def _place(self, row: TableRow, metric: Metric) -> str:
        """Place by the mean among the methods that saw the same images, such as "2 of 13"."""
        own, ordered = self._signed(row, metric), self._ordered[metric.name]
        if row.submission.name not in self._competing or math.isnan(own):
            return UNKNOWN
        return f"{1 + bisect_left(ordered, own)} of {len(ordered)}"

    @staticmethod
    def _signed(row: TableRow, metric: Metric) -> float:
        mean = row.values[metric.name].mean
        return -mean if metric.direction == "higher" else mean
