"""Ranks of a table's rows by any of its metrics, and their ranges."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import drawn_scores, scores_of, submission_of

from tembench.metrics import METRICS
from tembench.ranking import ranks_by
from tembench.ranking.render.table_formats import table_summary
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions

IMAGES = 40


def row(name: str, psnr_db: float, f1: float, *, images: int = IMAGES, **how: str) -> Submission:
    rng = np.random.default_rng(len(name))
    scores = scores_of(IMAGES).assign(mse=0.004, skill=0.6)
    scores["psnr_db"] = psnr_db + rng.normal(0, 0.1, IMAGES)
    scores["column_f1"] = f1 + rng.normal(0, 0.01, IMAGES)
    return submission_of(name, scores.iloc[:images], **how)


@pytest.fixture
def submissions() -> list[Submission]:
    return [
        row("a", 35.0, 0.3),
        row("bb", 35.0, 0.5),
        row("ccc", 33.0, 0.7),
        row("few", 34.0, 0.9, images=12, part="test-subset"),
        row("series", 36.0, 0.1, given="series"),
        row("noisy", 20.0, 0.99, kind="control"),
    ]


def test_ranks_by_a_metric_are_those_of_a_table_ranked_by_it(submissions: list[Submission]) -> None:
    table = table_of_submissions(submissions)
    for metric in ("psnr_db", "column_f1", "ssim"):
        other = table_of_submissions(submissions, ranked_by=metric)
        expected = {one.submission.name: one.rank for one in other.rows}
        names = [one.submission.name for one in table.rows]
        assert dict(zip(names, ranks_by(table, metric), strict=True)) == expected
    names = [one.submission.name for one in table.rows]
    assert names == ["series", "bb", "a", "few", "ccc", "noisy"]
    assert ranks_by(table, "psnr_db") == [1, 1, 1, 3, 4, None]
    assert ranks_by(table, "column_f1") == [1, 3, 4, 1, 2, None]


def test_ranges_of_ranks(submissions: list[Submission]) -> None:
    table = table_of_submissions(submissions)
    assert [one.rank_range for one in table.rows] == [
        (1, 1), (1, 2), (1, 2), (3, 3), (4, 4), None,
    ]  # fmt: skip
    assert table_summary(table)["rows"][1]["rank_range"] == [1, 2]
    frame = table.to_dataframe()
    assert frame.loc["a", ["rank", "rank_best", "rank_worst"]].tolist() == [1, 1, 2]
    assert frame["rank_best"].isna().tolist() == [False] * 5 + [True]


def test_a_row_without_the_metric_has_no_rank() -> None:
    old = submission_of("old", scores_of(IMAGES, 1), lacking=("ssim", "mse", "skill"))
    new = submission_of("new", scores_of(IMAGES, 2), lacking=("mse", "skill"))
    table = table_of_submissions([old, new])
    ranks = dict(zip((r.submission.name for r in table.rows), ranks_by(table, "ssim"), strict=True))
    assert ranks == {"new": 1, "old": None}


def test_where_memory_wins_nothing_is_ranked_by_any_metric() -> None:
    rows = [
        submission_of(name, drawn_scores(12).assign(psnr_db=psnr), kind=kind)
        for name, psnr, kind in (
            ("bm3d", 30.0, "classical"), ("dictionary", 40.0, "control"),
        )
    ]  # fmt: skip
    table = table_of_submissions(rows)
    assert not table.is_ranked
    assert [one.rank_range for one in table.rows] == [None, None]
    assert all(ranks_by(table, name) == [None, None] for name in METRICS)
