"""Training a method on a store, and knowing afterwards what it was trained on.

``training.toml`` in the folder of weights tells: written before training begins, complete when it
has ended. Weights trained on another split of the same recipe are refused, for they may have seen
the test images.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import (
    MethodError,
    absolute,
    locked,
    made_by,
    refuse_inputs,
    refuse_method_folder,
    write_toml,
)
from tembench.methods.method import Method
from tembench.methods.protocol import TrainingData
from tembench.methods.runs.training_data import training_data
from tembench.methods.training.records import FIT, TRAINING, fit_record, training_record

if TYPE_CHECKING:
    from tembench.dataset import Store


def train(method: Method, store: Store, folder: Path, *, split: str = "model") -> Path:
    """Train a method on the train part of a split, watched on its validation part.

    Parameters
    ----------
    method : Method
        One that defines ``train``.
    store : Store
        Where the clean images are.
    folder : pathlib.Path
        For the weights. Complete training of the same method and data is left as it is;
        interrupted training goes on from what the method left there.
    split : str
        "model", "paper" or a track of the recipe.

    Returns
    -------
    pathlib.Path
        `folder`.

    Raises
    ------
    MethodError
        If the method is not trainable or fails, `folder` holds the training of something else, or
        another process is at work there.
    """
    folder = absolute(folder)
    train_recorded(method, store, folder, lambda: training_data(store, split), split=split)
    return folder


def train_recorded(
    method: Method,
    store: Store,
    folder: Path,
    data: Callable[[], TrainingData],
    *,
    split: str,
    **more: Any,
) -> None:
    """Train a method into a folder, with a record of what it is trained on.

    Parameters
    ----------
    method, store, folder, split
        As for `train`, which also says what is raised.
    data : callable
        Gives what the method may learn from; not asked where the training is complete.
    **more
        What else tells this training from others, for the record.
    """
    wanted: dict[str, Any] = {
        **_of_method(method),
        "recipe": store.recipe.name,
        "recipe_id": store.recipe_id,
        "split": split,
        **more,
    }
    folder = absolute(folder)
    refuse_inputs([folder], [store.path], MethodError)
    for reserved in (method.folder, method.code_folder):
        refuse_method_folder(folder, reserved, MethodError)
    # Before anything is there that `denoise` would take for weights.
    method.check_imports()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, MethodError):
        record = _record(folder, wanted)
        if record["complete"]:
            return
        record["made_by"] = made_by()
        start, before = time.perf_counter(), float(record["seconds"])
        write_toml(folder / TRAINING, record)
        try:
            method.train(data(), folder)
            record["complete"] = True
        finally:
            record["seconds"] = before + time.perf_counter() - start
            write_toml(folder / TRAINING, record)


def refuse_other_training(method: Method, folder: Path) -> None:
    """Raise MethodError if `folder` holds a training of another method, code or parameters."""
    _record(folder, _of_method(method))


def _of_method(method: Method) -> dict[str, Any]:
    return {
        "method": method.name,
        "code": method.code_digest(),
        "parameters": dict(method.parameters),
    }


def _record(folder: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a training begun there, or that of a new one."""
    if not (folder / TRAINING).is_file():
        return {**wanted, "seconds": 0.0, "complete": False}
    record = training_record(folder)
    differing = [key for key in wanted if record.get(key) != wanted[key]]
    if differing:
        raise MethodError(
            f"holds the training of something else: {', '.join(differing)} differ",
            where=str(folder),
            remedy="remove this folder or name another with --out",
        )
    return {"seconds": 0.0, "complete": False, **record}


def read_training(method: Method, store: Store, split: str, weights: Path | None) -> dict[str, Any]:
    """Return what the training of weights cost and was given; refuse weights not to be used.

    Returns
    -------
    dict
        ``training_`` seconds, device, steps, recipe, split, as far as they are known; nothing
        for a method without weights.

    Raises
    ------
    MethodError
        If a trainable method has no weights, or they are another method's, incomplete, or of
        another split of the same recipe. A method with a base needs the weights of that.
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
    record = training_record(weights)
    if not record.get("complete"):
        raise _refused(weights, "training is not finished", "run tembench train again to go on")
    if record.get("method") != trained.name:
        raise _refused(weights, f"trained by method {record.get('method')}", "name its own weights")
    if record.get("recipe_id") == store.recipe_id and record.get("split") != split:
        what = f"trained on split {record.get('split')}: the test images may be among them"
        raise _refused(weights, what, f"train on split {split}")
    return _facts(record, Path(weights))


def _facts(record: dict[str, Any], weights: Path) -> dict[str, Any]:
    fit = fit_record(weights) if (weights / FIT).is_file() else {}
    device = fit.get("device", "cpu")
    if device == "cpu":
        device = record.get("made_by", {}).get("processor")
    found = {
        "seconds": float(record.get("seconds", 0.0)),
        "device": device,
        "steps": fit.get("steps"),
        "recipe": record.get("recipe"),
        "split": record.get("split"),
    }
    return {f"training_{key}": value for key, value in found.items() if value is not None}


def weights_digest(weights: Path) -> str:
    """Return the sha256 of all files in a folder of weights."""
    digest = hashlib.sha256()
    for path in sorted(path for path in Path(weights).rglob("*") if path.is_file()):
        digest.update(path.relative_to(weights).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _refused(weights: Path, what: str, remedy: str) -> MethodError:
    return MethodError(what, where=str(weights), remedy=remedy)
