"""Occupancy: the number of atoms in each column, read from its brightness.

The brightness of a column alone does not give its number of atoms: it depends on defocus, tilt and
thickness, and may decrease as atoms are added. But in every image of the benchmark the number of
atoms is nearly a linear function of two brightnesses, that of the column and that of its
surroundings (residual about 0.6 atoms). This function is fitted to the clean image, for which the
atoms are known, and applied to the denoised one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.columns import Sites
from tembench.metrics.pixel_means import gaussian_means

COLUMN_A, SURROUNDINGS_A = 0.375, 0.75
"""Standard deviations of the Gaussian weights of the two brightnesses."""
DEPLETED = 0.75
"""A column whose reading is below this fraction of its whole number of atoms is called depleted.

It is halfway between a whole column and one that has lost half of its atoms.
"""


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """Numbers of atoms read from a denoised image.

    Attributes
    ----------
    atoms : ndarray, shape (sites of the particle,)
        Readings, including those at removed columns.
    correlation : float
        Pearson correlation with the true numbers; 0 if all readings are equal.
    error_atoms : float
        Root mean square difference from the true numbers.
    accuracy : float
        Balanced accuracy of distinguishing depleted sites from whole surface columns: the mean of
        the fractions classified correctly, or the fraction of the whole ones if there is no defect.
        Gain and offset of the readings are fitted to the whole columns of the same image; 0.5 if
        readings do not increase with the number of atoms.
    """

    atoms: np.ndarray
    correlation: float
    error_atoms: float
    accuracy: float


def read_occupancy(
    clean: np.ndarray, denoised: np.ndarray, sites: Sites, *, pixel_size_A: float
) -> Occupancy:
    """Read the atoms of the particle's columns.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Images on the same scale.
    sites : Sites
        The columns of this image, at least one of them of the particle.
    pixel_size_A : float
        Pixel size in angstrom.

    Raises
    ------
    ValueError
        If the image has no column of a particle.
    """
    inside = np.flatnonzero(sites.in_particle)
    if len(inside) == 0:
        raise ValueError("no column of a particle in this image")
    true = sites.atoms[inside].astype(np.float64)
    whole = sites.whole_atoms[inside]
    xy_px = sites.xy_A[inside] / pixel_size_A
    fit, *_ = np.linalg.lstsq(_brightness(clean, xy_px, pixel_size_A), true, rcond=None)
    atoms = _brightness(denoised, xy_px, pixel_size_A) @ fit
    depleted = true < whole
    calibrated = _calibrated(atoms, true, ~depleted)
    # Without a calibration, each classification is worth chance.
    correct = np.where(np.isnan(calibrated), 0.5, (calibrated < DEPLETED * whole) == depleted)
    intact = ~depleted & sites.at_surface[inside]
    shares = [correct[kind].mean() for kind in (depleted, intact) if kind.any()]
    return Occupancy(
        atoms=atoms,
        correlation=_correlation(atoms, true),
        error_atoms=float(np.sqrt(np.mean((atoms - true) ** 2))),
        accuracy=float(np.mean(shares)) if shares else 1.0,
    )


def _calibrated(atoms: np.ndarray, true: np.ndarray, trusted: np.ndarray) -> np.ndarray:
    """Readings corrected for the gain and offset at the trusted columns.

    Denoisers lose contrast, which does not matter when comparing columns of one image. NaN if
    readings do not increase with the number of atoms.
    """
    spread = true[trusted] - true[trusted].mean()
    gain = float(spread @ atoms[trusted]) / max(float(spread @ spread), 1e-9)
    if not gain > 1e-6:
        return np.full(len(atoms), np.nan)
    return np.asarray((atoms - atoms[trusted].mean()) / gain + true[trusted].mean())


def _brightness(image: np.ndarray, xy_px: np.ndarray, pixel_size_A: float) -> np.ndarray:
    """Both brightnesses of each site and a constant, shape (sites, 3)."""
    image = np.asarray(image, dtype=np.float64)
    near = gaussian_means(image, xy_px, COLUMN_A / pixel_size_A)
    wide = gaussian_means(image, xy_px, SURROUNDINGS_A / pixel_size_A)
    return np.stack([near, wide, np.ones(len(xy_px))], axis=1)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    # Variation at the level of rounding errors counts as none.
    if not scale > 1e-9 * len(a) * max(1.0, float(np.abs(first).max())):
        return 0.0
    return float(np.clip(a @ b / scale, -1.0, 1.0))
