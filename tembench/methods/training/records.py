"""Records of a training: ``training.toml`` and ``fit.toml``, read, checked and compared.

Weights, and so their records, may come from other people: every reader of a record uses these
functions. ``training.toml`` is written before a training begins and marked as complete when it has
ended. Weights trained on another split of the same recipe are refused, because the test images may
have been among their training images.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import MethodError, Reader, read_toml
from tembench.methods.method_toml import SINGLE_LINE

if TYPE_CHECKING:
    from tembench.dataset import Store
    from tembench.methods.method import Method

TRAINING = "training.toml"
FIT = "fit.toml"
"""The record of the training loop, written by `tembench.methods.training.checkpoint`."""
_REMEDY = "leave it as tembench train writes it, or train again into another folder"


def training_record(folder: Path) -> dict[str, Any]:
    """Read ``training.toml``.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of weights.

    Raises
    ------
    MethodError
        If the file is missing or not TOML, or values have the wrong type: all of them in one
        line. Keys may be missing, and there may be others.
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
    """Read ``fit.toml``; parameter and errors as for `training_record`."""
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
            reader.text(key, pattern=SINGLE_LINE, max_length=200)


def _numbers(reader: Reader, *keys: str) -> None:
    for key in keys:
        if reader.has(key):
            reader.number(key, at_least=0)


def described(method: Method) -> dict[str, Any]:
    """Return what a record holds about the method: name, digest of its code and parameters."""
    return {
        "method": method.name,
        "code": method.code_digest(),
        "parameters": dict(method.parameters),
    }


def begun_record(folder: Path, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of the training that `folder` holds, or that of a new one.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of weights.
    expected : Mapping
        Entries of the record that must agree: method, data, split.

    Raises
    ------
    MethodError
        If the training there differs in one of them.
    """
    if not (folder / TRAINING).is_file():
        return {**expected, "seconds": 0.0, "complete": False}
    record = training_record(folder)
    differing = [key for key in expected if record.get(key) != expected[key]]
    if differing:
        raise MethodError(
            f"holds the training of something else: {', '.join(differing)} differ",
            where=str(folder),
            remedy="remove this folder or name another with --out",
        )
    return {"seconds": 0.0, "complete": False, **record}


def refuse_other_training(method: Method, folder: Path) -> None:
    """Raise MethodError if `folder` holds a training of another method, code or parameters."""
    begun_record(folder, described(method))


def read_training(method: Method, store: Store, split: str, weights: Path | None) -> dict[str, Any]:
    """Return the cost and the data of the training behind weights; refuse unusable weights.

    Parameters
    ----------
    method : Method
        The method to run; one with a base uses the weights of its base.
    store : Store
        Holds the images to denoise.
    split : str
        Split of the images to denoise.
    weights : pathlib.Path or None
        Folder of weights, if there is one.

    Returns
    -------
    dict
        ``training_`` seconds, device, steps, recipe and split, as far as they are known; empty for
        a method without weights.

    Raises
    ------
    MethodError
        If a trainable method has no weights, or they are another method's, incomplete, or of
        another split of the same recipe.
    """
    trained = method.base or method
    if weights is None:
        if trained.trainable:
            raise MethodError(
                "has no weights",
                where=f"method {method.name}",
                expected="the folder of a training",
                remedy=f"train it first: tembench train {trained.name} STORE",
            )
        return {}
    record = finished_record(method, weights)
    if record.get("recipe_id") == store.recipe_id and record.get("split") != split:
        what = f"trained on split {record.get('split')}: the test images may be among them"
        raise _refused(weights, what, f"train on split {split}")
    return _cost_and_data(record, Path(weights))


def finished_record(method: Method, weights: Path) -> dict[str, Any]:
    """Return the record of a finished training of the method, or of its base.

    Raises
    ------
    MethodError
        If the training is unfinished or that of another method; see also `training_record`.
    """
    record = training_record(weights)
    if not record.get("complete"):
        raise _refused(weights, "training is not finished", "rerun tembench train to resume it")
    if record.get("method") != (method.base or method).name:
        what = f"trained by method {record.get('method')}"
        raise _refused(weights, what, "use weights of this method")
    return record


def _cost_and_data(record: Mapping[str, Any], weights: Path) -> dict[str, Any]:
    fit = fit_record(weights) if (weights / FIT).is_file() else {}
    device = fit.get("device", "cpu")
    if device == "cpu":
        device = record.get("made_by", {}).get("processor")
    known = {
        "seconds": float(record.get("seconds", 0.0)),
        "device": device,
        "steps": fit.get("steps"),
        "recipe": record.get("recipe"),
        "split": record.get("split"),
    }
    return {f"training_{key}": value for key, value in known.items() if value is not None}


def trained_on(training: Mapping[str, Any], store: Store) -> dict[str, str]:
    """Return the key ``trained_on`` of outputs, where the record of the weights names their data.

    Parameters
    ----------
    training : Mapping
        From `read_training`.
    store : Store
        Holds the images to denoise.
    """
    recipe = training.get("training_recipe")
    if recipe is None:
        return {}
    # A sealed test is named after its public recipe.
    own = str(store.recipe.name).partition("-sealed-")[0]
    return {"trained_on": "this track" if recipe == own else "other simulations"}


def weights_digest(weights: Path) -> str:
    """Return the sha256 of all files in a folder of weights."""
    digest = hashlib.sha256()
    for path in sorted(path for path in Path(weights).rglob("*") if path.is_file()):
        digest.update(path.relative_to(weights).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _refused(weights: Path, what: str, remedy: str) -> MethodError:
    return MethodError(what, where=str(weights), remedy=remedy)
