"""Captions, headings and notes of a table, the same in every format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace

from tembench.metrics import GROUPS, METRICS, Metric
from tembench.ranking.bounding_controls import BOUNDS, missing_controls
from tembench.ranking.flags import (
    CLEAN_ERROR_E_PER_PX,
    CLEAN_PSNR_DB,
    CLEAN_SHARE,
    SAME_PSNR_DB,
    SAME_SHARE,
)
from tembench.ranking.number_format import UNKNOWN, value_text
from tembench.ranking.stability import rank_stability, stability_text
from tembench.ranking.table_rows import LOOK_UP, PLAIN_FILTER, Table, TableRow

SUBSET_MARK, SERIES_MARK, CLEAN_MARK, SAME_MARK = "†", "‡", "§", "¶"
OWN_MARK, TITLE_MARK, MISSING_MARK = "◊", "≈", "∅"
# Name of a sealed test: its public recipe, and the first digits of the commitment to its seed.
_SEALED = re.compile(r"-sealed-[0-9a-f]{8}$")
COSTS_NOTE = "Times and memory are those of each submitter's machine."
_MOST_GROUPS = 5
_MOST_NAMES = 5
_MAIN_METRICS = ("psnr_db", "ssim", "particle_skill", "column_f1", "surface_f1", "site_accuracy")
_QUESTIONS = {
    "psnr_db": "how near is the image to the true one, pixel by pixel?",
    "site_shown_difference": "does the image show the columns that this specimen has, and not "
    "those that it lacks?",
}
"""Question that a ranking metric answers, where a table is ranked by several."""


def table_title(table: Table) -> str:
    """Heading of a table: which kind of comparison it is."""
    if table.drawn:
        return "Open track" if table.data.part == "test" else f"Open track, {table.data.part} part"
    return "Reproduction of 2020"


def caption(table: Table) -> str:
    """One sentence on the data that the rows were scored on."""
    data, noun = table.data, "specimen" if table.drawn else "model"
    return (
        f"{table_title(table)}: {data.recipe} {data.version}, {data.part} part of split "
        f"{data.split}: {_count(data.images, 'image')} of {_count(table.models, noun)}"
    )


def track_note(table: Table) -> str:
    """What the test measures, and what it cannot: a few sentences."""
    if table.drawn:
        text = f"Every specimen is drawn, and none has a sibling in the training.{_look_up(table)}"
        if _SEALED.search(table.data.recipe):
            return f"{text} Sealed: only the organiser has the seed that it was drawn from."
        if table.data.part == "dev":
            return f"{text} The truth of this part is public, for choosing settings."
        return (
            f"{text} Open seed: the seed that it was drawn from is public, so whoever runs "
            "tembench can simulate the truth."
        )
    return (
        "The models under test have siblings in the training, which differ by a column or an edge, "
        "so a method may know the scene: a look-up among the training images, which denoises "
        f"nothing, beats every network on such a split.{_look_up(table)} Ranks are those of a "
        "reproduction of the benchmark of 2020, not of denoising new specimens."
    )


def _look_up(table: Table) -> str:
    """What a look-up among the training images has over BM3D, where both are in the table."""
    margin = table.look_up_margin_db
    if margin is None:
        return ""
    metric = METRICS["psnr_db"]
    over = f"{value_text(metric, abs(margin))} {metric.unit}"
    text = f" The look-up ({LOOK_UP}) is {over} {'above' if margin > 0 else 'below'} {PLAIN_FILTER}"
    if table.drawn and margin > 0:
        return f"{text}: memory wins this test, so nothing is ranked."
    return f"{text}."


def rank_meaning(table: Table) -> str:
    """One sentence that defines a rank."""
    return (
        f"Rank by {table.ranked_by.title}: methods that cannot be told from the first of a rank "
        "share it; the next that is demonstrably worse begins a rank, whose number is its place. "
        "All pairs are compared together, specimen by specimen, so that equals share a rank in "
        f"about {table.confidence:.0%} of tests."
    )


def controls_note(table: Table) -> str:
    """One sentence on the controls, and which of those that bound a table it lacks."""
    missing = missing_controls(row.submission.name for row in table.rows if row.is_control)
    if len(missing) == len(BOUNDS):
        return "No control bounds this table."
    lacking = f"; {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return f"Controls bound the table and are not ranked{lacking if missing else ''}."


def rank_questions(table: Table) -> str:
    """The question that each ranking metric answers; empty where there is one such metric."""
    if not table.also_ranked_by:
        return ""
    asked = [
        f"{metric.title}: {_QUESTIONS[metric.name]}"
        for metric in (table.ranked_by, *table.also_ranked_by)
        if metric.name in _QUESTIONS
    ]
    return f"Each rank answers a question of its own. {' '.join(asked)}"


def controls_last(table: Table) -> Table:
    """The table with its controls below all methods, as every format shows it."""
    competing = [row for row in table.rows if not row.is_control]
    controls = [row for row in table.rows if row.is_control]
    return replace(table, rows=(*competing, *controls))


def shared_note(table: Table) -> str:
    """Meaning of the sign before a rank that is shared; empty where none is."""
    texts = [text for m in (None, *table.also_ranked_by) for text in rank_texts(table, m)]
    return "A rank after = is shared." if any("=" in text for text in texts) else ""


def reading_guide(table: Table, shown: Collection[str] = ()) -> str:
    """Explanation of intervals, ranks and marks, and of the columns shown (the usual ones)."""
    what = "specimens" if table.drawn else "atomic models"
    text = (
        f"Means are over {what}, which weigh equally, each the mean of its images. Intervals: "
        f"{table.confidence:.0%}, bootstrap over {what}. {rank_meaning(table)} "
    )
    text += " ".join(filter(None, [shared_note(table), controls_note(table)]))
    if table.models == 1:
        text += " One model gives no interval, so all methods share a rank."
    halves = rank_stability(table)
    further = any(metric.name in shown for metric in table.also_ranked_by)
    parts = [
        text,
        stability_text(halves, what) if halves else "",
        rank_questions(table) if further or not shown else "",
        track_note(table),
        *notes(table, shown),
    ]
    return " ".join(filter(None, parts))


def marks(row: TableRow) -> str:
    """Marks after the title of a row; usually none."""
    description = row.submission.description
    public = _SEALED.sub("", description.data.recipe)
    # Only rows of drawn recipes have worst cases; on a closed one all networks are trained on it.
    on_own = row.worst is not None and description.run.training_recipe == public
    return (
        SUBSET_MARK * row.on_subset
        + SERIES_MARK * row.sees_series
        + CLEAN_MARK * row.is_as_clean
        + SAME_MARK * bool(row.same_as)
        + TITLE_MARK * bool(row.titled_like)
        + OWN_MARK * on_own
        + MISSING_MARK * (row.submission.missing > 0)
    )


def notes(table: Table, shown: Collection[str] = ()) -> list[str]:
    """Meaning of each mark that is used in a table, and notes on the columns shown."""
    used = "".join(marks(row) for row in table.rows)
    meanings = {
        SUBSET_MARK: f"{SUBSET_MARK} Scored on a fixed subset of {table.subset_images} of the "
        f"{table.data.images} images: its means are over those, and it is compared with other "
        "rows, ranked and placed on those alone.",
        SERIES_MARK: f"{SERIES_MARK} Sees the whole series of an image, not the one image that "
        "others see: ranked among such methods alone.",
        CLEAN_MARK: f"{CLEAN_MARK} As good as the clean image itself ({CLEAN_PSNR_DB:g} dB and "
        f"more, or within {CLEAN_ERROR_E_PER_PX:g} e/px) on average or on {CLEAN_SHARE:.0%} of the "
        "images, which no method can be that sees the noisy image alone.",
        SAME_MARK: f"{SAME_MARK} Same images as another row, to {SAME_PSNR_DB:g} dB each, on "
        f"{SAME_SHARE:.0%} of them or more: {_groups(table, lambda row: row.same_as)}.",
        TITLE_MARK: f"{TITLE_MARK} A title that looks like another row's: "
        f"{_groups(table, lambda row: row.titled_like)}.",
        OWN_MARK: f"{OWN_MARK} Trained on draws of this very recipe; others never saw such images "
        "unless their training data say so.",
        MISSING_MARK: f"{MISSING_MARK} Lacks images, which count as the worst: {_missing(table)}.",
    }
    found = [text for mark, text in meanings.items() if mark in used]
    return [*found, *_seed_note(table), *_blank_note(table, shown), *_defined_note(table, shown)]


def _seed_note(table: Table) -> list[str]:
    """Meaning of the row of a network that was trained several times."""
    if not any(row.seed_means for row in table.rows):
        return []
    return [
        "A network that was trained several times with other seeds has one row, of mean scores; "
        "its interval is over specimens, not over trainings."
    ]


def _blank_note(table: Table, shown: Collection[str]) -> list[str]:
    """Metrics that some rows lack, since they were scored before these were introduced."""
    metrics = [m for m in table.metrics if not shown or m.name in shown]
    lacking: dict[str, list[str]] = {}
    for row in table.rows:
        for metric in metrics:
            if metric.name not in row.submission.metrics:
                lacking.setdefault(metric.title, []).append(row.submission.name)
    if not lacking:
        return []
    names = sorted({name for names in lacking.values() for name in names})
    rows = ", ".join([*names[:_MOST_NAMES], *(["..."] if len(names) > _MOST_NAMES else [])])
    titles = ", ".join([*list(lacking)[:_MOST_NAMES], *(["..."] * (len(lacking) > _MOST_NAMES))])
    return [f"{UNKNOWN} Scored before tembench had the metric ({titles}): {rows}."]


def _defined_note(table: Table, shown: Collection[str]) -> list[str]:
    """Number of specimens of the columns shown that some images do not define."""
    metrics = [m for m in table.metrics if m.name in shown] if shown else shown_columns(table)
    counts = {
        metric.title: max(row.values[metric.name].models for row in table.rows)
        for metric in metrics
    }
    fewer = [f"{title} {count}" for title, count in counts.items() if 0 < count < table.models]
    if not fewer:
        return []
    return [f"Defined for fewer of the {table.models} specimens: {', '.join(fewer)}."]


def _groups(table: Table, like: Callable[[TableRow], tuple[str, ...]]) -> str:
    """The first few groups of rows that are alike."""
    groups = {
        " = ".join(sorted((row.submission.name, *like(row))))[:120]: None
        for row in table.rows
        if like(row)
    }
    more = ["..."] * (len(groups) > _MOST_GROUPS)
    return ", ".join([*list(groups)[:_MOST_GROUPS], *more])


def _missing(table: Table) -> str:
    """The first few rows that lack images, with their numbers."""
    lacking = [row.submission for row in table.rows if row.submission.missing]
    found = [f"{one.name} ({one.missing} of {one.description.data.images})" for one in lacking]
    return ", ".join([*found[:_MOST_NAMES], *(["..."] if len(found) > _MOST_NAMES else [])])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def metric_heading(metric: Metric) -> str:
    """Title and unit."""
    return f"{metric.title}, {metric.unit}" if metric.unit else metric.title


def shown_columns(table: Table) -> list[Metric]:
    """Metrics of a rendered table, the ranking one first; CSV and JSON contain all metrics."""
    ranking = [table.ranked_by, *table.also_ranked_by]
    others = [m for m in table.metrics if m.name in _MAIN_METRICS and m not in ranking]
    return [*ranking, *others][: len(_MAIN_METRICS)]


def metrics_by_group(table: Table) -> list[tuple[str, list[Metric]]]:
    """All metrics of a table under the headings of the registry."""
    there = {metric.name for metric in table.metrics}
    groups = [
        (title, [METRICS[name] for name in names if name in there])
        for title, names in GROUPS.items()
    ]
    return [(title, metrics) for title, metrics in groups if metrics]


def rank_text(row: TableRow, metric: Metric | None = None) -> str:
    """The rank, or that by one of the table's further metrics; a dash where there is none.

    A method that sees a series has its mark before its rank, which is among such methods.
    """
    rank = row.rank if metric is None else row.other_ranks.get(metric.name)
    if rank is None:
        return UNKNOWN
    return f"{SERIES_MARK * row.sees_series}{rank}"


def rank_texts(table: Table, metric: Metric | None = None) -> list[str]:
    """The rank of every row, with = before one that several rows share: ``=3``."""
    ranks = [row.rank if metric is None else row.other_ranks[metric.name] for row in table.rows]
    # Methods that see a series are ranked among themselves.
    keys = [(row.sees_series, rank) for row, rank in zip(table.rows, ranks, strict=True)]
    counts = Counter(keys)
    texts = []
    for row, (series, rank) in zip(table.rows, keys, strict=True):
        text = rank_text(row, metric)
        is_shared = rank is not None and counts[series, rank] > 1
        texts.append(text.replace(f"{rank}", f"={rank}") if is_shared else text)
    return texts
