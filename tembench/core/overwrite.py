"""Checks against overwriting inputs, which see through links and cases of letters."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from tembench.core.errors import TembenchError


def refuse_inputs(
    outputs: Iterable[Path],
    inputs: Iterable[Path],
    error: type[TembenchError],
    *,
    replaced: bool = False,
) -> None:
    """Refuse to write to an input, also through links or in another case of letters.

    Parameters
    ----------
    outputs : iterable of Path
        Files and folders that will be written; they need not exist.
    inputs : iterable of Path
        Files and folders that are read. Nothing may be written into such a folder.
    error : type
        The kind of error raised.
    replaced : bool
        Whether an existing output is removed first, so that it may not contain an input either.
    """
    known: dict[Path, _Identity] = {}
    read = {_identity(path): path for path in inputs}
    containing = {up: path for path in read.values() if replaced for up in _folders_of(path, known)}
    for output in outputs:
        own = _identity(output)
        met = [containing.get(own), *(read.get(one) for one in (own, *_folders_of(output, known)))]
        for path in filter(None, met):
            raise error(
                "would overwrite an input",
                where=str(output),
                expected="a path other than the inputs",
                got=f"the path of {path}",
                remedy="Name another path with --out",
            )


def refuse_method_folders(out: Path, folders: Iterable[Path], error: type[TembenchError]) -> None:
    """Refuse to write results among the files that define a method."""
    if any(same_place(out, folder) for folder in folders):
        raise error(
            "is the folder of the method", where=str(out), remedy="Name another path with --out"
        )


def same_place(one: Path, other: Path) -> bool:
    """Return whether two paths name the same file or folder, which need not exist yet."""
    return _identity(one) == _identity(other)


_Identity = tuple[object, ...]


def _identity(path: Path) -> _Identity:
    """Return the identity of a file; for a missing one, that of its folder and its name."""
    try:
        status = os.stat(path)
    except OSError:
        whole = Path(os.path.realpath(path))
        if whole.parent == whole:
            return (str(whole),)
        name = whole.name.casefold() if ignores_case(whole.parent) else whole.name
        return (*_identity(whole.parent), name)
    # Some network file systems give no inode numbers.
    return (status.st_dev, status.st_ino) if status.st_ino else (os.path.realpath(path),)


def _folders_of(path: Path, known: dict[Path, _Identity]) -> Iterator[_Identity]:
    """Identify all folders that a path is in, with its links followed and not."""
    for whole in {Path(os.path.realpath(path)), Path(os.path.abspath(path))}:
        for folder in whole.parents:
            if folder not in known:
                known[folder] = _identity(folder)
            yield known[folder]


@lru_cache(maxsize=256)
def ignores_case(folder: Path) -> bool:
    """Return whether a folder's file system ignores the case of letters in names.

    Tests existing names, the folder's own if it is empty; writes nothing.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.swapcase() != entry.name:
                return _is_one(folder / entry.name)
    for path in (folder, *folder.parents):
        if path.exists() and path.name.swapcase() != path.name:
            return _is_one(path)
    return False


def _is_one(path: Path) -> bool:
    try:
        return os.path.samefile(path, path.with_name(path.name.swapcase()))
    except OSError:
        return False
