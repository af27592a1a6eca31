"""Rows that are as good as the truth, or the same as another row, are marked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from spoiled_submissions import edit, set_score

from tembench.ranking.render.captions import marks, notes
from tembench.ranking.render.table_formats import render_table
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_folders import build_table


def copy_as(folder: Path, name: str, copy: str) -> Path:
    path = Path(shutil.copytree(folder / name, folder / copy))
    edit(path, None, name=copy)
    edit(path, "method", name=copy, title=copy, kind="classical", input="noisy")
    return path


@pytest.mark.slow
def test_the_truth_under_another_name_is_marked(folder: Path) -> None:
    copy_as(folder, "clean", "too-good")
    table = build_table(folder)
    row = next(row for row in table.rows if row.submission.name == "too-good")
    assert (row.is_as_clean, row.same_as, marks(row)) == (True, ("clean",), "§¶")
    assert not any(row.is_as_clean for row in table.rows if row.submission.name != "too-good")
    for form in ("terminal", "markdown", "html"):
        assert "As good as the clean image itself" in " ".join(render_table(table, form).split())


@pytest.mark.slow
def test_a_copy_is_marked_even_if_it_is_changed_a_little(folder: Path) -> None:
    copy = copy_as(folder, "good", "mine")
    value = float(check_submission(copy).scores["psnr_db"][0])
    set_score(copy, 1, "psnr_db", repr(value + 5e-4))
    same = {row.submission.name: row.same_as for row in build_table(folder).rows if row.same_as}
    assert same == {"good": ("mine",), "mine": ("good",)}
    assert "good = mine" in " ".join(notes(build_table(folder)))


@pytest.mark.slow
def test_honest_rows_have_no_mark(submitted: Path) -> None:
    assert not any(marks(row) for row in build_table(submitted).rows)
