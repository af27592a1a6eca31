"""Scored UNets of different receptive fields, read from submissions or scored outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import OutputError, Reader, TableError
from tembench.metrics import METRICS, Metric
from tembench.ranking import (
    SCORES_CSV,
    SCORES_TOML,
    SUBMISSION_TOML,
    Interval,
    Submission,
    check_submission,
    difference,
    read_rows,
    read_run_description,
    read_tables,
    refuse_links,
    resampling,
    table_of_submissions,
)

if TYPE_CHECKING:
    from tembench.recipe import Recipe

SHOWN = ("psnr_db", "ssim", "column_f1", "surface_f1")
"""Metrics compared."""
# Limits for untrusted records: a larger network is never built, not even to count its parameters.
_LARGEST = {"scales": 12, "channels": 4096}


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A scored network.

    Attributes
    ----------
    submission : Submission
        Its scores and its description of the method and the data.
    scales : int
        Number of resolutions.
    field_px : int
        Side of the receptive field in native pixels: the input that can change one output pixel.
    field_A : float
        Side of the receptive field, angstrom.
    parameters : int
        Number of learned parameters.
    values : Mapping of str to Interval
        By metric: mean over images, with its interval over models.
    gains : Mapping of str to Interval
        By metric: paired difference to the network with the next smaller field, with its interval
        over models; empty for the first network.
    """

    submission: Submission
    scales: int
    field_px: int
    field_A: float
    parameters: int
    values: Mapping[str, Interval]
    gains: Mapping[str, Interval]


def compare(paths: Sequence[Path], recipe: Recipe) -> list[Network]:
    """Compare UNets by their receptive field, smallest first.

    Parameters
    ----------
    paths : sequence of Path
        Folders of submissions or scored outputs of UNets tested on the same images.
    recipe : Recipe
        Recipe of these images.

    Raises
    ------
    OutputError
        If a folder is neither, or is not valid.
    TableError
        If there are fewer than two, one is not a UNet, or they are not comparable.
    """
    if len(paths) < 2:
        raise TableError(
            "nothing to compare with",
            where=str(paths[0]) if paths else None,
            expected="two or more submissions or scored outputs",
        )
    table = table_of_submissions([read_entry(Path(path)) for path in paths])
    partly = [row.submission.name for row in table.rows if row.on_subset]
    if partly:
        raise TableError(
            "tested on a subset of the others' images",
            where=", ".join(partly),
            expected="networks tested on the same images",
            remedy="denoise the whole test set with it",
        )
    found = [(_size(row.submission), row) for row in table.rows]
    found.sort(key=lambda pair: (*pair[0], pair[1].submission.name))
    shown = [metric for metric in table.metrics if metric.name in SHOWN]
    draws = resampling(list(table.rows[0].submission.scores["model"]))
    networks: list[Network] = []
    for (field_px, parameters), row in found:
        before = networks[-1].submission if networks else None
        networks.append(
            Network(
                submission=row.submission,
                scales=int(_architecture(row.submission)["scales"]),
                field_px=field_px,
                field_A=field_px * recipe.box.pixel_size_A,
                parameters=parameters,
                values={metric.name: row.values[metric.name] for metric in shown},
                gains={
                    metric.name: difference(_of(row.submission, metric), _of(before, metric), draws)
                    for metric in shown
                    if before is not None
                },
            )
        )
    return networks


def read_entry(path: Path) -> Submission:
    """Read a submission, or scored outputs as if they were one."""
    if (path / SUBMISSION_TOML).is_file():
        return check_submission(path)
    if not (path / SCORES_TOML).is_file():
        raise OutputError(
            "neither a submission nor scored outputs",
            where=str(path),
            expected=f"a folder with {SUBMISSION_TOML} or {SCORES_TOML}",
            remedy=f"run: tembench score {path} STORE",
        )
    refuse_links(path)
    content = read_tables(path / SCORES_TOML)
    reader = Reader(content)
    description = read_run_description(reader, content)
    versions = reader.table("metrics")
    metrics = {name: versions.integer(name, at_least=1) for name in METRICS if versions.has(name)}
    reader.raise_problems(OutputError, str(path / SCORES_TOML), "score the outputs again")
    scores = path / SCORES_CSV
    return Submission(
        name=path.resolve().name,
        path=path,
        description=description,
        metrics=metrics,
        scores=read_rows(scores.read_bytes(), scores, metrics, description.data.images),
        panel=b"",
    )


def _of(submission: Submission, metric: Metric) -> np.ndarray:
    return submission.scores[metric.name].to_numpy(dtype=np.float64)


def _size(submission: Submission) -> tuple[int, int]:
    """Side of the receptive field in pixels, and number of learned parameters."""
    from tembench.methods import unet_size

    bins, parameters = unet_size(_architecture(submission))
    return bins * int(submission.description.method.parameters["binning"]), parameters


def _architecture(submission: Submission) -> dict[str, Any]:
    parameters = submission.description.method.parameters
    kinds = {"scales": int, "channels": int, "widening": float, "bias_free": bool, "binning": int}
    whole = all(type(parameters.get(name)) is kind for name, kind in kinds.items())
    if not whole or not all(1 <= parameters[name] <= most for name, most in _LARGEST.items()):
        raise TableError(
            "not a UNet whose size is recorded",
            where=submission.name,
            expected=f"the parameters {', '.join(kinds)}",
            got=", ".join(sorted(set(kinds) & set(parameters))) or "none of them",
            remedy="compare submissions of unet, unet-2-scales and the like",
        )
    return {name: parameters[name] for name in kinds if name != "binning"}
