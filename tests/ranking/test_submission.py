"""Submissions: made of scored outputs, and refused if they break a rule."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ranking_fakes import FakeStore
from spoiled_submissions import edit

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.metrics import METRICS, versions
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.scoring.score import score_outputs
from tembench.ranking.scoring.scores_file import read_scores
from tembench.ranking.submission import check_submission, examine_submission, mistake_text


def edit_scores(submission: Path, change: Callable[[list[list[str]]], Any]) -> None:
    """Change cells, and what is recorded of them, as a cheat would."""
    path = submission / "scores.csv"
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    change(lines)
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    edit(submission, "scores", sha256=digest, models=len({line[1] for line in lines[1:]}))


def set_cell(row: int, column: str, text: str) -> Callable[[list[list[str]]], None]:
    def change(lines: list[list[str]]) -> None:
        lines[row][lines[0].index(column)] = text

    return change


def test_a_submission_reads_back(scored: Path, submitted: Path) -> None:
    found = check_submission(submitted / "good")
    assert found.name == "good"
    assert found.description.method.title == "Good"
    assert found.description.method.parameters == {"sigma_px": 6.0, "scales": [1, 2]}
    assert found.description.run.training_seconds is None
    assert found.metrics == versions()
    expected = read_scores(scored / "good" / "scores.csv")
    pd.testing.assert_frame_equal(found.scores, expected, check_exact=True)
    assert found.panel == (scored / "good" / "panel.png").read_bytes()
    digest = hashlib.sha256((submitted / "good" / "scores.csv").read_bytes()).hexdigest()
    assert found.scores_sha256 == digest


def test_a_submission_needs_nothing_but_its_files(submitted: Path) -> None:
    assert {path.name for path in (submitted / "good").iterdir()} == {
        "submission.toml",
        "scores.csv",
        "panel.png",
        "shown.png",
        "shown.csv",
    }


def test_submitting_again_replaces_the_whole_folder(
    scored: Path, submitted: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "submissions"
    first = submit_outputs(scored / "good", "mine", folder)
    (first / "README.md").write_text("About it.")
    second = submit_outputs(scored / "good", "mine", folder)
    assert first == second
    assert not (second / "README.md").exists()
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_another_method_may_not_take_the_name(scored: Path, tmp_path: Path) -> None:
    kept = submit_outputs(scored / "good", "mine", tmp_path)
    before = (kept / "scores.csv").read_bytes()
    with pytest.raises(OutputError, match=r"taken.*expected method good, got method poor"):
        submit_outputs(scored / "poor", "mine", tmp_path)
    assert (kept / "scores.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "Mine", "-mine", "a/b", "../up", "a b", "ü", "x" * 65, "a.b"])
def test_names(scored: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="not a name"):
        submit_outputs(scored / "good", name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_outputs_must_be_scored(outputs: Path, store: FakeStore, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"not scored yet.*tembench score"):
        submit_outputs(outputs, "mine", tmp_path / "submissions")
    score_outputs(outputs, store, workers=0)
    (outputs / "scores.csv").write_text("image\n")
    with pytest.raises(OutputError, match="differs"):
        submit_outputs(outputs, "mine", tmp_path / "submissions")
    assert list((tmp_path / "submissions").iterdir()) == []


def test_a_damaged_summary_of_scores(scored: Path, tmp_path: Path) -> None:
    outputs = Path(shutil.copytree(scored / "good", tmp_path / "outputs"))
    write_toml(outputs / "scores.toml", {"format": 1, "method": {"name": "good"}, "data": 3})
    with pytest.raises(OutputError, match=r"mistakes: method.title: missing.*data: expected"):
        submit_outputs(outputs, "mine", tmp_path / "submissions")
    assert not (tmp_path / "submissions").exists()


def swap_rows(lines: list[list[str]]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def test_rows_may_come_in_any_order(submission: Path) -> None:
    expected = check_submission(submission).scores
    edit_scores(submission, swap_rows)
    pd.testing.assert_frame_equal(check_submission(submission).scores, expected)


def in_place(change: Callable[[list[list[str]]], Any]) -> Callable[[Path], None]:
    return lambda submission: edit_scores(submission, change)


def link_out(submission: Path) -> None:
    shutil.move(submission / "panel.png", submission.parent / "panel.png")
    (submission / "panel.png").symlink_to("../panel.png")


def too_large(submission: Path) -> None:
    os.truncate(submission / "panel.png", 5 << 20)


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no folder": (shutil.rmtree, "no such folder"),
    "no panel": (lambda s: (s / "panel.png").unlink(), "panel.png is missing"),
    "code": (lambda s: (s / "run.py").write_text("1"), "run.py does not belong in a submission"),
    "link out": (link_out, "panel.png is a link that leads out"),
    "too large": (too_large, "panel.png has 5242880 bytes, more than"),
    "no image": (lambda s: (s / "panel.png").write_text("<svg/>"), "not a complete PNG file"),
    "cut image": (
        lambda s: (s / "panel.png").write_bytes((s / "panel.png").read_bytes()[:-20]),
        "not a complete PNG file",
    ),
    "other name": (lambda s: edit(s, None, name="best"), "name: expected the folder's name 'good'"),
    "format": (lambda s: edit(s, None, format=2), "format: expected 1, got 2"),
    "number of models": (lambda s: edit(s, "scores", models=9), "scores.models disagrees"),
    "unknown table": (lambda s: edit(s, None, extra={"a": 1}), "extra: unknown key"),
    "mistakes together": (
        lambda s: (edit(s, "data", recipe_id="xyz", images="ten"), edit(s, "run", threads=-1)),
        "3 mistakes.*data.recipe_id.*data.images.*run.threads",
    ),
    "number of images": (lambda s: edit(s, "data", images=9), "scores.images: expected"),
    "title with line break": (lambda s: edit(s, "method", title="a\nb"), "method.title"),
    "title right to left": (lambda s: edit(s, "method", title="a\u202eb"), "method.title"),
    "title too long": (lambda s: edit(s, "method", title="x" * 81), "at most 80 characters"),
    "newer metric": (
        lambda s: edit(s, "metrics", psnr_db=99),
        "metrics.psnr_db: unknown version 99; this tembench knows 1",
    ),
    "unknown metric": (lambda s: edit(s, "metrics", beauty=1), "metrics.beauty: unknown metric"),
    "digest": (lambda s: edit(s, "scores", sha256="0" * 64), "differs from the file"),
    "row left out": (in_place(lambda lines: lines.pop(3)), "expected 10 images, got 9"),
    "row twice": (
        in_place(lambda lines: lines.__setitem__(3, lines[2])),
        "an image appears more than once",
    ),
    "missing value": (in_place(set_cell(2, "ssim", "")), "line 3: ssim: expected a number"),
    "not a number": (in_place(set_cell(2, "ssim", "nan")), "line 3: ssim: expected a number"),
    "out of range": (in_place(set_cell(2, "ssim", "1.01")), "from -1 to 1, got '1.01'"),
    "infinite by decree": (in_place(set_cell(2, "psnr_db", "inf")), "psnr_db: infinite, but mse"),
    "worse than its error": (in_place(set_cell(2, "psnr_db", "20.0")), "less than mse .* allows"),
    "too skilful": (in_place(set_cell(2, "skill", "0.99999999")), "skill: 1 contradicts mse"),
    "perfect by decree": (in_place(set_cell(2, "skill", "1.0")), "skill: 1 contradicts mse"),
    "model": (in_place(set_cell(2, "model", "<b>")), None),  # text is text: escaped, not refused
    "no model": (in_place(set_cell(2, "model", "a b")), "line 3: model"),
    "image": (in_place(set_cell(2, "image", "-1")), "line 3: image: expected a number"),
    "time": (in_place(set_cell(2, "seconds", "-1")), "line 3: seconds"),
    "columns": (in_place(lambda lines: lines[0].reverse()), "wrong columns"),
    "short row": (in_place(lambda lines: lines[4].pop()), "line 5: expected"),
    "many mistakes": (
        in_place(lambda lines: [row.__setitem__(3, "x") for row in lines[1:]]),
        "10 mistakes.*and 2 more",
    ),
}  # type: ignore[dict-item]


@pytest.mark.parametrize("case", BAD)
def test_rules(submission: Path, case: str) -> None:
    spoil, message = BAD[case]
    spoil(submission)
    if message is None:
        check_submission(submission)
        return
    with pytest.raises(OutputError) as caught:
        check_submission(submission)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def test_mistakes_of_all_files_come_at_once(submission: Path) -> None:
    edit_scores(submission, set_cell(2, "ssim", "1.01"))
    edit(submission, "method", kind="magic")
    edit(submission, "scores", models=9)
    (submission / "panel.png").write_text("<svg/>")
    (submission / "run.py").write_text("1")
    (submission / "audit.toml").write_text("format = 1")
    with pytest.raises(OutputError) as caught:
        check_submission(submission)
    line = str(caught.value)
    for text in (
        "5 mistakes: run.py does not belong in a submission",
        "; submission.toml: method.kind: expected one of control, classical, learned, got 'magic'",
        "; scores.csv: line 3: ssim: expected a number from -1 to 1, got '1.01'",
        "; panel.png: not a complete PNG file",
        "; audit.toml: ",
    ):
        assert text in line, line
    assert "\n" not in line
    # The number of models is compared with scores that are valid.
    edit_scores(submission, set_cell(2, "ssim", "1.0"))
    edit(submission, "scores", models=9)
    assert "submission.toml: scores.models disagrees" in str(examined(submission))


def examined(submission: Path) -> list[str]:
    found, errors = examine_submission(submission)
    assert found is None
    return [mistake_text(error, submission) for error in errors]


def test_scores_are_not_compared_with_a_record_that_cannot_be_read(submission: Path) -> None:
    (submission / "submission.toml").write_text("format = ")
    (submission / "panel.png").unlink()
    found = examined(submission)
    assert len(found) == 2
    assert found[0].startswith("panel.png is missing")
    assert found[1].startswith("submission.toml: not valid TOML")


def test_nothing_is_opened_in_a_folder_with_links(submission: Path) -> None:
    link_out(submission)
    (submission / "submission.toml").write_text("format = ")
    assert [text.split(" that")[0] for text in examined(submission)] == ["panel.png is a link"]


def test_an_unknown_time_is_accepted(submission: Path) -> None:
    edit_scores(submission, set_cell(1, "seconds", ""))
    assert check_submission(submission).scores["seconds"].isna().sum() == 1


def test_a_perfect_row_may_be_infinite(submitted: Path) -> None:
    scores = check_submission(submitted / "clean").scores
    assert (scores["psnr_db"] == float("inf")).all()
    assert (scores[list(METRICS)].notna()).all().all()
