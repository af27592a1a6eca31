"""The study of generalisation: train on one value of a factor, test on all of them.

Every network has a folder ``OUT/FACTOR/VALUE`` with its training and its scores, so that an
interrupted or killed study resumes where it stopped; ``OUT`` receives the results of all factors.
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
    refuse_method_folders,
    write_text,
    write_toml,
)
from tembench.methods import Method
from tembench.study.plan import STUDY_FACTORS, Plan, make_plan
from tembench.study.train_and_score import read_network_scores, score_one, train_one
from tembench.study.transfer_matrix import Matrix, matrix_csv, matrix_of, read_results

if TYPE_CHECKING:
    from tembench.dataset import Store

IMAGES = 40
"""Test images per value, about as many as in the released tables of structures."""
RESULTS = "generalization.csv"
RECORD = "study.toml"


@dataclass(frozen=True, kw_only=True)
class Study:
    """Results of one factor, with the method and data that they were obtained with.

    Attributes
    ----------
    matrix : Matrix
        Scores; `tested_on` includes values without test images.
    title : str
        Title of the method.
    recipe : str
        Name and version of the recipe.
    split : str
        "model" or "paper".
    parameters : Mapping
        All parameters of the method.
    train : Mapping of str to int
        Number of training images of each network, by value.
    test : Mapping of str to int
        Number of test images by value, the same for all networks; may be 0.
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
    factors: Sequence[str] = STUDY_FACTORS,
    split: str | None = None,
    values: Sequence[str] = (),
    images: int = IMAGES,
    workers: int = 2,
) -> list[Study]:
    """Train one network per value of each factor and test it on every value.

    Parameters
    ----------
    method : Method
        A trainable method.
    store : tembench.dataset.store.Store
        Source of the images.
    out : Path
        Folder of trainings and results. Complete ones are left as they are.
    factors : sequence of str
        Any of `tembench.study.plan.STUDY_FACTORS`.
    split, values, images
        As for `tembench.study.plan.make_plan`.
    workers : int
        Number of processes for testing; 0 runs in the main process. Does not change any score.

    Returns
    -------
    list of Study
        The studies of `factors` and those that were in `out` before, in the order of
        `STUDY_FACTORS`; their results are in ``out / "generalization.csv"``.

    Raises
    ------
    MethodError
        If the method is not trainable or fails, or a folder contains another training.
    StoreError
        If the store has no images for such a study.
    """
    if not method.trainable:
        raise MethodError(
            "is not trainable",
            where=f"method {method.name}",
            expected="a method with a function train in method.py",
            remedy="use a learned method, such as unet",
        )
    refuse_inputs([out], [store.path], OutputError)
    refuse_method_folders(out, method.folders, OutputError)
    plans = [make_plan(store, f, images=images, split=split, values=values) for f in factors]
    out = absolute(out)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out, OutputError):
        for plan in plans:
            _study(method, store, plan, out / plan.factor, workers)
        studies = [read_study(out / f) for f in STUDY_FACTORS if (out / f / RECORD).is_file()]
        write_text(out / RESULTS, matrix_csv(study.matrix for study in studies))
    return studies


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
        network = folder / value
        train_one(method, store, plan, value, network)
        score_one(method, store, tested, network, workers=workers)
        networks[value] = read_network_scores(network)
    write_text(folder / RESULTS, matrix_csv([matrix_of(plan.factor, networks, plan.test)]))
    # Written last: it marks the results as complete.
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
    """Read a complete study of one factor.

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
            expected="the files of a study of generalisation",
            remedy="remove its study.toml and run the same command again",
        ) from None
    matrix = replace(matrix, trained_on=tuple(train), tested_on=tuple(test))
    return Study(matrix=matrix, train=train, test=test, **values)
