"""Columns of a table as text: one heading, and one cell a row, for every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tembench.metrics import Metric
from tembench.ranking.costs import COSTS, Cost
from tembench.ranking.number_format import UNKNOWN, interval_text, value_text
from tembench.ranking.render.captions import metric_heading, rank_texts
from tembench.ranking.statistics import Interval
from tembench.ranking.table_rows import Table


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column of a table.

    Attributes
    ----------
    name : str
        Name of the metric or the cost, or another that `column_choice` knows.
    heading, summary : str
        Heading with its unit, and meaning.
    raw : list of (Interval, float, str or None)
        Value of each row; None where it is unknown.
    values : list of str
        The same as text, of an interval its mean.
    bounds : list of str
        Bounds of the intervals, `UNKNOWN` where a row has none; empty where they are not shown.
    has_intervals : bool
        Whether the raw values are intervals, also where none is known.
    in_words : bool
        Whether the values are text, which may come from a submitter, instead of numbers.
    """

    name: str
    heading: str
    summary: str
    raw: Sequence[Interval | float | str | None]
    values: list[str]
    bounds: list[str]
    has_intervals: bool = False
    in_words: bool = False

    @property
    def order(self) -> list[float | None]:
        """Number that each row is sorted by; None comes last."""
        means = [one.mean if isinstance(one, Interval) else one for one in self.raw]
        return [None if isinstance(mean, str) else mean for mean in means]

    @property
    def headers(self) -> list[str]:
        """Names in CSV: of an interval its mean's and, with ``_low`` and ``_high``, its bounds'."""
        return [
            f"{self.name}{end}" for end in (("", "_low", "_high") if self.has_intervals else ("",))
        ]

    def numbers(self, row: int) -> list[float | str | None]:
        """Values of a row under these names."""
        value = self.raw[row]
        if isinstance(value, Interval):
            return [value.mean, value.low, value.high]
        return [value] * len(self.headers)

    @property
    def cells(self) -> list[str]:
        """Value and interval of each row: ``35.19 (34.79 to 35.61)``."""
        bounds = self.bounds or [UNKNOWN] * len(self.values)
        return [
            value if ends == UNKNOWN else f"{value} ({ends})"
            for value, ends in zip(self.values, bounds, strict=True)
        ]


def metric_column(table: Table, metric: Metric) -> TableColumn:
    """Means of a metric, with their intervals."""
    found = [row.values[metric.name] for row in table.rows]
    return TableColumn(
        name=metric.name,
        heading=metric_heading(metric),
        summary=metric.summary,
        raw=found,
        values=[value_text(metric, value.mean) for value in found],
        bounds=[interval_text(metric, value) for value in found],
        has_intervals=True,
    )


def rank_column(table: Table, metric: Metric | None = None) -> TableColumn:
    """Ranks by the ranking metric, or by a further one; a rank that is shared has = before it."""
    ranks = [row.rank if metric is None else row.other_ranks[metric.name] for row in table.rows]
    return TableColumn(
        name=f"rank_by_{(metric or table.ranked_by).name}",
        heading="Rank" if metric is None else "Rank by it",
        summary=f"Rank by {(metric or table.ranked_by).title}.",
        raw=ranks,
        values=rank_texts(table, metric),
        bounds=[],
    )


def cost_column(table: Table, cost: Cost) -> TableColumn:
    """A cost of each method."""
    runs = [row.submission.description.run for row in table.rows]
    return TableColumn(
        name=cost.name,
        heading=cost.heading,
        summary=cost.summary,
        raw=[cost.of(run) for run in runs],
        values=[cost.shown(run) for run in runs],
        bounds=[],
        in_words=cost.in_words,
    )


def cost_columns(table: Table) -> list[TableColumn]:
    """All costs of each method."""
    return [cost_column(table, cost) for cost in COSTS]


def kind_column(table: Table) -> TableColumn:
    """Kind of each method: classical, learned or control."""
    kinds = [row.submission.description.method.kind for row in table.rows]
    return words_column("kind", "Kind", "Classical, learned or control.", kinds, kinds)


def trained_on_column(table: Table) -> TableColumn:
    """Training data of each method, in the words of its submission."""
    found = [row.submission.description.method.trained_on for row in table.rows]
    texts = [one or UNKNOWN for one in found]
    raw = [one or None for one in found]
    summary = "Training data: this track's draws or models, other simulations, real data, nothing."
    return words_column("trained_on", "Trained on", summary, texts, raw)


def words_column(
    name: str, heading: str, summary: str, values: list[str], raw: Sequence[str | None]
) -> TableColumn:
    """A column of words, which may come from a submitter."""
    return TableColumn(
        name=name, heading=heading, summary=summary, raw=raw, values=values, bounds=[],
        in_words=True,
    )  # fmt: skip
