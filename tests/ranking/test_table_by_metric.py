"""A table ranked by another metric than the PSNR."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from synthetic import scores_of, submission_of

from tembench.cli import cli
from tembench.core.errors import TableError
from tembench.metrics import METRICS
from tembench.ranking.render.axis import interval_axis
from tembench.ranking.render.captions import rank_meaning, reading_guide, shown_columns
from tembench.ranking.render.table_figure import table_image
from tembench.ranking.render.table_formats import render_table, table_summary
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions


def submissions() -> list[Submission]:
    """Whose PSNR rises, SSIM falls, and error falls, from the first to the last."""
    found = []
    for number, name in enumerate(("low", "middle", "high")):
        error = 0.004 / (1 + number)
        scores = scores_of().assign(mse=error, skill=1 - error / 0.01)
        jitter = np.random.default_rng(number).normal(0, 0.01, len(scores))
        scores["psnr_db"] = 28.0 + number + jitter
        scores["ssim"] = 0.9 - 0.1 * number + 0.01 * jitter
        scores["position_error_pm"] = 30.0 - 5 * number + jitter
        found.append(submission_of(name, scores))
    return found


@pytest.mark.parametrize(
    ("metric", "order"),
    [
        ("psnr_db", ["high", "middle", "low"]),
        ("ssim", ["low", "middle", "high"]),
        ("position_error_pm", ["high", "middle", "low"]),
        ("mse", ["high", "middle", "low"]),
    ],
)
def test_order_and_ranks_follow_the_metric(metric: str, order: list[str]) -> None:
    table = table_of_submissions(submissions(), ranked_by=metric)
    assert [row.submission.name for row in table.rows] == order
    assert [row.rank for row in table.rows] == [1, 2, 3]
    assert table.ranked_by is METRICS[metric]
    assert table_summary(table)["ranked_by"] == metric


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_can_rank(metric: str, tmp_path: Path) -> None:
    table = table_of_submissions(submissions(), ranked_by=metric)
    title = METRICS[metric].title
    assert f"Rank by {title}: " in reading_guide(table)
    columns = shown_columns(table)
    assert columns[0].name == metric
    assert len(columns) == len({column.name for column in columns}) == 6
    scale = interval_axis(table)
    assert 2 <= len(scale.ticks) <= 7
    assert sum(scale.includes(row.values[metric].mean) for row in table.rows) == 3
    for width in (50, 80, 104):
        text = render_table(table, "terminal", width=width)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
    assert rank_meaning(table) in render_table(table, "markdown")
    html = render_table(table, "html")
    assert f"ranked by mean {title}" in html
    assert html.count('aria-sort="ascending"') - html.count('[aria-sort="ascending"') == (
        METRICS[metric].direction == "lower"
    )


@pytest.mark.slow
def test_the_picture_is_of_the_metric_that_ranks(tmp_path: Path) -> None:
    files = [
        table_image(
            table_of_submissions(submissions(), ranked_by=metric), tmp_path / f"{metric}.png"
        )
        for metric in ("psnr_db", "vacuum_false_per_nm2")
    ]
    assert files[0].read_bytes() != files[1].read_bytes()


@pytest.mark.slow
def test_what_is_not_finite_is_ranked_too() -> None:
    best, worst, other = submissions()
    best.scores["llr_columns"] = math.inf
    worst.scores["llr_columns"] = [math.inf, -math.inf] * 6
    table = table_of_submissions([worst, other, best], ranked_by="llr_columns")
    assert [row.submission.name for row in table.rows] == ["low", "high", "middle"]
    assert table.rows[0].rank == 1
    for form in ("terminal", "markdown", "html", "csv", "json"):
        assert render_table(table, form)


def test_a_metric_that_was_not_scored() -> None:
    lacking = submission_of("old", scores_of(), lacking=("site_accuracy",))
    with pytest.raises(TableError, match="not scored by 'site_accuracy'; expected one of psnr_db"):
        table_of_submissions([lacking], ranked_by="site_accuracy")
    assert len(table_of_submissions([lacking]).metrics) == len(METRICS) - 1


def test_an_unknown_metric_is_a_slip_of_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["leaderboard", str(tmp_path), "--rank-by", "beauty"])
    assert result.exit_code == 2
    assert "'beauty' is not one of psnr_db, ssim" in result.output
