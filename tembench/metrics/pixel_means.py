"""Means over pixels: of whole images, over discs, and weighted by Gaussians.

Sums over whole images are taken one strip of rows at a time: intermediate values stay in the
processor's cache, where those of a whole image would be written to memory and read again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tembench.core import compiled

_STRIP_PX = 1 << 15


def pixel_sums(values: Callable[..., np.ndarray], *images: np.ndarray) -> tuple[float, float]:
    """Sum of a function's values over the pixels of images, and the sum of their squares.

    Parameters
    ----------
    values : callable
        From one strip of each image to a new float64 array of that shape.
    *images : array (y, x)
        All of one shape.
    """
    height = max(1, _STRIP_PX // max(images[0].shape[1], 1))
    total = squares = 0.0
    for top in range(0, images[0].shape[0], height):
        flat = values(*(image[top : top + height] for image in images)).ravel()
        total += float(flat.sum())
        # einsum, not dot: BLAS would start threads and sum in an order of its own.
        squares += float(np.einsum("i,i->", flat, flat))
    return total, squares


def pixel_mean(values: Callable[..., np.ndarray], *images: np.ndarray) -> float:
    """Mean of a function's values over the pixels of images; see `pixel_sums`."""
    return pixel_sums(values, *images)[0] / images[0].size


def pixel_mean_square(values: Callable[..., np.ndarray], *images: np.ndarray) -> float:
    """Mean square of a function's values over the pixels of images; see `pixel_sums`."""
    return pixel_sums(values, *images)[1] / images[0].size


def disc_means(image: np.ndarray, xy_px: np.ndarray, radius_px: float) -> np.ndarray:
    """Mean of an image over discs.

    Parameters
    ----------
    image : array (y, x)
        Any unit.
    xy_px : array (discs, 2)
        Centres x and y, rounded to the nearest pixel so that all whole discs have the same number
        of pixels.
    radius_px : float
        Pixels at most this far from the centre belong to the disc, as far as they are in the image.

    Returns
    -------
    ndarray of float64, shape (discs,)
        NaN for a disc entirely outside the image.
    """
    centres = np.rint(np.asarray(xy_px, dtype=np.float64).reshape(-1, 2)).astype(np.int64)
    means: np.ndarray = _disc_means(image, centres, float(radius_px))
    return means


def disc(radius_px: float) -> np.ndarray:
    """Mask of a disc, bool (y, x): pixels at most `radius_px` from the central one."""
    offsets = np.arange(-int(radius_px), int(radius_px) + 1)
    # hypot, not squares: a radius of 8 sqrt(2) must reach (8, 8).
    return np.hypot(offsets[:, None], offsets) <= radius_px


def disc_pixels(radius_px: float) -> int:
    """Number of pixels in a whole disc."""
    return int(disc(radius_px).sum())


@compiled
def gaussian_means(
    image: np.ndarray, xy_px: np.ndarray, sigma_px: float
) -> np.ndarray:  # pragma: no cover
    """Means around points with Gaussian weights, over the part of each Gaussian inside the image.

    Parameters
    ----------
    image : ndarray of float64, shape (y, x)
        Any unit.
    xy_px : ndarray of float64, shape (points, 2)
        Centres x and y, with sub-pixel precision.
    sigma_px : float
        Standard deviation; the weights are cut off at four of it along x and y.

    Returns
    -------
    ndarray, shape (points,)
        NaN for a point farther than the cut-off from the image.
    """
    rows, columns = image.shape
    means = np.empty(len(xy_px))
    reach = 4 * sigma_px
    across = np.empty(int(2 * reach) + 2)
    for n in range(len(xy_px)):
        x, y = xy_px[n]
        left, right = max(0, int(np.ceil(x - reach))), min(columns, int(np.floor(x + reach)) + 1)
        for j in range(left, right):
            across[j - left] = np.exp(-0.5 * ((j - x) / sigma_px) ** 2)
        total = weights = 0.0
        for i in range(max(0, int(np.ceil(y - reach))), min(rows, int(np.floor(y + reach)) + 1)):
            down = np.exp(-0.5 * ((i - y) / sigma_px) ** 2)
            for j in range(left, right):
                total += down * across[j - left] * image[i, j]
                weights += down * across[j - left]
        means[n] = total / weights if weights > 0 else np.nan
    return means


@compiled
def _disc_means(
    image: np.ndarray, centres: np.ndarray, radius: float
) -> np.ndarray:  # pragma: no cover
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
