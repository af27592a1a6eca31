"""Means over discs of pixels, the blobs of the paper."""

from __future__ import annotations

import numpy as np

from tembench.core import compiled


def disc_means(image: np.ndarray, xy_px: np.ndarray, radius_px: float) -> np.ndarray:
    """Mean of an image over discs.

    Parameters
    ----------
    image : array (y, x)
        Any unit.
    xy_px : array (discs, 2)
        Centres x and y, taken to the nearest pixel so that whole discs have equally many.
    radius_px : float
        Pixels at most this far from the centre belong to the disc; those outside the image do not.

    Returns
    -------
    ndarray of float64, shape (discs,)
        NaN where a disc lies wholly outside the image.
    """
    centres = np.rint(np.asarray(xy_px, dtype=np.float64).reshape(-1, 2)).astype(np.int64)
    return _means(image, centres, float(radius_px))


def disc(radius_px: float) -> np.ndarray:
    """Pixels at most that far from the one in the middle, bool (y, x)."""
    offsets = np.arange(-int(radius_px), int(radius_px) + 1)
    # hypot, not squares: a radius of 8 sqrt(2) must reach (8, 8).
    return np.hypot(offsets[:, None], offsets) <= radius_px


def disc_pixels(radius_px: float) -> int:
    """Number of pixels of a whole disc."""
    return int(disc(radius_px).sum())


@compiled
def _means(image: np.ndarray, centres: np.ndarray, radius: float) -> np.ndarray:  # pragma: no cover
    rows, columns = image.shape
    reach = int(radius)
    means = np.empty(len(centres))
    for n in range(len(centres)):
        x, y = centres[n]
        total, pixels = 0.0, 0
        for i in range(max(y - reach, 0), min(y + reach + 1, rows)):
            for j in range(max(x - reach, 0), min(x + reach + 1, columns)):
                if np.hypot(i - y, j - x) <= radius:
                    total += image[i, j]
                    pixels += 1
        means[n] = total / pixels if pixels else np.nan
    return means
