"""Files that two checkouts differ in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tembench.core.errors import OutputError
from tembench.ranking.review import checkouts
from tembench.ranking.review.checkouts import changed_files


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    base = tmp_path / "base"
    (base / "a").mkdir(parents=True)
    (base / ".git").mkdir()
    (base / "a" / "same").write_text("1")
    (base / "a" / "size").write_text("1")
    (base / "a" / "content").write_text("1")
    (base / "gone").write_text("1")
    (base / "link").symlink_to("gone")
    shutil.copytree(base, tmp_path / "head", symlinks=True)
    return base, tmp_path / "head"


def listed(base: Path, head: Path, inside: str = "") -> list[tuple[str, str, str]]:
    return [(f.path, f.how, f.problem) for f in changed_files(base, head, inside=inside)]


def test_equal_checkouts(both: tuple[Path, Path]) -> None:
    (both[1] / ".git" / "HEAD").write_text("ref")
    assert listed(*both) == []


def test_whatever_differs_is_listed(both: tuple[Path, Path]) -> None:
    _, head = both
    (head / "a" / "size").write_text("12")
    (head / "a" / "content").write_text("2")
    (head / "new" / ".git").mkdir(parents=True)
    (head / "new" / ".git" / "config").write_text("")
    (head / "gone").unlink()
    (head / "link").unlink()
    (head / "link").symlink_to("a")
    (head / "out").symlink_to("/etc/passwd")
    assert listed(*both) == [
        ("a/content", "changed", ""),
        ("a/size", "changed", ""),
        ("gone", "removed", ""),
        ("link", "changed", "is a link"),
        ("new/.git/config", "added", ""),
        ("out", "added", "is a link"),
    ]
    assert [path for path, *_ in listed(*both, inside="a")] == ["a/content", "a/size"]


def test_a_file_for_a_folder_and_a_folder_for_a_file(both: tuple[Path, Path]) -> None:
    _, head = both
    shutil.rmtree(head / "a")
    (head / "a").write_text("")
    (head / "gone").unlink()
    (head / "gone").mkdir()
    (head / "gone" / "b").write_text("")
    found = {(path, how) for path, how, _ in listed(*both)}
    assert {("a", "added"), ("a/same", "removed"), ("gone", "removed")} < found
    assert ("gone/b", "added") in found


def test_names_that_are_one_on_some_systems(both: tuple[Path, Path]) -> None:
    _, head = both
    (head / "a" / "SAME").write_text("")
    (head / "caf\u00e9").write_text("")
    (head / "cafe\u0301").write_text("")
    problems = {path: problem for path, _, problem in listed(*both)}
    assert problems["a/SAME"] == "differs from a/same in case or composition alone"
    assert all("case or composition" in problem for problem in problems.values())


def test_countless_files_are_refused(
    both: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkouts, "_MOST_FILES", 3)
    with pytest.raises(OutputError, match="too many files"):
        changed_files(*both)
