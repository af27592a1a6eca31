"""Checkouts of a repository: the files that two of them differ in.

The checkouts are read as data: links are compared, never followed, and no file is opened that is
not a plain one. The folder ``.git`` is left out.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tembench.core import OutputError

_MOST_FILES = 200_000
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """A file that is not the same in both.

    Attributes
    ----------
    path : str
        Path from the top, with slashes.
    how : str
        "added", "changed" or "removed".
    problem : str
        Why no submission may have such a file: it is a link, or no plain file, or has the name of
        another but for case or composition; usually empty.
    """

    path: str
    how: str
    problem: str = ""


def changed_files(base: Path, head: Path, *, inside: str = "") -> list[ChangedFile]:
    """Files that `head` adds to, changes in, or removes from `base`, by path.

    Parameters
    ----------
    base, head : Path
        Two folders, such as checkouts of the same repository.
    inside : str
        The only folder in them that is compared; by default all.

    Raises
    ------
    OutputError
        If one of them has more files than a repository has.
    """
    before, after = _files(base, inside), _files(head, inside)
    twins = _twins(after)
    found = [ChangedFile(path=path, how="removed") for path in before.keys() - after.keys()]
    for path in after:
        how = "changed" if path in before else "added"
        if how == "added" or not _is_same(base / path, head / path, before[path], after[path]):
            problem = _problem(after[path], twins.get(path, "") if how == "added" else "")
            found.append(ChangedFile(path=path, how=how, problem=problem))
    return sorted(found, key=lambda file: file.path)


def _files(root: Path, inside: str) -> dict[str, os.stat_result]:
    """All entries but folders, by path."""
    found: dict[str, os.stat_result] = {}
    waiting = [f"{inside}/" if inside else ""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as entries:
            inner = list(entries)
        for entry in inner:
            path = f"{folder}{entry.name}"
            if path == ".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")
            else:
                found[path] = entry.stat(follow_symlinks=False)
        if len(found) > _MOST_FILES:
            raise OutputError(
                "too many files", where=str(root), expected=f"at most {_MOST_FILES}", got="more"
            )
    return found


def _is_same(first: Path, second: Path, before: os.stat_result, after: os.stat_result) -> bool:
    kinds = {stat.S_IFMT(status.st_mode) for status in (before, after)}
    if kinds == {stat.S_IFLNK}:
        return os.readlink(first) == os.readlink(second)
    if kinds != {stat.S_IFREG} or before.st_size != after.st_size:
        return False
    with first.open("rb") as one, second.open("rb") as other:
        while block := one.read(_BLOCK):
            if block != other.read(_BLOCK):
                return False
    return True


def _problem(status: os.stat_result, twin: str) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "is a link"
    if not stat.S_ISREG(status.st_mode):
        return "is not a plain file"
    return f"differs from {twin} in case or composition alone" if twin else ""


def _twins(files: Mapping[str, os.stat_result]) -> dict[str, str]:
    """Paths that are one path where names have no case or are composed, each with another."""
    alike: dict[str, list[str]] = {}
    for path in files:
        alike.setdefault(unicodedata.normalize("NFC", path).casefold(), []).append(path)
    return {
        path: next(other for other in paths if other != path)
        for paths in alike.values()
        if len(paths) > 1
        for path in paths
    }
