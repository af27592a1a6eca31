"""Folders of submissions: found in folders of recipes, and sorted into tables."""

from __future__ import annotations

import dataclasses
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
from spoiled_submissions import edit
from synthetic import drawn_scores, scores_of, submission_of

from tembench.core.errors import OutputError, TableError
from tembench.ranking import submission_folders
from tembench.ranking.submission_folders import build_table, build_tables, check_submissions


@pytest.fixture
def mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submissions of two recipes and three parts, whatever the folder."""
    closed = submission_of("unet", scores_of())
    data = closed.description.data
    own = {"recipe_id": "1" * 64}
    found = [
        dataclasses.replace(closed, description=dataclasses.replace(closed.description, data=data)),
        *(
            submission_of(name, drawn_scores(12, part=part), recipe="open", part=part)
            for name, part in (("bm3d", "dev"), ("unet", "test"), ("bm3d", "test"))
        ),
    ]
    drawn = [
        dataclasses.replace(
            one,
            description=dataclasses.replace(
                one.description, data=dataclasses.replace(one.description.data, **own)
            ),
        )
        for one in found[1:]
    ]
    both = [found[0], *drawn]
    monkeypatch.setattr(submission_folders, "check_submissions", lambda _, workers=0: both)


@pytest.mark.slow
def test_tables_of_drawn_recipes_come_first(mixed: None, tmp_path: Path) -> None:
    tables = build_tables(tmp_path)
    names = [(table.data.recipe, table.data.part, len(table.rows)) for table in tables]
    assert names == [("open", "test", 2), ("open", "dev", 1), ("tiny", "test", 1)]
    assert [t.data.part for t in build_tables(tmp_path, part="dev")] == ["dev"]
    assert [t.data.recipe for t in build_tables(tmp_path, recipe="tiny")] == ["tiny"]
    with pytest.raises(TableError, match=r"expected open \(dev part\), .*got else \(dev part\)"):
        build_tables(tmp_path, recipe="else", part="dev")
    with pytest.raises(TableError, match="recipe ids of 'unet' and 'bm3d' differ"):
        build_table(tmp_path)


@pytest.mark.slow
def test_submissions_are_found_in_folders_of_recipes(submitted: Path, tmp_path: Path) -> None:
    for name, place in (("good", "tiny/good"), ("noisy", "tiny/noisy"), ("clean", "clean")):
        shutil.copytree(submitted / name, tmp_path / place)
    (tmp_path / ".hidden" / "good").mkdir(parents=True)
    assert {row.submission.name for row in build_table(tmp_path).rows} == {"good", "noisy", "clean"}
    assert len(build_tables(tmp_path)) == 1
    assert len(build_table(tmp_path / "tiny").rows) == 2
    (tmp_path / "tiny" / "good" / "submission.toml").unlink()
    with pytest.raises(OutputError, match=r"tiny.good: submission.toml is missing"):
        build_table(tmp_path)


@pytest.mark.slow
def test_rows_of_the_subset_are_in_the_table_of_the_test(folder: Path) -> None:
    edit(folder / "poor", "data", part="test-full")
    assert [table.data.part for table in build_tables(folder)] == ["test", "test-full"]


def test_the_first_submission_that_breaks_a_rule_is_named(folder: Path) -> None:
    for name, title in (("noisy", "x" * 81), ("poor", "")):
        edit(folder / name, "method", title=title)
    with pytest.raises(OutputError, match=r"noisy/submission.toml: method.title"):
        check_submissions(folder)


@pytest.mark.parametrize("raised", [OutputError, KeyboardInterrupt])
def test_after_an_error_or_interruption_no_more_are_checked(
    raised: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        (tmp_path / f"row-{number:03}").mkdir()
        (tmp_path / f"row-{number:03}" / "submission.toml").touch()
    checked = []

    def check(path: Path) -> str:
        checked.append(path.name)
        if path.name == "row-001":
            raise raised("wrong")
        time.sleep(0.002)
        return path.name

    monkeypatch.setattr(submission_folders, "check_submission", check)
    with pytest.raises(raised, match="wrong"):
        check_submissions(tmp_path)
    assert len(checked) < 100


@pytest.mark.slow
def test_processes_find_what_threads_find(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission_folders, "_ENOUGH_FOR_PROCESSES", 2)
    here, there = (check_submissions(folder, workers=workers) for workers in (0, 2))
    assert [one.name for one in here] == [one.name for one in there]
    for one, other in zip(here, there, strict=True):
        pd.testing.assert_frame_equal(one.scores, other.scores)
        assert (one.path, one.metrics, one.panel) == (other.path, other.metrics, other.panel)
    (folder / "poor" / "scores.csv").unlink()
    (folder / "noisy" / "panel.png").unlink()
    # The first in the order of paths.
    with pytest.raises(OutputError, match=r"noisy: panel.png is missing"):
        check_submissions(folder, workers=2)
