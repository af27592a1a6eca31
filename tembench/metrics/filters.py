"""Gaussian smoothing and the Laplacian of a Gaussian: as in scipy, but faster.

Kernels are cut off at four standard deviations and images are extended by reflection, as in
`scipy.ndimage.gaussian_filter` and `gaussian_laplace`. The cosine transform implies the same
extension, so multiplying by the transform of the truncated kernel gives the same result. (The
transform of the full Gaussian would be off by 8e-4 of the response.) In single precision the two
agree to about 1e-7 of the image's range.
"""

from __future__ import annotations

import functools

import numpy as np
import scipy.fft
from scipy.ndimage import gaussian_filter1d

_TRUNCATE = 4.0


def smoothed(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Image smoothed by a Gaussian.

    Parameters
    ----------
    image : array (y, x)
        Any real type.
    sigma_px : float
        Standard deviation.

    Returns
    -------
    ndarray of float32, shape (y, x)
    """
    return _filtered(image, _smoothing(image.shape, sigma_px))


def blob_response(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """The negative Laplacian of the smoothed image, times sigma squared.

    Parameters
    ----------
    image : array (y, x)
        Bright blobs give a positive response, strongest at a radius of sigma * sqrt(2).
    sigma_px : float
        Standard deviation of the Gaussian.

    Returns
    -------
    ndarray of float32, shape (y, x)
        Response in the unit of the image.
    """
    return _filtered(image, _curving(image.shape, sigma_px))


def _filtered(image: np.ndarray, transfer: np.ndarray) -> np.ndarray:
    # Relative to one of its pixels, so that rounding errors scale with the range, not the level.
    level = np.float32(image[0, 0])
    deviation = np.subtract(image, level, dtype=np.float32)
    spectrum = scipy.fft.dctn(deviation, overwrite_x=True, workers=1)
    spectrum *= transfer
    result: np.ndarray = scipy.fft.idctn(spectrum, overwrite_x=True, workers=1)
    # Response to a constant: 1 for smoothing, negligible for the Laplacian.
    result += level * transfer[0, 0]
    return result


@functools.lru_cache(maxsize=8)
def _smoothing(shape: tuple[int, int], sigma_px: float) -> np.ndarray:
    down, across = (_transform(size, sigma_px, 0) for size in shape)
    return np.outer(down, across).astype(np.float32)


@functools.lru_cache(maxsize=8)
def _curving(shape: tuple[int, int], sigma_px: float) -> np.ndarray:
    (down, across), (down_2, across_2) = (
        [_transform(size, sigma_px, order) for size in shape] for order in (0, 2)
    )
    laplacian = np.outer(down_2, across) + np.outer(down, across_2)
    return (-(sigma_px**2) * laplacian).astype(np.float32)


def _transform(size: int, sigma_px: float, order: int) -> np.ndarray:
    """Cosine transform of scipy's kernel: the factor for each frequency of an image."""
    reach = int(_TRUNCATE * sigma_px + 0.5)
    peak = np.zeros(2 * reach + 1)
    peak[reach] = 1.0
    kernel = gaussian_filter1d(peak, sigma_px, order=order, mode="constant", truncate=_TRUNCATE)
    phase = np.pi * np.outer(np.arange(size), np.arange(-reach, reach + 1)) / size
    response: np.ndarray = np.cos(phase) @ kernel
    return response
