"""A stranger's folder: what may be opened in it, and how.

Nothing in it is trusted. Links that lead out of it, or lie deep in it, are refused before anything
is opened, and a TOML file is read only if it is of a size and shape that no writer of plain tables
exceeds. `tembench.leaderboard.untrusted.zarr_array` does the same for arrays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tembench.core import OutputError, read_toml
from tembench.core.bounded_toml import BYTES_LIMIT

_LEAVE = "leave it as tembench writes it"
# Neither tembench nor a person writes longer ones.
_LINE_LIMIT = 1 << 12
# Deeper tables break whoever writes them into a message.
_DEPTH_LIMIT = 16


def refuse_links(folder: Path) -> None:
    """Raise OutputError for a link in `folder`, or for anything that is no plain file or folder.

    An entry of the folder itself may be a link to another place in it. Deeper ones are refused like
    those that lead out: what is checked where it lies would be read where it does not.
    """
    root = folder.resolve()
    for path in walk(root):
        mode = path.lstat().st_mode
        name = path.relative_to(root)
        if stat.S_ISLNK(mode):
            inside = _leads_inside(path, root)
            if inside and len(name.parts) == 1:
                continue
            raise OutputError(
                f"{name} is a link{'' if inside else ' that leads out of the folder or nowhere'}",
                where=str(folder),
                got=short(os.readlink(path)),
                remedy="put the file or folder itself there",
            )
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise OutputError(f"{name} is neither a file nor a folder", where=str(folder))


def _leads_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # to nothing, or to itself
        return False


def read_bounded(path: Path, limit: int, remedy: str) -> bytes:
    """All of a file; OutputError if there is none, or more than `limit` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, IsADirectoryError):
        raise OutputError("no such file", where=str(path), remedy=remedy) from None
    if len(data) > limit:
        raise OutputError(
            "too large",
            where=str(path),
            expected=f"at most {limit} bytes",
            got=f"{path.stat().st_size} bytes",
            remedy=remedy,
        )
    return data


def walk(root: Path) -> Iterator[Path]:
    """Everything inside a folder; links are yielded, never followed."""
    for folder, folders, files in os.walk(root, followlinks=False):
        for name in (*folders, *files):
            yield Path(folder) / name


def read_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file; OutputError if there is none, or if it is no plain one."""
    # A larger file is refused when it is read.
    short_enough = path.is_file() and path.stat().st_size <= BYTES_LIMIT
    lines = path.read_bytes().splitlines() if short_enough else []
    if max(map(len, lines), default=0) > _LINE_LIMIT:
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
    return OutputError("is no plain description", where=str(path), expected=expected, remedy=_LEAVE)
