"""Networks of a study: one trained per value of a factor, with its scores in the same folder."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import (
    REFERENCE_DOSE_E_PER_PX,
    MethodError,
    OutputError,
    csv_text,
    progress,
    run_tasks,
    write_text,
)
from tembench.methods import (
    CleanImages,
    Method,
    NoisyImages,
    TrainingData,
    apply,
    train_recorded,
    training_data,
    view,
    warm_up,
)
from tembench.metrics import METRICS, psnr_db, ssim
from tembench.study.plan import Plan

if TYPE_CHECKING:
    from tembench.dataset import Store

NETWORK_SCORES = "scores.csv"
_SCORE_COLUMNS = ("image", "psnr_db", "ssim", "versions")
# At most so many scores are lost if the process is killed.
_ROWS_BETWEEN_WRITES = 8

Scores = dict[int, tuple[float, float]]
"""PSNR in dB and SSIM by image number."""


def train_one(method: Method, store: Store, plan: Plan, value: str, folder: Path) -> None:
    """Train on the images of one value, or resume; a complete training is left as it is.

    Parameters
    ----------
    method : Method
        A method that defines ``train``.
    store : tembench.dataset.store.Store
        Source of the clean images.
    plan : Plan
        Selects the images.
    value : str
        A key of ``plan.train``.
    folder : Path
        Receives the weights and ``training.toml``.

    Raises
    ------
    MethodError
        If the method fails, or `folder` contains another training.
    """
    train_recorded(
        method,
        store,
        folder,
        lambda: _data(store, plan, value),
        split=plan.split,
        only={plan.factor: value},
    )


def _data(store: Store, plan: Plan, value: str) -> TrainingData:
    """Training data of that value only."""
    data = training_data(store, plan.split, train=np.array(plan.train[value]))
    watched = plan.validation[value]
    return replace(
        data,
        validation=CleanImages(store, watched),
        noisy_validation=NoisyImages(store, watched),
    )


def score_one(
    method: Method,
    store: Store,
    images: Sequence[int],
    folder: Path,
    *,
    workers: int,
) -> None:
    """Score the network in a folder on noisy images; existing scores are kept.

    Parameters
    ----------
    method : Method
        The trained method.
    store : tembench.dataset.store.Store
        Source of the noisy and clean images.
    images : sequence of int
        Numbers of the images to test on.
    folder : Path
        Contains the weights; receives ``scores.csv``.
    workers : int
        Number of worker processes; 0 runs in the main process. Does not change any score.
    """
    scores = read_network_scores(folder)
    missing = [image for image in images if image not in scores]
    job = _Job(method=method, store=store, weights=folder)
    done = len(images) - len(missing)
    try:
        with progress(f"Testing {folder.name}", len(images), done) as advance:
            for image, psnr, similarity in run_tasks(job, missing, workers, MethodError):
                scores[image] = (psnr, similarity)
                if len(scores) % _ROWS_BETWEEN_WRITES == 0:
                    _write_scores(folder, scores)
                advance(1)
    finally:
        if missing:
            _write_scores(folder, scores)


def read_network_scores(folder: Path) -> Scores:
    """Read the scores of the network in a folder, those of the current metric versions only."""
    path = folder / NETWORK_SCORES
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        try:
            rows = [row for row in csv.DictReader(file) if row["versions"] == _versions()]
            return {int(r["image"]): (float(r["psnr_db"]), float(r["ssim"])) for r in rows}
        except (KeyError, ValueError, TypeError, csv.Error):
            raise OutputError(
                "not the scores of a study",
                where=str(path),
                expected=f"the columns {', '.join(_SCORE_COLUMNS)}",
                remedy="remove this file; the same command writes it again",
            ) from None


def _write_scores(folder: Path, scores: Scores) -> None:
    rows = [
        (image, repr(psnr), repr(similarity), _versions())
        for image, (psnr, similarity) in sorted(scores.items())
    ]
    write_text(folder / NETWORK_SCORES, csv_text([_SCORE_COLUMNS, *rows]))


def _versions() -> str:
    return f"{METRICS['psnr_db'].version} {METRICS['ssim'].version}"


@dataclass(frozen=True, kw_only=True)
class _Job:
    method: Method
    store: Store
    weights: Path

    def prepare(self) -> Callable[[int], tuple[int, float, float]]:
        denoiser = self.method.build(self.weights)
        warm_up(self.method, denoiser, self.store)

        def run(image: int) -> tuple[int, float, float]:
            seen = view(self.method, self.store, image)
            denoised = apply(self.method, denoiser, seen, f"image {image}")
            scale = REFERENCE_DOSE_E_PER_PX / seen.dose_e_per_px
            clean = scale * self.store.clean(image)
            return image, psnr_db(clean, scale * denoised), ssim(clean, scale * denoised)

        return run
