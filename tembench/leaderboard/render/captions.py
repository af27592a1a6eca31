"""Captions, headings and notes of a table, the same in every format."""

from __future__ import annotations

from tembench.leaderboard.flags import CLEAN_ERROR_E_PER_PX, CLEAN_PSNR_DB, SAME_PSNR_DB
from tembench.leaderboard.number_format import UNKNOWN
from tembench.leaderboard.table_rows import Table, TableRow
from tembench.metrics import GROUPS, METRICS, Metric

SUBSET_MARK, SERIES_MARK, CLEAN_MARK, SAME_MARK = "†", "‡", "§", "¶"
_MOST_GROUPS = 5
_MAIN_METRICS = ("psnr_db", "ssim", "particle_skill", "column_f1", "surface_f1", "site_accuracy")


def caption(table: Table) -> str:
    """One sentence on the data that the rows were scored on."""
    data = table.data
    return (
        f"{data.recipe} {data.version}, {data.part} part of split {data.split}: "
        f"{_count(data.images, 'image')} of {_count(table.models, 'model')}"
    )


def rank_meaning(table: Table) -> str:
    """One sentence that defines a rank."""
    return (
        f"Rank by {table.ranked_by.title}: 1 + the number of methods that are better "
        "by more than the paired interval."
    )


def reading_guide(table: Table) -> str:
    """Explanation of intervals, ranks and marks."""
    text = (
        f"Intervals: {table.confidence:.0%}, bootstrap over atomic models. {rank_meaning(table)} "
        "Controls bound the table and are not ranked."
    )
    if table.models == 1:
        text += " One model gives no interval, so all methods share a rank."
    return " ".join([text, *notes(table)])


def marks(row: TableRow) -> str:
    """Marks after the title of a row; usually none."""
    on_series = row.submission.description.method.input == "series"
    return (
        SUBSET_MARK * row.on_subset
        + SERIES_MARK * on_series
        + CLEAN_MARK * row.is_as_clean
        + SAME_MARK * bool(row.same_as)
    )


def notes(table: Table) -> list[str]:
    """Meaning of each mark that is used in a table."""
    used = "".join(marks(row) for row in table.rows)
    meanings = {
        SUBSET_MARK: f"{SUBSET_MARK} Scored on a fixed subset of {table.subset_images} of the "
        f"{table.data.images} images: its means are over those, and it is compared with other "
        "rows, ranked and placed on those alone.",
        SERIES_MARK: f"{SERIES_MARK} Sees the whole defocus series of an image, not the one "
        "image that others see.",
        CLEAN_MARK: f"{CLEAN_MARK} As good as the clean image itself ({CLEAN_PSNR_DB:g} dB and "
        f"more, or within {CLEAN_ERROR_E_PER_PX:g} e/px), which no method can be that sees the "
        "noisy image alone.",
        SAME_MARK: f"{SAME_MARK} Same images as another row, to {SAME_PSNR_DB:g} dB each: "
        f"{_same(table)}.",
    }
    return [text for mark, text in meanings.items() if mark in used]


def _same(table: Table) -> str:
    """The first few groups of identical rows."""
    groups = {
        " = ".join(sorted((row.submission.name, *row.same_as)))[:120]: None
        for row in table.rows
        if row.same_as
    }
    shown = list(groups)[:_MOST_GROUPS]
    return ", ".join([*shown, *(["..."] if len(groups) > _MOST_GROUPS else [])])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def metric_heading(metric: Metric) -> str:
    """Title and unit."""
    return f"{metric.title}, {metric.unit}" if metric.unit else metric.title


def shown_columns(table: Table) -> list[Metric]:
    """Metrics of a rendered table, the ranking one first; CSV and JSON contain all metrics."""
    others = [metric for metric in table.metrics if metric.name in _MAIN_METRICS]
    chosen = [table.ranked_by, *(m for m in others if m.name != table.ranked_by.name)]
    return chosen[: len(_MAIN_METRICS)]


def metrics_by_group(table: Table) -> list[tuple[str, list[Metric]]]:
    """All metrics of a table under the headings of the registry."""
    there = {metric.name for metric in table.metrics}
    groups = [
        (title, [METRICS[name] for name in names if name in there])
        for title, names in GROUPS.items()
    ]
    return [(title, metrics) for title, metrics in groups if metrics]


def rank_text(row: TableRow) -> str:
    """The rank; a dash for a control."""
    return UNKNOWN if row.rank is None else str(row.rank)
