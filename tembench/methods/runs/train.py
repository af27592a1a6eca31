"""Training of a method on a store, with a record beside the weights.

``training.toml`` records method, code, parameters, recipe and split; see
`tembench.methods.training.records`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import (
    MethodError,
    absolute,
    locked,
    made_by,
    refuse_inputs,
    refuse_method_folders,
    write_toml,
)
from tembench.methods.method import Method
from tembench.methods.protocol import TrainingData
from tembench.methods.runs.drawn_parameters import announce, suited
from tembench.methods.runs.training_data import training_data
from tembench.methods.training.records import (
    TRAINING,
    begun_record,
    described,
    training_record,
    weights_digest,
)
from tembench.recipe import DrawnRecipe

if TYPE_CHECKING:
    from tembench.dataset import Store


def train(
    method: Method,
    store: Store,
    folder: Path,
    *,
    split: str = "model",
    start: Path | None = None,
) -> Path:
    """Train a method on the train part of a split, validated on its validation part.

    Parameters
    ----------
    method : Method
        One that defines ``train``.
    store : Store
        Holds the training images.
    folder : pathlib.Path
        Receives the weights. A complete training of the same method and data is left as it is; an
        interrupted one resumes from what the method wrote there.
    split : str
        "model", "paper" or a track of the recipe.
    start : pathlib.Path, optional
        Folder of weights that the network starts from, such as those of another data set; it has
        the same architecture. By default random weights.

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
    started = {} if start is None else {"start": weights_digest(start)}
    every = np.arange(len(store.table)) if method.training_images == "all" else None

    def data() -> TrainingData:
        return replace(training_data(store, split, train=every), start=start)

    spent = 0.0 if start is None else _seconds_of(start)
    train_recorded(method, store, folder, data, split=split, seconds_before=spent, **started)
    return folder


def train_recorded(
    method: Method,
    store: Store,
    folder: Path,
    data: Callable[[], TrainingData],
    *,
    split: str,
    seconds_before: float = 0.0,
    **more: Any,
) -> None:
    """Train a method into a folder, with a record of its training data.

    Parameters
    ----------
    method, store, folder, split
        As for `train`; so are the errors.
    data : callable
        Returns the training data; not called where the training is complete.
    seconds_before : float
        Time that the weights which the training starts from have taken.
    **more
        Further entries of the record that distinguish this training from others.
    """
    given, method = method, suited(method, store.recipe)
    expected: dict[str, Any] = {
        **described(method),
        "recipe": store.recipe.name,
        "recipe_id": store.recipe_id,
        "split": split,
        **more,
    }
    _refuse_series(method, store)
    folder = absolute(folder)
    refuse_inputs([folder], [store.path], MethodError)
    refuse_method_folders(folder, method.folders, MethodError)
    # Before anything exists there that `denoise` would take for weights.
    method.check_imports()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, MethodError):
        record = begun_record(folder, expected)
        if record["complete"]:
            return
        announce(given, method, store.recipe)
        record["made_by"] = made_by()
        start, before = time.perf_counter(), float(record["seconds"]) or seconds_before
        write_toml(folder / TRAINING, record)
        try:
            method.train(data(), folder)
            record["complete"] = True
        finally:
            record["seconds"] = before + time.perf_counter() - start
            write_toml(folder / TRAINING, record)


def _seconds_of(weights: Path) -> float:
    """Seconds that a training took, with those before it; 0 where there is no record."""
    record = training_record(weights) if (weights / TRAINING).is_file() else {}
    return float(record.get("seconds", 0.0))


def _refuse_series(method: Method, store: Store) -> None:
    """Raise MethodError for a method that learns from focal series, where there are none."""
    if method.input == "series" and isinstance(store.recipe, DrawnRecipe):
        raise MethodError(
            "is trained on focal series of one dose",
            where=f"method {method.name}",
            got=f"the drawn images of {store.recipe.name}, each of optics and dose of its own",
            remedy="train a method that denoises single images, such as unet",
        )
