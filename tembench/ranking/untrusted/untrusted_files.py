"""Untrusted folders: links are refused, and files read within bounds.

Links that lead out of the folder, or are deep inside it, are refused before any file is opened. A
TOML file is read only if its size and nesting are within bounds that plain tables never exceed.
`tembench.ranking.untrusted.zarr_array` does the same for arrays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tembench.core import OutputError, read_toml
from tembench.core.bounded_toml import BYTES_LIMIT

_REMEDY = "leave it as tembench writes it"
# Neither tembench nor a person writes longer ones.
_LINE_LIMIT = 1 << 12
# Deeper tables exhaust the recursion limit of code that formats them.
_DEPTH_LIMIT = 16
# The deepest files of outputs, the chunks of an array, are six folders down.
_FOLDERS_LIMIT = 32


def refuse_links(folder: Path) -> None:
    """Raise OutputError for links in `folder`, and for anything but plain files and folders.

    A direct entry of the folder may be a link to another path inside it. Deeper links are refused
    like those that lead out of it: the path that is checked would not be the path that is read.
    """
    root = folder.resolve()
    for path in walk(root):
        mode = path.lstat().st_mode
        name = path.relative_to(root)
        if len(name.parts) > _FOLDERS_LIMIT:
            raise OutputError(
                "folders nested too deeply",
                where=str(folder),
                expected=f"at most {_FOLDERS_LIMIT}, one in the other",
                remedy=_REMEDY,
            )
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
    except (OSError, RuntimeError):  # a broken link, or one to itself
        return False


def read_bounded(path: Path, limit: int, remedy: str) -> bytes:
    """Content of a file; OutputError if it is missing or has more than `limit` bytes."""
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
    """All files and folders in a folder; links are yielded but never followed."""
    # Not `os.walk`, which recurses in Python 3.11 and leaves out what it cannot read.
    waiting = [root] if root.is_dir() else []
    while waiting:
        with os.scandir(waiting.pop()) as found:
            entries = list(found)
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))


def read_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file; OutputError if it is missing or not one of plain tables."""
    # A larger file is refused by `read_toml`.
    short_enough = path.is_file() and path.stat().st_size <= BYTES_LIMIT
    lines = path.read_bytes().splitlines() if short_enough else []
    if max(map(len, lines), default=0) > _LINE_LIMIT:
        raise _unreasonable(path, f"lines of at most {_LINE_LIMIT} bytes")
    content = read_toml(path, OutputError)
    if _depth(content) > _DEPTH_LIMIT:
        raise _unreasonable(path, f"tables at most {_DEPTH_LIMIT} deep")
    return content


def short(value: Any) -> str:
    """An untrusted value as text, cut to fit into a message."""
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _depth(content: Any) -> int:
    # Without recursion, which deeply nested content would exhaust.
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
        "is not a plain description", where=str(path), expected=expected, remedy=_REMEDY
    )
