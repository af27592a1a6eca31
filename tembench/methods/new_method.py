"""Folder of a new method: ``method.toml`` and ``method.py`` that run, to be filled in."""

from __future__ import annotations

import os
import re
from pathlib import Path
from string import Template

from tembench.core import MethodError, absolute, list_methods, staging
from tembench.methods.method_toml import METHOD_NAME, METHOD_NAME_IN_WORDS, SOURCE

_TEMPLATES = Path(__file__).parent / "templates"


def write_new_method(folder: Path, *, trained: bool = False) -> tuple[Path, Path]:
    """Write a method that runs into a new folder, named after it.

    Parameters
    ----------
    folder : pathlib.Path
        Must not exist; its last part is the name of the method.
    trained : bool
        Write a small network that ``tembench train`` trains, instead of a filter.

    Returns
    -------
    tuple of pathlib.Path
        ``method.toml`` and ``method.py``.

    Raises
    ------
    MethodError
        If the folder exists, or a method cannot have the name, or one of tembench's has it.
    """
    name = absolute(folder).name
    _check_name(name, folder)
    if os.path.lexists(folder):
        raise MethodError(
            "exists already",
            where=str(folder),
            expected="a new folder",
            remedy="Choose another name; nothing was written",
        )
    kind = "network" if trained else "filter"
    names = {"name": name, "title": name.replace("-", " ").replace("_", " ").capitalize()}
    with staging(folder, MethodError) as aside:
        for file in ("method.toml", SOURCE):
            source = _TEMPLATES / f"{kind}{Path(file).suffix}.txt"
            text = Template(source.read_text(encoding="utf-8")).substitute(names)
            (aside / file).write_text(text, encoding="utf-8")
        os.rename(aside, folder)
    return folder / "method.toml", folder / SOURCE


def _check_name(name: str, folder: Path) -> None:
    """Raise MethodError for a name that a method cannot have, or that is taken."""
    if not re.fullmatch(METHOD_NAME, name):
        raise MethodError(
            "cannot be the name of a method",
            where=str(folder),
            expected=METHOD_NAME_IN_WORDS,
            got=name,
            remedy="Choose another name",
        )
    if name in list_methods():
        raise MethodError(
            "is the name of a method that comes with tembench",
            where=str(folder),
            remedy="Choose another name: it is that of your rows in the table",
        )
