"""The Python code of a method's folder: looked at without running it, imported, identified."""

from __future__ import annotations

import ast
import hashlib
import importlib
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from tembench.core import MethodError
from tembench.methods.third_party import one_line

# Stand in what tembench writes: outputs, trainings, Zarr stores.
_OWN = ("outputs.toml", "training.toml", "denoised.zarr", "zarr.json")


def import_method(folder: Path) -> types.ModuleType:
    """Import ``method.py`` as a member of a package, so that it may import its neighbours.

    Parameters
    ----------
    folder : pathlib.Path
        The method's folder, absolute.
    """
    # The name depends on the place, so that two folders called alike do not mix.
    package = f"tembench_method_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        module = types.ModuleType(package)
        module.__path__ = [str(folder)]
        sys.modules[package] = module
        importlib.invalidate_caches()
    return importlib.import_module(f"{package}.method")


def defined_names(source: Path) -> set[str]:
    """Return what a module defines or imports by name, without running it.

    Raises
    ------
    MethodError
        If `source` is not Python.
    """
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"), filename=str(source))
    except (SyntaxError, ValueError) as error:
        raise MethodError(
            f"is not Python: {one_line(error)}", where=str(source), remedy="correct the file"
        ) from error
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def code_digest(folder: Path) -> str:
    """Return the sha256 of the files in a method's folder: its Python files, then all others.

    Left out are ``method.toml`` (parameters are told apart by themselves), ``weights`` (they have
    a digest of their own), hidden files, caches of Python, and folders that tembench wrote.
    """
    digest = hashlib.sha256()
    files = [path.relative_to(folder) for path in _files(folder)]
    for name in sorted(files, key=lambda name: (name.suffix != ".py", name)):
        digest.update(name.as_posix().encode() + b"\0")
        with (folder / name).open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        here = Path(place)
        top = here == folder
        folders[:] = [
            name
            for name in folders
            if not (name.startswith(".") or name == "__pycache__" or (top and name == "weights"))
            and not any((here / name / last).exists() for last in _OWN)
        ]
        for name in names:
            file = here / name
            if name.startswith(".") or (top and name == "method.toml") or not file.is_file():
                continue
            if file.suffix not in (".pyc", ".pyo"):
                yield file
