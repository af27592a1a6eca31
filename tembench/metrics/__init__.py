"""The metrics, each with what a table must know to rank by it.

A metric is a pure function of one `Scene` plus its declaration. `METRICS` is the registry, in the
order of the columns; `evaluate` runs all of it on one scene. Images are compared at the scale where
vacuum is 0.45 e/px: a peak of 1 e/px there is one of dose / 0.45 e/px at another dose.

Examples
--------
>>> import numpy as np
>>> clean = np.full((16, 16), 0.45, dtype=np.float32)
>>> clean[4:12, 4:12] = 0.6
>>> scores = evaluate(
...     Scene(clean=clean, denoised=clean, dose_e_per_px=0.45, particle_mask=clean > 0.5)
... )
>>> scores["psnr_db"], scores["ssim"], scores["skill"]
(inf, 1.0, 1.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tembench.metrics import fidelity
from tembench.scale import REFERENCE_DOSE_E_PER_PX

__all__ = ["METRICS", "Metric", "Scene", "counted", "evaluate", "mean", "versions"]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One image as a metric sees it: all that a metric may depend on.

    Attributes
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.
    particle_mask : array of bool (y, x)
        Pixels of the particle; none in a blank image, which shows nothing at all.
    """

    clean: np.ndarray
    denoised: np.ndarray
    dose_e_per_px: float
    particle_mask: np.ndarray

    def at_reference_dose(self) -> Scene:
        """The same scene on the scale on which images of all doses are compared."""
        if self.dose_e_per_px == REFERENCE_DOSE_E_PER_PX:
            return self
        scale = REFERENCE_DOSE_E_PER_PX / self.dose_e_per_px
        return Scene(
            clean=np.multiply(self.clean, scale, dtype=np.float64),
            denoised=np.multiply(self.denoised, scale, dtype=np.float64),
            dose_e_per_px=REFERENCE_DOSE_E_PER_PX,
            particle_mask=self.particle_mask,
        )


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric's declaration.

    Attributes
    ----------
    name : str
        Column name in every file, with the unit where there is one.
    title : str
        Heading in a table.
    unit : str
        Empty for a pure number.
    direction : {"higher", "lower"}
        Which way is better.
    ideal : float
        The value of a perfect image.
    range : tuple of float
        Smallest and largest possible value.
    version : int
        Raised whenever a value could change; tables never mix versions.
    decimals : int
        Digits worth showing.
    summary : str
        One sentence.
    function : callable
        From a `Scene` to the value.
    """

    name: str
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    ideal: float
    range: tuple[float, float]
    version: int
    decimals: int
    summary: str
    function: Callable[[Scene], float]

    @property
    def worst(self) -> float:
        """The end of the range away from the ideal: what a missing value counts as."""
        return self.range[0] if self.direction == "higher" else self.range[1]

    def __call__(self, scene: Scene) -> float:
        """The metric of one image; NaN becomes `worst`."""
        value = float(self.function(scene.at_reference_dose()))
        return self.worst if math.isnan(value) else value


def _psnr_db(scene: Scene) -> float:
    value = fidelity.psnr_db(scene.clean, scene.denoised)
    return value if scene.particle_mask.any() else min(value, fidelity.BLANK_PSNR_DB)


def _skill(scene: Scene) -> float:
    skill = fidelity.skill if scene.particle_mask.any() else fidelity.blank_skill
    return skill(scene.clean, scene.denoised, dose_e_per_px=scene.dose_e_per_px)


def _particle_skill(scene: Scene) -> float:
    if not scene.particle_mask.any():
        return _skill(scene)
    return fidelity.particle_skill(
        scene.clean,
        scene.denoised,
        dose_e_per_px=scene.dose_e_per_px,
        particle_mask=scene.particle_mask,
    )


_INF = math.inf

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="psnr_db",
            title="PSNR",
            unit="dB",
            direction="higher",
            ideal=_INF,
            range=(0.0, _INF),
            version=1,
            decimals=2,
            summary="Peak signal-to-noise ratio with a peak of 1 e/px, "
            "both images clamped to 0-1 e/px as in the paper's code. "
            "Of a blank image at most 60 dB.",
            function=_psnr_db,
        ),
        Metric(
            name="ssim",
            title="SSIM",
            unit="",
            direction="higher",
            ideal=1.0,
            range=(-1.0, 1.0),
            version=1,
            decimals=4,
            summary="Mean structural similarity over 7 x 7 px windows, data range 1 e/px, "
            "as in the paper's code (scikit-image's defaults).",
            function=lambda s: fidelity.ssim(s.clean, s.denoised),
        ),
        Metric(
            name="mse",
            title="MSE",
            unit="e²/px²",
            direction="lower",
            ideal=0.0,
            range=(0.0, _INF),
            version=1,
            decimals=6,
            summary="Mean squared error of the expected counts, not clamped.",
            function=lambda s: fidelity.mse(s.clean, s.denoised),
        ),
        Metric(
            name="skill",
            title="Skill",
            unit="",
            direction="higher",
            ideal=1.0,
            range=(-_INF, 1.0),
            version=1,
            decimals=3,
            summary="1 - MSE / MSE of the constant vacuum image: "
            "1 is perfect, 0 is no better than a constant image. "
            "Of a blank image: 0 is a ripple of 5 % of the dose.",
            function=_skill,
        ),
        Metric(
            name="particle_skill",
            title="Particle skill",
            unit="",
            direction="higher",
            ideal=1.0,
            range=(-_INF, 1.0),
            version=1,
            decimals=3,
            summary="Skill over the pixels of the particle alone; the skill of a blank image.",
            function=_particle_skill,
        ),
    )
}


def evaluate(scene: Scene) -> dict[str, float]:
    """Every registered metric of one image.

    Returns
    -------
    dict of str to float
        By metric name, in the registry's order; never NaN (counted as worst),
        infinite where the definition says so.
    """
    scaled = scene.at_reference_dose()
    return {name: metric(scaled) for name, metric in METRICS.items()}


def mean(metric: Metric, values: Iterable[float]) -> float:
    """Mean over images in which a missing (NaN) value counts as the worst one.

    Parameters
    ----------
    metric : Metric
        Says what the worst value is.
    values : iterable of float
        One per image.

    Examples
    --------
    >>> mean(METRICS["psnr_db"], [30.0, float("nan")])
    15.0
    """
    return float(np.mean(counted(metric, values)))


def counted(metric: Metric, values: Iterable[float]) -> np.ndarray:
    """The values as they enter a mean: float64, NaN replaced by the worst."""
    array = np.array(list(values), dtype=np.float64)
    return np.where(np.isnan(array), metric.worst, array)


def versions() -> dict[str, int]:
    """Version of every registered metric, as written beside scores."""
    return {name: metric.version for name, metric in METRICS.items()}
