"""Brightness that a denoised image shows at the corners of particles, with a column and without.

PSNR does not see whether a column at a corner is there: it is one of forty. This does: how much of
a whole column is shown where there is one, and how much where there is none. An image painted from
memory shows the same at both.

The brightness of a site is its contrast to its surroundings, a mean with Gaussian weights of 0.375
A minus that of 1.2 A. The unit is what the clean image shows of whole corner columns beyond empty
sites: the clean image shows 1 and 0, the constant image the same at both. A mean of many sites is
not changed by noise, so that the noisy image shows nearly 1 and 0 as well: read it beside PSNR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.evidence.corner_sites import CornerSites
from tembench.metrics.matching import MATCH_A
from tembench.metrics.pixel_means import gaussian_means

COLUMN_A, SURROUNDINGS_A = 0.375, 1.2
"""Standard deviations of the Gaussian weights of a column and of its surroundings."""
LEAST_CONTRAST = 0.02
"""Contrast of whole corner columns to empty sites, in e/px at 0.45, below which none is measured.

The paper's threshold for columns of clean images. Near a defocus of 3 nm columns have none.
"""


@dataclass(frozen=True, kw_only=True)
class CornerContrast:
    """What a clean image shows at the corners of its particles.

    Attributes
    ----------
    sites : CornerSites
        The corners.
    asked_A : ndarray, shape (columns, 2)
        Whole corner columns that are asked for.
    empty : float
        Mean brightness of empty sites, e/px.
    unit, asked_unit : float
        Mean brightness beyond that of all whole corner columns, and of those that are asked for;
        NaN without any, or with too little contrast.
    """

    sites: CornerSites
    asked_A: np.ndarray
    empty: float
    unit: float
    asked_unit: float

    @property
    def has_asked(self) -> bool:
        """Whether the clean image shows whole corner columns that are asked for."""
        return not np.isnan(self.asked_unit)

    @property
    def has_empty(self) -> bool:
        """Whether it shows whole corner columns, and there are empty corners beside them."""
        return not np.isnan(self.unit) and len(self.sites.empty_A) > 0


@dataclass(frozen=True, kw_only=True)
class SiteBrightness:
    """Brightness shown at corner sites, over that of whole corner columns.

    Attributes
    ----------
    whole : float
        Mean over the columns that are asked for: 1 is right. NaN without any.
    removed : float
        Mean over the empty corners: 0 is right. NaN without any.
    difference : float
        Brightness of the columns that are asked for, or without any of all whole corners, minus
        that of the empty corners. NaN where there is no empty corner.
    """

    whole: float
    removed: float
    difference: float


def corner_contrast(
    clean: np.ndarray,
    sites: CornerSites,
    varying_A: np.ndarray | None = None,
    *,
    pixel_size_A: float,
) -> CornerContrast:
    """Measure what the clean image shows at corners.

    Parameters
    ----------
    clean : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    sites : CornerSites
        The corners of the image's particles.
    varying_A : array (columns, 2), optional
        Places of the columns that are asked for; of all whole corners if not given.
    pixel_size_A : float
        Pixel size in angstrom.
    """
    asked = sites.columns_A
    if varying_A is not None:
        distance = np.hypot(*(asked[:, None] - varying_A[None]).T)
        asked = asked[(distance < MATCH_A).any(axis=0)]
    nan = float("nan")
    if not len(sites.facet_A):
        return CornerContrast(sites=sites, asked_A=asked, empty=nan, unit=nan, asked_unit=nan)
    empty = float(_contrast(clean, sites.facet_A, pixel_size_A).mean())

    def unit_of(xy_A: np.ndarray) -> float:
        contrast = float(_contrast(clean, xy_A, pixel_size_A).mean()) - empty if len(xy_A) else nan
        return contrast if abs(contrast) >= LEAST_CONTRAST else nan

    return CornerContrast(
        sites=sites,
        asked_A=asked,
        empty=empty,
        unit=unit_of(sites.columns_A),
        asked_unit=unit_of(asked),
    )


def site_brightness(
    clean: np.ndarray, denoised: np.ndarray, corners: CornerContrast, *, pixel_size_A: float
) -> SiteBrightness:
    """Measure the brightness that a denoised image shows at corners.

    Parameters
    ----------
    clean, denoised : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    corners : CornerContrast
        From `corner_contrast` of the clean image.
    pixel_size_A : float
        Pixel size in angstrom.
    """

    def of(image: np.ndarray, xy_A: np.ndarray) -> float:
        return float(_contrast(image, xy_A, pixel_size_A).mean())

    whole = removed = difference = float("nan")
    if corners.has_asked:
        whole = (of(denoised, corners.asked_A) - corners.empty) / corners.asked_unit
    if corners.has_empty:
        empty_A = corners.sites.empty_A
        removed = (of(denoised, empty_A) - of(clean, empty_A)) / corners.unit
        every = (of(denoised, corners.sites.columns_A) - corners.empty) / corners.unit
        difference = (whole if corners.has_asked else every) - removed
    return SiteBrightness(whole=whole, removed=removed, difference=difference)


def _contrast(image: np.ndarray, xy_A: np.ndarray, pixel_size_A: float) -> np.ndarray:
    """Contrast of sites to their surroundings, shape (sites,), in the unit of the image."""
    values = np.asarray(image, dtype=np.float64)
    near, wide = (
        gaussian_means(values, xy_A / pixel_size_A, sigma / pixel_size_A)
        for sigma in (COLUMN_A, SURROUNDINGS_A)
    )
    return np.asarray(near - wide)
