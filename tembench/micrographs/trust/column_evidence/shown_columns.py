"""Shown columns: the bright and dark columns that an image shows, with their contrast.

A column is a blob of one size (`tembench.metrics.blobs`), brighter or darker than its surroundings.
Between bright columns of a lattice lie dark gaps, and the reverse: both are listed, each under its
sign, because nothing in an image says which of them is the matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.metrics import (
    DENOISED_THRESHOLD,
    MATCH_A,
    SIGMA_A,
    blob_response,
    find_blobs,
)
from tembench.micrographs.trust.column_evidence.surroundings import disc_and_ring

BRIGHT, DARK = 1, -1


@dataclass(frozen=True, kw_only=True)
class ShownColumns:
    """Columns that an image shows, bright ones first, the strongest of each first.

    Attributes
    ----------
    xy_px : numpy.ndarray
        Centres x and y (columns, 2); the centre of the first pixel is (0, 0).
    sign : numpy.ndarray
        1 for a bright column, -1 for a dark one, (columns,).
    contrast : numpy.ndarray
        Mean of the column's disc over the mean of the ring around it, less 1, (columns,).
    """

    xy_px: np.ndarray
    sign: np.ndarray
    contrast: np.ndarray

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.sign)

    def chosen(self, which: np.ndarray) -> ShownColumns:
        """Return the columns that a mask or indices select."""
        return ShownColumns(
            xy_px=self.xy_px[which], sign=self.sign[which], contrast=self.contrast[which]
        )


def find_shown(image: np.ndarray, *, pixel_size_A: float, dose_e_per_px: float) -> ShownColumns:
    """Find the columns that a denoised image shows.

    Parameters
    ----------
    image : numpy.ndarray
        (y, x), expected electrons per pixel.
    pixel_size_A : float
        Angstrom per pixel.
    dose_e_per_px : float
        Electrons per pixel in vacuum, on which the faintest blob depends: 3 % of the dose, as in
        the metrics of columns.

    Examples
    --------
    >>> image = np.ones((64, 64), dtype=np.float32)
    >>> y, x = np.mgrid[:64, :64]
    >>> image += 0.5 * np.exp(-((x - 30) ** 2 + (y - 40) ** 2) / 50)
    >>> found = find_shown(image, pixel_size_A=0.1, dose_e_per_px=1.0)
    >>> found.xy_px[0].round().tolist(), int(found.sign[0])
    ([30.0, 40.0], 1)
    """
    response = blob_response(image, SIGMA_A / pixel_size_A).astype(np.float64)
    least = DENOISED_THRESHOLD * dose_e_per_px / REFERENCE_DOSE_E_PER_PX
    found = {
        sign: find_blobs(sign * response, least, MATCH_A / pixel_size_A) for sign in (BRIGHT, DARK)
    }
    xy_px = np.concatenate([blobs.xy_px for blobs in found.values()])
    sign = np.concatenate([np.full(len(blobs), sign) for sign, blobs in found.items()])
    local = disc_and_ring(image, xy_px, pixel_size_A)
    # At the end of a chain of dark columns a blob may be found whose disc is no darker than its
    # ring: nothing that a test against the surroundings could confirm.
    contrast = local.contrast
    kept = sign * contrast > 0
    return ShownColumns(xy_px=xy_px[kept], sign=sign[kept], contrast=contrast[kept])
