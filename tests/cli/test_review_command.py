"""`tembench review`: exit codes, and the file that it writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runs import tembench
from house import ROOT

ROWS = ROOT / "submissions" / "ptceo2-18k"


@pytest.fixture
def checkouts(tmp_path: Path) -> tuple[Path, Path]:
    if not ROWS.is_dir():
        pytest.skip("needs the submissions of a checkout")
    for folder, names in (("base", ("noisy",)), ("head", ("noisy", "vacuum"))):
        for name in names:
            shutil.copytree(ROWS / name, tmp_path / folder / "submissions" / "ptceo2-18k" / name)
    return tmp_path / "base", tmp_path / "head"


@pytest.mark.slow
def test_a_good_pull_request(checkouts: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "review.md"
    done = tembench("review", *checkouts, "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"{out}: written. Nothing is refused; needs a person: 1 submissions" in done.stdout
    text = out.read_text()
    assert "| submissions/ptceo2-18k/vacuum |" in text
    assert "- submissions/ptceo2-18k/vacuum: is a control" in text
    assert tembench("review", *checkouts).stdout == text


@pytest.mark.slow
def test_a_hostile_pull_request(checkouts: tuple[Path, Path]) -> None:
    base, head = checkouts
    (head / "submissions" / "ptceo2-18k" / "vacuum" / "run.py").write_text("")
    done = tembench("review", base, head)
    assert done.returncode == 6
    assert "run.py does not belong in a submission" in done.stdout


def test_nothing_is_written_into_what_is_read(checkouts: tuple[Path, Path]) -> None:
    _, head = checkouts
    done = tembench("review", *checkouts, "--out", head / "review.md")
    assert done.returncode == 6
    assert not (head / "review.md").exists()
