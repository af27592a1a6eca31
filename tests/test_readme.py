"""Commands, Python and links of the README and the guide, run and followed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "guide.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str, page: Path = GUIDE) -> list[str]:
    """Content of the fenced blocks of a language."""
    # Split at the fences: text and blocks alternate, a block's first line is its language.
    fenced = re.split(r"^```", page.read_text(), flags=re.MULTILINE)[1::2]
    pairs = [block.split("\n", 1) for block in fenced]
    return [content for name, content in pairs if name == language]


@pytest.mark.slow
def test_the_method_of_the_guide_runs_from_its_folder_to_the_table(
    tiny_store_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my-method"
    folder.mkdir()
    (folder / "method.toml").write_text(blocks("toml")[0])
    (folder / "method.py").write_text(next(c for c in blocks("python") if "def build" in c))
    (tmp_path / "quickstart.zarr").symlink_to(tiny_store_path)
    commands = [
        line
        for block in blocks("")
        for line in block.splitlines()
        if "my-method" in line or line.endswith("--out leaderboard.html")
    ]
    assert [command.split()[1] for command in commands] == [
        "denoise",
        "score",
        "submit",
        "submit",
        "check",
        "leaderboard",
    ]
    for command in commands:
        arguments = [sys.executable, "-m", "tembench", *command.split()[1:]]
        result = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
    assert "Box filter" in (tmp_path / "leaderboard.html").read_text()


def test_the_tutorial_on_methods_has_the_method_of_the_guide() -> None:
    lines = (ROOT / "docs" / "add-a-method.md").read_text().splitlines()
    listed = "\n".join(line.removeprefix("    ") for line in lines)
    assert f"```toml\n{blocks('toml')[0]}```" in listed
    code = next(code for code in blocks("python") if "def build" in code)
    stripped = "\n".join(line for line in code.splitlines() if not line.strip().startswith("#"))
    assert f"```python\n{stripped}\n```" in listed


@pytest.mark.parametrize(
    "page", [README, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_pictures_and_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "word"),
    [(GUIDE, "to_xarray"), (GUIDE, "DataLoader"), (GUIDE, "submit"), (README, "submit")],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_python_of_a_page_runs_to_its_end(
    tiny_store_path: Path, tmp_path: Path, page: Path, word: str
) -> None:
    if word == "DataLoader":
        pytest.importorskip("torch")
    code = next(code for code in blocks("python", page) if word in code)
    (tmp_path / "runs" / "quickstart").mkdir(parents=True)
    (tmp_path / "runs" / "quickstart" / "store.zarr").symlink_to(tiny_store_path)
    # A forked worker that waits for a thread of its parent would never return.
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
