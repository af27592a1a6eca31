"""Table of submissions: checked for comparability, ordered and ranked.

A row scored on the fixed subset of the test is compared with other rows on the images that both
have. Its mean, which is over the subset, is therefore not compared with means over the whole test:
the row is placed below as many rows of the whole test as are better on the subset's images. This
needs no estimate and no reference row, and keeps rows of the subset in the order of their means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tembench.core import OutputError, TableError
from tembench.leaderboard.comparable import refuse_to_mix, whole_of
from tembench.leaderboard.flags import is_as_clean, same_scores
from tembench.leaderboard.ranking import shared_ranks
from tembench.leaderboard.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Interval,
    Resampling,
    interval,
    resampling,
)
from tembench.leaderboard.submission import SUBMISSION_TOML, Submission, check_submission
from tembench.leaderboard.untrusted import DataInfo
from tembench.metrics import METRICS, Metric, mean

_ROWS_SHOWN = 5
RANKED_BY = "psnr_db"
"""Default metric for ranking."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TableRow:
    """One method of a table.

    Attributes
    ----------
    submission : Submission
        The submission with all scores.
    rank : int or None
        None for a control; shared by methods that are not demonstrably different.
    values : Mapping of str to Interval
        Mean over the images and its interval over models, by metric.
    on_subset : bool
        Whether it was scored only on the fixed subset of the table's images.
    is_as_clean : bool
        Whether it is as good as the clean images without being a control.
    same_as : tuple of str
        Names of other rows with identical scores.
    """

    submission: Submission
    rank: int | None
    values: Mapping[str, Interval]
    on_subset: bool
    is_as_clean: bool = False
    same_as: tuple[str, ...] = ()

    @property
    def is_control(self) -> bool:
        """Whether the row bounds the table rather than competes in it."""
        return self.submission.description.method.is_control

    @property
    def seconds_per_image(self) -> float | None:
        """Median run time per image, in seconds; None if it was not measured."""
        return self.submission.description.run.seconds_per_image


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A leaderboard.

    Attributes
    ----------
    rows : tuple of Row
        Best mean of the ranking metric first, controls included; for rows on the subset, see the
        module's docstring.
    ranked_by : Metric
        Metric used for ranking.
    data : DataInfo
        Images of the table: those of all rows that are not on the subset.
    models : int
        Number of atomic models that the images show.
    metrics : tuple of Metric
        The columns.
    versions : Mapping
        Version of each metric.
    confidence, resamples : float, int
        Confidence and number of bootstrap draws of the intervals.
    """

    rows: tuple[TableRow, ...]
    ranked_by: Metric
    data: DataInfo
    models: int
    metrics: tuple[Metric, ...]
    versions: Mapping[str, int]
    confidence: float
    resamples: int

    def __repr__(self) -> str:
        """Data of the table, and its first rows."""
        data, metric = self.data, self.ranked_by
        lines = [
            f"Table of {len(self.rows)} methods on {data.images} images of {data.recipe} "
            f"{data.version}, {data.part} part of split {data.split}, by {metric.name}"
        ]
        for row in self.rows[:_ROWS_SHOWN]:
            value = row.values[metric.name].mean
            lines.append(f"  {row.rank or '-'}  {row.submission.name}  {value:.{metric.decimals}f}")
        more = len(self.rows) - _ROWS_SHOWN
        return "\n".join(lines + [f"  and {more} more"] * (more > 0))

    @property
    def subset_images(self) -> int:
        """Number of images of the subset; 0 if no row is on it."""
        return max(row.submission.description.data.images * row.on_subset for row in self.rows)


def build_table(folder: Path, *, ranked_by: str = RANKED_BY) -> Table:
    """Make the table of all submissions in a folder.

    Parameters
    ----------
    folder : Path
        Contains one folder per submission; hidden folders are skipped.
    ranked_by : str
        Name of the metric used for ranking.

    Raises
    ------
    OutputError
        If a submission breaks a rule (the message names it), or there is none.
    TableError
        If two submissions are not comparable, or lack the ranking metric.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(
            "no such folder",
            where=str(folder),
            expected="a folder of submissions",
            remedy="make one with: tembench submit OUTPUTS --name NAME; the benchmark's own rows "
            "are in the folder submissions of its source code, not in an installed package",
        )
    if (folder / SUBMISSION_TOML).is_file():
        return table_of_submissions([check_submission(folder)], ranked_by=ranked_by)
    paths = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not paths:
        raise OutputError(
            "no submissions here",
            where=str(folder),
            expected=f"folders with a {SUBMISSION_TOML}",
            remedy="make one with: tembench submit OUTPUTS --name NAME",
        )
    return table_of_submissions([check_submission(path) for path in paths], ranked_by=ranked_by)


def table_of_submissions(submissions: Sequence[Submission], *, ranked_by: str = RANKED_BY) -> Table:
    """Make the table of checked submissions; TableError if they are not comparable."""
    refuse_to_mix(submissions)
    first = whole_of(submissions)
    if ranked_by not in first.metrics:
        raise TableError(
            f"the submissions were not scored by {ranked_by!r}",
            expected=f"one of {', '.join(first.metrics)}",
            got=ranked_by,
            remedy="rank by another metric, or score and submit the outputs again",
        )
    main = METRICS[ranked_by]
    images = first.scores["image"].to_numpy()
    draws = resampling(list(first.scores["model"]))
    metrics = tuple(METRICS[name] for name in METRICS if name in first.metrics)
    rows = _ordered([_row(s, metrics, images, draws) for s in submissions], main)
    ranked = [row for row in rows if not row.is_control]
    ranks = shared_ranks([_on_all(row, images, main) for row in ranked], draws)
    rank_of = dict(zip(map(id, ranked), ranks, strict=True))
    same = same_scores(submissions)
    return Table(
        rows=tuple(
            replace(
                row,
                rank=rank_of.get(id(row)),
                is_as_clean=is_as_clean(row.submission),
                same_as=same.get(row.submission.name, ()),
            )
            for row in rows
        ),
        ranked_by=main,
        data=first.description.data,
        models=draws.models,
        metrics=metrics,
        versions=dict(first.metrics),
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
    )


def _row(
    submission: Submission, metrics: Sequence[Metric], images: np.ndarray, draws: Resampling
) -> TableRow:
    scored = np.isin(images, submission.scores["image"])
    draws = draws.among(scored)
    values = {
        metric.name: interval(submission.scores[metric.name].to_numpy(dtype=np.float64), draws)
        for metric in metrics
    }
    on_subset = not bool(scored.all())
    return TableRow(submission=submission, rank=None, values=values, on_subset=on_subset)


def _on_all(row: TableRow, images: np.ndarray, metric: Metric) -> np.ndarray:
    """Scores of a row for all images of the table, higher is better; NaN where it has none."""
    scores = row.submission.scores
    found = np.full(len(images), np.nan)
    found[np.isin(images, scores["image"])] = _sign(metric) * scores[metric.name]
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
    there = np.isin(scores["image"], subset.submission.scores["image"])
    with np.errstate(invalid="ignore"):
        return _sign(metric) * mean(scores[metric.name][there])


def _sign(metric: Metric) -> float:
    """Sign that makes higher values of a metric better."""
    return 1.0 if metric.direction == "higher" else -1.0


def _order(row: TableRow, main: Metric) -> tuple[float, float, str]:
    # Ties are broken by SSIM, then by name, so that the order is always the same.
    first = _sign(main) * row.values[main.name].mean
    second = row.values["ssim"].mean if "ssim" in row.values else 0.0
    return (math.inf if math.isnan(first) else -first, -second, row.submission.name)
