"""Contrast class of an image: Pt columns all white, all black, or intermediate.

The released data set names the classes but gives no rule. The rule used here compares the
brightness of an image at the true Pt columns with vacuum. Its numbers are set so that the shares of
the classes follow those of the released test images over thickness and defocus
(`recipes/calibration/contrast.py` prints the agreement).
"""

from __future__ import annotations

import numpy as np

from tembench.recipe import Box
from tembench.simulation import Columns

NO_CONTRAST = "blank"
"""Class of an image without a column."""
_WEAKEST = 0.02
"""The weakest column is the quantile of this share, so that a single odd column is ignored."""
_OF_MEDIAN = 0.79
"""White: the weakest column stands out from vacuum by this share of the median column, ..."""
_OF_VACUUM = 0.275
"""... or by this share of vacuum."""
_DARK_SHARE = 0.9
"""Black: this share of the columns, ..."""
_DARK = -0.02
"""... is darker than vacuum by at least 2 %."""


def contrast_class(
    clean: np.ndarray,
    columns: Columns,
    tilt_deg: tuple[float, float],
    box: Box,
    dose_e_per_px: float,
) -> str:
    """Class of an image by the brightness of its Pt columns against vacuum.

    Parameters
    ----------
    clean : ndarray, shape (y, x)
        Expected electrons per pixel.
    columns : Columns
        The model's true columns.
    tilt_deg : tuple of float
        Tilt of the specimen in this image.
    box : Box
        Sampling of the image.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    str
        ``"white"``: every column is bright, the weakest nearly as bright as the median or much
        brighter than vacuum; ``"black"``: nearly every column is dark; ``"intermediate"``
        otherwise; ``"blank"`` for an image without columns.
    """
    if not columns.in_particle.any():
        return NO_CONTRAST
    x, y = (
        np.rint(coordinate[columns.in_particle] / box.pixel_size_A).astype(int)
        for coordinate in columns.projected(tilt_deg)
    )
    height, width = clean.shape
    inside = (y >= 0) & (y < height)
    brightness = clean[y[inside], x[inside] % width] / dose_e_per_px - 1
    weakest, median, brightest = np.quantile(brightness, (_WEAKEST, 0.5, _DARK_SHARE))
    if brightest < _DARK:
        return "black"
    white = median > 0 and weakest >= min(_OF_MEDIAN * median, _OF_VACUUM)
    return "white" if white else "intermediate"
