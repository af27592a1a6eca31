"""Claims of a submission: recipe, control, costs, and text without hidden characters."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from spoiled_submissions import edit

from tembench.core.errors import OutputError, TableError
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_folders import build_table
from tembench.ranking.untrusted.run_info import CONTROLS
from tembench.recipe import load_recipe, recipe_id


def test_costs_have_bounds_too(submission: Path) -> None:
    edit(submission, "run", seconds_per_image=1e308, peak_memory_MB=1e308, threads=2**62)
    with pytest.raises(OutputError, match="3 mistakes"):
        check_submission(submission)


def test_a_known_recipe_has_its_own_name_and_version(submission: Path) -> None:
    known = load_recipe("quickstart")
    edit(submission, "data", recipe_id=recipe_id(known), version="9.9.9")
    with pytest.raises(OutputError, match=rf"expected quickstart {known.version}.*got tiny 9.9.9"):
        check_submission(submission)
    edit(submission, "data", recipe_id="0" * 64, recipe="quickstart", version=known.version)
    with pytest.raises(OutputError, match="has another recipe_id than 0000"):
        check_submission(submission)


@pytest.mark.parametrize("version", ["9.9.9 official", "1.0", "1.0.0\u200b"])
def test_a_version_is_three_numbers(submission: Path, version: str) -> None:
    edit(submission, "data", version=version)
    with pytest.raises(OutputError, match=r"data.version"):
        check_submission(submission)


def test_rows_agree_on_the_name_of_a_recipe_that_nobody_knows(folder: Path) -> None:
    edit(folder / "good", "data", version="9.9.9")
    with pytest.raises(TableError, match=r"recipes of .* differ.*9.9.9 \(good\)"):
        build_table(folder)


def test_controls_are_ours_alone(folder: Path) -> None:
    from tembench.core import list_methods
    from tembench.methods.method import load_method

    ours = [name for name in list_methods() if load_method(name).kind == "control"]
    assert sorted(ours) == sorted(CONTROLS)
    edit(folder / "good", "method", kind="control")
    with pytest.raises(OutputError, match=r"method.kind: controls are clean, noisy, vacuum"):
        check_submission(folder / "good")
    other = Path(shutil.copytree(folder / "clean", folder / "oracle"))
    edit(other, None, name="oracle")
    with pytest.raises(OutputError, match="got control 'clean' in 'oracle'"):
        check_submission(other)


def test_a_link_is_not_a_submission(folder: Path) -> None:
    (folder / "best").symlink_to("good")
    with pytest.raises(OutputError, match="best: is a link"):
        build_table(folder)


UNSEEN = [
    "\u200b",
    "\u202e",
    "\u2066",
    "\u115f",
    "\u3164",
    "\ufe0f",
    "\U000e0101",
    "\u034f",
    "\x1b",
]


@pytest.mark.parametrize("sign", UNSEEN)
def test_invisible_characters_are_refused_in_every_text(submission: Path, sign: str) -> None:
    before = (submission / "submission.toml").read_bytes()
    for table, values in (
        ("method", {"title": f"a{sign}b"}),
        ("method", {"parameters": {"a": f"a{sign}b"}}),
        ("method", {"parameters": {f"a{sign}b": [1]}}),
        ("method", {"parameters": {"a": ["x", sign]}}),
        ("method", {"paper": {"title": sign}}),
        ("run", {"device": f"cpu{sign}"}),
    ):
        edit(submission, table, **values)
        with pytest.raises(OutputError, match="control characters or invisible ones"):
            check_submission(submission)
        (submission / "submission.toml").write_bytes(before)


def test_letters_with_stacked_marks_are_refused(submission: Path) -> None:
    edit(submission, "method", title="Café")
    check_submission(submission)
    edit(submission, "method", title="a" + "\u0301" * 9)
    with pytest.raises(OutputError, match=r"method.title"):
        check_submission(submission)
