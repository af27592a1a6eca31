"""Code of a method's folder: inspected without running it, imported, hashed."""

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

_PREFIX = "tembench_method_"
# Files that mark folders written by tembench: outputs, trainings, Zarr stores.
_MARKERS = ("outputs.toml", "training.toml", "denoised.zarr", "zarr.json")


def import_method(folder: Path) -> types.ModuleType:
    """Import ``method.py`` as a member of a package, so that it may import its neighbours.

    Parameters
    ----------
    folder : pathlib.Path
        Folder that holds ``method.py``, absolute.
    """
    # The name depends on the path, so that two folders of the same name do not mix.
    package = f"{_PREFIX}{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        module = types.ModuleType(package)
        module.__path__ = [str(folder)]
        sys.modules[package] = module
        importlib.invalidate_caches()
    return importlib.import_module(f"{package}.method")


def forget_methods() -> None:
    """Drop imported code of methods, so that it is read again from files changed meanwhile.

    A worker of a cluster lives longer than the command that sent it work.
    """
    for name in [name for name in sys.modules if name.startswith(_PREFIX)]:
        del sys.modules[name]


def defined_names(source: Path) -> set[str]:
    """Return the names that a module defines or imports, without running it.

    Raises
    ------
    MethodError
        If `source` is not valid Python.
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

    It excludes ``method.toml`` (parameters are compared separately), ``weights`` (which have a
    digest of their own), hidden files, Python's caches, and folders written by tembench.
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
    for directory, folders, names in os.walk(folder):
        here = Path(directory)
        top = here == folder
        folders[:] = [
            name
            for name in folders
            if not (name.startswith(".") or name == "__pycache__" or (top and name == "weights"))
            and not any((here / name / marker).exists() for marker in _MARKERS)
        ]
        for name in names:
            file = here / name
            if name.startswith(".") or (top and name == "method.toml") or not file.is_file():
                continue
            if file.suffix not in (".pyc", ".pyo"):
                yield file
