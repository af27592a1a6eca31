"""Table of submissions: checked for comparability, ordered and ranked.

A row scored on the fixed subset of the test is compared with other rows on the images that both
have. Its mean, which is over the subset, is therefore not compared with means over the whole test:
the row is placed below as many rows of the whole test as are better on the subset's images. This
needs no estimate and no reference row, and keeps rows of the subset in the order of their means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tembench.core import TableError
from tembench.metrics import METRICS, Metric
from tembench.ranking.comparable import refuse_to_mix, whole_of
from tembench.ranking.flags import is_as_clean, same_scores
from tembench.ranking.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Interval,
    Resampling,
    find_worst_cases,
    image_groups,
    interval,
    resampling,
    shared_ranks,
    worst_case,
)
from tembench.ranking.submission import Submission
from tembench.ranking.table_rows import Table, TableRow
from tembench.ranking.training_seeds import merge_trainings
from tembench.ranking.untrusted import is_drawn

RANKED_BY = "psnr_db"
"""Default metric for ranking."""
ALSO_RANKED_BY = ("site_shown_difference",)
"""Metrics by which a table of a drawn recipe is ranked too."""
REFERENCES = ("bm3d-open", "bm3d")
"""Rows that others are compared with by default: the first of them that a table has."""


def table_of_submissions(
    submissions: Sequence[Submission], *, ranked_by: str = RANKED_BY, reference: str = ""
) -> Table:
    """Make the table of checked submissions.

    Parameters
    ----------
    submissions : sequence of Submission
        Of one part of one data set.
    ranked_by : str
        Name of the metric used for ranking.
    reference : str
        Name of the row that others are compared with, where it is among them; by default the first
        of `REFERENCES`.

    Raises
    ------
    TableError
        If the submissions are not comparable, or all lack the ranking metric.
    """
    refuse_to_mix(submissions)
    merged, seed_means = merge_trainings(submissions, ranked_by)
    first = whole_of(merged)
    versions = {name: n for one in merged for name, n in one.metrics.items()}
    metrics = tuple(METRICS[name] for name in METRICS if name in versions)
    if ranked_by not in versions:
        raise TableError(
            f"the submissions were not scored by {ranked_by!r}",
            expected=f"one of {', '.join(metric.name for metric in metrics)}",
            got=ranked_by,
            remedy="rank by another metric, or score and submit the outputs again",
        )
    main, drawn = METRICS[ranked_by], is_drawn(first.scores)
    also = tuple(m for m in metrics if drawn and m.name in ALSO_RANKED_BY and m is not main)
    images = first.scores["image"].to_numpy()
    draws = resampling(list(first.scores["model"]))
    rows = _ordered([_row(s, metrics, images, draws) for s in merged], main)
    ranks = {metric.name: _ranks(rows, images, metric, draws) for metric in (main, *also)}
    same = same_scores(merged)
    groups = image_groups(first.scores) if drawn else []
    by_name = {row.submission.name: row for row in rows}
    wanted = (reference,) if reference else REFERENCES
    compared = next((by_name[name] for name in wanted if name in by_name), None)
    theirs = None if compared is None else _on_all(compared, images, main)
    finished = (
        replace(
            row,
            rank=ranks[main.name][number],
            other_ranks={metric.name: ranks[metric.name][number] for metric in also},
            is_as_clean=is_as_clean(row.submission),
            same_as=same.get(row.submission.name, ()),
            seed_means=seed_means.get(row.submission.name, ()),
            audited=None if row.submission.audit is None else worst_case(row.submission.audit),
            worst=find_worst_cases(
                _on_all(row, images, main),
                None if row is compared else theirs,
                groups,
                draws,
                _sign(main),
            )
            if drawn
            else None,
        )
        for number, row in enumerate(rows)
    )
    table = Table(
        rows=tuple(finished),
        ranked_by=main,
        also_ranked_by=also,
        drawn=drawn,
        reference="" if compared is None else compared.submission.name,
        data=first.description.data,
        models=draws.models,
        metrics=metrics,
        versions=versions,
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
    )
    margin = table.look_up_margin_db
    return _unranked(table) if drawn and margin is not None and margin > 0 else table


def _unranked(table: Table) -> Table:
    """The table without ranks: a look-up among the training images wins it."""
    rows = [
        replace(row, rank=None, other_ranks=dict.fromkeys(row.other_ranks)) for row in table.rows
    ]
    return replace(table, rows=tuple(rows))


def _row(
    submission: Submission, metrics: Sequence[Metric], images: np.ndarray, draws: Resampling
) -> TableRow:
    scored = np.isin(images, submission.scores["image"])
    draws = draws.among(scored)
    unknown = Interval(mean=math.nan, low=math.nan, high=math.nan)
    values = {
        metric.name: interval(submission.scores[metric.name].to_numpy(dtype=np.float64), draws)
        if metric.name in submission.metrics
        else unknown
        for metric in metrics
    }
    on_subset = not bool(scored.all())
    return TableRow(
        submission=submission, rank=None, other_ranks={}, values=values, on_subset=on_subset
    )


def _ranks(
    rows: Sequence[TableRow], images: np.ndarray, metric: Metric, draws: Resampling
) -> list[int | None]:
    """Rank of each row; those that see a series are ranked among themselves."""
    found: list[int | None] = [None] * len(rows)
    for series in (False, True):
        ranked = [
            number
            for number, row in enumerate(rows)
            if not row.is_control and row.sees_series == series and row.values[metric.name].models
        ]
        scores = [_sign(metric) * _on_all(rows[number], images, metric) for number in ranked]
        for number, rank in zip(ranked, shared_ranks(scores, draws), strict=True):
            found[number] = rank
    return found


def _on_all(row: TableRow, images: np.ndarray, metric: Metric) -> np.ndarray:
    """Scores of a row for all images of the table; NaN where it has none."""
    scores = row.submission.scores
    found = np.full(len(images), np.nan)
    if metric.name in scores:
        found[np.isin(images, scores["image"])] = scores[metric.name]
    return found


def _ordered(rows: Sequence[TableRow], main: Metric) -> list[TableRow]:
    """Best first; rows of the subset below the rows that are better on the subset's images."""
    best_first = sorted(rows, key=lambda row: _order(row, main))
    whole = [row for row in best_first if not row.on_subset]
    keys = {id(row): (position, 1) for position, row in enumerate(whole)}
    for row in best_first:
        if row.on_subset:
            own = _mean_on(row, row, main)
            keys[id(row)] = (sum(_mean_on(row, other, main) > own for other in whole), 0)
    return sorted(best_first, key=lambda row: keys[id(row)])


def _mean_on(subset: TableRow, row: TableRow, metric: Metric) -> float:
    """Mean of a row over the images of a row on the subset; higher is better."""
    scores = row.submission.scores
    if metric.name not in scores:
        return -math.inf
    there = scores[np.isin(scores["image"], subset.submission.scores["image"])]
    with np.errstate(invalid="ignore"):
        return _sign(metric) * resampling(list(there["model"]), resamples=1).mean(
            there[metric.name].to_numpy(dtype=np.float64)
        )


def _sign(metric: Metric) -> float:
    """Sign that makes higher values of a metric better."""
    return 1.0 if metric.direction == "higher" else -1.0


def _order(row: TableRow, main: Metric) -> tuple[float, float, str]:
    # Ties are broken by SSIM, then by name, so that the order is always the same.
    first = _sign(main) * row.values[main.name].mean
    second = row.values["ssim"].mean if "ssim" in row.values else 0.0
    return (math.inf if math.isnan(first) else -first, -second, row.submission.name)
