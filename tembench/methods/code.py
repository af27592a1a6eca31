"""The Python code of a method's folder: looked at without running it, imported, identified."""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import types
from pathlib import Path

from tembench.errors import MethodError


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
    """Return the sha256 of the Python files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("**/*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def one_line(error: BaseException) -> str:
    """Return the first line of an exception's text."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no message"
