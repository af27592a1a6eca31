"""A checkout has the committed bytes, with any Git setting for line endings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tembench.ranking.submission import check_submission

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> str:
    # Ignore the user's settings and those of a hook that runs the tests.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-c", "user.name=tests", "-c", "user.email=tests@localhost", *arguments]
    result = subprocess.run(
        command, cwd=folder, env=clean | settings, capture_output=True, text=True, check=True
    )
    return result.stdout


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A repository with this one's attributes and some of its files."""
    folder = tmp_path / "committed"
    skipped = shutil.ignore_patterns("__pycache__")
    for name in ("submissions/ptceo2-18k/gaussian", "baselines/gaussian", "recipes"):
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for name in (".gitattributes", "README.md", "Makefile", "docs/quickstart-table.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    # A submission written on Windows by other software, with the digest of those bytes.
    (folder / "submissions/other").mkdir()
    (folder / "submissions/other/scores.csv").write_bytes(b"image,psnr_db\r\n3,30.5\r\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "files")
    return folder


COMMANDS_WRITE_HERE = ("guide", "first-hour")


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["true", "input", "false"])
def test_a_clone_has_the_committed_bytes(committed: Path, tmp_path: Path, setting: str) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "-c", f"core.autocrlf={setting}", "clone", "-q", str(committed), str(clone))
    assert contents(clone) == contents(committed)
    check_submission(clone / "submissions" / "ptceo2-18k" / "gaussian")


def test_git_ignores_what_commands_of_the_pages_write(tmp_path: Path) -> None:
    # Otherwise it would be committed and packed into a source distribution.
    pages = (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in COMMANDS_WRITE_HERE))
    commands = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    written = {
        *re.findall(r"--(?:out|rows) ([\w./-]+)", commands),
        "runs",
        "denoised",
        ".venv-3.12",
    }
    shutil.copyfile(ROOT / ".gitignore", tmp_path / ".gitignore")
    git(tmp_path, "init", "-q")
    for name in written:
        made = (
            tmp_path / name
            if Path(name).suffix in {".html", ".parquet", ".png"}
            else tmp_path / name / "x"
        )
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch()
    untracked = git(tmp_path, "status", "--porcelain", "--untracked-files=all").split()[1::2]
    assert untracked == [".gitignore"]


def test_no_tracked_file_may_change_its_line_endings() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a checkout")
    files = git(ROOT, "ls-files", "-z")
    command = ["git", "check-attr", "-z", "--stdin", "text", "eol"]
    found = subprocess.run(
        command, cwd=ROOT, input=files, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    fixed = {
        name
        for name, key, value in zip(found[0::3], found[1::3], found[2::3], strict=False)
        if (key, value) in {("text", "unset"), ("eol", "lf")}
    }
    assert set(filter(None, files.split("\0"))) == fixed
