"""Untrusted text is not a formula in CSV and not a link in Markdown."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from spoiled_submissions import edit

from tembench.ranking.render.table_formats import render_table
from tembench.ranking.submission_folders import build_table


@pytest.mark.slow
@pytest.mark.parametrize("text", ["=1+1", " =1+1", "＝1+1", "  ＋1", "－1", "＠SUM(1)", "@SUM(1)"])
def test_no_cell_of_the_csv_is_a_formula(folder: Path, text: str) -> None:
    edit(folder / "good", "method", title=text)
    rows = list(csv.DictReader(render_table(build_table(folder), "csv").splitlines()))
    assert f"'{text}" in [row["title"] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["https://a.example", "WWW.a.example", "@someone", "a@b.example", "#12", "mailto:a"]
)
def test_nothing_in_markdown_becomes_a_link_or_a_mention(folder: Path, text: str) -> None:
    edit(folder / "good", "method", title=text)
    assert text not in render_table(build_table(folder), "markdown")
