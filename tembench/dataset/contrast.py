"""The contrast class of an image: its Pt columns brighter than vacuum, darker, or both."""

from __future__ import annotations

import numpy as np

from tembench.recipe import Box
from tembench.simulate.columns import Columns

WHITE_FROM = 0.75
"""Share of the Pt columns brighter than vacuum from which an image is white."""
BLACK_UP_TO = 0.25
"""Share of the Pt columns brighter than vacuum up to which an image is black."""


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
        ``"white"``, ``"intermediate"`` or ``"black"`` by the share of the columns that are
        brighter than vacuum at their own place; ``"blank"`` where there is no column.
    """
    if not columns.in_particle.any():
        return "blank"
    x, y = (
        np.rint(place[columns.in_particle] / box.pixel_size_A).astype(int)
        for place in columns.projected(tilt_deg)
    )
    height, width = clean.shape
    inside = (y >= 0) & (y < height)
    brighter = float(np.mean(clean[y[inside], x[inside] % width] > dose_e_per_px))
    if brighter >= WHITE_FROM:
        return "white"
    return "black" if brighter <= BLACK_UP_TO else "intermediate"
