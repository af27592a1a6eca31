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
    empty : float
        Mean brightness of empty sites, e/px.
    unit : float
        Mean brightness of whole corner columns beyond that, e/px; NaN where there is no corner, or
        too little contrast.
    """

    sites: CornerSites
    empty: float
    unit: float

    @property
    def is_known(self) -> bool:
        """Whether there are whole corner columns, and the clean image shows them."""
        return not np.isnan(self.unit)

    @property
    def has_empty(self) -> bool:
        """Whether there are empty corners beside them."""
        return self.is_known and len(self.sites.empty_A) > 0


@dataclass(frozen=True, kw_only=True)
class SiteBrightness:
    """Brightness shown at corner sites, over that of whole corner columns.

    Attributes
    ----------
    whole : float
        Mean over the corners that have a column: 1 is right. NaN where there is none, or the clean
        image shows none.
    removed : float
        Mean over the empty corners: 0 is right. NaN where there is none, or `whole` is.
    """

    whole: float
    removed: float


def corner_contrast(
    clean: np.ndarray, sites: CornerSites, *, pixel_size_A: float
) -> CornerContrast:
    """Measure what the clean image shows at corners.

    Parameters
    ----------
    clean : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    sites : CornerSites
        The corners of the image's particles.
    pixel_size_A : float
        Pixel size in angstrom.
    """
    if not (len(sites.columns_A) and len(sites.facet_A)):
        return CornerContrast(sites=sites, empty=float("nan"), unit=float("nan"))
    empty = float(_contrast(clean, sites.facet_A, pixel_size_A).mean())
    unit = float(_contrast(clean, sites.columns_A, pixel_size_A).mean()) - empty
    return CornerContrast(
        sites=sites, empty=empty, unit=unit if abs(unit) >= LEAST_CONTRAST else float("nan")
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
    whole = removed = float("nan")
    if corners.is_known:
        shown = _contrast(denoised, corners.sites.columns_A, pixel_size_A).mean()
        whole = float(shown - corners.empty) / corners.unit
    if corners.has_empty:
        shown, right = (
            _contrast(image, corners.sites.empty_A, pixel_size_A).mean()
            for image in (denoised, clean)
        )
        removed = float(shown - right) / corners.unit
    return SiteBrightness(whole=whole, removed=removed)


def _contrast(image: np.ndarray, xy_A: np.ndarray, pixel_size_A: float) -> np.ndarray:
    """Contrast of sites to their surroundings, shape (sites,), in the unit of the image."""
    values = np.asarray(image, dtype=np.float64)
    near, wide = (
        gaussian_means(values, xy_A / pixel_size_A, sigma / pixel_size_A)
        for sigma in (COLUMN_A, SURROUNDINGS_A)
    )
    return np.asarray(near - wide)
