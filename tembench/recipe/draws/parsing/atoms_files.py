"""Files of atoms that a recipe names: read from disk, or taken from what came with a store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from tembench.core import Reader, RecipeError
from tembench.recipe.draws.components import AtomsFile

FileSource: TypeAlias = Callable[[Reader, str], AtomsFile | None]
"""Finds the file that a table names under a key; notes in the reader if there is none."""

_MOST_BYTES = 4 << 20
_PREFIX = "sha256:"


def files_beside(folder: Path) -> FileSource:
    """Source that reads files from disk, by their paths relative to a recipe's folder."""
    read: dict[str, AtomsFile] = {}

    def find(reader: Reader, key: str) -> AtomsFile | None:
        name = reader.text(key, max_length=1000)
        if not name:
            return None
        if name not in read:
            found = _read(folder / name, name)
            if isinstance(found, str):
                reader.problem(key, f"{found}, got '{name}' (in {folder})")
                return None
            read[name] = found
        return read[name]

    return find


def atoms_file(path: Path) -> AtomsFile:
    """Read a file of atoms.

    Raises
    ------
    RecipeError
        If there is no such file, or it is not one of text.
    """
    found = _read(path, path.name)
    if isinstance(found, str):
        raise RecipeError(found, where=str(path))
    return found


def files_of_store(files: Mapping[str, tuple[str, str]]) -> FileSource:
    """Source that opens no file: name and text by the SHA-256 that a canonical form gives."""

    def find(reader: Reader, key: str) -> AtomsFile | None:
        digest = reader.text(key).removeprefix(_PREFIX)
        name, text = files.get(digest, ("", ""))
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            reader.problem(key, f"no text with this SHA-256 came with the recipe, got {digest:.12}")
            return None
        return AtomsFile(name=name, sha256=digest, text=text)

    return find


def reference(file: AtomsFile) -> str:
    """A file as the canonical form names it: by its content."""
    return f"{_PREFIX}{file.sha256}"


def _read(path: Path, name: str) -> AtomsFile | str:
    """The file, or what is wrong with it."""
    try:
        if path.is_dir():
            return "expected a file of atoms, not a folder"
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8")
    except FileNotFoundError:
        return "no such file"
    except UnicodeDecodeError:
        return "expected text in UTF-8"
    except (OSError, ValueError) as problem:
        return f"cannot be read ({getattr(problem, 'strerror', None) or problem})"
    if len(content) > _MOST_BYTES:
        return f"expected at most {_MOST_BYTES >> 20} MiB"
    if not text.strip():
        return "expected a file of atoms, not an empty one"
    return AtomsFile(name=name, sha256=hashlib.sha256(content).hexdigest(), text=text)
