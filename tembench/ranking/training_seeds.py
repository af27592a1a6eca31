"""Trainings of one network with other seeds: merged into one row, with their spread.

A submission whose ``submission.toml`` has the line ``seed_of = "NAME"`` is a further training of
the network that was submitted as NAME. Its scores are averaged with those of NAME, image by image:
the row is then what a training is expected to reach, not the best of several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tembench.core import TableError
from tembench.ranking.statistics import resampling
from tembench.ranking.submission import Submission


def merge_trainings(
    submissions: Sequence[Submission], metric: str
) -> tuple[list[Submission], Mapping[str, tuple[float, ...]]]:
    """Merge the trainings of each network.

    Parameters
    ----------
    submissions : sequence of Submission
        Comparable submissions.
    metric : str
        Metric whose mean is told for each training.

    Returns
    -------
    merged : list of Submission
        One for each network, with the mean of the trainings' scores.
    seed_means : Mapping of str to tuple of float
        Mean of the metric of each training, by the name of the merged submission.

    Raises
    ------
    TableError
        If a training is of a network that is not here, or that is another one.
    """
    further: dict[str, list[Submission]] = {}
    for one in submissions:
        if one.seed_of:
            further.setdefault(one.seed_of, []).append(one)
    first = {one.name: one for one in submissions if not one.seed_of}
    for name, others in further.items():
        for other in others:
            _check_same_network(other, first.get(name))
    merged = [_merged([one, *further.get(one.name, [])]) for one in first.values()]
    seed_means = {
        name: tuple(_mean(one, metric) for one in (first[name], *others))
        for name, others in further.items()
    }
    return merged, seed_means


def _check_same_network(other: Submission, first: Submission | None) -> None:
    problem = ""
    if first is None:
        problem = "which is not here"
    elif other.description.method.name != first.description.method.name:
        problem = f"which is a submission of {first.description.method.name}"
    elif _without_seeds(other) != _without_seeds(first):
        problem = "which has other parameters"
    elif list(other.scores["image"]) != list(first.scores["image"]):
        problem = "which was scored on other images"
    elif other.metrics != first.metrics:
        problem = "which has other metrics"
    if problem:
        raise TableError(
            f"{other.name!r} is a further training of {other.seed_of!r}, {problem}",
            expected="a submission of the same method, parameters, images and metrics",
            remedy="submit it without --seed-of",
        )


def _without_seeds(submission: Submission) -> dict[str, object]:
    parameters = submission.description.method.parameters
    return {name: value for name, value in parameters.items() if "seed" not in name}


def _merged(trainings: Sequence[Submission]) -> Submission:
    first = trainings[0]
    if len(trainings) == 1:
        return first
    columns = [*first.metrics, "seconds"]
    with np.errstate(invalid="ignore"):
        mean = np.mean(
            [one.scores[columns].to_numpy(dtype=np.float64) for one in trainings], axis=0
        )
    return replace(
        first,
        scores=first.scores.assign(**dict(zip(columns, mean.T, strict=True))),
        missing=max(one.missing for one in trainings),
    )


def _mean(submission: Submission, metric: str) -> float:
    scores = submission.scores
    if metric not in scores:
        return float("nan")
    draws = resampling(list(scores["model"]), resamples=1)
    return float(draws.mean(scores[metric].to_numpy(dtype=np.float64)))
