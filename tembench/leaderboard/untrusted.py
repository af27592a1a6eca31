"""A stranger's folder: what may be opened in it, and how.

Nothing in it is trusted. Links that lead out of it are refused before anything is opened, and a
TOML file is read only if it is of a size and shape that no writer of plain tables exceeds.
`tembench.leaderboard.arrays` does the same for arrays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tembench.errors import OutputError
from tembench.files import read_toml

TOML_LIMIT = 1 << 18
# The parser's time grows with the square of a dotted key's length.
_LINE_LIMIT = 1 << 12
# Deeper tables break whoever writes them into a message.
_DEPTH_LIMIT = 16


def refuse_foreign_links(folder: Path) -> None:
    """Raise OutputError for a link out of `folder`, or for anything that is no plain file."""
    root = folder.resolve()
    for path in walk(root):
        if path.is_symlink():
            if not _leads_inside(path, root):
                raise OutputError(
                    f"{path.relative_to(root)} is a link that leads out of the folder or nowhere",
                    where=str(folder),
                    got=os.readlink(path),
                    remedy="put the file itself there",
                )
        elif not stat.S_ISREG(path.lstat().st_mode) and not path.is_dir():
            raise OutputError(
                f"{path.relative_to(root)} is neither a file nor a folder", where=str(folder)
            )


def _leads_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # to nothing, or to itself
        return False


def walk(root: Path) -> Iterator[Path]:
    """Everything inside a folder; links are yielded, never followed."""
    for folder, folders, files in os.walk(root, followlinks=False):
        for name in (*folders, *files):
            yield Path(folder) / name


def read_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file; OutputError if there is none, or if it is no plain one."""
    if path.is_file():
        if path.stat().st_size > TOML_LIMIT:
            raise _unreasonable(path, f"at most {TOML_LIMIT >> 10} KiB")
        if max(map(len, path.read_bytes().splitlines()), default=0) > _LINE_LIMIT:
            raise _unreasonable(path, f"lines of at most {_LINE_LIMIT} bytes")
    content = read_toml(path, OutputError)
    if _depth(content) > _DEPTH_LIMIT:
        raise _unreasonable(path, f"tables at most {_DEPTH_LIMIT} deep")
    return content


def short(value: Any) -> str:
    """A stranger's value, cut to fit into a message."""
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _depth(content: Any) -> int:
    # Not by recursion, which is what deep content is after.
    depth, level = 0, [content]
    while level and depth <= _DEPTH_LIMIT:
        depth += 1
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, Mapping) else value)
            if isinstance(inner, Mapping | list)
        ]
    return depth


def _unreasonable(path: Path, expected: str) -> OutputError:
    return OutputError(
        "is no plain description",
        where=str(path),
        expected=expected,
        remedy="leave it as tembench writes it",
    )
