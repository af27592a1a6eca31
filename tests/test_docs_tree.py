"""The tree in CONTRIBUTING.md, compared with the package."""

from __future__ import annotations

import re
from pathlib import Path

import tembench

PACKAGE = Path(tembench.__file__).parent
PAGE = PACKAGE.parent / "CONTRIBUTING.md"


def listed() -> dict[str, str]:
    """Paths below the package, as the page lists them, and what it says about each."""
    page = PAGE.read_text(encoding="utf-8").partition("\n## The tree\n")[2]
    lines = page.split("```")[1].strip().splitlines()
    assert lines[0] == "tembench/"
    found: dict[str, str] = {}
    folders: list[str] = []
    for line in lines[1:]:
        match = re.fullmatch(r"((?:  )+)(\w+/?) +(\S.*)", line)
        assert match, line
        folders = folders[: len(match[1]) // 2 - 1]
        path = "".join(folders) + match[2]
        assert path not in found, path
        found[path] = match[3]
        if path.endswith("/"):
            folders.append(match[2])
    return found


def test_the_tree_lists_every_module_once() -> None:
    modules = {
        path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")
    }
    folders = {f"{path.rpartition('/')[0]}/" for path in modules if "/" in path}
    modules = {path for path in modules if path.rpartition("/")[2] != "__init__"}
    assert sorted(listed()) == sorted(modules | folders)


def test_the_tree_describes_every_module_in_a_line() -> None:
    for path, text in listed().items():
        assert len(text) < 80, path
        assert not re.match(r"(What|How|Where|Whether|Which|Who)\b", text), path
