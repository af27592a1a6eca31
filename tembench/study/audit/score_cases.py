"""One method on all cases of an audit, image by image; scored images are kept in the folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import (
    MethodError,
    OutputError,
    progress,
    run_tasks,
    seed_sequence,
    write_text,
)
from tembench.methods import (
    Denoiser,
    Method,
    NoisyImage,
    apply,
    method_origin,
    suited,
    weights_digest,
)
from tembench.simulation import draw_recording
from tembench.study.audit import CHANGES, AuditViews, View, score_on_disc

Rows = list[list[Any]]
# Raised whenever a score of the same output would be another.
_VERSION = 1


def score_method(
    method: Method, views: AuditViews, *, weights: Path | None = None, workers: int = 2
) -> Rows:
    """Denoise and score every view.

    Parameters
    ----------
    method : Method
        The method; one that needs a series of images is refused.
    views : AuditViews
        Simulated views. Scores of the same method, parameters and weights are kept beside them.
    weights : Path, optional
        Folder of trained weights, instead of those that come with the method.
    workers : int
        Number of processes; 0 works in this one.

    Returns
    -------
    list of list
        Rows ``specimen, image, case, psnr_db, column_f1``, ordered; the last may be None.
    """
    if method.input == "series":
        raise MethodError(
            "needs a series of images",
            where=f"method {method.name}",
            expected="a method that denoises single images",
            remedy="Audit another method",
        )
    weights = weights or method.shipped_weights
    method = method.as_trained(weights) if weights else suited(method, views.store.recipe)
    run = _MethodRun(method=method, weights=weights, views=views)
    kept = _read_kept(run.path)
    lacking = [image for image in views.images if image not in kept]
    results = run_tasks(run, lacking, workers, MethodError, where=views.folder)
    title = f"Auditing {method.name}"
    with progress(title, len(views.images), len(views.images) - len(lacking)) as advance:
        for image, rows in results:
            kept[image] = rows
            write_text(run.path, json.dumps({str(i): kept[i] for i in sorted(kept)}))
            advance(1)
    return [row for image in views.images for row in kept[image]]


def noisy_view(views: AuditViews, image: int, case: str, view: View) -> tuple[np.ndarray, float]:
    """Recorded image of a view and its dose in e/px.

    The seed is that of the store, the image and the number of the noise alone, so that cases of one
    dose have the same random numbers.
    """
    store, change = views.store, CHANGES[case]
    dose = store.dose_of(image) * change.dose
    seed = seed_sequence(store.recipe.seed, "audit noise", image, change.noise)
    recorded = draw_recording(
        view.expected(dose),
        store.detector_of(image),
        np.random.Generator(np.random.PCG64(seed)),
    )
    if recorded.dtype.kind in "iu":
        recorded = recorded.astype(np.min_scalar_type(int(recorded.max(initial=0))))
    return recorded, dose


@dataclass(frozen=True, kw_only=True)
class _MethodRun:
    """A job that scores one method."""

    method: Method
    weights: Path | None
    views: AuditViews
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        origin = {
            **method_origin(self.method),
            "weights": weights_digest(self.weights) if self.weights else "",
            "recipe_id": self.views.store.recipe_id,
            "version": str(_VERSION),
        }
        digest = hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()
        name = f"scores-{self.method.name}-{digest[:16]}.json"
        object.__setattr__(self, "path", self.views.folder / name)

    def prepare(self) -> Callable[[int], tuple[int, Rows]]:
        denoiser = self.method.build(self.weights)
        return lambda image: (image, self._rows(denoiser, image))

    def _rows(self, denoiser: Denoiser, image: int) -> Rows:
        specimen = self.views.images[image]
        return [[specimen, image, case, *self._scores(denoiser, image, case)] for case in CHANGES]

    def _scores(self, denoiser: Denoiser, image: int, case: str) -> tuple[float, float | None]:
        view = self.views.of(image, case)
        noisy, dose = noisy_view(self.views, image, case, view)
        oracle = self.method.kind == "control" and self.method.input == "clean"
        seen = NoisyImage(
            counts=view.expected(dose) if oracle else noisy,
            pixel_size_A=view.pixel_size_A,
            dose_e_per_px=dose,
        )
        result = apply(self.method, denoiser, seen, f"image {image}, {case}")
        return score_on_disc(view, result, dose)


def _read_kept(path: Path) -> dict[int, Rows]:
    """Rows of the images that were scored before."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kept = {int(image): rows for image, rows in content.items()}
    except (ValueError, AttributeError):
        kept = {-1: []}
    if any([row[2] for row in rows] != list(CHANGES) for rows in kept.values()):
        raise OutputError(
            "not the scores of an audit",
            where=str(path),
            remedy="Remove the file and rerun the command",
        )
    return kept
