"""Tuning: a method's parameters chosen on the validation images of a store, never on test images.

The score is the PSNR of the mean squared error over all images, so that an image counts by its
error and not by its decibels. On drawn images, whose doses differ a hundredfold, that would be the
score of those with the fewest electrons: there it is the mean PSNR, which their table ranks by.
Settings can also be compared without clean images, as is necessary
for images from a microscope: each image's electrons are split at random, most go to the denoiser,
and its result is compared with the rest. Both parts are independent Poisson counts, so the
difference between the errors of two settings is estimated without bias, though at a slightly lower
dose. The errors themselves cannot be estimated: the noise of the rest, common to all settings, is
much larger.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import (
    REFERENCE_DOSE_E_PER_PX,
    MethodError,
    absolute,
    progress,
    read_toml,
    run_tasks,
    seed_sequence,
    thin,
    write_toml,
)
from tembench.dataset import spread
from tembench.methods.method import Method
from tembench.methods.protocol import Denoiser, NoisyImage
from tembench.methods.runs.apply import apply, view
from tembench.methods.runs.drawn_parameters import suited
from tembench.recipe import DrawnRecipe

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store

PART = "validation"
TRUTH, COUNTS = "clean images", "held-out counts"
# The best setting depends on the dose, so most of it is kept; the noise of the rest is common to
# all settings, and a few splits determine their differences well.
_SHARE_KEPT = 0.9
_SPLITS = 2
_STAGE = "tuning"


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The outcome of `tune`.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per setting, best first: its parameters, mse and psnr_db, or without truth
        excess_mse, the estimated excess of its mse over the best one's.
    best : Mapping
        Parameters of the best setting.
    tuned : Mapping
        Origin of the parameters, for ``[tuned]`` in ``method.toml``.
    """

    table: pd.DataFrame
    best: Mapping[str, Any]
    tuned: Mapping[str, Any]

    def toml(self, method: Method) -> str:
        """Return ``[parameters]`` and ``[tuned]`` as text for ``method.toml``."""
        import tomli_w

        return tomli_w.dumps({"parameters": method.settings(**self.best), "tuned": self.tuned})


def tune(
    method: Method,
    store: Store,
    workers: int = 2,
    *,
    split: str = "model",
    most_images: int = 24,
    without_truth: bool = False,
    weights: Path | None = None,
) -> Tuning:
    """Try every setting of ``[search]`` on validation images.

    Parameters
    ----------
    method : Method
        A method with a ``[search]`` table.
    store : Store
        Holds the images.
    workers : int
        Number of worker processes; 0 runs in this process.
    split : str
        "model", "paper" or a track of the recipe.
    most_images : int
        Greatest number of images, spread evenly over the validation part.
    without_truth : bool
        Compare with held-out counts of the noisy images instead of the clean images.
    weights : pathlib.Path, optional
        Folder of a training; by default the weights in the method's folder, if there are any.

    Raises
    ------
    MethodError
        If there is nothing to search, the method fails, or images to be split are not counts.
    StoreError
        If there is no validation image.
    """
    method = method.as_trained(weights) if weights else suited(method, store.recipe)
    if not method.search:
        raise MethodError(
            "nothing to tune",
            where=f"method {method.name}",
            expected="lists of values in [search] of method.toml",
        )
    images = store.images(split, PART)
    images = images[spread(len(images), most_images)].tolist()
    settings = [
        dict(zip(method.search, values, strict=True))
        for values in itertools.product(*method.search.values())
    ]
    job = _TuneJob(
        method=method,
        store=store,
        settings=settings,
        weights=absolute(weights) if weights else None,
        without_truth=without_truth,
    )
    mse = job.mean_errors(images, workers, geometric=isinstance(store.recipe, DrawnRecipe))
    best = int(np.argmin(mse))
    tuned = {
        "recipe": f"{store.recipe.name} {store.recipe.version}",
        "recipe_id": store.recipe_id,
        "split": split,
        "part": PART,
        "images": len(images),
        "judged_by": COUNTS if without_truth else TRUTH,
    }
    if not without_truth:
        tuned["psnr_db"] = round(_decibels(float(mse[best])), 3)
    table = _table(settings, mse, without_truth)
    return Tuning(table=table, best=settings[best], tuned=tuned)


