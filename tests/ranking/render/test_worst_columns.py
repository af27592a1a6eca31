"""Columns of worst cases: audits in tables of any recipe, and plain values."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest
from synthetic import drawn_scores, scores_of, submission_of

from tembench.ranking import AUDIT_BASE, AUDIT_CASES, AuditScores
from tembench.ranking.render.table_formats import render_table, table_summary
from tembench.ranking.render.text_columns import worst_columns
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions


def audited(submission: Submission, lost_db: float) -> Submission:
    """With an audit of three specimens that lose this much in the second case."""
    case = list(AUDIT_CASES)[1]
    rows = [
        (f"test-{n:05}", n, name, 40.0 - (lost_db + 0.1 * n) * (name == case), 0.9)
        for n in range(3)
        for name in (AUDIT_BASE, *AUDIT_CASES)
    ]
    scores = pd.DataFrame(rows, columns=["specimen", "image", "case", "psnr_db", "column_f1"])
    audit = AuditScores(
        method=submission.name, recipe="r", version="1.0.0", recipe_id="0" * 64, part="test",
        scores=scores,
    )  # fmt: skip
    return dataclasses.replace(submission, audit=audit)


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [False, True])
def test_the_worst_case_of_an_audit_is_a_column(drawn: bool) -> None:
    scores = drawn_scores(12) if drawn else scores_of()
    one, other = submission_of("one", scores), submission_of("other", scores)
    plain = [column.heading for column in worst_columns(table_of_submissions([one, other]))]
    assert not any("audit" in heading for heading in plain)
    assert bool(plain) == drawn
    table = table_of_submissions([audited(one, 6.0), other])
    lost, case = (c for c in worst_columns(table) if c.heading.startswith("audit"))
    assert lost.cells[0].startswith("6.10 (")
    assert lost.order == [pytest.approx(6.1), None]
    assert case.cells == [list(AUDIT_CASES.values())[1].title, "–"]
    summary = json.loads(json.dumps(table_summary(table), allow_nan=False))
    assert summary["rows"][0]["audit"]["case"] == list(AUDIT_CASES)[1]
    assert summary["rows"][1]["audit"] is None
    assert case.cells[0] in render_table(table, "terminal", width=200, show="worst")
    assert "Where they are worst" in render_table(table, "html")
    assert "**Worst cases**" in render_table(table, "markdown")
