"""Definitions of a table's columns, the same for their heads and for the page of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tembench.metrics import METRICS, Metric
from tembench.ranking.costs import COSTS
from tembench.ranking.render.captions import metrics_by_group, rank_meaning
from tembench.ranking.table_rows import Table


@dataclass(frozen=True, kw_only=True)
class Definition:
    """Meaning of a column.

    Attributes
    ----------
    name : str
        Of the column, in the address of a page and in its anchor.
    title, summary : str
        Heading, and what it says; a unit follows the title.
    """

    name: str
    title: str
    summary: str


def column_definitions(table: Table) -> dict[str, list[Definition]]:
    """Definitions of all columns that are no metrics, by group, for one table."""
    unit = f", {table.ranked_by.unit}" if table.ranked_by.unit else ""
    main, reference = table.ranked_by.title, table.reference or "the reference"
    worst = [
        (
            "tenth",
            f"Worst tenth{unit}",
            f"Mean {main} over the worst tenth of the row's own images.",
        ),
        (
            "group",
            f"Worst group{unit}",
            f"Lowest mean {main} of a group of images by material, dose, defocus and orientation. "
            "The group is chosen by the same scores: another draw would show it somewhat higher.",
        ),
        ("group-name", "Which group", "What the images of the worst group have in common."),
        (
            "difference",
            f"Minus {reference}{unit}",
            f"Difference to {reference}, paired specimen by specimen, with its interval.",
        ),
        (
            "difference-group",
            f"Minus {reference}, worst group{unit}",
            "The same difference in the group where it is worst.",
        ),
        (
            "audit",
            "Audit: lost, dB",
            "PSNR lost in the worst case of the audit, beyond what the dose takes: the same "
            "specimens moved, turned, mirrored, magnified, or recorded with other noise.",
        ),
        ("audit-case", "Audit: worst case", "Change of the same specimens at which that is lost."),
    ]
    method = [
        ("rank", "Rank", rank_meaning(table)),
        ("method", "Method", "The method; its page has all of its scores."),
        (
            "kind",
            "Kind",
            "Classical, learned, or a control, which bounds the table and has no rank.",
        ),
        ("input", "Input", "What the method sees: one noisy image, or a whole series."),
        ("trained", "Trained on", "What the submitter says that it was trained on."),
        ("supervision", "Supervision", "Whether its training used clean images."),
        ("licence", "Licence", "Licence of the method's code."),
    ]
    costs = [(cost.name, cost.heading, cost.summary) for cost in COSTS]
    return {
        title: [Definition(name=name, title=head, summary=text) for name, head, text in group]
        for title, group in (("Method", method), ("Worst cases", worst), ("Costs", costs))
    }


def metrics_of(tables: Sequence[Table]) -> list[tuple[str, list[Metric]]]:
    """Metrics of all tables under the headings of the registry."""
    found = {metric.name for table in tables for metric in table.metrics}
    largest = max(tables, key=lambda table: len(table.metrics))
    groups = metrics_by_group(largest)
    missing = [METRICS[name] for name in METRICS if name in found.difference(
        metric.name for _, metrics in groups for metric in metrics)]  # fmt: skip
    return [*groups, *([("Others", missing)] if missing else [])]
