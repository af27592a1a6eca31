"""How many atoms an image says that a column holds.

The brightness of a column is no measure of its atoms by itself: it depends on defocus, tilt and
thickness, and may fall as atoms are added. But in every image of the benchmark the number of atoms
is nearly a linear function of two brightnesses, that of the column and that of its surroundings
(residual about 0.6 atoms). The function is fitted to the clean image, for which the atoms are
known, and then read off the denoised one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.columns import Sites
from tembench.metrics.pixel_means import gaussian_means

COLUMN_A, SURROUNDINGS_A = 0.375, 0.75
"""Standard deviations of the Gaussians whose means are the two brightnesses."""
DEPLETED = 0.75
"""A column that reads less than this share of its whole atoms is called depleted.

It is the middle between a whole column and one that has lost half its atoms.
"""


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """Atoms read off a denoised image.

    Attributes
    ----------
    atoms : ndarray, shape (sites of the particle,)
        Read; those of removed columns among them.
    correlation : float
        Pearson's, with the true numbers; 0 where all read the same.
    error_atoms : float
        Root mean square difference from the true numbers.
    accuracy : float
        Balanced accuracy of telling the sites that a defect has depleted from whole surface
        columns: mean of the share told of either kind, or the share of whole ones where there is no
        defect. Gain and offset of the readings are fitted to the whole columns of the same image;
        0.5 where it shows no more brightness for more atoms.
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
        On one scale.
    sites : Sites
        The columns of this image, at least one of them the particle's.
    pixel_size_A : float
        Sampling.

    Raises
    ------
    ValueError
        Without a particle.
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
    # Where nothing can be read, a coin must do.
    told = np.where(np.isnan(calibrated), 0.5, (calibrated < DEPLETED * whole) == depleted)
    intact = ~depleted & sites.at_surface[inside]
    shares = [told[kind].mean() for kind in (depleted, intact) if kind.any()]
    return Occupancy(
        atoms=atoms,
        correlation=_correlation(atoms, true),
        error_atoms=float(np.sqrt(np.mean((atoms - true) ** 2))),
        accuracy=float(np.mean(shares)) if shares else 1.0,
    )


def _calibrated(atoms: np.ndarray, true: np.ndarray, trusted: np.ndarray) -> np.ndarray:
    """Readings less the gain and offset that they have at the trusted columns.

    Denoisers lose contrast; whoever compares columns of one image allows for that. NaN where more
    atoms do not read as more.
    """
    spread = true[trusted] - true[trusted].mean()
    gain = float(spread @ atoms[trusted]) / max(float(spread @ spread), 1e-9)
    if not gain > 1e-6:
        return np.full(len(atoms), np.nan)
    return np.asarray((atoms - atoms[trusted].mean()) / gain + true[trusted].mean())


def _brightness(image: np.ndarray, xy_px: np.ndarray, pixel_size_A: float) -> np.ndarray:
    """Both brightnesses and a constant, shape (sites, 3)."""
    image = np.asarray(image, dtype=np.float64)
    near = gaussian_means(image, xy_px, COLUMN_A / pixel_size_A)
    wide = gaussian_means(image, xy_px, SURROUNDINGS_A / pixel_size_A)
    return np.stack([near, wide, np.ones(len(xy_px))], axis=1)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    # What varies by rounding alone varies not at all.
    if not scale > 1e-9 * len(a) * max(1.0, float(np.abs(first).max())):
        return 0.0
    return float(np.clip(a @ b / scale, -1.0, 1.0))
