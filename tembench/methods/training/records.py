"""The records of a training, ``training.toml`` and ``fit.toml``, read and checked.

Whoever reads one passes here: weights come from others too, and so do their records.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tembench.core import MethodError, Reader, read_toml
from tembench.methods.method_toml import LINE

TRAINING = "training.toml"
FIT = "fit.toml"
"""The record of the training loop, written by `tembench.methods.training.checkpoint`."""
_REMEDY = "leave it as tembench train writes it, or train again into another folder"


def training_record(folder: Path) -> dict[str, Any]:
    """Return what ``training.toml`` says.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of weights.

    Raises
    ------
    MethodError
        If the file is missing or no TOML, or a value is of the wrong type: all of them in one
        line. Keys may be missing, and there may be more.
    """
    path = Path(folder) / TRAINING
    content = read_toml(path, MethodError)
    reader = Reader(content)
    _texts(reader, "method", "code", "recipe", "recipe_id", "split")
    _numbers(reader, "seconds")
    if type(content.get("complete", False)) is not bool:
        got = type(content["complete"]).__name__
        reader.problem("complete", f"expected true or false, got {got}")
    for key in ("parameters", "only"):
        reader.table(key, default={})
    _texts(reader.table("made_by", default={}), "tembench", "python", "processor", "commit")
    reader.raise_problems(MethodError, str(path), _REMEDY)
    return content


def fit_record(folder: Path) -> dict[str, Any]:
    """Return what ``fit.toml`` says; see `training_record`."""
    path = Path(folder) / FIT
    content = read_toml(path, MethodError)
    reader = Reader(content)
    _texts(reader, "device", "validation", "torch")
    _numbers(reader, "seconds")
    for key in ("format", "steps", "parameters", "threads"):
        if reader.has(key):
            reader.integer(key, at_least=0)
    reader.table("identity", default={})
    reader.raise_problems(MethodError, str(path), _REMEDY)
    return content


def _texts(reader: Reader, *keys: str) -> None:
    for key in keys:
        if reader.has(key):
            reader.text(key, pattern=LINE, max_length=200)


def _numbers(reader: Reader, *keys: str) -> None:
    for key in keys:
        if reader.has(key):
            reader.number(key, at_least=0)