def _table(
    settings: Sequence[Mapping[str, Any]], mse: np.ndarray, without_truth: bool
) -> pd.DataFrame:
    import pandas as pd

    scores = (
        {"excess_mse": mse - mse.min()}
        if without_truth
        else {"mse": mse, "psnr_db": [_decibels(value) for value in mse]}
    )
    # Stable: among equal settings the first of the grid wins, on every machine.
    table = pd.DataFrame(settings).assign(**scores)
    return table.sort_values(next(iter(scores)), kind="stable", ignore_index=True)


def write_tuned(method: Method, result: Tuning) -> Path:
    """Write the best setting into ``method.toml``; its comments are lost.

    Returns
    -------
    pathlib.Path
        The file.
    """
    path = method.folder / "method.toml"
    content = read_toml(path, MethodError)
    content["parameters"] = method.settings(**result.best)
    content["tuned"] = dict(result.tuned)
    write_toml(path, content)
    return path


@dataclass(frozen=True, kw_only=True)
class _TuneJob:
    method: Method
    store: Store
    settings: Sequence[Mapping[str, Any]]
    weights: Path | None
    without_truth: bool

    def mean_errors(self, images: list[int], workers: int, *, geometric: bool) -> np.ndarray:
        """Return the error of each setting, averaged over images, (settings,).

        The geometric mean has the mean PSNR; without truth, errors are differences, some of them
        negative, and the mean is arithmetic.
        """
        errors = np.zeros((len(self.settings), len(images)))
        with progress(f"Tuning {self.method.name}", len(images)) as advance:
            for image, mse in run_tasks(self, images, workers, MethodError):
                errors[:, images.index(image)] = mse
                advance(1)
        if geometric and not self.without_truth:
            return np.exp(np.log(np.maximum(errors, np.finfo(float).tiny)).mean(axis=1))
        return errors.mean(axis=1)

    def prepare(self) -> Callable[[int], tuple[int, np.ndarray]]:
        denoisers = [self.method.build(self.weights, **setting) for setting in self.settings]
        score = self._by_counts if self.without_truth else self._by_truth

        def run(number: int) -> tuple[int, np.ndarray]:
            return number, score(denoisers, view(self.method, self.store, number), number)

        return run

    def _by_truth(
        self, denoisers: Sequence[Denoiser], image: NoisyImage, number: int
    ) -> np.ndarray:
        """Return each denoiser's mean squared error at the reference dose."""
        # Only the score uses the truth, not the denoisers.
        clean = self.store.clean(number).astype(np.float64)
        scale = REFERENCE_DOSE_E_PER_PX / image.dose_e_per_px
        results = self._results(denoisers, image, number, scale)
        return np.array([np.mean((result - scale * clean) ** 2) for result in results])

    def _by_counts(
        self, denoisers: Sequence[Denoiser], image: NoisyImage, number: int
    ) -> np.ndarray:
        """Return unbiased estimates of those errors minus a constant, from common splits."""
        errors = np.zeros(len(denoisers))
        scale = REFERENCE_DOSE_E_PER_PX / image.dose_e_per_px
        for split in range(_SPLITS):
            seed = seed_sequence(self.store.recipe.seed, _STAGE, number, split)
            try:
                kept, rest = thin(image.counts, _SHARE_KEPT, np.random.default_rng(seed))
            except ValueError as error:
                raise MethodError(
                    "the values of this detector cannot be split",
                    where=f"image {number} of {self.store.path}",
                    expected="integer numbers of electrons, not negative",
                    remedy="tune with the truth, or on images without read noise",
                ) from error
            thinned = replace(
                image,
                counts=kept.astype(image.counts.dtype),
                dose_e_per_px=_SHARE_KEPT * image.dose_e_per_px,
            )
            held_out = scale / (1 - _SHARE_KEPT) * rest
            results = self._results(denoisers, thinned, number, scale / _SHARE_KEPT)
            # The error less the mean square of the truth, which no setting changes.
            errors += [np.mean(result * (result - 2 * held_out)) for result in results]
        return errors / _SPLITS

    def _results(
        self, denoisers: Sequence[Denoiser], image: NoisyImage, number: int, scale: float
    ) -> Iterator[np.ndarray]:
        """Denoise, scale to the reference dose and clamp to 0-1 e/px, as PSNR does."""
        for denoiser in denoisers:
            result = apply(self.method, denoiser, image, f"image {number}")
            yield np.clip(scale * result.astype(np.float64), 0, 1)


def _decibels(mse: float) -> float:
    return -10 * math.log10(mse) if mse > 0 else math.inf
