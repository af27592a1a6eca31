"""The study of generalisation: train on one value of a factor, test on all of them.

Every network has a folder ``OUT/FACTOR/VALUE`` with its training and its scores, so that a study
that was interrupted or killed goes on where it stopped; ``OUT`` gets the results of all factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import (
    MethodError,
    OutputError,
    absolute,
    locked,
    notice,
    read_toml,
    refuse_inputs,
    refuse_method_folder,
    write_text,
    write_toml,
)
from tembench.methods import Method
from tembench.study.plan import FACTORS, Plan, make_plan
from tembench.study.train_and_score import read_scores, score_one, train_one
from tembench.study.transfer_matrix import Matrix, as_csv, matrix_of, read_results

if TYPE_CHECKING:
    from tembench.dataset import Store

IMAGES = 40
"""Images tested on for each value, about as many as in the released tables of structures."""
RESULTS = "generalization.csv"
RECORD = "study.toml"


@dataclass(frozen=True, kw_only=True)
class Study:
    """The results of one factor, and what they were made from.

    Attributes
    ----------
    matrix : Matrix
        Scores; `tested_on` has the values without images under test too.
    title : str
        Of the method.
    recipe : str
        Name and version.
    split : str
        "model" or "paper".
    parameters : Mapping
        All those of the method.
    train : Mapping of str to int
        Images that each network was trained on, by value.
    test : Mapping of str to int
        Images that all were tested on, by value; may be 0.
    """

    matrix: Matrix
    title: str
    recipe: str
    split: str
    parameters: Mapping[str, Any]
    train: Mapping[str, int]
    test: Mapping[str, int]


def generalization(
    method: Method,
    store: Store,
    out: Path,
    *,
    factors: Sequence[str] = FACTORS,
    split: str | None = None,
    values: Sequence[str] = (),
    images: int = IMAGES,
    workers: int = 2,
) -> list[Study]:
    """Train one network per value of each factor and test it on every value.

    Parameters
    ----------
    method : Method
        One that is trained.
    store : tembench.dataset.store.Store
        The images.
    out : Path
        Where trainings and results go. What is complete there is left as it is.
    factors : sequence of str
        Names in `tembench.study.plan.FACTORS`.
    split, values, images
        As for `tembench.study.plan.make_plan`.
    workers : int
        Processes that test; 0 works in this one. Changes no value.

    Returns
    -------
    list of Study
        Those asked for and those that `out` held before, in the order of `FACTORS`; their results
        are in ``out / "generalization.csv"``.

    Raises
    ------
    MethodError
        If the method is not trained or fails, or a folder holds another training.
    StoreError
        If there are no images for such a study.
    """
    if not method.trainable:
        raise MethodError(
            "is not trained",
            where=f"method {method.name}",
            expected="a method with a function train in method.py",
            remedy="study a learned one, such as unet",
        )
    refuse_inputs([out], [store.path], OutputError)
    refuse_method_folder(out, method.folder, OutputError)
    plans = [make_plan(store, f, images=images, split=split, values=values) for f in factors]
    out = absolute(out)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out, OutputError):
        for plan in plans:
            _study(method, store, plan, out / plan.factor, workers)
        found = [read_study(out / f) for f in FACTORS if (out / f / RECORD).is_file()]
        write_text(out / RESULTS, as_csv(study.matrix for study in found))
    return found


def _study(
    method: Method,
    store: Store,
    plan: Plan,
    folder: Path,
    workers: int,
) -> None:
    tested = [image for images in plan.test.values() for image in images]
    networks = {}
    for number, (value, images) in enumerate(plan.train.items(), 1):
        notice(
            f"{plan.factor} {value}, network {number} of {len(plan.train)}: {len(images)} images"
        )
        place = folder / value
        train_one(method, store, plan, value, place)
        score_one(method, store, tested, place, workers=workers)
        networks[value] = read_scores(place)
    write_text(folder / RESULTS, as_csv([matrix_of(plan.factor, networks, plan.test)]))
    # Last: it says that the results are complete.
    write_toml(
        folder / RECORD,
        {
            "factor": plan.factor,
            "method": method.name,
            "title": method.title,
            "recipe": f"{store.recipe.name} {store.recipe.version}",
            "recipe_id": store.recipe_id,
            "split": plan.split,
            "parameters": dict(method.parameters),
            "train": {value: len(images) for value, images in plan.train.items()},
            "test": {value: len(images) for value, images in plan.test.items()},
        },
    )


def read_study(folder: Path) -> Study:
    """Read the complete study of one factor.

    Raises
    ------
    OutputError
        If it is damaged.
    """
    record = read_toml(folder / RECORD, OutputError)
    try:
        matrix = read_results(folder / RESULTS)[record["factor"]]
        values = {key: record[key] for key in ("title", "recipe", "split", "parameters")}
        train, test = dict(record["train"]), dict(record["test"])
    except KeyError as problem:
        raise OutputError(
            f"{problem.args[0]} is missing",
            where=str(folder),
            expected="what a study of generalisation writes",
            remedy="remove its study.toml and run the same command again",
        ) from None
    matrix = replace(matrix, trained_on=tuple(train), tested_on=tuple(test))
    return Study(matrix=matrix, train=train, test=test, **values)
