"""Table of submissions: checked for comparability, bounded by controls, ordered and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tembench.core import TableError
from tembench.metrics import METRICS, Metric
from tembench.ranking.bounding_controls import refuse_to_exceed_controls
from tembench.ranking.comparable import refuse_to_mix, whole_of
from tembench.ranking.flags import is_as_clean, same_scores, same_titles
from tembench.ranking.statistics import (
    CONFIDENCE,
    RESAMPLES,
    ImageGroup,
    Interval,
    WorstCases,
    find_worst_cases,
    image_groups,
    intervals,
    worst_case,
)
from tembench.ranking.submission import Submission
from tembench.ranking.table_ranks import TableScores, sign_of
from tembench.ranking.table_rows import Table, TableRow
from tembench.ranking.training_seeds import merge_trainings
from tembench.ranking.untrusted import is_drawn

RANKED_BY = "psnr_db"
"""Default metric for ranking."""
ALSO_RANKED_BY = ("site_shown_difference",)
"""Metrics by which a table of a drawn recipe is ranked too."""
# 26 MB of scores of 800 images.
_ROWS_AT_A_TIME = 4096
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
    scores = TableScores.of_submissions(merged, first).sorted_by(main)
    refuse_to_exceed_controls(scores, metrics)
    names = [submission.name for submission in scores.submissions]
    wanted = (reference,) if reference else REFERENCES
    compared = next((name for name in wanted if name in names), "")
    groups = image_groups(first.scores) if drawn else None
    table = Table(
        rows=tuple(_rows(scores, metrics, main, also, groups, compared, seed_means)),
        ranked_by=main,
        also_ranked_by=also,
        drawn=drawn,
        reference=compared,
        data=first.description.data,
        models=scores.draws.models,
        metrics=metrics,
        versions=versions,
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
    )
    return table if table.is_ranked else _unranked(table)


def _unranked(table: Table) -> Table:
    """The table without ranks: a look-up among the training images wins it."""
    rows = [
        replace(row, rank=None, rank_range=None, other_ranks=dict.fromkeys(row.other_ranks))
        for row in table.rows
    ]
    return replace(table, rows=tuple(rows))


def _rows(
    scores: TableScores,
    metrics: Sequence[Metric],
    main: Metric,
    also: Sequence[Metric],
    groups: Sequence[ImageGroup] | None,
    reference: str,
    seed_means: Mapping[str, tuple[float, ...]],
) -> list[TableRow]:
    """Rows of the table, in the order of the scores."""
    values = _intervals(scores, metrics)
    ranked = {metric.name: scores.ranks(metric) for metric in (main, *also)}
    ranks = {name: [one.rank for one in found] for name, found in ranked.items()}
    same = same_scores(scores.submissions)
    alike = same_titles(scores.submissions)
    worst: Sequence[WorstCases | None] = [None] * len(scores.submissions)
    if groups is not None:
        names = [submission.name for submission in scores.submissions]
        compared = names.index(reference) if reference else None
        worst = find_worst_cases(scores.of(main), compared, groups, scores.draws, sign_of(main))
    rows = []
    for number, submission in enumerate(scores.submissions):
        rows.append(
            TableRow(
                submission=submission,
                rank=ranks[main.name][number],
                rank_range=ranked[main.name][number].range,
                other_ranks={metric.name: ranks[metric.name][number] for metric in also},
                values={name: found[number] for name, found in values.items()},
                on_subset=bool(scores.on_subset[number]),
                is_as_clean=is_as_clean(submission),
                same_as=same.get(submission.name, ()),
                titled_like=alike.get(submission.name, ()),
                seed_means=seed_means.get(submission.name, ()),
                audited=None if submission.audit is None else worst_case(submission.audit),
                worst=worst[number],
            )
        )
    return rows


def _intervals(scores: TableScores, metrics: Sequence[Metric]) -> Mapping[str, Sequence[Interval]]:
    """Interval of each row by metric; some metrics at a time, which often have the same images."""
    found: dict[str, Sequence[Interval]] = {}
    count = len(scores.submissions)
    at_a_time = max(1, _ROWS_AT_A_TIME // count)
    for start in range(0, len(metrics), at_a_time):
        some = metrics[start : start + at_a_time]
        values = intervals(np.concatenate([scores.of(metric) for metric in some]), scores.draws)
        for number, metric in enumerate(some):
            found[metric.name] = values[number * count : (number + 1) * count]
    return found
